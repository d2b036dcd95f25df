//! What exists in the account, for rules: asked only for what a rule wants to know, and only by reading.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::lookups::{Certificate, Endpoint, Lookups, Pipeline};
use super::stack::Place;
use crate::address::Address;
use crate::lang::ProviderRef;
use crate::plan::imagine::is_made_up;
use crate::plan::{Change, Connections};
use crate::resource::{AnyResource, Cloud, Contents, Error, ErrorKind, Holds, Registry, Wanted, read_all};
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
    /// A certificate, by its ARN.
    Certificate(String),
    /// The pipelines that deploy in a region, the provider's when left out.
    Pipelines(Option<String>),
    /// The VPC endpoints of a network, in a region, the provider's when left out.
    Endpoints(Option<String>, String),
}

/// What was found out.
#[derive(Clone, Debug)]
enum Answer {
    Is(bool),
    Holds(Contents),
    Certificate(Option<Certificate>),
    Pipelines(Vec<Pipeline>),
    Endpoints(Vec<Endpoint>),
}

/// It is not there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Absent;

/// Answers about what exists. Rules ask and are told nothing at first; they are run again with the answer.
pub struct Account<'a> {
    registry: &'a Registry,
    connections: Option<&'a Connections>,
    know: Know<'a>,
    /// Questions, with the object that they are about.
    asked: RefCell<BTreeMap<Question, Option<Value>>>,
    answers: BTreeMap<Question, Option<Answer>>,
    refusals: BTreeSet<String>,
}

/// Who knows what no resource type reads, where somebody does.
#[derive(Clone, Copy, Default)]
pub struct Know<'a> {
    /// Whether an image was pushed.
    pub images: Option<&'a dyn Images>,
    /// Certificates, pipelines and VPC endpoints.
    pub lookups: Option<&'a dyn Lookups>,
}

impl<'a> Account<'a> {
    /// Asks through these connections; nobody, when there are none.
    pub fn new(registry: &'a Registry, connections: Option<&'a Connections>, know: Know<'a>) -> Self {
        let (asked, answers, refusals) = (RefCell::default(), BTreeMap::new(), BTreeSet::new());
        Self { registry, connections, know, asked, answers, refusals }
    }

    /// Calls that the credentials may not make, such as `ListPipelines`: rules that need them kept silent.
    pub fn refusals(&self) -> &BTreeSet<String> {
        &self.refusals
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
    pub(super) fn contents(&self, change: &Change) -> Option<Contents> {
        let question = Question { provider: change.provider.clone(), what: Thing::Contents(change.address.clone()) };
        match self.find(question, Some(&change.before))? {
            Answer::Holds(all) => Some(all),
            _ => None,
        }
    }

    /// The certificate that a listener names; `None` when nobody was asked, or may ask.
    pub(super) fn certificate(&self, at: &Place<'_>, arn: &str) -> Option<Result<Certificate, Absent>> {
        match self.find(Question::of(at, Thing::Certificate(arn.to_owned())), None)? {
            Answer::Certificate(found) => Some(found.ok_or(Absent)),
            _ => None,
        }
    }

    /// The pipelines where an object is that deploy through CodeDeploy to ECS; none when nobody was asked, or may ask.
    pub(super) fn pipelines(&self, object: &Place<'_>) -> Vec<Pipeline> {
        let region = object.attr("region").given().map(ToOwned::to_owned);
        match self.find(Question::of(object, Thing::Pipelines(region)), None) {
            Some(Answer::Pipelines(all)) => all,
            _ => Vec::new(),
        }
    }

    /// The VPC endpoints of the network that an object is in; `None` when nobody was asked, or may ask. A network that
    /// does not exist yet has none.
    pub(super) fn endpoints(&self, object: &Place<'_>, vpc: &Place<'_>) -> Option<Vec<Endpoint>> {
        let vpc = vpc.text()?;
        if is_made_up(vpc) {
            return Some(Vec::new());
        }
        let region = object.attr("region").given().map(ToOwned::to_owned);
        match self.find(Question::of(object, Thing::Endpoints(region, vpc.to_owned())), None)? {
            Answer::Endpoints(all) => Some(all),
            _ => None,
        }
    }

    /// The region that an object is in, or will be.
    pub(super) fn region(&self, object: &Place<'_>) -> Option<String> {
        let of_provider = || self.know.lookups?.region(self.connections?.get(&object.object().provider)?);
        object.attr("region").given().map(ToOwned::to_owned).or_else(of_provider)
    }

    fn answer(&self, place: &Place<'_>, what: Thing) -> Option<bool> {
        match self.find(Question::of(place, what), None)? {
            Answer::Is(answer) => Some(answer),
            _ => None,
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
        // A rule is no reason to fail, least of all when the credentials may plan and not read something else.
        for (question, answer) in futures_util::future::join_all(reads).await {
            if let Err(error) = &answer
                && error.is_denied()
            {
                self.refusals.insert(error.operation.clone());
            }
            self.answers.insert(question, answer.ok().flatten());
        }
        true
    }
}

/// What it is; `None` when nobody could tell.
async fn look_up(
    question: &Question,
    about: Option<&Value>,
    account: &Account<'_>,
    connections: &Connections,
) -> Result<Option<Answer>, Error> {
    let Some(cloud) = connections.get(&question.provider) else { return Ok(None) };
    let Know { images, lookups } = account.know;
    Ok(match &question.what {
        Thing::Object(type_name, id, region) => {
            let Some(resource) = account.registry.resource(type_name) else { return Ok(None) };
            is_there(resource.as_ref(), cloud, id, region.as_deref()).await?.map(Answer::Is)
        }
        Thing::Image(image) => match images {
            Some(images) => Some(Answer::Is(images.exists(cloud, image).await?)),
            None => None,
        },
        Thing::Contents(address) => {
            let (Some(resource), Some(about)) = (account.registry.resource(address.type_name()), about) else {
                return Ok(None);
            };
            let have = crate::plan::known(about);
            let Ok(id) = resource.id(&have) else { return Ok(None) };
            Some(Answer::Holds(resource.contents(cloud, &id, &have).await?))
        }
        Thing::Certificate(arn) => match lookups {
            Some(lookups) => Some(Answer::Certificate(lookups.certificate(cloud, arn).await?)),
            None => None,
        },
        Thing::Endpoints(region, vpc) => match lookups {
            Some(lookups) => Some(Answer::Endpoints(lookups.endpoints(cloud, region.as_deref(), vpc).await?)),
            None => None,
        },
        Thing::Pipelines(region) => match lookups {
            Some(lookups) => Some(Answer::Pipelines(lookups.pipelines(cloud, region.as_deref()).await?)),
            None => None,
        },
    })
}

/// Whether there is an object of a type with this id; `None` when the id is not one.
async fn is_there(
    resource: &dyn AnyResource,
    cloud: &Cloud,
    id: &str,
    region: Option<&str>,
) -> Result<Option<bool>, Error> {
    let read = async {
        let wanted = resource.import(cloud, id).await?;
        read_all(resource, cloud, &[within(wanted, region)]).await
    };
    match read.await {
        Ok(found) => Ok(Some(!found.is_empty())),
        Err(error) if error.kind == ErrorKind::Refused && error.is(resource.missing()) => Ok(Some(false)),
        Err(error) if error.kind == ErrorKind::Local => Ok(None),
        Err(error) => Err(error),
    }
}

impl Question {
    fn of(place: &Place<'_>, what: Thing) -> Self {
        Self { provider: place.object().provider.clone(), what }
    }
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
