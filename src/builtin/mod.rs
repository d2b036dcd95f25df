//! Types that need no cloud: `terraform_data`, `null_resource`, `random_*`, `time_*`, `tls_*`, `local_file`.
//!
//! Four contracts: [`local`] for objects that nothing but state remembers, [`disk`] for files on this machine,
//! [`source`] for data sources, [`ephemeral`] for ephemeral resources.

pub mod above;
pub mod archive;
pub mod disk;
pub mod ephemeral;
pub mod external;
pub mod hashes;
pub mod http;
pub mod local;
pub mod local_file;
pub mod null;
pub mod random;
pub mod remote_state;
pub mod source;
pub mod template;
pub mod terraform;
pub mod time;
pub mod tls;
mod validate;

use std::sync::Arc;

pub use above::{Above, Unseal};

use crate::resource::Provider;

/// The providers of the built-in types, over what the folders above give them.
pub fn providers(above: &Above) -> Vec<Arc<dyn Provider>> {
    vec![
        local::provider_with(
            "terraform",
            "terraform.io/builtin/terraform",
            terraform::resources(),
            remote_state::sources(above.clone()),
        ),
        local::provider_with(
            "template",
            "registry.terraform.io/hashicorp/template",
            Vec::new(),
            template::sources(above.render),
        ),
        local::provider_with("http", "registry.terraform.io/hashicorp/http", Vec::new(), http::sources()),
        local::provider_with("external", "registry.terraform.io/hashicorp/external", Vec::new(), external::sources()),
        local::provider_with(
            "archive",
            "registry.terraform.io/hashicorp/archive",
            archive::resources(),
            archive::sources(),
        ),
        local::provider_with(
            "local",
            "registry.terraform.io/hashicorp/local",
            local_file::resources(),
            local_file::sources(),
        ),
        local::provider_with("null", "registry.terraform.io/hashicorp/null", null::resources(), null::sources()),
        local::provider_in_full(
            "random",
            "registry.terraform.io/hashicorp/random",
            random::resources(),
            Vec::new(),
            random::ephemerals(),
        ),
        local::provider("time", "registry.terraform.io/hashicorp/time", time::resources()),
        local::provider_in_full(
            "tls",
            "registry.terraform.io/hashicorp/tls",
            tls::resources(),
            tls::sources(),
            tls::ephemerals(),
        ),
    ]
}
