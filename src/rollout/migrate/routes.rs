//! By what ECS moves the traffic. CodeDeploy is told a listener and changes its default action and rules; ECS is told one
//! rule, or the listener of a network load balancer.

use super::settings::Obstacle;
use super::{Facts, Rule};
use crate::rollout::observed::{last_part, target_group_name};

/// The kind of load balancers whose listeners have no rules.
pub(super) const NETWORK: &str = "network";
/// The lowest place that a rule can have.
const LAST: i32 = 50_000;

/// How traffic gets to the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// By a rule that exists.
    Rule {
        /// Its ARN.
        arn: String,
        /// Whether it does not name the target group without tasks yet, which ECS asks for.
        is_single: bool,
    },
    /// By a listener of a network load balancer, which has no rules.
    Listener {
        /// Its ARN.
        arn: String,
        /// Whether it does not name the target group without tasks yet, which ECS asks for.
        is_single: bool,
    },
    /// By a rule that is to be made: the listener has only its default action.
    New {
        /// ARN of the listener.
        listener: String,
        /// The rule's place: behind all others.
        priority: i32,
    },
}

/// The way of a listener to the pair.
pub(super) fn way(listener: &str, what: &str, pair: [&str; 2], facts: &Facts) -> Result<Way, Obstacle> {
    let of: Vec<&Rule> = facts.rules.iter().filter(|rule| rule.listener == listener).collect();
    let leads =
        |rule: &&&Rule| !rule.forwards.is_empty() && rule.forwards.iter().all(|(arn, _)| pair.contains(&arn.as_str()));
    let (default, own): (Vec<&Rule>, Vec<&Rule>) = of.iter().filter(leads).partition(|rule| rule.priority.is_none());
    let name = last_part(listener);
    if let Some(rule) = own.iter().chain(&default).find(|rule| rule.does_more) {
        let text = format!(
            "Rule {} of the {what} listener {name} does something before it forwards, such as authenticating, and ECS moves the traffic only of rules that do nothing but forward. Take the other actions out of the rule, or leave the service to CodeDeploy.",
            last_part(&rule.arn)
        );
        return Err(Obstacle::new("A rule that does more than forward", text));
    }
    let is_single = |rule: &Rule| !pair.iter().all(|one| rule.forwards.iter().any(|(arn, _)| arn == one));
    match (own.as_slice(), default.as_slice()) {
        ([], [only]) if facts.balancer == NETWORK => {
            Ok(Way::Listener { arn: listener.to_owned(), is_single: is_single(only) })
        }
        ([], []) => Err(Obstacle::new("No rule leads to the target groups", none(listener, what, pair))),
        ([], _) => Ok(Way::New { listener: listener.to_owned(), priority: free_place(&of) }),
        ([rule], default) if default.is_empty() || rule.fits_all => {
            Ok(Way::Rule { arn: rule.arn.clone(), is_single: is_single(rule) })
        }
        (own, default) => {
            let names = own.iter().map(|rule| format!("rule {}", rule.priority.unwrap_or_default()));
            let names: Vec<String> = names.chain(default.iter().map(|_| "the default action".to_owned())).collect();
            let text = format!(
                "The {what} listener {name} leads to the target groups in several places: {}. CodeDeploy moves all of them, ECS one rule that it is told; the others would go on to target groups without tasks. Bring them together in one rule whose conditions name all of it, apply that, and migrate then.",
                names.join(", ")
            );
            Err(Obstacle::new("Several rules lead to the target groups", text))
        }
    }
}

fn none(listener: &str, what: &str, pair: [&str; 2]) -> String {
    format!(
        "The {what} listener {} sends requests to neither {} nor {}. ECS takes the ARN of a listener rule that forwards to both of them, one with all of the weight. Make one, apply that, and migrate then.",
        last_part(listener),
        target_group_name(pair[0]),
        target_group_name(pair[1])
    )
}

/// A place behind all rules of the listener.
fn free_place(rules: &[&Rule]) -> i32 {
    let taken = |place: &i32| rules.iter().any(|rule| rule.priority == Some(*place));
    let last = rules.iter().filter_map(|rule| rule.priority).max().unwrap_or_default();
    let next = (last + 100) / 100 * 100;
    if next <= LAST { next } else { (1..=LAST).rev().find(|place| !taken(place)).unwrap_or(LAST) }
}
