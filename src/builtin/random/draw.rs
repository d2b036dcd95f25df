//! Drawing without bias.

use crate::clock::Clock;
use crate::resource::Error;

/// Random bytes.
pub(super) fn bytes(clock: &Clock, count: usize) -> Result<Vec<u8>, Error> {
    let mut bytes = vec![0; count];
    clock
        .random(&mut bytes)
        .map_err(|error| Error::local("create", format!("The system gives no random numbers: {error}.")))?;
    Ok(bytes)
}

/// A number below `bound`; every one equally likely.
pub(super) fn below(clock: &Clock, bound: u64) -> Result<u64, Error> {
    let whole = u64::MAX - u64::MAX % bound.max(1);
    loop {
        let drawn = bytes(clock, 8)?.into_iter().fold(0, |number: u64, byte| number << 8 | u64::from(byte));
        if drawn < whole {
            return Ok(drawn % bound.max(1));
        }
    }
}

/// One of several.
pub(super) fn one_of<'a, T>(clock: &Clock, all: &'a [T]) -> Result<&'a T, Error> {
    let at = below(clock, all.len() as u64)?;
    all.get(usize::try_from(at).unwrap_or_default())
        .ok_or_else(|| Error::local("create", "There is nothing to draw from."))
}

/// Puts them in random order (Fisher and Yates).
pub(super) fn shuffle<T>(clock: &Clock, all: &mut [T]) -> Result<(), Error> {
    for at in (1..all.len()).rev() {
        let other = usize::try_from(below(clock, at as u64 + 1)?).unwrap_or_default();
        all.swap(at, other);
    }
    Ok(())
}

/// Where a seed leads: the same seed gives the same numbers. Not those of hashicorp/random, which promises none.
pub(super) fn seeded(seed: Option<&str>) -> Option<Clock> {
    use sha2::Digest as _;
    let seed = seed.filter(|seed| !seed.is_empty())?;
    let digest = sha2::Sha256::digest(seed);
    let number = digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte));
    Some(Clock::pinned(std::time::Duration::ZERO, number))
}
