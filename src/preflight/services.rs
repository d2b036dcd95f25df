//! ECS services of the stack, with their task definitions and containers.

use serde_json::Value as Json;

use super::stack::{Object, Place, Stack};
use crate::plan::imagine::is_made_up;

/// A container of a task definition.
#[derive(Clone, Debug)]
pub(super) struct Container(Json);

/// The containers of a task definition; `None` while they cannot be read.
pub(super) fn containers(task: &Object<'_>) -> Option<Vec<Container>> {
    let all: Vec<Json> = serde_json::from_str(task.attr("container_definitions").text()?).ok()?;
    Some(all.into_iter().map(Container).collect())
}

/// The task definition of the stack that a service runs.
pub(super) fn task_of<'s, 'a>(stack: &'s Stack<'a>, service: &Object<'_>) -> Option<&'s Object<'a>> {
    let by = ["arn", "arn_without_revision", "id", "family"];
    stack.named(&service.attr("task_definition"), "aws_ecs_task_definition", &by)
}

/// Services with the task definition and its containers, where those are of the stack and can be read.
pub(super) fn running<'s, 'a>(
    stack: &'s Stack<'a>,
) -> impl Iterator<Item = (&'s Object<'a>, &'s Object<'a>, Vec<Container>)> {
    stack.all("aws_ecs_service").iter().filter_map(|service| {
        let task = task_of(stack, service)?;
        Some((service, task, containers(task)?))
    })
}

/// The target group of the stack that a value names by ARN.
pub(super) fn target_group<'s, 'a>(stack: &'s Stack<'a>, arn: &Place<'_>) -> Option<&'s Object<'a>> {
    stack.named(arn, "aws_lb_target_group", &["arn", "id"])
}

/// The controller that deploys a service: `ECS`, `CODE_DEPLOY` or `EXTERNAL`.
pub(super) fn controller<'a>(service: &Object<'a>) -> &'a str {
    service.block("deployment_controller").attr("type").text().unwrap_or("ECS")
}

/// Whether a task definition or service runs on Fargate.
pub(super) fn is_fargate(service: &Object<'_>, task: Option<&Object<'_>>) -> bool {
    let by_providers = || {
        let all = service.items("capacity_provider_strategy");
        !all.is_empty()
            && all
                .iter()
                .all(|one| one.attr("capacity_provider").text().is_some_and(|name| name.starts_with("FARGATE")))
    };
    let asks =
        |task: &Object<'_>| task.items("requires_compatibilities").iter().any(|one| one.text() == Some("FARGATE"));
    service.attr("launch_type").text() == Some("FARGATE") || by_providers() || task.is_some_and(asks)
}

/// Whether a CodeDeploy group names a service; `None` when that cannot be told.
pub(super) fn names(stack: &Stack<'_>, group: &Object<'_>, service: &Object<'_>) -> Option<bool> {
    let meant = group.block("ecs_service");
    if meant.is_absent() {
        return (!group.attr("ecs_service").is_undecided()).then_some(false);
    }
    let (name, wanted) = (service.attr("name").text()?, meant.attr("service_name").text()?);
    if name != wanted {
        return (!is_made_up(name) && !is_made_up(wanted)).then_some(false);
    }
    if group.object().provider != service.object().provider {
        return Some(false);
    }
    match is_cluster(stack, service, &meant.attr("cluster_name")) {
        // The same name may be in use in another region.
        Some(true) => group.is_near(service).then_some(true),
        other => other,
    }
}

/// The service of the stack that a CodeDeploy group names.
pub(super) fn service_of<'s, 'a>(stack: &'s Stack<'a>, group: &Object<'_>) -> Option<&'s Object<'a>> {
    stack.all("aws_ecs_service").iter().find(|service| names(stack, group, service) == Some(true))
}

/// Whether a service runs in the cluster of this name; `None` when that cannot be told. A service names its cluster by
/// ARN or name.
fn is_cluster(stack: &Stack<'_>, service: &Object<'_>, name: &Place<'_>) -> Option<bool> {
    let of_service = service.attr("cluster");
    let by = ["arn", "id", "name"];
    let is_unclear = |one: &Place<'_>| stack.is_unclear(one, "aws_ecs_cluster", &by);
    let (of_service_text, text) = (of_service.text().unwrap_or("default"), name.text().unwrap_or("default"));
    let is_same = match stack.named(&of_service, "aws_ecs_cluster", &by) {
        Some(cluster) => by.iter().any(|one| cluster.attr(one).text() == Some(text)),
        None => of_service_text.rsplit('/').next() == text.rsplit('/').next(),
    };
    if is_same {
        return Some(true);
    }
    (!is_unclear(&of_service) && !is_unclear(name)).then_some(false)
}

/// Whether two values name the same load balancer, target group, or listener: the same text.
pub(super) fn is_same(a: &Place<'_>, b: &Place<'_>) -> bool {
    a.text().is_some() && a.text() == b.text()
}

/// Target groups that an action or default action forwards to.
pub(super) fn forwards_to<'a>(action: &Place<'a>) -> Vec<Place<'a>> {
    let single = action.attr("target_group_arn");
    let many = action.block("forward").items("target_group").into_iter().map(|group| group.attr("arn"));
    std::iter::once(single).chain(many).filter(|one| one.text().is_some()).collect()
}

/// Whether it can be told of every listener and rule of the stack which target groups it forwards to.
pub(super) fn forwards_are_clear(stack: &Stack<'_>) -> bool {
    let says = |arn: &Place<'_>| !stack.is_unclear(arn, "aws_lb_target_group", &["arn", "id"]);
    let action_says = |action: &Place<'_>| {
        let forward = action.block("forward");
        says(&action.attr("target_group_arn"))
            && !action.attr("forward").is_undecided()
            && !forward.attr("target_group").is_undecided()
            && forward.items("target_group").iter().all(|group| says(&group.attr("arn")))
    };
    let all = |type_name: &str, name: &str| {
        let mut objects = stack.all(type_name).iter();
        objects.all(|one| !one.attr(name).is_undecided() && one.items(name).iter().all(action_says))
    };
    stack.is_whole && all("aws_lb_listener", "default_action") && all("aws_lb_listener_rule", "action")
}

/// Target groups that a listener forwards to, by its default action or a rule.
pub(super) fn groups_behind<'a>(stack: &Stack<'a>, listener: &Object<'a>) -> Vec<Place<'a>> {
    let arn = listener.attr("arn");
    let rules = stack.that_name("aws_lb_listener_rule", "listener_arn", arn.text());
    let of_rules = rules.into_iter().flat_map(|rule| rule.items("action"));
    listener.items("default_action").into_iter().chain(of_rules).flat_map(|action| forwards_to(&action)).collect()
}

/// Whether a load balancer outside the stack, or by a rule outside, has the target group already; also when nobody can
/// tell, since nobody was asked.
pub(super) fn may_be_behind_others(stack: &Stack<'_>, group: &Object<'_>) -> bool {
    !stack.is_new(group) && (!stack.account.is_open() || !group.items("load_balancer_arns").is_empty())
}

/// The load balancer that a listener of the stack belongs to is of this kind, such as `network`; `None` when that cannot
/// be told.
pub(super) fn is_of_kind(stack: &Stack<'_>, listener: &Object<'_>, kind: &str) -> Option<bool> {
    let arn = listener.attr("load_balancer_arn");
    if let Some(balancer) = stack.named(&arn, "aws_lb", &["arn", "id"]) {
        return Some(balancer.attr("load_balancer_type").given()? == kind);
    }
    let short = match kind {
        "network" => ":loadbalancer/net/",
        _ => ":loadbalancer/app/",
    };
    if let Some(arn) = arn.given().filter(|arn| arn.contains(":loadbalancer/")) {
        return Some(arn.contains(short));
    }
    match listener.attr("protocol").given()? {
        "HTTP" | "HTTPS" => Some(kind == "application"),
        "TCP" | "TLS" | "UDP" | "TCP_UDP" | "QUIC" | "TCP_QUIC" => Some(kind == "network"),
        _ => None,
    }
}

/// A load balancer of the stack that sends traffic to a service.
#[derive(Debug)]
pub(super) struct Source<'a> {
    /// The load balancer.
    pub(super) balancer: Object<'a>,
    /// The target group.
    pub(super) group: Place<'a>,
    /// The port of the container.
    pub(super) port: i64,
}

/// Load balancers of the stack that send traffic to a service whose tasks have addresses of their own: others are reached
/// through ports of their instances.
pub(super) fn balancers_of<'a>(stack: &Stack<'a>, service: &Object<'a>) -> Vec<Source<'a>> {
    let mut all: Vec<Source<'a>> = Vec::new();
    if service.items("network_configuration").is_empty() {
        return all;
    }
    for block in service.items("load_balancer") {
        let (group, Some(port)) = (block.attr("target_group_arn"), block.attr("container_port").int()) else {
            continue;
        };
        for listener in stack.all("aws_lb_listener") {
            if !groups_behind(stack, listener).iter().any(|one| is_same(one, &group)) {
                continue;
            }
            let balancer = stack.named(&listener.attr("load_balancer_arn"), "aws_lb", &["arn", "id"]);
            let Some(balancer) = balancer else { continue };
            if !all.iter().any(|one| one.balancer == *balancer && one.port == port && one.group == group) {
                all.push(Source { balancer: balancer.clone(), group: group.clone(), port });
            }
        }
    }
    all
}

/// Names of the two target groups that a CodeDeploy group moves traffic between.
pub(super) fn pair_of<'a>(group: &Object<'a>) -> Vec<Place<'a>> {
    let info = group.block("load_balancer_info").block("target_group_pair_info");
    info.items("target_group").into_iter().map(|one| one.attr("name")).collect()
}

/// Pairs of target groups of the stack, each with what moves traffic between them.
pub(super) fn pairs<'a>(stack: &Stack<'a>) -> Vec<(Object<'a>, Object<'a>, Object<'a>)> {
    let by_group = stack.all("aws_codedeploy_deployment_group").iter().filter_map(|group| {
        let pair = pair_of(group);
        let find = |at: usize| stack.named(pair.get(at)?, "aws_lb_target_group", &["name"]).cloned();
        Some((group.clone(), find(0)?, find(1)?))
    });
    let by_service = stack.all("aws_ecs_service").iter().flat_map(|service| {
        service.items("load_balancer").into_iter().filter_map(|block| {
            let other = block.block("advanced_configuration").attr("alternate_target_group_arn");
            let find = |arn: &Place<'_>| target_group(stack, arn).cloned();
            Some((service.clone(), find(&block.attr("target_group_arn"))?, find(&other)?))
        })
    });
    by_group.chain(by_service).filter(|(_, blue, green)| blue != green).collect()
}

impl Container {
    /// Its name.
    pub(super) fn name(&self) -> &str {
        self.0["name"].as_str().unwrap_or("without a name")
    }

    /// Its image; may be made up in part.
    pub(super) fn image(&self) -> Option<&str> {
        self.0["image"].as_str()
    }

    /// Whether all its ports can be told one by one: it publishes no range.
    pub(super) fn has_plain_ports(&self) -> bool {
        let mut mappings = self.0["portMappings"].as_array().into_iter().flatten();
        mappings.all(|one| one["containerPortRange"].is_null() && number(&one["containerPort"]).is_some())
    }

    /// Ports it publishes: the container's and the host's.
    pub(super) fn ports(&self) -> Vec<(i64, Option<i64>)> {
        let mappings = self.0["portMappings"].as_array().into_iter().flatten();
        mappings.filter_map(|one| Some((number(&one["containerPort"])?, number(&one["hostPort"])))).collect()
    }

    /// Where its secrets come from.
    pub(super) fn secrets(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.0["secrets"].as_array().into_iter().flatten();
        all.filter_map(|one| Some((one["name"].as_str()?, one["valueFrom"].as_str()?)))
    }

    /// An option of its log driver, when that is `awslogs`.
    pub(super) fn log_option(&self, name: &str) -> Option<&str> {
        let logs = &self.0["logConfiguration"];
        (logs["logDriver"] == "awslogs").then(|| logs["options"][name].as_str()).flatten()
    }

    /// Seconds that its own health check gives it to start.
    pub(super) fn start_period(&self) -> i64 {
        self.0["healthCheck"]["startPeriod"].as_i64().unwrap_or(0)
    }
}

/// A whole number, also one that is written as text.
fn number(value: &Json) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// Whether an image certainly comes from a private repository of ECR.
pub(super) fn is_private(image: &str) -> bool {
    let is_of_registry = |host: &str| host.contains(".dkr.ecr.") || host.contains(".dkr-ecr.");
    image.contains("aws_ecr_repository.") || image.split('/').next().is_some_and(is_of_registry)
}

/// An image's repository and tag; no tag where there is a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Image<'a> {
    pub(super) repository: &'a str,
    pub(super) tag: Option<&'a str>,
    pub(super) has_digest: bool,
}

/// Takes an image reference apart. A colon in front of the last slash belongs to a port, and a made-up text has one.
pub(super) fn image(text: &str) -> Image<'_> {
    let (name, digest) = text.split_once('@').map_or((text, None), |(name, digest)| (name, Some(digest)));
    let from = name.rfind('/').map_or(0, |at| at + 1);
    let from = if is_made_up(&name[from..]) { from + name[from..].find(':').map_or(0, |at| at + 1) } else { from };
    let (repository, tag) =
        name[from..].rfind(':').map_or((name, None), |at| (&name[..from + at], Some(&name[from + at + 1..])));
    Image { repository, tag, has_digest: digest.is_some() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_taken_apart() {
        let parts = |text| {
            let Image { repository, tag, has_digest } = image(text);
            (repository, tag, has_digest)
        };
        assert_eq!(parts("nginx"), ("nginx", None, false));
        assert_eq!(parts("host:5000/a/b:1"), ("host:5000/a/b", Some("1"), false));
        assert_eq!(parts("host:5000/a/b"), ("host:5000/a/b", None, false));
        assert_eq!(parts("a/b:1@sha256:00"), ("a/b", Some("1"), true));
        assert_eq!(
            parts("glaz:aws_ecr_repository.a.repository_url:dev"),
            ("glaz:aws_ecr_repository.a.repository_url", Some("dev"), false)
        );
        assert_eq!(
            parts("glaz:aws_ecr_repository.a.repository_url"),
            ("glaz:aws_ecr_repository.a.repository_url", None, false)
        );
    }
}
