//! Types that need no cloud: `terraform_data`, `null_resource`, `random_*`, `time_*`, `tls_*`, `local_file`.
//!
//! Three contracts: [`local`] for objects that nothing but state remembers, [`disk`] for files on this machine,
//! [`source`] for data sources.

pub mod disk;
pub mod hashes;
pub mod local;
pub mod local_file;
pub mod null;
pub mod random;
pub mod source;
pub mod terraform;
pub mod time;
pub mod tls;
mod validate;

use std::sync::Arc;

use crate::resource::Provider;

/// The providers of the built-in types.
pub fn providers() -> Vec<Arc<dyn Provider>> {
    vec![
        local::provider("terraform", "terraform.io/builtin/terraform", terraform::resources()),
        local::provider_with(
            "local",
            "registry.terraform.io/hashicorp/local",
            local_file::resources(),
            local_file::sources(),
        ),
        local::provider("null", "registry.terraform.io/hashicorp/null", null::resources()),
        local::provider("random", "registry.terraform.io/hashicorp/random", random::resources()),
        local::provider("time", "registry.terraform.io/hashicorp/time", time::resources()),
        local::provider_with("tls", "registry.terraform.io/hashicorp/tls", tls::resources(), tls::sources()),
    ]
}
