//! `random_id`: random bytes in several spellings.
//!
//! <https://registry.terraform.io/providers/hashicorp/random/latest/docs/resources/id>

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use num_bigint::BigUint;

use super::draw;
use crate::builtin::local::Local;
use crate::clock::Clock;
use crate::model;
use crate::resource::Error;

model! {
    /// Random bytes in several spellings.
    pub struct Args {
        /// The bytes in URL-safe base64, without prefix.
        id: Option<String> = computed(),
        /// Number of bytes, at least 1.
        byte_length: i64 = required().force_new().range(1, 1_000_000),
        /// Values whose change draws anew.
        keepers: Option<BTreeMap<String, String>> = optional().force_new(),
        /// Text put before every spelling but `id`.
        prefix: Option<String> = optional().force_new(),
        /// The bytes in URL-safe base64.
        b64_url: Option<String> = computed(),
        /// The bytes in standard base64.
        b64_std: Option<String> = computed(),
        /// The bytes in hexadecimal digits.
        hex: Option<String> = computed(),
        /// The bytes as one decimal number.
        dec: Option<String> = computed(),
    }
}

/// The type.
pub struct RandomId;

impl Local for RandomId {
    type Model = Args;

    const TYPE: &'static str = "random_id";

    fn make(want: &mut Args, clock: &Clock) -> Result<(), Error> {
        let count = usize::try_from(want.byte_length).unwrap_or_default();
        spell(want, &draw::bytes(clock, count)?);
        Ok(())
    }

    /// `[prefix,]id`, the id in URL-safe base64.
    fn import(text: &str) -> Result<Args, Error> {
        let (prefix, id) = text.rsplit_once(',').map_or((None, text), |(prefix, id)| (Some(prefix.to_owned()), id));
        let bytes = BASE64_URL_SAFE_NO_PAD
            .decode(id)
            .map_err(|error| Error::local("import", format!("\"{id}\" is not URL-safe base64: {error}.")))?;
        let mut args = Args { byte_length: i64::try_from(bytes.len()).unwrap_or_default(), prefix, ..Args::default() };
        spell(&mut args, &bytes);
        Ok(args)
    }
}

fn spell(args: &mut Args, bytes: &[u8]) {
    let prefix = args.prefix.clone().unwrap_or_default();
    let url = BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let hex = bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    args.b64_url = Some(format!("{prefix}{url}"));
    args.b64_std = Some(format!("{prefix}{}", BASE64_STANDARD.encode(bytes)));
    args.hex = Some(format!("{prefix}{hex}"));
    args.dec = Some(format!("{prefix}{}", BigUint::from_bytes_be(bytes)));
    args.id = Some(url);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_spellings_are_of_the_same_bytes() {
        let mut args = Args { byte_length: 2, prefix: Some("p-".into()), ..Args::default() };
        spell(&mut args, &[0xff, 0x01]);
        assert_eq!(args.id.as_deref(), Some("_wE"));
        assert_eq!(args.hex.as_deref(), Some("p-ff01"));
        assert_eq!(args.dec.as_deref(), Some("p-65281"));
        assert!(RandomId::import("p-,_wE").is_ok_and(|imported| imported == args));
    }
}
