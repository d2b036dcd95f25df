//! What is remembered for the case that a run is undone, and how the state follows the undoing.

use std::collections::BTreeMap;

use super::Record;
use crate::address::Address;
use crate::apply::recover::Recovered;
use crate::apply::run_step::Work;
use crate::diagnostic::Report;
use crate::plan::sharing::Returned;
use crate::plan::steps::{Step, What};
use crate::plan::{Action, Change};
use crate::resource::Error;
use crate::state::journal::{Aside, Entry};
use crate::state::object_ref::is_still;
use crate::state::{Instance, InstanceKey, OpenIntent, State};
use crate::value::Value;

impl Record<'_> {
    /// Keeps what is remembered of the object that the step is about to change.
    pub(super) fn note_before(&self, step: &Step, change: &Change) {
        if matches!(step.what, What::Update | What::Deploy)
            && let Some(instance) = self.state.borrow().instances.get(&self.key(step, change))
        {
            self.before.borrow_mut().insert(step.number, instance.clone());
        }
    }

    /// What was remembered of the object before the step changed it; of one that was taken over, as it was found.
    pub(in crate::apply) fn before(&self, step: &Step) -> Option<Instance> {
        self.before.borrow().get(&step.number).cloned()
    }

    /// The step made nothing: it took over an object that stood in its way. `value` is that as it was found. Comes back
    /// when it is on disk.
    pub(in crate::apply) async fn adopted(&self, work: &Work<'_>, value: &Value) -> Result<(), Report> {
        self.nothing_made(work.step, work.change, &Error::local("adopt", "It exists already."), false).await?;
        self.taken_over(work, value, false).await
    }

    /// An object that exists already is remembered in the place of the one that the step was to make. Comes back when it
    /// is on disk.
    pub(in crate::apply) async fn taken_over(
        &self,
        work: &Work<'_>,
        value: &Value,
        is_tainted: bool,
    ) -> Result<(), Report> {
        let (step, change) = (work.step, work.change);
        let mut instance = self.instance(change, work.resource.schema(), work.resource.schema_version(), value)?;
        instance.tainted = is_tainted;
        let (key, gives_way) = (self.key(step, change), change.action == (Action::Replace { create_first: true }));
        let mut changes = vec![(key.clone(), Some(instance.clone()))];
        if let Some(Aside { deposed, instance: old }) = self.aside(&step.address)?.filter(|_| gives_way) {
            let aside = InstanceKey { deposed: Some(deposed), ..key };
            changes.push((aside.clone(), Some(*old)));
            self.deposed.borrow_mut().insert(step.address.clone(), aside);
        }
        self.set(changes).await?;
        self.before.borrow_mut().insert(step.number, instance);
        Ok(())
    }

    /// The call that was to overwrite an object was refused: that is as it was, and not ours. Comes back when it is on disk.
    pub(super) async fn not_overwritten(&self, step: &Step, change: &Change) -> Result<(), Report> {
        self.before.borrow_mut().remove(&step.number);
        self.gone(step, change).await?;
        self.take_back(&step.address).await
    }

    /// Calls whose end is not known, taken out: the caller looks what became of them. For when no step is under way.
    pub(in crate::apply) fn take_open(&self) -> Vec<OpenIntent> {
        let mut open = std::mem::take(&mut *self.unclear.borrow_mut());
        open.extend(std::mem::take(&mut *self.intents.borrow_mut()).into_values());
        open
    }

    /// The end of a call is still not known: the next run looks.
    pub(in crate::apply) fn still_open(&self, one: OpenIntent) {
        self.unclear.borrow_mut().push(one);
    }

    /// What was found of a call without a clear answer. Comes back when it is on disk.
    pub(in crate::apply) async fn recovered(&self, one: &Recovered) -> Result<(), Report> {
        self.append(&one.entry()).await?;
        one.put_into(&mut self.state.borrow_mut());
        Ok(())
    }

    /// The object is `value` now. With `before` it is what it was then, with everything that was remembered of it. Comes
    /// back when it is on disk.
    pub(in crate::apply) async fn changed_back(
        &self,
        step: &Step,
        work: &Work<'_>,
        value: &Value,
        before: Option<&Instance>,
    ) -> Result<(), Report> {
        let key = self.key(step, work.change);
        let fresh = self.instance(work.change, work.resource.schema(), work.resource.schema_version(), value)?;
        let rest = before.cloned().or_else(|| self.remembered(&key)).unwrap_or_else(|| fresh.clone());
        let instance = Instance {
            schema_version: fresh.schema_version,
            attributes: fresh.attributes,
            sensitive_attributes: fresh.sensitive_attributes,
            ..rest
        };
        let done = Entry::Done { step: self.step(step), key: key.clone(), instance: Some(Box::new(instance.clone())) };
        self.append(&done).await?;
        self.intents.borrow_mut().remove(&step.number);
        self.state.borrow_mut().instances.insert(key, instance);
        Ok(())
    }

    /// The old object of a create-first replacement, when it is still there, is the current one again.
    pub(in crate::apply) async fn take_back(&self, address: &Address) -> Result<(), Report> {
        let Some(key) = self.deposed.borrow_mut().remove(address) else { return Ok(()) };
        let current = InstanceKey::current(address.clone());
        let is_free = !self.state.borrow().instances.contains_key(&current);
        let Some(old) = self.remembered(&key).filter(|_| is_free) else { return Ok(()) };
        self.set(vec![(key, None), (current, Some(old))]).await
    }

    /// The same for all of which the new object is not there.
    pub(in crate::apply) async fn take_all_back(&self) -> Result<(), Report> {
        let all: Vec<Address> = self.deposed.borrow().keys().cloned().collect();
        for address in all {
            self.take_back(&address).await?;
        }
        Ok(())
    }

    /// An old object that was remembered with the new one is one that was set aside for it again.
    pub(in crate::apply) async fn set_aside_again(&self, address: &Address, old: &Instance) -> Result<(), Report> {
        let key = self.deposed.borrow().get(address).cloned();
        match key {
            Some(key) => self.set(vec![(key, Some(old.clone()))]).await,
            None => Ok(()),
        }
    }

    /// Revisions that the run made the current ones again give way to those that gave way to them, where they still are.
    /// Comes back when it is on disk.
    pub(in crate::apply) async fn returned_back(&self, origin: &State) -> Result<(), Report> {
        let mut changes = Vec::new();
        for (address, returned) in &self.job.plan.live.returned {
            let moved =
                self.job.plan.changes.iter().find(|change| change.deposed.is_none() && change.address == *address);
            let before = moved.and_then(|change| change.moved_from.as_ref()).unwrap_or(address);
            let aside = InstanceKey { address: before.clone(), deposed: returned.deposed.clone() };
            let was = [InstanceKey::current(before.clone()), aside].map(|key| origin.instances.get(&key));
            changes.extend(given_back(&self.state.borrow(), was, address, returned));
        }
        self.set(changes).await
    }

    /// Names are what they were before the run, what was forgotten is remembered, and so are data sources, outputs and
    /// checks. What stands in the way of an old name keeps it. Comes back when it is on disk.
    pub(in crate::apply) async fn back_to(
        &self,
        start: &State,
        moved: &[(InstanceKey, InstanceKey)],
        forgotten: &[(InstanceKey, Instance)],
    ) -> Result<(), Report> {
        let mut changes: BTreeMap<InstanceKey, Option<Instance>> = BTreeMap::new();
        let mut away = Vec::new();
        for (now, origin) in moved {
            let Some(instance) = self.remembered(now) else { continue };
            changes.insert(now.clone(), None);
            away.push((now, origin, instance));
        }
        let is_free = |changes: &BTreeMap<InstanceKey, Option<Instance>>, key: &InstanceKey| {
            changes.get(key).map_or_else(|| self.remembered(key).is_none(), Option::is_none)
        };
        for (now, origin, instance) in away {
            // One that became an object of another type is remembered as the one that it was.
            let is_alike = now.address.type_name() == origin.address.type_name();
            let was = if is_alike { Some(&instance) } else { start.instances.get(origin) };
            let back = was.filter(|_| is_free(&changes, origin)).map(|was| (origin.clone(), was.clone()));
            let (place, instance) = match back {
                Some(back) => back,
                None if is_free(&changes, now) => (now.clone(), instance),
                None => (self.state.borrow().new_deposed_key(&now.address, &self.clock)?, instance),
            };
            changes.insert(place, Some(instance));
        }
        let data = start.instances.iter().filter(|(key, _)| !key.address.is_managed());
        for (key, instance) in forgotten.iter().map(|(key, instance)| (key, instance)).chain(data) {
            if is_free(&changes, key) {
                changes.insert(key.clone(), Some(instance.clone()));
            }
        }
        self.set(changes.into_iter().collect()).await?;
        self.outputs(start.outputs.clone())?;
        self.append(&Entry::CheckResults(start.check_results.clone())).await?;
        self.state.borrow_mut().check_results.clone_from(&start.check_results);
        Ok(())
    }

    /// Notes about objects that no step was for, such as what is configured of a service that a controller moves on, are
    /// those of `start` again. Comes back when it is on disk.
    pub(in crate::apply) async fn notes_back(
        &self,
        start: &State,
        had_step: impl Fn(&Address) -> bool,
    ) -> Result<(), Report> {
        let mut changes = Vec::new();
        for (key, was) in start.instances.iter().filter(|(key, _)| key.deposed.is_none() && !had_step(&key.address)) {
            let now = self.remembered(key).filter(|now| now.private != was.private && is_still(key, was, now));
            changes.extend(now.map(|now| (key.clone(), Some(Instance { private: was.private.clone(), ..now }))));
        }
        if changes.is_empty() { Ok(()) } else { self.set(changes).await }
    }

    /// From here on the current object of the instance is meant, not the one that was set aside: where that is.
    pub(in crate::apply) fn forget_set_aside(&self, address: &Address) -> Option<InstanceKey> {
        self.deposed.borrow_mut().remove(address)
    }

    /// The one that was set aside is meant again.
    pub(in crate::apply) fn remember_set_aside(&self, address: &Address, key: InstanceKey) {
        self.deposed.borrow_mut().insert(address.clone(), key);
    }
}

/// What is remembered once a revision that became the current one again gives way to the one that was that before. `old`
/// and `set_aside` are what was remembered then of the current one, and of the one that came back.
fn given_back(
    state: &State,
    [old, set_aside]: [Option<&Instance>; 2],
    address: &Address,
    returned: &Returned,
) -> Vec<(InstanceKey, Option<Instance>)> {
    let current = InstanceKey::current(address.clone());
    let Some(now) = state.instances.get(&current).filter(|now| arn(now).as_ref() == Some(&returned.live)) else {
        return Vec::new();
    };
    let Some(key) = &returned.deposed else {
        return old.map(|old| (current, Some(old.clone()))).into_iter().collect();
    };
    let aside = InstanceKey { address: address.clone(), deposed: Some(key.clone()) };
    let Some(gone) = state.instances.get(&aside) else { return Vec::new() };
    let set_aside = set_aside.filter(|instance| arn(instance) == arn(now)).unwrap_or(now);
    vec![(current, Some(gone.clone())), (aside, Some(set_aside.clone()))]
}

fn arn(instance: &Instance) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Named {
        arn: Option<String>,
    }
    serde_json::from_str::<Named>(instance.attributes.as_str()).ok()?.arn
}

#[cfg(test)]
mod tests {
    use super::*;

    fn revision(number: u32) -> Instance {
        let value = Value::object([("arn".into(), format!("web:{number}").into())].into());
        Instance::new("provider[\"toy\"]", 0, &value, &value.ty()).expect("an instance")
    }

    #[test]
    fn a_revision_that_came_back_gives_way_again() {
        let address: Address = "aws_ecs_task_definition.web".parse().expect("an address");
        let (current, aside) = (InstanceKey::current(address.clone()), |key: &str| InstanceKey {
            address: address.clone(),
            deposed: Some(key.into()),
        });
        let mut state = State::of_lineage("x");
        state.instances.insert(current.clone(), revision(1));
        state.instances.insert(aside("00000001"), revision(2));
        let returned = |deposed: Option<&str>| Returned {
            live: "web:1".into(),
            gone: "web:2".into(),
            deposed: deposed.map(str::to_owned),
        };
        let back = given_back(&state, [None; 2], &address, &returned(Some("00000001")));
        assert_eq!(back, [(current.clone(), Some(revision(2))), (aside("00000001"), Some(revision(1)))]);
        let back = given_back(&state, [Some(&revision(2)), None], &address, &returned(None));
        assert_eq!(back, [(current.clone(), Some(revision(2)))]);
        // Another one took its place since: that is not undone here.
        state.instances.insert(current, revision(3));
        assert_eq!(given_back(&state, [Some(&revision(2)), None], &address, &returned(Some("00000001"))), []);
    }
}
