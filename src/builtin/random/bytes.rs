//! `random_bytes`: random bytes that are never shown.
//!
//! <https://registry.terraform.io/providers/hashicorp/random/latest/docs/resources/bytes>

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::draw;
use crate::builtin::hashes::hex;
use crate::builtin::local::Local;
use crate::clock::Clock;
use crate::model;
use crate::resource::Error;

model! {
    /// Random bytes that are never shown.
    pub struct Args {
        /// The bytes in standard base64.
        base64: Option<String> = computed().sensitive(),
        /// The bytes in hexadecimal digits.
        hex: Option<String> = computed().sensitive(),
        /// Values whose change draws anew.
        keepers: Option<BTreeMap<String, String>> = optional().force_new(),
        /// Number of bytes, at least 1.
        length: i64 = required().force_new().range(1, 1_000_000),
    }
}

/// The type.
pub struct RandomBytes;

impl Local for RandomBytes {
    type Model = Args;

    const TYPE: &'static str = "random_bytes";

    fn make(want: &mut Args, clock: &Clock) -> Result<(), Error> {
        spell(want, &draw::bytes(clock, usize::try_from(want.length).unwrap_or_default())?);
        Ok(())
    }

    /// The bytes in standard base64.
    fn import(text: &str) -> Result<Args, Error> {
        let bytes = BASE64_STANDARD.decode(text).map_err(|_| {
            Error::titled("Import Random bytes Error", "The text to import must be the bytes in standard base64.")
        })?;
        let mut args = Args { length: i64::try_from(bytes.len()).unwrap_or_default(), ..Args::default() };
        spell(&mut args, &bytes);
        Ok(args)
    }
}

fn spell(args: &mut Args, bytes: &[u8]) {
    args.base64 = Some(BASE64_STANDARD.encode(bytes));
    args.hex = Some(hex(bytes));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_are_of_the_same_bytes() {
        let args = RandomBytes::import("/wE=").unwrap();
        assert_eq!((args.length, args.hex.as_deref(), args.base64.as_deref()), (2, Some("ff01"), Some("/wE=")));
        let error = RandomBytes::import("secret!").unwrap_err();
        assert!(!error.message.contains("secret!"));
    }
}
