//! EC2: networks and who may talk in them.

mod objects;
mod routes;

crate::types![
    eip::Eip,
    internet_gateway::InternetGateway,
    nat_gateway::NatGateway,
    route::Route,
    route_table::RouteTable,
    route_table_association::RouteTableAssociation,
    subnet::Subnet,
    vpc::Vpc,
];

crate::sources![availability_zones::AvailabilityZones];
