//! Where words go: standard output and error, with or without colour, and questions on a terminal.

use std::io::{IsTerminal as _, Write as _};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::apply::Stop;

/// How often a question during a run looks whether that is to stop.
const LOOK: Duration = Duration::from_millis(20);

/// Terminal or pipe, coloured or not.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shell {
    /// Whether standard output is a terminal.
    pub is_terminal: bool,
    /// Whether to use colour on standard output.
    pub has_colour: bool,
    /// Whether to use colour on standard error.
    pub has_error_colour: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// Whether questions may be asked.
    pub may_ask: bool,
}

/// Bold.
pub(super) const BOLD: Style = Style::new().bold();
/// Made.
pub(super) const GREEN: Style = AnsiColor::Green.on_default();
/// Changed.
pub(super) const YELLOW: Style = AnsiColor::Yellow.on_default();
/// Deleted, errors.
pub(super) const RED: Style = AnsiColor::Red.on_default();
/// Read, notes.
pub(super) const CYAN: Style = AnsiColor::Cyan.on_default();
/// Less important.
pub(super) const DIM: Style = Style::new().dimmed();

impl Shell {
    /// Looks at the process: `no_colour` is the flag or `NO_COLOR`, `columns` the environment's width.
    pub(super) fn new(no_colour: bool, may_ask: bool, columns: Option<usize>) -> Self {
        let is_terminal = std::io::stdout().is_terminal();
        Self {
            is_terminal,
            has_colour: is_terminal && !no_colour,
            has_error_colour: std::io::stderr().is_terminal() && !no_colour,
            width: columns.unwrap_or(100).clamp(40, 200),
            may_ask: may_ask && std::io::stdin().is_terminal(),
        }
    }

    /// Writes text to standard output. A reader that went away is not an error of ours.
    pub(super) fn out(&self, text: &str) {
        let text = uncoloured(text, self.has_colour);
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }

    /// Takes away what is on the terminal: what is written next begins at its top, also without colours.
    pub(super) fn clear() {
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(b"\x1b[H\x1b[2J");
    }

    /// Writes a line to standard output.
    pub(super) fn line(&self, text: &str) {
        self.out(&format!("{text}\n"));
    }

    /// Writes text to standard error.
    pub(super) fn err(&self, text: &str) {
        let text = uncoloured(text, self.has_error_colour);
        let mut out = std::io::stderr().lock();
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }

    /// Asks and reads a line; `None` when nobody is there to answer.
    pub(super) fn ask(&self, question: &str) -> Option<String> {
        self.ask_for(question, false)
    }

    /// The same during a run, which `stop` ends also while nobody answers.
    pub(super) fn ask_until(&self, question: &str, stop: &Stop) -> Option<String> {
        if stop.is_asked() {
            return None;
        }
        let (shell, question, (send, answered)) = (*self, question.to_owned(), channel());
        // A read cannot be called off. The thread ends with the process.
        std::thread::spawn(move || send.send(shell.ask(&question)));
        loop {
            match answered.recv_timeout(LOOK) {
                Ok(answer) => return answer,
                Err(RecvTimeoutError::Timeout) if !stop.is_asked() => {}
                Err(_) => return None,
            }
        }
    }

    /// The same as [`ask`](Self::ask); a secret is not shown while it is typed.
    pub(super) fn ask_for(&self, question: &str, is_secret: bool) -> Option<String> {
        if !self.may_ask {
            return None;
        }
        // Before the question: what is typed after it must not be lost, and must not be seen.
        let quiet = is_secret.then(Quiet::begin);
        self.out(question);
        let mut answer = String::new();
        let read = std::io::stdin().read_line(&mut answer);
        if quiet.is_some() {
            // The line break that was typed was not shown either.
            self.out("\n");
        }
        drop(quiet);
        self.out("\n");
        read.ok().filter(|&read| read > 0)?;
        Some(answer.trim().to_owned())
    }
}

/// The text without colours, unless there is colour. Where no colour begins nothing is taken out: other control
/// characters may be part of a value.
fn uncoloured(text: &str, has_colour: bool) -> String {
    if has_colour || !text.contains('\u{1b}') {
        text.to_owned()
    } else {
        anstream::adapter::strip_str(text).to_string()
    }
}

/// As long as it lives, the terminal does not show what is typed.
struct Quiet(Option<Termios>);

impl Quiet {
    fn begin() -> Self {
        let stdin = std::io::stdin();
        let Ok(before) = tcgetattr(&stdin) else { return Self(None) };
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO);
        let is_set = tcsetattr(&stdin, OptionalActions::Flush, &quiet).is_ok();
        Self(is_set.then_some(before))
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            // There is nothing else to try.
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, before);
        }
    }
}

/// The text in a style.
pub(super) fn paint(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}
