//! Names that are made up: `name_prefix`, or no name at all.
//!
//! The made-up part has the form of hashicorp/aws, so that a state of either tool reads the same: 18 digits of time
//! and 8 of chance, all lower-case hexadecimal.

use crate::clock::Clock;
use crate::resource::Error;

/// Length of the made-up part.
const SUFFIX: usize = 26;

/// The name to use: the given one, else one that starts with the prefix, else one that starts with `fallback`.
///
/// # Errors
/// The operating system gives no randomness.
pub fn choose(name: Option<&str>, prefix: Option<&str>, fallback: &str) -> Result<String, Error> {
    let given = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    match given(name) {
        Some(name) => Ok(name),
        None => Ok(format!("{}{}", given(prefix).unwrap_or_else(|| fallback.to_owned()), suffix(&Clock::system())?)),
    }
}

/// The prefix of a made-up name; none for a name that somebody chose.
pub fn prefix_of(name: Option<&str>) -> Option<String> {
    let name = name?;
    let (prefix, suffix) = name.split_at_checked(name.len().checked_sub(SUFFIX)?)?;
    let is_made_up = !prefix.is_empty() && suffix.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_made_up.then(|| prefix.to_owned())
}

fn suffix(clock: &Clock) -> Result<String, Error> {
    let failed = |why: String| Error::local("name", format!("No name could be made up: {why}."));
    let mut chance = [0; 4];
    clock.random(&mut chance).map_err(|error| failed(error.to_string()))?;
    let now = clock.now();
    let seconds = i64::try_from(now.as_secs()).unwrap_or_default();
    let time = jiff::Timestamp::from_second(seconds).map_err(|error| failed(error.to_string()))?;
    let (date, fraction) = (time.strftime("%Y%m%d%H%M%S"), now.subsec_micros() / 100);
    Ok(format!("{date}{fraction:04}{:08x}", u32::from_be_bytes(chance)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_made_up_name_tells_its_prefix() {
        let made = choose(None, Some("web-"), "tf-").unwrap_or_default();
        assert_eq!(made.len(), 4 + SUFFIX);
        assert_eq!(prefix_of(Some(&made)).as_deref(), Some("web-"));
        assert_eq!(choose(Some("web"), None, "tf-").as_deref(), Ok("web"));
        assert!(choose(None, None, "tf-lb-").is_ok_and(|name| name.starts_with("tf-lb-2")));
        assert_eq!(prefix_of(Some("web-blue")), None);
    }

    #[test]
    fn the_time_comes_first() {
        let made = suffix(&Clock::pinned(Duration::from_micros(1_700_000_000_123_456), 1)).unwrap_or_default();
        assert_eq!(made.get(..18), Some("202311142213201234"));
    }
}
