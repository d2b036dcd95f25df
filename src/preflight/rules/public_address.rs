use crate::preflight::network::{WayOut, way_out};
use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::{is_fargate, task_of};
use crate::preflight::stack::Stack;

rule! {
    /// In a subnet whose default route is an internet gateway, only what has a public address reaches the internet. A
    /// task on Fargate without one cannot pull its image: it stops with `CannotPullContainerError` after minutes.
    ///
    /// A finding is a warning: VPC endpoints for ECR, S3 and CloudWatch Logs will do as well, and may have been made
    /// elsewhere.
    ///
    /// Set `assign_public_ip = true`, or run the tasks in subnets behind a NAT gateway.
    "K05" "public-address" "Task without a public address in a public subnet" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    for service in stack.all("aws_ecs_service") {
        let network = service.block("network_configuration");
        let address = network.attr("assign_public_ip");
        let gets_none = address.is_absent() || address.truth() == Some(false);
        if network.is_absent() || !gets_none || !is_fargate(service, task_of(stack, service)) {
            continue;
        }
        let subnets = network.items("subnets");
        let public = subnets.iter().filter_map(|id| stack.named(id, "aws_subnet", &["id"]));
        if let Some(subnet) = public.into_iter().find(|subnet| way_out(stack, subnet) == WayOut::Internet) {
            let text = format!(
                "{subnet} leads to the internet through an internet gateway, which only public addresses can use, and tasks of {service} get none. Set `assign_public_ip = true`, or use subnets behind a NAT gateway. Only with VPC endpoints for ECR, S3 and CloudWatch Logs it works without."
            );
            found.warning(&address, text);
        }
    }
}
