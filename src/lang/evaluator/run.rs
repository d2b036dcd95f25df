//! The way through the graph.

use std::collections::{HashSet, VecDeque};

use super::Evaluator;
use super::node::named;
use super::resources::Batch;
use crate::address::{Address, Mode};
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::lang::conditions::Verdict;
use crate::lang::desired::{Answers, CheckKind, CheckResult, CheckStatus, Outcome};
use crate::lang::graph::{Item, Lookup, NodeId, Wrong, mode_of};
use crate::lang::scope::below;

/// A run under way, and what is still to be done.
pub struct Walk {
    /// By node: how many of its needs are not done.
    waiting: Vec<usize>,
    /// Nodes that can be evaluated now and ask nobody.
    ready: VecDeque<NodeId>,
    /// Resources that can be evaluated now.
    asking: Vec<NodeId>,
    /// Resources that the answers put off.
    put_off: Vec<Asked>,
    report: Report,
    outcome: Outcome,
}

/// A resource whose instances are asked for, and what is wrong with it so far.
struct Asked {
    id: NodeId,
    batch: Batch,
    report: Report,
}

impl Evaluator {
    /// Evaluates everything.
    pub fn run(&mut self, answers: &mut dyn Answers) -> Result<Outcome, Report> {
        let mut walk = self.begin()?;
        while !self.go_on(&mut walk, answers) {}
        self.finish(walk)
    }

    /// Begins a run in parts: [`go_on`](Self::go_on) until everything is done, then [`finish`](Self::finish).
    pub fn begin(&mut self) -> Result<Walk, Report> {
        let mut report = std::mem::take(&mut self.cycles);
        // A validation looks at the files alone.
        if !self.is_validation() {
            report.extend(super::inputs::problems(&self.config, &self.inputs));
        }
        if report.has_errors() {
            return Err(report);
        }
        let mut failed = Vec::new();
        report.extend(crate::lang::imports::check(&self.config, &self.graph, self.is_validation(), &mut failed));
        failed.into_iter().for_each(|id| self.store.failed[id] = true);
        let waiting = (0..self.graph.nodes.len()).map(|id| self.graph.needs.places(id).len()).collect();
        let (ready, asking, put_off, outcome) = Default::default();
        let mut walk = Walk { waiting, ready, asking, put_off, report, outcome };
        for id in 0..self.graph.nodes.len() {
            if walk.waiting[id] == 0 && self.selected[id] {
                self.enqueue(id, &mut walk);
            }
        }
        Ok(walk)
    }

    /// Evaluates until nothing is left but what the answers put off ([`Answers::announce`]), and what follows from that;
    /// the next call asks for it. Whether everything is done.
    pub fn go_on(&mut self, walk: &mut Walk, answers: &mut dyn Answers) -> bool {
        let put_off = std::mem::take(&mut walk.put_off);
        self.answer_all(put_off, answers, walk);
        loop {
            while let Some(id) = walk.ready.pop_front() {
                let problems = self.step(id, answers);
                self.done(id, problems, walk);
            }
            if walk.asking.is_empty() {
                return walk.put_off.is_empty();
            }
            self.ask(answers, walk);
        }
    }

    fn enqueue(&self, id: NodeId, walk: &mut Walk) {
        match &self.graph.nodes[id].item {
            Item::Resource(_) => walk.asking.push(id),
            // Validations first, so that what follows from a wrong value is not reported.
            Item::Validation(_) => walk.ready.push_front(id),
            _ => walk.ready.push_back(id),
        }
    }

    /// What is wrong with the references of a node; nothing is told of one that follows a failed one.
    fn problems_of(&self, id: NodeId, answers: &dyn Answers) -> Report {
        if self.store.failed[id] {
            return Report::default();
        }
        let Wrong { now: mut problems, attributes, later, .. } = self.graph.wrong(id);
        for Lookup { of: (mode, type_name), steps, span } in attributes {
            let schema = answers.schema(mode, &type_name);
            problems.0.extend(schema.and_then(|schema| below(&schema.ty, &steps, span)));
        }
        if !self.is_validation() {
            problems.extend(later);
        }
        problems
    }

    /// Evaluates a node that is no resource.
    fn step(&mut self, id: NodeId, answers: &mut dyn Answers) -> Report {
        self.refer(id);
        self.sees_names = self.looks_at_names(id);
        let problems = self.problems_of(id, answers);
        if self.store.failed[id] || problems.has_errors() {
            return problems;
        }
        let mut report = problems;
        report.extend(match &self.graph.nodes[id].item {
            Item::Provider(..) if answers.remembered().is_some() => Report::default(),
            Item::Provider(..) => self.provider_block(id, answers),
            _ => self.evaluate(id),
        });
        report
    }

    /// Evaluates all resources that are ready, and asks for their instances. Data sources and ephemeral resources are
    /// evaluated together before any is asked for, others one after the other: of ten thousand configurations only one
    /// is needed at a time.
    fn ask(&mut self, answers: &mut dyn Answers, walk: &mut Walk) {
        let ids = std::mem::take(&mut walk.asking);
        if let Some(remembered) = answers.remembered() {
            for id in ids {
                self.recall(id, remembered);
                self.done(id, Report::default(), walk);
            }
            return;
        }
        let is_read = |id: &NodeId| mode_of(&self.graph.nodes[*id].item) != Some(Mode::Managed);
        let together: Vec<Vec<NodeId>> =
            ids.chunk_by(|a, b| is_read(a) && is_read(b)).map(<[NodeId]>::to_vec).collect();
        together.into_iter().for_each(|ids| self.ask_together(&ids, answers, walk));
    }

    fn ask_together(&mut self, ids: &[NodeId], answers: &mut dyn Answers, walk: &mut Walk) {
        let mut all: Vec<Asked> = Vec::new();
        for &id in ids {
            self.refer(id);
            self.sees_names = self.looks_at_names(id);
            let mut report = self.problems_of(id, answers);
            let mut batch = Batch::default();
            if !self.store.failed[id] && !report.has_errors() {
                batch = self.prepare(id, answers, &mut report);
            }
            all.push(Asked { id, batch, report });
        }
        let prepared = all.iter().flat_map(|one| &one.batch.prepared).map(|one| one.desired.clone());
        let read: Vec<_> = prepared.filter(|desired| !desired.address.is_managed()).collect();
        if !read.is_empty() && answers.announce(&read) {
            walk.put_off.extend(all);
        } else {
            self.answer_all(all, answers, walk);
        }
    }

    fn answer_all(&mut self, all: Vec<Asked>, answers: &mut dyn Answers, walk: &mut Walk) {
        for Asked { id, batch, mut report } in all {
            if !report.has_errors() && !self.store.failed[id] {
                self.sees_names = self.looks_at_names(id);
                self.answer(id, batch, answers, &mut walk.outcome, &mut report);
            }
            self.done(id, report, walk);
        }
    }

    /// Notes that a node is done; what follows a failed one is passed over.
    fn done(&mut self, id: NodeId, problems: Report, walk: &mut Walk) {
        let validated = match &self.graph.nodes[id].item {
            Item::Validation(name) => self.graph.id(self.graph.nodes[id].module, Item::Variable(name.clone())),
            _ => None,
        };
        if problems.has_errors() {
            self.store.failed[id] = true;
            if let Some(variable) = validated {
                self.store.failed[variable] = true;
            }
        }
        walk.report.extend(problems);
        for place in self.graph.needed_by.places(id) {
            let after = self.graph.needed_by.at(place);
            walk.waiting[after] -= 1;
            if walk.waiting[after] == 0 && self.selected[after] {
                let failed = self.graph.needs.of(after).any(|need| self.store.failed[need]);
                self.store.failed[after] |= failed;
                self.enqueue(after, walk);
            }
        }
    }

    /// What a run that is done came to.
    pub fn finish(&mut self, walk: Walk) -> Result<Outcome, Report> {
        let Walk { report, mut outcome, .. } = walk;
        let mut seen = HashSet::new();
        let once =
            |problem: &Diagnostic| seen.insert((problem.summary.clone(), problem.detail.clone(), problem.subject));
        let all: Vec<_> = report.0.into_iter().filter(once).collect();
        let report = Report(all);
        let instances = self.store.modules.iter().flat_map(|module| &module.list);
        outcome.modules = instances.map(|instance| instance.path.clone()).collect();
        if report.has_errors() {
            *self.reached = outcome;
            return Err(report);
        }
        outcome.warnings = report;
        outcome.outputs = self.root_outputs();
        outcome.providers = self.providers.clone();
        outcome.checks = self.all_checks();
        Ok(outcome)
    }

    /// Keeps how conditions ended; gives back their problems. `adds`: others of the same object were recorded just
    /// before.
    pub(super) fn record(
        &mut self,
        kind: CheckKind,
        object: String,
        config: String,
        verdict: Verdict,
        adds: bool,
    ) -> Report {
        if let Some(status) = verdict.status {
            let mut result = CheckResult { kind, object: object.clone(), config, status, messages: verdict.messages };
            if let Some(before) = self.checks.get(&object).filter(|_| adds) {
                result.status = before.status.worse(status);
                result.messages.splice(0..0, before.messages.iter().cloned());
            }
            self.checks.insert(object, result);
        }
        verdict.report
    }

    /// The data source of a check block cannot be read: the check fails, and nothing else does. The answer is what is to
    /// be said about it.
    pub fn unread(&mut self, address: &Address, problems: Report) -> Report {
        let Some(check) = self.config.block(&address.resource).and_then(|block| block.check.clone()) else {
            return problems;
        };
        let path = address.module();
        let object = named(path, "check", &check);
        let messages = problems.0.iter().map(|one| format!("{}: {}", one.summary, one.detail)).collect();
        let verdict = Verdict { status: Some(CheckStatus::Fail), messages, ..Verdict::default() };
        self.record(CheckKind::Check, object.clone(), named(&path.without_keys(), "check", &check), verdict, false);
        self.unread.insert(object);
        Report(problems.0.into_iter().map(|one| Diagnostic { severity: Severity::Warning, ..one }).collect())
    }

    /// How the conditions of an object ended so far.
    pub(super) fn standing(&self, object: &str) -> Option<CheckStatus> {
        self.checks.get(object).map(|result| result.status)
    }
}
