//! What is wrong with `moved` blocks, once it is known which instances the configuration has.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::place::Named;
use super::{Moves, Statement, order, sorted};
use crate::address::{Address, ModulePath};
use crate::diagnostic::{Diagnostic, Report, Span};
use crate::lang::{Config, Outcome};

/// By what moves: where it goes, and the block that says so.
type Ends = BTreeMap<Named, (Named, Option<Span>)>;

impl Moves {
    /// Everything wrong with the blocks.
    pub(in crate::plan) fn check(&self, config: &Config, outcome: &Outcome) -> Report {
        let mut report = Report::default();
        let (mut sources, mut targets) = (Ends::new(), Ends::new());
        let modules: BTreeSet<&ModulePath> = outcome.modules.iter().collect();
        for statement in &self.explicit {
            let names = |module: &&&ModulePath| module.0.iter().map(|step| &step.name).eq(&statement.from.base);
            for base in modules.iter().filter(names) {
                let (from, to) = (statement.from.named(base), statement.to.named(base));
                if from == to {
                    report.push(redundant(&from, statement));
                    continue;
                }
                if exists(&from, config, outcome, &modules) {
                    report.push(still_exists(&from, &to, statement));
                }
                report.0.extend(ambiguous(&mut sources, &from, &to, statement, false));
                report.0.extend(ambiguous(&mut targets, &to, &from, statement, true));
            }
        }
        if !report.has_errors() {
            report.0.extend(cycle(&self.explicit));
        }
        report
    }
}

fn exists(named: &Named, config: &Config, outcome: &Outcome, modules: &BTreeSet<&ModulePath>) -> bool {
    match named {
        Named::Module(module) => modules.contains(module),
        Named::Call(module, name) => {
            let names: Vec<Arc<str>> = module.names();
            modules.contains(module) && config.module(&names).is_some_and(|module| module.body.calls.contains_key(name))
        }
        Named::Resource(resource) => modules.contains(&resource.module) && config.block(resource).is_some(),
        Named::Instance(address) => outcome.instances.contains::<Address>(address),
    }
}

fn redundant(from: &Named, statement: &Statement) -> Diagnostic {
    let detail =
        format!("The block says that {from} has moved to its own address, which says nothing. Remove the block.");
    Diagnostic::error("Redundant move statement", detail).at(statement.span)
}

fn still_exists(from: &Named, to: &Named, statement: &Statement) -> Diagnostic {
    let detail = format!(
        "The block says that {from} has moved, but the configuration still has that {}. Change the configuration so that it \
         has {to} instead, or remove the block.",
        from.noun()
    );
    Diagnostic::error("Moved object still exists", detail).at(statement.span)
}

/// The problem with a second block about the same end that says something else of the other end.
fn ambiguous(
    ends: &mut Ends,
    one: &Named,
    other: &Named,
    statement: &Statement,
    is_target: bool,
) -> Option<Diagnostic> {
    let Some((known, first)) = ends.get(one) else {
        ends.insert(one.clone(), (other.clone(), statement.span));
        return None;
    };
    if known == other {
        return None;
    }
    let noun = one.noun();
    let detail = if is_target {
        format!(
            "One block says that {known} has moved to {one}, and another that {other} has. Only one {noun} can have moved there."
        )
    } else {
        format!(
            "One block says that {one} has moved to {known}, and another that it has moved to {other}. A {noun} moves to one place."
        )
    };
    Some(
        Diagnostic::error("Ambiguous move statements", detail)
            .at(statement.span)
            .note(*first, "The other block is here."),
    )
}

/// Blocks that wait for each other.
fn cycle(statements: &[Statement]) -> Option<Diagnostic> {
    let needs = order(statements);
    let (_, mut stuck) = sorted(&needs);
    // Those that only follow a cycle are no part of it.
    loop {
        let before = stuck.len();
        let all = stuck.clone();
        stuck.retain(|at| all.iter().any(|other| needs[*other].contains(at)));
        if stuck.len() == before {
            break;
        }
    }
    let first = statements.get(*stuck.first()?)?;
    let list: Vec<String> =
        stuck.iter().map(|&at| format!("  - {} to {}", statements[at].from, statements[at].to)).collect();
    let detail = format!(
        "These moves lead back to where they begin, so that nothing could arrive:\n{}\n\nA chain of moves ends at an address \
         that no other block moves on from.",
        list.join("\n")
    );
    Some(Diagnostic::error("Cyclic dependency in move statements", detail).at(first.span))
}
