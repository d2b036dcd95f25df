//! The journal of a run: what is about to be done, and what came of it, on disk before anything depends on it.
//!
//! It stands beside the state ([`Location`]: `terraform.tfstate.journal`, mode 0600, as it holds secrets like the state;
//! or objects in the state's bucket), one entry a line, and goes away when the state is written. What is true at any moment is [`fold`](super::fold())`(snapshot,
//! entries)`; entries say what *is* afterwards, not what changes, so that folding twice does no harm.

mod file;
pub(super) mod form;
mod line;
mod location;
#[cfg(test)]
mod tests;
mod writer;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Instance, InstanceKey, Output, State, origin::WayBack};
use crate::value::json::Raw;

pub use line::{Recorded, Records};
pub(in crate::state) use location::put_away;
pub use location::{Location, kept, read, remove};
pub use writer::Journal;

/// Names a step of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StepRef {
    /// The run, counted from 1 within the journal: a run that goes on after a crash is the next one.
    pub run: u32,
    /// The step in the plan of that run.
    pub step: u64,
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Makes an object.
    Create,
    /// Changes an object.
    Update,
    /// Removes an object.
    Delete,
    /// Reads a data source or an object to import.
    Read,
}

/// What is about to be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Intent {
    /// The step.
    pub step: StepRef,
    /// The object.
    pub key: InstanceKey,
    /// What will be done to it.
    pub action: Action,
    /// Resource type.
    #[serde(rename = "type")]
    pub type_name: String,
    /// The provider, as in the state.
    pub provider: String,
    /// Its id, when it has one already or it is ours to choose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Attributes by which the object can be found when the answer to the call was lost: name, client token.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub recover: BTreeMap<String, String>,
    /// Whether more is to be done with the object once it is made, which a run that finds it cannot make up for: it is
    /// remembered as tainted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tainted: bool,
    /// Attributes the object will have, in the form of the state, for a run that finds it and goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned: Option<Raw>,
    /// Blocks that it depends on, as the state records them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dependencies: Vec<String>,
    /// Whether its replacement is made first, as the state records it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub create_before_destroy: bool,
    /// What is remembered of an object that is changed, as it was read before the run: for undoing that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Box<Instance>>,
    /// Whether the change is brought out by a deployment.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deploys: bool,
    /// The object that gives way to the one that is made. It is the current one again when nothing is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aside: Option<Aside>,
}

/// An object that is replaced, the new one first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Aside {
    /// The key under which it is deposed meanwhile.
    pub deposed: String,
    /// What is remembered of it.
    pub instance: Box<Instance>,
}

impl Intent {
    /// Where the object is remembered that gives way, with what is remembered of it.
    pub fn set_aside(&self) -> Option<(InstanceKey, &Instance)> {
        let Aside { deposed, instance } = self.aside.as_ref()?;
        let deposed = Some(deposed.clone());
        Some((InstanceKey { deposed, ..self.key.clone() }, instance))
    }

    /// The object that gave way is the current one again, unless there is another: nothing was made in its place.
    pub fn give_back(&self, state: &mut State) {
        let Some((aside, _)) = self.set_aside() else { return };
        if !state.instances.contains_key(&self.key)
            && let Some(old) = state.instances.remove(&aside)
        {
            state.instances.insert(self.key.clone(), old);
        }
    }
}

#[cfg(test)]
impl Intent {
    /// What is about to be done to an object of type `a`, and no more.
    pub(crate) fn of(step: StepRef, key: InstanceKey, action: Action) -> Self {
        Self {
            step,
            key,
            action,
            type_name: "a".into(),
            provider: "provider[\"p\"]".into(),
            id: None,
            recover: BTreeMap::new(),
            tainted: false,
            planned: None,
            dependencies: Vec::new(),
            create_before_destroy: false,
            before: None,
            deploys: false,
            aside: None,
        }
    }
}

/// What a step that failed left behind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Left {
    /// Certainly nothing: the service refused the call.
    Nothing,
    /// An object that is not whole; it is remembered as tainted when it was being made.
    Partial(Box<Instance>),
    /// Nobody knows: the intent stays open and the next run looks.
    Unclear,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// A run starts from the snapshot with this serial and checksum (empty: there was no state).
    Begin {
        /// The run, counted from 1.
        run: u32,
        /// Lineage of the state.
        lineage: String,
        /// Serial of the snapshot.
        serial: u64,
        /// [`Store::digest`](super::Store::digest) of the snapshot.
        digest: String,
        /// The command, such as `apply`.
        command: String,
    },
    /// A step is about to call.
    Intent(Intent),
    /// The object exists and has this id; more calls may follow.
    Made {
        /// The step.
        step: StepRef,
        /// The id.
        id: String,
    },
    /// The making call of a step of an interrupted run has made nothing so far, and still may: following runs look again.
    Awaited {
        /// The step.
        step: StepRef,
    },
    /// The step is done.
    Done {
        /// The step.
        step: StepRef,
        /// The object.
        key: InstanceKey,
        /// What it is now; none when it is gone.
        instance: Option<Box<Instance>>,
    },
    /// The step failed.
    Failed {
        /// The step.
        step: StepRef,
        /// The object.
        key: InstanceKey,
        /// Why.
        message: String,
        /// What is there now.
        left: Left,
    },
    /// Objects change in the state alone, all at once: moved, set aside, forgotten, tainted. None: not remembered.
    Set {
        /// Each object and what it is now.
        changes: Vec<(InstanceKey, Option<Box<Instance>>)>,
    },
    /// All outputs of the root module.
    Outputs(#[serde(with = "form::outputs")] BTreeMap<String, Output>),
    /// Results of all checks, as in the state file.
    CheckResults(Option<Raw>),
    /// The run was stopped, and this leads back from the state that is written next to the one it started from.
    WayBack(Box<WayBack>),
    /// Everything before this is part of the state with this serial and checksum, which is written next.
    Folded {
        /// Its serial.
        serial: u64,
        /// Its checksum.
        digest: String,
    },
    /// The run ended in order.
    End {
        /// The run.
        run: u32,
    },
}
