//! `aws_codedeploy_deployment_config`: in which steps traffic or instances move over.
//!
//! API: CodeDeploy 2014-10-06, `CreateDeploymentConfig` and its siblings.
//! <https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateDeploymentConfig.html>

use aws_sdk_codedeploy::types as sdk;
use futures_util::future::try_join_all;

use super::shared::arn_prefix;
use crate::aws::contract::*;
use crate::aws::copy::{FromAws, ToAws};
use crate::{send, take};

/// The type.
pub struct DeploymentConfig;

model! {
    /// In which steps traffic or instances move over to a new revision. Never changed: every change is a new one.
    pub struct Args {
        /// What it is for: `ECS`, `Lambda`, or `Server`.
        compute_platform: Option<String> = optional().force_new().default(Lit::Str("Server")).one_of(&["ECS", "Lambda", "Server"]),
        /// Unique in the account and region: 1 to 100 characters. Must not start with `CodeDeployDefault.`.
        deployment_config_name: String = required().force_new().length(1, 100).check(not_predefined),
        /// How many instances must stay healthy. Only for `Server`, which needs it.
        minimum_healthy_hosts: Option<HealthyHosts> = optional().force_new(),
        /// How traffic moves. Only for `ECS` and `Lambda`.
        traffic_routing_config: Option<TrafficRouting> = optional().force_new(),
        /// How instances are changed zone by zone. Only for `Server`.
        zonal_config: Option<Zonal> = optional().force_new(),
        /// Address of the configuration.
        arn: Option<String> = computed(),
        /// Id of the configuration, given by AWS.
        deployment_config_id: Option<String> = computed(),
    }
}

model! {
    /// How many instances must stay healthy.
    pub struct HealthyHosts {
        /// `HOST_COUNT` or `FLEET_PERCENT`.
        r#type: Option<String> = optional().force_new().one_of(&["HOST_COUNT", "FLEET_PERCENT"]),
        /// Number or percent of instances.
        value: i32 = optional().force_new().default(Lit::Int(0)).range(0, 2_147_483_647),
    }
}

model! {
    /// How traffic moves.
    pub struct TrafficRouting {
        /// `AllAtOnce`, `TimeBasedCanary` (a part first, then the rest), or `TimeBasedLinear` (equal steps).
        r#type: Option<String> = optional().force_new().default(Lit::Str("AllAtOnce")).one_of(&["AllAtOnce", "TimeBasedCanary", "TimeBasedLinear"]),
        /// Steps of `TimeBasedCanary`.
        time_based_canary: Option<Steps> = optional().force_new(),
        /// Steps of `TimeBasedLinear`.
        time_based_linear: Option<Steps> = optional().force_new(),
    }
}

model! {
    /// Size of the steps and the time between them.
    pub struct Steps {
        /// Minutes between two steps.
        interval: i32 = optional().force_new().default(Lit::Int(0)),
        /// Percent of the traffic that moves in the first (canary) or each (linear) step; 1 to 99.
        percentage: i32 = optional().force_new().default(Lit::Int(0)),
    }
}

model! {
    /// How instances are changed zone by zone.
    pub struct Zonal {
        /// Seconds to watch the first zone; as long as the others when left out.
        first_zone_monitor_duration_in_seconds: Option<i64> = optional().force_new(),
        /// Seconds to watch a zone before the next.
        monitor_duration_in_seconds: Option<i64> = optional().force_new(),
        /// How many instances of a zone must stay healthy.
        minimum_healthy_hosts_per_zone: Option<HealthyHosts> = optional().force_new(),
    }
}

/// A configuration and its address.
pub struct Live {
    config: sdk::DeploymentConfigInfo,
    arn: String,
}

const GONE: &str = "DeploymentConfigDoesNotExistException";

impl Resource for DeploymentConfig {
    type Model = Args;
    type Live = Live;

    const TYPE: &'static str = "aws_codedeploy_deployment_config";
    const IDENTITY: Identity = Identity::Chosen(&["deployment_config_name"]);
    const PACE: Pace = secs(1, 1, 1);
    /// There is no batch call; this many are asked for side by side.
    const READ_BATCH: usize = 10;
    const MISSING: &'static [&'static str] = &[GONE];
    const RETRY: &'static [Retry] = &[
        Retry::of(&["DeleteDeploymentConfig"], "DeploymentConfigInUseException", "a deployment group that used it is still going away", retry::NEW),
    ];

    fn check(want: &Draft, found: &mut Problems) {
        let Some(platform) = want.known(Args::compute_platform) else { return };
        if platform == "Server" {
            if !want.is_set(Args::minimum_healthy_hosts) {
                found.at(Args::minimum_healthy_hosts, "For instances, CodeDeploy must know how many have to stay healthy. Add a `minimum_healthy_hosts` block, or set `compute_platform = \"ECS\"`.");
            }
        } else if want.is_set(Args::minimum_healthy_hosts) || want.is_set(Args::zonal_config) {
            found.at(Args::compute_platform, format!("`minimum_healthy_hosts` and `zonal_config` are about instances, and {platform} has none. Remove them; `traffic_routing_config` says how traffic moves."));
        }
        let Some(routing) = want.known(Args::traffic_routing_config) else { return };
        if platform == "Server" && want.is_set(Args::traffic_routing_config) {
            found.at(Args::traffic_routing_config, "Traffic to instances does not move in steps. Remove the block, or set `compute_platform`.");
        }
        let kind = routing.r#type.as_deref().unwrap_or("AllAtOnce");
        let blocks = [
            ("time_based_canary", "TimeBasedCanary", &routing.time_based_canary),
            ("time_based_linear", "TimeBasedLinear", &routing.time_based_linear),
        ];
        for (name, wanted, steps) in blocks {
            match (kind == wanted, steps) {
                (true, None) => found.inside(&["traffic_routing_config", name], format!("{wanted} needs its steps. Add a `{name}` block with `interval` and `percentage`.")),
                (false, Some(_)) => found.inside(&["traffic_routing_config", name], format!("It belongs to `type = \"{wanted}\"`. Set that, or remove the block.")),
                (true, Some(steps)) if !(1..=99).contains(&steps.percentage) || steps.interval < 1 => found.inside(
                    &["traffic_routing_config", name],
                    "`percentage` must be 1 to 99 and `interval` at least one minute. For everything in one step use `type = \"AllAtOnce\"`.",
                ),
                _ => {}
            }
        }
    }

    fn revise(want: &mut Draft) {
        // Left out, traffic moves all at once, and the service writes that out.
        let prior = want.before(Args::traffic_routing_config).filter(is_plain);
        if prior.is_some() && !want.is_set(Args::traffic_routing_config) {
            want.set(Args::traffic_routing_config, &prior);
        }
    }

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Live)>> {
        let found = try_join_all(ids.iter().map(|id| get(aws, id))).await?;
        let found: Vec<_> = ids.iter().cloned().zip(found).filter_map(|(id, config)| Some((id, config?))).collect();
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let prefix = arn_prefix(aws).await?;
        let live = |(id, config): (Id, sdk::DeploymentConfigInfo)| {
            let arn = format!("{prefix}:deploymentconfig:{id}");
            (id, Live { config, arn })
        };
        Ok(found.into_iter().map(live).collect())
    }

    fn observe(live: &Live) -> Args {
        let config = &live.config;
        // For other platforms the service may tell an empty one.
        let hosts = config.minimum_healthy_hosts.as_ref().filter(|hosts| hosts.r#type.is_some());
        take!(Args from config => compute_platform, deployment_config_id;
            deployment_config_name: FromAws::from_aws(&config.deployment_config_name),
            minimum_healthy_hosts: hosts.map(|hosts| HealthyHosts {
                r#type: FromAws::from_aws(&hosts.r#type),
                value: hosts.value,
            }),
            traffic_routing_config: config.traffic_routing_config.as_ref().map(from_routing),
            zonal_config: config.zonal_config.as_ref().map(from_zonal),
            arn: Some(live.arn.clone()))
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        let call = send!(aws.codedeploy.create_deployment_config(), want => set_compute_platform = compute_platform,
            set_deployment_config_name = deployment_config_name);
        call.set_minimum_healthy_hosts(want.minimum_healthy_hosts.as_ref().map(|hosts| {
            send!(sdk::MinimumHealthyHosts::builder(), hosts => set_type = r#type, set_value = value).build()
        }))
        .set_traffic_routing_config(want.traffic_routing_config.as_ref().map(to_routing))
        .set_zonal_config(want.zonal_config.as_ref().map(to_zonal))
        .send()
        .await?;
        Ok(want.deployment_config_name.clone())
    }

    async fn update(_aws: &Aws, _id: &Id, _have: &Args, _want: &Args) -> Result<()> {
        Ok(())
    }

    async fn delete(aws: &Aws, id: &Id, _have: &Args) -> Result<()> {
        aws.codedeploy.delete_deployment_config().deployment_config_name(id).send().await?;
        Ok(())
    }

    async fn recover(aws: &Aws, want: &Args) -> Result<Option<Id>> {
        let Some(config) = get(aws, &want.deployment_config_name).await? else { return Ok(None) };
        let mut live = Self::observe(&Live { config, arn: String::new() });
        if want.traffic_routing_config.is_none() {
            live.traffic_routing_config = live.traffic_routing_config.filter(|routing| !is_plain(routing));
        }
        let is_ours = live.compute_platform == want.compute_platform
            && live.minimum_healthy_hosts == want.minimum_healthy_hosts
            && live.traffic_routing_config == want.traffic_routing_config
            && live.zonal_config == want.zonal_config;
        Ok(is_ours.then(|| want.deployment_config_name.clone()))
    }
}

fn is_plain(routing: &TrafficRouting) -> bool {
    routing.r#type.as_deref() == Some("AllAtOnce")
}

fn not_predefined(value: &crate::value::Value) -> Result<(), String> {
    match value.as_str() {
        Some(name) if name.starts_with("CodeDeployDefault") => {
            Err("Names that start with CodeDeployDefault belong to AWS. Choose another.".to_owned())
        }
        _ => Ok(()),
    }
}

async fn get(aws: &Aws, name: &str) -> Result<Option<sdk::DeploymentConfigInfo>> {
    match aws.codedeploy.get_deployment_config().deployment_config_name(name).send().await.map_err(Error::from) {
        Err(error) if error.is(&[GONE]) => Ok(None),
        other => Ok(other?.deployment_config_info),
    }
}

fn to_routing(routing: &TrafficRouting) -> sdk::TrafficRoutingConfig {
    let canary = |steps: &Steps| {
        let call = sdk::TimeBasedCanary::builder().canary_percentage(steps.percentage);
        call.canary_interval(steps.interval).build()
    };
    let linear = |steps: &Steps| {
        let call = sdk::TimeBasedLinear::builder().linear_percentage(steps.percentage);
        call.linear_interval(steps.interval).build()
    };
    sdk::TrafficRoutingConfig::builder()
        .set_type(routing.r#type.to_aws())
        .set_time_based_canary(routing.time_based_canary.as_ref().map(canary))
        .set_time_based_linear(routing.time_based_linear.as_ref().map(linear))
        .build()
}

fn from_routing(routing: &sdk::TrafficRoutingConfig) -> TrafficRouting {
    let canary =
        |steps: &sdk::TimeBasedCanary| Steps { interval: steps.canary_interval, percentage: steps.canary_percentage };
    let linear =
        |steps: &sdk::TimeBasedLinear| Steps { interval: steps.linear_interval, percentage: steps.linear_percentage };
    TrafficRouting {
        r#type: FromAws::from_aws(&routing.r#type),
        time_based_canary: routing.time_based_canary.as_ref().map(canary),
        time_based_linear: routing.time_based_linear.as_ref().map(linear),
    }
}

fn to_zonal(zonal: &Zonal) -> sdk::ZonalConfig {
    let hosts = zonal.minimum_healthy_hosts_per_zone.as_ref().map(|hosts| {
        send!(sdk::MinimumHealthyHostsPerZone::builder(), hosts => set_type = r#type, set_value = value).build()
    });
    send!(sdk::ZonalConfig::builder(), zonal =>
        set_first_zone_monitor_duration_in_seconds = first_zone_monitor_duration_in_seconds,
        set_monitor_duration_in_seconds = monitor_duration_in_seconds)
    .set_minimum_healthy_hosts_per_zone(hosts)
    .build()
}

fn from_zonal(zonal: &sdk::ZonalConfig) -> Zonal {
    let hosts = |hosts: &sdk::MinimumHealthyHostsPerZone| HealthyHosts {
        r#type: FromAws::from_aws(&hosts.r#type),
        value: hosts.value,
    };
    take!(Zonal from zonal => first_zone_monitor_duration_in_seconds, monitor_duration_in_seconds;
        minimum_healthy_hosts_per_zone: zonal.minimum_healthy_hosts_per_zone.as_ref().map(hosts))
}
