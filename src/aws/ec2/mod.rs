//! EC2.

mod objects;

crate::types![internet_gateway::InternetGateway, subnet::Subnet, vpc::Vpc];

crate::sources![];
