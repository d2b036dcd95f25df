//! From when to when a certificate is valid, and when it is time for another.

use std::time::Duration;

use x509_cert::der;
use x509_cert::der::asn1::{GeneralizedTime, UtcTime};
use x509_cert::time::{Time, Validity};

use super::failed;
use crate::builtin::time::moment::Moment;
use crate::clock::Clock;
use crate::resource::Error;

/// From when to when, in seconds since 1970-01-01 UTC.
#[derive(Clone, Copy)]
pub(super) struct Period {
    from: u64,
    until: u64,
}

impl Period {
    /// From now, for so many hours.
    pub(super) fn of_hours(hours: i64, clock: &Clock) -> Result<Self, Error> {
        let from = clock.now().as_secs();
        let until = u64::try_from(hours).ok().and_then(|hours| from.checked_add(hours.checked_mul(3600)?));
        let until = until.filter(|until| Moment::unix_text(*until).is_some());
        let beyond =
            || failed("The certificate cannot be made", format!("{hours} hours from now lie beyond the year 9999"));
        Ok(Self { from, until: until.ok_or_else(beyond)? })
    }

    /// As certificates hold it.
    pub(super) fn validity(self) -> der::Result<Validity> {
        Ok(Validity::new(time(self.from)?, time(self.until)?))
    }

    /// Start and end, RFC 3339.
    pub(super) fn texts(self) -> [Option<String>; 2] {
        [self.from, self.until].map(Moment::unix_text)
    }
}

/// Until the year 2049 in the short form (RFC 5280, 4.1.2.5).
fn time(unix: u64) -> der::Result<Time> {
    let at = Duration::from_secs(unix);
    match UtcTime::from_unix_duration(at) {
        Ok(short) => Ok(Time::UtcTime(short)),
        Err(_) => GeneralizedTime::from_unix_duration(at).map(Time::GeneralTime),
    }
}

/// Whether a certificate that ends then is to be replaced: it has ended, or does so within so many hours.
pub(super) fn is_due(end: Option<&str>, early_hours: Option<i64>, now: Duration) -> bool {
    let Some(end) = end.and_then(|end| Moment::parse(end).ok()) else { return false };
    let early = early_hours.unwrap_or_default().saturating_mul(3600);
    let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    end.unix().saturating_sub(early) <= now
}
