//! IAM policy documents: what a document allows, and whom a role trusts.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

use serde_json::Value as Json;

/// A policy document, read.
#[derive(Clone, Debug)]
pub(super) struct Document {
    statements: Vec<Json>,
}

impl Document {
    /// The document in a text; `None` when it is none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let statements = match serde_json::from_str::<Json>(text).ok()?.get_mut("Statement")?.take() {
            Json::Array(all) => all,
            one => vec![one],
        };
        Some(Self { statements })
    }

    /// A document that allows these actions on everything.
    pub(super) fn of(actions: &[&str]) -> Self {
        Self { statements: vec![serde_json::json!({ "Effect": "Allow", "Action": actions, "Resource": "*" })] }
    }

    /// Whether a statement speaks of the action with this effect, on anything at all. Conditions count as met: who wrote
    /// them meant something.
    fn speaks(&self, effect: &str, action: &str) -> bool {
        self.statements.iter().filter(|one| one["Effect"] == effect).any(|one| {
            texts(&one["Action"]).any(|pattern| is_match(pattern, action))
                || (!one["NotAction"].is_null() && !texts(&one["NotAction"]).any(|pattern| is_match(pattern, action)))
        })
    }

    /// Whether it allows the action, at least on something.
    pub(super) fn allows(&self, action: &str) -> bool {
        self.speaks("Allow", action)
    }

    /// Services that may take on the role this document belongs to.
    pub(super) fn trusted_services(&self) -> impl Iterator<Item = &str> {
        let allowing = self.statements.iter().filter(|one| one["Effect"] == "Allow");
        allowing.filter(|one| texts(&one["Action"]).any(|action| is_match(action, "sts:AssumeRole"))).flat_map(|one| {
            let everybody = texts(&one["Principal"]).filter(|one| *one == "*");
            texts(&one["Principal"]["Service"]).chain(everybody)
        })
    }
}

/// A text, or a list of texts.
fn texts(value: &Json) -> impl Iterator<Item = &str> {
    value.as_str().into_iter().chain(value.as_array().into_iter().flatten().filter_map(Json::as_str))
}

/// Whether an action fits a pattern with `*` and `?`; case does not matter.
fn is_match(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_ascii_lowercase(), action.to_ascii_lowercase());
    let matcher =
        globset::GlobBuilder::new(&pattern).literal_separator(false).build().map(|glob| glob.compile_matcher());
    matcher.map_or(pattern == action, |matcher| matcher.is_match(&action))
}

/// What AWS's own policies allow, as far as rules ask for it; `None` for one that is not listed here.
/// <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html>
pub(super) fn of_aws(arn: &str) -> Option<Document> {
    let name = arn.split_once(":policy/")?.1.rsplit('/').next()?;
    let actions: &[&str] = match name {
        "AdministratorAccess" | "PowerUserAccess" => &["*"],
        "AmazonECSTaskExecutionRolePolicy" => &[
            "ecr:GetAuthorizationToken",
            "ecr:BatchCheckLayerAvailability",
            "ecr:GetDownloadUrlForLayer",
            "ecr:BatchGetImage",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
        ],
        "AWSCodeDeployRoleForECS" | "AWSCodeDeployRoleForECSLimited" => &[
            "ecs:DescribeServices",
            "ecs:CreateTaskSet",
            "ecs:UpdateServicePrimaryTaskSet",
            "ecs:DeleteTaskSet",
            "elasticloadbalancing:DescribeTargetGroups",
            "elasticloadbalancing:DescribeListeners",
            "elasticloadbalancing:ModifyListener",
            "elasticloadbalancing:DescribeRules",
            "elasticloadbalancing:ModifyRule",
            "lambda:InvokeFunction",
            "cloudwatch:DescribeAlarms",
            "sns:Publish",
            "s3:GetObject",
            "s3:GetObjectVersion",
            "iam:PassRole",
        ],
        "AmazonECSInfrastructureRolePolicyForLoadBalancers" => &[
            "elasticloadbalancing:Describe*",
            "elasticloadbalancing:RegisterTargets",
            "elasticloadbalancing:DeregisterTargets",
            "elasticloadbalancing:ModifyListener",
            "elasticloadbalancing:ModifyRule",
        ],
        "AmazonEC2ContainerRegistryReadOnly" | "AmazonEC2ContainerRegistryPullOnly" => &[
            "ecr:GetAuthorizationToken",
            "ecr:BatchCheckLayerAvailability",
            "ecr:GetDownloadUrlForLayer",
            "ecr:BatchGetImage",
        ],
        "AmazonEC2ContainerRegistryFullAccess" => &["ecr:*"],
        "AmazonECS_FullAccess" => &["ecs:*", "elasticloadbalancing:*", "logs:*"],
        "CloudWatchLogsFullAccess" => &["logs:*"],
        "SecretsManagerReadWrite" => &["secretsmanager:*"],
        "AmazonSSMReadOnlyAccess" => &["ssm:Describe*", "ssm:Get*", "ssm:List*"],
        "AmazonSSMFullAccess" => &["ssm:*", "ssmmessages:*"],
        "AmazonSSMManagedInstanceCore" => &["ssm:GetParameter", "ssm:GetParameters", "ssmmessages:*", "ec2messages:*"],
        _ => return None,
    };
    Some(Document::of(actions))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_texts_and_lists_are_read() {
        let text = r#"{"Statement":{"Effect":"Allow","Action":["ecr:Batch*","Logs:PutLogEvents"],"Resource":"*"}}"#;
        let document = Document::parse(text).unwrap();
        assert!(document.allows("ecr:BatchGetImage") && document.allows("logs:PutLogEvents"));
        assert!(!document.allows("logs:CreateLogStream"));
        let but = r#"{"Statement":[{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}]}"#;
        let but = Document::parse(but).unwrap();
        assert!(but.allows("ecs:RunTask") && !but.allows("iam:PassRole"));
    }

    #[test]
    fn trust_is_a_list_of_services() {
        let text = r#"{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":["a.amazonaws.com","b.amazonaws.com"]}}]}"#;
        let document = Document::parse(text).unwrap();
        assert_eq!(document.trusted_services().collect::<Vec<_>>(), ["a.amazonaws.com", "b.amazonaws.com"]);
    }
}
