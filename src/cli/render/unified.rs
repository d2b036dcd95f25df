//! What changes in a text, as `diff -u` shows it.

use crate::cli::shell::{CYAN, GREEN, RED, paint};
use similar::TextDiff;

/// Lines around a change that show where it is.
const AROUND: usize = 3;

/// The change of a file with this name. In colour; the shell takes that out where nobody wants it.
pub(crate) fn unified(old: &str, new: &str, name: &str) -> String {
    let diff = TextDiff::from_lines(old, new);
    let (before, after) = (format!("old/{name}"), format!("new/{name}"));
    let text = diff.unified_diff().context_radius(AROUND).header(&before, &after).to_string();
    text.split_inclusive('\n')
        .map(|line| {
            let style = match line.as_bytes().first() {
                Some(b'+') => GREEN,
                Some(b'-') => RED,
                Some(b'@') => CYAN,
                _ => return line.to_owned(),
            };
            let (body, end) = line.strip_suffix('\n').map_or((line, ""), |body| (body, "\n"));
            paint(style, body) + end
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_diff_u() {
        let shown = unified("a=1\nb\n", "a = 1\nb", "x.tf");
        let expected =
            "--- old/x.tf\n+++ new/x.tf\n@@ -1,2 +1,2 @@\n-a=1\n-b\n+a = 1\n+b\n\\ No newline at end of file\n";
        assert_eq!(anstream::adapter::strip_str(&shown).to_string(), expected);
        assert_eq!(unified("a\n", "a\n", "x"), "");
    }
}
