//! `time_rotating`: a moment that is taken anew when it has passed.
//!
//! <https://registry.terraform.io/providers/hashicorp/time/latest/docs/resources/rotating>

use std::collections::BTreeMap;
use std::time::Duration;

use super::moment::{Distance, Moment, part, tell_parts};
use crate::builtin::local::Local;
use crate::clock::Clock;
use crate::model;
use crate::resource::{Draft, Error};

/// One of these has to be there.
const ROTATIONS: &[&str] =
    &["rotation_minutes", "rotation_hours", "rotation_days", "rotation_months", "rotation_years", "rotation_rfc3339"];

model! {
    /// A moment that is taken anew by the first run after it has passed. Of several distances only one counts: the last
    /// of days, hours, minutes, months, `rotation_rfc3339`, years.
    pub struct Args {
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
        /// The moment to start from, RFC 3339; now when left out.
        rfc3339: Option<String> = optional_computed().force_new().check(Moment::check),
        /// Days after which it rotates.
        rotation_days: Option<i64> = optional().range(1, i64::MAX).at_least_one_of(ROTATIONS),
        /// Hours after which it rotates.
        rotation_hours: Option<i64> = optional().range(1, i64::MAX),
        /// Minutes after which it rotates.
        rotation_minutes: Option<i64> = optional().range(1, i64::MAX),
        /// Months after which it rotates.
        rotation_months: Option<i64> = optional().range(1, i64::MAX),
        /// The moment at which it rotates, RFC 3339.
        rotation_rfc3339: Option<String> = optional_computed().check(Moment::check),
        /// Years after which it rotates.
        rotation_years: Option<i64> = optional().range(1, i64::MAX),
        /// Second of the minute.
        second: Option<i64> = computed(),
        /// Values whose change takes the moment anew.
        triggers: Option<BTreeMap<String, String>> = optional().force_new(),
        /// Seconds since 1970-01-01 UTC at which it rotates.
        unix: Option<i64> = computed(),
        /// Year.
        year: Option<i64> = computed(),
    }
}

/// The type.
pub struct TimeRotating;

/// `until` is what the stack file says about the moment of rotation.
fn tell(args: &mut Args, base: Moment, until: Option<&str>) -> Result<(), Error> {
    let distance = Distance {
        years: args.rotation_years,
        months: args.rotation_months,
        days: args.rotation_days,
        hours: args.rotation_hours,
        minutes: args.rotation_minutes,
        seconds: None,
    };
    let moment = match until.filter(|_| args.rotation_years.is_none()) {
        Some(until) => Moment::parse(until)?,
        None => base.moved(distance)?,
    };
    tell_parts!(&mut *args, moment);
    args.rotation_rfc3339 = Some(moment.text());
    args.rfc3339 = Some(base.text());
    args.id = args.rfc3339.clone();
    Ok(())
}

impl Local for TimeRotating {
    type Model = Args;

    const TYPE: &'static str = "time_rotating";

    /// A change in place is known in the plan: it starts from the same moment.
    fn revise(want: &mut Draft) {
        if want.is_new() {
            return;
        }
        let base = want.known(Args::rfc3339).or_else(|| want.before(Args::rfc3339));
        let Some(base) = base.and_then(|base| Moment::parse(&base).ok()) else { return };
        let keys = [
            Args::rotation_years,
            Args::rotation_months,
            Args::rotation_days,
            Args::rotation_hours,
            Args::rotation_minutes,
        ];
        let said = want.said(Args::rotation_rfc3339);
        let unknown =
            keys.iter().any(|key| want.is_unknown(*key)) || (said.is_none() && want.is_set(Args::rotation_rfc3339));
        let changed = keys.iter().any(|key| want.is_changed(*key))
            || said.as_ref().is_some_and(|said| want.before(Args::rotation_rfc3339).as_ref() != Some(said));
        if unknown || !changed {
            return;
        }
        let [rotation_years, rotation_months, rotation_days, rotation_hours, rotation_minutes] =
            keys.map(|key| want.known(key));
        let mut args = Args {
            rotation_days,
            rotation_hours,
            rotation_minutes,
            rotation_months,
            rotation_years,
            ..Args::default()
        };
        if tell(&mut args, base, said.as_deref()).is_err() {
            return; // apply says what is wrong
        }
        for (key, text) in
            [(Args::rotation_rfc3339, &args.rotation_rfc3339), (Args::rfc3339, &args.rfc3339), (Args::id, &args.id)]
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
        let base = want.rfc3339.as_deref().map_or_else(|| Ok(Moment::now(clock)), Moment::parse)?;
        let until = want.rotation_rfc3339.clone();
        tell(want, base, until.as_deref())
    }

    /// It is gone once its moment has passed; the run that notices makes it anew.
    fn is_gone(model: &Args, now: Duration) -> bool {
        model.unix.is_some_and(|unix| u64::try_from(unix).unwrap_or_default() < now.as_secs())
    }

    /// `BASE,YEARS,MONTHS,DAYS,HOURS,MINUTES` with empty parts, or `BASE,ROTATION`.
    fn import(text: &str) -> Result<Args, Error> {
        let parts: Vec<&str> = text.split(',').collect();
        let mut args = Args { triggers: Some(BTreeMap::new()), ..Args::default() };
        match parts[..] {
            [base, until] => tell(&mut args, Moment::parse(base)?, Some(until))?,
            [base, years, months, days, hours, minutes] => {
                args.rotation_years = part(years)?;
                args.rotation_months = part(months)?;
                args.rotation_days = part(days)?;
                args.rotation_hours = part(hours)?;
                args.rotation_minutes = part(minutes)?;
                tell(&mut args, Moment::parse(base)?, None)?;
            }
            _ => {
                let forms = "BASE,YEARS,MONTHS,DAYS,HOURS,MINUTES or BASE,ROTATION";
                return Err(Error::local("import", format!("\"{text}\" is not of the form {forms}.")));
            }
        }
        Ok(args)
    }
}
