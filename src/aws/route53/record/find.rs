//! Where a record is, and finding it there.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_route53::types as sdk;
use futures_util::future::try_join_all;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use tokio::sync::OnceCell;

use super::model::{Args, TYPES};
use crate::aws::contract::*;
use crate::aws::route53::shared::{is_under_way, normal_name, plain_id};

/// Looking up this many records of a zone one by one is quicker than listing the zone.
const FEW: usize = 4;

/// Changes that are asked for at a time: each has a call of its own, and an account has five of Route 53 a second.
const CHANGES: usize = 10;

/// Where a record is.
#[derive(Clone, Debug, PartialEq, Eq)]
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

    fn fits(&self, set: &sdk::ResourceRecordSet, name: &str) -> bool {
        normal_name(&set.name) == name
            && set.r#type.as_str() == self.kind
            && set.set_identifier.as_deref().filter(|text| !text.is_empty()) == self.set_identifier.as_deref()
    }
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

/// The name of a zone. Zones never change theirs, so each is asked for once, by whoever needs it first.
pub(super) async fn zone_name(aws: &Aws, zone: &str) -> Result<String> {
    static NAMES: Mutex<BTreeMap<String, Arc<OnceCell<String>>>> = Mutex::new(BTreeMap::new());
    let cell = NAMES.lock().unwrap_or_else(PoisonError::into_inner).entry(zone.to_owned()).or_default().clone();
    let ask = async || {
        let answer = aws.route53.get_hosted_zone().id(zone).send().await?;
        answer.hosted_zone.map(|zone| normal_name(&zone.name)).ok_or_else(|| Error::empty("GetHostedZone"))
    };
    cell.get_or_try_init(ask).await.cloned()
}

/// One record.
pub(super) async fn one(aws: &Aws, place: &Place) -> Result<Option<sdk::ResourceRecordSet>> {
    let name = place.whole_name(aws).await?;
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
    Ok(answer.resource_record_sets.into_iter().find(|set| place.fits(set, &name)))
}

/// Records of any zones.
pub(super) async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Live)>> {
    let mut by_zone: BTreeMap<String, Vec<(&Id, Place)>> = BTreeMap::new();
    for id in ids {
        let place = place(id)?;
        by_zone.entry(place.zone.clone()).or_default().push((id, place));
    }
    let in_one = async |(zone, places): (String, Vec<(&Id, Place)>)| match in_zone(aws, &zone, places).await {
        // The records went with their zone.
        Err(error) if error.is(&["NoSuchHostedZone"]) => Ok(Vec::new()),
        found => found,
    };
    let found = try_join_all(by_zone.into_iter().map(in_one)).await?;
    let asked = async |(id, live): (Id, Live)| {
        let is_under_way = is_under_way(aws, &id).await?;
        Ok((id, Live { is_under_way, ..live }))
    };
    stream::iter(found.into_iter().flatten()).map(asked).buffered(CHANGES).try_collect().await
}

async fn in_zone(aws: &Aws, zone: &str, places: Vec<(&Id, Place)>) -> Result<Vec<(Id, Live)>> {
    let live = |id: &Id, place: &Place, set| (id.clone(), Live { place: place.clone(), set, is_under_way: false });
    if places.len() <= FEW {
        let look = async |(id, place): &(&Id, Place)| Ok::<_, Error>(one(aws, place).await?.map(|set| live(id, place, set)));
        return Ok(try_join_all(places.iter().map(look)).await?.into_iter().flatten().collect());
    }
    let mut found = Vec::with_capacity(places.len());
    let name = zone_name(aws, zone).await?;
    let places: Vec<(&Id, Place, String)> =
        places.into_iter().map(|(id, place)| (id, place.clone(), whole(&place.name, &name))).collect();
    let mut pages = aws.route53.list_resource_record_sets().hosted_zone_id(zone);
    loop {
        let page = pages.clone().send().await?;
        for set in page.resource_record_sets {
            let fitting = places.iter().filter(|(_, place, name)| place.fits(&set, name));
            found.extend(fitting.map(|(id, place, _)| live(id, place, set.clone())));
        }
        if !page.is_truncated || found.len() == places.len() {
            return Ok(found);
        }
        pages = pages
            .set_start_record_name(page.next_record_name)
            .set_start_record_type(page.next_record_type)
            .set_start_record_identifier(page.next_record_identifier);
    }
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
