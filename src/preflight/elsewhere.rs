//! Well-known mistakes that no rule looks for, because something else prevents or finds them: what that is.

/// Mistakes with numbers of their own.
#[derive(Debug)]
pub struct Elsewhere {
    /// Their numbers.
    pub codes: &'static [&'static str],
    /// What goes wrong.
    pub summary: &'static str,
    /// What is done about it, and by whom.
    pub explanation: &'static str,
}

/// All of them.
static ELSEWHERE: &[Elsewhere] = &[
    Elsewhere {
        codes: &["K01"],
        summary: "Size that Fargate does not sell",
        explanation: "Fargate sells certain pairs of CPU and memory; ECS refuses others. The type aws_ecs_task_definition knows\n\
                      them: `validate` and every plan underline `cpu` or `memory` and list what goes with the other one.",
    },
    Elsewhere {
        codes: &["K08"],
        summary: "Health check answers 302 or 404",
        explanation: "What an application answers shows only when it runs. While an apply waits for a service or follows a\n\
                      deployment, it tells the health reason of the targets (Target.ResponseCodeMismatch, with the code) and fails\n\
                      with it. Set `health_check.path` to a page that answers 200, or `matcher` to the codes that are right.",
    },
    Elsewhere {
        codes: &["K19", "K20", "K21"],
        summary: "What deployments and scaling moved, undone by files",
        explanation: "The revision, the weights of listeners and rules, and the desired count of a service that somebody else\n\
                      governs are read as they are and never planned as a change, without `ignore_changes`. A change of the task\n\
                      definition is a deployment: the plan says through which group, and how long it takes.",
    },
    Elsewhere {
        codes: &["K22"],
        summary: "Role used seconds after it was made",
        explanation: "IAM tells of new roles some seconds late, and other services refuse them until then. Calls that are refused\n\
                      for that are repeated, for as long as it can take; an error after that is about the role or its trust.",
    },
    Elsewhere {
        codes: &["K24"],
        summary: "Execution role missing",
        explanation: "Fargate needs `execution_role_arn` to pull from ECR, to write to CloudWatch Logs and to read secrets. The type\n\
                      aws_ecs_task_definition finds its absence: `validate` and every plan name the container that needs it.",
    },
    Elsewhere {
        codes: &["K38"],
        summary: "Deleted before what uses it",
        explanation: "A destroy takes services before clusters, listeners before target groups, and what holds a security group\n\
                      before the group, also from a state alone. It waits for network interfaces that linger, and names the\n\
                      blocker when somebody else holds an object.",
    },
    Elsewhere {
        codes: &["001-6"],
        summary: "Configuration of the deployment, changed as a guess",
        explanation: "Whether the configuration fits the service and its load balancer is what the rules deployment-config (K12)\n\
                      and gradual-shift (K18) look at. Where they are silent, the configuration is not what fails.",
    },
    Elsewhere {
        codes: &["001-8", "001-10"],
        summary: "Names of container and port that do not fit together",
        explanation: "The rule container-port (K03) compares the service with its task definition. The AppSpec of a deployment is\n\
                      written from the service, so that it cannot differ.",
    },
];

/// The mistake of a number.
pub fn elsewhere(text: &str) -> Option<&'static Elsewhere> {
    ELSEWHERE.iter().find(|one| one.codes.iter().any(|code| code.eq_ignore_ascii_case(text)))
}
