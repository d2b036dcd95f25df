//! `time_static`: the moment at which it was made.
//!
//! <https://registry.terraform.io/providers/hashicorp/time/latest/docs/resources/static>

use std::collections::BTreeMap;

use super::moment::{Moment, tell_parts};
use crate::builtin::local::Local;
use crate::clock::Clock;
use crate::model;
use crate::resource::{Draft, Error};

model! {
    /// The moment at which it was made.
    pub struct Args {
        /// Day of the month.
        day: Option<i64> = computed(),
        /// Hour of the day.
        hour: Option<i64> = computed(),
        /// The moment, RFC 3339.
        id: Option<String> = computed(),
        /// Minute of the hour.
        minute: Option<i64> = computed(),
        /// Month of the year, from 1.
        month: Option<i64> = computed(),
        /// The moment, RFC 3339; now when left out.
        rfc3339: Option<String> = optional_computed().force_new().check(Moment::check),
        /// Second of the minute.
        second: Option<i64> = computed(),
        /// Values whose change takes the moment anew.
        triggers: Option<BTreeMap<String, String>> = optional().force_new(),
        /// Seconds since 1970-01-01 UTC.
        unix: Option<i64> = computed(),
        /// Year.
        year: Option<i64> = computed(),
    }
}

/// The type.
pub struct TimeStatic;

fn tell(args: &mut Args, moment: Moment) {
    tell_parts!(&mut *args, moment);
    args.rfc3339 = Some(moment.text());
    args.id = args.rfc3339.clone();
}

impl Local for TimeStatic {
    type Model = Args;

    const TYPE: &'static str = "time_static";

    fn revise(want: &mut Draft) {
        let Some(moment) = want.known(Args::rfc3339).filter(|_| want.is_new()) else { return };
        let Ok(moment) = Moment::parse(&moment) else { return };
        let mut args = Args::default();
        tell(&mut args, moment);
        want.set(Args::id, &args.id);
        want.set(Args::unix, &args.unix);
        let parts = [
            (Args::year, args.year),
            (Args::month, args.month),
            (Args::day, args.day),
            (Args::hour, args.hour),
            (Args::minute, args.minute),
            (Args::second, args.second),
        ];
        parts.iter().for_each(|(key, part)| want.set(*key, part));
    }

    fn make(want: &mut Args, clock: &Clock) -> Result<(), Error> {
        let moment = want.rfc3339.as_deref().map_or_else(|| Ok(Moment::now(clock)), Moment::parse)?;
        tell(want, moment);
        Ok(())
    }

    /// The moment, RFC 3339.
    fn import(text: &str) -> Result<Args, Error> {
        let mut args = Args { triggers: Some(BTreeMap::new()), ..Args::default() };
        tell(&mut args, Moment::parse(text)?);
        Ok(args)
    }
}
