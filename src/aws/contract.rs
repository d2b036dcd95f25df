//! The contract of an AWS resource type: [`Resource`], one zero-sized struct per type; and of a data source:
//! [`Source`]. `erased` shows them to the engine.

use std::future::Future;

pub use super::Aws;
pub use crate::model;
pub use crate::resource::attr::{self, Lit, Pace, secs};
pub use crate::resource::model::{Model, Set, Timeouts};
pub use crate::resource::{
    Contents, Draft, Error, Holds, Id, Identity, Making, PartOf, Problems, Retry, Settled, retry,
};
pub use std::collections::BTreeMap;

use crate::resource::model::Field;
use crate::value::Value;

/// What an AWS call gives.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Tags by key.
pub type Tags = BTreeMap<String, String>;

/// An AWS resource type.
///
/// Every model may have `tags` and `tags_all` (both `Tags`): send `tags_all`; `observe` returns the live ones in
/// `tags_all`, and `erased` derives `tags` with `default_tags` and `ignore_tags`. `id` and, unless [`GLOBAL`](Self::GLOBAL),
/// `region` are added to every table.
///
/// [`Id`] is what the calls need. When Terraform's `id` attribute is something else, [`locate`](Self::locate) and
/// [`shown_id`](Self::shown_id) translate.
pub trait Resource: Send + Sync + 'static {
    /// Attributes, written with `model!`.
    type Model: Model;
    /// What the read calls return.
    type Live: Send + Sync;

    /// Terraform's name.
    const TYPE: &'static str;
    /// Other names of the same type, such as `aws_alb` for `aws_lb`.
    const ALIASES: &'static [&'static str] = &[];
    /// Version of the attributes in state, as hashicorp/aws counts them; none where nobody looked it up: 0 is written then,
    /// and any is read.
    const SCHEMA_VERSION: Option<u64> = None;
    /// Whether an empty text is a value. hashicorp/aws takes it for an argument that is left out, but for the types that it
    /// writes with the plugin framework.
    const EMPTY_IS_VALUE: bool = false;
    /// How an object is found again after a crash.
    const IDENTITY: Identity;
    /// The attribute that says the same as `id`: what refers to the one means the other.
    const SAME_AS_ID: Option<&'static str> = None;
    /// What it is part of: such an object bears the name of another and is made anew with it.
    const PART_OF: Option<PartOf> = None;
    /// What a made-up name starts with, for a type that makes one up when neither of [`NAME`](Self::NAME) is given. The
    /// name is chosen before [`create`](Self::create) is called, which finds it in the first of them.
    const NAMED: Option<&'static str> = None;
    /// Whether the service makes another object when the making call comes a second time.
    const MAKING: Making = Making::Once;
    /// The attributes for the name and for the start of a made-up one.
    const NAME: [&'static str; 2] = ["name", "name_prefix"];
    /// How long things take.
    const PACE: Pace;
    /// How many ids one read may ask for.
    const READ_BATCH: usize = 1;
    /// How many steps of the type count as one of `-parallelism`, because their calls travel in one request.
    const TOGETHER: usize = 1;
    /// Error codes that say: it is not there.
    const MISSING: &'static [&'static str] = &[];
    /// Errors that pass by themselves.
    const RETRY: &'static [Retry] = &[];
    /// Whether the object goes on existing for a while after the delete call; the engine then reads until it is gone.
    const DELETES_SLOWLY: bool = false;
    /// Whether the service has no regions (IAM, Route 53).
    const GLOBAL: bool = false;
    /// Whether a read cannot tell what [`finish`](Self::finish) left undone, since the service may choose it as well. When
    /// `finish` fails, the object is made anew; after a kill the next run calls it again.
    const HIDES_UNFINISHED: bool = false;
    /// What an object may hold that no state knows of, and that keeps it from being deleted unless an argument says so.
    const HOLDS: Option<Holds> = None;

    /// Finds mistakes in the plan. No io.
    fn check(_want: &Draft, _found: &mut Problems) {}
    /// Adjusts what is planned: derived attributes, conditional replacement. No io. Twice is the same as once.
    fn revise(_want: &mut Draft) {}
    /// Names of the places that it takes, which no other object can have at the same time, where these are not what
    /// [`IDENTITY`](Self::IDENTITY) says. Only the attributes of the latter are filled in. Pure.
    fn places(_have: &Self::Model) -> Option<Vec<String>> {
        None
    }
    /// The id that calls need, from the `id` attribute and the others. Of an object without `id`, as before it is made,
    /// the one attribute that chooses the id; a type whose stack file chooses several writes its own.
    fn locate(shown: &str, have: &Self::Model) -> Id {
        match Self::IDENTITY {
            Identity::Chosen([name]) if shown.is_empty() => {
                have.encode_element().get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
            }
            _ => shown.to_owned(),
        }
    }
    /// The `id` attribute, as hashicorp/aws writes it.
    fn shown_id(id: &Id, _have: &Self::Model) -> String {
        id.clone()
    }
    /// Reads objects: all that exist, or an error. A sub-read that fails fails the read.
    fn read(aws: &Aws, ids: &[Id]) -> impl Future<Output = Result<Vec<(Id, Self::Live)>>> + Send;
    /// The attributes of what was read. Pure.
    fn observe(live: &Self::Live) -> Self::Model;
    /// Keeps the stack file's spelling where the service says the same in other words (name against ARN). Pure.
    /// Attributes marked `local()` or equal by `same`/`json` are kept already.
    fn keep_spelling(_prior: &Self::Model, _live: &mut Self::Model) {}
    /// Whether it is ready. Pure.
    fn settled(_live: &Self::Live) -> Settled {
        Settled::Yes
    }
    /// Like [`settled`](Self::settled), for a type whose readiness depends on what was asked for.
    fn settled_as(live: &Self::Live, _want: &Self::Model) -> Settled {
        Self::settled(live)
    }
    /// What the making call carries of the mark by which an object of ours is known.
    fn marked(_want: &Self::Model) -> Marked {
        Marked::Tag
    }
    /// Makes the object with exactly one making call (look-ups before it are fine). `aws` does not repeat calls here.
    fn create(aws: &Aws, want: &Self::Model) -> impl Future<Output = Result<Id>> + Send;
    /// Whether the making call overwrites such an object, whoever made it. Of other types a service refuses the call, or
    /// there can be many. The engine looks before it makes the call, so that what was there can be put back.
    fn overwrites(_want: &Self::Model) -> bool {
        false
    }
    /// Whether a read that finds this has found what is there when nobody ever made one.
    fn is_unmade(_have: &Self::Model) -> bool {
        false
    }
    /// The calls after it. Safe to run twice.
    fn finish(_aws: &Aws, _id: &Id, _want: &Self::Model) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }
    /// Changes the object. Safe to run twice.
    fn update(aws: &Aws, id: &Id, have: &Self::Model, want: &Self::Model) -> impl Future<Output = Result<()>> + Send;
    /// Deletes the object; the engine treats [`MISSING`](Self::MISSING) as deleted.
    fn delete(aws: &Aws, id: &Id, have: &Self::Model) -> impl Future<Output = Result<()>> + Send;
    /// Whether nothing is left of what the object held, such as network interfaces: asked after its deletion.
    fn released(_aws: &Aws, _id: &Id, _have: &Self::Model) -> impl Future<Output = Result<Settled>> + Send {
        async { Ok(Settled::Yes) }
    }
    /// What the object holds, for a type with [`HOLDS`](Self::HOLDS).
    fn contents(_aws: &Aws, _id: &Id, _have: &Self::Model) -> impl Future<Output = Result<Contents>> + Send {
        async { Ok(Contents::default()) }
    }
    /// Who keeps the object from being deleted, in words: asked after a delete was refused.
    fn blockers(_aws: &Aws, _id: &Id, _have: &Self::Model) -> impl Future<Output = Result<Vec<String>>> + Send {
        async { Ok(Vec::new()) }
    }
    /// The id of an object that `want` could have made: asked after a crash between call and answer, and when the call
    /// is refused because such an object exists. All of `tags_all`, the mark among them, must be on it. An id that the
    /// stack file chooses is known without looking. No service is asked for an object without an id.
    fn recover(_aws: &Aws, want: &Self::Model) -> impl Future<Output = Result<Option<Id>>> + Send {
        let chosen = matches!(Self::IDENTITY, Identity::Chosen(_)).then(|| Self::locate("", want));
        let chosen = chosen.filter(|id| !id.is_empty());
        async { Ok(chosen) }
    }
    /// The text of an import command for this object.
    fn import_text(id: &Id, have: &Self::Model) -> String {
        Self::shown_id(id, have)
    }
    /// The id behind the text of an import command.
    fn import(_aws: &Aws, text: &str) -> impl Future<Output = Result<Id>> + Send {
        let id = text.to_owned();
        async move { Ok(id) }
    }
}

/// An AWS data source. `id` and, unless [`GLOBAL`](Self::GLOBAL), `region` are added to every table.
pub trait Source: Send + Sync + 'static {
    /// Arguments and results, written with `model!`.
    type Model: Model;
    /// Terraform's name.
    const TYPE: &'static str;
    /// Whether the service has no regions.
    const GLOBAL: bool = false;
    /// Whether it is worked out from its arguments alone: nobody is asked.
    const OFFLINE: bool = false;
    /// Finds mistakes in the plan. No io.
    fn check(_want: &Draft, _found: &mut Problems) {}
    /// Fills in the results; the text is the `id` attribute.
    fn read(aws: &Aws, want: Self::Model) -> impl Future<Output = Result<(String, Self::Model)>> + Send;
}

/// What a making call carries of the mark: a text of our own by which the object is known when the answer was lost. The
/// mark is in `tags_all` of what [`Resource::create`] is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marked {
    /// A tag, for types that have `tags_all` and send it with the making call. It is taken off again after the call.
    Tag,
    /// A reference of the caller, which stays; [`Resource::recover`] compares it.
    Reference,
    /// Nothing.
    Not,
}

/// Lists the types of a service. One line per service folder: `types![listener::Listener, rule::Rule];` declares
/// the modules and gives `resources()`; `sources![...]` does the same for data sources.
#[macro_export]
macro_rules! types {
    ($($file:ident :: $name:ident),* $(,)?) => {
        $( pub mod $file; )*

        /// The resource types of this service.
        pub(in $crate::aws) fn resources() -> Vec<std::sync::Arc<dyn $crate::resource::AnyResource>> {
            let all: Vec<Vec<_>> = vec![$( $crate::aws::erased::Erased::<$file::$name>::all_names() ),*];
            all.into_iter().flatten().collect()
        }
    };
}

/// Lists the data sources of a service, like [`types!`].
#[macro_export]
macro_rules! sources {
    ($($file:ident :: $name:ident),* $(,)?) => {
        $( pub mod $file; )*

        /// The data sources of this service.
        pub(in $crate::aws) fn sources() -> Vec<std::sync::Arc<dyn $crate::resource::AnySource>> {
            vec![ $( std::sync::Arc::new($crate::aws::erased::ErasedSource::<$file::$name>::new()) ),* ]
        }
    };
}
