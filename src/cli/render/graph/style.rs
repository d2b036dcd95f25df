//! Colours of groups of resource types, and signs of what a plan does.

use crate::plan::What;

/// Types that belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Group {
    /// Its name, a class in the picture.
    pub name: &'static str,
    /// Colour on light ground.
    pub light: &'static str,
    /// Colour on dark ground.
    pub dark: &'static str,
    /// How the types begin.
    prefixes: &'static [&'static str],
}

/// All groups; the first one whose prefix fits counts, the last one takes the rest.
pub(super) const GROUPS: [Group; 9] = [
    Group {
        name: "traffic",
        light: "#7c3aed",
        dark: "#a78bfa",
        prefixes: &["aws_lb", "aws_alb", "aws_route53", "aws_acm"],
    },
    Group {
        name: "compute",
        light: "#ea580c",
        dark: "#fb923c",
        prefixes: &["aws_ecs", "aws_ecr", "aws_appautoscaling", "aws_lambda"],
    },
    Group {
        name: "deploy",
        light: "#16a34a",
        dark: "#4ade80",
        prefixes: &["aws_codedeploy", "aws_codepipeline", "aws_codebuild"],
    },
    Group {
        name: "access",
        light: "#dc2626",
        dark: "#f87171",
        prefixes: &["aws_iam", "aws_kms", "aws_security_group", "aws_vpc_security_group", "tls"],
    },
    Group {
        name: "network",
        light: "#2563eb",
        dark: "#60a5fa",
        prefixes: &[
            "aws_vpc",
            "aws_subnet",
            "aws_route",
            "aws_internet",
            "aws_nat",
            "aws_eip",
            "aws_network",
            "aws_availability",
        ],
    },
    Group {
        name: "storage",
        light: "#0d9488",
        dark: "#2dd4bf",
        prefixes: &["aws_cloudwatch", "aws_s3", "aws_sns", "aws_ssm", "local_", "archive", "aws_db", "aws_dynamodb"],
    },
    Group { name: "provider", light: "#a16207", dark: "#facc15", prefixes: &["provider"] },
    Group {
        name: "value",
        light: "#64748b",
        dark: "#94a3b8",
        prefixes: &["var", "local", "output", "module", "check", "root"],
    },
    Group { name: "other", light: "#0891b2", dark: "#22d3ee", prefixes: &[""] },
];

/// The group of a type, such as `aws_vpc` or `data.aws_vpc`.
pub(super) fn group(kind: &str) -> Group {
    let kind = kind.strip_prefix("data.").unwrap_or(kind);
    let fits = |group: &&Group| group.prefixes.iter().any(|prefix| kind.starts_with(prefix));
    // The last one fits everything.
    GROUPS.iter().find(fits).copied().unwrap_or(GROUPS[GROUPS.len() - 1])
}

/// The sign of a step, as plans show it.
pub(super) fn sign(what: What) -> &'static str {
    match what {
        What::Create => "+",
        What::Update | What::Deploy => "~",
        What::Delete => "-",
        What::Read => "<=",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_find_their_group() {
        for (kind, name) in [
            ("aws_vpc", "network"),
            ("data.aws_subnet", "network"),
            ("aws_route", "network"),
            ("aws_route53_record", "traffic"),
            ("aws_vpc_security_group_ingress_rule", "access"),
            ("aws_ecs_service", "compute"),
            ("terraform_data", "other"),
            ("local", "value"),
            ("local_file", "storage"),
            ("", "other"),
        ] {
            assert_eq!(group(kind).name, name, "{kind}");
        }
    }
}
