//! Changing records. Changes of one zone that are wanted at the same time travel in one request: an account has five
//! requests a second, and while one is at work in a zone, others of the zone are refused.
//!
//! Route 53 makes all changes of a request or none. One that is refused is sent again in parts, until it is known whose
//! fault it was: every record gets its own answer.
//!
//! Limits: <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html#limits-api-requests>

use std::collections::{BTreeSet, VecDeque};

use aws_sdk_route53::types as sdk;

use super::find::Place;
use crate::aws::answers::built;
use crate::aws::contract::*;
use crate::aws::route53::shared::{normal_name, note};
use crate::aws::together::{Load, Together};
use crate::resource::ErrorKind;

/// Elements `ResourceRecord`, and characters in their values, that a request takes.
const MOST: Load = [1000, 32_000];

/// Requests at a time, one a zone: an account has five a second.
pub(super) const AT_A_TIME: usize = 5;

static TOGETHER: Together<Wish, Option<sdk::ChangeInfo>> = Together::new(AT_A_TIME, load, MOST);

/// One step of changing a record.
pub(super) type Step = (sdk::ChangeAction, sdk::ResourceRecordSet);

/// Who repeats a call that got no clear answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeats {
    /// The engine, after it has looked for what the call made.
    Engine,
    /// The client, at once.
    Client,
}

/// What is to become of one record, all of it or nothing.
struct Wish {
    client: aws_sdk_route53::Client,
    zone: String,
    /// Whole name of the record, in lower case.
    name: String,
    changes: Vec<sdk::Change>,
    repeats: Repeats,
}

/// Makes the changes of one record, all or none.
pub(super) async fn change(aws: &Aws, place: &Place, steps: Vec<Step>, repeats: Repeats) -> Result<()> {
    let name = normal_name(steps.first().map(|(_, set)| set.name.as_str()).unwrap_or_default());
    let step = |(action, set)| built(sdk::Change::builder().action(action).resource_record_set(set).build());
    let changes = steps.into_iter().map(step).collect::<Result<Vec<_>>>()?;
    let wish = Wish { client: aws.route53.clone(), zone: place.zone.clone(), name, changes, repeats };
    let about = format!("{} {}", aws.provider(), place.zone);
    note(&place.id(), TOGETHER.ask(&about, wish, send).await?);
    Ok(())
}

/// What an UPSERT carries counts twice.
fn load(wish: &Wish) -> Load {
    let of = |change: &sdk::Change| {
        let times = if change.action == sdk::ChangeAction::Upsert { 2 } else { 1 };
        let values = change.resource_record_set.as_ref().and_then(|set| set.resource_records.as_deref());
        let values = values.unwrap_or_default();
        let characters: usize = values.iter().map(|one| one.value.chars().count()).sum();
        [times * values.len().max(1), times * characters]
    };
    wish.changes.iter().map(of).fold([0, 0], |sum, one| [sum[0] + one[0], sum[1] + one[1]])
}

/// Sends the wishes of one zone. What a lost answer leaves unclear is repeated by different hands, so those who leave it
/// to different ones do not travel together.
async fn send(wishes: Vec<Wish>) -> Vec<Result<Option<sdk::ChangeInfo>>> {
    let mut answers: Vec<_> = wishes.iter().map(|_| Err(Error::empty("ChangeResourceRecordSets"))).collect();
    // What goes first makes room.
    for repeats in [Repeats::Client, Repeats::Engine] {
        let which: Vec<usize> = (0..wishes.len()).filter(|&at| wishes[at].repeats == repeats).collect();
        let mut parts = Parts::of(which);
        while let Some(part) = parts.next() {
            let some: Vec<&Wish> = part.iter().map(|&at| &wishes[at]).collect();
            let answer = call(&some).await;
            match &answer {
                Err(error) if part.len() > 1 && may_be_of_one(error) => {
                    let is_gone = |at: &usize| is_gone(&wishes[*at].changes, &error.message);
                    let (gone, others): (Vec<_>, Vec<_>) = part.into_iter().partition(is_gone);
                    if gone.is_empty() {
                        let named = named(&error.message, |at| wishes[at].name.as_str(), &others);
                        parts.refused(others, &named);
                    } else {
                        parts.again(others);
                    }
                    gone.into_iter().for_each(|at| answers[at].clone_from(&answer));
                    continue;
                }
                // It holds for the rest as well, which then asks later.
                Err(error) if error.kind == ErrorKind::Throttled => {
                    parts.rest().into_iter().for_each(|at| answers[at] = Err(error.clone()));
                }
                _ => parts.answered(answer.is_ok()),
            }
            part.into_iter().for_each(|at| answers[at].clone_from(&answer));
        }
    }
    answers
}

async fn call(wishes: &[&Wish]) -> Result<Option<sdk::ChangeInfo>> {
    let Some(first) = wishes.first() else { return Ok(None) };
    let changes = wishes.iter().flat_map(|wish| wish.changes.iter().cloned()).collect();
    let batch = built(sdk::ChangeBatch::builder().comment("Managed by glaz").set_changes(Some(changes)).build())?;
    let call = first.client.change_resource_record_sets().hosted_zone_id(&first.zone).change_batch(batch);
    Ok(call.send().await?.change_info)
}

/// Whether a refusal can be the fault of some of those that travelled together: a wrong record, or one that a policy
/// does not let the caller change.
fn may_be_of_one(error: &Error) -> bool {
    error.kind == ErrorKind::Refused && !error.is(&["NoSuchHostedZone"])
}

/// Whether the refusal says that the record to be deleted is not there. That is its answer, and nobody has to ask again: a
/// client that got no answer repeats the whole request, and finds everything gone.
fn is_gone(changes: &[sdk::Change], message: &str) -> bool {
    let [sdk::Change { action: sdk::ChangeAction::Delete, resource_record_set: Some(set), .. }] = changes else {
        return false;
    };
    let identifier = set.set_identifier.as_ref().map(|text| format!(", set-identifier='{text}'")).unwrap_or_default();
    message.contains(&format!("[name='{}', type='{}'{identifier}] but it was not found", set.name, set.r#type.as_str()))
}

/// Those of a part whose names the service's words have.
fn named<'a>(message: &str, name: impl Fn(usize) -> &'a str, part: &[usize]) -> Vec<usize> {
    let is_between = |one: char| one.is_whitespace() || "'\"[],=".contains(one);
    let words: BTreeSet<String> = message.split(is_between).map(normal_name).collect();
    part.iter().copied().filter(|&at| words.contains(name(at))).collect()
}

/// Who goes with which request: all at first, and after a refusal in parts, until each has its answer.
struct Parts {
    open: VecDeque<usize>,
    /// How many of the first go alone, because the refusal named them.
    alone: usize,
    /// How many of the others go together.
    size: usize,
}

impl Parts {
    fn of(members: Vec<usize>) -> Self {
        Self { alone: 0, size: members.len().max(1), open: members.into() }
    }

    /// Who goes with the next request.
    fn next(&mut self) -> Option<Vec<usize>> {
        let count = if self.alone > 0 { 1 } else { self.size.min(self.open.len()) };
        (!self.open.is_empty()).then(|| self.open.drain(..count).collect())
    }

    /// Some of the part are at fault: those that were named, or some of either half.
    fn refused(&mut self, part: Vec<usize>, named: &[usize]) {
        if named.is_empty() {
            self.size = part.len().div_ceil(2);
            part.into_iter().rev().for_each(|at| self.open.push_front(at));
        } else {
            let (first, others): (Vec<_>, Vec<_>) = part.into_iter().partition(|at| named.contains(at));
            (self.alone, self.size) = (first.len(), others.len().max(1));
            first.into_iter().chain(others).rev().for_each(|at| self.open.push_front(at));
        }
    }

    /// The part is sent again: those who were at fault are not in it any more.
    fn again(&mut self, part: Vec<usize>) {
        self.size = part.len().max(1);
        part.into_iter().rev().for_each(|at| self.open.push_front(at));
    }

    /// The part has its answer. After a good one more go together again.
    fn answered(&mut self, is_good: bool) {
        if self.alone > 0 {
            self.alone -= 1;
        } else if is_good {
            self.size = self.size.saturating_mul(2);
        }
    }

    /// All who have no answer.
    fn rest(&mut self) -> Vec<usize> {
        self.open.drain(..).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Requests until everybody has an answer, when these are guilty; each refusal names those that `names` are told.
    fn requests(count: usize, guilty: &[usize], names: bool) -> Vec<Vec<usize>> {
        let mut parts = Parts::of((0..count).collect());
        let (mut requests, mut answered) = (Vec::new(), Vec::new());
        while let Some(part) = parts.next() {
            requests.push(part.clone());
            let bad: Vec<usize> = part.iter().copied().filter(|at| guilty.contains(at)).collect();
            if part.len() > 1 && !bad.is_empty() {
                parts.refused(part, if names { &bad } else { &[] });
            } else {
                parts.answered(bad.is_empty());
                answered.extend(part);
            }
        }
        answered.sort_unstable();
        assert_eq!(answered, (0..count).collect::<Vec<_>>(), "everybody has one answer");
        requests
    }

    #[test]
    fn who_is_named_goes_alone() {
        assert_eq!(requests(4, &[], true), [vec![0, 1, 2, 3]]);
        assert_eq!(requests(4, &[2], true), [vec![0, 1, 2, 3], vec![2], vec![0, 1, 3]]);
        assert_eq!(requests(3, &[0, 1, 2], true), [vec![0, 1, 2], vec![0], vec![1], vec![2]]);
        assert_eq!(requests(0, &[], true), [[0; 0]; 0]);
    }

    #[test]
    fn who_is_not_named_is_found_by_halving() {
        assert_eq!(requests(4, &[1], false), [vec![0, 1, 2, 3], vec![0, 1], vec![0], vec![1, 2], vec![1], vec![2], vec![3]]);
        assert!(requests(1000, &[617], false).len() < 40);
        // When all are guilty, hardly more than one by one.
        let all: Vec<usize> = (0..1000).collect();
        assert!(requests(1000, &all, false).len() < 1015);
        for guilty in [vec![0], vec![29], vec![3, 4, 28], (0..30).step_by(2).collect()] {
            requests(30, &guilty, false);
            requests(30, &guilty, true);
        }
    }

    #[test]
    fn what_is_gone_is_known_from_the_refusal() {
        let change = |action: sdk::ChangeAction, identifier: Option<&str>| {
            let set = sdk::ResourceRecordSet::builder().name("\\052.example.com.").r#type(sdk::RrType::A);
            let set = set.set_set_identifier(identifier.map(str::to_owned)).build().ok();
            vec![sdk::Change::builder().action(action).set_resource_record_set(set).build().unwrap()]
        };
        let message = "[Tried to delete resource record set [name='\\052.example.com.', type='A'] but it was not found]";
        assert!(is_gone(&change(sdk::ChangeAction::Delete, None), message));
        assert!(!is_gone(&change(sdk::ChangeAction::Delete, Some("blue")), message));
        assert!(!is_gone(&change(sdk::ChangeAction::Create, None), message));
        assert!(!is_gone(&[], message));
    }

    #[test]
    fn names_are_read_from_refusals() {
        let names = ["a.example.com", "*.example.com", "b.example.com", "example.com"];
        let named = |message: &str| named(message, |at| names[at], &[0, 1, 2, 3]);
        let message = "[Tried to create resource record set [name='\\052.Example.com.', type='A'] but it already exists, RRSet with DNS name b.example.com. is not permitted as it conflicts with other records]";
        assert_eq!(named(message), [1, 2]);
        assert_eq!(named("[Invalid Resource Record: 'FATAL problem: DomainLabelTooLong']"), [] as [usize; 0]);
    }
}
