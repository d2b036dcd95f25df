//! What the stack will look like, as far as anybody can tell before apply: for rules that look at several objects.
//!
//! In a plan, everything that a service will give is known after apply, and so is every text around it: the JSON of a
//! task definition that names a new repository says nothing any more. Here each such text is a made-up one that names
//! its object, `glaz:aws_ecr_repository.web.repository_url`, so that the JSON can be read and references can be
//! followed by comparing texts. Nothing of it is ever shown, planned or sent.

use futures_util::FutureExt as _;

use super::complete::complete;
use super::draw::{Mode as Purpose, Plan, Request};
use super::planner::{schema, type_names};
use crate::address::{Address, Mode};
use crate::diagnostic::Report;
use crate::lang::{Answers, Desired, Evaluator, ProviderRef, Spans};
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
    /// What the files say of it; null where they say nothing.
    pub said: Value,
    /// Where the block and each value stand.
    pub spans: Spans,
    /// Its provider.
    pub provider: ProviderRef,
}

/// All managed objects that the configuration wants. What cannot be evaluated is left out: the plan has said so
/// already, or it hangs on a text that is made up here.
pub fn imagine(request: Request<'_>, plan: &Plan) -> Vec<Imagined> {
    let mut world = World { request, plan, objects: Vec::new() };
    let evaluator = Evaluator::new(request.config.clone(), request.inputs, request.env);
    // What goes wrong here is no news: see above.
    drop(evaluator.within(&request.options.selection).run(&mut world));
    world.objects
}

/// Whether a text is made up, wholly or in part.
pub fn is_made_up(text: &str) -> bool {
    text.contains(MARK)
}

struct World<'a> {
    request: Request<'a>,
    plan: &'a Plan,
    objects: Vec<Imagined>,
}

impl World<'_> {
    fn managed(&mut self, want: &Desired, schema: &Schema) -> Value {
        let live = self.plan.live.objects.get(&want.address).filter(|_| self.request.options.mode == Purpose::Normal);
        let planned = complete(schema, &want.config, live.map(|object| &object.attributes));
        let value = made_up(&planned, &format!("{MARK}{}", want.address));
        self.objects.push(Imagined {
            address: want.address.clone(),
            value: value.clone(),
            said: want.config.clone(),
            spans: want.spans.clone(),
            provider: want.provider.clone(),
        });
        value
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
