//! Gzip as Go writes it: no name, no time, an unknown system.

use super::{Encoder, Level};

/// A gzip file in the making.
#[derive(Debug)]
pub struct Gzip {
    encoder: Encoder,
    checksum: flate2::Crc,
}

impl Default for Gzip {
    fn default() -> Self {
        Self { encoder: Encoder::new(Level::Six), checksum: flate2::Crc::new() }
    }
}

impl Gzip {
    /// Compresses these bytes.
    pub fn write(&mut self, bytes: &[u8]) {
        self.checksum.update(bytes);
        self.encoder.write(bytes);
    }

    /// Ends a block here.
    pub fn flush(&mut self) {
        self.encoder.flush();
    }

    /// The file.
    pub fn finish(self) -> Vec<u8> {
        let mut file = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
        file.extend(self.encoder.finish());
        file.extend(self.checksum.sum().to_le_bytes());
        file.extend(self.checksum.amount().to_le_bytes());
        file
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;
    use sha2::Digest as _;

    use super::*;

    /// `sha256(base64gzip(text))`.
    fn fingerprint(text: &str) -> String {
        let mut file = Gzip::default();
        file.write(text.as_bytes());
        file.flush();
        sha256(&BASE64_STANDARD.encode(file.finish()))
    }

    fn sha256(text: &str) -> String {
        sha2::Sha256::digest(text).iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
    }

    /// The same texts in Terraform 1.11.4 gave these.
    #[test]
    fn the_same_bytes_as_terraform() {
        let join = |parts: &mut dyn Iterator<Item = String>| parts.fold(String::new(), |text, part| text + &part);
        let short = join(&mut (0..1000).map(|i| format!("{},", i * i % 977)));
        let row = |i: i32| (0..60).map(move |j| format!("{}-", (i * 31 + j * j * 7) % 1009));
        let windows = join(&mut (0..1000).flat_map(row));
        let noise = join(&mut (0..1000).map(|i: i32| sha256(&i.to_string())));
        assert_eq!(fingerprint(&short), "f55936c262daf8df935e1ebdd90ed31521ebb76e380e8b1e900dc5461c33ee64");
        assert_eq!(fingerprint(&windows), "3520a53ad85923b5404de3e152d81937974b6e40cf783efd5eefb060636a4965");
        assert_eq!(fingerprint(&noise), "a5984472afae57de76c4a8568791ec409756a0f29d163ee942fc6c6f92f80107");
    }
}
