//! `-test-directory`: where a stack's test files are.
//!
//! glaz does not run test files, so that the folder is only looked for: who names one that is not there mistyped it.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::diagnostic::Diagnostic;

/// Where test files are.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct TestDirectory {
    /// Folder of the stack's test files. glaz does not read them.
    #[arg(long = "test-directory", value_name = "DIR", hide = true)]
    given: Option<PathBuf>,
}

impl TestDirectory {
    /// A warning when the folder that was named is not there.
    pub(super) fn missing(&self, stack: &Path) -> Option<Diagnostic> {
        let given = self.given.as_deref()?;
        // As Terraform has it, the folder is one of the stack's, also when its name begins with a slash.
        let below = given.strip_prefix("/").unwrap_or(given);
        let text = format!("Requested test directory {} does not exist.", below.display());
        (!stack.join(below).is_dir()).then(|| Diagnostic::warning("Test directory does not exist", text))
    }
}
