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
    fn of(actions: &[&str]) -> Self {
        Self { statements: vec![serde_json::json!({ "Effect": "Allow", "Action": actions, "Resource": "*" })] }
    }

    /// A document that allows everything but these actions.
    fn but(actions: &[&str]) -> Self {
        Self { statements: vec![serde_json::json!({ "Effect": "Allow", "NotAction": actions, "Resource": "*" })] }
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

    /// Services that may take on the role this document belongs to, `*` standing for all; `None` when it says so in
    /// another way than by naming them.
    pub(super) fn trusted_services(&self) -> Option<Vec<&str>> {
        let mut all = Vec::new();
        for one in self.statements.iter().filter(|one| one["Effect"] == "Allow") {
            if !one["NotAction"].is_null() || !one["NotPrincipal"].is_null() {
                return None;
            }
            if texts(&one["Action"]).any(|action| is_match(action, "sts:AssumeRole")) {
                let principal = &one["Principal"];
                let everybody = texts(principal).chain(texts(&principal["AWS"])).filter(|one| *one == "*");
                all.extend(texts(&principal["Service"]).chain(everybody));
            }
        }
        Some(all)
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

/// What AWS's own policies allow, of what rules ask for: pulling images, passing roles, reading secrets, opening shells.
/// `None` for one that is not listed here, and so for every policy of a customer's own.
/// <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html>
pub(super) fn of_aws(arn: &str) -> Option<Document> {
    let name = arn.split_once(":iam::aws:policy/")?.1.rsplit('/').next()?;
    let actions: &[&str] = match name {
        "AdministratorAccess" => &["*"],
        "PowerUserAccess" => return Some(Document::but(&["iam:*", "organizations:*", "account:*"])),
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
        assert_eq!(document.trusted_services().unwrap(), ["a.amazonaws.com", "b.amazonaws.com"]);
        let all = r#"{"Statement":[{"Effect":"Allow","Action":"sts:*","Principal":{"AWS":"*"}}]}"#;
        assert_eq!(Document::parse(all).unwrap().trusted_services().unwrap(), ["*"]);
        let but = r#"{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","NotPrincipal":{"Service":"a"}}]}"#;
        assert!(Document::parse(but).unwrap().trusted_services().is_none());
    }

    #[test]
    fn only_policies_of_aws_are_known_by_their_name() {
        assert!(of_aws("arn:aws:iam::aws:policy/AdministratorAccess").unwrap().allows("iam:PassRole"));
        let power = of_aws("arn:aws-cn:iam::aws:policy/PowerUserAccess").unwrap();
        assert!(power.allows("ecr:BatchGetImage") && !power.allows("iam:PassRole"));
        assert!(of_aws("arn:aws:iam::123456789012:policy/AdministratorAccess").is_none());
        assert!(of_aws("arn:aws:iam::aws:policy/AmazonECS_FullAccess").is_none());
    }
}
