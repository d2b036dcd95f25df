//! How long steps took: the last few of each type and action, for the order of the next run and its estimate.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::plan::steps::What;

/// How many are remembered of a type and action.
const MOST: usize = 15;
/// What is shorter says nothing about a service.
const SHORTEST: Duration = Duration::from_millis(100);

/// Durations in seconds, by type, then by action (`create`, `update`, `delete`, `deploy`); the newest last.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Durations(BTreeMap<String, BTreeMap<String, Vec<f64>>>);

impl Durations {
    /// Remembers how long a step took.
    pub fn add(&mut self, type_name: &str, what: What, time: Duration) {
        let Some(action) = name(what).filter(|_| time >= SHORTEST) else { return };
        let of_type = self.0.entry(type_name.to_owned()).or_default();
        let all = of_type.entry(action.to_owned()).or_default();
        // Milliseconds are more than enough.
        all.push((time.as_secs_f64() * 1000.0).round() / 1000.0);
        let surplus = all.len().saturating_sub(MOST);
        all.drain(..surplus);
    }

    /// Remembers what another run found.
    pub fn extend(&mut self, newer: Self) {
        for (type_name, actions) in newer.0 {
            let of_type = self.0.entry(type_name).or_default();
            for (action, times) in actions {
                let all = of_type.entry(action).or_default();
                all.extend(times);
                let surplus = all.len().saturating_sub(MOST);
                all.drain(..surplus);
            }
        }
    }

    /// What such a step takes in the middle: half of them took longer.
    pub fn median(&self, type_name: &str, what: What) -> Option<Duration> {
        let mut times: Vec<f64> = self.0.get(type_name)?.get(name(what)?)?.clone();
        times.retain(|time| time.is_finite() && *time >= 0.0);
        times.sort_by(f64::total_cmp);
        Duration::try_from_secs_f64(*times.get(times.len() / 2)?).ok()
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn name(what: What) -> Option<&'static str> {
    match what {
        What::Create => Some("create"),
        What::Update => Some("update"),
        What::Delete => Some("delete"),
        What::Deploy => Some("deploy"),
        What::Read => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_the_last_ones() {
        let mut durations = Durations::default();
        assert_eq!(durations.median("aws_lb", What::Create), None);
        (1..=40).for_each(|time| durations.add("aws_lb", What::Create, Duration::from_secs(time)));
        durations.add("aws_lb", What::Delete, Duration::from_millis(3));
        assert_eq!(durations.median("aws_lb", What::Create), Some(Duration::from_secs(33)));
        assert_eq!(durations.median("aws_lb", What::Delete), None, "too short to tell anything");
        let mut newer = Durations::default();
        (0..20).for_each(|_| newer.add("aws_lb", What::Create, Duration::from_secs(2)));
        durations.extend(newer);
        assert_eq!(durations.median("aws_lb", What::Create), Some(Duration::from_secs(2)));
        let text = serde_json::to_string(&durations).unwrap();
        assert_eq!(serde_json::from_str::<Durations>(&text).unwrap(), durations);
    }
}
