//! EC2: networks and who may talk in them.

mod blockers;
mod objects;
mod permissions;
mod routes;
mod single_rule;

crate::types![
    egress_rule::EgressRule,
    eip::Eip,
    ingress_rule::IngressRule,
    internet_gateway::InternetGateway,
    nat_gateway::NatGateway,
    route::Route,
    route_table::RouteTable,
    route_table_association::RouteTableAssociation,
    security_group::SecurityGroup,
    security_group_rule::SecurityGroupRule,
    subnet::Subnet,
    vpc::Vpc,
];

crate::sources![availability_zones::AvailabilityZones];
