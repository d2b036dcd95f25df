//! The configuration as it is written: what refers to what, without values.

use std::collections::BTreeMap;

use super::ordered::{Members, Node};

use crate::address::{Address, Mode};
use crate::diagnostic::Diagnostic;
use crate::lang::config::{Config, Module, ModuleCall, Output, Repeat, ResourceBlock, Variable};
use crate::lang::describe::{Described, describe};
use crate::lang::syntax::tree::{Body, Expr};
use crate::resource::attr::{Nesting, Shape};
use crate::resource::{Registry, Schema};

/// Arguments and blocks of a resource that are not the type's own.
const META: &[&str] =
    &["count", "for_each", "provider", "depends_on", "lifecycle", "provisioner", "connection", "dynamic"];
/// Arguments of a module call that are not variables of the module.
const OF_CALLS: &[&str] = &["source", "version", "providers", "count", "for_each", "depends_on"];

type Made = Result<Node, Diagnostic>;

/// The root module with those it calls, and the provider configurations. Blocks that were generated with the plan are not
/// part of what it was planned from.
pub(super) fn configuration(config: &Config, registry: &Registry, generated: &BTreeMap<Address, String>) -> Made {
    let reader = Reader { config, registry, generated };
    let mut all = Members::default();
    all.put("provider_config", Node::Members(reader.providers()?));
    all.add(
        "root_module",
        if config.modules.is_empty() { Node::Members(Members::default()) } else { reader.module(0)? },
    );
    Ok(Node::Members(all))
}

struct Reader<'a> {
    config: &'a Config,
    registry: &'a Registry,
    generated: &'a BTreeMap<Address, String>,
}

fn expression(expr: &Expr) -> Made {
    let mut members = Members::default();
    match describe(expr) {
        Described::Constant(Some(value)) => members.add("constant_value", Node::value(&value)?),
        Described::Constant(None) => {}
        Described::References(all) => members.add("references", Node::List(all.into_iter().map(Node::Text).collect())),
    }
    Ok(Node::Members(members))
}

/// What `depends_on` names.
fn depends_on(exprs: &[Expr]) -> Node {
    let name = |expr: &Expr| match describe(expr) {
        Described::References(all) => all.into_iter().next(),
        Described::Constant(_) => None,
    };
    Node::List(exprs.iter().filter_map(name).map(Node::Text).collect())
}

/// Members by their names, as in Terraform's.
fn by_name(all: impl Iterator<Item = Result<(String, Node), Diagnostic>>) -> Result<Members, Diagnostic> {
    let sorted: BTreeMap<_, _> = all.collect::<Result<_, _>>()?;
    Ok(sorted.into_iter().collect())
}

fn repeat(members: &mut Members, repeat: &Repeat) -> Result<(), Diagnostic> {
    match repeat {
        Repeat::Once => {}
        Repeat::Count(expr) => members.put("count_expression", expression(expr)?),
        Repeat::ForEach(expr) => members.put("for_each_expression", expression(expr)?),
    }
    Ok(())
}

/// Arguments and nested blocks. Without a schema every block may be repeated.
fn body(body: &Body, schema: Option<&Schema>, skip: &[&str]) -> Made {
    // By their names, as in Terraform's.
    let mut members: BTreeMap<String, Node> = BTreeMap::new();
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
        } else if let Node::List(all) = members.entry(block.kind.to_string()).or_insert(Node::List(Vec::new())) {
            all.push(inside);
        }
    }
    Ok(Node::Members(members.into_iter().collect()))
}

impl Reader<'_> {
    fn module(&self, at: usize) -> Made {
        let module = &self.config.modules[at];
        let content = &module.body;
        let mut members = Members::default();
        let outputs = content.outputs.iter().map(|(name, output)| Ok((name.to_string(), self::output(output)?)));
        members.put("outputs", Node::Members(by_name(outputs)?));
        // As in Terraform's, there are no ephemeral resources in it.
        let is_kept = |block: &&ResourceBlock| block.name.mode != Mode::Ephemeral && !self.is_generated(at, block);
        let mut blocks: Vec<&ResourceBlock> = content.resources.values().filter(is_kept).collect();
        blocks.sort_by_key(|block| (block.name.mode == Mode::Data, address(block)));
        let resources = blocks.into_iter().map(|block| self.resource(at, block));
        members.put("resources", Node::List(resources.collect::<Result<_, Diagnostic>>()?));
        let calls = content.calls.iter().map(|(name, call)| Ok((name.to_string(), self.call(module, call)?)));
        members.put("module_calls", Node::Members(by_name(calls)?));
        let variables = content.variables.iter().map(|(name, one)| Ok((name.to_string(), variable(one)?)));
        members.put("variables", Node::Members(by_name(variables)?));
        Ok(Node::Members(members))
    }

    /// Only in the root module blocks are generated.
    fn is_generated(&self, at: usize, block: &ResourceBlock) -> bool {
        at == 0 && address(block).parse().is_ok_and(|address: Address| self.generated.contains_key(&address))
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
        let mut members = Members::default();
        members.put("address", address(block).into());
        members.put("mode", name.mode.name().into());
        members.put("type", (&*name.type_name).into());
        members.put("name", (&*name.name).into());
        members.put("provider_config_key", self.key(at, block).into());
        let provisioners = block.provisioners.iter().map(|one| {
            let mut members = Members::default();
            members.put("type", (&*one.kind).into());
            members.put("expressions", body(&one.block.body, None, &["when", "on_failure", "connection"])?);
            Ok(Node::Members(members))
        });
        members.put("provisioners", Node::List(provisioners.collect::<Result<_, Diagnostic>>()?));
        members.put("expressions", body(&block.block.body, schema, META)?);
        members.add("schema_version", Node::Number(version));
        repeat(&mut members, &block.repeat)?;
        members.put("depends_on", depends_on(&block.depends_on));
        Ok(Node::Members(members))
    }

    fn call(&self, module: &Module, call: &ModuleCall) -> Made {
        let mut members = Members::default();
        members.put("source", call.source.as_deref().into());
        members.put("expressions", body(&call.block.body, None, OF_CALLS)?);
        repeat(&mut members, &call.repeat)?;
        if let Some(child) = module.children.get(&call.name) {
            members.add("module", self.module(*child)?);
        }
        let version = call.block.body.attribute("version").and_then(|attribute| attribute.expr.as_text());
        members.put("version_constraint", version.into());
        members.put("depends_on", depends_on(&call.depends_on));
        Ok(Node::Members(members))
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
    fn providers(&self) -> Result<Members, Diagnostic> {
        let mut all: BTreeMap<String, Node> = BTreeMap::new();
        for (at, module) in self.config.modules.iter().enumerate() {
            for ((name, alias), block) in &module.body.providers {
                let mut members = self.provider(module, name, alias.as_deref());
                members.put("module_address", module_address(module).into());
                members.put("expressions", body(&block.block.body, None, &["alias", "version"])?);
                all.insert(key(module, name, alias.as_deref()), Node::Members(members));
            }
            for block in module.body.resources.values() {
                let key = self.key(at, block);
                let name = key.rsplit(':').next().unwrap_or(&key).split('.').next().unwrap_or_default().to_owned();
                all.entry(key).or_insert_with(|| Node::Members(self.provider(&self.config.modules[0], &name, None)));
            }
        }
        Ok(all.into_iter().collect())
    }

    fn provider(&self, module: &Module, name: &str, alias: Option<&str>) -> Members {
        let required = module.body.settings.required_providers.get(name);
        let built_in = || self.registry.provider(name).map(|provider| provider.source().to_owned());
        let source = required.map(|required| required.source.to_string()).or_else(built_in);
        let mut members = Members::default();
        members.put("name", name.into());
        let default = || format!("registry.terraform.io/hashicorp/{name}");
        members.put("full_name", source.unwrap_or_else(default).into());
        members.put("alias", alias.into());
        members.put("version_constraint", required.and_then(|required| required.version.as_deref()).into());
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
    let mut members = Members::default();
    members.put("sensitive", output.sensitive.into());
    members.put("ephemeral", output.ephemeral.into());
    members.add("expression", expression(&output.value)?);
    members.put("depends_on", depends_on(&output.depends_on));
    members.put("description", output.description.as_deref().into());
    Ok(Node::Members(members))
}

fn variable(variable: &Variable) -> Made {
    let mut members = Members::default();
    if let Some(default) = &variable.default {
        members.add("default", Node::value(default)?);
    }
    members.put("description", variable.description.as_deref().into());
    members.put("sensitive", variable.sensitive.into());
    members.put("ephemeral", variable.ephemeral.into());
    Ok(Node::Members(members))
}
