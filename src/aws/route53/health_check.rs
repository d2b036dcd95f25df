//! `aws_route53_health_check`: whether a server, a group of checks or an alarm is well, for records to depend on.
//!
//! API: Route 53 2013-04-01, `CreateHealthCheck` and its siblings.
//! <https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHealthCheck.html>

use aws_sdk_route53::types as sdk;

use super::shared::{retag, tags_of};
use crate::aws::answers::built;
use crate::aws::contract::*;
use crate::aws::copy::FromAws;
use crate::aws::{mark, names};
use crate::{send, take};

/// The type.
pub struct HealthCheck;

model! {
    /// Whether a server, a group of checks or an alarm is well. Records of `aws_route53_record` can depend on it.
    pub struct Args {
        /// What is checked: an address (`HTTP`, `HTTPS`, with a text in the answer `HTTP_STR_MATCH`, `HTTPS_STR_MATCH`, or `TCP`), other checks (`CALCULATED`), an alarm (`CLOUDWATCH_METRIC`) or a routing control (`RECOVERY_CONTROL`).
        r#type: String = required().force_new().one_of(TYPES),
        /// How many of `child_healthchecks` must be well.
        child_health_threshold: Option<i32> = optional().range(0, 256),
        /// Ids of the checks that a `CALCULATED` check counts.
        child_healthchecks: Set<String> = optional().items(0, 256),
        /// Name of the alarm of a `CLOUDWATCH_METRIC` check.
        cloudwatch_alarm_name: Option<String> = optional(),
        /// Region of the alarm.
        cloudwatch_alarm_region: Option<String> = optional(),
        /// Whether the check rests; its target then counts as well.
        disabled: bool = optional().default(Lit::Bool(false)),
        /// Whether the server's name is sent when the TLS connection starts.
        enable_sni: Option<bool> = optional_computed(),
        /// How many failed (or passed) looks in a row change the verdict.
        failure_threshold: Option<i32> = optional_computed().range(1, 10),
        /// Domain name that is checked, or that is sent as host name beside `ip_address`.
        fqdn: Option<String> = optional().length(0, 255).same(super::shared::same_name),
        /// Verdict while the alarm lacks data.
        insufficient_data_health_status: Option<String> = optional().one_of(&["Healthy", "Unhealthy", "LastKnownStatus"]),
        /// Whether the verdict is turned round.
        invert_healthcheck: bool = optional().default(Lit::Bool(false)),
        /// Public address that is checked.
        ip_address: Option<String> = optional(),
        /// Whether the time of the answers is recorded in CloudWatch.
        measure_latency: bool = optional().default(Lit::Bool(false)).force_new(),
        /// Port that is checked: 80 for HTTP and 443 for HTTPS when left out.
        port: Option<i32> = optional().range(1, 65535),
        /// Start of the check's reference, at most 27 characters.
        reference_name: Option<String> = optional().force_new().local().length(0, 27),
        /// Regions that look, at least three; all when left out.
        regions: Option<Set<String>> = optional().items(3, 64),
        /// Seconds between two looks of one region: 10 or 30.
        request_interval: Option<i32> = optional().force_new().check(ten_or_thirty),
        /// Path that is asked for, such as `/healthy?full=1`.
        resource_path: Option<String> = optional().length(0, 255),
        /// Routing control of a `RECOVERY_CONTROL` check.
        routing_control_arn: Option<String> = optional().force_new(),
        /// Text that must be in the first 5120 bytes of the answer.
        search_string: Option<String> = optional().length(0, 255),
        /// Any texts; a change makes the check read its alarm anew.
        triggers: Tags = optional().local(),
        /// Address of the check.
        arn: Option<String> = computed(),
        /// Tags of the resource.
        tags: Tags = optional(),
        /// All tags, those of the provider included.
        tags_all: Tags = optional_computed(),
    }
}

const TYPES: &[&str] = &[
    "HTTP",
    "HTTPS",
    "HTTP_STR_MATCH",
    "HTTPS_STR_MATCH",
    "TCP",
    "CALCULATED",
    "CLOUDWATCH_METRIC",
    "RECOVERY_CONTROL",
];

const KIND: sdk::TagResourceType = sdk::TagResourceType::Healthcheck;
const GONE: &str = "NoSuchHealthCheck";

fn ten_or_thirty(value: &crate::value::Value) -> Result<(), String> {
    match value.as_i64() {
        Some(10 | 30) | None => Ok(()),
        Some(other) => Err(format!("A look every {other} seconds is not possible. Choose 10 (which costs extra) or 30.")),
    }
}

/// A check and its tags.
pub struct Live {
    check: sdk::HealthCheck,
    partition: &'static str,
    tags: Tags,
}

impl Resource for HealthCheck {
    type Model = Args;
    type Live = Live;

    const TYPE: &'static str = "aws_route53_health_check";
    const IDENTITY: Identity = Identity::Assigned { recover_by: &["type", "fqdn", "ip_address"] };
    const MAKING: Making = Making::Again;
    const PACE: Pace = secs(1, 1, 1);
    const READ_BATCH: usize = 10;
    const MISSING: &'static [&'static str] = &[GONE];
    const RETRY: &'static [Retry] = &[
        Retry::of(&["DeleteHealthCheck"], "HealthCheckInUse", "a check that counts this one is still there", retry::NEW),
        Retry::of(&["UpdateHealthCheck"], "HealthCheckVersionMismatch", "another change of the check came between", retry::NEW),
    ];
    const GLOBAL: bool = true;

    fn check(want: &Draft, found: &mut Problems) {
        let Some(kind) = want.known(Args::r#type) else { return };
        let kind = kind.as_str();
        let looks = matches!(kind, "HTTP" | "HTTPS" | "HTTP_STR_MATCH" | "HTTPS_STR_MATCH" | "TCP");
        let matches_text = kind.ends_with("_STR_MATCH");
        if looks && !want.is_set(Args::fqdn) && !want.is_set(Args::ip_address) {
            found.whole(format!("A check of type {kind} needs something to look at. Set `fqdn`, `ip_address`, or both."));
        }
        if kind == "TCP" && !want.is_set(Args::port) {
            found.whole("A check of type TCP needs `port`.");
        }
        if kind == "TCP" && want.known(Args::resource_path).is_some_and(|path| !path.is_empty()) {
            found.at(Args::resource_path, "A check of type TCP only connects and asks for no path. Remove `resource_path`, or choose HTTP or HTTPS.");
        }
        let has_text = want.is_set(Args::search_string);
        if matches_text && !has_text {
            found.whole(format!("A check of type {kind} needs `search_string`: the text that must be in the answer."));
        }
        if !matches_text && want.known(Args::search_string).is_some_and(|text| !text.is_empty()) {
            found.at(Args::search_string, format!("Only checks of type HTTP_STR_MATCH and HTTPS_STR_MATCH look for a text, and this is {kind}. Change the type, or remove `search_string`."));
        }
        if kind == "CALCULATED" && !want.is_set(Args::child_healthchecks) {
            found.whole("A check of type CALCULATED counts other checks. List them in `child_healthchecks`.");
        }
        if kind == "CLOUDWATCH_METRIC" && !(want.is_set(Args::cloudwatch_alarm_name) && want.is_set(Args::cloudwatch_alarm_region)) {
            found.whole("A check of type CLOUDWATCH_METRIC needs `cloudwatch_alarm_name` and `cloudwatch_alarm_region`.");
        }
        if kind == "RECOVERY_CONTROL" && !want.is_set(Args::routing_control_arn) {
            found.whole("A check of type RECOVERY_CONTROL needs `routing_control_arn`.");
        }
        if let Some(address) = want.known(Args::ip_address).and_then(|text| text.parse::<std::net::Ipv4Addr>().ok())
            && (address.is_private() || address.is_loopback() || address.is_link_local())
        {
            found.at(Args::ip_address, format!("{address} cannot be reached from the internet, where checks run. Use a public address, or a CLOUDWATCH_METRIC check."));
        }
    }

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Live)>> {
        let partition = aws.partition;
        let mut found = Vec::new();
        for id in ids {
            match aws.route53.get_health_check().health_check_id(id).send().await.map_err(Error::from) {
                Ok(answer) => found.extend(
                    answer.health_check.map(|check| (id.clone(), Live { check, partition, tags: Tags::new() })),
                ),
                Err(error) if error.is(&[GONE]) => {}
                Err(error) => return Err(error),
            }
        }
        let mut tags = tags_of(aws, KIND, found.iter().map(|(id, _)| id.clone()).collect()).await?;
        for (id, live) in &mut found {
            live.tags = tags.remove(id).unwrap_or_default();
        }
        Ok(found)
    }

    fn observe(live: &Live) -> Args {
        let Some(config) = &live.check.health_check_config else { return Args::default() };
        let alarm = config.alarm_identifier.as_ref();
        take!(Args from config => ip_address, port, resource_path, search_string, request_interval, failure_threshold,
            measure_latency, disabled, enable_sni, insufficient_data_health_status, routing_control_arn;
            r#type: config.r#type.as_str().to_owned(),
            fqdn: config.fully_qualified_domain_name.clone(),
            invert_healthcheck: config.inverted.unwrap_or_default(),
            child_health_threshold: config.health_threshold,
            child_healthchecks: FromAws::from_aws(&config.child_health_checks),
            regions: FromAws::from_aws(&config.regions),
            cloudwatch_alarm_name: alarm.map(|alarm| alarm.name.clone()),
            cloudwatch_alarm_region: alarm.map(|alarm| alarm.region.as_str().to_owned()),
            arn: Some(format!("arn:{}:route53:::healthcheck/{}", live.partition, live.check.id)),
            tags_all: live.tags.clone())
    }

    fn keep_spelling(prior: &Args, live: &mut Args) {
        // Left out, these have values that the service chose.
        if prior.port.is_none() && matches!((live.r#type.as_str(), live.port), ("HTTP" | "HTTP_STR_MATCH", Some(80)) | ("HTTPS" | "HTTPS_STR_MATCH", Some(443))) {
            live.port = None;
        }
        if prior.regions.is_none() && !prior.r#type.is_empty() {
            live.regions = None;
        }
        if prior.request_interval.is_none() && live.request_interval == Some(30) {
            live.request_interval = None;
        }
    }

    fn marked(_want: &Args) -> Marked {
        Marked::Reference
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        let config = send!(sdk::HealthCheckConfig::builder(), want => set_type = r#type, set_ip_address = ip_address,
            set_port = port, set_resource_path = resource_path, set_fully_qualified_domain_name = fqdn,
            set_search_string = search_string, set_request_interval = request_interval,
            set_failure_threshold = failure_threshold, set_inverted = invert_healthcheck, set_disabled = disabled,
            set_health_threshold = child_health_threshold, set_child_health_checks = child_healthchecks,
            set_enable_sni = enable_sni, set_regions = regions,
            set_insufficient_data_health_status = insufficient_data_health_status,
            set_routing_control_arn = routing_control_arn)
        .set_measure_latency(looks(&want.r#type).then_some(want.measure_latency))
        .set_alarm_identifier(alarm(want)?)
        .build();
        let made = aws
            .route53
            .create_health_check()
            .caller_reference(reference(want)?)
            .health_check_config(built(config)?)
            .send()
            .await?;
        made.health_check.map(|check| check.id).ok_or_else(|| Error::empty("CreateHealthCheck"))
    }

    async fn finish(aws: &Aws, id: &Id, want: &Args) -> Result<()> {
        retag(aws, KIND, id, &Tags::new(), &want.tags_all).await
    }

    async fn update(aws: &Aws, id: &Id, have: &Args, want: &Args) -> Result<()> {
        let without_tags = |args: &Args| Args { tags: Tags::new(), tags_all: Tags::new(), arn: None, ..args.clone() };
        if without_tags(have) != without_tags(want) {
            let call = aws.route53.update_health_check().health_check_id(id);
            let mut call = send!(call, want => set_ip_address = ip_address, set_resource_path = resource_path,
                set_fully_qualified_domain_name = fqdn, set_search_string = search_string,
                set_failure_threshold = failure_threshold, set_inverted = invert_healthcheck, set_disabled = disabled,
                set_health_threshold = child_health_threshold, set_child_health_checks = child_healthchecks,
                set_enable_sni = enable_sni, set_insufficient_data_health_status = insufficient_data_health_status)
            .set_alarm_identifier(alarm(want)?);
            let default_port = match want.r#type.as_str() {
                "HTTP" | "HTTP_STR_MATCH" => Some(80),
                "HTTPS" | "HTTPS_STR_MATCH" => Some(443),
                _ => None,
            };
            call = call.set_port(want.port.or(default_port));
            // What is not sent stays as it is, so what is taken away must be named.
            let gone = |have: &Option<String>, want: &Option<String>| have.is_some() && want.is_none();
            let resets = [
                (sdk::ResettableElementName::FullyQualifiedDomainName, gone(&have.fqdn, &want.fqdn)),
                (sdk::ResettableElementName::ResourcePath, gone(&have.resource_path, &want.resource_path)),
                (sdk::ResettableElementName::Regions, have.regions.is_some() && want.regions.is_none()),
                (sdk::ResettableElementName::ChildHealthChecks, !have.child_healthchecks.is_empty() && want.child_healthchecks.is_empty()),
            ];
            for (element, _) in resets.into_iter().filter(|(_, is_gone)| *is_gone) {
                call = call.reset_elements(element);
            }
            if let Some(regions) = &want.regions {
                call = call.set_regions(Some(regions.iter().map(|region| region.as_str().into()).collect()));
            }
            call.send().await?;
        }
        retag(aws, KIND, id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, id: &Id, _have: &Args) -> Result<()> {
        aws.route53.delete_health_check().health_check_id(id).send().await?;
        Ok(())
    }

    /// The check with the reference that the making call was given.
    async fn recover(aws: &Aws, want: &Args) -> Result<Option<Id>> {
        let own = reference(want)?;
        let mut pages = aws.route53.list_health_checks().into_paginator().send();
        while let Some(page) = pages.next().await {
            if let Some(check) = page?.health_checks.into_iter().find(|check| check.caller_reference == own) {
                return Ok(Some(check.id));
            }
        }
        Ok(None)
    }
}

/// What tells the check from all others; 64 letters at most.
fn reference(want: &Args) -> Result<String> {
    let prefix = want.reference_name.as_deref().filter(|name| !name.is_empty()).unwrap_or("glaz");
    match mark::of(&want.tags_all) {
        Some(mark) => Ok(format!("{prefix}-{mark}")),
        None => names::choose(None, Some(&format!("{prefix}-")), "glaz-"),
    }
}

/// Whether checks of this type look at an address themselves; the others refuse settings of the look.
fn looks(kind: &str) -> bool {
    !matches!(kind, "CALCULATED" | "CLOUDWATCH_METRIC" | "RECOVERY_CONTROL")
}

fn alarm(want: &Args) -> Result<Option<sdk::AlarmIdentifier>> {
    let (Some(name), Some(region)) = (&want.cloudwatch_alarm_name, &want.cloudwatch_alarm_region) else { return Ok(None) };
    built(sdk::AlarmIdentifier::builder().name(name).region(region.as_str().into()).build()).map(Some)
}
