//! A making call that overwrites what is there already, whoever made it: that is looked up before, and written down as
//! taken over, so that undoing the run puts it back.

use super::job::Event;
use super::run_step::{Runner, Work, limits, problem_of};
use crate::diagnostic::Report;
use crate::lang::Desired;
use crate::plan::live::mark_schema;
use crate::plan::steps::{Step, What};
use crate::resource::Found;
use crate::state::InstanceKey;
use crate::value::Value;

impl Runner<'_> {
    /// Writes down what is about to be made, or overwritten. Comes back when it is on disk.
    pub(super) async fn about_to_make(
        &self,
        work: &Work<'_>,
        want: &Desired,
        asked: &Value,
        is_tainted: bool,
        is_pure: bool,
    ) -> Result<(), Report> {
        let (step, change) = (work.step, work.change);
        let Some(found) = self.overwritten(work, want, asked).await? else {
            return self.record.intent(step, change, asked, None, is_tainted, is_pure).await;
        };
        let was = mark_schema(work.resource.schema(), &found.attributes);
        self.record.taken_over(work, &was, is_tainted).await?;
        let (address, line) = (step.address.clone(), "it exists already, and is overwritten".to_owned());
        (self.job.watch)(Event::Output { address, kind: "making".to_owned(), line });
        let step = Step { what: What::Update, ..step.clone() };
        self.record.intent(&step, change, asked, Some(&found.id), is_tainted, is_pure).await
    }

    /// The object that the making call would overwrite. What is part of something that this run has made is not looked
    /// for, and an object that is in the state belongs to another step.
    async fn overwritten(&self, work: &Work<'_>, want: &Desired, asked: &Value) -> Result<Option<Found>, Report> {
        if self.is_part_of_new(work, asked) {
            return Ok(None);
        }
        let [limit, ..] = limits(work, asked);
        let mut patience = self.patience(work, limit);
        loop {
            match work.resource.overwritten(&work.cloud, asked).await {
                Ok(found) => {
                    let owner = |found: &Found| self.record.owner(work.resource.as_ref(), &work.provider, found);
                    return Ok(found.filter(|found| owner(found).is_none()));
                }
                Err(error) => self
                    .before_next_try(work, &mut patience, error)
                    .await
                    .map_err(|error| problem_of(work, want, &error, "Looking for"))?,
            }
        }
    }

    /// Whether the object is part of another one that this run has made.
    fn is_part_of_new(&self, work: &Work<'_>, asked: &Value) -> bool {
        let Some(part) = work.resource.part_of() else { return false };
        let Some(whole) = self.job.registry.resource(part.whole) else { return false };
        let said = asked.get(part.says).and_then(Value::as_str);
        let is_made = |step: &&Step| step.what == What::Create && self.record.was_started(step);
        let mut wholes = work.change.dependencies.iter().filter(|address| address.type_name() == part.whole);
        wholes.any(|address| {
            let mut steps = self.job.plan.steps.iter().filter(|step| step.address == *address).filter(is_made);
            let Some(step) = steps.next().filter(|step| !self.was_there(step)) else { return false };
            let same_place = self.job.plan.changes[step.change].provider == work.change.provider;
            let now = self.record.remembered(&InstanceKey::current(address.clone()));
            let now = now.and_then(|now| now.decode(&whole.schema().ty).ok()).map(|now| now.value);
            let is = |name: &str, text: Option<&str>| {
                now.as_ref().is_some_and(|now| now.get(name).and_then(Value::as_str) == text)
            };
            let region = asked.get("region").and_then(Value::as_str);
            same_place && said.is_some() && is(part.name, said) && (region.is_none() || is("region", region))
        })
    }

    /// Whether the making step found its object there.
    fn was_there(&self, step: &Step) -> bool {
        self.record.before(step).is_some()
    }
}
