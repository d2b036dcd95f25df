use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::pairs;
use crate::preflight::stack::{Place, Stack};

rule! {
    /// Traffic goes back and forth between the two target groups of a pair. When one of them has another port, protocol
    /// or health check, every second deployment behaves differently from the one before.
    ///
    /// Make the two alike in everything but their name, best by one block with `for_each`.
    "K15" "pair-alike" "Blue and green differ" check
}

/// Attributes in which the two must be alike.
const ALIKE: &[&str] = &["port", "protocol", "protocol_version", "target_type", "vpc_id", "deregistration_delay"];
const CHECK: &[&str] = &["path", "port", "protocol", "matcher", "interval", "timeout", "healthy_threshold", "unhealthy_threshold"];

fn check(stack: &Stack<'_>, found: &mut Findings) {
    for (owner, blue, green) in pairs(stack) {
        let plain = ALIKE.iter().map(|name| (*name, blue.attr(name), green.attr(name)));
        let (a, b) = (blue.block("health_check"), green.block("health_check"));
        let are_known = [&blue, &green].iter().all(|group| group.items("health_check").len() == 1);
        let checks = CHECK.iter().filter(|_| are_known).map(|name| (*name, a.attr(name), b.attr(name)));
        for (name, one, other) in plain.chain(checks) {
            if let Some((one, text)) = said(&one).zip(said(&other))
                && one != text
            {
                let text = format!(
                    "{owner} moves traffic between {blue} and {green}, and they differ in `{name}`: {one} and {text}. Make them alike."
                );
                found.warning(&other, text);
            }
        }
    }
}

/// What is said there, as text; the same word for everything that nobody says.
fn said(place: &Place<'_>) -> Option<String> {
    if place.is_absent() {
        return Some("nothing".to_owned());
    }
    place.given().map(|text| format!("\"{text}\"")).or_else(|| place.int().map(|number| number.to_string()))
}
