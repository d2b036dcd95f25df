//! Deflate and gzip, byte for byte as Go's `compress/flate` and `compress/gzip` write them.
//!
//! Terraform's `base64gzip` and the archives of hashicorp/archive are compressed by Go, and their bytes and hashes are
//! kept in state and sent to AWS (`user_data_base64`, `source_code_hash`). Deflate leaves the compressor free to
//! choose matches, code lengths and blocks, so another compressor gives other bytes and a plan that wants to change
//! what is equal. The choices were taken from the source of Go 1.22; the format is RFC 1951 and 1952.
//!
//! The output depends a little on how the input is cut into [`Encoder::write`] calls once it is longer than the window,
//! in Go as here: callers cut it as the Go program does.

mod block;
mod gzip;
mod huffman;
mod matches;

pub use gzip::Gzip;

use block::BlockWriter;
use matches::Matcher;

/// How hard to look for matches. Go numbers them from 1 to 9; these are the two that are needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Level 5, which `archive/zip` uses.
    Five,
    /// Level 6, the default, which `compress/gzip` uses.
    Six,
}

/// A deflate stream.
#[derive(Debug)]
pub struct Encoder {
    matcher: Matcher,
    blocks: BlockWriter,
}

impl Encoder {
    /// An empty stream.
    pub fn new(level: Level) -> Self {
        Self { matcher: Matcher::new(level), blocks: BlockWriter::default() }
    }

    /// Compresses these bytes; some may wait for the next call.
    pub fn write(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            self.matcher.advance(&mut self.blocks, false);
            rest = &rest[self.matcher.fill(rest)..];
        }
    }

    /// Writes everything that waits, and an empty stored block that ends at a byte.
    pub fn flush(&mut self) {
        self.matcher.advance(&mut self.blocks, true);
        self.blocks.stored_header(0, false);
    }

    /// The end of the stream, as Go ends it: everything that waits, then an empty stored block marked as the last.
    pub fn finish(mut self) -> Vec<u8> {
        self.matcher.advance(&mut self.blocks, true);
        self.blocks.stored_header(0, true);
        self.blocks.finish()
    }
}

/// The bytes compressed in one call.
pub fn compress(level: Level, bytes: &[u8]) -> Vec<u8> {
    let mut encoder = Encoder::new(level);
    encoder.write(bytes);
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use proptest::prelude::*;

    use super::*;

    fn inflated(bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        flate2::read::DeflateDecoder::new(bytes).read_to_end(&mut out).unwrap();
        out
    }

    #[test]
    fn what_is_compressed_inflates_again() {
        let text = "the quick brown fox jumps over the lazy dog; ".repeat(5000);
        let mut noise = Vec::new();
        let mut seed = 1_u32;
        for _ in 0..300_000 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            noise.push((seed >> 24) as u8);
        }
        let mixed: Vec<u8> = text.bytes().zip(noise.iter().copied()).flat_map(|(a, b)| [a, a, a, b & 3]).collect();
        for level in [Level::Five, Level::Six] {
            for bytes in [&b""[..], b"a", text.as_bytes(), &noise, &mixed] {
                assert!(inflated(&compress(level, bytes)) == bytes);
                let mut cut = Encoder::new(level);
                bytes.chunks(777).for_each(|chunk| cut.write(chunk));
                assert!(inflated(&cut.finish()) == bytes);
            }
        }
    }

    #[test]
    fn hash_positions_survive_many_windows() {
        // Past 16 MiB the positions in the hash chains are counted anew.
        let text = "0123456789abcdefghijklmnopqrstuvwxyz-_.~!".repeat(450_000);
        assert!(inflated(&compress(Level::Five, text.as_bytes())) == text.as_bytes());
    }

    proptest! {
        #[test]
        fn anything_inflates_again(bytes in proptest::collection::vec(0_u8..8, 0..5000), cut in 1_usize..600) {
            let mut encoder = Encoder::new(Level::Six);
            for chunk in bytes.chunks(cut) {
                encoder.write(chunk);
                encoder.flush();
            }
            prop_assert_eq!(inflated(&encoder.finish()), bytes);
        }
    }
}
