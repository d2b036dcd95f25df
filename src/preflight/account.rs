//! What exists in the account, for rules: asked only for what a rule wants to know, and only by reading.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::stack::Place;
use crate::lang::ProviderRef;
use crate::plan::Connections;
use crate::resource::{ErrorKind, Registry, read_all};
use crate::value::Value;

/// A question: which object, through which provider.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Question {
    provider: ProviderRef,
    type_name: &'static str,
    id: String,
}

/// What is known of an object that is not in the stack.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Known<'a> {
    /// It is there.
    There(&'a Value),
    /// There is none.
    Missing,
    /// Nobody was asked, or may ask.
    Unclear,
}

/// Answers about what exists. Rules ask and are told [`Known::Unclear`] at first; they are run again with the answer.
#[derive(Debug)]
pub struct Account<'a> {
    registry: &'a Registry,
    connections: Option<&'a Connections>,
    asked: RefCell<BTreeSet<Question>>,
    answers: BTreeMap<Question, Option<Option<Value>>>,
}

impl<'a> Account<'a> {
    /// Asks through these connections; nobody, when there are none.
    pub fn new(registry: &'a Registry, connections: Option<&'a Connections>) -> Self {
        Self { registry, connections, asked: RefCell::default(), answers: BTreeMap::new() }
    }

    /// The object of a type with an id, as an import command would be given it, through the provider of `place`.
    pub(super) fn object(&self, place: &Place<'_>, type_name: &'static str, id: &str) -> Known<'_> {
        if crate::plan::imagine::is_made_up(id) {
            return Known::Unclear;
        }
        let question = Question { provider: place.object().provider.clone(), type_name, id: id.to_owned() };
        match self.answers.get(&question) {
            Some(Some(Some(value))) => Known::There(value),
            Some(Some(None)) => Known::Missing,
            Some(None) => Known::Unclear,
            None => {
                self.asked.borrow_mut().insert(question);
                Known::Unclear
            }
        }
    }

    /// Looks up what rules asked for since; whether there was anything.
    pub(super) async fn ask(&mut self) -> bool {
        let asked = self.asked.take();
        let Some(connections) = self.connections.filter(|_| !asked.is_empty()) else { return false };
        let reads = asked.into_iter().map(|question| async {
            let answer = look_up(&question, self.registry, connections).await;
            (question, answer)
        });
        let answers = futures_util::future::join_all(reads).await;
        self.answers.extend(answers);
        true
    }
}

/// The object, `Some(None)` when there is none; `None` when that could not be found out: a rule is no reason to fail,
/// least of all when the credentials may plan and not read something else.
async fn look_up(question: &Question, registry: &Registry, connections: &Connections) -> Option<Option<Value>> {
    let resource = registry.resource(question.type_name)?;
    let cloud = connections.get(&question.provider)?;
    let wanted = match resource.import(cloud, &question.id).await {
        Ok(wanted) => wanted,
        Err(error) if error.is(resource.missing()) => return Some(None),
        Err(_) => return None,
    };
    match read_all(resource.as_ref(), cloud, &[wanted]).await {
        Ok(found) => Some(found.into_iter().next().map(|found| found.attributes)),
        Err(error) if error.kind == ErrorKind::Refused && error.is(resource.missing()) => Some(None),
        Err(_) => None,
    }
}
