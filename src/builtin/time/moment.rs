//! A moment as it was written: RFC 3339, with its own offset from UTC.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use jiff::{SignedDuration, Span, Timestamp};

use crate::clock::Clock;
use crate::resource::Error;
use crate::value::Value;

/// A second in some offset from UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::builtin) struct Moment {
    civil: DateTime,
    offset: Offset,
}

/// How far to move, as the three moving types say it. Only one of the units counts: of several, the last in the order
/// days, hours, minutes, months, seconds, years. That is what hashicorp's provider does.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::builtin) struct Distance {
    pub(super) years: Option<i64>,
    pub(super) months: Option<i64>,
    pub(super) days: Option<i64>,
    pub(super) hours: Option<i64>,
    pub(super) minutes: Option<i64>,
    pub(super) seconds: Option<i64>,
}

/// A move by a count of units.
type Step = fn(Moment, i64) -> Option<Moment>;

impl Moment {
    /// Now, in UTC.
    pub(in crate::builtin) fn now(clock: &Clock) -> Self {
        Self::at(clock.now().as_secs()).unwrap_or(Self { civil: DateTime::default(), offset: Offset::UTC })
    }

    /// So many seconds after 1970-01-01, in UTC; nothing beyond the year 9999.
    fn at(unix: u64) -> Option<Self> {
        let stamp = Timestamp::from_second(i64::try_from(unix).ok()?).ok()?;
        Some(Self { civil: Offset::UTC.to_datetime(stamp), offset: Offset::UTC })
    }

    /// So many seconds after 1970-01-01 in RFC 3339; nothing beyond the year 9999.
    pub(in crate::builtin) fn unix_text(unix: u64) -> Option<String> {
        Self::at(unix).map(Self::text)
    }

    /// `2026-01-31T10:00:00Z` or with an offset such as `+02:00`; a fraction of a second is dropped.
    pub(in crate::builtin) fn parse(text: &str) -> Result<Self, Error> {
        let wrong =
            || Error::local("read", format!("\"{text}\" is not a time of the form 2026-01-31T10:00:00Z (RFC 3339)."));
        Self::parsed(text).ok_or_else(wrong)
    }

    fn parsed(text: &str) -> Option<Self> {
        let (civil, zone) = text.split_at_checked(19)?;
        let shape: Vec<u8> = civil.bytes().map(|byte| if byte.is_ascii_digit() { b'0' } else { byte }).collect();
        if shape != b"0000-00-00T00:00:00" {
            return None;
        }
        let zone = match zone.strip_prefix('.') {
            Some(fraction) => {
                let end = fraction.find(|c: char| !c.is_ascii_digit())?;
                (end > 0).then(|| fraction.split_at(end).1)?
            }
            None => zone,
        };
        let offset = if zone == "Z" {
            Offset::UTC
        } else {
            let (sign, rest) = zone.split_at_checked(1)?;
            let (hours, minutes) = rest.split_once(':')?;
            if hours.len() != 2 || minutes.len() != 2 {
                return None;
            }
            let (hours, minutes) = (hours.parse::<i32>().ok()?, minutes.parse::<i32>().ok()?);
            let seconds = (hours * 60 + minutes) * 60;
            let signed = match sign {
                "+" => seconds,
                "-" => -seconds,
                _ => return None,
            };
            Offset::from_seconds(signed).ok().filter(|_| hours < 24 && minutes < 60)?
        };
        let number = |from: usize, to: usize| civil.get(from..to)?.parse::<i16>().ok();
        let small = |from: usize| i8::try_from(number(from, from + 2)?).ok();
        let date = Date::new(number(0, 4)?, small(5)?, small(8)?).ok()?;
        let time = Time::new(small(11)?, small(14)?, small(17)?, 0).ok()?;
        Some(Self { civil: date.to_datetime(time), offset })
    }

    /// The check of an attribute that holds such a time.
    pub(in crate::builtin) fn check(value: &Value) -> Result<(), String> {
        Self::parse(value.as_str().unwrap_or_default()).map(drop).map_err(|error| error.message)
    }

    /// The moment this far away. Days that a month does not have run over into the next, as in Go: a month after
    /// January 31 is March 2 or 3.
    pub(in crate::builtin) fn moved(self, by: Distance) -> Result<Self, Error> {
        let steps: [(Option<i64>, Step); 6] = [
            (by.days, |from, days| from.date(0, 0, days)),
            (by.hours, |from, hours| from.later(hours.checked_mul(3600)?)),
            (by.minutes, |from, minutes| from.later(minutes.checked_mul(60)?)),
            (by.months, |from, months| from.date(0, months, 0)),
            (by.seconds, Self::later),
            (by.years, |from, years| from.date(years, 0, 0)),
        ];
        let last = steps.into_iter().rev().find_map(|(count, step)| Some((count.filter(|count| *count != 0)?, step)));
        // Nothing to add is Go's zero time.
        let Some((count, step)) = last else {
            return Ok(Self { civil: DateTime::constant(1, 1, 1, 0, 0, 0, 0), offset: Offset::UTC });
        };
        let beyond = || Error::local("create", "The time lies outside the years 1 to 9999.");
        step(self, count).ok_or_else(beyond)
    }

    fn later(self, seconds: i64) -> Option<Self> {
        Some(Self { civil: self.civil.checked_add(SignedDuration::from_secs(seconds)).ok()?, ..self })
    }

    fn date(self, years: i64, months: i64, days: i64) -> Option<Self> {
        let count = i64::from(self.civil.year())
            .checked_add(years)?
            .checked_mul(12)?
            .checked_add(i64::from(self.civil.month()) - 1)?
            .checked_add(months)?;
        let first = Date::new(count.div_euclid(12).try_into().ok()?, (count.rem_euclid(12) + 1).try_into().ok()?, 1);
        let days = days.checked_add(i64::from(self.civil.day()) - 1)?;
        let date = first.ok()?.checked_add(Span::new().try_days(days).ok()?).ok()?;
        Some(Self { civil: date.to_datetime(self.civil.time()), ..self })
    }

    /// RFC 3339, in its own offset.
    pub(in crate::builtin) fn text(self) -> String {
        let zone = match self.offset.seconds() / 60 {
            0 => "Z".to_owned(),
            minutes => {
                let sign = if minutes < 0 { '-' } else { '+' };
                format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
            }
        };
        format!("{}{zone}", self.civil.strftime("%Y-%m-%dT%H:%M:%S"))
    }

    /// Seconds since 1970-01-01 UTC.
    pub(in crate::builtin) fn unix(self) -> i64 {
        self.offset.to_timestamp(self.civil).map_or(-62_135_596_800, Timestamp::as_second)
    }

    pub(in crate::builtin) fn civil(self) -> DateTime {
        self.civil
    }
}

/// Fills in the parts of a moment, which all these types have under the same names.
macro_rules! tell_parts {
    ($model:expr, $moment:expr) => {{
        let (model, moment) = ($model, $moment);
        let civil = moment.civil();
        model.year = Some(civil.year().into());
        model.month = Some(civil.month().into());
        model.day = Some(civil.day().into());
        model.hour = Some(civil.hour().into());
        model.minute = Some(civil.minute().into());
        model.second = Some(civil.second().into());
        model.unix = Some(moment.unix());
    }};
}
pub(super) use tell_parts;

/// A part of an import text: a whole number, or nothing.
pub(in crate::builtin) fn part(text: &str) -> Result<Option<i64>, Error> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| Error::local("import", format!("\"{text}\" is not a whole number.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(from: &str, by: Distance) -> String {
        Moment::parse(from).and_then(|moment| moment.moved(by)).map_or_else(|error| error.message, Moment::text)
    }

    #[test]
    fn texts_keep_their_offset() {
        for text in ["2020-02-12T06:36:13Z", "2020-02-12T06:36:13+02:00", "2020-02-12T06:36:13-03:30"] {
            assert_eq!(Moment::parse(text).map(Moment::text).ok().as_deref(), Some(text));
        }
        assert_eq!(
            Moment::parse("2020-02-12T06:36:13.25Z").map(Moment::text).ok().as_deref(),
            Some("2020-02-12T06:36:13Z")
        );
        assert_eq!(Moment::parse("1970-01-01T02:00:01+02:00").map(Moment::unix).ok(), Some(1));
        for text in [
            "2020-02-12",
            "2020-02-30T00:00:00Z",
            "2020-02-12 06:36:13Z",
            "2020-02-12T06:36:13",
            "é020-02-12T06:36:13Z",
            "2020-02-12T06:36:13.Z",
        ] {
            assert!(Moment::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn days_run_over_and_the_last_unit_counts() {
        let start = "2021-01-31T00:00:00Z";
        assert_eq!(moved(start, Distance { months: Some(1), ..Distance::default() }), "2021-03-03T00:00:00Z");
        assert_eq!(
            moved("2020-02-29T00:00:00Z", Distance { years: Some(1), ..Distance::default() }),
            "2021-03-01T00:00:00Z"
        );
        let several = Distance { days: Some(3), minutes: Some(-5), ..Distance::default() };
        assert_eq!(moved(start, several), "2021-01-30T23:55:00Z");
        assert_eq!(moved(start, Distance::default()), "0001-01-01T00:00:00Z");
        assert!(moved(start, Distance { years: Some(i64::MAX), ..Distance::default() }).contains("outside"));
    }
}
