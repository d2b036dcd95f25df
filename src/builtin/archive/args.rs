//! The attributes of `archive_file`, which resource and data source share, and what can be wrong with them.

use crate::builtin::validate::{at_least_one, conflicts};
use crate::model;
use crate::resource::model::Set;
use crate::resource::{Draft, Problems};
use crate::value::Value;

model! {
    /// A zip or tar.gz file of other files.
    pub struct Args {
        /// SHA-1 of the archive in hexadecimal digits.
        id: Option<String> = computed(),
        /// `zip` or `tar.gz`.
        r#type: String = required().force_new(),
        /// Content of the only file, which `source_content_filename` names.
        source_content: Option<String> = optional().force_new(),
        /// Name of the only file in the archive, whose content is `source_content`.
        source_content_filename: Option<String> = optional().force_new(),
        /// Path of the only file.
        source_file: Option<String> = optional().force_new(),
        /// Folder whose files are archived, those of its folders too.
        source_dir: Option<String> = optional().force_new(),
        /// Patterns of paths inside `source_dir` that are left out: `*`, `?`, `[a-z]`, `{a,b}`, and `**` for any folders.
        excludes: Option<Set<String>> = optional().force_new(),
        /// Leave out links to folders. Otherwise what they lead to is archived.
        exclude_symlink_directories: Option<bool> = optional(),
        /// Path of the archive. Folders that are missing are made.
        output_path: String = required().force_new(),
        /// Bytes of the archive.
        output_size: Option<i64> = computed(),
        /// Permissions that all files get in the archive, such as `"0644"`.
        output_file_mode: Option<String> = optional().force_new(),
        /// MD5 of the archive in hexadecimal digits.
        output_md5: Option<String> = computed(),
        /// SHA-1 of the archive in hexadecimal digits.
        output_sha: Option<String> = computed(),
        /// SHA-256 of the archive in hexadecimal digits.
        output_sha256: Option<String> = computed(),
        /// SHA-256 of the archive in base64.
        output_base64sha256: Option<String> = computed(),
        /// SHA-512 of the archive in hexadecimal digits.
        output_sha512: Option<String> = computed(),
        /// SHA-512 of the archive in base64.
        output_base64sha512: Option<String> = computed(),
        /// A file in the archive.
        source: Set<Source> = optional(),
    }
}

model! {
    /// A file in the archive.
    pub struct Source {
        /// Its content.
        content: String = required().force_new(),
        /// Its name in the archive.
        filename: String = required().force_new(),
    }
}

/// Archive types that can be made.
const TYPES: [&str; 2] = ["zip", "tar.gz"];

/// What is wrong with the arguments.
pub(super) fn check(want: &Draft, found: &mut Problems) {
    at_least_one(want, &["source", "source_content_filename", "source_file", "source_dir"], found);
    conflicts(want, "source", &["source_file", "source_dir", "source_content", "source_content_filename"], found);
    conflicts(want, "source_content", &["source_file", "source_dir"], found);
    conflicts(want, "source_content_filename", &["source_file", "source_dir"], found);
    conflicts(want, "source_file", &["source_dir"], found);
    conflicts(want, "excludes", &["source_file", "source_content", "source_content_filename"], found);
    if let Some(text) = want.known(Args::r#type).filter(|text| !TYPES.contains(&text.as_str())) {
        let says = format!("\"{text}\" is no archive that can be made. Use \"zip\" or \"tar.gz\".");
        found.titled(super::make::SUMMARY, "type", says);
    }
    if let Some(text) = want.known(Args::output_file_mode).filter(|text| file_mode(text).is_none()) {
        let says = format!("\"{text}\" is no file mode. Write octal digits after a zero, such as \"0644\".");
        found.titled(super::make::SUMMARY, "output_file_mode", says);
    }
    twice(want, found);
}

/// Two files of the same name: one would vanish.
fn twice(want: &Draft, found: &mut Problems) {
    let sources = want.planned().get("source").and_then(Value::elements).unwrap_or_default();
    let mut names: Vec<&str> = sources.iter().filter_map(|source| source.get("filename")?.as_str()).collect();
    names.sort_unstable();
    if let Some([name, _]) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        let says = format!("Two `source` blocks have the filename \"{name}\". Give each file a name of its own.");
        found.titled(super::make::SUMMARY, "source", says);
    }
}

/// The number that Go reads from it: octal after `0` or `0o`, hexadecimal after `0x`, binary after `0b`, else decimal.
pub(super) fn file_mode(text: &str) -> Option<u32> {
    let lower = text.to_ascii_lowercase();
    let (digits, radix) = if let Some(digits) = lower.strip_prefix("0x") {
        (digits, 16)
    } else if let Some(digits) = lower.strip_prefix("0b") {
        (digits, 2)
    } else if let Some(digits) = lower.strip_prefix("0o") {
        (digits, 8)
    } else if let Some(digits) = lower.strip_prefix('0').filter(|digits| !digits.is_empty()) {
        (digits, 8)
    } else {
        (lower.as_str(), 10)
    };
    if digits.starts_with('+') {
        return None;
    }
    u32::from_str_radix(digits, radix).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_numbers_of_go() {
        let modes = ["0644", "0o755", "420", "0x1ff", "0", ""].map(file_mode);
        assert_eq!(modes, [Some(0o644), Some(0o755), Some(0o644), Some(0o777), Some(0), None]);
        assert_eq!(["rw", "0888", "-1", "+1", "0+1"].map(file_mode), [None; 5]);
    }
}
