use crate::diagnostic::shell_word;
use crate::preflight::rule::{Findings, rule};
use crate::preflight::stack::{Object, Place, Stack};

rule! {
    /// A load balancer or service stays in the VPC that it was made in: AWS refuses subnets of another one. When the VPC is
    /// made anew, for another address range or under another name, the new subnets are no change in place. Such a run
    /// would fail half-way, since what stays keeps the old subnets in use.
    ///
    /// Make it anew as well, with `-replace=ADDRESS`, or keep the VPC.
    "K47" "other-network" "Load balancer or service moves to another VPC" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    for balancer in stack.all("aws_lb") {
        let mapped = balancer.items("subnet_mapping").into_iter().map(|one| one.attr("subnet_id"));
        look_at(stack, balancer, balancer.items("subnets").into_iter().chain(mapped), found);
    }
    for service in stack.all("aws_ecs_service") {
        look_at(stack, service, service.block("network_configuration").items("subnets").into_iter(), found);
    }
}

fn look_at<'a>(
    stack: &Stack<'a>,
    object: &Object<'a>,
    mut subnets: impl Iterator<Item = Place<'a>>,
    found: &mut Findings,
) {
    if !object.object().exists || stack.is_new(object) {
        return;
    }
    let made_with = |subnet: &Place<'a>| {
        let subnet = stack.named(subnet, "aws_subnet", &["id"])?;
        stack.named(&subnet.attr("vpc_id"), "aws_vpc", &["id"]).filter(|vpc| stack.is_new(vpc))
    };
    let Some((place, vpc)) = subnets.find_map(|subnet| made_with(&subnet).map(|vpc| (subnet, vpc))) else { return };
    found.error(&place, format!("{object} stays in its VPC, and its subnets are to be in {vpc}, which this run makes. Make {object} anew as well: plan with -replace={}.", shell_word(&object.to_string())));
}
