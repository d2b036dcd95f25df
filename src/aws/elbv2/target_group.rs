//! `aws_lb_target_group`: where a load balancer sends requests.
//!
//! API: Elastic Load Balancing 2015-12-01, `CreateTargetGroup` and its siblings.
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html>

use aws_sdk_elasticloadbalancingv2::types as sdk;

use crate::aws::contract::*;
use crate::aws::copy::FromAws;
use crate::aws::tags;
use crate::{send, take};

/// The type.
pub struct TargetGroup;

model! {
    /// Where a load balancer sends requests.
    pub struct Args {
        /// Unique in the account and region: 1 to 32 letters, digits and hyphens.
        name: String = required().force_new(),
        /// Port the targets listen on. Left out for functions.
        port: Option<i32> = optional().force_new().range(1, 65535),
        /// Protocol between the load balancer and its targets. Left out for functions.
        protocol: Option<String> = optional().force_new().one_of(&["HTTP", "HTTPS", "TCP", "TLS", "UDP"]),
        /// What gets registered.
        target_type: String = optional().force_new().default(Lit::Str("instance")).one_of(&["instance", "ip", "lambda", "alb"]),
        /// Network the targets live in. Left out for functions.
        vpc_id: Option<String> = optional().force_new(),
        /// How the load balancer learns that a target is well.
        health_check: Option<HealthCheck> = optional_computed(),
        /// Address of the group, given by AWS.
        arn: Option<String> = computed(),
        /// Tags of the resource.
        tags: Tags = optional(),
        /// All tags, those of the provider included.
        tags_all: Tags = optional_computed(),
    }
}

model! {
    /// How the load balancer learns that a target is well.
    pub struct HealthCheck {
        /// Path asked for.
        path: Option<String> = optional_computed(),
        /// Seconds between two checks of one target.
        interval: Option<i32> = optional().default(Lit::Int(30)).range(5, 300),
        /// Passed checks in a row before a target gets traffic.
        healthy_threshold: Option<i32> = optional().default(Lit::Int(3)).range(2, 10),
    }
}

/// A group and its tags.
pub struct Live {
    group: sdk::TargetGroup,
    tags: Tags,
}

impl Resource for TargetGroup {
    type Model = Args;
    type Live = Live;

    const TYPE: &'static str = "aws_lb_target_group";
    const ALIASES: &'static [&'static str] = &["aws_alb_target_group"];
    const IDENTITY: Identity = Identity::Assigned { recover_by: &["name"] };
    const PACE: Pace = secs(2, 2, 1);
    const READ_BATCH: usize = 20;
    const MISSING: &'static [&'static str] = &["TargetGroupNotFound"];
    const RETRY: &'static [Retry] =
        &[Retry { code: "ResourceInUse", text: "", why: "a listener that used it is still going away" }];

    fn check(want: &Draft, found: &mut Problems) {
        if want.known(Args::target_type).as_deref() == Some("lambda") && want.known(Args::port).is_some() {
            found.at(Args::port, "A target group of functions has no port. Remove `port`.");
        }
    }

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Live)>> {
        let found = aws.elbv2.describe_target_groups().set_target_group_arns(Some(ids.to_vec())).send().await?;
        let tags = aws.elbv2.describe_tags().set_resource_arns(Some(ids.to_vec())).send().await?;
        let tags_of = |arn: &str| {
            let one = tags.tag_descriptions().iter().find(|one| one.resource_arn() == Some(arn));
            tags::from_list(one.map(sdk::TagDescription::tags).unwrap_or_default(), |tag| (tag.key(), tag.value()))
        };
        let live = |group: sdk::TargetGroup| {
            let arn = group.target_group_arn.clone()?;
            Some((arn.clone(), Live { tags: tags_of(&arn), group }))
        };
        Ok(found.target_groups.unwrap_or_default().into_iter().filter_map(live).collect())
    }

    fn observe(live: &Live) -> Args {
        let group = &live.group;
        take!(Args from group => port, protocol, vpc_id, target_type;
            name: FromAws::from_aws(&group.target_group_name),
            arn: FromAws::from_aws(&group.target_group_arn),
            tags_all: live.tags.clone(),
            health_check: Some(HealthCheck {
                path: FromAws::from_aws(&group.health_check_path),
                interval: group.health_check_interval_seconds,
                healthy_threshold: group.healthy_threshold_count,
            }))
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        let call = send!(aws.elbv2.create_target_group(), want => set_name = name, set_port = port,
            set_protocol = protocol, set_target_type = target_type, set_vpc_id = vpc_id);
        let check = want.health_check.clone().unwrap_or_default();
        let call = call.set_tags(tags::to_list(&want.tags_all, |key, value| sdk::Tag::builder().key(key).value(value).build()));
        let made = send!(call, check => set_health_check_path = path,
            set_health_check_interval_seconds = interval, set_healthy_threshold_count = healthy_threshold)
        .send()
        .await?;
        made.target_groups().first().and_then(|group| group.target_group_arn.clone()).ok_or_else(|| Error::empty("CreateTargetGroup"))
    }

    async fn update(aws: &Aws, id: &Id, have: &Args, want: &Args) -> Result<()> {
        if let (true, Some(check)) = (have.health_check != want.health_check, &want.health_check) {
            send!(aws.elbv2.modify_target_group().target_group_arn(id), check => set_health_check_path = path,
                set_health_check_interval_seconds = interval, set_healthy_threshold_count = healthy_threshold)
            .send()
            .await?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, id: &Id, _have: &Args) -> Result<()> {
        aws.elbv2.delete_target_group().target_group_arn(id).send().await?;
        Ok(())
    }
}
