//! Gives objects their new addresses.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::place::{Named, Subject};
use super::{Moved, Moves, Statement, explicit, implied, order, sorted};
use crate::address::{Address, ModulePath, Resource};
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::{Config, ProviderRef};
use crate::resource::Registry;
use crate::state::moving::rename_dependencies;
use crate::state::{Instance, InstanceKey, State};

/// Moves the objects of a state as the configuration says. What is wrong with the blocks is said later, by
/// [`Moves::check`]: blocks that wait for each other move nothing.
///
/// # Errors
/// An object cannot become one of another type.
pub(in crate::plan) fn carry_out<'a>(
    config: &Config,
    state: &'a State,
    registry: &Registry,
) -> Result<Moved<'a>, Report> {
    let explicit = explicit(config);
    let mut statements = explicit.clone();
    statements.extend(implied::statements(config, state, &explicit));
    let mut moves = Moves { explicit, ..Moves::default() };
    let (order, stuck) = sorted(&order(&statements));
    if statements.is_empty() || !stuck.is_empty() {
        return Ok((Cow::Borrowed(state), moves));
    }
    let mut moving = Moving { state: state.clone(), registry, moves: &mut moves, report: Report::default() };
    for at in order {
        moving.carry_out(&statements[at]);
    }
    let moved = moving.moves.moved.iter().map(|(to, from)| (from, to));
    rename_dependencies(&mut moving.state, moved);
    let Moving { state: after, report, .. } = moving;
    if moves.moved.is_empty() {
        return report.or((Cow::Borrowed(state), moves));
    }
    report.or((Cow::Owned(after), moves))
}

struct Moving<'a> {
    state: State,
    registry: &'a Registry,
    moves: &'a mut Moves,
    report: Report,
}

impl Moving<'_> {
    fn carry_out(&mut self, statement: &Statement) {
        match &statement.from.subject {
            Subject::Call | Subject::Module => self.modules(statement),
            Subject::Resource(_) => self.resources(statement),
            Subject::Instance(_, key) => {
                for (resource, to) in self.resources_of(statement) {
                    let Subject::Instance(_, to_key) = &statement.to.subject else { continue };
                    let (from, to) = (Address::new(resource, key.clone()), Address::new(to, to_key.clone()));
                    self.instance(from, to);
                }
            }
        }
    }

    fn modules(&mut self, statement: &Statement) {
        let modules: BTreeSet<ModulePath> =
            self.state.instances.keys().map(|key| key.address.module().clone()).collect();
        for module in &modules {
            let Some(to) = statement.from.carry_module(&statement.to, module) else { continue };
            if to == *module {
                continue;
            }
            if modules.contains(&to) {
                self.moves.blocked.push((Named::Module(module.clone()), Named::Module(to)));
                continue;
            }
            let keys = self.keys(|address| address.module() == module);
            for key in keys {
                let resource = Resource { module: to.clone(), ..(*key.address.resource).clone() };
                let address = Address::new(resource, key.address.key.clone());
                self.put(key, address);
            }
        }
    }

    /// Resources of state that the statement speaks of, and where they go.
    fn resources_of(&self, statement: &Statement) -> Vec<(Resource, Resource)> {
        let all: BTreeSet<&Resource> = self.state.instances.keys().map(|key| &*key.address.resource).collect();
        let to = |from: &Resource| statement.from.carry_resource(&statement.to, from);
        all.into_iter().filter_map(|from| Some((from.clone(), to(from)?))).collect()
    }

    fn resources(&mut self, statement: &Statement) {
        for (from, to) in self.resources_of(statement) {
            if from == to {
                continue;
            }
            if self.state.of_resource(&to).next().is_some() {
                self.moves.blocked.push((Named::Resource(from), Named::Resource(to)));
                continue;
            }
            for key in self.keys(|address| *address.resource == from) {
                let address = Address::new(to.clone(), key.address.key.clone());
                self.put(key, address);
            }
        }
    }

    fn instance(&mut self, from: Address, to: Address) {
        let keys = self.of(&from);
        if keys.is_empty() || from == to {
            return;
        }
        if !self.of(&to).is_empty() {
            self.moves.blocked.push((Named::Instance(from), Named::Instance(to)));
            return;
        }
        keys.into_iter().for_each(|key| self.put(key, to.clone()));
    }

    fn keys(&self, is_meant: impl Fn(&Address) -> bool) -> Vec<InstanceKey> {
        self.state.instances.keys().filter(|key| is_meant(&key.address)).cloned().collect()
    }

    /// Objects of one instance, current and deposed.
    fn of(&self, address: &Address) -> Vec<InstanceKey> {
        let from = InstanceKey::current(address.clone());
        let keys = self.state.instances.range(from..).map(|(key, _)| key);
        keys.take_while(|key| key.address == *address).cloned().collect()
    }

    /// Remembers one object under another address.
    fn put(&mut self, key: InstanceKey, address: Address) {
        let Some(instance) = self.state.instances.remove(&key) else { return };
        let from = key.address;
        let instance = if from.type_name() == address.type_name() {
            instance
        } else {
            match adopt(&instance, &from, &address, self.registry) {
                Ok(instance) => instance,
                Err(problem) => return self.report.push(problem),
            }
        };
        let origin = self.moves.moved.get(&from).cloned().unwrap_or_else(|| from.clone());
        self.moves.moved.insert(address.clone(), origin);
        self.state.instances.insert(InstanceKey { address, deposed: key.deposed }, instance);
        if self.of(&from).is_empty() {
            self.moves.moved.remove(&from);
        }
    }
}

/// The object as one of another type, which must know how.
fn adopt(instance: &Instance, from: &Address, to: &Address, registry: &Registry) -> Result<Instance, Diagnostic> {
    let refused = || {
        let text = format!(
            "{from} cannot become {to}: objects of type {} cannot be taken over as {}. Remove the moved block; to keep the object \
             while its block goes, use a removed block with destroy = false, and an import block for the new one.",
            from.type_name(),
            to.type_name()
        );
        Diagnostic::error("Unsupported `moved` across resource types", text).about(to)
    };
    let (old, new) = registry.resource(from.type_name()).zip(registry.resource(to.type_name())).ok_or_else(refused)?;
    let object = instance.decode(&old.schema().ty).map_err(|problem| problem.about(from))?.value;
    let object = new.adopt(old.type_name(), &object).ok_or_else(refused)?;
    let provider = registry.provider_of(to.type_name()).map(|provider| provider.source()).unwrap_or_default();
    let provider = ProviderRef { module: ModulePath::root(), source: provider.into(), alias: None }.in_state();
    let adopted = Instance::new(&provider, new.schema_version(), &object, &new.schema().ty)?;
    Ok(Instance {
        dependencies: instance.dependencies.clone(),
        create_before_destroy: instance.create_before_destroy,
        tainted: instance.tainted,
        ..adopted
    })
}
