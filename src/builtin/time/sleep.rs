//! `time_sleep`: a wait before what depends on it is made, and after that is deleted.
//!
//! <https://registry.terraform.io/providers/hashicorp/time/latest/docs/resources/sleep>

use std::collections::BTreeMap;
use std::time::Duration;

use super::moment::Moment;
use crate::builtin::local::Local;
use crate::clock::Clock;
use crate::model;
use crate::resource::Error;
use crate::resource::attr::{Pace, duration, secs};

/// What hashicorp's provider takes.
const FORM: &str = r"^[0-9]+(\.[0-9]+)?(ms|s|m|h)$";
const FORM_SAYS: &str =
    "a number immediately followed by ms (milliseconds), s (seconds), m (minutes), or h (hours), such as 30s";

model! {
    /// A wait before what depends on it is made, and after that is deleted.
    pub struct Args {
        /// How long making takes, such as `30s`. A change alone waits for nothing.
        create_duration: Option<String> = optional().pattern(FORM, FORM_SAYS).at_least_one_of(&["create_duration", "destroy_duration"]),
        /// How long deleting takes. It counts once it has been applied.
        destroy_duration: Option<String> = optional().pattern(FORM, FORM_SAYS),
        /// When it was made, RFC 3339.
        id: Option<String> = computed(),
        /// Values whose change waits again.
        triggers: Option<BTreeMap<String, String>> = optional().force_new(),
    }
}

/// The type.
pub struct TimeSleep;

impl Local for TimeSleep {
    type Model = Args;

    const TYPE: &'static str = "time_sleep";
    const IS_PURE: bool = false;
    // Nobody but the stack file says how long a wait may be.
    const PACE: Pace = secs(30, 0, 30).limits(30 * 24 * 60, 10, 30 * 24 * 60);

    fn make(want: &mut Args, clock: &Clock) -> Result<(), Error> {
        want.id = Some(Moment::now(clock).text());
        Ok(())
    }

    fn wait_to_make(want: &Args) -> Duration {
        length(want.create_duration.as_deref())
    }

    fn wait_to_delete(have: &Args) -> Duration {
        length(have.destroy_duration.as_deref())
    }

    /// `CREATE,DESTROY,KEY=VALUE,...`; one of the first two may be empty.
    fn import(text: &str) -> Result<Args, Error> {
        let wrong = || Error::local("import", format!("\"{text}\" is not of the form CREATE,DESTROY,KEY=VALUE,..."));
        let mut parts = text.split(',');
        let mut next = || {
            let part = parts.next().ok_or_else(wrong)?;
            if !part.is_empty() && duration(part).is_none() {
                return Err(wrong());
            }
            Ok(Some(part.to_owned()).filter(|part| !part.is_empty()))
        };
        let (create_duration, destroy_duration) = (next()?, next()?);
        if create_duration.is_none() && destroy_duration.is_none() {
            return Err(wrong());
        }
        let trigger = |part: &str| part.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned()));
        let triggers = parts.map(|part| trigger(part).ok_or_else(wrong)).collect::<Result<_, _>>()?;
        // When it was made is not known; importing happens now.
        let id = Some(Moment::now(&Clock::system()).text());
        Ok(Args { create_duration, destroy_duration, id, triggers: Some(triggers) })
    }
}

fn length(text: Option<&str>) -> Duration {
    text.and_then(duration).unwrap_or_default()
}
