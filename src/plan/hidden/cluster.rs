//! A service comes after the capacity providers of its cluster: one that names them, or leaves the choice to the cluster,
//! is refused without them, and they cannot be taken from a cluster while a service uses them.

use super::Rule;
use super::objects::{Edges, Objects};

pub(super) const RULE: Rule = Rule { later: &["aws_ecs_service"], why: "capacity of its cluster", find };

fn find(objects: &Objects<'_>, edges: &mut Edges) {
    let clusters = objects.by("aws_ecs_cluster", &[&["arn"], &["id"], &["name"]]);
    let providers = objects.by("aws_ecs_cluster_capacity_providers", &[&["cluster_name"]]);
    for service in objects.all("aws_ecs_service") {
        let Some(cluster) = service.text(&["cluster"]) else { continue };
        edges.after(*service, [cluster, cluster.rsplit('/').next().unwrap_or(cluster)], &providers);
        for cluster in clusters.get(cluster).into_iter().flatten() {
            edges.after(*service, [["arn"], ["id"], ["name"]].iter().filter_map(|path| cluster.text(path)), &providers);
        }
    }
}
