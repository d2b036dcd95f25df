//! Waiting until objects are ready: one reader per type, shared by all waiting steps, so that many waiting objects of
//! a type are read in one call.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, oneshot};

use super::job::{Event, Stop};
use crate::address::Address;
use crate::clock::Clock;
use crate::resource::{AnyResource, Cloud, Error, Found, Settled, Wanted, read_all};
use crate::value::Value;

/// How long a new object may stay invisible before it counts as gone.
const INVISIBLE: Duration = Duration::from_secs(120);

type Answer = Result<Option<Found>, Error>;

/// One object that somebody wants to know about.
struct Question {
    wanted: Wanted,
    answer: oneshot::Sender<Answer>,
}

/// Calls at a time for a type of which one call reads many objects: few, so that questions gather for the next.
const WAYS: usize = 2;

/// Questions about objects of a type behind one connection.
struct Counter {
    open: RefCell<Vec<Question>>,
    /// Who may ask the service.
    ways: Semaphore,
}

/// What one call asks about: objects of a type, through a provider configuration, in a region.
type Kind = (&'static str, String, Option<String>);

/// Reads objects for many steps at once: while calls for a type are under way, further questions gather for the next.
#[derive(Default)]
pub struct Reader {
    counters: RefCell<HashMap<Kind, Rc<Counter>>>,
}

impl Reader {
    /// Reads one object; `None` when it does not exist. `provider` tells connections apart.
    ///
    /// # Errors
    /// The read failed.
    pub async fn read(&self, resource: &Arc<dyn AnyResource>, cloud: &Cloud, provider: &str, wanted: Wanted) -> Answer {
        let counter = self.counter(resource.as_ref(), provider, wanted.region());
        let (answer, mut reply) = oneshot::channel();
        counter.open.borrow_mut().push(Question { wanted, answer });
        // Others that run now get the chance to put their question into the same call.
        tokio::task::yield_now().await;
        let given_up = || Err(Error::local("read", "The call that carried this read was given up."));
        tokio::select! {
            biased;
            found = &mut reply => found.unwrap_or_else(|_| given_up()),
            way = counter.ways.acquire() => {
                let questions = counter.open.take();
                // Else our question is in somebody else's call.
                if !questions.is_empty() {
                    answer_all(resource.as_ref(), cloud, questions).await;
                }
                drop(way);
                reply.await.unwrap_or_else(|_| given_up())
            }
        }
    }

    fn counter(&self, resource: &dyn AnyResource, provider: &str, region: Option<&str>) -> Rc<Counter> {
        // One object a call: nothing is won by waiting.
        let ways = if resource.read_batch() > 1 { WAYS } else { Semaphore::MAX_PERMITS };
        let counter = || Rc::new(Counter { open: RefCell::default(), ways: Semaphore::new(ways) });
        let key = (resource.type_name(), provider.to_owned(), region.map(str::to_owned));
        self.counters.borrow_mut().entry(key).or_insert_with(counter).clone()
    }
}

async fn answer_all(resource: &dyn AnyResource, cloud: &Cloud, questions: Vec<Question>) {
    let wanted: Vec<Wanted> = questions.iter().map(|question| question.wanted.clone()).collect();
    let found = read_all(resource, cloud, &wanted).await;
    for question in questions {
        let answer = match &found {
            Ok(all) => Ok(all.iter().find(|one| one.id == question.wanted.id).cloned()),
            Err(error) => Err(error.clone()),
        };
        // Who asked may have given up.
        let _ = question.answer.send(answer);
    }
}

/// What waiting came to.
#[derive(Debug)]
pub enum Waited {
    /// Ready; all attributes.
    Ready(Value),
    /// Not ready in time, or not waited for to the end; why, and the attributes last seen.
    NotYet(String, Option<Value>),
    /// It will never be ready; why, and the attributes last seen.
    Failed(String, Option<Value>),
}

/// What to wait for.
pub struct Wait<'a> {
    /// The shared reader.
    pub reader: &'a Reader,
    /// Time.
    pub clock: &'a Clock,
    /// The type.
    pub resource: &'a Arc<dyn AnyResource>,
    /// The connection.
    pub cloud: &'a Cloud,
    /// Name of the connection.
    pub provider: &'a str,
    /// The object.
    pub wanted: Wanted,
    /// Time limit.
    pub limit: Duration,
    /// Set when the person asks to stop.
    pub stop: &'a Stop,
    /// The instance, for progress.
    pub address: &'a Address,
    /// Who watches.
    pub watch: &'a dyn Fn(Event),
}

impl Wait<'_> {
    /// Waits until the object is ready.
    ///
    /// # Errors
    /// A read failed.
    pub async fn until_ready(&self) -> Result<Waited, Error> {
        let start = self.clock.steady();
        let mut seen = None;
        for look in 0.. {
            let missing = match self.look().await? {
                Some(found) => {
                    seen = Some(found.attributes);
                    match found.settled {
                        Settled::Yes => {
                            return Ok(seen.map_or_else(|| Waited::NotYet(String::new(), None), Waited::Ready));
                        }
                        Settled::Failed(why) | Settled::Leaving(why) => return Ok(Waited::Failed(why, seen)),
                        Settled::NotYet(missing) => missing,
                    }
                }
                None if self.clock.steady().saturating_sub(start) > INVISIBLE => {
                    return Ok(Waited::Failed("The service does not know it although it was made.".into(), seen));
                }
                None => "not visible yet".to_owned(),
            };
            if let Some(why) = self.pause(look, start, &missing).await {
                return Ok(Waited::NotYet(why, seen));
            }
        }
        Ok(Waited::NotYet(String::new(), seen))
    }

    /// Waits until the object does not exist any more; the answer is why it still does.
    ///
    /// # Errors
    /// A read failed.
    pub async fn until_gone(&self) -> Result<Option<String>, Error> {
        let start = self.clock.steady();
        for look in 0.. {
            let missing = match self.look().await? {
                None => return Ok(None),
                Some(Found { settled: Settled::NotYet(missing), .. }) => missing,
                Some(_) => "still there".to_owned(),
            };
            if let Some(why) = self.pause(look, start, &missing).await {
                return Ok(Some(why));
            }
        }
        Ok(None)
    }

    /// Waits until nothing is left of what the deleted object held; not longer than the limit.
    ///
    /// # Errors
    /// It cannot be asked for.
    pub async fn until_released(&self) -> Result<(), Error> {
        let start = self.clock.steady();
        for look in 0.. {
            let Settled::NotYet(left) = self.resource.released(self.cloud, &self.wanted.id, &self.wanted.prior).await?
            else {
                break;
            };
            if self.pause(look, start, &left).await.is_some() {
                break;
            }
        }
        Ok(())
    }

    async fn look(&self) -> Answer {
        self.reader.read(self.resource, self.cloud, self.provider, self.wanted.clone()).await
    }

    /// Sleeps until the next look; the answer is why there will be none.
    async fn pause(&self, look: u32, start: Duration, missing: &str) -> Option<String> {
        let poll = self.resource.pace().poll;
        let pause = Duration::from_millis(500).saturating_mul(1 << look.min(5)).min(poll);
        if self.stop.is_asked() {
            return Some(format!("Stopped while waiting: {missing}."));
        }
        if self.clock.steady() + pause > start + self.limit {
            return Some(format!("Not ready after {} seconds: {missing}.", self.limit.as_secs()));
        }
        (self.watch)(Event::Progress { address: self.address.clone(), text: missing.to_owned() });
        tokio::select! {
            () = self.clock.sleep(pause) => None,
            () = self.stop.asked() => Some(format!("Stopped while waiting: {missing}.")),
        }
    }
}
