//! Many DNS records at once: changes of one zone travel together, and each record still has its own answer.

use crate::support::stack::{Stack, stack};

const COUNT: usize = 30;

/// Records of one zone, with this in the block of each.
fn records(more: &str) -> String {
    format!(
        r#"
resource "aws_route53_zone" "it" {{
  name = "example.com"
}}

variable "ttl" {{
  default = 60
}}

resource "aws_route53_record" "it" {{
  count   = {COUNT}
  zone_id = aws_route53_zone.it.zone_id
  name    = "r${{count.index}}"
  type    = "A"
  ttl     = var.ttl
  records = ["192.0.2.1"]
  {more}
}}
"#
    )
}

/// The zone is there; its records are not.
fn zone() -> Stack {
    let stack = stack().file("main.tf", records("")).aws();
    stack.run(&["apply", "-auto-approve", "-target=aws_route53_zone.it"]).succeeds();
    stack.emulator().forget_calls();
    stack
}

/// A change takes long enough for the others to gather.
const SLOW: &str = r#"{"kind": "latency", "operation": "ChangeResourceRecordSets", "ms": 200}"#;

/// Changes that were asked for, by how they were answered.
fn changes(stack: &Stack) -> (usize, usize) {
    let calls = stack.emulator().calls();
    let of = |good: bool| {
        calls.iter().filter(|one| one.operation == "ChangeResourceRecordSets" && (one.status == 200) == good).count()
    };
    (of(true), of(false))
}

fn count(stack: &Stack, operation: &str) -> usize {
    stack.emulator().calls().iter().filter(|one| one.operation == operation).count()
}

/// How many records the account has.
fn there(stack: &Stack) -> usize {
    stack.emulator().leftovers().iter().filter(|one| one.kind == "record").count()
}

/// All records are there once; nothing is left after a destroy.
#[track_caller]
fn whole(stack: &Stack) {
    stack.emulator().no_faults();
    stack.assert_nothing_to_do();
    assert_eq!((stack.instances().len(), there(stack)), (1 + COUNT, COUNT));
    stack.destroy().succeeds();
    assert!(stack.instances().is_empty());
    stack.emulator().assert_empty();
}

/// Makes a record as somebody else would.
fn foreign_record(stack: &Stack, name: &str) {
    let state = stack.state();
    let zone = state["resources"][0]["instances"][0]["attributes"]["zone_id"].as_str().unwrap();
    let body = format!(
        r#"<ChangeResourceRecordSetsRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ChangeBatch><Changes><Change><Action>CREATE</Action><ResourceRecordSet><Name>{name}</Name><Type>A</Type><TTL>60</TTL><ResourceRecords><ResourceRecord><Value>192.0.2.2</Value></ResourceRecord></ResourceRecords></ResourceRecordSet></Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>"#
    );
    let path = format!("/2013-04-01/hostedzone/{zone}/rrset");
    let (status, answer) = stack.emulator().exchange("route53", "POST", &path, &body);
    assert_eq!(status, 200, "{answer}");
}

#[test]
fn many_records_take_few_calls() {
    let stack = zone();
    stack.emulator().settings(r#"{"route53_pending_polls": 2}"#);
    stack.emulator().faults(&format!("[{SLOW}]"));
    stack.apply().succeeds();
    let (made, refused) = changes(&stack);
    assert!(made <= 4 && refused == 0, "{made} changes, {refused} refused");
    // Each change is asked for until the name servers know it, beside a look at the zone.
    let (asked, looked) = (count(&stack, "GetChange"), count(&stack, "ListResourceRecordSets"));
    assert!(asked <= 4 * made + 4 && looked <= 4 * made + 8, "{asked} and {looked} for {made}");

    stack.emulator().forget_calls();
    stack.run(&["apply", "-auto-approve", "-refresh=false", "-var=ttl=61"]).succeeds();
    assert!(changes(&stack).0 <= 4, "{:?}", changes(&stack));

    stack.emulator().forget_calls();
    stack.run(&["destroy", "-auto-approve", "-refresh=false"]).succeeds();
    assert!(changes(&stack).0 <= 4, "{:?}", changes(&stack));
    assert!(stack.emulator().calls().len() <= 24, "{:?}", stack.emulator().calls());
    stack.emulator().assert_empty();
}

#[test]
fn one_at_a_time_means_just_that() {
    let stack = zone();
    stack.run(&["apply", "-auto-approve", "-parallelism=1"]).succeeds();
    assert_eq!(changes(&stack), (COUNT, 0));
}

#[test]
fn a_bad_record_among_good_ones_fails_alone() {
    let stack = zone();
    foreign_record(&stack, "r7.example.com");
    stack.emulator().forget_calls();
    stack.emulator().faults(&format!("[{SLOW}]"));
    let output = stack.apply().fails();
    assert_eq!(output.text().matches("Error: ").count(), 1, "{}", output.raw());
    let output = output.says("with aws_route53_record.it[7]").says("main.tf:10").says("but it already exists");
    let output = output.says("Import the record r7.example.com").says("set `allow_overwrite = true`");
    output.never_says("r6.example.com").never_says("r8.example.com");
    assert_eq!((stack.instances().len(), there(&stack)), (COUNT, COUNT));
    let (made, refused) = changes(&stack);
    assert!(made <= 5 && refused <= 3, "{made} and {refused}");
    stack.write("main.tf", records("allow_overwrite = true"));
    stack.apply().succeeds();
    whole(&stack);
}

/// A policy may allow some names only: what holds for the request need not hold for each record in it.
#[test]
fn a_request_that_is_denied_goes_in_parts() {
    let stack = zone();
    let denied = r#"{"kind": "deny", "operation": "ChangeResourceRecordSets", "count": 3}"#;
    // The first request may carry one record alone, and then its denial is that record's.
    stack.emulator().faults(&format!("[{SLOW}, {denied}]"));
    let output = stack.apply();
    assert!(output.text().matches("Error: ").count() <= 1, "{}", output.raw());
    assert!(there(&stack) >= COUNT - 1, "{}", output.raw());
    stack.emulator().no_faults();
    stack.apply().succeeds();
    whole(&stack);
}

#[test]
fn lost_answers_and_throttling_end_with_everything_there_once() {
    let after = r#"{"kind": "error_after", "operation": "ChangeResourceRecordSets", "count": 2}"#;
    let broken = r#"{"kind": "reset", "after": true, "operation": "ChangeResourceRecordSets", "count": 2}"#;
    let throttled = r#"{"kind": "throttle", "operation": "ChangeResourceRecordSets", "rate": 0.6, "seed": 5}"#;
    let prior = r#"{"kind": "throttle", "code": "PriorRequestNotComplete", "operation": "ChangeResourceRecordSets", "count": 3}"#;
    let stack = zone();
    for fault in [after, broken, throttled, prior] {
        let put = || stack.emulator().faults(&format!("[{SLOW}, {fault}]"));
        put();
        stack.apply().succeeds();
        assert_eq!(there(&stack), COUNT, "{fault}");
        put();
        stack.run(&["apply", "-auto-approve", "-var=ttl=61"]).succeeds();
        stack.emulator().no_faults();
        stack.run(&["plan", "-detailed-exitcode", "-var=ttl=61"]).ends_with(0);
        put();
        stack.run(&["destroy", "-auto-approve", "-target=aws_route53_record.it"]).succeeds();
        assert_eq!(there(&stack), 0, "{fault}");
        assert!(count(&stack, "ChangeResourceRecordSets") < 3 * COUNT, "{fault}");
        stack.emulator().forget_calls();
    }
}

#[test]
fn zones_do_not_wait_for_each_other() {
    let stack = stack()
        .file(
            "main.tf",
            r#"
resource "aws_route53_zone" "it" {
  count = 2
  name  = "example${count.index}.com"
}

resource "aws_route53_record" "it" {
  count   = 30
  zone_id = aws_route53_zone.it[count.index % 2].zone_id
  name    = "r${count.index}"
  type    = count.index % 3 == 0 ? "TXT" : "A"
  ttl     = 60
  records = [count.index % 3 == 0 ? "text" : "192.0.2.1"]
}
"#,
        )
        .aws();
    stack.emulator().faults(&format!("[{SLOW}]"));
    stack.apply().succeeds();
    let (made, refused) = changes(&stack);
    assert!(made <= 8 && refused == 0, "no request of a zone comes while another is at work: {made}, {refused}");
    assert_eq!(there(&stack), 30);
    stack.assert_nothing_to_do();
    stack.destroy().succeeds();
    assert_eq!(changes(&stack).1, 0);
    stack.emulator().assert_empty();
}

#[test]
fn killed_in_the_middle_of_a_request() {
    for (command, after) in [("apply", false), ("apply", true), ("destroy", true)] {
        let stack = zone();
        if command == "destroy" {
            stack.apply().succeeds();
        }
        stack.emulator().hold(&format!(r#"{{"operation": "ChangeResourceRecordSets", "after": {after}}}"#));
        let mut run = stack.start(&[command, "-auto-approve"]);
        while stack.emulator().held().is_empty() {
            assert!(!run.is_over(), "the run ended before the change");
        }
        run.kill();
        run.wait();
        stack.emulator().drop_held();
        let made = there(&stack);
        let next = stack.apply().succeeds();
        let said = if after { "taken over" } else { "made nothing" };
        if command == "apply" {
            assert!(next.out.contains(said), "{}", next.raw());
            assert_eq!(next.out.matches("taken over").count(), made, "{}", next.raw());
        }
        whole(&stack);
    }
}
