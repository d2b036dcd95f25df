//! Points in time, as RFC 3339 text.

use super::date_format::format_date;
use super::{Call, CallError, Function, Kind, Outcome, Returns, function, param};

const TEXT: Returns = Returns::Always(Kind::String);

pub(super) const FUNCTIONS: &[Function] = &[
    function("timestamp", "The present time.", &[], TEXT, |call| {
        if call.scope.planning {
            return Ok(call.unknown());
        }
        Ok(Time::unix(call.scope.clock.now().as_secs()).to_string().into())
    }),
    function("plantimestamp", "The time at which the plan was made.", &[], TEXT, |call| {
        Ok(call.scope.plan_time.map_or_else(|| call.unknown(), |time| Time::unix(time.as_secs()).to_string().into()))
    }),
    function(
        "timeadd",
        "A time some duration later.",
        &[param("timestamp", Kind::String), param("duration", Kind::String)],
        TEXT,
        timeadd,
    ),
    function(
        "timecmp",
        "-1, 0 or 1 for a time before, at or after another.",
        &[param("timestamp_a", Kind::String), param("timestamp_b", Kind::String)],
        Returns::Always(Kind::Number),
        |call| {
            let [a, b] = [0, 1].map(|at| Time::parse(call.text(at)).map_err(|reason| CallError::at(at, reason)));
            Ok((a?.instant().cmp(&b?.instant()) as i64).into())
        },
    ),
    function(
        "formatdate",
        "A time in another notation.",
        &[param("format", Kind::String), param("time", Kind::String)],
        TEXT,
        |call| {
            let time = Time::parse(call.text(1)).map_err(|reason| CallError::at(1, reason))?;
            format_date(call.text(0), &time).map(Into::into).map_err(|reason| CallError::at(0, reason))
        },
    ),
];

/// A point in time and the offset it was written with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Time {
    /// Seconds since 1970 as a clock at that offset shows them.
    local: i64,
    nanos: u32,
    /// Minutes east of UTC.
    pub(super) offset: i32,
}

impl Time {
    pub(super) fn unix(seconds: u64) -> Self {
        Self { local: i64::try_from(seconds).unwrap_or(i64::MAX), nanos: 0, offset: 0 }
    }

    fn instant(&self) -> (i64, u32) {
        (self.local - i64::from(self.offset) * 60, self.nanos)
    }

    /// Year, month and day.
    pub(super) fn date(&self) -> (i64, u32, u32) {
        // Counts from the first of March of the year 0, so that the leap day comes last.
        let days = self.local.div_euclid(86400) + 719_468;
        let era = days.div_euclid(146_097);
        let day = days.rem_euclid(146_097);
        let year = (day - day / 1460 + day / 36524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let small = |number: i64| u32::try_from(number).unwrap_or_default();
        let civil = if month < 10 { month + 3 } else { month - 9 };
        (year + era * 400 + i64::from(civil <= 2), small(civil), small(day - (153 * month + 2) / 5 + 1))
    }

    /// Hour, minute and second.
    pub(super) fn clock(&self) -> (u32, u32, u32) {
        let second = u32::try_from(self.local.rem_euclid(86400)).unwrap_or_default();
        (second / 3600, second / 60 % 60, second % 60)
    }

    /// Days since Sunday.
    pub(super) fn weekday(&self) -> usize {
        usize::try_from((self.local.div_euclid(86400) + 4).rem_euclid(7)).unwrap_or_default()
    }

    /// Strictly as RFC 3339 says.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let bad = |what: &str| format!("not a valid RFC3339 timestamp: {what}");
        let mut rest = text;
        let mut number = |name: &str, count: usize, after: &str| -> Result<u32, String> {
            let digits = rest.len().min(count);
            let part =
                rest.get(..digits).filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()) && digits == count);
            let Some(value) = part.and_then(|part| part.parse().ok()) else {
                return Err(if rest.is_empty() {
                    bad(&format!("end of string before {name}"))
                } else {
                    bad(&format!("cannot use {rest:?} as {name}"))
                });
            };
            rest = &rest[count..];
            if after == "T" && !rest.starts_with('T') {
                return Err(bad("missing required time introducer 'T'"));
            }
            rest = rest.strip_prefix(after).ok_or_else(|| {
                if rest.is_empty() {
                    bad(&format!("end of string where {after:?} is expected"))
                } else {
                    bad(&format!("found {rest:?} where {after:?} is expected"))
                }
            })?;
            Ok(value)
        };
        let (year, month, day) = (number("year", 4, "-")?, number("month", 2, "-")?, number("day of month", 2, "T")?);
        let (hour, minute, second) = (number("hour", 2, ":")?, number("minute", 2, ":")?, number("second", 2, "")?);
        if !(1..=12).contains(&month) {
            return Err(bad("month out of range"));
        }
        if hour > 23 {
            return Err(bad("hour must be between 0 and 23 inclusive"));
        }
        if minute > 59 {
            return Err(bad("minute out of range"));
        }
        if second > 59 {
            return Err(bad("second out of range"));
        }
        let mut nanos = 0;
        if let Some(fraction) = rest.strip_prefix('.') {
            let end = fraction.find(|character: char| !character.is_ascii_digit()).unwrap_or(fraction.len());
            if end == 0 {
                return Err(bad(&format!("cannot use {rest:?} as UTC offset")));
            }
            let digits: String = fraction[..end].chars().chain("000000000".chars()).take(9).collect();
            nanos = digits.parse().unwrap_or_default();
            rest = &fraction[end..];
        }
        if rest.is_empty() {
            return Err(bad("end of string before UTC offset"));
        }
        let offset = offset(rest).ok_or_else(|| bad(&format!("cannot use {rest:?} as UTC offset")))?;
        let days = days_from_civil(year.into(), month, day);
        let local = days * 86400 + i64::from(hour * 3600 + minute * 60 + second);
        let time = Self { local, nanos, offset };
        if day == 0 || time.date() != (year.into(), month, day) {
            return Err(bad("day out of range"));
        }
        Ok(time)
    }
}

impl std::fmt::Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ((year, month, day), (hour, minute, second)) = (self.date(), self.clock());
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{}", zone(self.offset, ":", "Z"))
    }
}

/// An offset in digits; `utc` when it is none.
pub(super) fn zone(offset: i32, separator: &str, utc: &str) -> String {
    if offset == 0 && !utc.is_empty() {
        return utc.into();
    }
    let sign = if offset < 0 { '-' } else { '+' };
    format!("{sign}{:02}{separator}{:02}", offset.abs() / 60, offset.abs() % 60)
}

fn offset(text: &str) -> Option<i32> {
    if text == "Z" {
        return Some(0);
    }
    let (sign, digits) = match text.as_bytes() {
        [b'+', ..] => (1, &text[1..]),
        [b'-', ..] => (-1, &text[1..]),
        _ => return None,
    };
    let (hours, minutes) = digits.split_once(':')?;
    let part = |text: &str, most: i32| {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|&value: &i32| digits && value <= most)
    };
    Some(sign * (part(hours, 23)? * 60 + part(minutes, 59)?))
}

fn days_from_civil(year: i64, month: u32, day: u32) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let month = i64::from(if month > 2 { month - 3 } else { month + 9 });
    let of_year = (153 * month + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn timeadd(call: &Call<'_>) -> Outcome {
    let time = Time::parse(call.text(0)).map_err(CallError::new)?;
    let added = duration(call.text(1)).map_err(CallError::new)?;
    let total = i128::from(time.local) * 1_000_000_000 + i128::from(time.nanos) + i128::from(added);
    let local = i64::try_from(total.div_euclid(1_000_000_000)).unwrap_or(time.local);
    Ok(Time { local, ..time }.to_string().into())
}

/// Go's durations, such as `1h30m` or `-1.5s`, in nanoseconds.
fn duration(text: &str) -> Result<i64, String> {
    let bad = || format!("time: invalid duration {text:?}");
    let (sign, mut rest) = match text.as_bytes() {
        [b'-', ..] => (-1, &text[1..]),
        [b'+', ..] => (1, &text[1..]),
        _ => (1, text),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(bad());
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let end = rest.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(end);
        let unit_end =
            after.find(|character: char| character.is_ascii_digit() || character == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') || whole.len() > 19 {
            return Err(bad());
        }
        let scale: i128 = match unit {
            "" => return Err(format!("time: missing unit in duration {text:?}")),
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            unit => return Err(format!("time: unknown unit {unit:?} in duration {text:?}")),
        };
        let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| bad())? };
        let digits = &fraction[..fraction.len().min(18)];
        let part: i128 = if digits.is_empty() { 0 } else { digits.parse().map_err(|_| bad())? };
        total += whole * scale + part * scale / 10_i128.pow(u32::try_from(digits.len()).unwrap_or_default());
        rest = after;
        if total > i128::from(i64::MAX) {
            return Err(bad());
        }
    }
    i64::try_from(total * sign).map_err(|_| bad())
}
