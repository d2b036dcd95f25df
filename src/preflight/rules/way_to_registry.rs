use crate::preflight::network::{WayOut, way_out};
use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::{is_fargate, task_of};
use crate::preflight::stack::Stack;

rule! {
    /// A task pulls its image, its secrets and its log stream over the network. In a subnet without a way to the
    /// internet and without VPC endpoints it stops with `CannotPullContainerError` or `ResourceInitializationError:
    /// unable to pull secrets or registry auth`.
    ///
    /// Give the subnet a route to a NAT gateway, or the VPC endpoints for `ecr.api`, `ecr.dkr`, `logs` and a gateway
    /// endpoint for S3. A finding is a warning, since endpoints may have been made elsewhere.
    "K04" "way-to-registry" "Subnet without a way to the registry" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    for service in stack.all("aws_ecs_service") {
        let network = service.block("network_configuration");
        // On instances the agent pulls, through the network of its instance.
        if !is_fargate(service, task_of(stack, service)) {
            continue;
        }
        for id in network.items("subnets") {
            let Some(subnet) = stack.named(&id, "aws_subnet", &["id"]) else { continue };
            if way_out(stack, subnet) == WayOut::None {
                let text = format!(
                    "Tasks of {service} run in {subnet}, whose route table leads nowhere outside. Without VPC endpoints for ECR, S3 and CloudWatch Logs they cannot pull their image. Add a route for 0.0.0.0/0 to a NAT gateway, or the endpoints."
                );
                found.warning(&network.attr("subnets"), text);
            }
        }
    }
}
