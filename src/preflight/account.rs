//! What exists in the account, for rules: asked only for what a rule wants to know, and only by reading.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::stack::Place;
use crate::lang::ProviderRef;
use crate::plan::Connections;
use crate::resource::{Error, ErrorKind, Registry, read_all};
use crate::rollout::{Image, Images};

/// A question: what, through which provider.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Question {
    provider: ProviderRef,
    what: Thing,
}

/// What may be there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    /// An object of a type, by its id.
    Object(&'static str, String),
    /// An image in a repository.
    Image(Image),
}

/// Answers about what exists. Rules ask and are told nothing at first; they are run again with the answer.
pub struct Account<'a> {
    registry: &'a Registry,
    connections: Option<&'a Connections>,
    images: Option<&'a dyn Images>,
    asked: RefCell<BTreeSet<Question>>,
    answers: BTreeMap<Question, Option<bool>>,
}

impl<'a> Account<'a> {
    /// Asks through these connections; nobody, when there are none.
    pub fn new(registry: &'a Registry, connections: Option<&'a Connections>, images: Option<&'a dyn Images>) -> Self {
        Self { registry, connections, images, asked: RefCell::default(), answers: BTreeMap::new() }
    }

    /// Whether anybody is asked.
    pub(super) fn may_ask(&self) -> bool {
        self.connections.is_some()
    }

    /// Whether an image was pushed; `None` when nobody was asked, or may ask.
    pub(super) fn has_image(&self, place: &Place<'_>, image: &Image) -> Option<bool> {
        self.answer(place, Thing::Image(image.clone()))
    }

    /// Whether there is an object of a type with this id, as an import command would be given it, for the provider of
    /// `place`; `None` when nobody was asked, or may ask.
    pub(super) fn has(&self, place: &Place<'_>, type_name: &'static str, id: &str) -> Option<bool> {
        if crate::plan::imagine::is_made_up(id) {
            return None;
        }
        self.answer(place, Thing::Object(type_name, id.to_owned()))
    }

    fn answer(&self, place: &Place<'_>, what: Thing) -> Option<bool> {
        let question = Question { provider: place.object().provider.clone(), what };
        let answer = self.answers.get(&question);
        if answer.is_none() {
            self.asked.borrow_mut().insert(question);
        }
        answer.copied().flatten()
    }

    /// Looks up what rules asked for since; whether there was anything.
    pub(super) async fn ask(&mut self) -> bool {
        let asked = self.asked.take();
        let Some(connections) = self.connections.filter(|_| !asked.is_empty()) else { return false };
        let reads = asked.into_iter().map(|question| async {
            let answer = look_up(&question, self, connections).await;
            (question, answer)
        });
        let answers = futures_util::future::join_all(reads).await;
        self.answers.extend(answers);
        true
    }
}

/// Whether it is there; `None` when that could not be found out: a rule is no reason to fail, least of all when the
/// credentials may plan and not read something else.
async fn look_up(question: &Question, account: &Account<'_>, connections: &Connections) -> Option<bool> {
    let cloud = connections.get(&question.provider)?;
    let (type_name, id) = match &question.what {
        Thing::Object(type_name, id) => (type_name, id),
        Thing::Image(image) => return account.images?.exists(cloud, image).await.ok(),
    };
    let resource = account.registry.resource(type_name)?;
    let is_missing = |error: &Error| error.kind == ErrorKind::Refused && error.is(resource.missing());
    match resource.import(cloud, id).await {
        Ok(wanted) => match read_all(resource.as_ref(), cloud, &[wanted]).await {
            Ok(found) => Some(!found.is_empty()),
            Err(error) => is_missing(&error).then_some(false),
        },
        Err(error) => is_missing(&error).then_some(false),
    }
}

impl std::fmt::Debug for Account<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("asked", &self.asked).field("answers", &self.answers).finish_non_exhaustive()
    }
}
