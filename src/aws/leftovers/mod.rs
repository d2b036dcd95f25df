//! What is left in AWS after a stack was deleted: a file for each kind. Everything here only reads.

mod interfaces;
mod log_groups;
mod records;
mod revisions;

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::aws::client::{Account, Aws};
use crate::resource::{Deleted, Error, Left, Leftovers, Looked};
use crate::value::Value;

/// Looks for leftovers in AWS.
pub struct AwsLeftovers;

/// What was deleted in one account and region.
struct Place<'a> {
    aws: Arc<Aws>,
    deleted: Vec<&'a Deleted>,
}

impl<'a> Place<'a> {
    /// Deleted objects of a type.
    fn of<'s>(&'s self, type_name: &'s str) -> impl Iterator<Item = &'a Value> {
        self.deleted.iter().filter(move |one| one.type_name == type_name).map(|one| &one.object)
    }

    /// A text of each deleted object of a type.
    fn texts(&self, type_name: &str, attribute: &str) -> BTreeSet<&'a str> {
        self.of(type_name).filter_map(|object| text(object, attribute)).collect()
    }
}

fn text<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.get(name)?.as_str().filter(|text| !text.is_empty())
}

type Found<'a> = Pin<Box<dyn Future<Output = Result<Vec<Left>, Error>> + Send + 'a>>;

/// A kind of leftovers.
struct Look {
    what: &'static str,
    /// Types that leave them.
    after: &'static [&'static str],
    find: for<'a> fn(&'a Place<'a>) -> Found<'a>,
}

const LOOKS: &[Look] = &[log_groups::LOOK, interfaces::LOOK, revisions::LOOK, records::LOOK];

impl Leftovers for AwsLeftovers {
    fn look<'a>(&'a self, deleted: &'a [Deleted]) -> Pin<Box<dyn Future<Output = Vec<Looked>> + Send + 'a>> {
        Box::pin(async move {
            let (places, problem) = places(deleted).await;
            let looks = LOOKS.iter().filter(|look| deleted.iter().any(|one| look.after.contains(&&*one.type_name)));
            let look = async |look: &Look| {
                let mut looked = Looked { what: look.what, found: Vec::new(), problem: problem.clone() };
                for found in futures_util::future::join_all(places.iter().map(|place| (look.find)(place))).await {
                    match found {
                        Ok(found) => looked.found.extend(found),
                        Err(error) => looked.problem = Some(error.to_string()),
                    }
                }
                looked.found.sort_by(|a, b| a.what.cmp(&b.what));
                looked.found.dedup();
                looked
            };
            futures_util::future::join_all(looks.map(look)).await
        })
    }
}

/// What was deleted, by account and region; and why some of it cannot be looked for.
async fn places(deleted: &[Deleted]) -> (Vec<Place<'_>>, Option<String>) {
    let (mut places, mut problem): (Vec<Place<'_>>, _) = (Vec::new(), None);
    for one in deleted.iter().filter(|one| one.type_name.starts_with("aws_")) {
        let found = async { one.cloud.get::<Account>()?.for_object(&one.object).await };
        match found.await {
            Ok(aws) => match places.iter_mut().find(|place| Arc::ptr_eq(&place.aws, &aws)) {
                Some(place) => place.deleted.push(one),
                None => places.push(Place { aws, deleted: vec![one] }),
            },
            Err(error) => problem = Some(error.to_string()),
        }
    }
    (places, problem)
}
