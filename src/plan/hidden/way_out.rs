//! A service comes after the routes of its subnets and the rules of its security groups: without them tasks cannot pull
//! their image, and load balancers cannot reach them. A rule that goes first leaves the tasks that still drain alone.

use std::collections::BTreeSet;

use super::Rule;
use super::objects::{Edges, Objects};

pub(super) const RULE: Rule = Rule { later: &["aws_ecs_service"], why: "opens its network", find };

fn find(objects: &Objects<'_>, edges: &mut Edges) {
    let associations = objects.by("aws_route_table_association", &[&["subnet_id"]]);
    let routes = objects.by("aws_route", &[&["route_table_id"]]);
    let rules =
        ["aws_security_group_rule", "aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"]
            .map(|type_name| objects.by(type_name, &[&["security_group_id"]]));
    for service in objects.all("aws_ecs_service") {
        let subnets: BTreeSet<&str> = service.texts(&["network_configuration", "subnets"]).into_iter().collect();
        for subnet in subnets {
            for association in associations.get(subnet).into_iter().flatten() {
                edges.add(*service, *association);
                edges.after(*service, association.text(&["route_table_id"]), &routes);
            }
        }
        for rules in &rules {
            edges.after(*service, service.texts(&["network_configuration", "security_groups"]), rules);
        }
    }
}
