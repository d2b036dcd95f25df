//! Stores: states in files, states in buckets, and the locks on the latter.

mod bucket;
mod file;
mod lease;
mod memory;

use std::sync::Arc;
use std::time::Duration;

use self::memory::Memory;
use super::lease::Leases;
use super::remote::Remote;
use super::{RemoteStore, Store};
use crate::clock::Clock;
use crate::state::bucket::LockTable;
use crate::state::journal::Entry;
use crate::state::lock::{LockRequest, Process};
use crate::state::{Instance, InstanceKey, load};
use crate::value::Value;

fn clock() -> Clock {
    Clock::pinned(Duration::from_secs(1_700_000_000), 1)
}

fn request(timeout: u64) -> LockRequest {
    let process = Process { pid: 1, machine: "here".to_owned(), started: "0".to_owned() };
    LockRequest {
        operation: "OperationTypeApply".to_owned(),
        info: String::new(),
        who: "me@here".to_owned(),
        timeout: Duration::from_secs(timeout),
        command: "apply".to_owned(),
        process,
    }
}

fn remote(memory: &Memory, has_table: bool) -> Remote {
    let table = has_table.then(|| Arc::new(memory.clone()) as Arc<dyn LockTable>);
    Remote { bucket: Arc::new(memory.clone()), table, has_lock_file: true, leases: Leases::default() }
}

fn store(memory: &Memory, has_table: bool) -> Store {
    RemoteStore::open(&remote(memory, has_table), "a/state").into()
}

fn key(text: &str) -> InstanceKey {
    InstanceKey::current(text.parse().expect("an address"))
}

fn instance(id: &str) -> Instance {
    let value = Value::object([("id".into(), id.into())].into());
    Instance::new("provider[\"terraform.io/builtin/terraform\"]", 0, &value, &value.ty()).expect("stored")
}

fn set(name: &str) -> Entry {
    Entry::Set { changes: vec![(key(name), Some(Box::new(instance("x"))))] }
}

async fn written(memory: &Memory, name: &str) -> u64 {
    let (mut store, clock) = (store(memory, true), clock());
    let loaded = load(&mut store, &clock).await.expect("loaded");
    let mut state = loaded.state;
    state.instances.insert(key(name), instance("x"));
    store.write(&state, &clock).await.expect("written")
}
