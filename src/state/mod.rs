//! What is remembered between runs: the state, and the journal of a run that is under way.
//!
//! The state is Terraform's file, format version 4 ([`file_v4`]). While a run goes on, the state file stays as it
//! was and everything that happens is appended to the journal beside it: intent before a call, id right after it,
//! result before anything depends on it. What is true at any moment is [`fold()`]`(snapshot, journal)`.
//!
//! ```text
//! store.lock(request)                   one run at a time
//! load(store)   -> Loaded               snapshot and journal, folded; what an interrupted run left open
//! begin(store, loaded) -> Journal       journal.record(entry) returns when the entry is durable
//! save(store, journal, state, open)     the state file says it all, and saved.tidy() removes the journal
//! stop(store, journal, state, open, …)  the same for a run that was stopped: the journal keeps the way back
//! commit(store, journal, state, open)   saves and tidies
//! deeds(state, entries) -> Deeds        what such a run did, when that is to be undone
//! ```

#![allow(clippy::result_large_err)] // a diagnostic is large, and made once per run

pub mod bucket;
pub mod deeds;
pub mod file_v4;
pub mod fold;
pub mod journal;
pub mod lock;
pub mod model;
pub mod moving;
pub mod object_ref;
pub mod origin;
mod private;
pub mod seal;
pub mod select;
pub mod snapshot;
pub mod store;

pub use deeds::{Deed, Deeds, Did, deeds};
pub use fold::{Folded, OpenIntent, Standing, fold, standing};
pub use journal::{Entry, Journal};
pub use lock::{LockInfo, LockRequest};
pub use model::{Instance, InstanceKey, Output, PathStep, SensitivePath, State};
pub use object_ref::ObjectRef;
pub use snapshot::{Loaded, Saved, begin, commit, load, save, stop};
pub use store::{LocalStore, Store};
