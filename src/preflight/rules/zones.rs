use std::collections::BTreeSet;

use crate::preflight::rule::{Findings, rule};
use crate::preflight::stack::Stack;

rule! {
    /// An application load balancer needs subnets in two availability zones at least, and only one in each: "At least
    /// two subnets in two different Availability Zones must be specified", "A load balancer cannot be attached to
    /// multiple subnets in the same Availability Zone".
    ///
    /// Give it one subnet in each of two or more zones.
    "K31" "zones" "Subnets of the load balancer share a zone" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    for balancer in stack.all("aws_lb") {
        let at = balancer.attr("subnets");
        let subnets: Option<Vec<_>> =
            balancer.items("subnets").iter().map(|id| stack.named(id, "aws_subnet", &["id"])).collect();
        let Some(subnets) = subnets.filter(|subnets| subnets.len() > 1) else { continue };
        let zones: Option<Vec<&str>> = subnets.iter().map(|subnet| subnet.attr("availability_zone").given()).collect();
        let Some(zones) = zones else { continue };
        let mut seen = BTreeSet::new();
        if let Some(twice) = zones.iter().find(|zone| !seen.insert(**zone)) {
            found.error(&at, format!("{balancer} has two subnets in {twice}. A load balancer takes one in each zone: name subnets of different zones."));
        }
    }
}
