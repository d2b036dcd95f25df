//! What a command prints, as lines, and its end for error messages.

/// The longest line; a longer one is told in pieces.
const LONGEST: usize = 64 * 1024;
/// How much of the end is kept for the error message.
const KEPT: usize = 8 * 1024;

/// Cuts bytes into lines as they come.
#[derive(Debug, Default)]
pub(super) struct Lines {
    open: Vec<u8>,
    end: Vec<u8>,
}

impl Lines {
    /// Takes bytes; the lines that are whole by now.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Vec<String> {
        self.end.extend_from_slice(bytes);
        if self.end.len() > KEPT {
            self.end.drain(..self.end.len() - KEPT);
        }
        self.open.extend_from_slice(bytes);
        let mut lines = Vec::new();
        let mut from = 0;
        while let Some(at) = self.open[from..].iter().position(|byte| *byte == b'\n') {
            lines.push(line(&self.open[from..from + at]));
            from += at + 1;
        }
        self.open.drain(..from);
        while self.open.len() >= LONGEST {
            lines.push(line(&self.open[..LONGEST]));
            self.open.drain(..LONGEST);
        }
        lines
    }

    /// The last line, when nothing ended it.
    pub(super) fn rest(&mut self) -> Option<String> {
        let rest = std::mem::take(&mut self.open);
        (!rest.is_empty()).then(|| line(&rest))
    }

    /// The end of everything.
    pub(super) fn end(&self) -> String {
        String::from_utf8_lossy(&self.end).into_owned()
    }
}

fn line(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes.strip_suffix(b"\r").unwrap_or(bytes)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_wherever_the_bytes_are() {
        let mut lines = Lines::default();
        assert_eq!(lines.take(b"a\r\nb"), ["a"]);
        assert_eq!(lines.take(b"c\n\nd"), ["bc", ""]);
        assert_eq!(lines.rest().as_deref(), Some("d"));
        assert_eq!(lines.rest(), None);
        assert_eq!(lines.end(), "a\r\nbc\n\nd");
    }

    #[test]
    fn long_lines_come_in_pieces_and_only_the_end_is_kept() {
        let mut lines = Lines::default();
        let pieces = lines.take(&vec![b'x'; LONGEST + 5]);
        assert_eq!((pieces.len(), pieces[0].len()), (1, LONGEST));
        assert_eq!(lines.rest().as_deref(), Some("xxxxx"));
        assert_eq!(lines.end().len(), KEPT);
    }
}
