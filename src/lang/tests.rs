//! The whole way, with four toy types.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use super::{Answers, Desired, Environment, Evaluator, Given, Origin, Outcome, Phase, VariableInput, load};
use crate::address::{Address, Mode};
use crate::clock::Clock;
use crate::diagnostic::{Report, Sources};
use crate::resource::attr::{Attr, Nesting, Schema, Shape, computed, optional, required};
use crate::value::{Entries, Type, Value};

static RULE: LazyLock<Schema> = LazyLock::new(|| {
    Schema::new(
        "A rule.",
        vec![
            Attr::new("port", "Port.", Shape::Plain(Type::Number), required()),
            Attr::new("hosts", "Hosts.", Shape::Plain(Type::list(Type::String)), optional()),
        ],
    )
});

static THING: LazyLock<Schema> = LazyLock::new(|| {
    Schema::new(
        "A thing.",
        vec![
            Attr::new("id", "Given by the service.", Shape::Plain(Type::String), computed()),
            Attr::new("name", "Its name.", Shape::Plain(Type::String), required()),
            Attr::new("size", "Its size.", Shape::Plain(Type::Number), optional()),
            Attr::new("tags", "Labels.", Shape::Plain(Type::map(Type::String)), optional()),
            Attr::new("rule", "Rules.", Shape::Block(Nesting::List, &RULE), optional().as_attribute()),
            Attr::new("main", "Main rule.", Shape::Block(Nesting::One, &RULE), optional()),
        ],
    )
});

static ANY: LazyLock<Schema> = LazyLock::new(|| {
    Schema::new(
        "Holds anything.",
        vec![
            Attr::new("id", "Given by the service.", Shape::Plain(Type::String), computed()),
            Attr::new("input", "Anything.", Shape::Plain(Type::Any), optional()),
            Attr::new("output", "The same.", Shape::Plain(Type::Any), computed()),
        ],
    )
});

/// Answers with the configuration; computed attributes are known after apply, unless `done` says what they are.
#[derive(Default)]
struct Toy {
    order: Vec<String>,
    seen: BTreeMap<Address, Desired>,
    batches: Vec<usize>,
    done: BTreeMap<Address, Value>,
    open: bool,
    puts_off: bool,
}

impl Answers for Toy {
    fn schema(&self, mode: Mode, type_name: &str) -> Option<&'static Schema> {
        match (mode, type_name) {
            (Mode::Managed, "toy_thing") | (Mode::Data, "toy_found") => Some(&THING),
            (Mode::Managed, "toy_any") => Some(&ANY),
            _ => None,
        }
    }

    fn type_names(&self, mode: Mode) -> Vec<&'static str> {
        if mode == Mode::Managed { vec!["toy_thing", "toy_any"] } else { vec!["toy_found"] }
    }

    fn provider_schema(&self, name: &str) -> Option<&'static Schema> {
        (name == "toy").then(|| &*RULE)
    }

    fn announce(&mut self, batch: &[Arc<Desired>]) -> bool {
        self.batches.push(batch.len());
        self.puts_off
    }

    fn accepts_open(&self) -> bool {
        self.open
    }

    fn instance(&mut self, want: &Desired) -> Result<Value, Report> {
        self.order.push(want.address.to_string());
        self.seen.insert(want.address.clone(), want.clone());
        if let Some(value) = self.done.get(&want.address) {
            return Ok(value.clone());
        }
        let mut entries: Entries = want.config.entries().cloned().unwrap_or_default();
        for name in ["id", "output"].into_iter().filter(|name| want.config.get(name).is_some()) {
            let ty = if name == "id" { Type::String } else { Type::Any };
            entries.insert(name.into(), Value::unknown_not_null(ty));
        }
        Ok(Value::object(entries))
    }
}

fn environment(dir: &Path, phase: Phase) -> Environment {
    Environment {
        workspace: "default".into(),
        root: dir.to_owned(),
        cwd: "/".into(),
        home: None,
        clock: Clock::pinned(std::time::Duration::from_secs(1_700_000_000), 1),
        plan_time: std::time::Duration::from_secs(1_700_000_000),
        phase,
    }
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        #[allow(clippy::disallowed_methods)] // a test's own folder
        std::fs::write(path, text).expect("a file");
    }
    dir
}

/// What came out, and what every instance was asked for with.
struct Ran {
    outcome: Outcome,
    seen: BTreeMap<Address, Desired>,
}

impl std::ops::Deref for Ran {
    type Target = Outcome;

    fn deref(&self) -> &Outcome {
        &self.outcome
    }
}

fn run_with(files: &[(&str, &str)], inputs: &[VariableInput], toy: &mut Toy) -> Result<Ran, Vec<String>> {
    let dir = folder(files);
    let loaded = load(dir.path());
    let env = environment(dir.path(), Phase::Plan);
    let texts = |report: &Report, sources: &Sources| -> Vec<String> {
        let text = |span| sources.text(span).to_owned();
        report.0.iter().map(|one| format!("{} @ {}", one.summary, one.subject.map(text).unwrap_or_default())).collect()
    };
    if loaded.report.has_errors() {
        return Err(texts(&loaded.report, &loaded.sources));
    }
    let outcome = Evaluator::new(loaded.config, inputs, &env).run(toy);
    let outcome = outcome.map_err(|report| texts(&report, &loaded.sources))?;
    Ok(Ran { outcome, seen: std::mem::take(&mut toy.seen) })
}

fn run(text: &str) -> Result<Ran, Vec<String>> {
    run_with(&[("main.tf", text)], &[], &mut Toy::default())
}

fn output(text: &str) -> String {
    match run(text) {
        Ok(outcome) => outcome.outputs.get("v").map(|output| format!("{:?}", output.value)).unwrap_or_default(),
        Err(problems) => problems.join("; "),
    }
}

fn config(outcome: &Ran, address: &str) -> String {
    let address: Address = address.parse().expect("an address");
    outcome.seen.get(&address).map(|one| format!("{:?}", one.config)).unwrap_or_default()
}

#[test]
fn values_travel_through_variables_locals_and_outputs() {
    let text = r#"
        variable "n" { default = 2 }
        locals { double = var.n * 2 }
        output "v" { value = "${local.double}!" }
    "#;
    assert_eq!(output(text), "\"4!\"");
}

#[test]
fn inputs_are_converted_by_the_type_of_the_variable() {
    let text = r#"
        variable "list" { type = list(number) }
        variable "text" {}
        output "v" { value = [var.list[1] + 1, var.text] }
    "#;
    let input = |name: &str, text: &str| VariableInput {
        name: name.into(),
        value: Given::Text(text.into()),
        origin: Origin::CommandLine,
    };
    let inputs = [input("list", "[1, 2]"), input("text", "[1]")];
    let outcome = run_with(&[("main.tf", text)], &inputs, &mut Toy::default()).expect("no problem");
    assert_eq!(format!("{:?}", outcome.outputs["v"].value), "[3, \"[1]\"]");
}

#[test]
fn instances_come_after_what_they_refer_to() {
    let text = r#"
        resource "toy_thing" "b" { name = toy_thing.a.id }
        resource "toy_thing" "a" { name = "x" }
    "#;
    let mut toy = Toy::default();
    let outcome = run_with(&[("main.tf", text)], &[], &mut toy).expect("no problem");
    assert_eq!(toy.order, ["toy_thing.a", "toy_thing.b"]);
    let b = &outcome.seen[&"toy_thing.b".parse::<Address>().expect("an address")];
    assert_eq!(b.origins.iter().map(ToString::to_string).collect::<Vec<_>>(), ["toy_thing.a"]);
    assert_eq!(b.references.iter().map(ToString::to_string).collect::<Vec<_>>(), ["toy_thing.a"]);
}

#[test]
fn dependencies_are_exact_per_instance() {
    let text = r#"
        resource "toy_thing" "a" {
          for_each = { x = 1, y = 2 }
          name     = each.key
          size     = each.value
        }
        resource "toy_thing" "b" {
          count = 2
          name  = toy_thing.a[["x", "y"][count.index]].id
        }
    "#;
    let outcome = run(text).expect("no problem");
    let b = &outcome.seen[&"toy_thing.b[1]".parse::<Address>().expect("an address")];
    assert_eq!(b.origins.iter().map(ToString::to_string).collect::<Vec<_>>(), ["toy_thing.a[\"y\"]"]);
    assert!(config(&outcome, "toy_thing.a[\"y\"]").contains("\"size\": 2"));
}

#[test]
fn blocks_and_dynamic_blocks() {
    let text = r#"
        resource "toy_thing" "a" {
          name = "x"
          rule { port = 1 }
          dynamic "rule" {
            for_each = ["a", "b"]
            iterator = it
            content {
              port  = it.key + 10
              hosts = [it.value]
            }
          }
          main { port = "80" }
        }
        output "v" { value = [toy_thing.a.rule[*].port, toy_thing.a.rule[2].hosts, toy_thing.a.main[0].port] }
    "#;
    assert_eq!(output(text), r#"[[1, 10, 11], ["b"], 80]"#);
}

#[test]
fn blocks_as_attributes() {
    let text = r#"
        resource "toy_thing" "a" {
          name = "x"
          rule = [{ port = 1 }, { port = 2, hosts = ["h"] }]
        }
        output "v" { value = toy_thing.a.rule }
    "#;
    assert_eq!(output(text), r#"[{"hosts": null, "port": 1}, {"hosts": ["h"], "port": 2}]"#);
}

#[test]
fn modules_repeat_and_give_outputs() {
    let main = r#"
        module "m" {
          source   = "./m"
          for_each = { a = 1, b = 2 }
          n        = each.value
        }
        output "v" { value = [module.m["a"].out, module.m["b"].out, [for m in module.m : m.out]] }
    "#;
    let inner = r#"
        variable "n" { type = number }
        resource "toy_thing" "t" { name = "t${var.n}" }
        output "out" { value = toy_thing.t.name }
    "#;
    let mut toy = Toy::default();
    let outcome = run_with(&[("main.tf", main), ("m/main.tf", inner)], &[], &mut toy).expect("no problem");
    assert_eq!(format!("{:?}", outcome.outputs["v"].value), r#"["t1", "t2", ["t1", "t2"]]"#);
    assert_eq!(toy.order, ["module.m[\"a\"].toy_thing.t", "module.m[\"b\"].toy_thing.t"]);
}

#[test]
fn module_depends_on_reaches_the_resources_inside() {
    let main = r#"
        module "m" {
          source     = "./m"
          depends_on = [toy_thing.first]
        }
        resource "toy_thing" "first" { name = "x" }
    "#;
    let inner = r#"resource "toy_thing" "t" { name = "t" }"#;
    let mut toy = Toy::default();
    let outcome = run_with(&[("main.tf", main), ("m/main.tf", inner)], &[], &mut toy).expect("no problem");
    assert_eq!(toy.order, ["toy_thing.first", "module.m.toy_thing.t"]);
    let inside = &outcome.seen[&"module.m.toy_thing.t".parse::<Address>().expect("an address")];
    assert_eq!(inside.depends_on.iter().map(ToString::to_string).collect::<Vec<_>>(), ["toy_thing.first"]);
}

#[test]
fn problems_have_terraforms_summaries_and_places() {
    for (text, expected) in [
        (r#"output "v" { value = local.nope }"#, "Reference to undeclared local value @ local.nope"),
        (r#"output "v" { value = var.nope }"#, "Reference to undeclared input variable @ var.nope"),
        (r#"output "v" { value = toy_thing.a.id }"#, "Reference to undeclared resource @ toy_thing.a.id"),
        (r#"resource "toy_thnig" "a" {}"#, "Invalid resource type @ \"toy_thnig\""),
        (
            r#"resource "toy_thing" "a" { nmae = "x" }"#,
            "Unsupported argument @ nmae; Missing required argument @ resource \"toy_thing\" \"a\"",
        ),
        (r#"resource "toy_thing" "a" { name = [1] }"#, "Incorrect attribute value type @ [1]"),
        (r#"resource "toy_thing" "a" { name = toy_thing.a.id }"#, "Self-referential block @ toy_thing.a"),
        ("resource \"toy_thing\" \"a\" {\n name = \"x\"\n rul {}\n}", "Unsupported block type @ rul"),
        (r#"variable "x" {}"#, "No value for required variable @ variable \"x\""),
        ("locals {\n a = local.b\n b = local.a\n}", "Cycle: local.a (expand), local.b (expand) @ a = local.b"),
        (
            "resource \"toy_thing\" \"a\" {\n name = \"x\"\n count = toy_thing.b.id\n}\nresource \"toy_thing\" \"b\" { name = \"b\" }",
            "Invalid count argument @ toy_thing.b.id",
        ),
        ("resource \"toy_thing\" \"a\" {\n name = \"x\"\n for_each = [1]\n}", "Invalid for_each argument @ [1]"),
    ] {
        assert_eq!(output(text), expected, "{text}");
    }
}

#[test]
fn what_follows_a_problem_is_not_reported() {
    let text = "locals {\n a = nope.x.y\n b = local.a + 1\n}\noutput \"v\" { value = local.b }";
    assert_eq!(output(text), "Reference to undeclared resource @ nope.x.y");
}

#[test]
fn conditions_are_checked() {
    let text = r#"
        variable "n" {
          default = 3
          validation {
            condition     = var.n < 3
            error_message = "Too much: ${var.n}."
          }
        }
        output "v" { value = var.n }
    "#;
    assert_eq!(output(text), "Invalid value for variable @ variable \"n\"");
    let text = r#"
        resource "toy_thing" "a" {
          name = "x"
          lifecycle {
            postcondition {
              condition     = self.name == "y"
              error_message = "No."
            }
          }
        }
    "#;
    assert_eq!(output(text), "Resource postcondition failed @ self.name == \"y\"");
}

#[test]
fn independent_data_sources_are_announced_together() {
    let text = r#"
        data "toy_found" "a" { name = "x" }
        data "toy_found" "b" { name = "x" }
        resource "toy_thing" "d" { name = "x" }
        data "toy_found" "c" { name = data.toy_found.a.id }
    "#;
    let mut toy = Toy::default();
    run_with(&[("main.tf", text)], &[], &mut toy).expect("no problem");
    assert_eq!(toy.batches, [2, 1]);
}

#[test]
fn what_does_not_follow_from_a_data_source_that_is_put_off_comes_first() {
    let text = r#"
        data "toy_found" "a" { name = "x" }
        resource "toy_thing" "b" { name = data.toy_found.a.id }
        data "toy_found" "c" { name = data.toy_found.a.id }
        resource "toy_thing" "d" { name = "x" }
        resource "toy_thing" "e" { name = toy_thing.d.id }
    "#;
    let dir = folder(&[("main.tf", text)]);
    let env = environment(dir.path(), Phase::Plan);
    let mut evaluator = Evaluator::new(load(dir.path()).config, &[], &env);
    let mut toy = Toy { puts_off: true, ..Toy::default() };
    let mut walk = evaluator.begin().expect("no problem");
    let mut orders = Vec::new();
    while !evaluator.go_on(&mut walk, &mut toy) {
        orders.push(std::mem::take(&mut toy.order).join(" "));
    }
    let outcome = evaluator.finish(walk).expect("no problem");
    assert_eq!(orders, ["toy_thing.d toy_thing.e", "data.toy_found.a toy_thing.b"]);
    assert_eq!((toy.order, outcome.instances.len()), (vec!["data.toy_found.c".to_owned()], 5));
}

#[test]
fn blocks_whose_number_is_not_known_yet_are_passed_over_when_wanted() {
    let text = r#"
        resource "toy_any" "a" { input = 1 }
        resource "toy_any" "b" {
          count = toy_any.a.output
          input = 1
        }
        resource "toy_any" "c" { input = toy_any.b[0].id }
    "#;
    let mut toy = Toy { open: true, ..Toy::default() };
    run_with(&[("main.tf", text)], &[], &mut toy).expect("no problem");
    assert_eq!(toy.order, ["toy_any.a", "toy_any.c"]);
}

#[test]
fn override_files_change_arguments() {
    let main = "resource \"toy_thing\" \"a\" {\n name = \"x\"\n size = 1\n}";
    let over = "resource \"toy_thing\" \"a\" {\n size = 2\n}";
    let outcome = run_with(&[("main.tf", main), ("override.tf", over)], &[], &mut Toy::default()).expect("no problem");
    let text = config(&outcome, "toy_thing.a");
    assert!(text.contains("\"size\": 2") && text.contains("\"name\": \"x\""), "{text}");
}

#[test]
fn apply_evaluates_again_what_was_not_known() {
    let dir = folder(&[(
        "main.tf",
        r#"
        resource "toy_any" "a" { input = 1 }
        locals { all = { x = toy_any.a.id, y = "known" } }
        resource "toy_any" "b" {
          for_each = local.all
          input    = "${each.value}-${local.all.x}"
        }
        output "v" { value = toy_any.b["x"].output }
        "#,
    )]);
    let loaded = load(dir.path());
    let mut evaluator = Evaluator::new(loaded.config, &[], &environment(dir.path(), Phase::Apply));
    let mut toy = Toy::default();
    evaluator.run(&mut toy).expect("no problem");
    let [a, b]: [Address; 2] = ["toy_any.a", "toy_any.b[\"x\"]"].map(|text| text.parse().expect("an address"));
    let value = |input: Value, id: &str| {
        Value::object([("id".into(), id.into()), ("input".into(), input.clone()), ("output".into(), input)].into())
    };
    evaluator.settle(&a, value(1.into(), "id-a")).expect("no problem");
    let desired = evaluator.instance(&b, &mut toy).expect("no problem");
    assert_eq!(desired.config.get("input").and_then(Value::as_str), Some("id-a-id-a"));
    assert!(desired.origins.contains(&a));
    evaluator.settle(&b, value("done".into(), "id-b")).expect("no problem");
    let (outcome, problems) = evaluator.outputs();
    assert!(problems.0.is_empty(), "{problems:?}");
    assert_eq!(outcome.outputs["v"].value.as_str(), Some("done"));
}

#[test]
fn long_chains_need_no_deep_stack() {
    let mut text = String::from("locals {\n l0 = 0\n");
    for at in 1..5000 {
        text += &format!(" l{at} = local.l{} + 1\n", at - 1);
    }
    text += "}\noutput \"v\" { value = local.l4999 }";
    assert_eq!(output(&text), "4999");
}

#[test]
fn many_resources_are_no_problem() {
    use std::fmt::Write as _;
    let mut text = String::from("resource \"toy_thing\" \"many\" {\n count = 20000\n name = \"n${count.index}\"\n}\n");
    for at in 0..5000 {
        let before = if at == 0 { "\"x\"".to_owned() } else { format!("toy_thing.t{}.id", at - 1) };
        let _ = write!(text, "resource \"toy_thing\" \"t{at}\" {{\n name = {before}\n size = 1\n}}\n");
    }
    let outcome = run(&text).expect("no problem");
    assert_eq!(outcome.instances.len(), 25_000);
}

#[test]
fn apply_of_many_instances_is_linear() {
    const MANY: i64 = 5000;
    let dir = folder(&[(
        "main.tf",
        "resource \"toy_any\" \"a\" {\n count = 5000\n input = 1\n}\nresource \"toy_any\" \"b\" {\n count = 5000\n \
         input = toy_any.a[count.index].id\n}\n",
    )]);
    let mut evaluator = Evaluator::new(load(dir.path()).config, &[], &environment(dir.path(), Phase::Apply));
    let mut toy = Toy::default();
    evaluator.run(&mut toy).expect("no problem");
    let start = std::time::Instant::now();
    for at in 0..MANY {
        let [a, b]: [Address; 2] = ["a", "b"].map(|name| format!("toy_any.{name}[{at}]").parse().expect("an address"));
        let value = |id: String| {
            Value::object([("id".into(), id.into()), ("input".into(), 1.into()), ("output".into(), 1.into())].into())
        };
        evaluator.settle(&a, value(format!("id-{at}"))).expect("no problem");
        let desired = evaluator.instance(&b, &mut toy).expect("no problem");
        assert_eq!(desired.config.get("input").and_then(Value::as_str), Some(format!("id-{at}").as_str()));
        evaluator.settle(&b, value(format!("b-{at}"))).expect("no problem");
    }
    // A quadratic way takes minutes here, also on a busy machine.
    assert!(start.elapsed() < std::time::Duration::from_secs(30), "{:?}", start.elapsed());
}
