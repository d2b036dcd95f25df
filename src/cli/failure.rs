//! Why a command did not succeed.

use crate::diagnostic::{Diagnostic, Report, Sources};

/// Problems with the files they point into.
#[derive(Debug, Default)]
pub(super) struct Failure {
    /// What went wrong.
    pub report: Report,
    /// The files that were read.
    pub sources: Sources,
}

impl Failure {
    /// A failure that is told without a summary: where Terraform has plain words too, which nobody looks for by summary.
    pub(super) fn words(text: impl Into<String>) -> Self {
        Diagnostic::error("", text).into()
    }
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        Report::from(diagnostic).into()
    }
}

impl From<Report> for Failure {
    fn from(report: Report) -> Self {
        Self { report, sources: Sources::default() }
    }
}
