//! `aws_lb_target_group_attachment`: a target in a target group.
//!
//! API: Elastic Load Balancing 2015-12-01, `RegisterTargets`.
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RegisterTargets.html>

use std::collections::BTreeSet;

use aws_sdk_elasticloadbalancingv2::types as sdk;
use futures_util::future::try_join_all;

use crate::aws::contract::*;
use crate::send;

/// The type.
pub struct TargetGroupAttachment;

model! {
    /// A target in a target group. Not for ECS services, which register their tasks themselves.
    pub struct Args {
        /// The group.
        target_group_arn: String = required().force_new().check(crate::aws::rules::arn),
        /// The target: instance id, IP address, or ARN of a function or load balancer, as the group's type asks for.
        target_id: String = required().force_new(),
        /// Port it listens on; the group's when left out.
        port: Option<i32> = optional().force_new().range(1, 65535),
        /// Zone that gets its requests from here; `all` for an address outside the network.
        availability_zone: Option<String> = optional().force_new(),
        /// Server id for QUIC: 0x and 16 hexadecimal digits.
        quic_server_id: Option<String> = optional().force_new(),
    }
}

/// What was asked for, and the server id that is registered.
pub struct Live {
    asked: Args,
    quic_server_id: Option<String>,
}

impl Args {
    /// `group,target`, then port and zone, as import takes it.
    fn id(&self) -> Id {
        let port = self.port.map(|port| port.to_string()).unwrap_or_default();
        let zone = self.availability_zone.clone().unwrap_or_default();
        format!("{},{},{port},{zone}", self.target_group_arn, self.target_id).trim_end_matches(',').to_owned()
    }

    fn of(id: &str) -> Self {
        let mut parts = id.split(',').map(|part| Some(part.to_owned()).filter(|part| !part.is_empty()));
        let mut next = || parts.next().flatten();
        Self {
            target_group_arn: next().unwrap_or_default(),
            target_id: next().unwrap_or_default(),
            port: next().and_then(|port| port.parse().ok()),
            availability_zone: next(),
            quic_server_id: None,
        }
    }

    fn target(&self) -> sdk::TargetDescription {
        send!(sdk::TargetDescription::builder(), self => set_id = target_id, set_port = port,
            set_availability_zone = availability_zone, set_quic_server_id = quic_server_id)
        .build()
    }

    /// Whether this is the target that was asked for. AWS fills in port and zone that were left out, and does not tell
    /// the zone of every kind of target.
    fn fits(&self, told: &sdk::TargetDescription) -> bool {
        told.id() == Some(self.target_id.as_str())
            && (self.port.is_none() || self.port == told.port)
            && (self.availability_zone.is_none()
                || told.availability_zone.is_none()
                || self.availability_zone == told.availability_zone)
    }
}

/// Whether the target gets no new requests any more.
fn is_gone(told: &sdk::TargetHealthDescription) -> bool {
    let health = told.target_health();
    health.and_then(sdk::TargetHealth::state) == Some(&sdk::TargetHealthStateEnum::Draining)
        || health.and_then(sdk::TargetHealth::reason) == Some(&sdk::TargetHealthReasonEnum::NotRegistered)
}

impl Resource for TargetGroupAttachment {
    type Model = Args;
    type Live = Live;

    const TYPE: &'static str = "aws_lb_target_group_attachment";
    const ALIASES: &'static [&'static str] = &["aws_alb_target_group_attachment"];
    const IDENTITY: Identity = Identity::Chosen(&["target_group_arn", "target_id", "port", "availability_zone"]);
    const PACE: Pace = secs(1, 1, 1);
    const READ_BATCH: usize = 100;
    const MISSING: &'static [&'static str] = &["TargetGroupNotFound"];
    const RETRY: &'static [Retry] = &[
        Retry::of(&["RegisterTargets"], "InvalidTarget", "the target is not running yet", retry::CHANGE),
    ];

    fn check(want: &Draft, found: &mut Problems) {
        let id = want.known(Args::target_id).unwrap_or_default();
        if id.contains(":lambda:") && want.is_set(Args::port) {
            found.at(Args::port, "A function has no port. Remove `port`.");
        }
    }

    fn locate(_shown: &str, have: &Args) -> Id {
        have.id()
    }

    /// One call for each group, whatever the number of its targets. Targets that drain are gone already: they get no
    /// new requests and can be registered again.
    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Live)>> {
        let asked: Vec<(&Id, Args)> = ids.iter().map(|id| (id, Args::of(id))).collect();
        let groups: BTreeSet<&str> = asked.iter().map(|(_, one)| one.target_group_arn.as_str()).collect();
        let in_one = async |group: &str| {
            let told = aws.elbv2.describe_target_health().target_group_arn(group).send().await?;
            let targets = told.target_health_descriptions().iter().filter(|one| !is_gone(one));
            let targets: Vec<_> = targets.filter_map(|one| one.target()).collect();
            let live = |(id, one): &(&Id, Args)| {
                let target = targets.iter().find(|target| one.fits(target))?;
                Some(((*id).clone(), Live { asked: one.clone(), quic_server_id: target.quic_server_id.clone() }))
            };
            let asked = asked.iter().filter(|(_, one)| one.target_group_arn == group);
            Ok::<_, Error>(asked.filter_map(live).collect::<Vec<_>>())
        };
        Ok(try_join_all(groups.into_iter().map(in_one)).await?.into_iter().flatten().collect())
    }

    fn observe(live: &Live) -> Args {
        Args { quic_server_id: live.quic_server_id.clone(), ..live.asked.clone() }
    }

    fn overwrites(_want: &Args) -> bool {
        true
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        aws.elbv2.register_targets().target_group_arn(&want.target_group_arn).targets(want.target()).send().await?;
        Ok(want.id())
    }

    async fn update(_aws: &Aws, _id: &Id, _have: &Args, _want: &Args) -> Result<()> {
        Ok(())
    }

    async fn delete(aws: &Aws, _id: &Id, have: &Args) -> Result<()> {
        let call = aws.elbv2.deregister_targets().target_group_arn(&have.target_group_arn).targets(have.target());
        match call.send().await.map_err(Error::from) {
            // Not registered: "The specified target does not exist".
            Err(error) if !error.is(&["InvalidTarget"]) => Err(error),
            _ => Ok(()),
        }
    }

    async fn recover(aws: &Aws, want: &Args) -> Result<Option<Id>> {
        let id = want.id();
        Ok(Self::read(aws, std::slice::from_ref(&id)).await?.into_iter().next().map(|(id, _)| id))
    }
}
