use crate::preflight::lookups::{Certificate, Unproved, Unseen, Zone};
use crate::preflight::rule::{Findings, rule};
use crate::preflight::stack::{Object, Stack};

rule! {
    /// A listener takes only certificates of its own region that were issued. ACM issues one when it sees, in public DNS,
    /// the record that proves whose the domain is; where the domain is delegated to other name servers than those of the
    /// zone with the record, it waits for ever, and gives up after three days. One of `us-east-1` is for CloudFront.
    ///
    /// ACM is asked how the certificate is (`acm:DescribeCertificate`). While it waits, Route 53 is asked for the public
    /// zones that the record belongs into, for the record, and for what the zone above names as name servers; who may not
    /// ask is told what ACM says, and that nobody looked. A zone above that is in no zone of the account, and what the registrar says, is not
    /// looked at: compare the name servers with `dig NS`.
    "K35" "certificate" "Certificate does not fit the listener" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    for listener in stack.all("aws_lb_listener") {
        let at = listener.attr("certificate_arn");
        let Some(arn) = at.given().filter(|arn| arn.contains(":acm:")) else { continue };
        let region = arn.split(':').nth(3).unwrap_or_default();
        if let Some(here) = region_of(stack, listener).filter(|here| here != region) {
            found.error(&at, format!("The certificate of {listener} is in {region}, the load balancer in {here}: a listener takes only certificates of its own region. Ask ACM for one in {here}."));
            continue;
        }
        let Some(certificate) = stack.account.certificate(&at, arn) else { continue };
        let Ok(Certificate { status, failure, unproved }) = certificate else {
            found.error(&at, format!("There is no such certificate in {region}. Mend the ARN of {listener}, or ask ACM for one."));
            continue;
        };
        match status.as_str() {
            "PENDING_VALIDATION" => {
                let comes = unproved.iter().any(|one| makes(stack, one));
                let lacks: String = unproved.iter().map(|one| lack(stack, one)).collect();
                let text = format!("The certificate of {listener} was not issued yet, and a listener takes none that was not.{lacks}");
                // A record that is there already is only a matter of minutes.
                let is_there = unproved.iter().all(|one| one.zones.iter().flatten().any(|zone| zone.has_record && !zone.is_bypassed()));
                found.judge(!comes && !is_there, &at, text);
            }
            // One that was valid when the listener got it serves on.
            "EXPIRED" | "REVOKED" | "INACTIVE" => found.warning(&at, format!("The certificate of {listener} is not valid ({status}): browsers refuse it. Ask ACM for another.")),
            "FAILED" | "VALIDATION_TIMED_OUT" => {
                let why = failure.map(|why| format!(", {why}")).unwrap_or_default();
                found.error(&at, format!("ACM gave up the certificate of {listener} ({status}{why}), and a listener takes none that was not issued. Ask for another."));
            }
            // ISSUED, and whatever ACM may come to say.
            _ => {}
        }
    }
}

/// The region that a listener is in: that of its load balancer.
fn region_of(stack: &Stack<'_>, listener: &Object<'_>) -> Option<String> {
    let balancer = listener.attr("load_balancer_arn");
    let of_arn = balancer.given().and_then(|arn| arn.split(':').nth(3)).filter(|region| !region.is_empty());
    of_arn.map(ToOwned::to_owned).or_else(|| stack.account.region(listener))
}

/// Whether the stack has the record that proves a name, or may have it: names may be relative to their zone, or become
/// known in the apply only.
fn makes(stack: &Stack<'_>, one: &Unproved) -> bool {
    let plain = |name: &str| name.trim_end_matches('.').to_ascii_lowercase();
    let Some([name, ..]) = &one.record else { return false };
    let wanted = plain(name);
    let fits = |given: String| wanted == given || wanted.starts_with(&format!("{given}."));
    stack.all("aws_route53_record").iter().any(|record| record.attr("name").given().map(plain).is_none_or(fits))
}

/// What a name lacks for its proof, as a sentence or two after a blank.
fn lack(stack: &Stack<'_>, one: &Unproved) -> String {
    let Some([name, kind, value]) = &one.record else {
        return format!(" Somebody must follow the link in ACM's mail about {}.", one.domain);
    };
    let record = format!("{} {kind} {}", name.trim_end_matches('.'), value.trim_end_matches('.'));
    if makes(stack, one) {
        return format!(" ACM waits for the record {record}, which is in this stack: apply again some minutes after it was made.");
    }
    match one.zones.as_deref() {
        Err(Unseen::Denied(call)) => format!(" ACM waits for the record {record}. Whether it is there was not looked at: the credentials may not call {call}."),
        Err(Unseen::Failed(why)) => format!(" ACM waits for the record {record}. Whether it is there could not be looked at: {why}."),
        Ok([]) => format!(" ACM waits for the record {record}, and no public zone of this account is about {}: it belongs where the domain's DNS is kept.", one.domain),
        Ok([zone]) => in_zone(zone, &record),
        Ok(zones) => {
            let ids: Vec<&str> = zones.iter().map(|zone| zone.id.as_str()).collect();
            let named = zones.iter().filter(|zone| zone.delegated_to.is_some() && !zone.is_bypassed());
            let meant = match named.collect::<Vec<_>>().as_slice() {
                [zone] => format!("the domain is delegated to {}", zone.id),
                _ => "the world asks only the one whose name servers the domain is delegated to".to_owned(),
            };
            let without: Vec<&str> = zones.iter().filter(|zone| !zone.has_record).map(|zone| zone.id.as_str()).collect();
            let lacking = if without.is_empty() { String::new() } else { format!(" {} lack the record.", without.join(", ")) };
            format!(" ACM waits for the record {record}. There are {} public zones {} ({}), and {meant}.{lacking}", zones.len(), zones[0].name, ids.join(", "))
        }
    }
}

/// The same where there is one zone for the record.
fn in_zone(zone: &Zone, record: &str) -> String {
    let Zone { id, name, name_servers, has_record, delegated_to } = zone;
    let own = name_servers.join(", ");
    match delegated_to {
        Some(other) if zone.is_bypassed() => {
            let named = if other.is_empty() { "no name servers".to_owned() } else { other.join(", ") };
            format!(" ACM waits for the record {record}, and cannot see zone {id}: the zone above {name} names {named} for it, not {own}. Correct its NS record.")
        }
        _ if *has_record => format!(" The record {record} is in zone {id}: if ACM does not see it within minutes, {name} is delegated to other name servers than {own}."),
        _ => format!(" ACM waits for the record {record}: add it to zone {id} ({name})."),
    }
}
