//! glaz provisions and runs the AWS stack behind an ECS blue/green service. It reads the Terraform language and keeps
//! Terraform's state format.
//!
//! The pipeline, one folder each; every folder's `mod.rs` says in a few lines what it takes and gives:
//!
//! ```text
//! lang::load(dir) -> Config                      stack files, parsed
//! lang::Evaluator::run(answers) -> Outcome       what the files want; the caller says what stands for each instance
//! plan::refresh(state, registry) -> Live         what exists
//! plan::draw(request) -> Plan                    what differs, and the steps that mend it
//! preflight::check(objects) -> findings          mistakes that only show when objects are looked at together
//! apply::run(job, state, journal) -> Outcome     steps -> AWS, every fact on disk before anything depends on it
//! state::load / begin / commit                   what is remembered: Terraform's state file and our journal
//! ```
//!
//! [`resource`] is a resource type as the engine sees it; [`aws`] and [`builtin`] are the types; [`cli`] is everything
//! a person sees; [`rollout`] knows what a deployment controller governs and how a
//! new revision is brought out. [`http`] asks web servers that are not AWS, [`modules`] fetches modules from elsewhere, [`deflate`]
//! compresses as Go does. `tests/layers.rs` holds who may use whom.

pub mod address;
pub mod apply;
#[cfg(feature = "aws")]
pub mod aws;
pub mod builtin;
pub mod cli;
pub mod clock;
pub mod deflate;
pub mod diagnostic;
pub mod http;
pub mod lang;
pub mod modules;
pub mod plan;
pub mod preflight;
pub mod resource;
pub mod rollout;
pub mod state;
pub mod value;
