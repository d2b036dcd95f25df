//! Resource blocks for imported objects that have none, for `plan -generate-config-out`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::address::{Address, quote};
use crate::diagnostic::Report;
use crate::lang::Config;
use crate::lang::config::ResourceBlock;
use crate::lang::syntax::format::format as layout;
use crate::plan::{Change, Plan, generate};
use crate::resource::attr::{Attr, Schema};
use crate::resource::{Problem, Registry};
use crate::value::json::{Raw, implied, to_json};
use crate::value::{Data, Entries, Value};

const HEAD: &str =
    "# __generated__ by glaz\n# Please review these resources and move them into your main configuration files.\n";

/// Blocks for objects that have none.
pub(crate) struct Generated {
    /// The block of each, laid out, without a line break at its end.
    pub(crate) blocks: BTreeMap<Address, String>,
    /// What the types find wrong with them.
    pub(crate) problems: Vec<(Address, Problem)>,
}

/// The block of each object that has none but is named by an `import` block.
///
/// # Errors
/// What was written is no valid file: a defect.
pub(crate) fn blocks(plan: &Plan, config: &Config, registry: &Registry) -> Result<Generated, Report> {
    let (mut blocks, mut problems) = (BTreeMap::new(), Vec::new());
    for change in &plan.changes {
        // One that the state has already is written too: without a block it would be destroyed next time.
        let block = config.block(&change.address.resource).filter(|block| block.generated);
        let Some((block, resource)) = block.zip(registry.resource(change.address.type_name())) else { continue };
        let (config, found) = generate::accepted(resource, &change.after);
        problems.extend(found.into_iter().map(|one| (change.address.clone(), one)));
        let text = layout(u32::MAX, &one(change, block, resource.schema(), &config))?;
        blocks.insert(change.address.clone(), text.trim_end().to_owned());
    }
    Ok(Generated { blocks, problems })
}

/// The file with the blocks of the plan.
pub(crate) fn file(plan: &Plan) -> String {
    let mut out = HEAD.to_owned();
    for change in &plan.changes {
        if let Some(block) = plan.generated.get(&change.address) {
            let _ = write!(out, "\n# __generated__ by glaz from {}\n{block}\n", origin(change));
        }
    }
    out
}

/// Where the argument stands in the generated text: first and last byte of its line; of the head of the block when the
/// argument is not written.
pub(crate) fn place(text: &str, address: &Address, path: &[String]) -> Option<(usize, usize)> {
    let head = format!("resource \"{}\" \"{}\" {{", address.resource.type_name, address.resource.name);
    let start = text.find(&head)?;
    let block = &text[start..];
    let block = &block[..block.find("\n}").unwrap_or(block.len())];
    let (mut at, mut line) = (0, head.as_str());
    for name in path.iter().filter(|name| name.parse::<usize>().is_err()) {
        let is_it = |line: &&str| line.trim_start().split([' ', '=']).next() == Some(name.as_str());
        let Some(next) = block[at..].lines().skip(1).find(is_it) else { break };
        at = next.as_ptr().addr() - block.as_ptr().addr();
        line = next;
    }
    let indent = line.len() - line.trim_start().len();
    Some((start + at + indent, start + at + line.len()))
}

/// The id of the object.
fn origin(change: &Change) -> String {
    let id = change.after.get("id").filter(|id| !id.marks_deep().is_sensitive()).and_then(Value::as_str);
    quote(change.importing.as_deref().or(id).unwrap_or_default())
}

/// The block of an object, not yet laid out.
fn one(change: &Change, block: &ResourceBlock, schema: &Schema, config: &Value) -> String {
    let (type_name, name) = (&change.address.resource.type_name, &change.address.resource.name);
    let mut out = format!("resource \"{type_name}\" \"{name}\" {{\n");
    let _ = match block.provider.as_deref() {
        Some((name, Some(alias), _)) => writeln!(out, "provider = {name}.{alias}"),
        Some((name, None, _)) => writeln!(out, "provider = {name}"),
        None => Ok(()),
    };
    body(&mut out, schema, config);
    out.push_str("}\n");
    out
}

/// Arguments by name, then blocks by name; without what only the service gives.
fn body(out: &mut String, schema: &Schema, config: &Value) {
    let mut attrs: Vec<&Attr> =
        schema.attrs.iter().filter(|attr| attr.is_input() && !generate::is_identity(attr)).collect();
    attrs.sort_by_key(|attr| attr.name);
    let is_block = |attr: &&&Attr| attr.shape.block().is_some() && !attr.spec.as_attribute;
    for attr in attrs.iter().filter(|attr| !is_block(attr)) {
        let value = config.get(attr.name);
        let _ = match value {
            Some(value) if attr.spec.sensitive || value.marks_deep().is_sensitive() => {
                writeln!(out, "{} = null # sensitive", attr.name)
            }
            Some(value) => writeln!(out, "{} = {}", attr.name, expression(attr, value)),
            None => writeln!(out, "{} = null", attr.name),
        };
    }
    for attr in attrs.iter().filter(is_block) {
        let (Some((_, inner)), Some(value)) = (attr.shape.block(), config.get(attr.name)) else { continue };
        let blocks = match value.elements() {
            Some(elements) => elements.to_vec(),
            None if value.is_null() => Vec::new(),
            None => vec![value.clone()],
        };
        for block in &blocks {
            let _ = writeln!(out, "{} {{", attr.name);
            body(out, inner, block);
            out.push_str("}\n");
        }
    }
}

/// Text that holds JSON is written as what it holds, where that comes to the same.
fn expression(attr: &Attr, value: &Value) -> String {
    let held = value.as_str().and_then(|text| {
        let inside = implied(Raw::parse(text).ok()?.value()).ok()?;
        let is_compound = inside.elements().is_some() || inside.entries().is_some();
        let is_same = attr.spec.json || to_json(&inside).is_ok_and(|again| again == text);
        Some(inside).filter(|_| is_compound && is_same)
    });
    held.map_or_else(|| literal(value), |inside| format!("jsonencode({})", literal(&inside)))
}

/// The value as it is written in a file.
fn literal(value: &Value) -> String {
    match &value.data {
        Data::Null(_) | Data::Unknown(_) => "null".to_owned(),
        Data::Bool(truth) => truth.to_string(),
        Data::Number(number) => number.to_string(),
        Data::String(text) => quote(text),
        Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements) => {
            let elements: Vec<String> = elements.iter().map(literal).collect();
            format!("[{}]", elements.join(", "))
        }
        Data::Map(_, entries) | Data::Object(entries) => mapping(entries),
    }
}

fn mapping(entries: &Entries) -> String {
    if entries.is_empty() {
        return "{}".to_owned();
    }
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
    };
    let mut out = String::from("{\n");
    for (name, value) in entries {
        let name = if is_name(name) { name.to_string() } else { quote(name) };
        let _ = writeln!(out, "{name} = {}", literal(value));
    }
    out.push('}');
    out
}

#[cfg(test)]
#[allow(unreachable_pub)] // `model!` makes public items
mod tests {
    use super::*;
    use crate::resource::model::{Field as _, Model};

    crate::model! {
        /// A toy.
        pub struct Toy {
            /// Id.
            id: Option<String> = optional_computed(),
            /// Address.
            arn: Option<String> = computed(),
            /// Name.
            name: String = required(),
            /// Zone.
            zone: Option<String> = optional_computed().conflicts(&["zone_id"]),
            /// Zone.
            zone_id: Option<String> = optional_computed().conflicts(&["zone"]),
            /// Policy.
            policy: Option<String> = optional().json(),
            /// Other text.
            text: Option<String> = optional(),
            /// Password.
            password: Option<String> = optional().sensitive(),
            /// Labels.
            labels: Option<std::collections::BTreeMap<String, String>> = optional(),
            /// Empty.
            empty: Option<String> = optional(),
            /// Parts.
            part: Vec<Part> = optional(),
            /// Parts in brackets.
            rule: Vec<Part> = optional().as_attribute(),
        }
    }

    crate::model! {
        /// A part.
        pub struct Part {
            /// Port.
            port: Option<i64> = optional(),
            /// Key.
            key: Option<String> = optional().sensitive(),
            /// Given by the service.
            seen: Option<bool> = computed(),
        }
    }

    fn written(toy: &Toy) -> String {
        let mut out = String::from("resource \"toy\" \"a\" {\n");
        let config = generate::config(Toy::schema(), &toy.encode_element());
        body(&mut out, Toy::schema(), &config);
        layout(u32::MAX, &(out + "}\n")).expect("a valid file")
    }

    #[test]
    fn arguments_then_blocks() {
        let part = |port| Part { port: Some(port), key: Some("hush".into()), seen: Some(true) };
        let toy = Toy {
            id: Some("i-1".into()),
            arn: Some("arn".into()),
            name: "a \"quoted\" ${name}".into(),
            zone: Some("a".into()),
            zone_id: Some("1".into()),
            policy: Some("{ \"Version\": \"2012\", \"a b\": [1, true, null] }".into()),
            text: Some("[1,2]".into()),
            password: Some("hush".into()),
            labels: Some([("a".to_owned(), "b".to_owned()), ("x/y".to_owned(), "z".to_owned())].into()),
            empty: Some(String::new()),
            part: vec![part(1), part(2)],
            rule: vec![part(3)],
        };
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let wanted = r#"resource "toy" "a" {
            empty    = null
            labels   = {
              a     = "b"
              "x/y" = "z"
            }
            name     = "a \"quoted\" $${name}"
            password = null # sensitive
            policy   = jsonencode({
              Version = "2012"
              "a b"   = [1, true, null]
            })
            rule     = [{
              key  = null
              port = 3
              seen = null
            }]
            text     = jsonencode([1, 2])
            zone     = null
            zone_id  = "1"
            part {
              key  = null # sensitive
              port = 1
            }
            part {
              key  = null # sensitive
              port = 2
            }
        }"#;
        assert_eq!(words(&written(&toy)), words(wanted));
    }

    #[test]
    fn an_argument_is_found_where_it_is_written() {
        let text = "resource \"toy\" \"b\" {\n  zone = 2\n}\n\nresource \"toy\" \"a\" {\n  zone = 1\n  part {\n    port = 5\n  }\n}\n";
        let address: Address = "toy.a".parse().expect("an address");
        let found = |path: &[&str]| {
            let path: Vec<String> = path.iter().map(|&name| name.to_owned()).collect();
            place(text, &address, &path).map(|(start, end)| &text[start..end])
        };
        assert_eq!(found(&["zone"]), Some("zone = 1"));
        assert_eq!(found(&["part", "0", "port"]), Some("port = 5"));
        assert_eq!(found(&[]), Some("resource \"toy\" \"a\" {"));
        assert_eq!(found(&["gone"]), found(&[]));
    }

    #[test]
    fn text_stays_text_where_json_would_differ() {
        let attr = |name: &str| Toy::schema().attrs.iter().find(|attr| attr.name == name).expect("an attribute");
        for text in ["[1, 2]", "5", "true", "\"a\"", "{", ""] {
            assert_eq!(expression(attr("text"), &text.into()), quote(text));
        }
        assert_eq!(expression(attr("policy"), &"[1, 2]".into()), "jsonencode([1, 2])");
        assert_eq!(expression(attr("policy"), &"5".into()), "\"5\"");
    }
}
