//! Records that lead to a load balancer that is gone, in zones that stay. Whoever gets that address next gets the
//! visitors.

use std::collections::BTreeSet;

use aws_sdk_route53::types::ResourceRecordSet;

use super::{Found, Look, Place};
use crate::resource::{Error, Left};

pub(super) const LOOK: Look = Look { what: "records", after: &["aws_route53_record"], find: |place| find(place) };

fn find<'a>(place: &'a Place<'a>) -> Found<'a> {
    Box::pin(async move {
        let gone = place.texts("aws_route53_zone", "zone_id");
        let deleted: BTreeSet<(&str, &str)> = place
            .of("aws_route53_record")
            .filter_map(|record| Some((super::text(record, "fqdn")?, super::text(record, "type")?)))
            .collect();
        let targets: BTreeSet<&str> =
            ["aws_lb", "aws_alb"].into_iter().flat_map(|type_name| place.texts(type_name, "dns_name")).collect();
        let mut left = Vec::new();
        for zone in place.texts("aws_route53_record", "zone_id").difference(&gone) {
            for set in records(place, zone).await? {
                let name = set.name.trim_end_matches('.');
                let is_back = deleted.contains(&(name, set.r#type.as_str()));
                if is_back || leads_to(&set, &targets) {
                    let why = if is_back {
                        "was deleted, and is there again"
                    } else {
                        "leads to a load balancer that is gone"
                    };
                    let kind = set.r#type.as_str();
                    left.push(Left {
                        what: format!("record {name} {kind} in zone {zone} ({why})"),
                        command: format!(
                            "aws route53 list-resource-record-sets --hosted-zone-id {zone} --start-record-name {name} --start-record-type {kind} --max-items 1"
                        ),
                    });
                }
            }
        }
        Ok(left)
    })
}

/// All records of a zone; none of one that is gone.
async fn records(place: &Place<'_>, zone: &str) -> Result<Vec<ResourceRecordSet>, Error> {
    let mut all = Vec::new();
    let mut call = place.aws.route53.list_resource_record_sets().hosted_zone_id(zone);
    loop {
        let page = match call.clone().send().await.map_err(Error::from) {
            Err(error) if error.is(&["NoSuchHostedZone"]) => return Ok(all),
            other => other?,
        };
        all.extend(page.resource_record_sets);
        if !page.is_truncated {
            return Ok(all);
        }
        call = call
            .set_start_record_name(page.next_record_name)
            .set_start_record_type(page.next_record_type)
            .set_start_record_identifier(page.next_record_identifier);
    }
}

/// Whether the record is an alias of one of these, or names it. An alias of the console has a prefix.
fn leads_to(set: &ResourceRecordSet, targets: &BTreeSet<&str>) -> bool {
    let plain = |text: &str| {
        let text = text.trim_end_matches('.').to_ascii_lowercase();
        text.strip_prefix("dualstack.").map_or(text.clone(), str::to_owned)
    };
    let alias = set.alias_target().map(|alias| plain(alias.dns_name()));
    let values = set.resource_records().iter().map(|record| plain(record.value()));
    alias.into_iter().chain(values).any(|name| targets.iter().any(|target| plain(target) == name))
}
