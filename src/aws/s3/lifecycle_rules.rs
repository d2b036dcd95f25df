//! Rules of a bucket's lifecycle: attributes, mistakes, and the way to and from the service.

use aws_sdk_s3::types as sdk;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use super::shared::tag_set;
use crate::aws::answers::built;
use crate::aws::contract::*;
use crate::aws::tags;
use crate::value::Value;

model! {
    /// What happens to some objects, and when.
    pub struct Rule {
        /// Name of the rule: 1 to 255 characters, unique in the bucket.
        id: String = required().length(1, 255),
        /// Start of the keys it is about.
        prefix: Option<String> = optional().deprecated("Use filter instead"),
        /// Whether it is in force: Enabled or Disabled.
        status: String = required().one_of(&["Enabled", "Disabled"]),
        /// Unfinished uploads are given up.
        abort_incomplete_multipart_upload: Vec<Abort> = optional(),
        /// Objects go.
        expiration: Vec<Expiration> = optional(),
        /// Which objects it is about; all, when it is empty.
        filter: Vec<Filter> = optional().same(same_filter),
        /// Older versions go.
        noncurrent_version_expiration: Vec<VersionExpiration> = optional(),
        /// Older versions move.
        noncurrent_version_transition: Set<VersionTransition> = optional(),
        /// Objects move.
        transition: Set<Transition> = optional(),
    }
}

model! {
    /// When unfinished uploads are given up.
    pub struct Abort {
        /// Days after they were begun.
        days_after_initiation: Option<i32> = optional().range(1, 2_147_483_647),
    }
}

model! {
    /// When objects go: one of the three.
    pub struct Expiration {
        /// The day, as midnight in UTC: 2030-01-01T00:00:00Z.
        date: Option<String> = optional().check(check_date).same(same_date),
        /// Days after they were made.
        days: Option<i32> = optional().same(same_days),
        /// Whether delete markers go under which there is no version any more.
        expired_object_delete_marker: Option<bool> = optional().same(same_truth),
    }
}

model! {
    /// Which objects a rule is about: one of these, or `and` for several.
    pub struct Filter {
        /// Those larger than so many bytes.
        object_size_greater_than: Option<i64> = optional(),
        /// Those smaller than so many bytes.
        object_size_less_than: Option<i64> = optional(),
        /// Those whose keys start so.
        prefix: Option<String> = optional().same(same_text),
        /// Those for which all of it holds.
        and: Vec<And> = optional(),
        /// Those with a tag.
        tag: Vec<Tag> = optional(),
    }
}

model! {
    /// Several conditions.
    pub struct And {
        /// Larger than so many bytes.
        object_size_greater_than: Option<i64> = optional(),
        /// Smaller than so many bytes.
        object_size_less_than: Option<i64> = optional(),
        /// Keys start so.
        prefix: Option<String> = optional().same(same_text),
        /// All of these tags.
        tags: Tags = optional(),
    }
}

model! {
    /// A tag of objects.
    pub struct Tag {
        /// Its key.
        key: String = required(),
        /// Its value.
        value: String = required(),
    }
}

model! {
    /// When older versions go.
    pub struct VersionExpiration {
        /// How many newer ones are kept all the same: 1 to 100.
        newer_noncurrent_versions: Option<i32> = optional().range(1, 100),
        /// Days after they were replaced.
        noncurrent_days: i32 = required().range(1, 2_147_483_647),
    }
}

model! {
    /// When older versions move.
    pub struct VersionTransition {
        /// How many newer ones stay: 1 to 100.
        newer_noncurrent_versions: Option<i32> = optional().range(1, 100),
        /// Days after they were replaced.
        noncurrent_days: i32 = required().range(0, 2_147_483_647),
        /// Where to.
        storage_class: String = required().one_of(CLASSES),
    }
}

model! {
    /// When objects move: a day or days.
    pub struct Transition {
        /// The day, as midnight in UTC: 2030-01-01T00:00:00Z.
        date: Option<String> = optional().check(check_date).same(same_date),
        /// Days after they were made.
        days: Option<i32> = optional().range(0, 2_147_483_647).same(same_days),
        /// Where to.
        storage_class: String = required().one_of(CLASSES),
    }
}

/// Where objects move.
const CLASSES: &[&str] = &["GLACIER", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "DEEP_ARCHIVE", "GLACIER_IR"];

fn instant(text: &str) -> Option<DateTime> {
    DateTime::from_str(text, Format::DateTime).ok()
}

fn check_date(value: &Value) -> Result<(), String> {
    const DAY: i64 = 86_400;
    match value.as_str().filter(|text| !text.is_empty()) {
        Some(text) if instant(text).is_none_or(|at| at.secs() % DAY != 0) => {
            Err(format!("\"{text}\" is not midnight of a day in UTC, such as \"2030-01-01T00:00:00Z\"."))
        }
        _ => Ok(()),
    }
}

fn same_date(have: &Value, want: &Value) -> bool {
    let at = |value: &Value| value.as_str().and_then(instant);
    matches!((at(have), at(want)), (Some(have), Some(want)) if have == want)
}

/// Left out is 0.
fn same_days(have: &Value, want: &Value) -> bool {
    have.as_i64().unwrap_or_default() == want.as_i64().unwrap_or_default()
}

/// Left out is false.
fn same_truth(have: &Value, want: &Value) -> bool {
    have.as_bool().unwrap_or_default() == want.as_bool().unwrap_or_default()
}

/// Left out is empty.
fn same_text(have: &Value, want: &Value) -> bool {
    have.as_str().unwrap_or_default() == want.as_str().unwrap_or_default()
}

/// No filter is one without conditions: all objects.
fn same_filter(have: &Value, want: &Value) -> bool {
    let is_open = |value: &Value| {
        let says = |one: &Value| match one.elements() {
            Some(all) => !all.is_empty(),
            None => !one.is_null() && one.as_str() != Some(""),
        };
        let conditions = |filter: &Value| filter.entries().is_some_and(|entries| entries.values().any(says));
        !value.elements().is_some_and(|all| all.iter().any(conditions))
    };
    is_open(have) && is_open(want)
}

/// What S3 would refuse in a rule: where, and why.
pub(super) fn mistake(rule: &Rule) -> Option<(&'static [&'static str], String)> {
    let is_set = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.is_empty());
    if is_set(&rule.prefix) && !rule.filter.is_empty() {
        return Some((&["rule", "prefix"], format!("Rule {} has a `prefix` and a `filter`; S3 takes one of them. Write the prefix into the filter.", rule.id)));
    }
    if let Some(filter) = rule.filter.first() {
        let kinds = [is_set(&filter.prefix), filter.object_size_greater_than.is_some(), filter.object_size_less_than.is_some(), !filter.tag.is_empty(), !filter.and.is_empty()];
        if kinds.iter().filter(|one| **one).count() > 1 {
            return Some((&["rule", "filter"], format!("The filter of rule {} has more than one condition. Write them into a block `and` inside of it.", rule.id)));
        }
    }
    for one in &rule.expiration {
        let kinds = [is_set(&one.date), one.days.is_some_and(|days| days > 0), one.expired_object_delete_marker == Some(true)];
        if kinds.iter().filter(|one| **one).count() > 1 {
            return Some((&["rule", "expiration"], format!("The expiration of rule {} says more than one of `date`, `days` and `expired_object_delete_marker`. Keep one.", rule.id)));
        }
    }
    for one in rule.transition.iter() {
        if is_set(&one.date) && one.days.is_some_and(|days| days > 0) {
            return Some((&["rule", "transition"], format!("A transition of rule {} has a `date` and `days`. Keep one.", rule.id)));
        }
        if matches!(one.storage_class.as_str(), "STANDARD_IA" | "ONEZONE_IA") && !is_set(&one.date) && one.days.is_none_or(|days| days < 30) {
            return Some((&["rule", "transition", "days"], format!("Objects move to {} after 30 days at the earliest; rule {} says {}.", one.storage_class, rule.id, one.days.unwrap_or_default())));
        }
    }
    let acts = !rule.expiration.is_empty() || !rule.transition.is_empty() || !rule.noncurrent_version_expiration.is_empty();
    if !acts && rule.noncurrent_version_transition.is_empty() && rule.abort_incomplete_multipart_upload.is_empty() {
        return Some((&["rule"], format!("Rule {} says of nothing when it goes or moves. Add an `expiration`, a `transition`, one of older versions, or `abort_incomplete_multipart_upload`.", rule.id)));
    }
    None
}

/// As the service told it.
pub(super) fn observe(rule: &sdk::LifecycleRule) -> Rule {
    let date = |at: Option<&DateTime>| at.and_then(|at| at.fmt(Format::DateTime).ok());
    let transition = |one: &sdk::Transition| Transition {
        date: date(one.date.as_ref()),
        days: one.days,
        storage_class: one.storage_class.as_ref().map(|class| class.as_str().to_owned()).unwrap_or_default(),
    };
    let older = |one: &sdk::NoncurrentVersionTransition| VersionTransition {
        newer_noncurrent_versions: one.newer_noncurrent_versions,
        noncurrent_days: one.noncurrent_days.unwrap_or_default(),
        storage_class: one.storage_class.as_ref().map(|class| class.as_str().to_owned()).unwrap_or_default(),
    };
    let expiration = |one: &sdk::LifecycleExpiration| Expiration {
        date: date(one.date.as_ref()),
        days: one.days,
        expired_object_delete_marker: one.expired_object_delete_marker,
    };
    let older_expiration = |one: &sdk::NoncurrentVersionExpiration| VersionExpiration {
        newer_noncurrent_versions: one.newer_noncurrent_versions,
        noncurrent_days: one.noncurrent_days.unwrap_or_default(),
    };
    Rule {
        id: rule.id.clone().unwrap_or_default(),
        #[allow(deprecated)]
        prefix: rule.prefix.clone(),
        status: rule.status.as_str().to_owned(),
        abort_incomplete_multipart_upload: rule.abort_incomplete_multipart_upload.iter().map(|one| Abort { days_after_initiation: one.days_after_initiation }).collect(),
        expiration: rule.expiration.iter().map(expiration).collect(),
        filter: rule.filter.iter().map(observe_filter).collect(),
        noncurrent_version_expiration: rule.noncurrent_version_expiration.iter().map(older_expiration).collect(),
        noncurrent_version_transition: rule.noncurrent_version_transitions().iter().map(older).collect(),
        transition: rule.transitions().iter().map(transition).collect(),
    }
}

fn observe_filter(filter: &sdk::LifecycleRuleFilter) -> Filter {
    let several = |and: &sdk::LifecycleRuleAndOperator| And {
        object_size_greater_than: and.object_size_greater_than,
        object_size_less_than: and.object_size_less_than,
        prefix: and.prefix.clone(),
        tags: tags::from_list(and.tags(), |tag| (Some(tag.key()), Some(tag.value()))),
    };
    Filter {
        object_size_greater_than: filter.object_size_greater_than,
        object_size_less_than: filter.object_size_less_than,
        // A filter without conditions is told with an empty prefix.
        prefix: filter.prefix.clone().filter(|prefix| !prefix.is_empty()),
        and: filter.and.iter().map(several).collect(),
        tag: filter.tag.iter().map(|tag| Tag { key: tag.key.clone(), value: tag.value.clone() }).collect(),
    }
}

/// As the service takes it.
pub(super) fn sent(rule: &Rule) -> Result<sdk::LifecycleRule> {
    let date = |text: &Option<String>| text.as_deref().and_then(instant);
    let days = |days: Option<i32>| days.filter(|&days| days > 0);
    let expiration = |one: &Expiration| {
        sdk::LifecycleExpiration::builder()
            .set_date(date(&one.date))
            .set_days(days(one.days))
            .set_expired_object_delete_marker(one.expired_object_delete_marker.filter(|&goes| goes))
            .build()
    };
    let transition = |one: &Transition| {
        let at = date(&one.date);
        // Days may be 0, and stand where there is no date.
        let days = if at.is_some() { None } else { Some(one.days.unwrap_or_default()) };
        sdk::Transition::builder().set_date(at).set_days(days).storage_class(one.storage_class.as_str().into()).build()
    };
    let older = |one: &VersionTransition| {
        sdk::NoncurrentVersionTransition::builder()
            .set_newer_noncurrent_versions(one.newer_noncurrent_versions)
            .noncurrent_days(one.noncurrent_days)
            .storage_class(one.storage_class.as_str().into())
            .build()
    };
    let older_expiration = |one: &VersionExpiration| {
        sdk::NoncurrentVersionExpiration::builder()
            .set_newer_noncurrent_versions(one.newer_noncurrent_versions)
            .noncurrent_days(one.noncurrent_days)
            .build()
    };
    let abort = |one: &Abort| {
        sdk::AbortIncompleteMultipartUpload::builder().set_days_after_initiation(one.days_after_initiation).build()
    };
    let some = |prefix: &Option<String>| prefix.clone().filter(|prefix| !prefix.is_empty());
    // A rule without filter and prefix is about everything.
    let filter = match (rule.filter.first(), some(&rule.prefix)) {
        (Some(filter), _) => Some(sent_filter(filter)?),
        (None, None) => Some(sdk::LifecycleRuleFilter::builder().prefix("").build()),
        (None, Some(_)) => None,
    };
    let is_some = |count: usize| count > 0;
    let rule_of = sdk::LifecycleRule::builder()
        .id(&rule.id)
        .status(rule.status.as_str().into())
        .set_filter(filter)
        .set_expiration(rule.expiration.first().map(expiration))
        .set_transitions(is_some(rule.transition.len()).then(|| rule.transition.iter().map(transition).collect()))
        .set_noncurrent_version_expiration(rule.noncurrent_version_expiration.first().map(older_expiration))
        .set_noncurrent_version_transitions(
            is_some(rule.noncurrent_version_transition.len()).then(|| rule.noncurrent_version_transition.iter().map(older).collect()),
        )
        .set_abort_incomplete_multipart_upload(rule.abort_incomplete_multipart_upload.first().map(abort));
    #[allow(deprecated)]
    let rule_of = rule_of.set_prefix(some(&rule.prefix).filter(|_| rule.filter.is_empty()));
    built(rule_of.build())
}

fn sent_filter(filter: &Filter) -> Result<sdk::LifecycleRuleFilter> {
    let several = |and: &And| {
        let tags = if and.tags.is_empty() { None } else { Some(tag_set(&and.tags)?) };
        Ok::<_, Error>(
            sdk::LifecycleRuleAndOperator::builder()
                .set_object_size_greater_than(and.object_size_greater_than)
                .set_object_size_less_than(and.object_size_less_than)
                .set_prefix(and.prefix.clone())
                .set_tags(tags)
                .build(),
        )
    };
    let tag = filter.tag.first().map(|tag| built(sdk::Tag::builder().key(&tag.key).value(&tag.value).build())).transpose()?;
    let and = filter.and.first().map(several).transpose()?;
    let is_empty = tag.is_none() && and.is_none() && filter.object_size_greater_than.is_none() && filter.object_size_less_than.is_none();
    Ok(sdk::LifecycleRuleFilter::builder()
        .set_object_size_greater_than(filter.object_size_greater_than)
        .set_object_size_less_than(filter.object_size_less_than)
        .set_prefix(if is_empty { Some(filter.prefix.clone().unwrap_or_default()) } else { filter.prefix.clone().filter(|prefix| !prefix.is_empty()) })
        .set_tag(tag)
        .set_and(and)
        .build())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(change: impl FnOnce(&mut Rule)) -> Rule {
        let mut rule = Rule {
            id: "old".to_owned(),
            status: "Enabled".to_owned(),
            expiration: vec![Expiration { days: Some(30), ..Expiration::default() }],
            ..Rule::default()
        };
        change(&mut rule);
        rule
    }

    #[test]
    fn mistakes_of_rules_are_told() {
        let of = |change: fn(&mut Rule)| mistake(&rule(change)).map(|(path, _)| path.join("."));
        assert_eq!(of(|_| ()), None);
        assert_eq!(of(|rule| rule.expiration.clear()).as_deref(), Some("rule"));
        assert_eq!(of(|rule| rule.expiration[0].expired_object_delete_marker = Some(true)).as_deref(), Some("rule.expiration"));
        let early = |rule: &mut Rule| {
            rule.transition = [Transition { days: Some(7), storage_class: "STANDARD_IA".into(), date: None }].into_iter().collect();
        };
        assert_eq!(of(early).as_deref(), Some("rule.transition.days"));
        let two = |rule: &mut Rule| {
            rule.filter = vec![Filter { prefix: Some("a".into()), object_size_less_than: Some(5), ..Filter::default() }];
        };
        assert_eq!(of(two).as_deref(), Some("rule.filter"));
    }

    #[test]
    fn a_rule_comes_back_as_it_was_sent() {
        let sample = rule(|rule| {
            rule.filter = vec![Filter { and: vec![And { prefix: Some("logs/".into()), tags: [("a".into(), "b".into())].into(), ..And::default() }], ..Filter::default() }];
            rule.transition = [Transition { date: Some("2030-01-01T00:00:00Z".into()), storage_class: "GLACIER".into(), days: None }].into_iter().collect();
        });
        let back = observe(&sent(&sample).unwrap());
        assert!(back.transition == sample.transition);
        assert_eq!(back.filter, sample.filter);
        assert_eq!(back.expiration[0].days, Some(30));
    }

    #[test]
    fn days_are_midnights() {
        assert!(check_date(&"2030-01-01T00:00:00Z".into()).is_ok());
        assert!(check_date(&"2030-01-01T10:00:00Z".into()).is_err());
        assert!(check_date(&"2030-01-01".into()).is_err());
    }
}
