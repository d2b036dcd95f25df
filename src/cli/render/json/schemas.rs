//! `providers schema -json`: the attribute tables of every built-in type.

use std::collections::BTreeMap;

use serde::Serialize;

use super::functions::{self, Signature};
use super::{FORMAT, line};
use crate::diagnostic::Diagnostic;
use crate::resource::attr::{Attr, Nesting, Schema, Shape, Usage};
use crate::resource::{Provider, Registry};
use crate::value::Type;
use crate::value::json::{Raw, type_to_json};

#[derive(Serialize)]
struct Whole {
    format_version: &'static str,
    provider_schemas: BTreeMap<&'static str, ProviderJson>,
}

#[derive(Serialize)]
struct ProviderJson {
    provider: Versioned,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    resource_schemas: BTreeMap<&'static str, Versioned>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    data_source_schemas: BTreeMap<&'static str, Versioned>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    ephemeral_resource_schemas: BTreeMap<&'static str, Versioned>,
    functions: BTreeMap<String, Signature>,
}

#[derive(Serialize)]
struct Versioned {
    version: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    block: Option<Block>,
}

#[derive(Serialize)]
#[allow(clippy::struct_field_names)] // Terraform's names
struct Block {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    attributes: BTreeMap<&'static str, Attribute>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    block_types: BTreeMap<&'static str, BlockType>,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'static str,
    description_kind: &'static str,
}

#[derive(Serialize)]
struct Attribute {
    #[serde(rename = "type")]
    ty: Raw,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'static str,
    description_kind: &'static str,
    #[serde(skip_serializing_if = "is_false")]
    deprecated: bool,
    #[serde(skip_serializing_if = "is_false")]
    required: bool,
    #[serde(skip_serializing_if = "is_false")]
    optional: bool,
    #[serde(skip_serializing_if = "is_false")]
    computed: bool,
    #[serde(skip_serializing_if = "is_false")]
    sensitive: bool,
    #[serde(skip_serializing_if = "is_false")]
    write_only: bool,
}

#[derive(Serialize)]
struct BlockType {
    nesting_mode: &'static str,
    block: Block,
    #[serde(skip_serializing_if = "is_zero")]
    min_items: usize,
    #[serde(skip_serializing_if = "is_zero")]
    max_items: usize,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde's signature
fn is_false(truth: &bool) -> bool {
    !truth
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde's signature
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// All tables.
pub(crate) fn schemas(registry: &Registry) -> Result<String, Diagnostic> {
    let all = registry.providers().iter().map(|one| Ok((one.source(), provider(&**one)?)));
    line(&Whole { format_version: FORMAT, provider_schemas: all.collect::<Result<_, Diagnostic>>()? })
}

fn provider(provider: &dyn Provider) -> Result<ProviderJson, Diagnostic> {
    let mut resource_schemas = BTreeMap::new();
    for one in provider.resources() {
        let block = Some(block(one.schema())?);
        resource_schemas.insert(one.type_name(), Versioned { version: one.schema_version(), block });
    }
    let mut data_source_schemas = BTreeMap::new();
    for one in provider.sources() {
        data_source_schemas.insert(one.type_name(), Versioned { version: 0, block: Some(block(one.schema())?) });
    }
    let mut ephemeral_resource_schemas = BTreeMap::new();
    for one in provider.ephemerals() {
        ephemeral_resource_schemas.insert(one.type_name(), Versioned { version: 0, block: Some(block(one.schema())?) });
    }
    let own = provider.schema();
    let block = if own.attrs.is_empty() { None } else { Some(block(own)?) };
    let functions = functions::of_provider(provider.name())?;
    let provider = Versioned { version: 0, block };
    Ok(ProviderJson { provider, resource_schemas, data_source_schemas, ephemeral_resource_schemas, functions })
}

fn block(schema: &Schema) -> Result<Block, Diagnostic> {
    let mut attributes = BTreeMap::new();
    let mut block_types = BTreeMap::new();
    for attr in &schema.attrs {
        match attr.shape {
            Shape::Block(nesting, inner) if !attr.spec.as_attribute => {
                block_types.insert(attr.name, nested(attr, nesting, inner)?);
            }
            Shape::Block(..) | Shape::Plain(_) => drop(attributes.insert(attr.name, attribute(attr)?)),
        }
    }
    Ok(Block { attributes, block_types, description: schema.doc, description_kind: "plain" })
}

fn ty(ty: &Type) -> Result<Raw, Diagnostic> {
    Raw::parse(&type_to_json(ty)).map_err(|error| Diagnostic::bug(format!("A type has no JSON: {error}")))
}

fn attribute(attr: &Attr) -> Result<Attribute, Diagnostic> {
    Ok(Attribute {
        ty: ty(&attr.shape.ty())?,
        description: attr.doc,
        description_kind: "plain",
        deprecated: attr.spec.deprecated.is_some(),
        required: attr.spec.usage == Usage::Required,
        optional: matches!(attr.spec.usage, Usage::Optional | Usage::OptionalComputed),
        computed: attr.is_computed(),
        sensitive: attr.spec.sensitive,
        write_only: attr.spec.write_only,
    })
}

fn nested(attr: &Attr, nesting: Nesting, inner: &Schema) -> Result<BlockType, Diagnostic> {
    let (nesting_mode, most) = match nesting {
        Nesting::Single => ("single", None),
        Nesting::One => ("list", Some(1)),
        Nesting::List => ("list", attr.spec.max_items),
        Nesting::Set => ("set", attr.spec.max_items),
    };
    let least = if attr.spec.usage == Usage::Required { attr.spec.min_items.max(1) } else { attr.spec.min_items };
    Ok(BlockType { nesting_mode, block: block(inner)?, min_items: least, max_items: most.unwrap_or_default() })
}
