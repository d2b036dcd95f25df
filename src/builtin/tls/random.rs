//! Our randomness, as the key libraries want it.

use rsa::rand_core::{Infallible, TryCryptoRng, TryRng};

use crate::builtin::tls::failed;
use crate::clock::Clock;
use crate::resource::Error;

/// Random bytes, from the system unless the clock is pinned.
pub(super) struct Random<'a>(&'a Clock);

impl<'a> Random<'a> {
    /// Asks for a byte first: the libraries know no randomness that fails.
    pub(super) fn of(clock: &'a Clock) -> Result<Self, Error> {
        clock.random(&mut [0]).map_err(|error| failed("The system gives no random numbers", error))?;
        Ok(Self(clock))
    }
}

impl TryRng for Random<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, buffer: &mut [u8]) -> Result<(), Infallible> {
        // The kernel's pool does not dry up once it has given bytes; a key of zeros must never come out of it.
        let given = self.0.random(buffer);
        assert!(given.is_ok(), "the system stopped giving random numbers");
        Ok(())
    }
}

impl TryCryptoRng for Random<'_> {}
