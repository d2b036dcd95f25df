//! Text to state.
//!
//! Each level is read as names and pieces of the text, so that unknown members are kept and every complaint can name
//! a line. No complaint repeats the text: state files hold secrets.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::provider;
use crate::address::{Address, Key, Mode, ModulePath, Resource};
use crate::diagnostic::Diagnostic;
use crate::state::{Instance, InstanceKey, Output, PathStep, SensitivePath, State};
use crate::value::Type;
use crate::value::json::{self, Raw};

const DAMAGED: &str = "The state is damaged";
const CUT_OFF: &str = "The state is cut off";
const NO_STATE: &str = "No state file";
const OLD: &str = "State of an old format";
const NEWER: &str = "State of a newer format";

/// Whether the problem is that the file is not whole; one of another format, or that nobody has the key of, is.
pub fn is_damaged(problem: &Diagnostic) -> bool {
    [DAMAGED, CUT_OFF, NO_STATE].contains(&&*problem.summary)
}

/// Whether the problem is that the file ends in the middle.
pub fn is_cut_off(problem: &Diagnostic) -> bool {
    problem.summary == CUT_OFF
}

/// Whether the bytes are JSON from the first to the last: what is not is no state, in an envelope or not.
pub fn is_json(bytes: &[u8]) -> bool {
    let text = std::str::from_utf8(bytes).map(|text| text.trim_start_matches('\u{feff}'));
    text.is_ok_and(|text| serde_json::from_str::<&RawValue>(text).is_ok())
}

/// Reads a state file; `name` is what to call it in messages. No bytes are no state.
pub fn read(bytes: &[u8], name: &str) -> Result<Option<State>, Diagnostic> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()].split(|byte| *byte == b'\n').count();
        Diagnostic::error(DAMAGED, format!("{name} is no text from line {line} on. Nothing was changed."))
    })?;
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = Reader::new(text, name);
    let whole: &RawValue = serde_json::from_str(text).map_err(|error| reader.not_json(&error))?;
    let mut members = reader.members(whole, "the file")?;
    if reader.version(members.take("version"))? == 3 {
        return reader.old_file(members).map(Some);
    }
    reader.file(members).map(Some)
}

/// Reads an entry of `instances` that stands alone, as [`write_instance`](super::write_instance) wrote it; the
/// provider is not part of it.
pub fn read_instance(raw: &RawValue, provider: &str, name: &str) -> Result<Instance, Diagnostic> {
    let mut reader = Reader::new(raw.get(), name);
    let members = reader.members(raw, "an instance")?;
    Ok(reader.instance(members, provider.into())?.2)
}

/// Reads what [`write_outputs`](super::write_outputs) wrote.
pub fn read_outputs(raw: &RawValue, name: &str) -> Result<BTreeMap<String, Output>, Diagnostic> {
    let reader = Reader::new(raw.get(), name);
    reader.outputs(reader.members(raw, "\"outputs\"")?)
}

pub(super) struct Reader<'a> {
    text: &'a str,
    pub(super) name: &'a str,
    /// Blocks named in dependencies: thousands of instances name the same few.
    blocks: HashMap<Cow<'a, str>, Arc<Resource>>,
}

/// The members of an object that were not looked at yet.
pub(super) struct Members<'a> {
    at: &'a RawValue,
    what: &'static str,
    rest: BTreeMap<String, &'a RawValue>,
}

impl<'a> Members<'a> {
    /// The member, unless it is absent or null.
    fn take(&mut self, name: &str) -> Option<&'a RawValue> {
        self.rest.remove(name).filter(|raw| raw.get() != "null")
    }

    fn keep_rest(self) -> BTreeMap<String, Raw> {
        self.rest.into_iter().map(|(name, raw)| (name, Raw::from(raw))).collect()
    }
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, name: &'a str) -> Self {
        Self { text, name, blocks: HashMap::new() }
    }

    pub(super) fn not_json(&self, error: &serde_json::Error) -> Diagnostic {
        let (line, column) = (error.line(), error.column());
        if error.is_eof() {
            let text = format!(
                "{} ends in the middle, at line {line}: whatever wrote it last did not finish. Nothing was changed.",
                self.name
            );
            return Diagnostic::error(CUT_OFF, text);
        }
        let text = format!("{} is not JSON from line {line}, column {column} on. Nothing was changed.", self.name);
        Diagnostic::error(DAMAGED, text)
    }

    /// A complaint about the piece: `what` goes on after "line 7, column 3: ".
    pub(super) fn damaged(&self, at: &RawValue, what: impl std::fmt::Display) -> Diagnostic {
        let byte = (at.get().as_ptr() as usize).checked_sub(self.text.as_ptr() as usize);
        let before = byte.and_then(|byte| self.text.get(..byte)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Diagnostic::error(DAMAGED, format!("{}, line {line}, column {column}: {what}. Nothing was changed.", self.name))
    }

    /// The format: 4, or 3, which is read as far as Terraform reads it.
    fn version(&self, version: Option<&RawValue>) -> Result<u64, Diagnostic> {
        let number = version.and_then(|raw| raw.get().parse::<u64>().ok());
        match number {
            Some(version @ 3..=4) => Ok(version),
            Some(version @ 0..=2) => Err(Diagnostic::error(
                OLD,
                format!(
                    "{} has format version {version}, which Terraform wrote until 0.6; glaz reads version 4. Nothing was \
                     changed. Terraform 0.11 and then 0.13 bring it up to date:\n\n  terraform apply -refresh-only",
                    self.name
                ),
            )),
            Some(version) => Err(Diagnostic::error(
                NEWER,
                format!(
                    "{} has format version {version}: something newer than this glaz wrote it, which reads and writes \
                     version 4. Nothing was changed. Use a newer glaz, or the program that wrote it. Going back to an \
                     older copy of the file would forget what was done since.",
                    self.name
                ),
            )),
            None => Err(Diagnostic::error(
                NO_STATE,
                format!(
                    "{} is JSON, but no state: it has no member \"version\" with a number. Nothing was changed.",
                    self.name
                ),
            )),
        }
    }

    pub(super) fn members(&self, at: &'a RawValue, what: &'static str) -> Result<Members<'a>, Diagnostic> {
        let rest = serde_json::from_str(at.get()).map_err(|_| self.damaged(at, format!("{what} must be an object")))?;
        Ok(Members { at, what, rest })
    }

    pub(super) fn optional<T: Deserialize<'a>>(
        &self,
        of: &mut Members<'a>,
        name: &str,
        must: &str,
    ) -> Result<Option<T>, Diagnostic> {
        let Some(raw) = of.take(name) else { return Ok(None) };
        serde_json::from_str(raw.get()).map(Some).map_err(|_| self.damaged(raw, format!("\"{name}\" must be {must}")))
    }

    fn required<T: Deserialize<'a>>(&self, of: &mut Members<'a>, name: &str, must: &str) -> Result<T, Diagnostic> {
        let (at, what) = (of.at, of.what);
        self.optional(of, name, must)?.ok_or_else(|| self.damaged(at, format!("{what} has no \"{name}\"")))
    }

    pub(super) fn file(&mut self, mut members: Members<'a>) -> Result<State, Diagnostic> {
        let mut state =
            State::of_lineage(self.optional::<String>(&mut members, "lineage", "text")?.unwrap_or_default());
        state.terraform_version = self.optional(&mut members, "terraform_version", "text")?.unwrap_or_default();
        state.serial = self.optional(&mut members, "serial", "a whole number")?.unwrap_or_default();
        if let Some(outputs) = members.take("outputs") {
            state.outputs = self.outputs(self.members(outputs, "\"outputs\"")?)?;
        }
        let resources: Option<Vec<&RawValue>> = self.optional(&mut members, "resources", "a list")?;
        for raw in resources.unwrap_or_default() {
            let members = self.members(raw, "a resource")?;
            self.resource(members, &mut state)?;
        }
        state.check_results = members.take("check_results").map(Raw::from);
        members.rest.remove("check_results");
        state.extra = members.keep_rest();
        Ok(state)
    }

    fn outputs(&self, members: Members<'a>) -> Result<BTreeMap<String, Output>, Diagnostic> {
        let read = |(name, raw)| Ok((name, self.output(self.members(raw, "an output")?)?));
        members.rest.into_iter().map(read).collect()
    }

    fn output(&self, mut members: Members<'a>) -> Result<Output, Diagnostic> {
        let at = members.at;
        let ty: &RawValue = self.required(&mut members, "type", "a type")?;
        let ty = json::type_from_json(ty).map_err(|error| self.damaged(ty, error))?;
        let sensitive = self.optional(&mut members, "sensitive", "a bool")?.unwrap_or_default();
        let Some(value) = members.rest.get("value") else { return Err(self.damaged(at, "an output has no \"value\"")) };
        let decoded = json::from_state(value, &ty).map_err(|error| self.damaged(value, error))?;
        match decoded.misfits.first() {
            Some(misfit) => Err(self.damaged(value, format!("the value does not fit its type: {misfit}"))),
            None => Ok(Output { value: decoded.value, sensitive }),
        }
    }

    fn resource(&mut self, mut members: Members<'a>, state: &mut State) -> Result<(), Diagnostic> {
        let at = members.at;
        let module: Option<String> = self.optional(&mut members, "module", "text")?;
        let module = match module {
            Some(text) => text.parse().map_err(|error| self.damaged(at, error))?,
            None => ModulePath::root(),
        };
        let mode = match self.required::<String>(&mut members, "mode", "text")?.as_str() {
            "managed" => Mode::Managed,
            "data" => Mode::Data,
            _ => return Err(self.damaged(at, "the \"mode\" of a resource must be \"managed\" or \"data\"")),
        };
        let type_name: String = self.required(&mut members, "type", "text")?;
        let name: String = self.required(&mut members, "name", "text")?;
        let provider: Option<&RawValue> = members.take("provider");
        let provider: Arc<str> = provider.map(|raw| self.provider(raw)).transpose()?.unwrap_or_default();
        let block = Arc::new(Resource { module, mode, type_name: type_name.into(), name: name.into() });
        let instances: Option<Vec<&RawValue>> = self.optional(&mut members, "instances", "a list")?;
        for raw in instances.unwrap_or_default() {
            let members = self.members(raw, "an instance")?;
            let (key, deposed, instance) = self.instance(members, provider.clone())?;
            let key = InstanceKey { address: Address { resource: block.clone(), key }, deposed };
            if state.instances.contains_key(&key) {
                return Err(self.damaged(raw, format!("{key} appears a second time")));
            }
            state.instances.insert(key, instance);
        }
        Ok(())
    }

    /// The address of a provider as Terraform writes it since 0.13.
    fn provider(&self, raw: &RawValue) -> Result<Arc<str>, Diagnostic> {
        let text: Option<String> = serde_json::from_str(raw.get()).ok();
        text.and_then(|text| provider::in_full(&text)).ok_or_else(|| {
            let must = "\"provider\" must be the address of a provider, such as provider[\"registry.terraform.io/hashicorp/aws\"]";
            self.damaged(raw, must)
        })
    }

    fn instance(
        &mut self,
        mut members: Members<'a>,
        provider: Arc<str>,
    ) -> Result<(Option<Key>, Option<String>, Instance), Diagnostic> {
        let at = members.at;
        let key = members.take("index_key").map(|raw| self.index_key(raw)).transpose()?;
        let deposed: Option<String> =
            self.optional(&mut members, "deposed", "text")?.filter(|text: &String| !text.is_empty());
        if deposed.as_ref().is_some_and(|deposed| deposed.len() != 8) {
            return Err(self.damaged(at, "\"deposed\" must have eight characters"));
        }
        let tainted = match self.optional::<String>(&mut members, "status", "text")?.as_deref() {
            None | Some("") => false,
            Some("tainted") => true,
            Some(_) => return Err(self.damaged(at, "the \"status\" of an instance can only be \"tainted\"")),
        };
        let schema_version = self.optional(&mut members, "schema_version", "a whole number")?.unwrap_or_default();
        let attributes = members.take("attributes").map(Raw::from);
        let flat: Option<BTreeMap<String, String>> =
            self.optional(&mut members, "attributes_flat", "an object of texts")?;
        let paths: Option<Vec<Vec<&RawValue>>> =
            self.optional(&mut members, "sensitive_attributes", "a list of paths")?;
        let paths = paths.unwrap_or_default().into_iter().map(|path| self.path(path)).collect::<Result<_, _>>()?;
        let private: Option<String> = self.optional(&mut members, "private", "text")?;
        let dependencies: Option<Vec<Cow<'a, str>>> =
            self.optional(&mut members, "dependencies", "a list of addresses")?;
        let dependencies = dependencies.unwrap_or_default().into_iter().map(|text| self.block(text, at));
        let dependencies = dependencies.collect::<Result<_, _>>()?;
        let create_before_destroy = self.optional(&mut members, "create_before_destroy", "a bool")?.unwrap_or_default();
        let instance = Instance {
            provider,
            schema_version,
            attributes_flat: if attributes.is_none() { flat } else { None },
            attributes: attributes.unwrap_or_else(Raw::empty_object),
            sensitive_attributes: paths,
            private: private.filter(|private| !private.is_empty()),
            dependencies,
            create_before_destroy,
            tainted,
            extra: members.keep_rest(),
        };
        Ok((key, deposed, instance))
    }

    fn index_key(&self, raw: &RawValue) -> Result<Key, Diagnostic> {
        if let Ok(at) = raw.get().parse() {
            return Ok(Key::Int(at));
        }
        let text = serde_json::from_str::<String>(raw.get());
        text.map(|text| Key::Str(text.into()))
            .map_err(|_| self.damaged(raw, "\"index_key\" must be a whole number or text"))
    }

    fn path(&self, steps: Vec<&'a RawValue>) -> Result<SensitivePath, Diagnostic> {
        let step = |raw: &'a RawValue| {
            let mut members = self.members(raw, "a step of a path")?;
            match self.required::<String>(&mut members, "type", "text")?.as_str() {
                "get_attr" => Ok(PathStep::Attr(self.required::<String>(&mut members, "value", "text")?.into())),
                "index" => {
                    let key: &RawValue = self.required(&mut members, "value", "an object")?;
                    let key = json::from_state(key, &Type::Any).map_err(|error| self.damaged(raw, error))?.value;
                    if key.is_null() {
                        return Err(self.damaged(raw, "the \"value\" of an index must not be null"));
                    }
                    Ok(PathStep::Index(key))
                }
                _ => Err(self.damaged(raw, "the \"type\" of a step must be \"get_attr\" or \"index\"")),
            }
        };
        steps.into_iter().map(step).collect()
    }

    fn block(&mut self, text: Cow<'a, str>, at: &RawValue) -> Result<Arc<Resource>, Diagnostic> {
        if let Some(block) = self.blocks.get(&text) {
            return Ok(block.clone());
        }
        let address: Address = text.parse().map_err(|error| self.damaged(at, error))?;
        // Dependencies are blocks of the configuration: without instance keys, also on the way.
        let mut module = ModulePath::root();
        for name in address.module().names() {
            module = module.child(&name, None);
        }
        let block = Arc::new(Resource { module, ..(*address.resource).clone() });
        self.blocks.insert(text, block.clone());
        Ok(block)
    }
}
