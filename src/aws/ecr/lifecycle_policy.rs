//! `aws_ecr_lifecycle_policy`: which images a repository forgets.
//!
//! API: Elastic Container Registry 2015-09-21, `PutLifecyclePolicy`.
//! <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutLifecyclePolicy.html>

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::policy::{Live, read_each};
use crate::aws::contract::*;
use crate::value::Value;

/// The type.
pub struct LifecyclePolicy;

model! {
    /// Which images a repository forgets.
    pub struct Args {
        /// Rules in JSON, 100 to 30720 characters: at most 50, each with a priority of its own.
        policy: String = required().json().same(same).check(check),
        /// Name of the repository.
        repository: String = required().force_new(),
        /// Account that holds the registry.
        registry_id: Option<String> = computed(),
    }
}

/// Rules in the order of their priority, lists of tags sorted, nothing empty.
fn normal(text: &str) -> Option<Json> {
    let mut policy: Json = serde_json::from_str(text).ok()?;
    let rules = policy.get_mut("rules")?.as_array_mut()?;
    rules.sort_by_key(|rule| rule.get("rulePriority").and_then(Json::as_i64));
    for rule in rules.iter_mut() {
        if rule.get("description").and_then(Json::as_str) == Some("") {
            rule.as_object_mut()?.remove("description");
        }
        let selection = rule.get_mut("selection").and_then(Json::as_object_mut)?;
        for name in ["tagPrefixList", "tagPatternList"] {
            let Some(list) = selection.get_mut(name).and_then(Json::as_array_mut) else { continue };
            list.sort_by_key(ToString::to_string);
            if list.is_empty() {
                selection.remove(name);
            }
        }
    }
    Some(policy)
}

fn same(have: &Value, want: &Value) -> bool {
    let text = |value: &Value| normal(value.as_str()?);
    text(have).is_some_and(|have| text(want) == Some(have))
}

/// Finds what the service would refuse.
fn check(value: &Value) -> std::result::Result<(), String> {
    let Some(policy) = value.as_str().and_then(|text| serde_json::from_str::<Json>(text).ok()) else { return Ok(()) };
    let Some(rules) = policy.get("rules").and_then(Json::as_array) else {
        return Err("A lifecycle policy is an object with a list `rules`.".into());
    };
    if rules.is_empty() || rules.len() > 50 {
        return Err(format!("A lifecycle policy has 1 to 50 rules; this one has {}.", rules.len()));
    }
    let mut priorities = BTreeSet::new();
    let last = rules.iter().filter_map(|rule| rule.get("rulePriority")?.as_i64()).max();
    for rule in rules {
        let Some(priority) = rule.get("rulePriority").and_then(Json::as_i64).filter(|&priority| priority > 0) else {
            return Err("Each rule of a lifecycle policy needs `rulePriority`, a whole number from 1.".into());
        };
        if !priorities.insert(priority) {
            return Err(format!("Two rules have the priority {priority}. Give each rule a `rulePriority` of its own."));
        }
        selection(rule.get("selection").unwrap_or(&Json::Null), priority, last)?;
        if rule.pointer("/action/type").is_none() {
            return Err(format!("Rule {priority} has no `action.type`. Write \"action\": {{\"type\": \"expire\"}}."));
        }
    }
    Ok(())
}

fn selection(selection: &Json, priority: i64, last: Option<i64>) -> std::result::Result<(), String> {
    let has = |name: &str| selection.get(name).and_then(Json::as_array).is_some_and(|list| !list.is_empty());
    let tagged = has("tagPrefixList") || has("tagPatternList");
    match selection.get("tagStatus").and_then(Json::as_str) {
        Some("tagged") if !tagged => {
            Err(format!("Rule {priority} selects tagged images and needs `tagPrefixList` or `tagPatternList`."))
        }
        Some("tagged") if has("tagPrefixList") && has("tagPatternList") => {
            Err(format!("Rule {priority} has both `tagPrefixList` and `tagPatternList`. Remove one of them."))
        }
        Some("any" | "untagged") if tagged => {
            Err(format!("Rule {priority} lists tags although its `tagStatus` is not \"tagged\". Remove the list, or change the status."))
        }
        Some("any") if Some(priority) != last => {
            Err(format!("Rule {priority} selects any image and must come last. Give it the highest `rulePriority`."))
        }
        Some("tagged" | "any" | "untagged") => count(selection, priority),
        _ => Err(format!("Rule {priority} needs `selection.tagStatus`: \"tagged\", \"untagged\" or \"any\".")),
    }
}

fn count(selection: &Json, priority: i64) -> std::result::Result<(), String> {
    if selection.get("countNumber").and_then(Json::as_i64).is_none_or(|count| count < 1) {
        return Err(format!("Rule {priority} needs `countNumber`, a whole number from 1."));
    }
    match selection.get("countType").and_then(Json::as_str) {
        Some("imageCountMoreThan") if selection.get("countUnit").is_some() => {
            Err(format!("Rule {priority} counts images and has no `countUnit`. Remove it."))
        }
        Some("sinceImagePushed") if selection.get("countUnit").and_then(Json::as_str) != Some("days") => {
            Err(format!("Rule {priority} counts days since the push and needs \"countUnit\": \"days\"."))
        }
        Some(_) => Ok(()),
        None => Err(format!("Rule {priority} needs `countType`: \"imageCountMoreThan\" or \"sinceImagePushed\".")),
    }
}

impl Resource for LifecyclePolicy {
    type Model = Args;
    type Live = Live;

    const TYPE: &'static str = "aws_ecr_lifecycle_policy";
    const IDENTITY: Identity = Identity::Chosen(&["repository"]);
    const PART_OF: Option<PartOf> = Some(PartOf { whole: "aws_ecr_repository", name: "name", says: "repository" });
    const PACE: Pace = secs(1, 1, 1);
    const READ_BATCH: usize = 10;
    const MISSING: &'static [&'static str] = &["LifecyclePolicyNotFoundException", "RepositoryNotFoundException"];
    const RETRY: &'static [Retry] = &[
        Retry::of(&["PutLifecyclePolicy"], "RepositoryNotFoundException", "the repository is not known everywhere yet", retry::NEW),
    ];

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Live)>> {
        let ask = async |id: Id| {
            let told = aws.ecr.get_lifecycle_policy().repository_name(id).send().await?;
            Ok((told.registry_id, told.lifecycle_policy_text))
        };
        read_each(ids, Self::MISSING, ask).await
    }

    fn observe(live: &Live) -> Args {
        Args { policy: live.policy.clone(), repository: live.repository.clone(), registry_id: live.registry.clone() }
    }

    fn overwrites(_want: &Args) -> bool {
        true
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        aws.ecr.put_lifecycle_policy().repository_name(&want.repository).lifecycle_policy_text(&want.policy).send().await?;
        Ok(want.repository.clone())
    }

    async fn update(aws: &Aws, _id: &Id, _have: &Args, want: &Args) -> Result<()> {
        Self::create(aws, want).await.map(drop)
    }

    async fn delete(aws: &Aws, id: &Id, _have: &Args) -> Result<()> {
        aws.ecr.delete_lifecycle_policy().repository_name(id).send().await?;
        Ok(())
    }

    async fn recover(aws: &Aws, want: &Args) -> Result<Option<Id>> {
        let found = Self::read(aws, std::slice::from_ref(&want.repository)).await?;
        Ok(found.into_iter().next().map(|(id, _)| id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(priority: i64, selection: &str) -> String {
        format!(r#"{{"rulePriority": {priority}, "selection": {{{selection}}}, "action": {{"type": "expire"}}}}"#)
    }

    fn policy(rules: &[String]) -> Value {
        Value::from(format!(r#"{{"rules": [{}]}}"#, rules.join(", ")))
    }

    const COUNT: &str = r#""countType": "imageCountMoreThan", "countNumber": 5"#;

    #[test]
    fn order_and_empty_members_do_not_matter() {
        let a = rule(1, &format!(r#""tagStatus": "tagged", "tagPrefixList": ["a", "b"], {COUNT}"#));
        let b = rule(2, &format!(r#""tagStatus": "any", {COUNT}"#));
        let c = rule(1, &format!(r#""tagStatus": "tagged", "tagPrefixList": ["b", "a"], "tagPatternList": [], {COUNT}"#));
        assert!(same(&policy(&[a.clone(), b.clone()]), &policy(&[b.clone(), c])));
        assert!(!same(&policy(&[a.clone(), b.clone()]), &policy(&[a])));
    }

    #[test]
    fn mistakes_are_named() {
        let text = |rules: &[String]| check(&policy(rules)).err().unwrap_or_default();
        let any = format!(r#""tagStatus": "any", {COUNT}"#);
        assert_eq!(text(&[rule(1, &any)]), "");
        assert!(text(&[rule(1, &any), rule(1, &any)]).contains("Two rules") || text(&[rule(1, &any), rule(1, &any)]).contains("priority 1"));
        assert!(text(&[rule(1, &any), rule(2, &any)]).contains("must come last"));
        assert!(text(&[rule(1, &format!(r#""tagStatus": "tagged", {COUNT}"#))]).contains("tagPrefixList"));
        assert!(text(&[rule(1, r#""tagStatus": "any", "countType": "sinceImagePushed", "countNumber": 5"#)]).contains("countUnit"));
    }
}
