use crate::preflight::lookups::Endpoint;
use crate::preflight::network::{WayOut, table_of, way_out};
use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::{is_fargate, task_of};
use crate::preflight::stack::{Object, Stack};

rule! {
    /// A task pulls its image, its secrets and its log stream over the network. In a subnet without a way to the
    /// internet and without VPC endpoints it stops with `CannotPullContainerError` or `ResourceInitializationError:
    /// unable to pull secrets or registry auth`.
    ///
    /// Give the subnet a route to a NAT gateway, or the VPC endpoints for `ecr.api`, `ecr.dkr`, `logs` and a gateway
    /// endpoint for S3 in its route table. The account is asked for the endpoints of the network
    /// (`ec2:DescribeVpcEndpoints`), also for those that were made elsewhere. A finding is a warning, since they may be made
    /// before the tasks start.
    "K04" "way-to-registry" "Subnet without a way to the registry" check
}

/// What endpoints must lead to: the registry, where its layers are kept, and where logs go.
const NEEDED: [&str; 4] = ["ecr.api", "ecr.dkr", "s3", "logs"];

fn check(stack: &Stack<'_>, found: &mut Findings) {
    for service in stack.all("aws_ecs_service") {
        let network = service.block("network_configuration");
        // On instances the agent pulls, through the network of its instance.
        if !is_fargate(service, task_of(stack, service)) {
            continue;
        }
        for id in network.items("subnets") {
            let Some(subnet) = stack.named(&id, "aws_subnet", &["id"]) else { continue };
            if way_out(stack, subnet) != WayOut::None {
                continue;
            }
            let lacking = lacking(stack, subnet);
            if lacking.is_empty() {
                continue;
            }
            let endpoints = if lacking.len() == NEEDED.len() {
                "Without VPC endpoints for ECR, S3 and CloudWatch Logs they".to_owned()
            } else {
                format!("Its network has VPC endpoints, and lacks {} for this subnet. They", lacking.join(", "))
            };
            let text = format!(
                "Tasks of {service} run in {subnet}, whose route table leads nowhere outside. {endpoints} cannot pull their image. Add a route for 0.0.0.0/0 to a NAT gateway, or the endpoints."
            );
            found.warning(&network.attr("subnets"), text);
        }
    }
}

/// What no endpoint leads to from a subnet.
fn lacking(stack: &Stack<'_>, subnet: &Object<'_>) -> Vec<&'static str> {
    let endpoints = stack.account.endpoints(subnet, &subnet.attr("vpc_id")).unwrap_or_default();
    let table = table_of(stack, subnet).and_then(|table| table.attr("id").text());
    let serves = |one: &Endpoint| one.tables.as_ref().is_none_or(|all| table.is_none_or(|own| all.iter().any(|id| id == own)));
    let mut lacking = NEEDED.to_vec();
    lacking.retain(|service| !endpoints.iter().any(|one| one.service == *service && serves(one)));
    lacking
}
