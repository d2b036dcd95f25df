use crate::preflight::rule::{Findings, rule};
use crate::preflight::stack::{Object, Stack};

rule! {
    /// An alias names the zone of its *target*: for a load balancer that is the `zone_id` of the load balancer, which
    /// belongs to AWS, not the zone the record is in. And at the top of a zone no CNAME may stand, since SOA and NS are
    /// there: use an alias.
    "K36" "alias-zone" "Record does not fit its target" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    for record in stack.all("aws_route53_record") {
        let zone = record.attr("zone_id");
        let alias = record.block("alias");
        let at = alias.attr("zone_id");
        let balancer = stack.named(&alias.attr("name"), "aws_lb", &["dns_name"]);
        let is_own = at.text().is_some() && at.text() == zone.text();
        // Of a load balancer that is yet to be made the zone is not known: whoever wrote an id looked it up.
        let differs = |balancer: &Object<'_>| at.given().zip(balancer.attr("zone_id").given()).is_some_and(|(one, other)| one != other);
        if let Some(balancer) = balancer.filter(|balancer| is_own || differs(balancer)) {
            found.error(&at, format!("The alias of {record} leads to {balancer}, and names another zone than that load balancer's. Use its `zone_id`."));
        }
        let own = stack.named(&zone, "aws_route53_zone", &["zone_id", "id"]);
        let trim = |name: &str| name.trim_end_matches('.').to_ascii_lowercase();
        let apex = own.and_then(|zone| zone.attr("name").given()).map(trim);
        let name = record.attr("name");
        if record.attr("type").text() == Some("CNAME") && apex.is_some() && name.given().map(trim) == apex {
            found.error(&name, format!("{record} is a CNAME at the top of its zone, where none may stand. Use type A with an `alias` block."));
        }
    }
}
