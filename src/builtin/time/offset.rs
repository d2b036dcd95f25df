//! `time_offset`: a moment some way from the one at which it was made.
//!
//! <https://registry.terraform.io/providers/hashicorp/time/latest/docs/resources/offset>

use std::collections::BTreeMap;

use super::moment::{Distance, Moment, part, tell_parts};
use crate::builtin::local::Local;
use crate::clock::Clock;
use crate::model;
use crate::resource::{Draft, Error};

/// One of these has to be there.
const OFFSETS: &[&str] =
    &["offset_seconds", "offset_minutes", "offset_hours", "offset_days", "offset_months", "offset_years"];

model! {
    /// A moment some way from the one at which it was made. Of several offsets only one counts: the last of days,
    /// hours, minutes, months, seconds, years.
    pub struct Args {
        /// The moment to start from, RFC 3339; now when left out.
        base_rfc3339: Option<String> = optional_computed().check(Moment::check),
        /// Day of the month.
        day: Option<i64> = computed(),
        /// Hour of the day.
        hour: Option<i64> = computed(),
        /// The moment it started from, RFC 3339.
        id: Option<String> = computed(),
        /// Minute of the hour.
        minute: Option<i64> = computed(),
        /// Month of the year, from 1.
        month: Option<i64> = computed(),
        /// Days to add.
        offset_days: Option<i64> = optional().at_least_one_of(OFFSETS),
        /// Hours to add.
        offset_hours: Option<i64> = optional(),
        /// Minutes to add.
        offset_minutes: Option<i64> = optional(),
        /// Months to add.
        offset_months: Option<i64> = optional(),
        /// Seconds to add.
        offset_seconds: Option<i64> = optional(),
        /// Years to add.
        offset_years: Option<i64> = optional(),
        /// The moment, RFC 3339.
        rfc3339: Option<String> = computed(),
        /// Second of the minute.
        second: Option<i64> = computed(),
        /// Values whose change takes the moment to start from anew.
        triggers: Option<BTreeMap<String, String>> = optional().force_new(),
        /// Seconds since 1970-01-01 UTC.
        unix: Option<i64> = computed(),
        /// Year.
        year: Option<i64> = computed(),
    }
}

/// The type.
pub struct TimeOffset;

fn tell(args: &mut Args, base: Moment) -> Result<(), Error> {
    let distance = Distance {
        years: args.offset_years,
        months: args.offset_months,
        days: args.offset_days,
        hours: args.offset_hours,
        minutes: args.offset_minutes,
        seconds: args.offset_seconds,
    };
    let moment = base.moved(distance)?;
    tell_parts!(&mut *args, moment);
    args.rfc3339 = Some(moment.text());
    args.base_rfc3339 = Some(base.text());
    args.id = args.base_rfc3339.clone();
    Ok(())
}

impl Local for TimeOffset {
    type Model = Args;

    const TYPE: &'static str = "time_offset";

    /// A change in place is known in the plan: it starts from the same moment.
    fn revise(want: &mut Draft) {
        if want.is_new() {
            return;
        }
        let base = want.known(Args::base_rfc3339).or_else(|| want.before(Args::base_rfc3339));
        let Some(base) = base.and_then(|base| Moment::parse(&base).ok()) else { return };
        let keys = [
            Args::offset_years,
            Args::offset_months,
            Args::offset_days,
            Args::offset_hours,
            Args::offset_minutes,
            Args::offset_seconds,
        ];
        if keys.iter().any(|key| want.is_unknown(*key))
            || !want.is_changed(Args::base_rfc3339) && !keys.iter().any(|key| want.is_changed(*key))
        {
            return;
        }
        let [offset_years, offset_months, offset_days, offset_hours, offset_minutes, offset_seconds] =
            keys.map(|key| want.known(key));
        let mut args = Args {
            offset_days,
            offset_hours,
            offset_minutes,
            offset_months,
            offset_seconds,
            offset_years,
            ..Args::default()
        };
        if tell(&mut args, base).is_err() {
            return; // apply says what is wrong
        }
        for (key, text) in
            [(Args::base_rfc3339, &args.base_rfc3339), (Args::id, &args.id), (Args::rfc3339, &args.rfc3339)]
        {
            want.set(key, text);
        }
        let parts = [
            (Args::year, args.year),
            (Args::month, args.month),
            (Args::day, args.day),
            (Args::hour, args.hour),
            (Args::minute, args.minute),
            (Args::second, args.second),
            (Args::unix, args.unix),
        ];
        parts.iter().for_each(|(key, part)| want.set(*key, part));
    }

    fn make(want: &mut Args, clock: &Clock) -> Result<(), Error> {
        let base = want.base_rfc3339.as_deref().map_or_else(|| Ok(Moment::now(clock)), Moment::parse)?;
        tell(want, base)
    }

    /// `BASE,YEARS,MONTHS,DAYS,HOURS,MINUTES,SECONDS`; parts may be empty.
    fn import(text: &str) -> Result<Args, Error> {
        let parts: Vec<&str> = text.split(',').collect();
        let [base, years, months, days, hours, minutes, seconds] = parts[..] else {
            return Err(Error::local(
                "import",
                format!("\"{text}\" is not of the form BASE,YEARS,MONTHS,DAYS,HOURS,MINUTES,SECONDS."),
            ));
        };
        let mut args = Args {
            offset_years: part(years)?,
            offset_months: part(months)?,
            offset_days: part(days)?,
            offset_hours: part(hours)?,
            offset_minutes: part(minutes)?,
            offset_seconds: part(seconds)?,
            triggers: Some(BTreeMap::new()),
            ..Args::default()
        };
        tell(&mut args, Moment::parse(base)?)?;
        Ok(args)
    }
}
