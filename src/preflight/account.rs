//! What exists in the account, for rules: asked only for what a rule wants to know, and only by reading.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::stack::Place;
use crate::address::Address;
use crate::lang::ProviderRef;
use crate::plan::imagine::is_made_up;
use crate::plan::{Change, Connections};
use crate::resource::{Error, ErrorKind, Holds, Registry, Wanted, read_all};
use crate::rollout::{Image, Images};
use crate::value::Value;

/// A question: what, through which provider.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Question {
    provider: ProviderRef,
    what: Thing,
}

/// What may be there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    /// An object of a type, by its id, in a region; the provider's when left out.
    Object(&'static str, String, Option<String>),
    /// An image in a repository.
    Image(Image),
    /// What an object holds that is to be deleted.
    Contents(Address),
}

/// What was found out.
#[derive(Clone, Debug)]
enum Answer {
    Is(bool),
    Holds(Vec<String>),
}

/// Answers about what exists. Rules ask and are told nothing at first; they are run again with the answer.
pub struct Account<'a> {
    registry: &'a Registry,
    connections: Option<&'a Connections>,
    images: Option<&'a dyn Images>,
    /// Questions, with the object that they are about.
    asked: RefCell<BTreeMap<Question, Option<Value>>>,
    answers: BTreeMap<Question, Option<Answer>>,
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

    /// Whether anybody may be asked what exists.
    pub(super) fn is_open(&self) -> bool {
        self.connections.is_some()
    }

    /// Whether there is an object of a type with this id, as an import command would be given it, for the provider of
    /// `place`; `None` when nobody was asked, or may ask.
    pub(super) fn has(&self, place: &Place<'_>, type_name: &'static str, id: &str) -> Option<bool> {
        self.has_in(None, place, type_name, id)
    }

    /// The same in another region than the provider's.
    pub(super) fn has_in(
        &self,
        region: Option<&str>,
        place: &Place<'_>,
        type_name: &'static str,
        id: &str,
    ) -> Option<bool> {
        if [Some(id), region].into_iter().flatten().any(is_made_up) {
            return None;
        }
        self.answer(place, Thing::Object(type_name, id.to_owned(), region.map(ToOwned::to_owned)))
    }

    /// What objects of a type may hold beside what state knows of.
    pub(super) fn holds(&self, type_name: &str) -> Option<Holds> {
        self.registry.resource(type_name)?.holds()
    }

    /// What an object holds that is to be deleted; `None` when nobody was asked, or may ask.
    pub(super) fn contents(&self, change: &Change) -> Option<Vec<String>> {
        let question = Question { provider: change.provider.clone(), what: Thing::Contents(change.address.clone()) };
        match self.find(question, Some(&change.before))? {
            Answer::Holds(all) => Some(all),
            Answer::Is(_) => None,
        }
    }

    fn answer(&self, place: &Place<'_>, what: Thing) -> Option<bool> {
        match self.find(Question { provider: place.object().provider.clone(), what }, None)? {
            Answer::Is(answer) => Some(answer),
            Answer::Holds(_) => None,
        }
    }

    fn find(&self, question: Question, about: Option<&Value>) -> Option<Answer> {
        let answer = self.answers.get(&question);
        if answer.is_none() {
            self.asked.borrow_mut().insert(question, about.cloned());
        }
        answer.cloned().flatten()
    }

    /// Looks up what rules asked for since; whether there was anything.
    pub(super) async fn ask(&mut self) -> bool {
        let asked = self.asked.take();
        let Some(connections) = self.connections.filter(|_| !asked.is_empty()) else { return false };
        let account = &*self;
        let reads = asked.into_iter().map(|(question, about)| async move {
            let answer = look_up(&question, about.as_ref(), account, connections).await;
            (question, answer)
        });
        let answers = futures_util::future::join_all(reads).await;
        self.answers.extend(answers);
        true
    }
}

/// Whether it is there; `None` when that could not be found out: a rule is no reason to fail, least of all when the
/// credentials may plan and not read something else.
async fn look_up(
    question: &Question,
    about: Option<&Value>,
    account: &Account<'_>,
    connections: &Connections,
) -> Option<Answer> {
    let cloud = connections.get(&question.provider)?;
    let (type_name, id, region) = match &question.what {
        Thing::Object(type_name, id, region) => (type_name, id, region),
        Thing::Image(image) => return account.images?.exists(cloud, image).await.ok().map(Answer::Is),
        Thing::Contents(address) => {
            let resource = account.registry.resource(address.type_name())?;
            let have = crate::plan::known(about?);
            return resource.contents(cloud, &resource.id(&have).ok()?, &have).await.ok().map(Answer::Holds);
        }
    };
    let resource = account.registry.resource(type_name)?;
    let is_missing = |error: &Error| error.kind == ErrorKind::Refused && error.is(resource.missing());
    let is_there = match resource.import(cloud, id).await {
        Ok(wanted) => match read_all(resource.as_ref(), cloud, &[within(wanted, region.as_deref())]).await {
            Ok(found) => Some(!found.is_empty()),
            Err(error) => is_missing(&error).then_some(false),
        },
        Err(error) => is_missing(&error).then_some(false),
    };
    is_there.map(Answer::Is)
}

impl std::fmt::Debug for Account<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("asked", &self.asked).field("answers", &self.answers).finish_non_exhaustive()
    }
}

/// The same object, looked for in this region.
fn within(wanted: Wanted, region: Option<&str>) -> Wanted {
    let (Some(region), Some(mut entries)) = (region, wanted.prior.entries().cloned()) else { return wanted };
    entries.insert("region".into(), region.into());
    Wanted { prior: Value::object(entries), ..wanted }
}
