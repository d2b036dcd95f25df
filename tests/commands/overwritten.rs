//! Objects that a making call overwrites, whoever made them: undoing a run puts them back and does not delete them.

use super::recovery::{ROLLBACK, killed};
use crate::support::stack::{Stack, stack};

/// What the parts below belong to.
const WHOLES: &str = r#"
resource "aws_iam_role" "main" {
  name               = "main"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}

resource "aws_s3_bucket" "main" {
  bucket = "overwritten"
}

resource "aws_route53_zone" "main" {
  name = "example.com"
}

resource "aws_ecr_repository" "main" {
  name = "main"
}

resource "aws_ecs_cluster" "main" {
  name = "main"
}

output "zone" {
  value = aws_route53_zone.main.id
}
"#;

/// A part of each kind.
const PARTS: [&str; 8] = [
    "aws_iam_role_policy.main",
    "aws_iam_role_policy_attachment.main",
    "aws_s3_bucket_policy.main",
    "aws_s3_bucket_versioning.main",
    "aws_s3_bucket_public_access_block.main",
    "aws_ecr_lifecycle_policy.main",
    "aws_ecs_cluster_capacity_providers.main",
    "aws_route53_record.main",
];

/// Parts of wholes that other stack files made; how far they go depends on who asks.
fn parts(zone: &str, is_theirs: bool) -> String {
    let choose = |theirs: &'static str, ours: &'static str| if is_theirs { theirs } else { ours };
    format!(
        r#"
resource "aws_iam_role_policy" "main" {{
  name   = "inline"
  role   = "main"
  policy = jsonencode({{ Version = "2012-10-17", Statement = [{{ Effect = "Allow", Action = "s3:{action}", Resource = "*" }}] }})
}}

resource "aws_iam_role_policy_attachment" "main" {{
  role       = "main"
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}}

resource "aws_s3_bucket_policy" "main" {{
  bucket = "overwritten"
  policy = jsonencode({{ Version = "2012-10-17", Statement = [{{ Effect = "Deny", Principal = "*", Action = "s3:{action}", Resource = "arn:aws:s3:::overwritten/*" }}] }})
}}

resource "aws_s3_bucket_versioning" "main" {{
  bucket = "overwritten"
  versioning_configuration {{
    status = "{status}"
  }}
}}

resource "aws_s3_bucket_public_access_block" "main" {{
  bucket              = "overwritten"
  block_public_acls   = {block}
  block_public_policy = true
}}

resource "aws_ecr_lifecycle_policy" "main" {{
  repository = "main"
  policy     = jsonencode({{ rules = [{{ rulePriority = 1, selection = {{ tagStatus = "untagged", countType = "imageCountMoreThan", countNumber = {ttl} }}, action = {{ type = "expire" }} }}] }})
}}

resource "aws_ecs_cluster_capacity_providers" "main" {{
  cluster_name       = "main"
  capacity_providers = ["{provider}"]
}}

resource "aws_route53_record" "main" {{
  zone_id         = "{zone}"
  name            = "one"
  type            = "A"
  ttl             = {ttl}
  records         = ["192.0.2.1"]
  allow_overwrite = true
}}
"#,
        action = choose("GetObject", "PutObject"),
        status = choose("Enabled", "Suspended"),
        block = choose("true", "false"),
        ttl = choose("30", "60"),
        provider = choose("FARGATE", "FARGATE_SPOT"),
    )
}

/// What is made after all parts.
fn last() -> String {
    format!(
        "resource \"aws_vpc\" \"last\" {{\n  cidr_block = \"10.0.0.0/16\"\n  depends_on = [{}]\n}}\n",
        PARTS.join(", ")
    )
}

const NO_VPC: &str = r#"[{"kind": "deny", "operation": "CreateVpc"}]"#;

/// Their objects; and the stack files of ours, whose state knows nothing of them.
fn theirs() -> (Stack, String) {
    let stack = stack().aws().unchecked().file("main.tf", WHOLES);
    stack.apply().succeeds();
    let zone = stack.state()["outputs"]["zone"]["value"].as_str().unwrap().to_owned();
    stack.write("main.tf", format!("{WHOLES}{}", parts(&zone, true)));
    stack.apply().succeeds();
    std::fs::rename(stack.path("terraform.tfstate"), stack.path("theirs.tfstate")).unwrap();
    stack.write("main.tf", format!("{}{}", parts(&zone, false), last()));
    (stack, zone)
}

/// Nothing of ours is left, and theirs is as it was.
#[track_caller]
fn is_theirs(stack: &Stack, zone: &str) {
    assert_eq!(stack.instances(), Vec::<String>::new());
    std::fs::rename(stack.path("theirs.tfstate"), stack.path("terraform.tfstate")).unwrap();
    stack.write("main.tf", format!("{WHOLES}{}", parts(zone, true)));
    stack.assert_nothing_to_do();
}

#[test]
fn undoing_a_run_puts_back_what_it_overwrote() {
    let (stack, zone) = theirs();
    stack.emulator().faults(NO_VPC);
    let failed = stack.run(&[ROLLBACK, &["-check=false"]].concat()).fails();
    stack.emulator().no_faults();
    for part in PARTS {
        let line = format!("{part} (making): it exists already, and is overwritten");
        assert!(failed.text().contains(&line), "{line}: {}", failed.raw());
    }
    for said in ["0 of the objects it made are deleted", "8 that it"] {
        assert!(failed.text().contains(said), "{said}: {}", failed.raw());
    }
    is_theirs(&stack, &zone);
}

#[test]
fn undoing_a_killed_run_puts_back_what_it_overwrote() {
    for (operation, after) in [("CreateVpc", false), ("PutBucketPolicy", false), ("PutBucketPolicy", true)] {
        let (stack, zone) = theirs();
        killed(&stack, &["apply", "-auto-approve", "-check=false"], operation, after);
        stack
            .run(&[ROLLBACK, &["-check=false"]].concat())
            .ends_with(1)
            .says("it was taken over: it becomes what it was");
        is_theirs(&stack, &zone);
    }
}

#[test]
fn an_apply_overwrites_and_says_so() {
    let (stack, _) = theirs();
    let applied = stack.apply().succeeds().says("9 added, 0 changed, 0 destroyed");
    assert_eq!(applied.text().matches("exists already, and is overwritten").count(), PARTS.len(), "{}", applied.raw());
    stack.assert_nothing_to_do();
}

#[test]
fn what_is_refused_stays_theirs() {
    let (stack, zone) = theirs();
    stack.emulator().faults(r#"[{"kind": "deny", "operation": "PutBucketPolicy"}]"#);
    stack.apply().fails().says("PutBucketPolicy");
    stack.emulator().no_faults();
    assert!(!stack.instances().contains(&"aws_s3_bucket_policy.main".to_owned()), "{:?}", stack.instances());
    // The rest is ours by now; theirs is as it was once it is gone.
    stack.write("main.tf", format!("{WHOLES}{}", parts(&zone, true)));
    std::fs::rename(stack.path("theirs.tfstate"), stack.path("terraform.tfstate")).unwrap();
    stack.plan().ends_with(2).never_says("aws_s3_bucket_policy.main will");
}

#[test]
fn parts_of_what_the_run_makes_are_not_looked_for() {
    let new = WHOLES.to_owned() + &parts("ZONE", true);
    let new = new
        .replace("bucket = \"overwritten\"\n  policy", "bucket = aws_s3_bucket.main.bucket\n  policy")
        .replace("bucket = \"overwritten\"\n  versioning", "bucket = aws_s3_bucket.main.id\n  versioning")
        .replace("role   = \"main\"", "role   = aws_iam_role.main.name")
        .replace("repository = \"main\"", "repository = aws_ecr_repository.main.name")
        .replace("\"ZONE\"", "aws_route53_zone.main.id");
    let stack = stack().aws().unchecked().file("main.tf", new);
    stack
        .run(&[
            "apply",
            "-auto-approve",
            "-check=false",
            "-target=aws_s3_bucket_policy.main",
            "-target=aws_iam_role_policy.main",
            "-target=aws_ecr_lifecycle_policy.main",
        ])
        .succeeds()
        .never_says("exists already");
    let calls = stack.emulator().calls();
    for (put, get) in [
        ("PutBucketPolicy", "GetBucketPolicy"),
        ("PutRolePolicy", "GetRolePolicy"),
        ("PutLifecyclePolicy", "GetLifecyclePolicy"),
    ] {
        let at = |name: &str| calls.iter().position(|call| call.operation == name);
        assert!(at(put) < at(get), "{put}: {:?}", (at(put), at(get)));
    }
}
