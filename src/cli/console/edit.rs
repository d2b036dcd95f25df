//! The console on a terminal: line editing, history, completion, expressions over several lines.

use std::path::PathBuf;

use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{ColorMode, CompletionType, Config, Context, Editor, Helper};

use super::complete::candidates;
use super::{Reply, Session};
use crate::cli::environment::Environment;
use crate::cli::failure::Failure;
use crate::cli::{Globals, render};
use crate::diagnostic::{Diagnostic, Report, Sources};
use crate::lang::syntax::token::{TokenKind, lex};

/// Inputs that are remembered.
const REMEMBERED: usize = 1000;

/// Reads and answers until the person has enough.
pub(super) fn interact(session: &mut Session, globals: &Globals) -> Result<(), Failure> {
    let lines = Lines { names: session.names.clone() };
    let mut editor = editor(lines, globals).map_err(|error| no_terminal(&error))?;
    let history = history_file(&globals.environment);
    if let Some(path) = &history
        && let Err(error) = load(&mut editor, path)
    {
        globals.warn(&no_history(path, &error), &Sources::default());
    }
    loop {
        let input = match editor.readline("> ") {
            Ok(input) => input,
            Err(ReadlineError::Eof | ReadlineError::Interrupted) => break,
            Err(error) => return Err(no_terminal(&error).into()),
        };
        match session.answer(&input) {
            Ok(Reply::Exit) => break,
            Ok(Reply::Text(text)) => globals.shell.line(&text),
            Err(Failure { report, sources }) => {
                globals.shell.err(&format!("\n{}", render::diagnostic::report(&report, &sources, globals.look())));
            }
        }
    }
    if let Some(path) = &history
        && let Err(error) = editor.append_history(path)
    {
        globals.warn(&no_history(path, &error), &Sources::default());
    }
    Ok(())
}

fn editor(lines: Lines, globals: &Globals) -> rustyline::Result<Editor<Lines, FileHistory>> {
    let colours = if globals.shell.has_colour { ColorMode::Enabled } else { ColorMode::Disabled };
    let config = Config::builder()
        .max_history_size(REMEMBERED)?
        .history_ignore_space(true)
        .completion_type(CompletionType::List)
        .auto_add_history(true)
        .bracketed_paste(true)
        .color_mode(colours)
        .build();
    let mut editor = Editor::with_config(config)?;
    editor.set_helper(Some(lines));
    Ok(editor)
}

/// `$XDG_STATE_HOME/glaz/console_history`, or the same below `~/.local/state`; `None` without a home directory.
fn history_file(environment: &Environment) -> Option<PathBuf> {
    let state = environment.get("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let state = state.or_else(|| environment.get("HOME").map(|home| PathBuf::from(home).join(".local/state")))?;
    Some(state.join("glaz").join("console_history"))
}

/// Only the owner can read the file: the editor makes it so.
fn load(editor: &mut Editor<Lines, FileHistory>, path: &std::path::Path) -> rustyline::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    if path.exists() { editor.load_history(path) } else { Ok(()) }
}

fn no_history(path: &std::path::Path, error: &ReadlineError) -> Report {
    let text = format!("The file {} cannot be used: {error}. Inputs are not remembered.", path.display());
    Diagnostic::warning("No history", text).into()
}

fn no_terminal(error: &ReadlineError) -> Diagnostic {
    let text = format!("The terminal cannot be read: {error}. Expressions can also be piped into glaz console.");
    Diagnostic::error("Failed to read the terminal", text)
}

/// What the editor knows of the language.
struct Lines {
    names: Vec<String>,
}

impl Helper for Lines {}
impl Highlighter for Lines {}

impl Hinter for Lines {
    type Hint = String;
}

impl Completer for Lines {
    type Candidate = String;

    fn complete(&self, line: &str, cursor: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(candidates(&self.names, line, cursor))
    }
}

impl Validator for Lines {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let goes_on = goes_on(context.input());
        Ok(if goes_on { ValidationResult::Incomplete } else { ValidationResult::Valid(None) })
    }
}

/// Whether brackets or a heredoc are open at the end.
fn goes_on(input: &str) -> bool {
    let mut open = 0_isize;
    // With the line break of the Enter key, which a heredoc needs.
    for token in lex(&format!("{input}\n")) {
        open += match token.kind {
            TokenKind::OpenBrace
            | TokenKind::OpenBracket
            | TokenKind::OpenParen
            | TokenKind::OpenInterpolation
            | TokenKind::OpenDirective
            | TokenKind::OpenHeredoc => 1,
            TokenKind::CloseBrace
            | TokenKind::CloseBracket
            | TokenKind::CloseParen
            | TokenKind::CloseTemplate
            | TokenKind::CloseHeredoc => -1,
            // The next line cannot mend a string that ends in the middle.
            TokenKind::QuotedNewline => return false,
            _ => 0,
        };
    }
    open > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_brackets_and_heredocs_go_on() {
        for open in ["[1,", "f(", "{ a = [1]", "\"${[", "<<EOT", "<<EOT\n", "<<-EOT\n  x\n", "[<<EOT\nx\nEOT\n"] {
            assert!(goes_on(open), "{open}");
        }
        for done in ["", "1 +", "[1]", "f({})", ")", "\"a", "\"[", "<<EOT\nx\nEOT", "<<EOT\nx\nEOT\n", "a[0"] {
            assert_eq!(goes_on(done), done == "a[0", "{done}");
        }
    }
}
