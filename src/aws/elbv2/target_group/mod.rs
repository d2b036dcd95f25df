//! `aws_lb_target_group`: where a load balancer sends requests.
//!
//! API: Elastic Load Balancing 2015-12-01, `CreateTargetGroup` and its siblings. Most settings are not part of it but
//! in the attribute list of the group.
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html>

mod blockers;
mod checks;
mod model;

use aws_sdk_elasticloadbalancingv2::types as sdk;
use futures_util::future::{join, try_join_all};

use super::shared::{self, BATCH, Setting, Texts, settings};
use crate::aws::contract::*;
use crate::aws::copy::FromAws;
use crate::aws::names;
use crate::{send, take};
pub use model::Args;
use model::{DnsFailover, GroupHealth, HealthCheck, HealthState, Routing, Stickiness, TargetFailover};

/// The type.
pub struct TargetGroup;

/// A group, its tags and its attribute list.
pub struct Live {
    group: sdk::TargetGroup,
    tags: Tags,
    told: Texts,
}

const HTTP: &str = "http";
const NETWORK: &str = "network";
const GATEWAY: &str = "gateway";
const FUNCTION: &str = "lambda";

/// Settings in the attribute list, with the kinds of group that have them.
const SETTINGS: &[Setting<Args>] = settings!(Args:
    "deregistration_delay.timeout_seconds" deregistration_delay &[HTTP, NETWORK, GATEWAY],
    "slow_start.duration_seconds" slow_start &[HTTP],
    "load_balancing.algorithm.type" load_balancing_algorithm_type &[HTTP],
    "load_balancing.algorithm.anomaly_mitigation" load_balancing_anomaly_mitigation &[HTTP],
    "load_balancing.cross_zone.enabled" load_balancing_cross_zone_enabled &[HTTP, NETWORK],
    "deregistration_delay.connection_termination.enabled" connection_termination &[NETWORK],
    "preserve_client_ip.enabled" preserve_client_ip &[NETWORK],
    "proxy_protocol_v2.enabled" proxy_protocol_v2 &[NETWORK],
    "lambda.multi_value_headers.enabled" lambda_multi_value_headers_enabled &[FUNCTION],
);

const HEALTH: &str = "target_group_health.";

impl Args {
    /// What kind of load balancer it is for: decides which settings exist.
    fn kind(&self) -> &'static str {
        match (self.target_type.as_deref(), self.protocol.as_deref()) {
            (Some("lambda"), _) => FUNCTION,
            (_, Some("GENEVE")) => GATEWAY,
            (_, Some("HTTP" | "HTTPS")) => HTTP,
            _ => NETWORK,
        }
    }

    /// The whole attribute list that is wanted, as far as the model gives it.
    fn texts(&self) -> Texts {
        let mut all = shared::wanted(SETTINGS, self.kind(), self);
        let mut put = |key: &str, text: Option<String>| {
            all.extend(text.map(|text| (key.to_owned(), text)));
        };
        if self.kind() == FUNCTION {
            return all;
        }
        if let Some(sticky) = &self.stickiness {
            put("stickiness.enabled", Some(sticky.enabled.unwrap_or(true).to_string()));
            put("stickiness.type", Some(sticky.r#type.clone()));
            let seconds = sticky.cookie_duration.map(|seconds| seconds.to_string());
            match sticky.r#type.as_str() {
                "lb_cookie" => put("stickiness.lb_cookie.duration_seconds", seconds),
                "app_cookie" => {
                    put("stickiness.app_cookie.duration_seconds", seconds);
                    put("stickiness.app_cookie.cookie_name", sticky.cookie_name.clone());
                }
                _ => {}
            }
        }
        if let Some(failover) = self.target_failover.first() {
            put("target_failover.on_deregistration", Some(failover.on_deregistration.clone()));
            put("target_failover.on_unhealthy", Some(failover.on_unhealthy.clone()));
        }
        if let Some(state) = self.target_health_state.first() {
            let cut = state.enable_unhealthy_connection_termination;
            put("target_health_state.unhealthy.connection_termination.enabled", Some(cut.to_string()));
            let seconds = state.unhealthy_draining_interval.filter(|_| !cut).map(|seconds| seconds.to_string());
            put("target_health_state.unhealthy.draining_interval_seconds", seconds);
        }
        let health = self.target_group_health.clone().unwrap_or_default();
        if let Some(dns) = health.dns_failover {
            let key = |what: &str| format!("{HEALTH}dns_failover.minimum_healthy_targets.{what}");
            put(&key("count"), dns.minimum_healthy_targets_count);
            put(&key("percentage"), dns.minimum_healthy_targets_percentage);
        }
        if let Some(routing) = health.unhealthy_state_routing {
            let key = |what: &str| format!("{HEALTH}unhealthy_state_routing.minimum_healthy_targets.{what}");
            put(&key("count"), routing.minimum_healthy_targets_count.map(|count| count.to_string()));
            put(&key("percentage"), routing.minimum_healthy_targets_percentage);
        }
        all
    }
}

/// The health check as the calls take it: a TCP check has no path and no matcher.
fn check_to_send(want: &Args) -> (HealthCheck, Option<sdk::Matcher>) {
    let mut check = want.health_check.clone().unwrap_or_default();
    if check.protocol.as_deref().is_some_and(|protocol| protocol.eq_ignore_ascii_case("TCP")) {
        (check.path, check.matcher) = (None, None);
    }
    let is_grpc = want.protocol_version.as_deref().is_some_and(|version| version.eq_ignore_ascii_case("GRPC"));
    let codes = check.matcher.clone().filter(|codes| !codes.is_empty());
    let matcher = sdk::Matcher::builder();
    let matcher = codes.map(|codes| if is_grpc { matcher.grpc_code(codes) } else { matcher.http_code(codes) }.build());
    (check, matcher)
}

/// Puts the health check into a create or modify call.
macro_rules! with_check {
    ($call:expr, $want:expr) => {{
        let (check, matcher) = check_to_send($want);
        send!($call, check => set_health_check_enabled = enabled, set_health_check_interval_seconds = interval,
            set_health_check_path = path, set_health_check_port = port, set_health_check_protocol = protocol,
            set_health_check_timeout_seconds = timeout, set_healthy_threshold_count = healthy_threshold,
            set_unhealthy_threshold_count = unhealthy_threshold).set_matcher(matcher)
    }};
}

impl Resource for TargetGroup {
    type Model = Args;
    type Live = Live;

    const TYPE: &'static str = "aws_lb_target_group";
    const ALIASES: &'static [&'static str] = &["aws_alb_target_group"];
    const IDENTITY: Identity = Identity::Assigned { recover_by: &["name"] };
    const SAME_AS_ID: Option<&'static str> = Some("arn");
    const NAMED: Option<&'static str> = Some("tf-");
    const PACE: Pace = secs(2, 2, 1).limits(5, 5, 5);
    const READ_BATCH: usize = BATCH;
    const MISSING: &'static [&'static str] = &["TargetGroupNotFound"];
    const RETRY: &'static [Retry] = &[
        Retry::of(&["DeleteTargetGroup"], "ResourceInUse", "a listener or rule still names the target group, perhaps with weight 0", retry::IAM).saying("currently in use"),
    ];

    fn check(want: &Draft, found: &mut Problems) {
        checks::check(want, found);
    }

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Live)>> {
        let found = aws.elbv2.describe_target_groups().set_target_group_arns(Some(ids.to_vec())).send();
        let told = ids.iter().map(async |id| Ok::<_, Error>((id.clone(), attributes(aws, id).await?)));
        let (found, told) = join(shared::with_tags(aws, ids, found), try_join_all(told)).await;
        let ((found, mut tags), mut told) = (found?, told?.into_iter().collect::<BTreeMap<_, _>>());
        let live = |group: sdk::TargetGroup| {
            let arn = group.target_group_arn.clone()?;
            let (tags, told) = (tags.remove(&arn).unwrap_or_default(), told.remove(&arn).unwrap_or_default());
            Some((arn, Live { group, tags, told }))
        };
        Ok(found.target_groups.unwrap_or_default().into_iter().filter_map(live).collect())
    }

    fn observe(live: &Live) -> Args {
        let group = &live.group;
        let mut args = take!(Args from group => port, protocol, protocol_version, vpc_id, target_type, ip_address_type, target_control_port;
            name: FromAws::from_aws(&group.target_group_name),
            name_prefix: names::prefix_of(group.target_group_name()),
            arn: FromAws::from_aws(&group.target_group_arn),
            arn_suffix: group.target_group_arn().map(|arn| shared::suffix(arn, "")),
            load_balancer_arns: FromAws::from_aws(&group.load_balancer_arns),
            tags_all: live.tags.clone(),
            health_check: Some(observed_check(group)),
            stickiness: observed_stickiness(&live.told),
            target_failover: observed_failover(&live.told),
            target_group_health: observed_health(&live.told));
        if matches!(args.protocol.as_deref(), Some("TCP" | "TLS")) {
            args.target_health_state = observed_state(&live.told);
        }
        shared::observe(SETTINGS, &live.told, &mut args);
        args
    }

    fn keep_spelling(prior: &Args, live: &mut Args) {
        shared::keep_foreign(SETTINGS, live.kind(), prior, live);
        if live.kind() == FUNCTION {
            // AWS does not keep them for functions; hashicorp/aws accepts and ignores them.
            live.port = prior.port;
            live.protocol.clone_from(&prior.protocol);
            live.vpc_id.clone_from(&prior.vpc_id);
            if let Some(check) = &mut live.health_check {
                let before = prior.health_check.clone().unwrap_or_default();
                check.protocol = before.protocol.or(Some("HTTP".to_owned()));
                check.port = before.port.or(Some("traffic-port".to_owned()));
            }
        }
        if live.kind() != HTTP {
            live.protocol_version.clone_from(&prior.protocol_version);
        }
        if let (Some(before), Some(now)) = (&prior.stickiness, &mut live.stickiness)
            && !now.r#type.ends_with("_cookie")
        {
            now.cookie_duration = before.cookie_duration;
        }
    }

    /// "You cannot specify tags on creation of a GENEVE target group".
    fn marked(want: &Args) -> Marked {
        if want.kind() == GATEWAY { Marked::Not } else { Marked::Tag }
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        let name = want.name.clone().unwrap_or_default();
        if let Some(group) = find(aws, &name).await? {
            let arn = group.target_group_arn().unwrap_or_default();
            return Err(shared::taken("CreateTargetGroup", "DuplicateTargetGroupName", "target group", &name, arn));
        }
        // "You cannot specify tags on creation of a GENEVE target group": `finish` sets them.
        let tags = shared::to_list(&want.tags_all).filter(|_| want.kind() != GATEWAY);
        let call = aws.elbv2.create_target_group().name(name).set_tags(tags);
        let call = send!(call, want => set_target_type = target_type, set_target_control_port = target_control_port,
            set_ip_address_type = ip_address_type);
        let call = match want.kind() {
            FUNCTION => call,
            _ => send!(call, want => set_port = port, set_protocol = protocol, set_vpc_id = vpc_id),
        };
        let call = match want.kind() {
            HTTP => send!(call, want => set_protocol_version = protocol_version),
            _ => call,
        };
        let made = with_check!(call, want).send().await?;
        made.target_groups().first().and_then(|group| group.target_group_arn.clone()).ok_or_else(|| Error::empty("CreateTargetGroup"))
    }

    async fn finish(aws: &Aws, id: &Id, want: &Args) -> Result<()> {
        if want.kind() == GATEWAY {
            shared::change_tags(aws, id, &Tags::new(), &want.tags_all).await?;
        }
        let told = attributes(aws, id).await?;
        set_attributes(aws, id, shared::missing(SETTINGS, &told, want.texts())).await
    }

    async fn update(aws: &Aws, id: &Id, have: &Args, want: &Args) -> Result<()> {
        if have.health_check != want.health_check && want.health_check.is_some() {
            with_check!(aws.elbv2.modify_target_group().target_group_arn(id), want).send().await?;
        }
        set_attributes(aws, id, shared::changed(&have.texts(), want.texts())).await?;
        shared::change_tags(aws, id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, id: &Id, _have: &Args) -> Result<()> {
        aws.elbv2.delete_target_group().target_group_arn(id).send().await?;
        Ok(())
    }

    async fn blockers(aws: &Aws, id: &Id, _have: &Args) -> Result<Vec<String>> {
        blockers::blockers(aws, id).await
    }

    async fn recover(aws: &Aws, want: &Args) -> Result<Option<Id>> {
        let Some(name) = want.name.as_deref().filter(|name| !name.is_empty()) else { return Ok(None) };
        let Some(arn) = find(aws, name).await?.and_then(|group| group.target_group_arn) else { return Ok(None) };
        let tags = shared::read_tags(aws, std::slice::from_ref(&arn)).await?;
        let is_ours = want.kind() == GATEWAY || shared::has_tags(tags.get(&arn), &want.tags_all);
        Ok(is_ours.then_some(arn))
    }
}

/// The group of that name.
async fn find(aws: &Aws, name: &str) -> Result<Option<sdk::TargetGroup>> {
    match aws.elbv2.describe_target_groups().names(name).send().await.map_err(Error::from) {
        Ok(found) => Ok(found.target_groups.unwrap_or_default().into_iter().next()),
        Err(error) if error.is(TargetGroup::MISSING) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn attributes(aws: &Aws, arn: &str) -> Result<Texts> {
    let told = aws.elbv2.describe_target_group_attributes().target_group_arn(arn).send().await?;
    let pair = |one: &sdk::TargetGroupAttribute| Some((one.key()?.to_owned(), one.value()?.to_owned()));
    Ok(told.attributes().iter().filter_map(pair).collect())
}

async fn set_attributes(aws: &Aws, arn: &str, texts: Texts) -> Result<()> {
    if texts.is_empty() {
        return Ok(());
    }
    let one = |(key, text)| sdk::TargetGroupAttribute::builder().key(key).value(text).build();
    let all = texts.into_iter().map(one).collect();
    aws.elbv2.modify_target_group_attributes().target_group_arn(arn).set_attributes(Some(all)).send().await?;
    Ok(())
}

fn observed_check(group: &sdk::TargetGroup) -> HealthCheck {
    let codes = group.matcher().and_then(|matcher| matcher.http_code().or(matcher.grpc_code()));
    HealthCheck {
        enabled: group.health_check_enabled,
        healthy_threshold: group.healthy_threshold_count,
        unhealthy_threshold: group.unhealthy_threshold_count,
        interval: group.health_check_interval_seconds,
        timeout: group.health_check_timeout_seconds,
        protocol: FromAws::from_aws(&group.health_check_protocol),
        port: FromAws::from_aws(&group.health_check_port),
        path: FromAws::from_aws(&group.health_check_path),
        matcher: codes.map(str::to_owned),
    }
}

fn observed_stickiness(told: &Texts) -> Option<Stickiness> {
    let kind = told.get("stickiness.type")?.clone();
    let seconds = told.get(&format!("stickiness.{kind}.duration_seconds")).and_then(|text| text.parse().ok());
    let name = told.get("stickiness.app_cookie.cookie_name").filter(|name| kind == "app_cookie" && !name.is_empty());
    Some(Stickiness {
        enabled: told.get("stickiness.enabled").and_then(|text| text.parse().ok()),
        cookie_duration: seconds.or(Some(86_400)),
        cookie_name: name.cloned(),
        r#type: kind,
    })
}

fn observed_failover(told: &Texts) -> Vec<TargetFailover> {
    let both = told.get("target_failover.on_deregistration").zip(told.get("target_failover.on_unhealthy"));
    let one = |(deregistration, unhealthy): (&String, &String)| TargetFailover {
        on_deregistration: deregistration.clone(),
        on_unhealthy: unhealthy.clone(),
    };
    both.map(one).into_iter().collect()
}

fn observed_state(told: &Texts) -> Vec<HealthState> {
    let cut = told.get("target_health_state.unhealthy.connection_termination.enabled");
    let seconds = told.get("target_health_state.unhealthy.draining_interval_seconds");
    let one = |cut: &String| HealthState {
        enable_unhealthy_connection_termination: cut == "true",
        unhealthy_draining_interval: seconds.and_then(|text| text.parse().ok()).or(Some(0)),
    };
    cut.map(one).into_iter().collect()
}

fn observed_health(told: &Texts) -> Option<GroupHealth> {
    let get = |what: &str, unit: &str| told.get(&format!("{HEALTH}{what}.minimum_healthy_targets.{unit}")).cloned();
    let dns = get("dns_failover", "count").map(|count| DnsFailover {
        minimum_healthy_targets_count: Some(count),
        minimum_healthy_targets_percentage: get("dns_failover", "percentage"),
    });
    let routing = get("unhealthy_state_routing", "count").map(|count| Routing {
        minimum_healthy_targets_count: count.parse().ok(),
        minimum_healthy_targets_percentage: get("unhealthy_state_routing", "percentage"),
    });
    (dns.is_some() || routing.is_some()).then_some(GroupHealth { dns_failover: dns, unhealthy_state_routing: routing })
}
