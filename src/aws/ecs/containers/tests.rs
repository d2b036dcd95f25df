//! Tests of the comparison and of the checks.

use super::*;

const WEB: &str = r#"[{"name":"web","image":"nginx","portMappings":[{"containerPort":80}]}]"#;

/// As DescribeTaskDefinition gives `WEB` back for network mode awsvpc.
const WEB_LIVE: &str = r#"[{"cpu":0,"environment":[],"essential":true,"image":"nginx","mountPoints":[],"name":"web",
    "portMappings":[{"containerPort":80,"hostPort":80,"protocol":"tcp"}],"systemControls":[],"volumesFrom":[]}]"#;

#[test]
fn what_ecs_fills_in_is_no_difference() {
    assert!(is_same(WEB, WEB_LIVE, true));
    assert!(!is_same(WEB, WEB_LIVE, false), "a fixed host port differs from a dynamic one");
    let zero = WEB_LIVE.replace("\"hostPort\":80", "\"hostPort\":0");
    assert!(is_same(WEB, &zero, false));
}

#[test]
fn spelling_order_and_types_do_not_matter() {
    let one = r#"[{"Name":"a","Image":"x","Environment":[{"Name":"B","Value":2},{"Name":"A","Value":"1"}],
        "MemoryReservation":"128","Privileged":"false"},{"name":"b","image":"y","command":null}]"#;
    let other = r#"[{"name":"b","image":"y"},{"name":"a","image":"x","memoryReservation":128,
        "environment":[{"name":"A","value":"1"},{"name":"B","value":"2"},{}]}]"#;
    assert!(is_same(one, other, false));
}

#[test]
fn health_checks_have_defaults() {
    let with = |check: &str| format!(r#"[{{"name":"a","image":"x","healthCheck":{check}}}]"#);
    let short = with(r#"{"command":["CMD","true"]}"#);
    let long = with(r#"{"command":["CMD","true"],"interval":30,"retries":3,"timeout":5,"startPeriod":0}"#);
    assert!(is_same(&short, &long, false));
    assert!(!is_same(&short, &with(r#"{"command":["CMD","true"],"interval":31}"#), false));
}

#[test]
fn real_changes_are_differences() {
    for (from, to) in [("nginx", "nginx:2"), ("\"containerPort\":80", "\"containerPort\":81"), ("web", "web2")] {
        assert!(!is_same(WEB, &WEB.replace(from, to), true), "{from} to {to}");
    }
    let ordered = |command: &str| format!(r#"[{{"name":"a","image":"x","command":{command}}}]"#);
    assert!(!is_same(&ordered(r#"["a","b"]"#), &ordered(r#"["b","a"]"#), true), "order of arguments counts");
    let empty_value = r#"[{"name":"a","image":"x","environment":[{"name":"A","value":""}]}]"#;
    assert!(!is_same(empty_value, r#"[{"name":"a","image":"x"}]"#, true), "an empty variable is a variable");
}

#[test]
fn nested_fields_survive_the_way_there_and_back() {
    let text = r#"[{"name":"a","image":"x","dockerLabels":{"k":"v"},"ulimits":[{"name":"nofile","softLimit":1,"hardLimit":2}],
        "logConfiguration":{"logDriver":"awslogs","options":{"awslogs-group":"g"},"secretOptions":[{"name":"s","valueFrom":"arn"}]},
        "linuxParameters":{"initProcessEnabled":true,"capabilities":{"add":["SYS_PTRACE"]}},
        "firelensConfiguration":{"type":"fluentbit","options":{"a":"b"}},"restartPolicy":{"enabled":true,"ignoredExitCodes":[1]},
        "dependsOn":[{"containerName":"b","condition":"START"}],"secrets":[{"name":"S","valueFrom":"arn"}]}]"#;
    let parsed = parse(text).unwrap();
    assert!(parsed.unknown.is_empty(), "{:?}", parsed.unknown);
    let printed: Json = serde_json::from_str(&print(&parsed.containers)).unwrap();
    let mut wanted: Json = serde_json::from_str(text).unwrap();
    wanted[0]["cpu"] = 0.into();
    assert_eq!(printed, wanted);
}

#[test]
fn mistakes_are_named() {
    let errors = |text: &str, task: &Task| check(text, task).0.join("\n");
    let fargate = Task { is_fargate: true, network_mode: Some("awsvpc".to_owned()), ..Task::default() };
    assert_eq!(errors(WEB, &fargate), "");
    assert!(errors("{}", &fargate).contains("JSON list"));
    assert!(errors("[]", &fargate).contains("no container"));
    assert!(errors(r#"[{"name":"a"}]"#, &fargate).contains("`image` is missing"));
    assert!(errors(r#"[{"name":"a","image":"x","cpu":"many"}]"#, &fargate).contains("[0].cpu must be a whole number"));
    assert!(errors(r#"[{"name":"a","image":"x","privileged":true}]"#, &fargate).contains("privileged"));
    let circle = r#"[{"name":"a","image":"x","dependsOn":[{"containerName":"b","condition":"START"}]},
        {"name":"b","image":"x","dependsOn":[{"containerName":"a","condition":"HEALTHY"}]}]"#;
    let found = errors(circle, &fargate);
    assert!(found.contains("depends on itself") && found.contains("no `healthCheck`"), "{found}");
    let unknown = check(r#"[{"name":"a","image":"x","portMapping":[]}]"#, &fargate).1;
    assert_eq!(unknown.len(), 1);
    assert!(unknown[0].contains("portMapping"));
}
