//! How long a deployment takes.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Times of a deployment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    /// How traffic moves; `None` when the configuration is not known.
    pub shift: Option<Shift>,
    /// Minutes for which somebody must let it continue before traffic moves; 0 when nobody has to.
    pub ready_minutes: u32,
    /// Minutes for which the old tasks stay after traffic has moved.
    pub termination_minutes: u32,
}

/// How traffic moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shift {
    /// All of it at once.
    AllAtOnce,
    /// With the tasks, which are replaced one by one.
    TaskByTask {
        /// Percent of the tasks that run at least.
        least: u32,
        /// Percent of the tasks that run at most.
        most: u32,
    },
    /// Some of it, and after a while the rest.
    Canary {
        /// Percent that moves first.
        percent: u32,
        /// Minutes until the rest.
        minutes: u32,
    },
    /// Step by step.
    Linear {
        /// Percent that moves in each step.
        percent: u32,
        /// Minutes between two steps.
        minutes: u32,
    },
}

impl Shift {
    /// What a predefined configuration such as `CodeDeployDefault.ECSCanary10Percent5Minutes` does; of others the name
    /// does not tell.
    pub fn of_config(name: &str) -> Option<Self> {
        let name = name.strip_prefix("CodeDeployDefault.ECS")?;
        if name == "AllAtOnce" {
            return Some(Self::AllAtOnce);
        }
        let numbers = |text: &str, between: &str| {
            let (percent, minutes) = text.split_once(between)?;
            Some((percent.parse().ok()?, minutes.strip_suffix("Minutes")?.parse().ok()?))
        };
        if let Some(rest) = name.strip_prefix("Canary") {
            let (percent, minutes) = numbers(rest, "Percent")?;
            return Some(Self::Canary { percent, minutes });
        }
        let (percent, minutes) = numbers(name.strip_prefix("Linear")?, "PercentEvery")?;
        Some(Self::Linear { percent, minutes })
    }

    /// Minutes from the first step to the last.
    pub fn minutes(self) -> u32 {
        match self {
            Self::AllAtOnce | Self::TaskByTask { .. } => 0,
            Self::Canary { minutes, .. } => minutes,
            Self::Linear { percent, minutes } => minutes * (100_u32.div_ceil(percent.max(1)).saturating_sub(1)),
        }
    }
}

impl std::fmt::Display for Shift {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::AllAtOnce => f.write_str("all traffic at once"),
            Self::TaskByTask { least, most } => {
                write!(f, "task by task, at least {least} % and at most {most} % of them at a time")
            }
            Self::Canary { percent, minutes } => write!(f, "{percent} % of the traffic, the rest after {minutes} min"),
            Self::Linear { percent, minutes } => write!(f, "{percent} % of the traffic every {minutes} min"),
        }
    }
}

/// How long new tasks take to start and get healthy, typically.
const START: Duration = Duration::from_secs(120);

impl Pace {
    /// Typical time until all traffic has moved.
    pub fn until_traffic(&self) -> Duration {
        let shift = self.shift.map_or(0, Shift::minutes);
        START + Duration::from_secs(60 * u64::from(shift + self.ready_minutes))
    }

    /// Typical time until the old tasks are gone.
    pub fn until_finished(&self) -> Duration {
        self.until_traffic() + Duration::from_secs(60 * u64::from(self.termination_minutes))
    }
}

impl Pace {
    /// `10 % of the traffic, the rest after 5 min; old tasks stay 60 min`: of the service with this name.
    pub fn words(&self, service: &str) -> String {
        let waits = match self.ready_minutes {
            0 => String::new(),
            minutes => format!("waits up to {minutes} min for `{}`, then ", go_on(service)),
        };
        let shift =
            self.shift.map_or_else(|| "traffic moves as its configuration says".to_owned(), |one| one.to_string());
        match self.termination_minutes {
            0 if matches!(self.shift, Some(Shift::TaskByTask { .. })) => format!("{waits}{shift}"),
            0 => format!("{waits}{shift}; old tasks stop at once"),
            minutes => format!("{waits}{shift}; old tasks stay {minutes} min"),
        }
    }
}

/// The command that lets a deployment of the service go on that waits for it.
pub fn go_on(service: &str) -> String {
    format!("glaz deploy {service} -continue")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn predefined_configurations_say_how_traffic_moves() {
        let of = |name: &str| Shift::of_config(&format!("CodeDeployDefault.ECS{name}"));
        assert_eq!(of("AllAtOnce"), Some(Shift::AllAtOnce));
        assert_eq!(of("Canary10Percent5Minutes"), Some(Shift::Canary { percent: 10, minutes: 5 }));
        assert_eq!(of("Linear10PercentEvery3Minutes"), Some(Shift::Linear { percent: 10, minutes: 3 }));
        assert_eq!(of("Linear10PercentEvery3Minutes").map(Shift::minutes), Some(27));
        assert_eq!(Shift::of_config("mine"), None);
        assert_eq!(of("Canary"), None);
    }

    #[test]
    fn a_deployment_takes_shift_and_waits() {
        let pace =
            Pace { shift: Some(Shift::Canary { percent: 10, minutes: 5 }), ready_minutes: 0, termination_minutes: 60 };
        assert_eq!(pace.until_traffic(), Duration::from_secs(420));
        let waiting = Pace { ready_minutes: 30, shift: Some(Shift::AllAtOnce), termination_minutes: 0 };
        let words =
            "waits up to 30 min for `glaz deploy web -continue`, then all traffic at once; old tasks stop at once";
        assert_eq!(waiting.words("web"), words);
        assert_eq!(pace.until_finished(), Duration::from_secs(420 + 3600));
        assert_eq!(pace.words("web"), "10 % of the traffic, the rest after 5 min; old tasks stay 60 min");
    }
}
