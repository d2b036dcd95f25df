//! An object that exists already where one was to be made: offered, and taken over when that is wanted.

use std::time::Duration;

use super::job::Offer;
use super::recover::has_made;
use super::run_step::{Runner, Work, limits, problem_of};
use crate::address::Address;
use crate::diagnostic::{Report, shell_word};
use crate::lang::Desired;
use crate::plan::change::{Action, Change};
use crate::plan::diff::changes;
use crate::plan::known;
use crate::plan::live::mark_schema;
use crate::plan::steps::{Step, What};
use crate::resource::{Agreement, Error, Found, Id, Wanted, agreement, read_all};
use crate::state::InstanceKey;
use crate::value::{Value, masked};

impl Runner<'_> {
    /// Takes over what stands in the way, when it can become what is wanted and the person says so; `refused` is the
    /// problem otherwise. `None` when nothing is there to be taken over.
    ///
    /// # Errors
    /// It is not taken over, or changing it fails.
    pub(super) async fn adopt(
        &self,
        work: &Work<'_>,
        want: &Desired,
        asked: &Value,
        limit: Duration,
        refused: &Report,
    ) -> Result<Option<String>, Report> {
        // The refusal says more than a failed look.
        let Ok(Some((id, found))) = self.in_the_way(work, asked).await else { return Ok(None) };
        let prior = &found.attributes;
        let exists = Error::local("adopt", "It exists already.");
        if let Some(owner) = self.record.owner(work.resource.as_ref(), &work.provider, &found) {
            let is_leaving = |one: &Change| one.address == owner.address && one.action == Action::Delete;
            let has_no_block = owner.deposed.is_none() && self.job.plan.changes.iter().any(is_leaving);
            self.record.nothing_made(work.step, work.change, &exists, false).await?;
            return Err(owned(refused, &owner, &work.step.address, has_no_block));
        }
        let (planned, told, offer) = match self.offer(work, want, prior) {
            Ok(offer) => offer,
            Err(problems) => {
                self.record.nothing_made(work.step, work.change, &exists, false).await?;
                return Err(problems);
            }
        };
        // What a call of an interrupted run has made since that was looked up needs no question.
        let is_ours = has_made(self.job.awaited, work.resource.as_ref(), (&work.cloud, &work.provider), &found)
            .await
            .unwrap_or(false);
        let changed = changes(work.resource.schema(), prior, &planned);
        let fixed: Vec<String> =
            changed.iter().filter(|one| one.forces_replacement).map(|one| format!("`{}`", one.path)).collect();
        if !fixed.is_empty() || !(is_ours || (self.job.adopt)(&offer)) {
            self.record.nothing_made(work.step, work.change, &exists, false).await?;
            return Err(advised(refused, &offer, &fixed));
        }
        // From here on it is ours.
        self.record.adopted(work, &mark_schema(work.resource.schema(), prior)).await?;
        self.progress(work, "exists already: adopted");
        self.adopted.borrow_mut().insert(work.step.number);
        let (have, asked) = (known(prior), known(&planned));
        let [_, time, _] = limits(work, &asked);
        let patience = || self.patience(work, time);
        let unmarked = if is_ours {
            self.patiently(work, patience(), || work.resource.unmark(&work.cloud, &id, &have)).await
        } else {
            Ok(())
        };
        let result = if changed.is_empty() || unmarked.is_err() {
            unmarked
        } else {
            let step = Step { what: What::Update, ..work.step.clone() };
            self.record.intent(&step, work.change, &asked, Some(&id), false, false).await?;
            self.patiently(work, patience(), || work.resource.update(&work.cloud, &id, &have, &told)).await
        };
        let basis = if result.is_ok() { &planned } else { prior };
        self.settle(work, want, basis, &id, limit, result.err(), "Adopting").await.map(Some)
    }

    /// What the object would become, what the service would be told for that, and the words for the person.
    fn offer(&self, work: &Work<'_>, want: &Desired, prior: &Value) -> Result<(Value, Value, Offer), Report> {
        let (_, planned, told) = self.wanted(work, Some(prior))?;
        let import = work.resource.import_text(prior).map_err(|error| problem_of(work, want, &error, "Adopting"))?;
        let import = masked(&import, &want.config);
        let agreement = Self::agreement(work, want, prior, &planned);
        Ok((planned, told, Offer { address: work.step.address.clone(), import, agreement }))
    }

    async fn in_the_way(&self, work: &Work<'_>, asked: &Value) -> Result<Option<(Id, Found)>, Error> {
        let Some(id) = work.resource.find(&work.cloud, asked).await? else { return Ok(None) };
        let wanted = Wanted { id: id.clone(), prior: asked.clone() };
        let found = read_all(work.resource.as_ref(), &work.cloud, &[wanted]).await?;
        Ok(found.into_iter().next().map(|found| (id, found)))
    }

    /// How far the object is what the stack file wants; what the service may choose does not count.
    fn agreement(work: &Work<'_>, want: &Desired, found: &Value, planned: &Value) -> Agreement {
        let schema = work.resource.schema();
        let is_said = |name: &&'static str| {
            let is_open = schema.get(name).is_some_and(crate::resource::Attr::is_computed);
            !is_open || want.config.get(name).is_some_and(|value| !value.is_null())
        };
        let mut all = agreement(schema, &known(planned), found);
        all.agree.retain(is_said);
        all.differ.retain(is_said);
        all
    }
}

/// The refusal where the object that stands in the way is another one of the stack. Taken over, it would be in the state twice.
fn owned(refused: &Report, owner: &InstanceKey, wanted: &Address, has_no_block: bool) -> Report {
    let advice = if has_no_block {
        format!(
            " and has no block any more. If {wanted} is its new name, say so in the stack, and it stays as it is:\n\n    moved {{\n      from = {owner}\n      to   = {wanted}\n    }}\n\nOtherwise choose another name."
        )
    } else if owner.deposed.is_some() {
        ", to be deleted once nothing uses it any more. Choose another name, or free this one in a run before."
            .to_owned()
    } else {
        ". There can be only one: choose another name, or let other blocks refer to that one.".to_owned()
    };
    let mut report = refused.clone();
    if let Some(problem) = report.0.first_mut() {
        problem.detail = format!("{} The state has it as {owner}{advice}", problem.detail);
    }
    report
}

/// The refusal, with what can be done about it.
fn advised(refused: &Report, offer: &Offer, fixed: &[String]) -> Report {
    let mut report = refused.clone();
    let Some(problem) = report.0.first_mut() else { return report };
    let (agree, differ) = (offer.agreement.agree.len(), &offer.agreement.differ);
    let compared = if differ.is_empty() {
        format!("All {agree} attributes that the stack file gives are as wanted.")
    } else {
        let names: Vec<String> = differ.iter().map(|name| format!("`{name}`")).collect();
        format!("{agree} of {} attributes are as wanted; different are {}.", agree + differ.len(), names.join(", "))
    };
    let words = [offer.address.to_string(), offer.import.clone()].map(|word| shell_word(&word));
    let import = format!("\n\n    glaz import {}", words.join(" "));
    let advice = if fixed.is_empty() {
        format!(
            "To take it over and change what differs, run the command again with -adopt, or import it first:{import}"
        )
    } else {
        format!(
            "It cannot be taken over as it is: {} cannot be changed in place. Choose another name, or import it and let the next plan replace it:{import}",
            fixed.join(", ")
        )
    };
    problem.detail = format!("{} It exists already and is not in the state. {compared} {advice}", problem.detail);
    report
}
