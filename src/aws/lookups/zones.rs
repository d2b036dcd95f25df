//! The public zones of an account that a record belongs into, and whether the zone above leads to them.
//!
//! API: Route 53 2013-04-01, `ListHostedZonesByName` and its siblings.
//! <https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListHostedZonesByName.html>

use aws_sdk_route53::types as sdk;

use crate::aws::client::Aws;
use crate::preflight::lookups::Zone;
use crate::resource::Error;

/// The public zones with the longest name that the record (name, type and value) belongs into.
pub(super) async fn of(aws: &Aws, record: &[String; 3]) -> Result<Vec<Zone>, Error> {
    let [name, kind, value] = record;
    let mut all = Vec::new();
    for (id, zone) in nearest(aws, above(&plain(name))).await? {
        let answer = aws.route53.get_hosted_zone().id(&id).send().await?;
        let name_servers = answer.delegation_set.map(|set| set.name_servers).unwrap_or_default();
        let values = values(aws, &id, name, kind).await?;
        all.push(Zone {
            delegated_to: delegated_to(aws, &zone).await?,
            name_servers: name_servers.iter().map(|one| plain(one)).collect(),
            has_record: values.contains(&plain(value)),
            name: zone,
            id,
        });
    }
    Ok(all)
}

/// The name servers that the nearest zone above names for a zone; `None` where the account has no such zone, or where a zone
/// in between may be kept elsewhere and name them.
async fn delegated_to(aws: &Aws, zone: &str) -> Result<Option<Vec<String>>, Error> {
    let mut named: Option<Vec<String>> = None;
    let next = above(zone).nth(1);
    for (id, name) in nearest(aws, above(zone).skip(1)).await? {
        let servers = values(aws, &id, zone, "NS").await?;
        if !servers.is_empty() || next.as_ref() == Some(&name) {
            named.get_or_insert_default().extend(servers);
        }
    }
    Ok(named)
}

/// Ids and names of the public zones with the first of these names that has any.
async fn nearest(aws: &Aws, names: impl Iterator<Item = String>) -> Result<Vec<(String, String)>, Error> {
    for name in names {
        let answer = aws.route53.list_hosted_zones_by_name().dns_name(&name).max_items(100).send().await?;
        let is_public = |zone: &&sdk::HostedZone| zone.config.as_ref().is_none_or(|config| !config.private_zone);
        // Zones of one name stand together, and come first.
        let same = answer.hosted_zones.iter().take_while(|zone| plain(&zone.name) == name).filter(is_public);
        let id = |zone: &sdk::HostedZone| zone.id.rsplit('/').next().unwrap_or_default().to_owned();
        let found: Vec<_> = same.map(|zone| (id(zone), name.clone())).collect();
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

/// Values of the record of a name and type, without dots at the end.
async fn values(aws: &Aws, zone: &str, name: &str, kind: &str) -> Result<Vec<String>, Error> {
    let call = aws.route53.list_resource_record_sets().hosted_zone_id(zone).start_record_name(name);
    let answer = call.start_record_type(kind.into()).max_items(1).send().await?;
    let is_meant = |set: &sdk::ResourceRecordSet| plain(&set.name) == plain(name) && set.r#type.as_str() == kind;
    let sets = answer.resource_record_sets.into_iter().filter(is_meant);
    Ok(sets.flat_map(|set| set.resource_records.unwrap_or_default()).map(|one| plain(&one.value)).collect())
}

/// A name and those above it, the nearest first, without the top level.
fn above(name: &str) -> impl Iterator<Item = String> {
    let name = name.to_owned();
    let starts: Vec<usize> = std::iter::once(0).chain(name.match_indices('.').map(|(at, _)| at + 1)).collect();
    starts.into_iter().map(move |at| name[at..].to_owned()).filter(|rest| rest.contains('.'))
}

/// A domain name without the dot at the end, in lower case.
fn plain(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_above_a_name() {
        let above = |name: &str| super::above(name).collect::<Vec<_>>();
        assert_eq!(above("_a.www.example.com"), ["_a.www.example.com", "www.example.com", "example.com"]);
        assert_eq!(above("com"), Vec::<String>::new());
    }
}
