//! Checks that the attribute table asks for: allowed values, and which attributes go together. No io.

use regex::Regex;

use super::complete::is_absent;
use crate::resource::attr::{Attr, Nesting, Rule, Schema, Shape, Together};
use crate::resource::draft::{Problem, Problems};
use crate::value::{Data, Value};

/// Finds what the table forbids in what the stack file says.
pub fn check(schema: &Schema, config: &Value, found: &mut Problems) {
    block(schema, config, &mut Vec::new(), found);
}

fn block(schema: &Schema, config: &Value, path: &mut Vec<String>, found: &mut Problems) {
    if !config.is_known() || config.is_null() {
        return;
    }
    for attr in &schema.attrs {
        let Some(said) = config.get(attr.name) else { continue };
        path.push(attr.name.to_owned());
        if !is_absent(attr, said) {
            value(attr, said, path, found);
            if is_surely_given(attr, said) {
                together(schema, attr, config, path, found);
            }
        } else if said.is_known() {
            missing(schema, attr, config, path, found);
        }
        path.pop();
    }
}

fn problem(path: &[String], text: String) -> Problem {
    Problem { path: path.to_vec(), text, is_warning: false, summary: None }
}

fn value(attr: &Attr, said: &Value, path: &mut Vec<String>, found: &mut Problems) {
    // Of plain arguments the evaluation tells it, where they stand.
    if let (Some(why), Shape::Block(..)) = (attr.spec.deprecated, &attr.shape) {
        found
            .found
            .push(Problem { is_warning: true, ..problem(path, format!("`{}` is deprecated: {why}", attr.name)) });
    }
    if !said.is_known() {
        return;
    }
    if let Some(elements) = said.elements().filter(|elements| elements.iter().all(Value::is_known)) {
        items(attr, elements.len(), path, found);
    }
    match attr.shape {
        Shape::Block(Nesting::Single, inner) => block(inner, said, path, found),
        Shape::Block(_, inner) => {
            said.elements().unwrap_or_default().iter().for_each(|one| block(inner, one, path, found));
        }
        Shape::Plain(_) => {
            if attr.spec.json
                && let Some(text) = said.as_str()
                && let Err(error) = serde_json::from_str::<serde_json::Value>(text)
            {
                let says =
                    format!("This is not valid JSON: {error}. Build it with `jsonencode(...)` to be sure of its form.");
                // What else is wrong with it cannot be told.
                return found.found.push(problem(path, says));
            }
            let elements = said.elements().map_or_else(|| vec![said.clone()], <[Value]>::to_vec);
            for rule in &attr.spec.rules {
                let wrong = elements
                    .iter()
                    .filter(|one| one.is_wholly_known() && !one.is_null())
                    .find_map(|one| verdict(rule, one));
                if let Some(text) = wrong {
                    found.found.push(problem(path, text));
                }
            }
        }
    }
}

fn items(attr: &Attr, count: usize, path: &[String], found: &mut Problems) {
    let most = attr.spec.max_items.or_else(|| matches!(attr.shape, Shape::Block(Nesting::One, _)).then_some(1));
    if count < attr.spec.min_items {
        found.found.push(problem(
            path,
            format!("At least {} of `{}` are needed; there are {count}.", attr.spec.min_items, attr.name),
        ));
    } else if most.is_some_and(|most| count > most) {
        let most = most.unwrap_or_default();
        found.found.push(problem(
            path,
            format!("At most {most} of `{}` can be given; there are {count}. Remove the others.", attr.name),
        ));
    }
}

/// What is wrong with the value, as a sentence; a sensitive or ephemeral value is not repeated.
fn verdict(rule: &Rule, value: &Value) -> Option<String> {
    let shown = if value.marks.is_sensitive() || value.marks.is_ephemeral() {
        "This value".to_owned()
    } else {
        format!("{value:?}")
    };
    match rule {
        Rule::OneOf(texts) => {
            let text = value.as_str()?;
            let list = texts.iter().map(|text| format!("\"{text}\"")).collect::<Vec<_>>().join(", ");
            let hint = crate::diagnostic::near_miss(text, texts.iter().copied())
                .map(|near| format!(" Did you mean \"{near}\"?"));
            (!texts.contains(&text))
                .then(|| format!("{shown} is not one of the allowed values: {list}.{}", hint.unwrap_or_default()))
        }
        Rule::Range(low, high) => {
            let number = value.as_number().cloned().or_else(|| value.as_str()?.parse().ok())?;
            let inside = number >= (*low).into() && number <= (*high).into();
            (!inside).then(|| format!("{shown} is out of range. Give a number from {low} to {high}."))
        }
        Rule::Length(low, high) => {
            let length = value.as_str()?.chars().count();
            let wrong = length < *low || length > *high;
            wrong.then(|| format!("{shown} has {length} characters. It must have {low} to {high}."))
        }
        Rule::Pattern(expression, says) => {
            let fits = Regex::new(expression).is_ok_and(|regex| value.as_str().is_none_or(|text| regex.is_match(text)));
            (!fits).then(|| format!("{shown} is not allowed here: {says}."))
        }
        Rule::Check(check) => check(value).err(),
    }
}

/// Whether the attribute is given, as far as one can tell: what is not known yet may turn out to be null.
fn is_given(schema: &Schema, config: &Value, name: &str) -> bool {
    schema.get(name).zip(config.get(name)).is_some_and(|(attr, said)| !is_absent(attr, said))
}

/// Whether the attribute is given, whatever it turns out to be.
fn is_surely_given(attr: &Attr, said: &Value) -> bool {
    match (&said.data, &attr.shape) {
        (Data::Unknown(unknown), Shape::Plain(_)) => unknown.not_null,
        (Data::Unknown(_), Shape::Block(..)) => false,
        _ => !is_absent(attr, said),
    }
}

fn names(list: &[&str]) -> String {
    list.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn together(schema: &Schema, attr: &Attr, config: &Value, path: &[String], found: &mut Problems) {
    for rule in &attr.spec.together {
        let is_sure =
            |name: &str| schema.get(name).zip(config.get(name)).is_some_and(|(attr, said)| is_surely_given(attr, said));
        let given = |list: &[&'static str]| -> Vec<&'static str> {
            list.iter().copied().filter(|name| *name != attr.name && is_sure(name)).collect()
        };
        let text = match rule {
            Together::Conflicts(list) | Together::ExactlyOneOf(list) if !given(list).is_empty() => {
                format!("`{}` cannot be given beside {}. Remove one of them.", attr.name, names(&given(list)))
            }
            Together::RequiredWith(list) => {
                let lacking: Vec<_> = list.iter().copied().filter(|name| !is_given(schema, config, name)).collect();
                if lacking.is_empty() {
                    continue;
                }
                format!("`{}` needs {} beside it.", attr.name, names(&lacking))
            }
            Together::Conflicts(_) | Together::ExactlyOneOf(_) | Together::AtLeastOneOf(_) => continue,
        };
        found.found.push(problem(path, text));
    }
}

/// One of several must be given and none is. Said once, by the first attribute that has the rule.
fn missing(schema: &Schema, attr: &Attr, config: &Value, path: &[String], found: &mut Problems) {
    for rule in &attr.spec.together {
        let (Together::ExactlyOneOf(list) | Together::AtLeastOneOf(list)) = rule else { continue };
        let first = schema.attrs.iter().find(|other| other.spec.together.contains(rule));
        let is_first = first.is_some_and(|first| first.name == attr.name);
        if is_first && !list.iter().any(|name| is_given(schema, config, name)) {
            found.found.push(problem(&path[..path.len() - 1], format!("One of {} must be given.", names(list))));
        }
    }
}

#[cfg(test)]
#[allow(unreachable_pub)] // `model!` makes public items
mod tests {
    use super::*;
    use crate::resource::model::{Field, Model};
    use crate::value::Type;

    crate::model! {
        /// A toy.
        pub struct Toy {
            /// Kind.
            kind: Option<String> = optional().one_of(&["red", "green"]),
            /// Port.
            port: Option<i32> = optional().range(1, 10).conflicts(&["kind"]),
            /// Policy.
            policy: Option<String> = optional().json().check(|_| Err("never reached".into())),
            /// One.
            one: Option<String> = optional().exactly_one_of(&["one", "two"]),
            /// Two.
            two: Option<String> = optional().exactly_one_of(&["one", "two"]).length(1, 3),
            /// Three.
            three: Option<String> = optional(),
            /// Four: has the rule, and is not the first that it names.
            four: Option<String> = optional().at_least_one_of(&["three", "four", "one", "two"]),
        }
    }

    fn texts(toy: &Toy) -> Vec<String> {
        let mut found = Problems::default();
        check(Toy::schema(), &toy.encode_element(), &mut found);
        found.found.into_iter().map(|problem| format!("{}: {}", problem.path.join("."), problem.text)).collect()
    }

    #[test]
    fn tables_find_mistakes() {
        let toy = Toy { one: Some("x".into()), ..Toy::default() };
        assert_eq!(texts(&toy), Vec::<String>::new());
        let least = ": One of `three`, `four`, `one`, `two` must be given.";
        assert_eq!(texts(&Toy::default()), [": One of `one`, `two` must be given.", least]);
        let wrong = Toy { kind: Some("gren".into()), port: Some(11), policy: Some("{".into()), ..toy.clone() };
        let found = texts(&wrong);
        assert_eq!(found[0], r#"kind: "gren" is not one of the allowed values: "red", "green". Did you mean "green"?"#);
        assert_eq!(found[1], "port: 11 is out of range. Give a number from 1 to 10.");
        assert_eq!(found[2], "port: `port` cannot be given beside `kind`. Remove one of them.");
        assert!(found[3].starts_with("policy: This is not valid JSON"));
        assert_eq!(found.len(), 4, "what is not JSON is said once: {found:?}");
        let both = Toy { two: Some("long".into()), ..toy };
        assert_eq!(texts(&both).len(), 3);
    }

    #[test]
    fn what_may_be_null_is_in_nobodys_way() {
        let both = |one: Value, two: Value| {
            let toy = Toy::default().encode_element();
            let Some(mut entries) = toy.entries().cloned() else { panic!("an object") };
            entries.insert("one".into(), one);
            entries.insert("two".into(), two);
            let mut found = Problems::default();
            check(Toy::schema(), &Value::object(entries), &mut found);
            found.found.len()
        };
        let (open, sure) = (Value::unknown(Type::String), Value::unknown_not_null(Type::String));
        assert_eq!(both(open.clone(), Value::from("x")), 0);
        assert_eq!(both(open.clone(), open), 0);
        assert_eq!(both(sure, Value::from("x")), 2);
    }
}
