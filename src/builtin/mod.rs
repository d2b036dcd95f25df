//! Types that need no cloud: `terraform_data`, `null_resource`, `random_*`.
//!
//! Nothing but state remembers such an object: [`local`] shows a [`Local`](local::Local) type to the engine.

pub mod local;
pub mod null;
pub mod random;
pub mod terraform;

use std::sync::Arc;

use crate::resource::Provider;

/// The providers of the built-in types.
pub fn providers() -> Vec<Arc<dyn Provider>> {
    vec![
        local::provider("terraform", "terraform.io/builtin/terraform", terraform::resources()),
        local::provider("null", "registry.terraform.io/hashicorp/null", null::resources()),
        local::provider("random", "registry.terraform.io/hashicorp/random", random::resources()),
    ]
}
