//! What is read and opened rather than made: data sources and ephemeral resources, now or during the apply.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Planner, Readings, drafted};
use crate::address::{Blocks, Mode, Resource};
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::Desired;
use crate::plan::change::{Action, Change, Reason};
use crate::plan::draw::Purpose;
use crate::plan::live::mark_schema;
use crate::plan::reading;
use crate::value::{Marks, Type, Value};

impl Planner<'_> {
    pub(super) fn data(&mut self, want: &Desired) -> Result<Value, Report> {
        let Some(source) = self.registry.source(want.address.type_name()).cloned() else {
            return Err(Diagnostic::bug(format!("The type of {} has no table", want.address)).into());
        };
        // What a check looks at is read again by the apply.
        let is_again = want.in_check && self.options.mode != Purpose::RefreshOnly;
        // What a deployment turns was known when it was read.
        let is_read = self.awaited_by(want, Action::Read).is_empty();
        if let Some(value) = self.readings.data.get(&want.address).filter(|_| is_read) {
            let visible = mark_schema(source.schema(), value).with_marks(&want.config.marks);
            let (action, reason, before) = if is_again {
                (Action::Read, Reason::CheckNested, Value::null(Type::Any))
            } else {
                (Action::NoOp, Reason::None, visible.clone())
            };
            self.record(want, action, reason, before, visible.clone(), Vec::new());
            return Ok(visible);
        }
        let planned = drafted(want, source.schema(), |draft, found| source.check(draft, found))?;
        if let Some(problems) = self.readings.unread.get(&want.address).cloned() {
            if is_again {
                let visible = mark_schema(source.schema(), &planned);
                self.record(want, Action::Read, Reason::CheckNested, Value::null(Type::Any), visible, Vec::new());
            }
            return Err(problems);
        }
        let reason = self.read_later(want);
        if reason == Reason::None && !self.is_offline() {
            self.to_read.push(Arc::new(want.clone()));
        }
        let visible = mark_schema(source.schema(), &planned);
        self.record(want, Action::Read, reason, Value::null(Type::Any), visible.clone(), Vec::new());
        Ok(visible)
    }

    /// An ephemeral resource, as it was opened; one that is not open yet may be anything. It is no change of the plan.
    pub(super) fn ephemeral(&mut self, want: &Desired) -> Result<Value, Report> {
        let Some(ephemeral) = self.registry.ephemeral(want.address.type_name()).cloned() else {
            return Err(Diagnostic::bug(format!("The type of {} has no table", want.address)).into());
        };
        let planned = drafted(want, ephemeral.schema(), |draft, found| ephemeral.check(draft, found))?;
        let provider = self.providers.get(&want.provider).map(|provider| provider.config.marks_deep());
        let provider = provider.iter().flat_map(Marks::origins).cloned();
        let from = self.dependencies(want, Action::Read).iter().cloned().chain(provider).collect::<BTreeSet<_>>();
        let from = Marks::origins_of(from);
        if let Some(value) = self.readings.open.get(&want.address) {
            return Ok(value.clone().with_marks(&from));
        }
        if self.read_later(want) == Reason::None && !self.is_offline() {
            self.to_read.push(Arc::new(want.clone()));
        }
        Ok(mark_schema(ephemeral.schema(), &planned).with_marks(&from))
    }

    /// Why a data source is read, or an ephemeral resource opened, during apply; none when it can be done now.
    fn read_later(&self, want: &Desired) -> Reason {
        if !want.config.is_wholly_known() || self.late.contains_key(&want.provider) {
            Reason::ConfigUnknown
        } else if self.is_pending(want) {
            Reason::DependencyPending
        } else {
            Reason::None
        }
    }

    /// Whether something changes that the data source names, in `depends_on` or elsewhere; one that asks nobody gives
    /// the same answer before. One with conditions waits for everything it depends on: a change there may be what makes a
    /// condition hold.
    fn is_pending(&self, want: &Desired) -> bool {
        if want.has_conditions && want.address.resource.mode == Mode::Data {
            return self.changes_below(&want.references);
        }
        let asks = self.registry.source(want.address.type_name()).is_some_and(|source| !source.is_offline());
        let direct = want.direct.iter().filter(|_| asks);
        let mut named = want.depends_on.iter().filter(|block| block.mode == Mode::Managed).chain(direct);
        named.any(|block| self.of_block(block).any(Change::is_action))
            || !self.live.turned.by_blocks(&want.awaits).is_empty()
    }

    /// Whether the evaluation waits until it is read or opened.
    pub(super) fn is_awaited(&self, want: &Desired) -> bool {
        let Readings { data, open, unread } = &self.readings;
        let (address, type_name) = (&want.address, want.address.type_name());
        let is_read = data.contains_key(address) || open.contains_key(address) || unread.contains_key(address);
        let drafted = match (self.registry.source(type_name), self.registry.ephemeral(type_name)) {
            _ if is_read || !reading::can_ask(want, self.registry, self.options, self.clouds) => return false,
            (Some(source), _) if address.resource.mode == Mode::Data => {
                drafted(want, source.schema(), |draft, found| source.check(draft, found))
            }
            (_, Some(one)) => drafted(want, one.schema(), |draft, found| one.check(draft, found)),
            _ => return false,
        };
        drafted.is_ok() && self.read_later(want) == Reason::None
    }

    /// Whether one of the blocks, or what they depend on, changes.
    fn changes_below(&self, blocks: &Blocks) -> bool {
        let mut open: Vec<Arc<Resource>> = blocks.iter().cloned().collect();
        let mut seen = BTreeSet::new();
        while let Some(block) = open.pop() {
            if !seen.insert(block.clone()) {
                continue;
            }
            for change in self.of_block(&block) {
                if block.mode == Mode::Managed && change.is_action() {
                    return true;
                }
                open.extend(change.recorded.iter().cloned());
            }
        }
        false
    }
}
