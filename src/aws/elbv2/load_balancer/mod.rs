//! `aws_lb`: a load balancer.
//!
//! API: Elastic Load Balancing 2015-12-01, `CreateLoadBalancer` and its siblings. Most settings are not part of it but
//! in the attribute list of the load balancer.
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html>

mod model;
mod plan;

use aws_sdk_elasticloadbalancingv2::types as sdk;
use futures_util::future::try_join_all;

use super::shared::{self, BATCH, Setting, Texts, settings};
use crate::aws::contract::*;
use crate::aws::copy::{FromAws, ToAws};
use crate::aws::names;
use crate::{send, take};
pub use model::Args;
use model::{Capacity, IpamPools, Logs, SubnetMapping};

/// The type.
pub struct LoadBalancer;

/// A load balancer, its tags, its attribute list and its reserved capacity.
pub struct Live {
    balancer: sdk::LoadBalancer,
    tags: Tags,
    told: Texts,
    capacity: Option<i32>,
}

const APPLICATION: &str = "application";
const NETWORK: &str = "network";
const GATEWAY: &str = "gateway";

/// Settings in the attribute list, with the kinds of load balancer that have them. Cross-zone is told for an
/// application load balancer too, but cannot be changed there.
const SETTINGS: &[Setting<Args>] = settings!(Args:
    "deletion_protection.enabled" enable_deletion_protection &[APPLICATION, NETWORK, GATEWAY],
    "load_balancing.cross_zone.enabled" enable_cross_zone_load_balancing &[NETWORK, GATEWAY],
    "idle_timeout.timeout_seconds" idle_timeout &[APPLICATION],
    "client_keep_alive.seconds" client_keep_alive &[APPLICATION],
    "routing.http2.enabled" enable_http2 &[APPLICATION],
    "routing.http.drop_invalid_header_fields.enabled" drop_invalid_header_fields &[APPLICATION],
    "routing.http.desync_mitigation_mode" desync_mitigation_mode &[APPLICATION],
    "routing.http.preserve_host_header.enabled" preserve_host_header &[APPLICATION],
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled" enable_tls_version_and_cipher_suite_headers &[APPLICATION],
    "routing.http.xff_client_port.enabled" enable_xff_client_port &[APPLICATION],
    "routing.http.xff_header_processing.mode" xff_header_processing_mode &[APPLICATION],
    "waf.fail_open.enabled" enable_waf_fail_open &[APPLICATION],
    "zonal_shift.config.enabled" enable_zonal_shift &[APPLICATION, NETWORK],
    "dns_record.client_routing_policy" dns_record_client_routing_policy &[NETWORK],
    "secondary_ips.auto_assigned.per_subnet" secondary_ips_auto_assigned_per_subnet &[NETWORK],
);

impl Args {
    fn kind(&self) -> &str {
        self.load_balancer_type.as_deref().unwrap_or(APPLICATION)
    }

    /// The logs this kind of load balancer has, with their names in the attribute list.
    fn logs(&self) -> impl Iterator<Item = (&'static str, &Option<Logs>)> {
        let all = [
            ("access_logs", &self.access_logs),
            ("connection_logs", &self.connection_logs),
            ("health_check_logs", &self.health_check_logs),
        ];
        let count = match self.kind() {
            APPLICATION => 3,
            NETWORK => 1,
            _ => 0,
        };
        all.into_iter().take(count)
    }

    /// The whole attribute list that is wanted, as far as the model gives it. A log that is off is told without its
    /// bucket, which AWS would check.
    fn texts(&self) -> Texts {
        let mut all = shared::wanted(SETTINGS, self.kind(), self);
        for (name, logs) in self.logs() {
            let on = logs.as_ref().filter(|logs| logs.enabled == Some(true));
            all.insert(format!("{name}.s3.enabled"), on.is_some().to_string());
            if let Some(logs) = on {
                all.insert(format!("{name}.s3.bucket"), logs.bucket.clone());
                all.insert(format!("{name}.s3.prefix"), logs.prefix.clone().unwrap_or_default());
            }
        }
        all
    }

    fn mappings(&self) -> Option<Vec<sdk::SubnetMapping>> {
        let one = |one: &SubnetMapping| {
            send!(sdk::SubnetMapping::builder(), one => set_subnet_id = subnet_id, set_allocation_id = allocation_id,
                set_private_ipv4_address = private_ipv4_address, set_ipv6_address = ipv6_address)
            .build()
        };
        (!self.subnet_mapping.is_empty()).then(|| self.subnet_mapping.iter().map(one).collect())
    }
}

impl Resource for LoadBalancer {
    type Model = Args;
    type Live = Live;

    const TYPE: &'static str = "aws_lb";
    const ALIASES: &'static [&'static str] = &["aws_alb"];
    const IDENTITY: Identity = Identity::Assigned { recover_by: &["name"] };
    const SAME_AS_ID: Option<&'static str> = Some("arn");
    const NAMED: Option<&'static str> = Some("tf-lb-");
    const PACE: Pace = secs(150, 5, 5).poll(10);
    const READ_BATCH: usize = BATCH;
    const MISSING: &'static [&'static str] = &["LoadBalancerNotFound"];
    const RETRY: &'static [Retry] = &[
        Retry::of(&["ModifyLoadBalancerAttributes"], "InvalidConfigurationRequest", "the policy of the log bucket is not in effect yet", retry::IAM).saying("Access Denied for bucket"),
    ];

    fn check(want: &Draft, found: &mut Problems) {
        plan::check(want, found);
    }

    fn revise(want: &mut Draft) {
        plan::revise(want);
    }

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Live)>> {
        let found = aws.elbv2.describe_load_balancers().set_load_balancer_arns(Some(ids.to_vec())).send();
        let (found, mut tags) = shared::with_tags(aws, ids, found).await?;
        let one = async |balancer: sdk::LoadBalancer| {
            let arn = balancer.load_balancer_arn.clone().ok_or_else(|| Error::empty("DescribeLoadBalancers"))?;
            let (told, capacity) = (attributes(aws, &arn).await?, capacity(aws, &arn, &balancer).await?);
            Ok::<_, Error>((arn, Live { balancer, tags: Tags::new(), told, capacity }))
        };
        let mut all = try_join_all(found.load_balancers.unwrap_or_default().into_iter().map(one)).await?;
        for (arn, live) in &mut all {
            live.tags = tags.remove(arn).unwrap_or_default();
        }
        Ok(all)
    }

    fn observe(live: &Live) -> Args {
        let balancer = &live.balancer;
        let zones = balancer.availability_zones();
        let logs = |name: &str| observed_logs(&live.told, name);
        let mut args = take!(Args from balancer => dns_name, vpc_id, ip_address_type, customer_owned_ipv4_pool,
            enforce_security_group_inbound_rules_on_private_link_traffic, enable_prefix_for_ipv6_source_nat, security_groups;
            name: FromAws::from_aws(&balancer.load_balancer_name),
            name_prefix: names::prefix_of(balancer.load_balancer_name()),
            load_balancer_type: FromAws::from_aws(&balancer.r#type),
            internal: Some(balancer.scheme == Some(sdk::LoadBalancerSchemeEnum::Internal)),
            subnets: zones.iter().filter_map(|zone| zone.subnet_id.clone()).collect(),
            subnet_mapping: zones.iter().map(observed_mapping).collect(),
            ipam_pools: balancer.ipam_pools().and_then(|pools| pools.ipv4_ipam_pool_id())
                .map(|pool| IpamPools { ipv4_ipam_pool_id: pool.to_owned() }),
            minimum_load_balancer_capacity: live.capacity.map(|units| Capacity { capacity_units: units }),
            access_logs: logs("access_logs"),
            connection_logs: logs("connection_logs"),
            health_check_logs: logs("health_check_logs"),
            arn: FromAws::from_aws(&balancer.load_balancer_arn),
            arn_suffix: balancer.load_balancer_arn().map(|arn| shared::suffix(arn, "loadbalancer/")),
            zone_id: FromAws::from_aws(&balancer.canonical_hosted_zone_id),
            tags_all: live.tags.clone());
        shared::observe(SETTINGS, &live.told, &mut args);
        args
    }

    fn keep_spelling(prior: &Args, live: &mut Args) {
        let kind = live.load_balancer_type.clone().unwrap_or_default();
        shared::keep_foreign(SETTINGS, &kind, prior, live);
        keep_logs(prior.access_logs.as_ref(), &mut live.access_logs);
        keep_logs(prior.connection_logs.as_ref(), &mut live.connection_logs);
        keep_logs(prior.health_check_logs.as_ref(), &mut live.health_check_logs);
    }

    fn settled(live: &Live) -> Settled {
        let state = live.balancer.state();
        let code = state.and_then(|state| state.code()).map_or("unknown", sdk::LoadBalancerStateEnum::as_str);
        match (code, state.and_then(|state| state.reason())) {
            ("active" | "active_impaired", _) => Settled::Yes,
            // AWS goes on trying after `failed`, for instance when a subnet is short of addresses for a moment.
            (code, Some(reason)) => Settled::NotYet(format!("{code}: {reason}")),
            (code, None) => Settled::NotYet(code.to_owned()),
        }
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        let name = want.name.clone().unwrap_or_default();
        if let Some(balancer) = find(aws, &name).await? {
            let arn = balancer.load_balancer_arn().unwrap_or_default();
            return Err(shared::taken("CreateLoadBalancer", "DuplicateLoadBalancerName", "load balancer", &name, arn));
        }
        let call = aws.elbv2.create_load_balancer().name(name).set_tags(shared::to_list(&want.tags_all));
        let call = send!(call, want => set_type = load_balancer_type, set_subnets = subnets, set_security_groups = security_groups,
            set_ip_address_type = ip_address_type, set_customer_owned_ipv4_pool = customer_owned_ipv4_pool,
            set_enable_prefix_for_ipv6_source_nat = enable_prefix_for_ipv6_source_nat);
        let scheme = (want.internal == Some(true)).then_some(sdk::LoadBalancerSchemeEnum::Internal);
        let made = call
            .set_scheme(scheme)
            .set_subnet_mappings(want.mappings())
            .set_ipam_pools(want.ipam_pools.as_ref().map(pools))
            .send()
            .await?;
        made.load_balancers()
            .first()
            .and_then(|balancer| balancer.load_balancer_arn.clone())
            .ok_or_else(|| Error::empty("CreateLoadBalancer"))
    }

    async fn finish(aws: &Aws, id: &Id, want: &Args) -> Result<()> {
        let told = attributes(aws, id).await?;
        let mut texts = shared::missing(SETTINGS, &told, want.texts());
        // A log that is off by default needs no words, also where its key is not known.
        texts.retain(|key, text| !(key.ends_with(".s3.enabled") && text == "false" && !told.contains_key(key)));
        set_attributes(aws, id, texts).await?;
        if let Some(setting) = &want.enforce_security_group_inbound_rules_on_private_link_traffic {
            enforce(aws, id, want, setting).await?;
        }
        match &want.minimum_load_balancer_capacity {
            Some(capacity) => reserve(aws, id, Some(capacity)).await,
            None => Ok(()),
        }
    }

    async fn update(aws: &Aws, id: &Id, have: &Args, want: &Args) -> Result<()> {
        set_attributes(aws, id, shared::changed(&have.texts(), want.texts())).await?;
        let enforcement = &want.enforce_security_group_inbound_rules_on_private_link_traffic;
        if have.enforce_security_group_inbound_rules_on_private_link_traffic != *enforcement
            && let Some(setting) = enforcement
        {
            enforce(aws, id, want, setting).await?;
        } else if have.security_groups != want.security_groups {
            let groups = want.security_groups.to_aws();
            aws.elbv2.set_security_groups().load_balancer_arn(id).set_security_groups(groups).send().await?;
        }
        set_subnets(aws, id, have, want).await?;
        if have.ip_address_type != want.ip_address_type && want.ip_address_type.is_some() {
            let call = aws.elbv2.set_ip_address_type().load_balancer_arn(id);
            send!(call, want => set_ip_address_type = ip_address_type).send().await?;
        }
        if have.ipam_pools != want.ipam_pools {
            let call = aws.elbv2.modify_ip_pools().load_balancer_arn(id);
            let call = match &want.ipam_pools {
                Some(wanted) => call.ipam_pools(pools(wanted)),
                None => call.remove_ipam_pools(sdk::RemoveIpamPoolEnum::Ipv4),
            };
            call.send().await?;
        }
        if have.minimum_load_balancer_capacity != want.minimum_load_balancer_capacity {
            reserve(aws, id, want.minimum_load_balancer_capacity.as_ref()).await?;
        }
        shared::change_tags(aws, id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, id: &Id, _have: &Args) -> Result<()> {
        aws.elbv2.delete_load_balancer().load_balancer_arn(id).send().await?;
        Ok(())
    }

    /// The balancer is gone at once, its network interfaces leave minutes later. Until then subnets, security groups and
    /// addresses cannot be deleted. Their description is the only thing that says whose they are:
    /// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html>
    async fn released(aws: &Aws, id: &Id, _have: &Args) -> Result<Settled> {
        let description = format!("ELB {}", shared::suffix(id, "loadbalancer/"));
        Ok(match aws.interfaces(&description).await? {
            0 => Settled::Yes,
            1 => Settled::NotYet("a network interface is still going away".into()),
            many => Settled::NotYet(format!("{many} network interfaces are still going away")),
        })
    }

    async fn recover(aws: &Aws, want: &Args) -> Result<Option<Id>> {
        let Some(name) = want.name.as_deref().filter(|name| !name.is_empty()) else { return Ok(None) };
        let Some(arn) = find(aws, name).await?.and_then(|balancer| balancer.load_balancer_arn) else { return Ok(None) };
        let tags = shared::read_tags(aws, std::slice::from_ref(&arn)).await?;
        Ok(shared::has_tags(tags.get(&arn), &want.tags_all).then_some(arn))
    }
}

/// The load balancer of that name.
async fn find(aws: &Aws, name: &str) -> Result<Option<sdk::LoadBalancer>> {
    match aws.elbv2.describe_load_balancers().names(name).send().await.map_err(Error::from) {
        Ok(found) => Ok(found.load_balancers.unwrap_or_default().into_iter().next()),
        Err(error) if error.is(LoadBalancer::MISSING) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn attributes(aws: &Aws, arn: &str) -> Result<Texts> {
    let told = aws.elbv2.describe_load_balancer_attributes().load_balancer_arn(arn).send().await?;
    let pair = |one: &sdk::LoadBalancerAttribute| Some((one.key()?.to_owned(), one.value()?.to_owned()));
    Ok(told.attributes().iter().filter_map(pair).collect())
}

async fn set_attributes(aws: &Aws, arn: &str, texts: Texts) -> Result<()> {
    if texts.is_empty() {
        return Ok(());
    }
    let one = |(key, text)| sdk::LoadBalancerAttribute::builder().key(key).value(text).build();
    let all = texts.into_iter().map(one).collect();
    aws.elbv2.modify_load_balancer_attributes().load_balancer_arn(arn).set_attributes(Some(all)).send().await?;
    Ok(())
}

/// Reserved capacity units. A gateway has none; and whoever may not ask for them has none to manage.
async fn capacity(aws: &Aws, arn: &str, balancer: &sdk::LoadBalancer) -> Result<Option<i32>> {
    if balancer.r#type == Some(sdk::LoadBalancerTypeEnum::Gateway) {
        return Ok(None);
    }
    match aws.elbv2.describe_capacity_reservation().load_balancer_arn(arn).send().await.map_err(Error::from) {
        Ok(told) => Ok(told.minimum_load_balancer_capacity().and_then(sdk::MinimumLoadBalancerCapacity::capacity_units)),
        Err(error) if error.is_denied() => Ok(None),
        Err(error) => Err(error),
    }
}

async fn reserve(aws: &Aws, arn: &str, capacity: Option<&Capacity>) -> Result<()> {
    let call = aws.elbv2.modify_capacity_reservation().load_balancer_arn(arn);
    let call = match capacity {
        Some(capacity) => {
            let units = sdk::MinimumLoadBalancerCapacity::builder().capacity_units(capacity.capacity_units).build();
            call.minimum_load_balancer_capacity(units)
        }
        None => call.reset_capacity_reservation(true),
    };
    call.send().await?;
    Ok(())
}

/// The setting goes together with the whole list of security groups.
async fn enforce(aws: &Aws, arn: &str, want: &Args, setting: &str) -> Result<()> {
    let call = aws.elbv2.set_security_groups().load_balancer_arn(arn);
    send!(call, want => set_security_groups = security_groups)
        .enforce_security_group_inbound_rules_on_private_link_traffic(setting.into())
        .send()
        .await?;
    Ok(())
}

/// `subnets` and `subnet_mapping` mirror each other; the one that the stack file gives is sent.
async fn set_subnets(aws: &Aws, arn: &str, have: &Args, want: &Args) -> Result<()> {
    let nat = have.enable_prefix_for_ipv6_source_nat != want.enable_prefix_for_ipv6_source_nat;
    let call = aws.elbv2.set_subnets().load_balancer_arn(arn);
    let call = if have.subnet_mapping != want.subnet_mapping && !want.subnet_mapping.is_empty() {
        call.set_subnet_mappings(want.mappings())
    } else if (nat || have.subnets != want.subnets) && !want.subnets.is_empty() {
        call.set_subnets(want.subnets.to_aws())
    } else {
        return Ok(());
    };
    let source = want.enable_prefix_for_ipv6_source_nat.to_aws().filter(|_| nat);
    call.set_enable_prefix_for_ipv6_source_nat(source).send().await?;
    Ok(())
}

fn pools(pools: &IpamPools) -> sdk::IpamPools {
    sdk::IpamPools::builder().ipv4_ipam_pool_id(&pools.ipv4_ipam_pool_id).build()
}

fn observed_mapping(zone: &sdk::AvailabilityZone) -> SubnetMapping {
    let addresses = zone.load_balancer_addresses();
    let first = |of: fn(&sdk::LoadBalancerAddress) -> Option<&str>| addresses.iter().find_map(of).map(str::to_owned);
    SubnetMapping {
        subnet_id: FromAws::from_aws(&zone.subnet_id),
        allocation_id: first(sdk::LoadBalancerAddress::allocation_id),
        private_ipv4_address: first(sdk::LoadBalancerAddress::private_ipv4_address),
        ipv6_address: first(sdk::LoadBalancerAddress::ipv6_address),
        outpost_id: FromAws::from_aws(&zone.outpost_id),
    }
}

/// A log that is off is no log: its bucket may be a left-over.
fn observed_logs(told: &Texts, name: &str) -> Option<Logs> {
    let get = |what: &str| told.get(&format!("{name}.s3.{what}")).filter(|text| !text.is_empty()).cloned();
    let is_on = get("enabled").as_deref() == Some("true");
    is_on.then(|| Logs { bucket: get("bucket").unwrap_or_default(), prefix: get("prefix"), enabled: Some(true) })
}

/// A block that says `enabled = false` is what a log that is off looks like.
fn keep_logs(prior: Option<&Logs>, live: &mut Option<Logs>) {
    if let (Some(prior), None) = (prior, &live) {
        *live = Some(Logs { enabled: Some(false), ..prior.clone() });
    }
}
