//! The configuration as it is written: what refers to what, without values.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use crate::address::Mode;
use crate::cli::render::json::raw;
use crate::diagnostic::Diagnostic;
use crate::lang::config::{Config, Module, ModuleCall, Output, Repeat, ResourceBlock, Variable};
use crate::lang::describe::{Described, describe};
use crate::lang::syntax::tree::{Body, Expr};
use crate::resource::attr::{Nesting, Shape};
use crate::resource::{Registry, Schema};
use crate::value::Value;

/// Arguments and blocks of a resource that are not the type's own.
const META: &[&str] =
    &["count", "for_each", "provider", "depends_on", "lifecycle", "provisioner", "connection", "dynamic"];
/// Arguments of a module call that are not variables of the module.
const OF_CALLS: &[&str] = &["source", "version", "providers", "count", "for_each", "depends_on"];

type Made = Result<Json, Diagnostic>;

/// The root module with those it calls, and the provider configurations.
pub(super) fn configuration(config: &Config, registry: &Registry) -> Made {
    let reader = Reader { config, registry };
    let mut all = Map::new();
    let providers = reader.providers()?;
    if !providers.is_empty() {
        all.insert("provider_config".to_owned(), Json::Object(providers));
    }
    all.insert("root_module".to_owned(), if config.modules.is_empty() { json!({}) } else { reader.module(0)? });
    Ok(Json::Object(all))
}

struct Reader<'a> {
    config: &'a Config,
    registry: &'a Registry,
}

/// Adds a member unless it is empty.
fn put(members: &mut Map<String, Json>, name: &str, value: Json) {
    let is_empty = match &value {
        Json::Null | Json::Bool(false) => true,
        Json::Array(all) => all.is_empty(),
        Json::Object(all) => all.is_empty(),
        Json::String(text) => text.is_empty(),
        Json::Bool(true) | Json::Number(_) => false,
    };
    if !is_empty {
        members.insert(name.to_owned(), value);
    }
}

fn known(value: &Value) -> Made {
    // Numbers of more digits than a float holds lose some here.
    serde_json::from_str(raw(value)?.as_str()).map_err(|error| Diagnostic::bug(format!("JSON cannot be read: {error}")))
}

fn expression(expr: &Expr) -> Made {
    Ok(match describe(expr) {
        Described::Constant(Some(value)) => json!({"constant_value": known(&value)?}),
        Described::Constant(None) => json!({}),
        Described::References(all) => json!({"references": all}),
    })
}

/// What `depends_on` names.
fn depends_on(exprs: &[Expr]) -> Json {
    let name = |expr: &Expr| match describe(expr) {
        Described::References(all) => all.into_iter().next(),
        Described::Constant(_) => None,
    };
    exprs.iter().filter_map(name).collect()
}

fn repeat(members: &mut Map<String, Json>, repeat: &Repeat) -> Result<(), Diagnostic> {
    match repeat {
        Repeat::Once => {}
        Repeat::Count(expr) => put(members, "count_expression", expression(expr)?),
        Repeat::ForEach(expr) => put(members, "for_each_expression", expression(expr)?),
    }
    Ok(())
}

/// Arguments and nested blocks. Without a schema every block may be repeated.
fn body(body: &Body, schema: Option<&Schema>, skip: &[&str]) -> Made {
    let mut members = Map::new();
    for attribute in body.attributes.iter().filter(|attribute| !skip.contains(&&*attribute.name)) {
        members.insert(attribute.name.to_string(), expression(&attribute.expr)?);
    }
    for block in body.blocks.iter().filter(|block| !skip.contains(&&*block.kind) && &*block.kind != "dynamic") {
        let shape = schema.and_then(|schema| schema.get(&block.kind)).map(|attr| &attr.shape);
        let (is_single, inner) = match shape {
            Some(Shape::Block(nesting, inner)) => (*nesting == Nesting::Single, Some(*inner)),
            _ => (false, None),
        };
        let inside = self::body(&block.body, inner, &[])?;
        if is_single {
            members.insert(block.kind.to_string(), inside);
        } else if let Some(all) = members.entry(block.kind.to_string()).or_insert_with(|| json!([])).as_array_mut() {
            all.push(inside);
        }
    }
    Ok(Json::Object(members))
}

impl Reader<'_> {
    fn module(&self, at: usize) -> Made {
        let module = &self.config.modules[at];
        let content = &module.body;
        let mut members = Map::new();
        let outputs = content.outputs.iter().map(|(name, output)| Ok((name.to_string(), self::output(output)?)));
        put(&mut members, "outputs", outputs.collect::<Result<_, Diagnostic>>()?);
        // As in Terraform's, there are no ephemeral resources in it.
        let is_kept = |block: &&ResourceBlock| block.name.mode != Mode::Ephemeral;
        let mut blocks: Vec<&ResourceBlock> = content.resources.values().filter(is_kept).collect();
        blocks.sort_by_key(|block| (block.name.mode == Mode::Data, address(block)));
        let resources = blocks.into_iter().map(|block| self.resource(at, block));
        put(&mut members, "resources", resources.collect::<Result<_, Diagnostic>>()?);
        let calls = content.calls.iter().map(|(name, call)| Ok((name.to_string(), self.call(module, call)?)));
        put(&mut members, "module_calls", calls.collect::<Result<_, Diagnostic>>()?);
        let variables = content.variables.iter().map(|(name, one)| Ok((name.to_string(), variable(one)?)));
        put(&mut members, "variables", variables.collect::<Result<_, Diagnostic>>()?);
        Ok(Json::Object(members))
    }

    fn resource(&self, at: usize, block: &ResourceBlock) -> Made {
        let name = &block.name;
        let (schema, version) = match name.mode {
            Mode::Data => (self.registry.source(&name.type_name).map(|one| one.schema()), 0),
            Mode::Ephemeral => (self.registry.ephemeral(&name.type_name).map(|one| one.schema()), 0),
            Mode::Managed => {
                let found = self.registry.resource(&name.type_name);
                (found.map(|one| one.schema()), found.map_or(0, |one| one.schema_version()))
            }
        };
        let mut members = Map::new();
        put(&mut members, "address", json!(address(block)));
        put(&mut members, "mode", json!(name.mode.name()));
        put(&mut members, "type", json!(*name.type_name));
        put(&mut members, "name", json!(*name.name));
        put(&mut members, "provider_config_key", json!(self.key(at, block)));
        let provisioners = block.provisioners.iter().map(|one| {
            let mut members = Map::new();
            put(&mut members, "type", json!(*one.kind));
            put(&mut members, "expressions", body(&one.block.body, None, &["when", "on_failure", "connection"])?);
            Ok(Json::Object(members))
        });
        put(&mut members, "provisioners", provisioners.collect::<Result<_, Diagnostic>>()?);
        put(&mut members, "expressions", body(&block.block.body, schema, META)?);
        members.insert("schema_version".to_owned(), json!(version));
        repeat(&mut members, &block.repeat)?;
        put(&mut members, "depends_on", depends_on(&block.depends_on));
        Ok(Json::Object(members))
    }

    fn call(&self, module: &Module, call: &ModuleCall) -> Made {
        let mut members = Map::new();
        put(&mut members, "source", json!(call.source.as_deref()));
        put(&mut members, "expressions", body(&call.block.body, None, OF_CALLS)?);
        repeat(&mut members, &call.repeat)?;
        if let Some(child) = module.children.get(&call.name) {
            members.insert("module".to_owned(), self.module(*child)?);
        }
        let version = call.block.body.attribute("version").and_then(|attribute| attribute.expr.as_text());
        put(&mut members, "version_constraint", json!(version));
        put(&mut members, "depends_on", depends_on(&call.depends_on));
        Ok(Json::Object(members))
    }

    /// The provider configuration that a resource uses: that of its module, or the one that is passed in.
    fn key(&self, at: usize, block: &ResourceBlock) -> String {
        let first = || block.name.type_name.split('_').next().unwrap_or_default().into();
        let mut wanted =
            block.provider.as_deref().map_or_else(|| (first(), None), |(name, alias, _)| (name.clone(), alias.clone()));
        let mut at = at;
        loop {
            let module = &self.config.modules[at];
            let (Some(parent), false) = (module.parent, module.body.providers.contains_key(&wanted)) else {
                return key(module, &wanted.0, wanted.1.as_deref());
            };
            let call = module.path.last().and_then(|name| self.config.modules[parent].body.calls.get(name));
            let passed = call.and_then(|call| call.providers.iter().find(|passed| passed.inside == wanted));
            wanted = passed.map_or(wanted, |passed| passed.outside.clone());
            at = parent;
        }
    }

    /// Every provider configuration: those that are written, and those that are used without being written.
    fn providers(&self) -> Result<Map<String, Json>, Diagnostic> {
        let mut all: BTreeMap<String, Json> = BTreeMap::new();
        for (at, module) in self.config.modules.iter().enumerate() {
            for ((name, alias), block) in &module.body.providers {
                let mut members = self.provider(module, name);
                put(&mut members, "alias", json!(alias.as_deref()));
                put(&mut members, "module_address", json!(module_address(module)));
                put(&mut members, "expressions", body(&block.block.body, None, &["alias", "version"])?);
                all.insert(key(module, name, alias.as_deref()), Json::Object(members));
            }
            for block in module.body.resources.values() {
                let key = self.key(at, block);
                let name = key.rsplit(':').next().unwrap_or(&key).split('.').next().unwrap_or_default().to_owned();
                all.entry(key).or_insert_with(|| Json::Object(self.provider(&self.config.modules[0], &name)));
            }
        }
        Ok(all.into_iter().collect())
    }

    fn provider(&self, module: &Module, name: &str) -> Map<String, Json> {
        let required = module.body.settings.required_providers.get(name);
        let built_in = || self.registry.provider(name).map(|provider| provider.source().to_owned());
        let source = required.map(|required| required.source.to_string()).or_else(built_in);
        let mut members = Map::new();
        put(&mut members, "name", json!(name));
        let default = || format!("registry.terraform.io/hashicorp/{name}");
        put(&mut members, "full_name", json!(source.unwrap_or_else(default)));
        put(&mut members, "version_constraint", json!(required.and_then(|required| required.version.as_deref())));
        members
    }
}

fn address(block: &ResourceBlock) -> String {
    let data = block.name.mode.prefix();
    format!("{data}{}.{}", block.name.type_name, block.name.name)
}

fn module_address(module: &Module) -> String {
    module.path.iter().map(|name| format!("module.{name}")).collect::<Vec<_>>().join(".")
}

fn key(module: &Module, name: &str, alias: Option<&str>) -> String {
    let alias = alias.map(|alias| format!(".{alias}")).unwrap_or_default();
    let own = format!("{name}{alias}");
    if module.path.is_empty() { own } else { format!("{}:{own}", module_address(module)) }
}

fn output(output: &Output) -> Made {
    let mut members = Map::new();
    put(&mut members, "sensitive", json!(output.sensitive));
    put(&mut members, "ephemeral", json!(output.ephemeral));
    members.insert("expression".to_owned(), expression(&output.value)?);
    put(&mut members, "depends_on", depends_on(&output.depends_on));
    put(&mut members, "description", json!(output.description.as_deref()));
    Ok(Json::Object(members))
}

fn variable(variable: &Variable) -> Made {
    let mut members = Map::new();
    if let Some(default) = &variable.default {
        members.insert("default".to_owned(), known(default)?);
    }
    put(&mut members, "description", json!(variable.description.as_deref()));
    put(&mut members, "sensitive", json!(variable.sensitive));
    put(&mut members, "ephemeral", json!(variable.ephemeral));
    Ok(Json::Object(members))
}
