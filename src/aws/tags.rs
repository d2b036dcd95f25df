//! Tags: default and ignored ones, and the difference between what is there and what is wanted.
//!
//! Terraform's rules: <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/resource-tagging>.

use std::collections::{BTreeMap, BTreeSet};

type Tags = BTreeMap<String, String>;

/// `default_tags` and `ignore_tags` of the provider block.
#[derive(Clone, Debug, Default)]
pub struct TagRules {
    /// Tags that every object gets; those of the resource win.
    pub default: Tags,
    /// Keys of those whose value is sensitive.
    pub secret: BTreeSet<String>,
    /// Keys that are neither shown nor removed.
    pub ignore_keys: Vec<String>,
    /// Prefixes of such keys.
    pub ignore_prefixes: Vec<String>,
}

impl TagRules {
    /// Default tags and the resource's own.
    pub fn merged(&self, own: &Tags) -> Tags {
        let mut all = self.default.clone();
        all.extend(own.clone());
        all
    }

    /// Live tags without AWS's own (`aws:…`) and without ignored ones.
    pub fn visible(&self, live: &Tags) -> Tags {
        let kept = live.iter().filter(|(key, _)| !self.hides(key));
        kept.map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// The resource's own part of visible live tags: a default tag with its default value belongs to the provider
    /// block, unless the resource gives it too.
    pub fn own(&self, visible: &Tags, prior_own: &Tags) -> Tags {
        let is_own =
            |(key, value): &(&String, &String)| self.default.get(*key) != Some(*value) || prior_own.contains_key(*key);
        visible.iter().filter(is_own).map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    fn hides(&self, key: &str) -> bool {
        is_system(key)
            || self.ignore_keys.iter().any(|ignored| ignored == key)
            || self.ignore_prefixes.iter().any(|prefix| key.starts_with(prefix))
    }
}

/// Tags as a provider block says them: one that is null is not given.
pub fn given(said: &BTreeMap<String, Option<String>>) -> Tags {
    said.iter().filter_map(|(key, value)| Some((key.clone(), value.clone()?))).collect()
}

fn is_system(key: &str) -> bool {
    key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:"))
}

/// Tags to set and keys to remove on the way from one to the other.
pub fn difference(have: &Tags, want: &Tags) -> (Tags, Vec<String>) {
    let set = want.iter().filter(|(key, value)| have.get(*key) != Some(value) && !is_system(key));
    let remove = have.keys().filter(|key| !want.contains_key(*key) && !is_system(key));
    (set.map(|(key, value)| (key.clone(), value.clone())).collect(), remove.cloned().collect())
}

/// Whether all of the wanted tags are there.
pub fn carries(live: &Tags, want: &Tags) -> bool {
    want.iter().all(|(key, value)| live.get(key) == Some(value))
}

/// As a service's own tag type; `None` for no tags, since several services refuse an empty list.
pub fn to_list<T>(tags: &Tags, make: impl Fn(&str, &str) -> T) -> Option<Vec<T>> {
    (!tags.is_empty()).then(|| tags.iter().map(|(key, value)| make(key, value)).collect())
}

/// From a service's own tag type.
pub fn from_list<'a, T: 'a>(
    list: impl IntoIterator<Item = &'a T>,
    take: impl Fn(&'a T) -> (Option<&'a str>, Option<&'a str>),
) -> Tags {
    let pair = |tag| {
        let (key, value) = take(tag);
        Some((key?.to_owned(), value.unwrap_or_default().to_owned()))
    };
    list.into_iter().filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_resource_wins_over_defaults_and_keeps_its_own() {
        let rules = TagRules { default: tags(&[("team", "a"), ("env", "dev")]), ..TagRules::default() };
        let all = rules.merged(&tags(&[("env", "prod"), ("name", "x")]));
        assert_eq!(all, tags(&[("team", "a"), ("env", "prod"), ("name", "x")]));
        assert_eq!(rules.own(&all, &Tags::new()), tags(&[("env", "prod"), ("name", "x")]));
        assert_eq!(rules.own(&all, &tags(&[("team", "a")])), all);
    }

    #[test]
    fn system_tags_are_never_touched_and_ignored_ones_not_seen() {
        let rules =
            TagRules { ignore_keys: vec!["k".into()], ignore_prefixes: vec!["p/".into()], ..TagRules::default() };
        let live = tags(&[("aws:x", "1"), ("k", "1"), ("p/a", "1"), ("mine", "1")]);
        assert_eq!(rules.visible(&live), tags(&[("mine", "1")]));
        assert_eq!(
            difference(&live, &tags(&[("mine", "2")])),
            (tags(&[("mine", "2")]), vec!["k".into(), "p/a".into()])
        );
    }
}
