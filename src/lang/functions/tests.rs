//! Calls on literals, compared with what Terraform 1.11.4 answered. The whole corpus runs elsewhere.

use std::time::Duration;

use super::*;
use crate::lang::operators;
use crate::lang::syntax::parse_expression;
use crate::lang::syntax::tree::{Expr, ExprKind, ObjectKey, TemplatePart};
use crate::value::Entries;
use crate::value::json::{to_json, type_to_json};

/// One case a line: expression, then `= json type` or `! summary`, separated by tabs.
const RECORDED: &str = include_str!("tests/recorded.tsv");

fn scope() -> FunctionScope<'static> {
    FunctionScope {
        base_dir: env!("CARGO_MANIFEST_DIR").into(),
        home: Some("/home/somebody".into()),
        clock: Clock::pinned(Duration::from_secs(1_600_000_000), 1),
        plan_time: None,
        planning: false,
        in_template: false,
        render: &|_, text, _| Ok(text.into()),
    }
}

fn eval(expr: &Expr) -> Result<Value, String> {
    Ok(match &expr.kind {
        ExprKind::Null => Value::null(Type::Any),
        ExprKind::Bool(truth) => (*truth).into(),
        ExprKind::Number(text) => text.parse::<Number>().map_err(|error| error.to_string())?.into(),
        ExprKind::Parens(inner) => eval(inner)?,
        ExprKind::Template(parts) => {
            let literal = |part: &TemplatePart| match part {
                TemplatePart::Literal { text, .. } => text.to_string(),
                _ => String::new(),
            };
            parts.iter().map(literal).collect::<String>().into()
        }
        ExprKind::Unary(unary) => {
            operators::unary(unary.op, &eval(&unary.operand)?).map_err(|problem| problem.summary.to_owned())?
        }
        ExprKind::Binary(binary) => {
            let mut result = eval(&binary.first)?;
            for step in &binary.rest {
                let operand = eval(&step.operand)?;
                result = operators::binary(step.op, &result, &operand).map_err(|problem| problem.summary.to_owned())?;
            }
            result
        }
        ExprKind::Tuple(elements) => Value::tuple(elements.iter().map(eval).collect::<Result<_, _>>()?),
        ExprKind::Object(list) => {
            let mut entries = Entries::new();
            for entry in list {
                let key = match &entry.key {
                    ObjectKey::Name(name) => name.text.clone(),
                    ObjectKey::Expr(expr) | ObjectKey::Ambiguous(expr) => {
                        eval(expr)?.as_str().unwrap_or_default().into()
                    }
                };
                entries.insert(key, eval(&entry.value)?);
            }
            Value::object(entries)
        }
        ExprKind::Call(called) => {
            let args = called.args.iter().map(eval).collect::<Result<_, _>>()?;
            call(&called.name, args, &scope()).map_err(|error| error[0].summary().to_owned())?
        }
        _ => return Err("not for this test".into()),
    })
}

fn answer(text: &str) -> String {
    let (expr, _) = parse_expression(0, text);
    match expr.as_ref().map(eval) {
        Some(Ok(value)) => {
            let value = value.unmarked();
            let json = to_json(&value).unwrap_or_else(|error| error.to_string());
            format!("= {json} {}", type_to_json(&value.ty()))
        }
        Some(Err(summary)) => format!("! {summary}"),
        None => "! cannot be parsed".into(),
    }
}

#[test]
fn answers_as_terraform_does() {
    let cases = RECORDED.lines().filter_map(|line| line.split_once('\t'));
    let wrong: Vec<String> = cases
        .filter_map(|(text, expected)| {
            let got = answer(text);
            (got != expected).then(|| format!("{text}\n   got {got}\n  want {expected}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(RECORDED.lines().count() > 150);
}

#[test]
fn no_function_panics_on_odd_arguments() {
    let odd = [
        Value::null(Type::Any),
        Value::null(Type::String),
        Value::unknown(Type::Any),
        Value::unknown(Type::String),
        Value::unknown(Type::list(Type::String)),
        Value::from("").sensitive(),
        "é\u{301}/[{%'".into(),
        "10.0.0.0/8".into(),
        "2020-02-29T23:59:59+05:30".into(),
        Value::from(-1),
        Value::from(Number::INFINITY),
        Value::from("1e300".parse::<Number>().unwrap_or(Number::ZERO)),
        Value::from("0.5".parse::<Number>().unwrap_or(Number::ZERO)),
        true.into(),
        Value::tuple(Vec::new()),
        Value::tuple(vec![1.into(), "a".into(), Value::null(Type::Any)]),
        Value::list(Type::String, vec!["a".into(), Value::unknown(Type::String)]),
        Value::set(Type::Number, vec![1.into(), Value::unknown(Type::Number)]),
        Value::object([("a".into(), 1.into())].into()),
        Value::map(Type::list(Type::String), Entries::new()),
    ];
    for name in names().filter(|name| !LAZY.contains(name) && *name != "bcrypt") {
        let _ = call(name, Vec::new(), &scope());
        for a in &odd {
            let _ = call(name, vec![a.clone()], &scope());
            for b in &odd {
                let _ = call(name, vec![a.clone(), b.clone()], &scope());
                let _ = call(name, vec![a.clone(), b.clone(), a.clone()], &scope());
                let _ = call(name, vec![b.clone(), a.clone(), 3.into()], &scope());
            }
        }
    }
}

#[test]
fn marks_and_unknowns_travel() {
    let secret = Value::from("a").sensitive();
    let upper = call("upper", vec![secret.clone()], &scope());
    assert!(upper.is_ok_and(|value| value.marks.is_sensitive() && value.as_str() == Some("A")));
    let joined = call("join", vec![",".into(), Value::tuple(vec![secret.clone()])], &scope());
    assert!(joined.is_ok_and(|value| value.marks.is_sensitive()));
    let length = call("length", vec![Value::tuple(vec![secret])], &scope());
    assert_eq!(length, Ok(1.into()));
    let unknown = Value::unknown(Type::String);
    assert_eq!(call("upper", vec![unknown.clone()], &scope()), Ok(Value::unknown_not_null(Type::String)));
    let prefixed = call("format", vec!["abc-%s".into(), unknown], &scope());
    assert!(prefixed.is_ok_and(|value| matches!(value.data, Data::Unknown(unknown) if unknown.prefix.is_some())));
}

#[test]
fn time_and_randomness_come_from_the_clock() {
    assert_eq!(call("timestamp", Vec::new(), &scope()), Ok("2020-09-13T12:26:40Z".into()));
    let planned = call("uuid", Vec::new(), &FunctionScope { planning: true, ..scope() });
    assert_eq!(planned, Ok(Value::unknown_not_null(Type::String)));
    let hash = call("bcrypt", vec!["x".into(), 4.into()], &scope());
    assert!(hash.is_ok_and(|hash| hash.as_str().is_some_and(|hash| hash.starts_with("$2a$04$"))));
}

#[test]
fn values_become_expressions_and_back() {
    let value = Value::object(
        [("a".into(), 1.into()), ("long name".into(), Value::tuple(vec!["x${".into(), Value::null(Type::Any)]))].into(),
    );
    let text = render_expression(&value);
    assert_eq!(text, "{\n  a           = 1\n  \"long name\" = [\"x$${\", null]\n}");
    let vars = Value::object([("a".into(), 1.into()), ("bcd".into(), "x".into())].into());
    let file = call("provider::terraform::encode_tfvars", vec![vars.clone()], &scope());
    assert_eq!(file, Ok("a   = 1\nbcd = \"x\"\n".into()));
    assert_eq!(call("provider::terraform::decode_tfvars", vec!["a   = 1\nbcd = \"x\"\n".into()], &scope()), Ok(vars));
}
