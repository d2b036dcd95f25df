//! A pipeline registers revisions behind our back: what it changed and what the stack file changed come together.

use serde_json::{Value as Json, json};

use super::questions::ask;
use super::rollout::{
    Filled, PLAIN, attribute, by_ecs, pipeline_deploys, revision, service, text, until_quiet, with_image,
};
use crate::support::stack::{Stack, stack};

/// The stack with another `cpu` and `memory` of the task.
fn bigger(image: &str) -> String {
    with_image(image).replace("= \"256\"", "= \"512\"").replace("= \"512\"\n  container", "= \"1024\"\n  container")
}

fn image(stack: &Stack, number: u32) -> Json {
    revision(stack, number)["containerDefinitions"][0]["image"].clone()
}

fn with(stack: &Stack, flags: &[&str]) -> crate::support::stack::Output {
    stack.with_flags(&[&["plan", "-detailed-exitcode"], flags].concat())
}

#[test]
fn an_image_of_a_pipeline_is_kept_and_goes_on_with_the_next_change() {
    let stack = service();
    pipeline_deploys(&stack, "web:7");
    until_quiet(&stack);
    stack.plan().ends_with(0).says("image of container web kept: :7, set by a pipeline (revision 2)");
    // What refers to the task definition sees what runs.
    let outputs = "output \"live\" {\n  value = aws_ecs_task_definition.web.arn\n}\n";
    stack.write("outputs.tf", outputs);
    stack.apply().succeeds().says("task-definition/web:2");
    stack.assert_nothing_to_do();
    // The state stays what Terraform would have: our own revision.
    assert_eq!(attribute(&stack, "aws_ecs_task_definition", "revision"), 1);
    // A change of our own comes on top of it, from a saved plan as well.
    stack.write("main.tf", bigger("web:1"));
    let plan = with(&stack, &["-out=plan"]);
    plan.ends_with(2)
        .says("image of container web kept: :7")
        .says("web: revision 2 -> (known after apply) through CodeDeploy");
    stack.run(&["apply", "plan"]).succeeds().says("AllowTraffic done");
    assert_eq!(image(&stack, 3), "web:7");
    assert_eq!(revision(&stack, 3)["cpu"], "512");
    // The stack file still says the old image, and that is no change.
    stack.plan().ends_with(0).says("image of container web kept: :7, set by a pipeline before");
    until_quiet(&stack);
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

#[test]
fn an_image_that_both_changed_is_a_conflict_until_it_is_decided() {
    let stack = service();
    pipeline_deploys(&stack, "web:7");
    until_quiet(&stack);
    stack.write("main.tf", with_image("web:3"));
    let plan = stack.plan();
    plan.ends_with(1)
        .says("Conflicting changes of a task definition")
        .says("It was \"web:1\"; the stack file says \"web:3\" now, and \"web:7\" runs")
        .says("-take=web.image=live");
    stack.apply().ends_with(1).says("Conflicting changes");
    // For what runs: nothing is deployed, and that it was decided is remembered.
    with(&stack, &["-take=web.image=live"]).ends_with(0).says("image of container web kept: :7");
    stack.with_flags(&["apply", "-auto-approve", "-take=live"]).succeeds();
    stack.assert_nothing_to_do();
    // For the stack file.
    stack.write("main.tf", with_image("web:4"));
    stack.plan().ends_with(1).says("It was \"web:3\"; the stack file says \"web:4\" now, and \"web:7\" runs");
    with(&stack, &["-take=stack", "-out=plan"]).ends_with(2).says("web: revision 2 -> (known after apply)");
    stack.run(&["apply", "plan"]).succeeds();
    assert_eq!(image(&stack, 3), "web:4");
    stack.assert_nothing_to_do();
    until_quiet(&stack);
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

#[test]
fn a_conflict_is_asked_about_on_a_terminal() {
    let stack = service();
    pipeline_deploys(&stack, "web:7");
    until_quiet(&stack);
    stack.write("main.tf", with_image("web:3"));
    ask(&stack, "live", "plan").succeeds().says("both changed image of container web").says("No changes.");
    ask(&stack, "stack", "plan").succeeds().says("web: revision 2 -> (known after apply)");
    ask(&stack, "mine", "plan").ends_with(1).says("Invalid answer").says("give stack");
    ask(&stack, "", "plan -input=false").ends_with(1).says("Conflicting changes of a task definition");
}

#[test]
fn a_stack_file_that_caught_up_with_the_pipeline_changes_nothing() {
    let stack = service();
    pipeline_deploys(&stack, "web:7");
    until_quiet(&stack);
    stack.write("main.tf", with_image("web:7"));
    stack.assert_nothing_to_do();
    stack.apply().succeeds();
    // From now on that is what the pipeline changes.
    pipeline_deploys(&stack, "web:8");
    until_quiet(&stack);
    stack.plan().ends_with(0).says("image of container web kept: :8, set by a pipeline (revision 3)");
}

#[test]
fn our_own_revision_is_deployed_again_when_it_is_decided_for() {
    let stack = service();
    pipeline_deploys(&stack, "web:7");
    until_quiet(&stack);
    stack.write("main.tf", with_image("web:3"));
    stack.with_flags(&["apply", "-auto-approve", "-take=live"]).succeeds();
    // Back to what our own revision says.
    stack.write("main.tf", with_image("web:1"));
    stack.with_flags(&["apply", "-auto-approve", "-take=stack"]).succeeds();
    stack.plan().ends_with(0).says("revision 1, by CodeDeploy");
}

#[test]
fn what_a_pipeline_changed_is_kept_beside_the_usual_ignore_changes() {
    let stack = service();
    let ignoring = |text: String| {
        text.replace(
            "  container_definitions = jsonencode",
            "  lifecycle {\n    ignore_changes = [container_definitions]\n  }\n  container_definitions = jsonencode",
        )
    };
    let main = |filled: &Filled| ignoring(text(filled));
    let service_ignores = "  lifecycle {\n    ignore_changes = [task_definition, load_balancer]\n  }";
    stack.write("main.tf", main(&Filled { service: service_ignores, ..PLAIN }));
    stack.assert_nothing_to_do();
    pipeline_deploys(&stack, "web:7");
    until_quiet(&stack);
    stack.write("main.tf", main(&Filled { service: service_ignores, image: "web:3", ..PLAIN }));
    stack.plan().ends_with(0).says("image of container web kept");
    // Whoever deploys it: a new revision has the image that runs.
    stack.write("main.tf", ignoring(bigger("web:3")));
    stack.apply().succeeds();
    assert_eq!(image(&stack, 3), "web:7");
    assert_eq!(revision(&stack, 3)["cpu"], "512");
    stack.assert_nothing_to_do();
}

#[test]
fn a_pipeline_that_deploys_through_ecs_is_no_drift() {
    let rolling = |image: &str| {
        let text = by_ecs(image, "ROLLING");
        let start = text.find("    advanced_configuration {").unwrap();
        let end = start + text[start..].find("    }\n").unwrap() + "    }\n".len();
        let text = format!("{}{}", &text[..start], &text[end..]);
        text.replace("    bake_time_in_minutes = \"5\"\n", "")
    };
    let stack = stack().aws().file("main.tf", rolling("web:1"));
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
    let pipeline = json!({ "cluster": "main", "service": "web", "image": "web:7" });
    stack.emulator().pipeline(&pipeline);
    stack.plan().ends_with(0).says("image of container web kept: :7, set by a pipeline (revision 2)");
    stack.write(
        "main.tf",
        rolling("web:1").replace("= \"256\"", "= \"512\"").replace("\"512\"\n  container", "\"1024\"\n  container"),
    );
    stack.apply().succeeds();
    assert_eq!(image(&stack, 3), "web:7");
    stack.plan().ends_with(0).says("image of container web kept: :7, set by a pipeline before");
    stack.write("main.tf", rolling("web:9"));
    stack.plan().ends_with(1).says("Conflicting changes of a task definition");
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

#[test]
fn a_revision_that_goes_live_after_the_plan_is_not_overrun() {
    let stack = service();
    stack.write("main.tf", bigger("web:1"));
    with(&stack, &["-out=plan"]).ends_with(2);
    pipeline_deploys(&stack, "web:7");
    until_quiet(&stack);
    stack.run(&["apply", "plan"]).ends_with(1).says("Another revision went live").says("runs revision 2 now");
    stack.apply().succeeds();
    assert_eq!(image(&stack, 4), "web:7");
    assert_eq!(revision(&stack, 4)["cpu"], "512");
    stack.assert_nothing_to_do();
}

#[test]
fn secrets_are_not_told_in_a_conflict() {
    let secret = |value: &str| {
        with_image("web:1").replace(
            "image = \"web:1\",",
            &format!("image = \"web:1\", environment = [{{ name = \"KEY\", value = sensitive(\"{value}\") }}],"),
        )
    };
    let stack = service();
    stack.write("main.tf", secret("first-secret"));
    stack.apply().succeeds();
    let pipeline = json!({ "cluster": "main", "service": "web", "image": "web:7" });
    stack.emulator().pipeline(&pipeline);
    until_quiet(&stack);
    stack.plan().ends_with(0).says("image of container web kept as set by a pipeline (revision 3)");
    stack.write("main.tf", secret("second-secret").replace("web:1", "web:2"));
    let plan = stack.plan();
    assert!(!plan.raw().contains("-secret"), "{}", plan.raw());
    plan.ends_with(1).says("It was (sensitive); the stack file says (sensitive) now");
}

#[test]
fn going_back_after_a_failed_rollout_is_only_a_cleanup() {
    let stack = service();
    stack.emulator().clock(r#"{"per_poll": 300}"#);
    stack.emulator().images(r#"{"web:bad": {"problem": "missing"}}"#);
    stack.write("main.tf", with_image("web:bad"));
    stack.apply().ends_with(1).says("The deployment failed");
    stack.plan().ends_with(2).says("web: revision 1 -> 2 through CodeDeploy");
    stack.write("main.tf", with_image("web:1"));
    stack.plan().ends_with(2).says("0 to add, 0 to change, 1 to destroy").says("web: blue 100 %, revision 1");
    stack.apply().succeeds();
    stack.plan().ends_with(0).says("revision 1, by CodeDeploy");
    assert_eq!(revision(&stack, 1)["status"], "ACTIVE");
    assert_eq!(revision(&stack, 2)["status"], "INACTIVE");
    assert_eq!(attribute(&stack, "aws_ecs_task_definition", "revision"), 1);
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

#[test]
fn a_rollback_counts_for_the_next_change() {
    let stack = service();
    stack.write("main.tf", with_image("web:2"));
    stack.apply().succeeds();
    until_quiet(&stack);
    stack.run(&["deploy", "web", "-rollback", "-wait=finished"]).succeeds();
    let kept = "image of container web kept: :1, set by going back to revision 1";
    stack.plan().ends_with(0).says(kept);
    // What changes beside it comes on top of what runs.
    stack.write("main.tf", bigger("web:2"));
    with(&stack, &["-out=plan"]).ends_with(2).says(kept).says("web: revision 1 -> (known after apply)");
    stack.run(&["apply", "plan"]).succeeds();
    assert_eq!((image(&stack, 3), revision(&stack, 3)["cpu"].clone()), ("web:1".into(), "512".into()));
    stack.assert_nothing_to_do();
    until_quiet(&stack);
    // A new image is what the person wants now.
    stack.write("main.tf", bigger("web:3"));
    stack.plan().ends_with(1).says("Conflicting changes of a task definition");
}

#[test]
fn after_a_rollback_the_stack_file_goes_on() {
    let stack = service();
    stack.write("main.tf", with_image("web:2"));
    stack.apply().succeeds();
    until_quiet(&stack);
    stack.run(&["deploy", "web", "-rollback", "-wait=finished"]).succeeds();
    // What was taken back comes again where that is said.
    with(&stack, &["-take=stack"]).ends_with(2).says("web: revision 1 -> 2 through CodeDeploy");
    stack.emulator().images(r#"{"web:bad": {"problem": "missing"}}"#);
    stack.emulator().clock(r#"{"per_poll": 300}"#);
    stack.write("main.tf", with_image("web:bad"));
    stack.apply().ends_with(1).says("The deployment failed");
    // What failed is still wanted: nobody went back since.
    stack.plan().ends_with(2).says("web: revision 1 -> 3 through CodeDeploy");
    stack.write("main.tf", with_image("web:3"));
    stack.apply().succeeds();
    assert_eq!(image(&stack, 4), "web:3");
    stack.assert_nothing_to_do();
}

#[test]
fn the_newest_revision_may_be_followed() {
    let tracking = |text: String| {
        text.replace("  family                   = \"web\"\n", "  family = \"web\"\n  track_latest = true\n")
    };
    let stack = service();
    stack.write("main.tf", tracking(with_image("web:1")));
    stack.apply().succeeds();
    pipeline_deploys(&stack, "web:7");
    until_quiet(&stack);
    let kept = "image of container web kept: :7, set by a pipeline before";
    stack.plan().ends_with(0).says(kept);
    // The state has the new revision then, and still knows what was configured.
    stack.with_flags(&["apply", "-auto-approve", "-refresh-only"]).succeeds();
    stack.plan().ends_with(0).says(kept);
    stack.apply().succeeds().says(kept);
    stack.assert_nothing_to_do();
    stack.write("main.tf", tracking(bigger("web:1")));
    stack.apply().succeeds();
    assert_eq!((image(&stack, 3), revision(&stack, 3)["cpu"].clone()), ("web:7".into(), "512".into()));
    stack.assert_nothing_to_do();
}

#[test]
fn a_pipeline_after_a_failed_deployment_takes_nothing_of_the_stack_file_away() {
    let stack = service();
    stack.emulator().clock(r#"{"per_poll": 300}"#);
    stack.emulator().images(r#"{"web:1": {"problem": "missing"}}"#);
    // The revision that fails has more memory, too.
    stack.write("main.tf", bigger("web:1"));
    stack.apply().ends_with(1).says("The deployment failed");
    // The pipeline knows the one that runs.
    pipeline_deploys(&stack, "web:7");
    until_quiet(&stack);
    stack.apply().succeeds();
    assert_eq!((image(&stack, 4), revision(&stack, 4)["cpu"].clone()), ("web:7".into(), "512".into()));
    stack.assert_nothing_to_do();
}

#[test]
fn decisions_name_a_task_definition_and_machines_are_told_what_is_kept() {
    let stack = service();
    pipeline_deploys(&stack, "web:7");
    until_quiet(&stack);
    let lines = stack.run(&["plan", "-json"]).succeeds();
    let log = lines.out.lines().find(|line| line.contains("kept: ")).expect("a line about what is kept");
    let log: Json = serde_json::from_str(log).unwrap();
    assert_eq!(log["type"], "log");
    assert_eq!(log["@message"], "image of container web kept: :7, set by a pipeline (revision 2)");
    stack.write("main.tf", with_image("web:3"));
    let of = |take: &str| with(&stack, &[take]);
    of("-take=aws_ecs_task_definition.web:web.image=live").ends_with(0).says("kept");
    of("-take=aws_ecs_task_definition.web=stack").ends_with(2).says("web: revision 2 -> ");
    of("-take=aws_ecs_task_definition.other=live").ends_with(1).says("Unknown task definition");
    of("-take=aws_ecs_service.web:web.image=live").ends_with(1).says("give the address of a task definition");
}

#[test]
fn what_ecs_fills_in_is_not_shown_as_a_change() {
    let stack = service();
    let revision = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:1";
    stack.run(&["state", "rm", "aws_ecs_task_definition.web"]).succeeds();
    stack.run(&["import", "aws_ecs_task_definition.web", revision]).succeeds();
    stack.write("main.tf", with_image("web:2"));
    let plan = stack.plan().ends_with(2).says("~ image");
    ["hostPort", "essential", "protocol", "cpu  "].iter().fold(plan, |plan, name| plan.never_says(name));
}
