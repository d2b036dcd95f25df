use crate::preflight::rule::{Findings, rule};
use crate::preflight::stack::Stack;

rule! {
    /// A deployment of CodeDeploy is over when the old tasks are gone, which `termination_wait_time_in_minutes` delays, and
    /// a group takes one deployment at a time. So a pipeline's run stays in its deploy action all that time. In the
    /// execution mode `SUPERSEDED`, which is the default, runs that come meanwhile wait, and the latest takes the place of
    /// the others: pushes get lost on their way. In the mode `PARALLEL` they fail with `DeploymentLimitExceededException`.
    ///
    /// Wait for 30 minutes at the most, or let the pipeline queue its runs (`QUEUED`, in pipelines of type V2). The account
    /// is asked for pipelines that deploy through the group (`codepipeline:ListPipelines`, `codepipeline:GetPipeline`), for
    /// 300 of a region at the most; without, the rule is silent.
    /// A plan speaks of it only when it changes the group or brings out its service; `glaz check` always does.
    "K41" "termination-wait" "Deployments stay open for long" check
}

/// Minutes for which a pipeline may stand still.
const LONG: i64 = 30;

fn check(stack: &Stack<'_>, found: &mut Findings) {
    for group in stack.all("aws_codedeploy_deployment_group") {
        let ends = group.block("blue_green_deployment_config").block("terminate_blue_instances_on_deployment_success");
        let at = ends.attr("termination_wait_time_in_minutes");
        let Some(minutes) = at.int().filter(|minutes| *minutes > LONG) else { continue };
        let (app, name) = (group.attr("app_name"), group.attr("deployment_group_name"));
        let (Some(app), Some(name), Some("TERMINATE")) = (app.given(), name.given(), ends.attr("action").text()) else { continue };
        let service = stack.named(&group.block("ecs_service").attr("service_name"), "aws_ecs_service", &["name"]);
        if !stack.is_of_interest(group) && !service.is_some_and(|service| stack.is_of_interest(service)) {
            continue;
        }
        for pipeline in stack.account.pipelines(group) {
            let deploys = pipeline.groups.iter().any(|(of, one)| of == app && one == name);
            let meanwhile = match pipeline.mode.as_str() {
                _ if !deploys => continue,
                "SUPERSEDED" => "runs that come meanwhile wait, and all but the latest are dropped (SUPERSEDED)",
                "PARALLEL" => "runs that come meanwhile fail, since the group takes one deployment at a time (PARALLEL)",
                _ => continue,
            };
            let text = format!(
                "Each deployment through {group} stays open for {minutes} minutes after its traffic was moved. Pipeline \"{}\" stands still as long, and {meanwhile}. Wait for {LONG} minutes at the most, or set the pipeline's execution mode to QUEUED.",
                pipeline.name
            );
            found.warning(&at, text);
        }
    }
}
