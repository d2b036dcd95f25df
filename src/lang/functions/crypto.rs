//! Hashes, passwords and identifiers.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::Digest as _;
use uuid::Uuid;

use super::encoding::base64;
use super::filesystem::{read, readable};
use super::{Call, CallError, Function, Kind, Outcome, Param, Returns, function, param};

const STR: &[Param] = &[param("str", Kind::String)];
const PATH: &[Param] = &[param("path", Kind::String)];
const TEXT: Returns = Returns::Always(Kind::String);

pub(super) const FUNCTIONS: &[Function] = &[
    function("md5", "The MD5 hash of the text, in hexadecimal.", STR, TEXT, |call| of_text(call, md5, hex)),
    function("sha1", "The SHA-1 hash of the text, in hexadecimal.", STR, TEXT, |call| of_text(call, sha1, hex)),
    function("sha256", "The SHA-256 hash of the text, in hexadecimal.", STR, TEXT, |call| of_text(call, sha256, hex)),
    function("sha512", "The SHA-512 hash of the text, in hexadecimal.", STR, TEXT, |call| of_text(call, sha512, hex)),
    function("base64sha256", "The SHA-256 hash of the text, in Base64.", STR, TEXT, |call| {
        of_text(call, sha256, encode)
    }),
    function("base64sha512", "The SHA-512 hash of the text, in Base64.", STR, TEXT, |call| {
        of_text(call, sha512, encode)
    }),
    function("filemd5", "The MD5 hash of a file, in hexadecimal.", PATH, TEXT, |call| of_file(call, md5, hex)),
    function("filesha1", "The SHA-1 hash of a file, in hexadecimal.", PATH, TEXT, |call| of_file(call, sha1, hex)),
    function("filesha256", "The SHA-256 hash of a file, in hexadecimal.", PATH, TEXT, |call| {
        of_file(call, sha256, hex)
    }),
    function("filesha512", "The SHA-512 hash of a file, in hexadecimal.", PATH, TEXT, |call| {
        of_file(call, sha512, hex)
    }),
    function("filebase64sha256", "The SHA-256 hash of a file, in Base64.", PATH, TEXT, |call| {
        of_file(call, sha256, encode)
    }),
    function("filebase64sha512", "The SHA-512 hash of a file, in Base64.", PATH, TEXT, |call| {
        of_file(call, sha512, encode)
    }),
    function("bcrypt", "A hash of a password, different each time.", STR, TEXT, bcrypt)
        .rest(param("cost", Kind::Number)),
    function(
        "rsadecrypt",
        "The text that was encrypted with the public part of an RSA key.",
        &[param("ciphertext", Kind::String), param("privatekey", Kind::String)],
        TEXT,
        rsadecrypt,
    ),
    function("uuid", "A new identifier, different each time.", &[], TEXT, |call| {
        if call.scope.planning {
            return Ok(call.unknown());
        }
        Ok(Uuid::from_bytes(random(call)?).to_string().into())
    }),
    function(
        "uuidv5",
        "The identifier of a name in a namespace, always the same.",
        &[param("namespace", Kind::String), param("name", Kind::String)],
        TEXT,
        uuidv5,
    ),
];

fn md5(bytes: &[u8]) -> Vec<u8> {
    md5::Md5::digest(bytes).to_vec()
}

fn sha1(bytes: &[u8]) -> Vec<u8> {
    sha1::Sha1::digest(bytes).to_vec()
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    sha2::Sha256::digest(bytes).to_vec()
}

fn sha512(bytes: &[u8]) -> Vec<u8> {
    sha2::Sha512::digest(bytes).to_vec()
}

fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
    out
}

fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

fn of_text(call: &Call<'_>, hash: fn(&[u8]) -> Vec<u8>, show: fn(&[u8]) -> String) -> Outcome {
    Ok(show(&hash(call.text(0).as_bytes())).into())
}

fn of_file(call: &Call<'_>, hash: fn(&[u8]) -> Vec<u8>, show: fn(&[u8]) -> String) -> Outcome {
    let path = readable(call.scope, call.text(0)).map_err(CallError::new)?;
    let bytes = read(&path).map_err(|error| CallError::new(error.describe(&path)))?;
    Ok(show(&hash(&bytes)).into())
}

fn random(call: &Call<'_>) -> Result<[u8; 16], CallError> {
    let mut bytes = [0; 16];
    call.scope.clock.random(&mut bytes).map_err(|error| CallError::new(error.to_string()))?;
    Ok(bytes)
}

fn bcrypt(call: &Call<'_>) -> Outcome {
    if call.args.len() > 2 {
        return Err(CallError::new("bcrypt() takes no more than two arguments"));
    }
    let cost = if call.args.len() == 2 { call.int(1)? } else { 10 };
    if call.scope.planning {
        return Ok(call.unknown());
    }
    let failed = |reason: String| CallError::new(format!("error occurred generating password {reason}"));
    let out_of_range = || failed(format!("cost {cost} is outside allowed range (4,31)"));
    // A cost that is too low means the usual one.
    let cost = u32::try_from(cost.max(0)).map_err(|_| out_of_range())?;
    let cost = if cost < 4 { 10 } else { cost };
    if cost > 31 {
        return Err(out_of_range());
    }
    if call.text(0).len() > 72 {
        return Err(failed("password length exceeds 72 bytes".into()));
    }
    let parts = bcrypt::hash_with_salt(call.text(0), cost, random(call)?).map_err(|error| failed(error.to_string()))?;
    Ok(parts.format_for_version(bcrypt::Version::TwoA).into())
}

fn rsadecrypt(call: &Call<'_>) -> Outcome {
    let text = call.text(0);
    let cipher = base64(text).map_err(|_| {
        CallError::at(0, format!("failed to decode input {text:?}: cipher text must be base64-encoded"))
    })?;
    let key = super::rsa::PrivateKey::parse(call.text(1)).map_err(|reason| CallError::at(1, reason))?;
    let plain =
        key.decrypt(&cipher).ok_or_else(|| CallError::new("failed to decrypt: crypto/rsa: decryption error"))?;
    Ok(String::from_utf8_lossy(&plain).into_owned().into())
}

fn uuidv5(call: &Call<'_>) -> Outcome {
    let name = call.text(0);
    let namespace = match name {
        "dns" => Uuid::NAMESPACE_DNS,
        "url" => Uuid::NAMESPACE_URL,
        "oid" => Uuid::NAMESPACE_OID,
        "x500" => Uuid::NAMESPACE_X500,
        _ => {
            let reason = format!("invalid UUID length: {}", name.len());
            let refused = |reason| CallError::new(format!("uuidv5() doesn't support namespace {name} ({reason})"));
            match name.len() {
                32 | 36 | 38 | 45 => Uuid::parse_str(name).map_err(|_| refused("invalid UUID format".into()))?,
                _ => return Err(refused(reason)),
            }
        }
    };
    Ok(Uuid::new_v5(&namespace, call.text(1).as_bytes()).to_string().into())
}
