//! A deployment group comes after what it names without referring to it: its application, its service and its target
//! groups must exist. It goes before the service, or a deployment could still start.

use super::Rule;
use super::objects::{Edges, Objects};

pub(super) const RULE: Rule = Rule { later: &["aws_codedeploy_deployment_group"], why: "named by it", find };

fn find(objects: &Objects<'_>, edges: &mut Edges) {
    let apps = objects.by("aws_codedeploy_app", &[&["name"]]);
    let services = objects.by("aws_ecs_service", &[&["name"]]);
    let groups = objects.by("aws_lb_target_group", &[&["name"]]);
    for group in objects.all("aws_codedeploy_deployment_group") {
        edges.after(*group, group.text(&["app_name"]), &apps);
        let pair = ["load_balancer_info", "target_group_pair_info", "target_group", "name"];
        edges.after(*group, group.texts(&pair), &groups);
        let cluster = group.text(&["ecs_service", "cluster_name"]).unwrap_or("default");
        let named = group.text(&["ecs_service", "service_name"]).and_then(|name| services.get(name));
        for service in named.into_iter().flatten() {
            // A made-up name says which object it is of, not which cluster.
            let of_service = service.text(&["cluster"]).unwrap_or("default").rsplit('/').next();
            let is_told = of_service.is_some_and(|name| !name.contains(':')) && !cluster.contains(':');
            if !is_told || of_service == Some(cluster) {
                edges.add(*group, *service);
            }
        }
    }
}
