//! The resource `archive_file`: made when applied, and made again whenever it is read.
//!
//! <https://registry.terraform.io/providers/hashicorp/archive/latest/docs/resources/file>

use super::args::{Args, check};
use super::make::make;
use crate::builtin::disk::OnDisk;
use crate::resource::{Draft, Error, Id, Problems};

/// The type.
pub struct ArchiveFile;

impl OnDisk for ArchiveFile {
    type Model = Args;

    const TYPE: &'static str = "archive_file";

    fn check(want: &Draft, found: &mut Problems) {
        check(want, found);
    }

    fn revise(want: &mut Draft) {
        if !want.is_new() && want.is_changed(Args::exclude_symlink_directories) {
            want.set_unknown(Args::id);
            want.set_unknown(Args::output_size);
            want.set_unknown(Args::output_md5);
            want.set_unknown(Args::output_sha);
            want.set_unknown(Args::output_sha256);
            want.set_unknown(Args::output_base64sha256);
            want.set_unknown(Args::output_sha512);
            want.set_unknown(Args::output_base64sha512);
        }
    }

    fn create(want: &Args) -> Result<Id, Error> {
        Ok(make(want.clone())?.id.unwrap_or_default())
    }

    fn read(_id: &str, prior: Args) -> Result<Option<Args>, Error> {
        make(prior).map(Some)
    }

    fn update(want: &Args) -> Result<(), Error> {
        make(want.clone()).map(drop)
    }

    /// The archive stays, as with the provider.
    fn delete(_id: &str, _have: &Args) -> Result<(), Error> {
        Ok(())
    }

    /// Making it again gives the same file: there is nothing to look for.
    fn recover(_want: &Args) -> Result<Option<Id>, Error> {
        Ok(None)
    }
}
