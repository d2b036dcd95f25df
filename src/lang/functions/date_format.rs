//! The notation of `formatdate`: `YYYY-MM-DD'T'hh:mm:ssZ`.

use super::time::{Time, zone};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// Letters stand for parts of the time, text in single quotes for itself.
pub(super) fn format_date(format: &str, time: &Time) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = format;
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            rest = literal(rest, &mut out)?;
        } else if first.is_ascii_alphabetic() {
            let end = rest.find(|character| character != first).unwrap_or(rest.len());
            let (verb, after) = rest.split_at(end);
            out.push_str(&part(verb, time)?);
            rest = after;
        } else {
            let end =
                rest.find(|character: char| character == '\'' || character.is_ascii_alphabetic()).unwrap_or(rest.len());
            out.push_str(&rest[..end]);
            rest = &rest[end..];
        }
    }
    Ok(out)
}

/// Text in quotes, in which two quotes are one; gives what follows.
fn literal<'a>(text: &'a str, out: &mut String) -> Result<&'a str, String> {
    if let Some(after) = text.strip_prefix("''") {
        out.push('\'');
        return Ok(after);
    }
    let mut rest = &text[1..];
    loop {
        let end = rest.find('\'').ok_or("unterminated literal '")?;
        out.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('\'') {
            Some(after) => {
                out.push('\'');
                rest = after;
            }
            None => return Ok(rest),
        }
    }
}

fn part(verb: &str, time: &Time) -> Result<String, String> {
    let ((year, month, day), (hour, minute, second)) = (time.date(), time.clock());
    let twelve = if hour % 12 == 0 { 12 } else { hour % 12 };
    let half = if hour < 12 { "am" } else { "pm" };
    let name = |names: &[&'static str], at: usize| names.get(at).copied().unwrap_or_default();
    let month_name = name(&MONTHS, usize::try_from(month).unwrap_or(1).saturating_sub(1));
    let day_name = name(&DAYS, time.weekday());
    let help = match verb.as_bytes()[0] {
        b'Y' => "year must either be \"YY\" or \"YYYY\"",
        b'M' => "month must be \"M\", \"MM\", \"MMM\", or \"MMMM\"",
        b'D' => "day of month must either be \"D\" or \"DD\"",
        b'E' => "day of week must either be \"EEE\" or \"EEEE\"",
        b'h' => "24-hour must either be \"h\" or \"hh\"",
        b'H' => "12-hour must either be \"H\" or \"HH\"",
        b'A' => "must be \"AA\"",
        b'a' => "must be \"aa\"",
        b'm' => "minute must either be \"m\" or \"mm\"",
        b's' => "second must either be \"s\" or \"ss\"",
        b'Z' => "timezone must be Z, ZZZZ, or ZZZZZ",
        _ => return Err(format!("invalid date format verb {verb:?}")),
    };
    Ok(match verb {
        "YY" => format!("{:02}", year % 100),
        "YYYY" => format!("{year:04}"),
        "M" => month.to_string(),
        "MM" => format!("{month:02}"),
        "MMM" => month_name.chars().take(3).collect(),
        "MMMM" => month_name.into(),
        "D" => day.to_string(),
        "DD" => format!("{day:02}"),
        "EEE" => day_name.chars().take(3).collect(),
        "EEEE" => day_name.into(),
        "h" => hour.to_string(),
        "hh" => format!("{hour:02}"),
        "H" => twelve.to_string(),
        "HH" => format!("{twelve:02}"),
        "AA" => half.to_uppercase(),
        "aa" => half.into(),
        "m" => minute.to_string(),
        "mm" => format!("{minute:02}"),
        "s" => second.to_string(),
        "ss" => format!("{second:02}"),
        "Z" => zone(time.offset, ":", "Z"),
        "ZZZ" => zone(time.offset, "", "UTC"),
        "ZZZZ" => zone(time.offset, "", ""),
        "ZZZZZ" => zone(time.offset, ":", ""),
        _ => return Err(format!("invalid date format verb {verb:?}: {help}")),
    })
}
