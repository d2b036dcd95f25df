//! Where a record is, and finding it there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_route53::types as sdk;
use futures_util::future::{join, join_all};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use tokio::sync::OnceCell;

use super::change::AT_A_TIME;
use super::model::{Args, TYPES};
use crate::aws::contract::*;
use crate::aws::route53::shared::{normal_name, plain_id, under_way};
use crate::aws::together::{ANY, Together};

/// Looking up this many records of a zone one by one is quicker than listing the zone.
const FEW: usize = 4;

/// Records that one call lists.
const PAGE: usize = 300;

/// Records that are looked up one by one at a time.
const LOOKS: usize = 10;

/// Where a record is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) zone: String,
    /// As the stack file has it, in lower case; perhaps without the zone's name.
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) set_identifier: Option<String>,
}

/// A record as it was found.
pub struct Live {
    pub(super) place: Place,
    pub(super) set: sdk::ResourceRecordSet,
    pub(super) is_under_way: bool,
}

impl Place {
    pub(super) fn of(args: &Args) -> Self {
        Self {
            zone: plain_id(&args.zone_id).to_owned(),
            name: normal_name(&args.name),
            kind: args.r#type.clone(),
            set_identifier: args.set_identifier.clone().filter(|text| !text.is_empty()),
        }
    }

    /// As hashicorp/aws writes it: `Z1_www.example.com_A`, with the set identifier behind.
    pub(super) fn id(&self) -> Id {
        let set = self.set_identifier.as_deref().map(|set| format!("_{set}")).unwrap_or_default();
        format!("{}_{}_{}{set}", self.zone, self.name, self.kind)
    }

    /// The name with the zone's.
    pub(super) async fn whole_name(&self, aws: &Aws) -> Result<String> {
        Ok(whole(&self.name, &zone_name(aws, &self.zone).await?))
    }

    fn key(&self, name: String) -> Key {
        (name, self.kind.clone(), self.set_identifier.clone().unwrap_or_default())
    }
}

/// What tells the records of a zone apart: whole name, kind, set identifier.
type Key = (String, String, String);

fn key_of(set: &sdk::ResourceRecordSet) -> Key {
    (normal_name(&set.name), set.r#type.as_str().to_owned(), set.set_identifier.clone().unwrap_or_default())
}

/// A name that is not in the zone is meant to be below it.
fn whole(name: &str, zone: &str) -> String {
    let is_inside = name == zone || name.strip_suffix(zone).is_some_and(|start| start.ends_with('.'));
    match (name, is_inside) {
        ("", _) => zone.to_owned(),
        (_, true) => name.to_owned(),
        (_, false) => format!("{name}.{zone}"),
    }
}

/// The place that an id names. Names may contain underscores, so the kind, in capitals, tells where the name ends.
pub(super) fn place(id: &str) -> Result<Place> {
    let malformed = || {
        Error::local("import", format!("`{id}` does not name a record. Write zone id, name and type with underscores between, and the set identifier if there is one: `Z123_www.example.com_A`."))
    };
    let (zone, rest) = id.split_once('_').ok_or_else(malformed)?;
    let parts: Vec<&str> = rest.split('_').collect();
    let at = parts.iter().position(|part| TYPES.contains(part)).ok_or_else(malformed)?;
    let set = parts.get(at + 1..).unwrap_or_default().join("_");
    Ok(Place {
        zone: plain_id(zone).to_owned(),
        name: normal_name(&parts.get(..at).unwrap_or_default().join("_")),
        kind: parts.get(at).copied().unwrap_or_default().to_owned(),
        set_identifier: (!set.is_empty()).then_some(set),
    })
}

/// What is known of a zone before its records are read.
#[derive(Clone, Debug)]
struct Zone {
    name: String,
    /// Calls that listing all its records takes, when it was looked at.
    pages: usize,
}

/// Zones never change their names, so each is asked for once, by whoever needs it first.
async fn zone_of(aws: &Aws, zone: &str) -> Result<Zone> {
    static ZONES: Mutex<BTreeMap<String, Arc<OnceCell<Zone>>>> = Mutex::new(BTreeMap::new());
    let cell = ZONES.lock().unwrap_or_else(PoisonError::into_inner).entry(zone.to_owned()).or_default().clone();
    let ask = async || {
        let answer = aws.route53.get_hosted_zone().id(zone).send().await?;
        let zone = answer.hosted_zone.ok_or_else(|| Error::empty("GetHostedZone"))?;
        let records = zone.resource_record_set_count.and_then(|count| usize::try_from(count).ok()).unwrap_or_default();
        Ok(Zone { name: normal_name(&zone.name), pages: records.div_ceil(PAGE) })
    };
    cell.get_or_try_init(ask).await.cloned()
}

/// The name of a zone.
pub(super) async fn zone_name(aws: &Aws, zone: &str) -> Result<String> {
    Ok(zone_of(aws, zone).await?.name)
}

/// What several want to know of one zone, in one look.
static TOGETHER: Together<Vec<Place>, Vec<Option<sdk::ResourceRecordSet>>> = Together::new(AT_A_TIME, |_| [0, 0], ANY);

/// Records of one zone, in the order they are asked for.
async fn look(aws: &Aws, zone: &str, places: Vec<Place>) -> Result<Vec<Option<sdk::ResourceRecordSet>>> {
    let send = async |asked: Vec<Vec<Place>>| match in_zone(aws, zone, &asked.concat()).await {
        Ok(found) => {
            let mut found = found.into_iter();
            asked.iter().map(|places| Ok(found.by_ref().take(places.len()).collect())).collect()
        }
        Err(error) => asked.iter().map(|_| Err(error.clone())).collect(),
    };
    TOGETHER.ask(&format!("{} {zone}", aws.provider()), places, send).await
}

/// One record.
pub(super) async fn one(aws: &Aws, place: &Place) -> Result<Option<sdk::ResourceRecordSet>> {
    Ok(look(aws, &place.zone, vec![place.clone()]).await?.pop().flatten())
}

/// Records of any zones.
pub(super) async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Live)>> {
    let mut by_zone: BTreeMap<String, Vec<(&Id, Place)>> = BTreeMap::new();
    for id in ids {
        let place = place(id)?;
        by_zone.entry(place.zone.clone()).or_default().push((id, place));
    }
    let in_one = async |(zone, asked): (String, Vec<(&Id, Place)>)| {
        let places = asked.iter().map(|(_, place)| place.clone()).collect();
        let found = match look(aws, &zone, places).await {
            // The records went with their zone.
            Err(error) if error.is(&["NoSuchHostedZone"]) => Vec::new(),
            found => found?,
        };
        let live = |((id, place), set): ((&Id, Place), Option<_>)| Some((id.clone(), place, set?));
        Ok::<_, Error>(asked.into_iter().zip(found).filter_map(live).collect::<Vec<_>>())
    };
    // To the end also when one fails: others may wait for what it reads.
    let (found, under_way) = join(join_all(by_zone.into_iter().map(in_one)), under_way(aws, ids)).await;
    let (found, under_way) = (found.into_iter().collect::<Result<Vec<_>>>()?, under_way?);
    let live = |(id, place, set): (Id, Place, _)| {
        let is_under_way = under_way.contains(&id);
        (id, Live { place, set, is_under_way })
    };
    Ok(found.into_iter().flatten().map(live).collect())
}

/// Records of a zone, in the order of their places: each by a call of its own, or all that the zone has.
async fn in_zone(aws: &Aws, zone: &str, places: &[Place]) -> Result<Vec<Option<sdk::ResourceRecordSet>>> {
    let Zone { name, pages } = zone_of(aws, zone).await?;
    let calls = places.iter().collect::<BTreeSet<_>>().len();
    if calls <= pages.max(FEW) {
        let look = places.iter().cloned().map(|place| alone(aws, whole(&place.name, &name), place));
        return stream::iter(look).buffered(LOOKS).try_collect().await;
    }
    let mut found = vec![None; places.len()];
    let mut open: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
    for (at, place) in places.iter().enumerate() {
        open.entry(place.key(whole(&place.name, &name))).or_default().push(at);
    }
    let mut pages = aws.route53.list_resource_record_sets().hosted_zone_id(zone);
    loop {
        let page = pages.clone().send().await?;
        for set in page.resource_record_sets {
            open.remove(&key_of(&set)).into_iter().flatten().for_each(|at| found[at] = Some(set.clone()));
        }
        if !page.is_truncated || open.is_empty() {
            return Ok(found);
        }
        pages = pages
            .set_start_record_name(page.next_record_name)
            .set_start_record_type(page.next_record_type)
            .set_start_record_identifier(page.next_record_identifier);
    }
}

/// A record whose whole name is given.
async fn alone(aws: &Aws, name: String, place: Place) -> Result<Option<sdk::ResourceRecordSet>> {
    let answer = aws
        .route53
        .list_resource_record_sets()
        .hosted_zone_id(&place.zone)
        .start_record_name(&name)
        .start_record_type(place.kind.as_str().into())
        .set_start_record_identifier(place.set_identifier.clone())
        .max_items(1)
        .send()
        .await?;
    let key = place.key(name);
    Ok(answer.resource_record_sets.into_iter().find(|set| key_of(set) == key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_back() {
        for id in ["Z1_www.example.com_A", "Z1__acme_x.example.com_TXT", "Z1_www_CNAME_blue_1", "Z1__NS"] {
            assert_eq!(place(id).map(|place| place.id()).as_deref(), Ok(id));
        }
        assert_eq!(place("Z1_www_A_A_b").ok().and_then(|place| place.set_identifier).as_deref(), Some("A_b"));
        assert!(place("Z1_www.example.com").is_err());
    }

    #[test]
    fn names_end_with_the_zones() {
        assert_eq!(whole("www", "example.com"), "www.example.com");
        assert_eq!(whole("www.example.com", "example.com"), "www.example.com");
        assert_eq!(whole("notexample.com", "example.com"), "notexample.com.example.com");
        assert_eq!(whole("", "example.com"), "example.com");
    }
}
