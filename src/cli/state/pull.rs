//! `glaz state pull`.

use std::io::Write as _;

use clap::Args;

use crate::cli::Globals;
use crate::cli::failure::Failure;
use crate::cli::stored::{self, StoredArgs};
use crate::state::file_v4;

/// Print the state as it is in the file.
///
/// With what an interrupted run wrote down since. Sensitive values are in clear. Nothing is printed when there is no
/// state.
#[derive(Args, Debug)]
pub(in crate::cli) struct PullArgs {
    #[command(flatten)]
    state: StoredArgs,
}

/// Prints the state; the exit code.
pub(super) async fn run(args: &PullArgs, globals: &Globals) -> Result<u8, Failure> {
    if let Some(state) = stored::read(&args.state, globals).await? {
        let text = file_v4::write(&state)?;
        // A reader that went away is not an error of ours. Nothing is taken out of the text.
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }
    Ok(0)
}
