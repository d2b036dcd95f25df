//! The data source `archive_file`: made when it is read, usually in the plan.
//!
//! <https://registry.terraform.io/providers/hashicorp/archive/latest/docs/data-sources/file>

use super::args::{Args, check};
use super::make::make;
use crate::builtin::source::{Source, blocking};
use crate::resource::{Draft, Error, Problems, Surroundings};

/// The data source.
pub struct ArchiveFile;

impl Source for ArchiveFile {
    type Model = Args;

    const TYPE: &'static str = "archive_file";

    fn check(want: &Draft, found: &mut Problems) {
        check(want, found);
    }

    async fn read(_around: &Surroundings, want: Args) -> Result<Args, Error> {
        blocking(move || make(want)).await
    }
}
