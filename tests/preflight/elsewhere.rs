//! Rules about what no resource type is about: certificates, and pipelines.

use serde_json::{Value as Json, json};

use super::{base_text, found};
use crate::support::stack::{Stack, stack};

const ZONE: &str = "dev.example.com";

/// A load balancer with a listener that has this certificate.
fn listener(certificate: &str) -> String {
    let listener = format!(
        r#"
        resource "aws_lb_listener" "secure" {{
          load_balancer_arn = aws_lb.main.arn
          port              = 443
          protocol          = "HTTPS"
          certificate_arn   = "{certificate}"
          default_action {{
            type = "fixed-response"
            fixed_response {{
              content_type = "text/plain"
            }}
          }}
        }}
        resource "aws_vpc_security_group_ingress_rule" "secure" {{
          security_group_id = aws_security_group.balancer.id
          cidr_ipv4         = "0.0.0.0/0"
          ip_protocol       = "tcp"
          from_port         = 443
          to_port           = 443
        }}
        "#
    );
    format!("{}{listener}", pushed())
}

/// The good stack, whose image somebody pushes in another test.
fn pushed() -> String {
    let line = "  container_definitions    =";
    base_text().replace(line, &format!("  # glaz:allow 001-2\n{line}"))
}

fn look(stack: &Stack) -> Vec<String> {
    found(&stack.run(&["check", "-json"])).into_iter().collect()
}

/// What is said of the certificate, as the only finding and with an error or warning.
fn told(stack: &Stack, severity: &str) -> String {
    let answer: Json = serde_json::from_str(&stack.run(&["check", "-json"]).out).unwrap();
    let findings = answer["findings"].as_array().unwrap();
    assert!(findings.len() == 1 && findings[0]["code"] == "K35" && findings[0]["severity"] == severity, "{answer}");
    findings[0]["detail"].as_str().unwrap().to_owned()
}

#[track_caller]
fn contains(text: &str, parts: &[&str]) {
    parts.iter().for_each(|part| assert!(text.contains(part), "{part:?} is not in: {text}"));
}

/// A certificate that waits for its proof: its ARN, and name, type and value of the record.
fn request(stack: &Stack) -> (String, Json) {
    let acm =
        |operation: &str, body: &Json| stack.emulator().call("acm", &format!("CertificateManager.{operation}"), body);
    let name = format!("www.{ZONE}");
    let made = acm("RequestCertificate", &json!({ "DomainName": name, "ValidationMethod": "DNS" }));
    let arn = made["CertificateArn"].as_str().unwrap().to_owned();
    let detail = acm("DescribeCertificate", &json!({ "CertificateArn": arn }));
    let record = &detail["Certificate"]["DomainValidationOptions"][0]["ResourceRecord"];
    (arn, record.clone())
}

/// A zone of a name in a folder of that name, with these records.
fn zone(stack: &Stack, name: &str, records: &[(&str, &str, &str)]) {
    zone_in(stack, name, name, records);
}

fn zone_in(stack: &Stack, folder: &str, name: &str, records: &[(&str, &str, &str)]) {
    let mut text = format!("resource \"aws_route53_zone\" \"it\" {{\n  name = \"{name}\"\n}}\n");
    text.push_str("output \"id\" {\n  value = aws_route53_zone.it.zone_id\n}\n");
    for (at, (name, kind, values)) in records.iter().enumerate() {
        text.push_str(&format!(
            "resource \"aws_route53_record\" \"r{at}\" {{\n  zone_id = aws_route53_zone.it.zone_id\n  name = \"{name}\"\n  type = \"{kind}\"\n  ttl = 60\n  records = {values}\n}}\n"
        ));
    }
    stack.write(&format!("{folder}/main.tf"), text);
    stack.run(&[&format!("-chdir={folder}"), "apply", "-auto-approve"]).succeeds();
}

#[test]
fn of_two_zones_of_a_name_one_is_asked() {
    let stack = stack().aws();
    let (arn, _) = request(&stack);
    stack.write("main.tf", listener(&arn));
    zone(&stack, ZONE, &[]);
    zone_in(&stack, "again", ZONE, &[]);
    contains(
        &told(&stack, "error"),
        &["There are 2 public zones dev.example.com (", "the world asks only the one", " lack the record"],
    );
}

#[test]
fn a_certificate_must_have_been_issued() {
    let stack = stack().aws();
    let (arn, record) = request(&stack);
    let text = |name: &str| record[name].as_str().unwrap();
    let value = format!("[\"{}\"]", text("Value"));
    let proof = (text("Name"), text("Type"), value.as_str());
    stack.write("main.tf", listener(&arn));
    stack.plan().fails().says("Error: Certificate does not fit the listener");
    contains(&told(&stack, "error"), &["and no public zone of this account is about www.dev.example.com"]);
    zone(&stack, ZONE, &[]);
    contains(&told(&stack, "error"), &["acm-validations.aws: add it to zone ", "(dev.example.com)"]);
    // A record that this run makes is no reason to stop it.
    let relative = text("Name").trim_end_matches('.').trim_end_matches(ZONE).trim_end_matches('.');
    for name in [text("Name"), relative] {
        stack.write("proof.tf", format!(
            "resource \"aws_route53_record\" \"proof\" {{\n  zone_id = aws_route53_zone.main.zone_id\n  name = \"{name}\"\n  type = \"CNAME\"\n  ttl = 60\n  records = {value}\n}}\n"
        ));
        let comes = "which is in this stack: apply again some minutes after it was made";
        contains(&told(&stack, "warning"), &[comes]);
    }
    stack.write("proof.tf", "");
    // The zone above leads elsewhere.
    zone(&stack, "example.com", &[(ZONE, "NS", "[\"ns1.example.org\", \"ns2.example.org\"]")]);
    zone(&stack, ZONE, &[proof]);
    contains(&told(&stack, "error"), &["the zone above dev.example.com names ns1.example.org, ns2.example.org for it"]);
    // Who may not look at zones is told the rest.
    stack.emulator().faults(r#"[{"service": "route53", "operation": "ListHostedZonesByName", "kind": "deny"}]"#);
    let bare = told(&stack, "error");
    contains(
        &bare,
        &["ACM waits for the record", "was not looked at: the credentials may not call ListHostedZonesByName."],
    );
    assert!(!bare.contains("zone "), "{bare}");
    let fault = r#"[{"service": "route53", "operation": "ListHostedZonesByName", "kind": "error_before", "code": "InvalidInput", "status": 400, "message": "no"}]"#;
    stack.emulator().faults(fault);
    contains(&told(&stack, "error"), &["could not be looked at: ListHostedZonesByName: InvalidInput: no"]);
    stack.emulator().no_faults();
    zone(&stack, "example.com", &[]);
    contains(&told(&stack, "error"), &["names no name servers for it"]);
    stack.run(&["-chdir=example.com", "destroy", "-auto-approve"]).succeeds();
    // It has been seen.
    assert_eq!(look(&stack), Vec::<String>::new());
}

#[test]
fn a_certificate_is_there_in_the_region_of_its_listener() {
    let arn =
        |region: &str| format!("arn:aws:acm:{region}:123456789012:certificate/0d0aa54b-0f75-4b1c-9d3c-0bb0b3d8b2a1");
    let stack = stack().file("main.tf", listener(&arn("us-east-1"))).aws();
    stack.run(&["check"]).fails().says("is in us-east-1, the load balancer in eu-west-1");
    stack.write("main.tf", listener(&arn("eu-west-1")));
    stack.run(&["check"]).fails().says("There is no such certificate in eu-west-1");
    assert_eq!(look(&stack), ["certificate"]);
    // Without the permission nobody can tell, and the check says so.
    stack.emulator().faults(r#"[{"service": "acm", "kind": "deny"}]"#);
    stack.run(&["check"]).succeeds().says("the credentials may not: DescribeCertificate.").says("found nothing");
    // One of IAM is in no region.
    stack.emulator().no_faults();
    stack.write("main.tf", listener("arn:aws:iam::123456789012:server-certificate/standing"));
    assert_eq!(look(&stack), Vec::<String>::new());
}

/// A pipeline that deploys through the stack's group.
fn pipeline(stack: &Stack, name: &str, mode: Option<&str>) {
    let action = json!({
        "name": "Deploy",
        "actionTypeId": { "category": "Deploy", "owner": "AWS", "provider": "CodeDeployToECS", "version": "1" },
        "configuration": { "ApplicationName": "web", "DeploymentGroupName": "web" },
    });
    let source = json!({
        "name": "Source",
        "actionTypeId": { "category": "Source", "owner": "AWS", "provider": "CodeStarSourceConnection", "version": "1" },
    });
    let mut pipeline = json!({
        "name": name,
        "roleArn": "arn:aws:iam::123456789012:role/pipeline",
        "stages": [{ "name": "Source", "actions": [source] }, { "name": "Deploy", "actions": [action] }],
    });
    if let Some(mode) = mode {
        pipeline["executionMode"] = mode.into();
    }
    stack.emulator().call("codepipeline", "CodePipeline_20150709.CreatePipeline", &json!({ "pipeline": pipeline }));
}

#[test]
fn a_pipeline_stands_still_while_deployments_stay_open() {
    const ROLE: &str = r#"
        resource "aws_iam_role" "pipeline" {
          name = "pipeline"
          assume_role_policy = jsonencode({
            Version   = "2012-10-17"
            Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "codepipeline.amazonaws.com" } }]
          })
        }
    "#;
    let wait = |minutes: u32| pushed().replace("_in_minutes = 5", &format!("_in_minutes = {minutes}"));
    let stack = stack().file("main.tf", wait(60)).file("role/main.tf", ROLE).aws();
    stack.run(&["-chdir=role", "apply", "-auto-approve"]).succeeds();
    pipeline(&stack, "patient", Some("QUEUED"));
    assert_eq!(look(&stack), Vec::<String>::new());
    pipeline(&stack, "release", None);
    assert_eq!(look(&stack), ["termination_wait"]);
    stack.run(&["check"]).succeeds().says("Pipeline \"release\" stands still as long").says("SUPERSEDED");
    // A plan says it where it makes the group or brings out its service, and else asks nobody.
    let asks = |stack: &Stack| stack.emulator().calls().iter().any(|call| call.service == "codepipeline");
    stack.run(&["apply", "-auto-approve", "-target=aws_ecr_repository.web"]).succeeds();
    ["3f2a91c", "4d1f00b"].iter().for_each(|tag| stack.emulator().push("web", tag));
    stack.apply().succeeds().says("stands still as long");
    stack.emulator().forget_calls();
    stack.plan().succeeds().never_says("stands still");
    assert!(!asks(&stack));
    stack.write("main.tf", wait(60).replace(":3f2a91c", ":4d1f00b"));
    stack.plan().ends_with(2).says("stands still as long");
    stack.write("main.tf", wait(60));
    stack.emulator().faults(r#"[{"service": "codepipeline", "operation": "GetPipeline", "kind": "deny"}]"#);
    stack.run(&["check"]).succeeds().says("the credentials may not: GetPipeline.").says("found nothing");
    stack.emulator().no_faults();
    stack.write("main.tf", wait(30));
    assert_eq!(look(&stack), Vec::<String>::new());
}

/// Private subnets without a way out, whose network another team gave VPC endpoints.
#[test]
fn endpoints_that_were_made_elsewhere_count() {
    let route = "  destination_cidr_block = \"0.0.0.0/0\"\n  nat_gateway_id         = aws_nat_gateway.main.id";
    let text = pushed().replace(
        route,
        "  destination_cidr_block = \"10.9.0.0/16\"\n  nat_gateway_id         = aws_nat_gateway.main.id",
    );
    let stack = stack().file("main.tf", text).aws();
    let warned = |stack: &Stack| stack.run(&["check"]).succeeds();
    assert_eq!(look(&stack), ["way_to_registry"], "a network that does not exist yet has none");
    let targets = ["-target=aws_route_table_association.private", "-target=aws_route_table.public"];
    stack.run(&["apply", "-auto-approve", targets[0], targets[1]]).succeeds();
    warned(&stack).says("Without VPC endpoints for ECR, S3 and CloudWatch Logs");
    let state = stack.state();
    let id = |kind: &str, name: &str| {
        let all = state["resources"].as_array().unwrap();
        let one = all.iter().find(|one| one["type"] == kind && one["name"] == name).unwrap();
        one["instances"][0]["attributes"]["id"].as_str().unwrap().to_owned()
    };
    let make = |service: &str, more: &str| {
        let call = format!(
            "Action=CreateVpcEndpoint&Version=2016-11-15&VpcId={}&ServiceName=com.amazonaws.eu-west-1.{service}{more}",
            id("aws_vpc", "main")
        );
        stack.emulator().form("ec2", &call);
    };
    for service in ["ecr.api", "ecr.dkr", "logs"] {
        make(service, "&VpcEndpointType=Interface");
    }
    warned(&stack).says("and lacks s3 for this subnet");
    make("s3", &format!("&VpcEndpointType=Gateway&RouteTableId.1={}", id("aws_route_table", "public")));
    warned(&stack).says("and lacks s3 for this subnet");
    make("s3", &format!("&VpcEndpointType=Gateway&RouteTableId.1={}", id("aws_route_table", "private")));
    assert_eq!(look(&stack), Vec::<String>::new());
}
