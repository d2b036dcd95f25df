//! JSON to values.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::value::RawValue;

use super::types::type_from_json;
use super::{JsonError, Step, Way};
use crate::value::{Entries, Number, Type, Value};

/// What a state file held, as far as the type knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// The value, exactly of the type: what was missing or did not fit is null.
    pub value: Value,
    /// Attributes the type does not have, such as `rule[0].priority`.
    pub extra: Vec<String>,
    /// Attributes whose value did not fit the type.
    pub misfits: Vec<JsonError>,
}

/// The value of a type. Absent attributes become null; attributes that the type does not have are an error.
/// Bools and numbers are read from text and text from them, as Terraform does. `any` takes what the JSON implies.
pub fn from_json(raw: &RawValue, ty: &Type) -> Result<Value, JsonError> {
    Reader::new(false, false).read(raw, ty)
}

/// The value that the JSON implies: objects become objects, arrays become tuples.
pub fn implied(raw: &RawValue) -> Result<Value, JsonError> {
    Reader::new(false, false).read(raw, &Type::Any)
}

/// Reads the form of state files, where `any` is stored as `{"value": ..., "type": ...}`. Lenient, so that states
/// written by other versions of a provider still load: only a text that is no JSON at all is an error.
pub fn from_state(raw: &RawValue, ty: &Type) -> Result<Decoded, JsonError> {
    let mut reader = Reader::new(true, true);
    let value = reader.read(raw, ty)?;
    Ok(Decoded { value, extra: reader.extra, misfits: reader.misfits })
}

/// What stands at the start of a JSON value.
enum Kind {
    Null,
    Bool,
    Number,
    String,
    Array,
    Object,
}

fn kind(raw: &RawValue) -> Kind {
    match raw.get().trim_start().as_bytes().first() {
        Some(b'{') => Kind::Object,
        Some(b'[') => Kind::Array,
        Some(b'"') => Kind::String,
        Some(b't' | b'f') => Kind::Bool,
        Some(b'n') | None => Kind::Null,
        Some(_) => Kind::Number,
    }
}

struct Reader {
    typed: bool,
    lenient: bool,
    way: Way,
    extra: Vec<String>,
    misfits: Vec<JsonError>,
}

type Found = Result<Value, JsonError>;

impl Reader {
    fn new(typed: bool, lenient: bool) -> Self {
        Self { typed, lenient, way: Way::default(), extra: Vec::new(), misfits: Vec::new() }
    }

    fn within(&mut self, step: Step, raw: &RawValue, ty: &Type) -> Found {
        if self.way.0.len() >= super::DEEPEST {
            return Err(self.way.error(format!("nested more than {} levels deep", super::DEEPEST)));
        }
        self.way.0.push(step);
        let found = self.read(raw, ty);
        self.way.0.pop();
        found
    }

    fn read(&mut self, raw: &RawValue, ty: &Type) -> Found {
        match self.read_strictly(raw, ty) {
            Err(error) if self.lenient => {
                self.misfits.push(error);
                Ok(Value::null(ty.clone()))
            }
            found => found,
        }
    }

    fn read_strictly(&mut self, raw: &RawValue, ty: &Type) -> Found {
        if *ty == Type::Any {
            return if self.typed { self.read_typed(raw) } else { self.read_implied(raw) };
        }
        match (kind(raw), ty) {
            (Kind::Null, _) => Ok(Value::null(ty.clone())),
            (Kind::Array, Type::List(element)) => Ok(Value::list((**element).clone(), self.elements(raw, element)?)),
            (Kind::Array, Type::Set(element)) => Ok(Value::set((**element).clone(), self.elements(raw, element)?)),
            (Kind::Object, Type::Map(element)) => {
                let mut entries = Entries::new();
                for (key, raw) in self.members(raw)? {
                    let value = self.within(Step::Key(key.clone()), raw, element)?;
                    entries.insert(nfc(&key), value);
                }
                Ok(Value::map((**element).clone(), entries))
            }
            (Kind::Array, Type::Tuple(types)) => {
                let parts = self.array(raw)?;
                if parts.len() != types.len() {
                    return Err(self.way.error(format!("{} elements are required", types.len())));
                }
                let each = parts.iter().zip(types.iter()).enumerate();
                let read =
                    each.map(|(at, (raw, ty))| self.within(Step::Index(at), raw, ty)).collect::<Result<_, _>>()?;
                Ok(Value::tuple(read))
            }
            (Kind::Object, Type::Object(fields)) => {
                let members = self.members(raw)?;
                for name in members.keys().filter(|name| !fields.contains_key(name.as_str())) {
                    self.way.0.push(Step::Name(name.clone()));
                    let at = self.way.text();
                    self.way.0.pop();
                    if !self.lenient {
                        return Err(JsonError { path: at, why: "no attribute of this name is expected".to_owned() });
                    }
                    self.extra.push(at);
                }
                let mut entries = Entries::new();
                for (name, field) in fields.iter() {
                    let value = match members.get(&**name) {
                        Some(raw) => self.within(Step::Name(name.to_string()), raw, &field.ty)?,
                        None => Value::null(field.ty.clone()),
                    };
                    entries.insert(name.clone(), value);
                }
                Ok(Value::object(entries))
            }
            (_, Type::Bool) => self.bool(raw),
            (_, Type::Number) => self.number(raw),
            (_, Type::String) => self.string(raw),
            _ => Err(self.way.error(format!("{} is required", article(ty)))),
        }
    }

    /// `{"value": ..., "type": ...}`, or null.
    fn read_typed(&mut self, raw: &RawValue) -> Found {
        const WHAT: &str = "an object with \"value\" and \"type\" is required";
        if matches!(kind(raw), Kind::Null) {
            return Ok(Value::null(Type::Any));
        }
        if !matches!(kind(raw), Kind::Object) {
            return Err(self.way.error(WHAT));
        }
        let members = self.members(raw)?;
        match (members.get("value"), members.get("type")) {
            (Some(value), Some(ty)) if members.len() == 2 => {
                let ty = type_from_json(ty).map_err(|error| self.way.error(error.to_string()))?;
                if ty == Type::Any { self.read_implied(value) } else { self.read(value, &ty) }
            }
            _ => Err(self.way.error(WHAT)),
        }
    }

    fn read_implied(&mut self, raw: &RawValue) -> Found {
        match kind(raw) {
            Kind::Null => Ok(Value::null(Type::Any)),
            Kind::Bool => self.bool(raw),
            Kind::Number => self.number(raw),
            Kind::String => self.string(raw),
            Kind::Array => self.untyped(|reader| reader.elements(raw, &Type::Any)).map(Value::tuple),
            Kind::Object => self.untyped(|reader| {
                let mut entries = Entries::new();
                for (name, raw) in reader.members(raw)? {
                    let value = reader.within(Step::Name(name.clone()), raw, &Type::Any)?;
                    entries.insert(nfc(&name), value);
                }
                Ok(Value::object(entries))
            }),
        }
    }

    /// Inside a value whose type is not stored, `any` is what the JSON implies.
    fn untyped<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        let typed = std::mem::replace(&mut self.typed, false);
        let found = read(self);
        self.typed = typed;
        found
    }

    fn elements(&mut self, raw: &RawValue, ty: &Type) -> Result<Vec<Value>, JsonError> {
        let parts = self.array(raw)?;
        parts.iter().enumerate().map(|(at, raw)| self.within(Step::Index(at), raw, ty)).collect()
    }

    fn array<'a>(&self, raw: &'a RawValue) -> Result<Vec<&'a RawValue>, JsonError> {
        serde_json::from_str(raw.get()).map_err(|_| self.way.error("a list is required"))
    }

    fn members<'a>(&self, raw: &'a RawValue) -> Result<BTreeMap<String, &'a RawValue>, JsonError> {
        // Names with half surrogate pairs are refused: the parts could not be borrowed from the text any more.
        serde_json::from_str(raw.get()).map_err(|_| self.way.error("the names of an object must be valid text"))
    }

    fn text(&self, raw: &RawValue) -> Result<String, JsonError> {
        let text = serde_json::from_str(raw.get()).or_else(|_| serde_json::from_str(&whole_pairs(raw.get())));
        text.map_err(|_| self.way.error("text is required"))
    }

    fn bool(&self, raw: &RawValue) -> Found {
        let text = if matches!(kind(raw), Kind::String) { self.text(raw)? } else { raw.get().trim().to_owned() };
        match text.as_str() {
            "true" => Ok(true.into()),
            "false" => Ok(false.into()),
            _ => Err(self.way.error("a bool is required")),
        }
    }

    fn number(&self, raw: &RawValue) -> Found {
        let bad = || self.way.error("a number is required");
        let text = match kind(raw) {
            Kind::String => self.text(raw)?,
            Kind::Number => raw.get().trim().to_owned(),
            _ => return Err(bad()),
        };
        text.parse::<Number>().map(Value::from).map_err(|_| bad())
    }

    fn string(&self, raw: &RawValue) -> Found {
        match kind(raw) {
            Kind::String => Ok(self.text(raw)?.into()),
            Kind::Number | Kind::Bool => Ok(raw.get().trim().into()),
            _ => Err(self.way.error("text is required")),
        }
    }
}

/// The same JSON with U+FFFD in place of half surrogate pairs, as Go reads it.
fn whole_pairs(json: &str) -> String {
    let unit = |at: usize| {
        let digits = json.get(at..).and_then(|rest| rest.strip_prefix("\\u")).and_then(|rest| rest.get(..4));
        digits.and_then(|digits| u16::from_str_radix(digits, 16).ok())
    };
    let (mut out, mut at) = (String::with_capacity(json.len()), 0);
    while let Some(character) = json.get(at..).and_then(|rest| rest.chars().next()) {
        let length = match (character, unit(at)) {
            ('\\', Some(0xD800..=0xDBFF)) if matches!(unit(at + 6), Some(0xDC00..=0xDFFF)) => 12,
            ('\\', Some(0xD800..=0xDFFF)) => {
                out.push_str("\\ufffd");
                at += 6;
                continue;
            }
            ('\\', Some(_)) => 6,
            ('\\', None) => 1 + json[at + 1..].chars().next().map_or(0, char::len_utf8),
            _ => character.len_utf8(),
        };
        out.push_str(&json[at..at + length]);
        at += length;
    }
    out
}

fn nfc(key: &str) -> Arc<str> {
    match Value::string(key).as_str() {
        Some(key) => key.into(),
        None => key.into(),
    }
}

fn article(ty: &Type) -> &'static str {
    match ty {
        Type::List(_) | Type::Set(_) | Type::Tuple(_) => "a list",
        Type::Map(_) | Type::Object(_) => "an object",
        Type::Any | Type::Bool | Type::Number | Type::String => "another value",
    }
}
