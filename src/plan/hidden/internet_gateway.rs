//! Load balancers for the internet and public NAT gateways come after the internet gateway of their network: AWS refuses
//! them without one ("has no internet gateway"), and refuses to detach it while they have public addresses.

use super::Rule;
use super::objects::{Edges, Objects};

pub(super) const RULE: Rule = Rule { later: &["aws_lb", "aws_nat_gateway"], why: "way to the internet", find };

fn find(objects: &Objects<'_>, edges: &mut Edges) {
    let gateways = objects.by("aws_internet_gateway", &[&["vpc_id"]]);
    let attachments = objects.by("aws_internet_gateway_attachment", &[&["vpc_id"]]);
    let subnets = objects.by("aws_subnet", &[&["id"]]);
    let paths: &[&[&str]] = &[&["subnets"], &["subnet_mapping", "subnet_id"], &["subnet_id"]];
    let balancers = objects.all("aws_lb").iter().filter(|one| !is(one.value, "internal"));
    let nats = objects.all("aws_nat_gateway").iter().filter(|one| one.text(&["connectivity_type"]) != Some("private"));
    for one in balancers.chain(nats) {
        let inside = paths.iter().flat_map(|path| one.texts(path)).filter_map(|id| subnets.get(id)).flatten();
        let networks: Vec<&str> = inside.filter_map(|subnet| subnet.text(&["vpc_id"])).collect();
        edges.after(*one, networks.iter().copied(), &gateways);
        edges.after(*one, networks, &attachments);
    }
}

fn is(value: &crate::value::Value, name: &str) -> bool {
    value.get(name).and_then(crate::value::Value::as_bool) == Some(true)
}
