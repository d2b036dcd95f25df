//! What the stack will look like, as far as anybody can tell before apply: for rules that look at several objects.
//!
//! In a plan, everything that a service will give is known after apply, and so is every text around it: the JSON of a
//! task definition that names a new repository says nothing any more. Here each such text is a made-up one that names
//! its object, `glaz:aws_ecr_repository.web.repository_url`, so that the JSON can be read and references can be
//! followed by comparing texts. Nothing of it is ever shown, planned or sent.

use std::collections::BTreeSet;

use futures_util::FutureExt as _;

use super::complete::complete;
use super::draw::{Plan, Purpose, Request};
use super::ignore::{ignore, is_ignored};
use super::live::Live;
use super::planner::{schema, type_names};
use super::{Action, moved, refresh};
use crate::address::{Address, Mode};
use crate::diagnostic::Report;
use crate::lang::{Answers, Desired, Evaluator, IgnoreChanges, ProviderRef, Spans};
use crate::resource::Schema;
use crate::value::{Data, Entries, Type, Value};

/// What every made-up text starts with.
const MARK: &str = "glaz:";

/// An object as it will be, as far as that can be told.
#[derive(Clone, Debug)]
pub struct Imagined {
    /// Its name.
    pub address: Address,
    /// Its attributes. Texts that only apply will tell are made up.
    pub value: Value,
    /// What the files say of it; null where they say nothing, or where changes are ignored.
    pub said: Value,
    /// Whether it is there already, as far as anybody was asked.
    pub exists: bool,
    /// Where the block and each value stand.
    pub spans: Spans,
    /// Its provider.
    pub provider: ProviderRef,
}

/// Everything that was imagined.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    /// All managed objects that the configuration wants, also those that the plan is not about: what those say counts.
    pub objects: Vec<Imagined>,
    /// Whether none is missing. What cannot be evaluated with texts that are made up is left out, and nothing may be
    /// concluded from its absence.
    pub is_whole: bool,
}

/// Imagines what the configuration wants.
pub fn imagine(request: Request<'_>, plan: &Plan) -> Picture {
    let mut world = World { request, plan, remembered: remembered(request), objects: Vec::new() };
    let mut evaluator = Evaluator::new(request.config.clone(), request.inputs, request.env);
    // What goes wrong here is no news: the plan has said so, or it hangs on a text that is made up.
    let went_well = evaluator.run(&mut world).is_ok();
    let stays = |action: &Action| !matches!(action, Action::Delete | Action::Forget);
    let planned = plan.changes.iter().filter(|change| change.address.is_managed() && stays(&change.action));
    let seen: BTreeSet<&Address> = world.objects.iter().map(|object| &object.address).collect();
    let is_whole = planned.into_iter().all(|change| seen.contains(&change.address))
        && (went_well || request.options.selection.is_whole());
    Picture { objects: world.objects, is_whole }
}

/// Objects as state has them, where the plan is about some only: it knows nothing of the others.
fn remembered(request: Request<'_>) -> Live {
    if request.options.selection.is_whole() {
        return Live::default();
    }
    let moved = moved::carry_out(request.config, request.state, request.registry);
    // A state that cannot be read stops the plan.
    moved.and_then(|(state, _)| refresh::decode(&state, request.registry, request.config)).unwrap_or_default()
}

/// Whether a text is made up, wholly or in part.
pub fn is_made_up(text: &str) -> bool {
    text.contains(MARK)
}

struct World<'a> {
    request: Request<'a>,
    plan: &'a Plan,
    remembered: Live,
    objects: Vec<Imagined>,
}

impl World<'_> {
    fn managed(&mut self, want: &Desired, schema: &Schema) -> Value {
        let known = self.plan.live.objects.get(&want.address).or_else(|| self.remembered.objects.get(&want.address));
        let live = known.filter(|_| self.request.options.mode == Purpose::Normal).map(|object| &object.attributes);
        let ignored = &want.lifecycle.ignore_changes;
        let mut config = ignore(ignored, schema, &want.config, live);
        if let Some(live) = live {
            let before = self.plan.live.configured.get(&want.address);
            config = self.plan.governance.hold(&want.address, config, live, before);
        }
        let planned = complete(schema, &config, live);
        let value = self.with_id(want, &planned, made_up(&planned, &format!("{MARK}{}", want.address)));
        self.objects.push(Imagined {
            address: want.address.clone(),
            value: value.clone(),
            said: what_counts(&want.config, ignored),
            exists: live.is_some(),
            spans: want.spans.clone(),
            provider: want.provider.clone(),
        });
        value
    }

    /// The object with an id that is the text it will be the same as: `id` and `arn` lead to the same object.
    fn with_id(&self, want: &Desired, planned: &Value, made: Value) -> Value {
        let resource = self.request.registry.resource(want.address.type_name());
        let same = resource.and_then(|resource| made.get(resource.same_as_id()?).cloned());
        let (Some(same), Some(mut entries)) = (same, made.entries().cloned()) else { return made };
        if planned.get("id").is_none_or(Value::is_known) {
            return made;
        }
        entries.insert("id".into(), same);
        Value { marks: made.marks.clone(), ..Value::object(entries) }
    }

    /// A data source that was read, or one that asks nobody: with what is made up it can be read now.
    fn data(&self, want: &Desired, schema: &Schema) -> Value {
        if let Some(value) = self.plan.data.get(&want.address) {
            return value.clone();
        }
        let planned = complete(schema, &want.config, None);
        let source = self.request.registry.source(want.address.type_name()).filter(|source| source.is_offline());
        let cloud = self.plan.connections.get(&want.provider);
        if let Some((source, cloud)) = source.zip(cloud)
            && want.config.is_wholly_known()
            && let Some(Ok(value)) = source.read(cloud, &planned).now_or_never()
        {
            return value;
        }
        made_up(&planned, &format!("{MARK}{}", want.address))
    }
}

impl Answers for World<'_> {
    fn schema(&self, mode: Mode, type_name: &str) -> Option<&'static Schema> {
        schema(self.request.registry, mode, type_name)
    }

    fn type_names(&self, mode: Mode) -> Vec<&'static str> {
        type_names(self.request.registry, mode)
    }

    fn provider_schema(&self, name: &str) -> Option<&'static Schema> {
        self.request.registry.provider(name).map(|provider| provider.schema())
    }

    fn accepts_open(&self) -> bool {
        true
    }

    fn instance(&mut self, want: &Desired) -> Result<Value, Report> {
        let mode = want.address.resource.mode;
        let Some(schema) = schema(self.request.registry, mode, want.address.type_name()) else {
            return Ok(Value::unknown(Type::Any));
        };
        Ok(match mode {
            Mode::Data => self.data(want, schema),
            Mode::Managed => self.managed(want, schema),
            // Nothing is opened for it.
            Mode::Ephemeral => made_up(&complete(schema, &want.config, None), &format!("{MARK}{}", want.address)),
        })
    }
}

/// What the files say, without what they say only once.
fn what_counts(config: &Value, ignored: &IgnoreChanges) -> Value {
    let Some(entries) = config.entries() else { return config.clone() };
    let entry = |(name, said): (&std::sync::Arc<str>, &Value)| {
        let said = if is_ignored(ignored, name) { Value::null(Type::Any) } else { said.clone() };
        (name.clone(), said)
    };
    Value { marks: config.marks.clone(), ..Value::object(entries.iter().map(entry).collect::<Entries>()) }
}

/// The value with a made-up text wherever a text is known only after apply. Other types stay as they are: nothing can
/// be read into a number.
fn made_up(value: &Value, name: &str) -> Value {
    let data = match &value.data {
        Data::Unknown(unknown) if unknown.ty == Type::String => Data::String(name.into()),
        Data::Unknown(unknown) => match &unknown.ty {
            Type::Object(fields) => {
                let entry = |(field, ty): (&std::sync::Arc<str>, Type)| {
                    (field.clone(), made_up(&Value::unknown(ty), &format!("{name}.{field}")))
                };
                Data::Object(
                    fields.iter().map(|(field, one)| entry((field, one.ty.clone()))).collect::<Entries>().into(),
                )
            }
            _ => value.data.clone(),
        },
        Data::Object(entries) => Data::Object(
            entries
                .iter()
                .map(|(field, value)| (field.clone(), made_up(value, &format!("{name}.{field}"))))
                .collect::<Entries>()
                .into(),
        ),
        Data::List(ty, elements) => {
            Data::List(ty.clone(), elements.iter().enumerate().map(numbered(name)).collect::<Vec<_>>().into())
        }
        Data::Tuple(elements) => {
            Data::Tuple(elements.iter().enumerate().map(numbered(name)).collect::<Vec<_>>().into())
        }
        Data::Set(ty, elements) => {
            return Value::set(ty.clone(), elements.iter().enumerate().map(numbered(name)).collect())
                .with_marks(&value.marks);
        }
        Data::Map(ty, entries) => Data::Map(
            ty.clone(),
            entries
                .iter()
                .map(|(key, value)| (key.clone(), made_up(value, &format!("{name}.{key}"))))
                .collect::<Entries>()
                .into(),
        ),
        known => known.clone(),
    };
    Value { data, marks: value.marks.clone() }
}

fn numbered(name: &str) -> impl Fn((usize, &Value)) -> Value + '_ {
    move |(at, value)| made_up(value, &format!("{name}.{at}"))
}
