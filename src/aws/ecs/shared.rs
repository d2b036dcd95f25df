//! What several types of ECS need: capacity provider strategies, tags, and how ECS says that something is missing.

use aws_sdk_ecs::types as sdk;

use crate::aws::answers::built;
use crate::aws::contract::*;
use crate::aws::tags;

model! {
    /// Part of a strategy: how many of the tasks run on this capacity provider.
    pub struct StrategyItem {
        /// Tasks, as a whole, that run on this provider before `weight` is looked at; 0 to 100000. Only one part of a
        /// strategy may have more than 0.
        base: i32 = optional().default(Lit::Int(0)).range(0, 100_000),
        /// Name of the capacity provider: `FARGATE`, `FARGATE_SPOT`, or one of your own.
        capacity_provider: String = required(),
        /// Share of the tasks beyond `base`, relative to the other parts; 0 to 1000.
        weight: i32 = optional().default(Lit::Int(0)).range(0, 1000),
    }
}

/// The strategy to send; an empty one clears it.
pub(super) fn to_strategy(parts: &[StrategyItem]) -> Result<Vec<sdk::CapacityProviderStrategyItem>> {
    let part = |part: &StrategyItem| {
        built(
            sdk::CapacityProviderStrategyItem::builder()
                .capacity_provider(&part.capacity_provider)
                .base(part.base)
                .weight(part.weight)
                .build(),
        )
    };
    parts.iter().map(part).collect()
}

/// The strategy that was read.
pub(super) fn from_strategy(parts: Option<&Vec<sdk::CapacityProviderStrategyItem>>) -> Set<StrategyItem> {
    let part = |part: &sdk::CapacityProviderStrategyItem| StrategyItem {
        base: part.base,
        capacity_provider: part.capacity_provider.clone(),
        weight: part.weight,
    };
    parts.into_iter().flatten().map(part).collect()
}

/// Finds mistakes in a strategy that ECS would refuse.
pub(super) fn check_strategy(attribute: &str, parts: &[StrategyItem], found: &mut Problems) {
    if parts.iter().filter(|part| part.base > 0).count() > 1 {
        found.inside(
            &[attribute],
            "More than one capacity provider has a `base`. ECS allows one. Keep `base` on the provider that must always run tasks.",
        );
    }
    if parts.len() > 1 && parts.iter().all(|part| part.weight == 0) {
        found.inside(
            &[attribute],
            "All weights are 0, so no provider would get the tasks beyond `base`. Set `weight` on at least one of them.",
        );
    }
    let is_fargate = |part: &&StrategyItem| part.capacity_provider.starts_with("FARGATE");
    let fargate = parts.iter().filter(is_fargate).count();
    if fargate > 0 && fargate < parts.len() {
        found.inside(
            &[attribute],
            "FARGATE or FARGATE_SPOT stands beside a capacity provider of another kind. A strategy is either Fargate or your own instances. Remove one kind.",
        );
    }
}

/// Tags for a making call.
pub(super) fn to_tags(of: &Tags) -> Option<Vec<sdk::Tag>> {
    tags::to_list(of, |key, value| sdk::Tag::builder().key(key).value(value).build())
}

/// Tags that were read.
pub(super) fn from_tags(list: Option<&Vec<sdk::Tag>>) -> Tags {
    tags::from_list(list.into_iter().flatten(), |tag| (tag.key(), tag.value()))
}

/// Brings the tags of an object from `have` to `want`.
pub(super) async fn retag(aws: &Aws, arn: &str, have: &Tags, want: &Tags) -> Result<()> {
    let (set, remove) = tags::difference(have, want);
    if !remove.is_empty() {
        aws.ecs.untag_resource().resource_arn(arn).set_tag_keys(Some(remove)).send().await?;
    }
    if !set.is_empty() {
        aws.ecs.tag_resource().resource_arn(arn).set_tags(to_tags(&set)).send().await?;
    }
    Ok(())
}

/// ECS answers describe calls with a list of failures; `MISSING` is the only one that says "it is not there".
pub(super) fn only_missing(operation: &str, failures: Option<&Vec<sdk::Failure>>) -> Result<()> {
    let other = failures.into_iter().flatten().find(|failure| failure.reason() != Some("MISSING"));
    other.map_or(Ok(()), |failure| {
        let (arn, reason) = (failure.arn().unwrap_or("it"), failure.reason().unwrap_or("no reason given"));
        Err(Error::local(operation, format!("ECS could not describe {arn}: {reason}.")))
    })
}

/// Empty text is sent as it is, not left out: it clears.
pub(super) fn text_or_empty(text: Option<&String>) -> String {
    text.cloned().unwrap_or_default()
}

/// Whether every wanted tag is there: what tells our own object from somebody else's of the same name.
pub(super) fn carries(live: &Tags, want: &Tags) -> bool {
    want.iter().all(|(key, value)| live.get(key) == Some(value))
}
