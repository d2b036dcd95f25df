//! `aws_route53_record`: names and addresses that a name stands for.
//!
//! API: Route 53 2013-04-01, `ChangeResourceRecordSets` and `ListResourceRecordSets`.
//! <https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html>

mod change;
mod check;
mod find;
mod model;
mod values;

use aws_sdk_route53::types as sdk;

use self::change::{Repeats, change};
pub use self::find::Live;
use self::find::{Place, place};
use self::model::normal_alias;
pub use self::model::{
    Alias, Args, CidrRouting, Coordinates, FailoverRouting, GeolocationRouting, GeoproximityRouting, LatencyRouting,
    WeightedRouting,
};
use super::shared::{normal_name, settled};
use crate::aws::answers::built;
use crate::aws::contract::*;
use crate::send;

/// The type.
pub struct Record;

impl Resource for Record {
    type Model = Args;
    type Live = Live;

    const TYPE: &'static str = "aws_route53_record";
    const SCHEMA_VERSION: Option<u64> = Some(2);
    // What tells records apart replaces them: DNS has no renaming, and the id is made of it.
    const IDENTITY: Identity = Identity::Chosen(&["zone_id", "name", "type", "set_identifier"]);
    const PACE: Pace = secs(40, 40, 2).limits(30, 30, 30).poll(10);
    // Of a zone one call tells 300, whoever asks for how many.
    const READ_BATCH: usize = 10_000;
    const TOGETHER: usize = 100;
    const MISSING: &'static [&'static str] = &["NoSuchHostedZone"];
    const GLOBAL: bool = true;

    fn check(want: &Draft, found: &mut Problems) {
        check::check(want, found);
    }

    fn revise(want: &mut Draft) {
        if let Some(name) = want.known(Args::name) {
            want.set(Args::name, &normal_name(&name));
        }
        if let Some(alias) = want.known(Args::alias) {
            let name = normal_alias(&alias.name);
            want.set(Args::alias, &Some(Alias { name, ..alias }));
        }
    }

    fn locate(shown: &str, have: &Args) -> Id {
        if shown.is_empty() { Place::of(have).id() } else { shown.to_owned() }
    }

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Live)>> {
        find::read(aws, ids).await
    }

    fn observe(live: &Live) -> Args {
        let (set, place) = (&live.set, &live.place);
        let kind = set.r#type.as_str();
        let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let values = set.resource_records.iter().flatten().map(|one| values::from_wire(kind, &one.value));
        let values: Set<String> = values.collect();
        let policy = set.cidr_routing_config.as_ref().map(|cidr| CidrRouting {
            collection_id: cidr.collection_id.clone(),
            location_name: cidr.location_name.clone(),
        });
        Args {
            zone_id: place.zone.clone(),
            name: place.name.clone(),
            r#type: kind.to_owned(),
            ttl: set.ttl,
            records: (!values.is_empty()).then_some(values),
            alias: set.alias_target.as_ref().map(|target| Alias {
                name: normal_alias(&target.dns_name),
                zone_id: target.hosted_zone_id.clone(),
                evaluate_target_health: target.evaluate_target_health,
            }),
            set_identifier: filled(&set.set_identifier),
            health_check_id: filled(&set.health_check_id),
            multivalue_answer_routing_policy: set.multi_value_answer,
            cidr_routing_policy: policy,
            failover_routing_policy: set.failover.as_ref().map(|kind| FailoverRouting { r#type: kind.as_str().to_owned() }),
            geolocation_routing_policy: set.geo_location.as_ref().map(|place| GeolocationRouting {
                continent: place.continent_code.clone(),
                country: place.country_code.clone(),
                subdivision: place.subdivision_code.clone(),
            }),
            geoproximity_routing_policy: set.geo_proximity_location.as_ref().map(from_proximity),
            latency_routing_policy: set.region.as_ref().map(|region| LatencyRouting { region: region.as_str().to_owned() }),
            weighted_routing_policy: set.weight.map(|weight| WeightedRouting { weight }),
            fqdn: Some(normal_name(&set.name)),
            ..Args::default()
        }
    }

    fn keep_spelling(prior: &Args, live: &mut Args) {
        let meant = |kind: &str, all: &Set<String>| {
            let mut meant: Vec<String> = all.iter().map(|value| values::meaning(kind, value)).collect();
            meant.sort_unstable();
            meant
        };
        if let (Some(before), Some(now)) = (&prior.records, &live.records)
            && meant(&live.r#type, before) == meant(&live.r#type, now)
        {
            live.records = Some(before.clone());
        }
        if live.multivalue_answer_routing_policy.is_none() && prior.multivalue_answer_routing_policy == Some(false) {
            live.multivalue_answer_routing_policy = Some(false);
        }
        if let (Some(before), Some(now)) = (&prior.geoproximity_routing_policy, &mut live.geoproximity_routing_policy)
            && now.bias.unwrap_or_default() == before.bias.unwrap_or_default()
        {
            now.bias = before.bias;
        }
    }

    fn settled(live: &Live) -> Settled {
        settled(live.is_under_way)
    }

    fn overwrites(want: &Args) -> bool {
        want.allow_overwrite == Some(true)
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        let place = Place::of(want);
        let action = match want.allow_overwrite {
            Some(true) => sdk::ChangeAction::Upsert,
            _ => sdk::ChangeAction::Create,
        };
        let name = place.whole_name(aws).await?;
        let steps = vec![(action, to_set(&name, want)?)];
        change(aws, &place, steps, Repeats::Engine).await.map_err(|error| advised(error, &name))?;
        Ok(place.id())
    }

    async fn update(aws: &Aws, id: &Id, have: &Args, want: &Args) -> Result<()> {
        let place = place(id)?;
        let wanted = to_set(&place.whole_name(aws).await?, want)?;
        // A record cannot change its kind of routing in place; both halves happen at once or not at all.
        let steps = if routing(have) == routing(want) {
            vec![(sdk::ChangeAction::Upsert, wanted)]
        } else {
            let live = find::one(aws, &place).await?;
            let delete = live.map(|live| (sdk::ChangeAction::Delete, live));
            delete.into_iter().chain([(sdk::ChangeAction::Create, wanted)]).collect()
        };
        change(aws, &place, steps, Repeats::Client).await
    }

    async fn delete(aws: &Aws, id: &Id, _have: &Args) -> Result<()> {
        let place = place(id)?;
        let is_apex = find::zone_name(aws, &place.zone).await? == place.whole_name(aws).await?;
        if is_apex && matches!(place.kind.as_str(), "NS" | "SOA") {
            // These come and go with the zone.
            return Ok(());
        }
        let Some(live) = find::one(aws, &place).await? else { return Ok(()) };
        match change(aws, &place, vec![(sdk::ChangeAction::Delete, live)], Repeats::Client).await {
            Err(error) if error.message.contains("but it was not found") => Ok(()),
            done => done,
        }
    }

    async fn import(_aws: &Aws, text: &str) -> Result<Id> {
        Ok(place(text)?.id())
    }
}

/// The kinds of routing that a record has.
fn routing(args: &Args) -> [bool; 7] {
    [
        args.multivalue_answer_routing_policy == Some(true),
        args.cidr_routing_policy.is_some(),
        args.failover_routing_policy.is_some(),
        args.geolocation_routing_policy.is_some(),
        args.geoproximity_routing_policy.is_some(),
        args.latency_routing_policy.is_some(),
        args.weighted_routing_policy.is_some(),
    ]
}

/// The refusal of a record that somebody else made, with what to do about it.
fn advised(mut error: Error, name: &str) -> Error {
    if error.message.contains("but it already exists") {
        error.message = format!(
            "{} Import the record {name}, delete it, or set `allow_overwrite = true` to take it over.",
            error.message
        );
    }
    error
}

fn to_set(name: &str, want: &Args) -> Result<sdk::ResourceRecordSet> {
    let value = |value: &String| built(sdk::ResourceRecord::builder().value(values::to_wire(&want.r#type, value)).build());
    let records: Option<Result<Vec<_>>> = want.records.as_ref().map(|all| all.iter().map(value).collect());
    let alias = |alias: &Alias| {
        let target = sdk::AliasTarget::builder().dns_name(&alias.name).hosted_zone_id(&alias.zone_id);
        built(target.evaluate_target_health(alias.evaluate_target_health).build())
    };
    let cidr = |cidr: &CidrRouting| {
        let config = sdk::CidrRoutingConfig::builder().collection_id(&cidr.collection_id);
        built(config.location_name(&cidr.location_name).build())
    };
    let geo = |place: &GeolocationRouting| {
        send!(sdk::GeoLocation::builder(), place => set_continent_code = continent, set_country_code = country,
            set_subdivision_code = subdivision)
        .build()
    };
    let set = send!(sdk::ResourceRecordSet::builder().name(name), want => set_type = r#type, set_ttl = ttl,
        set_set_identifier = set_identifier, set_health_check_id = health_check_id)
    .set_multi_value_answer(want.multivalue_answer_routing_policy.filter(|is_on| *is_on))
    .set_resource_records(records.transpose()?)
    .set_alias_target(want.alias.as_ref().map(alias).transpose()?)
    .set_cidr_routing_config(want.cidr_routing_policy.as_ref().map(cidr).transpose()?)
    .set_failover(want.failover_routing_policy.as_ref().map(|policy| policy.r#type.as_str().into()))
    .set_geo_location(want.geolocation_routing_policy.as_ref().map(geo))
    .set_geo_proximity_location(want.geoproximity_routing_policy.as_ref().map(to_proximity).transpose()?)
    .set_region(want.latency_routing_policy.as_ref().map(|policy| policy.region.as_str().into()))
    .set_weight(want.weighted_routing_policy.as_ref().map(|policy| policy.weight));
    built(set.build())
}

fn to_proximity(policy: &GeoproximityRouting) -> Result<sdk::GeoProximityLocation> {
    let coordinates = policy.coordinates.first().map(|place| {
        built(sdk::Coordinates::builder().latitude(&place.latitude).longitude(&place.longitude).build())
    });
    Ok(send!(sdk::GeoProximityLocation::builder(), policy => set_aws_region = aws_region, set_bias = bias,
        set_local_zone_group = local_zone_group)
    .set_coordinates(coordinates.transpose()?)
    .build())
}

fn from_proximity(place: &sdk::GeoProximityLocation) -> GeoproximityRouting {
    GeoproximityRouting {
        aws_region: place.aws_region.clone(),
        bias: place.bias,
        local_zone_group: place.local_zone_group.clone(),
        coordinates: place
            .coordinates
            .iter()
            .map(|at| Coordinates { latitude: at.latitude.clone(), longitude: at.longitude.clone() })
            .collect(),
    }
}
