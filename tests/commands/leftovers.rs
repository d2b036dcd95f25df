//! What a destroy left behind in networks and zones of others.

use crate::support::stack::{Stack, stack};

/// What stays.
const AROUND: &str = concat!(
    include_str!("network.tf"),
    r#"
resource "aws_route53_zone" "main" {
  name = "example.com"
}

output "subnets" {
  value = [for subnet in aws_subnet.one : subnet.id]
}

output "zone" {
  value = aws_route53_zone.main.zone_id
}
"#
);

const STACK: &str = r#"
variable "subnets" {
  type = list(string)
}

variable "zone" {
  type = string
}

resource "aws_lb" "web" {
  name    = "web"
  subnets = var.subnets
}

resource "aws_route53_record" "web" {
  zone_id = var.zone
  name    = "www.example.com"
  type    = "A"

  alias {
    name                   = aws_lb.web.dns_name
    zone_id                = aws_lb.web.zone_id
    evaluate_target_health = true
  }
}

output "name" {
  value = aws_lb.web.dns_name
}
"#;

fn said(stack: &Stack, folder: &str, name: &str) -> String {
    stack.run(&[folder, "output", "-json", name]).succeeds().out.trim().to_owned()
}

/// Puts a record in the zone, as somebody else would.
fn foreign_record(stack: &Stack, zone: &str, name: &str, target: &str) {
    let set = format!(
        "<Name>{name}</Name><Type>CNAME</Type><TTL>60</TTL><ResourceRecords><ResourceRecord><Value>{target}</Value></ResourceRecord></ResourceRecords>"
    );
    let body = format!(
        r#"<ChangeResourceRecordSetsRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ChangeBatch><Changes><Change><Action>CREATE</Action><ResourceRecordSet>{set}</ResourceRecordSet></Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>"#
    );
    let (status, answer) =
        stack.emulator().exchange("route53", "POST", &format!("/2013-04-01/hostedzone/{zone}/rrset"), &body);
    assert_eq!(status, 200, "{answer}");
}

#[test]
fn interfaces_and_records_that_stay_are_named_with_what_removes_them() {
    let stack = stack().file("around/main.tf", AROUND).file("main.tf", STACK).aws();
    stack.run(&["-chdir=around", "apply", "-auto-approve"]).succeeds();
    let (subnets, zone) = (said(&stack, "-chdir=around", "subnets"), said(&stack, "-chdir=around", "zone"));
    let zone = zone.trim_matches('"');
    stack.write("values.auto.tfvars.json", format!("{{\"subnets\": {subnets}, \"zone\": \"{zone}\"}}"));
    stack.apply().succeeds();
    foreign_record(&stack, zone, "old.example.com", said(&stack, "-chdir=.", "name").trim_matches('"'));
    // Interfaces of the load balancer stay longer than anybody waits.
    stack.emulator().settings(r#"{"interface_lingering_seconds": 1000000}"#);
    stack
        .destroy()
        .succeeds()
        .says("Looked for leftovers: network interfaces, records.")
        .says("network interface eni-")
        .says("(ELB app/web/")
        .says("aws ec2 delete-network-interface --network-interface-id eni-")
        .says("record old.example.com CNAME in zone")
        .says("leads to a load balancer that is gone")
        .says("--start-record-name old.example.com");
    assert!(stack.instances().is_empty());
}
