use ipnet::IpNet;

use crate::preflight::rule::{Findings, rule};
use crate::preflight::stack::{Place, Stack};

rule! {
    /// Subnets of a VPC must lie inside its address ranges and may not overlap: AWS refuses the second one with
    /// `InvalidSubnet.Conflict`, in the middle of the run.
    ///
    /// Cut the ranges from that of the VPC, best with `cidrsubnet`: `cidrsubnet("10.0.0.0/16", 8, 1)` is `10.0.1.0/24`.
    "K33" "overlapping-ranges" "Address ranges overlap" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    let subnets: Vec<(&Place<'_>, Place<'_>, IpNet)> = stack
        .all("aws_subnet")
        .iter()
        .filter_map(|subnet| {
            let at = subnet.attr("cidr_block");
            let range = at.given()?.parse().ok()?;
            Some((subnet, at, range))
        })
        .collect();
    for (index, (subnet, at, range)) in subnets.iter().enumerate() {
        let vpc = subnet.attr("vpc_id");
        let overlap = subnets[..index].iter().find(|(other, _, have)| {
            let is_same_vpc = vpc.text().is_some() && other.attr("vpc_id").text() == vpc.text();
            is_same_vpc && (have.contains(range) || range.contains(have))
        });
        if let Some((other, _, have)) = overlap {
            found.error(at, format!("{subnet} ({range}) overlaps {other} ({have}). Choose a range of its own."));
        }
        let Some(vpc) = stack.named(&vpc, "aws_vpc", &["id"]) else { continue };
        let whole = vpc.attr("cidr_block").given().and_then(|whole| whole.parse::<IpNet>().ok());
        // A VPC that exists may have got a second range by hand or from another stack.
        let is_certain = stack.is_new(vpc);
        if let Some(whole) = whole.filter(|whole| !whole.contains(range) && (is_certain || !stack.account.is_open())) {
            found.judge(is_certain, at, format!("{subnet} ({range}) lies outside the range of its VPC, {whole}. Choose a range inside it."));
        }
    }
}
