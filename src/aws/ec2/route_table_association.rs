//! `aws_route_table_association`: which route table a subnet or a gateway uses.
//!
//! API: EC2 2016-11-15, `AssociateRouteTable` and its siblings.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateRouteTable.html>

use aws_sdk_ec2::types as sdk;

use super::objects::filter;
use crate::aws::contract::*;

/// The type.
pub struct RouteTableAssociation;

model! {
    /// Which route table a subnet uses, or a gateway for packets that come in.
    pub struct Args {
        /// Internet gateway or virtual private gateway whose incoming packets take the routes.
        gateway_id: Option<String> = optional().force_new().exactly_one_of(&["gateway_id", "subnet_id"]),
        /// Id of the association, given by AWS. Another route table means another id.
        id: Option<String> = optional_computed(),
        /// The route table. A change takes effect in place, without a moment between.
        route_table_id: String = required(),
        /// Subnet whose packets take the routes. A subnet has one table.
        subnet_id: Option<String> = optional().force_new(),
        /// Time limits.
        timeouts: Option<Timeouts> = optional(),
    }
}

/// The association is found by what it is for, since its own id changes with the route table.
impl Resource for RouteTableAssociation {
    type Model = Args;
    type Live = sdk::RouteTableAssociation;

    const TYPE: &'static str = "aws_route_table_association";
    const IDENTITY: Identity = Identity::Chosen(&["subnet_id", "gateway_id"]);
    const PACE: Pace = secs(1, 1, 1).limits(5, 2, 5);
    const READ_BATCH: usize = 200;
    const MISSING: &'static [&'static str] = &["InvalidAssociationID.NotFound"];
    const RETRY: &'static [Retry] = &[
        Retry::of(&["AssociateRouteTable", "ReplaceRouteTableAssociation"], "InvalidRouteTableID.NotFound", "the new route table is not known everywhere yet", retry::NEW),
        Retry::of(&["AssociateRouteTable"], "InvalidSubnetID.NotFound", "the new subnet is not known everywhere yet", retry::NEW),
    ];

    fn revise(want: &mut Draft) {
        if !want.is_new() && want.is_changed(Args::route_table_id) {
            want.set_unknown(Args::id);
        }
    }

    fn locate(_shown: &str, have: &Args) -> Id {
        let given = [&have.subnet_id, &have.gateway_id].into_iter().flatten().find(|id| !id.is_empty());
        given.cloned().unwrap_or_default()
    }

    fn shown_id(_id: &Id, have: &Args) -> String {
        have.id.clone().unwrap_or_default()
    }

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, sdk::RouteTableAssociation)>> {
        let (subnets, gateways): (Vec<Id>, Vec<Id>) = ids.iter().cloned().partition(|id| id.starts_with("subnet-"));
        let mut found = Vec::with_capacity(ids.len());
        // Filters of one call must all fit, hence a call for each kind.
        for (name, ids) in [("association.subnet-id", subnets), ("association.gateway-id", gateways)] {
            if ids.is_empty() {
                continue;
            }
            let tables = aws.ec2.describe_route_tables().filters(filter(name, &ids));
            let tables: Vec<sdk::RouteTable> = tables.into_paginator().items().send().try_collect().await?;
            let all = tables.into_iter().flat_map(|table| table.associations.unwrap_or_default());
            found.extend(all.filter(|one| !is_gone(one)).filter_map(|one| {
                let id = one.subnet_id.clone().or_else(|| one.gateway_id.clone())?;
                ids.contains(&id).then_some((id, one))
            }));
        }
        Ok(found)
    }

    fn observe(live: &sdk::RouteTableAssociation) -> Args {
        Args {
            gateway_id: live.gateway_id.clone(),
            id: live.route_table_association_id.clone(),
            route_table_id: live.route_table_id.clone().unwrap_or_default(),
            subnet_id: live.subnet_id.clone(),
            timeouts: None,
        }
    }

    fn settled(live: &sdk::RouteTableAssociation) -> Settled {
        let state = live.association_state.as_ref();
        match state.and_then(|state| state.state.as_ref()) {
            Some(sdk::RouteTableAssociationStateCode::Associating) => {
                Settled::NotYet("the route table is being associated".into())
            }
            Some(sdk::RouteTableAssociationStateCode::Failed) => {
                let why = state.and_then(|state| state.status_message.as_deref()).unwrap_or("AWS does not say why");
                Settled::Failed(format!("The route table could not be associated: {why}"))
            }
            _ => Settled::Yes,
        }
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        let call = aws.ec2.associate_route_table().route_table_id(&want.route_table_id);
        let call = call.set_subnet_id(want.subnet_id.clone()).set_gateway_id(want.gateway_id.clone());
        call.send().await?;
        Ok(Self::locate("", want))
    }

    async fn update(aws: &Aws, id: &Id, _have: &Args, want: &Args) -> Result<()> {
        let ids = [id.clone()];
        let now = Self::read(aws, &ids).await?.into_iter().next().map(|(_, now)| now);
        let Some(now) = now else { return Self::create(aws, want).await.map(drop) };
        if now.route_table_id.as_ref() != Some(&want.route_table_id) {
            let call = aws.ec2.replace_route_table_association().route_table_id(&want.route_table_id);
            call.set_association_id(now.route_table_association_id).send().await?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, _id: &Id, have: &Args) -> Result<()> {
        aws.ec2.disassociate_route_table().set_association_id(have.id.clone()).send().await?;
        Ok(())
    }

    fn import_text(id: &Id, have: &Args) -> String {
        format!("{id}/{}", have.route_table_id)
    }

    /// The subnet or gateway and the table, such as `subnet-1/rtb-1`.
    async fn import(_aws: &Aws, text: &str) -> Result<Id> {
        match text.split_once('/') {
            Some((id, table)) if !id.is_empty() && table.starts_with("rtb-") => Ok(id.to_owned()),
            _ => Err(Error::local(
                "import",
                format!("\"{text}\" does not name an association. Write the subnet and the route table, such as \"subnet-1/rtb-1\"."),
            )),
        }
    }
}

fn is_gone(association: &sdk::RouteTableAssociation) -> bool {
    let state = association.association_state.as_ref().and_then(|state| state.state.as_ref());
    matches!(
        state,
        Some(sdk::RouteTableAssociationStateCode::Disassociated | sdk::RouteTableAssociationStateCode::Disassociating)
    )
}
