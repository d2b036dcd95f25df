use super::*;
use crate::lang::syntax::tree::{Block, Expr, ExprKind};

fn read(text: &str) -> (Body, String) {
    let (body, report) = parse(0, text);
    let told: Vec<String> = report
        .0
        .iter()
        .map(|problem| {
            let span = problem.subject.expect("a place");
            format!("{}: {}", problem.summary, &text[span.start as usize..span.end as usize])
        })
        .collect();
    (body, told.join("\n"))
}

fn problems(text: &str) -> String {
    read(text).1
}

fn only_block(text: &str) -> Block {
    let (body, told) = read(text);
    assert_eq!(told, "", "{text}");
    assert_eq!(body.blocks.len(), 1, "{text}");
    body.blocks[0].clone()
}

fn argument(block: &Block, name: &str) -> Expr {
    block.body.attribute(name).unwrap_or_else(|| panic!("{name}")).expr.clone()
}

/// The same without places.
fn shape(expr: &Expr) -> String {
    let text = format!("{:?}", expr.kind);
    regex::Regex::new(r"(Span|Place) \{[^}]*\}").unwrap().replace_all(&text, "_").into_owned()
}

/// What the native syntax makes of an expression.
fn native(text: &str) -> String {
    let (expr, _) = crate::lang::syntax::parse_expression(0, text);
    shape(&expr.unwrap_or_else(|| panic!("{text}")))
}

#[test]
fn labels_arrays_and_comments() {
    let text = r#"{"//": 1, "resource": [{"a_b": {"x": {"//": 2, "n": 1}, "y": [{"n": 2}, {"n": 3}], "z": null}}]}"#;
    let (body, told) = read(text);
    assert_eq!(told, "");
    let labels: Vec<Vec<&str>> =
        body.blocks.iter().map(|block| block.labels.iter().map(|label| &*label.text).collect()).collect();
    assert_eq!(labels, [["a_b", "x"], ["a_b", "y"], ["a_b", "y"]]);
    assert!(body.blocks.iter().all(|block| &*block.kind == "resource" && block.body.attributes.len() == 1));
    let span = body.blocks[0].header_span;
    assert_eq!(&text[span.start as usize..span.end as usize], "\"x\"");
}

#[test]
fn fallbacks_of_an_encryption_are_of_any_depth() {
    let inner = (0..6).fold(String::from("{\"method\": \"${method.a.b}\"}"), |inner, _| {
        format!("{{\"method\": \"${{method.a.b}}\", \"fallback\": {inner}}}")
    });
    let block = only_block(&format!("{{\"terraform\": {{\"encryption\": {{\"state\": {inner}}}}}}}"));
    let mut body = &block.body.blocks[0].body.blocks[0].body;
    let mut depth = 0;
    while let Some(fallback) = body.blocks.first() {
        (body, depth) = (&fallback.body, depth + 1);
    }
    assert_eq!(depth, 6);
}

#[test]
fn strings_are_what_the_argument_means_by_them() {
    let block = only_block(
        r#"{"resource": {"t": {"n": {
            "a": "x-${var.b}", "b": "${var.b}", "c": {"${upper(\"k\")}": [1, -2.5, true, null]},
            "provider": "aws.west", "depends_on": ["t.m", "module.x[0]"],
            "lifecycle": {"ignore_changes": ["tags[\"a\"]"], "replace_triggered_by": ["t.m[count.index].id"]}
        }}}}"#,
    );
    assert_eq!(shape(&argument(&block, "a")), native(r#""x-${var.b}""#));
    assert_eq!(shape(&argument(&block, "b")), native(r#""${var.b}""#));
    let ExprKind::Object(entries) = argument(&block, "c").kind else { panic!("an object") };
    assert_eq!(shape(&entries[0].value), native("[1, -2.5, true, null]"));
    assert_eq!(shape(&argument(&block, "provider")), native("aws.west"));
    assert_eq!(shape(&argument(&block, "depends_on")), native("[t.m, module.x[0]]"));
    let lifecycle = &block.body.blocks[0];
    assert_eq!(shape(&argument(lifecycle, "ignore_changes")), native("[tags[\"a\"]]"));
    assert_eq!(shape(&argument(lifecycle, "replace_triggered_by")), native("[t.m[count.index].id]"));
    let block = only_block(r#"{"variable": {"v": {"type": "list(string)", "default": "${no template}"}}}"#);
    assert_eq!(shape(&argument(&block, "type")), native("list(string)"));
    assert_eq!(argument(&block, "default").as_text(), Some("${no template}"));
    let block = only_block(r#"{"resource": {"t": {"n": {"provisioner": [{"local-exec": {"when": "destroy"}}]}}}}"#);
    assert_eq!(argument(&block.body.blocks[0], "when").as_word(), Some("destroy"));
    let block = only_block(r#"{"module": {"m": {"providers": {"aws": "aws.west"}}}}"#);
    let ExprKind::Object(entries) = argument(&block, "providers").kind else { panic!("an object") };
    assert_eq!(shape(&entries[0].value), native("aws.west"));
}

#[test]
fn places_are_those_in_the_json_text() {
    let text = r#"{"output": {"o": {"value": "tab\t${local.a + \"é\" + nope()}"}}}"#;
    let block = only_block(text);
    let told = format!("{:?}", argument(&block, "value"));
    let place = |part: &str| {
        let start = text.find(part).unwrap();
        format!("Span {{ file: 0, start: {start}, end: {} }}", start + part.len())
    };
    assert!(told.contains(&place("local.a")), "{told}");
    assert!(told.contains(&place("nope()")), "{told}");
    assert_eq!(problems(r#"{"output": {"o": {"value": "a\n${1 + }"}}}"#), "Invalid expression: }");
}

#[test]
fn problems_point_at_the_text() {
    for (text, expected) in [
        (r#"{"output": {"o": {"value": 1}}"#, "Unclosed object: {\nRoot value must be object: {"),
        (r#"{"output": [1]}"#, "Incorrect JSON value type: 1\nMissing block label: [1]"),
        (r#"{"output": "x"}"#, "Incorrect JSON value type: \"x\"\nMissing block label: \"x\""),
        (r#"{"output": {"o": "x"}}"#, "Incorrect JSON value type: \"x\""),
        (r#"{"output": {}}"#, "Missing block label: {}"),
        (r#"{"output": null}"#, "Missing block label: null"),
        (r#"[1]"#, "Incorrect JSON value type: 1"),
        (r#""x""#, "Root value must be object: \""),
        (r#"{"nope": {}}"#, "Extraneous JSON object property: \"nope\""),
        (r#"{"output": {"o": {"valeu": 1}}}"#, "Extraneous JSON object property: \"valeu\""),
        (r#"{"output": {"o": {"value": 1, "value": 2}}}"#, "Duplicate argument: \"value\""),
        (r#"{"output": {"o": {"value": {"a": 1, "a": 2}}}}"#, "Duplicate object attribute: \"a\""),
        (r#"{"resource": {"t": {"n": {"depends_on": ["a b"]}}}}"#, "Invalid expression: \"a b\""),
        (r#"{"variable": {"v": {"type": "list(string"}}}"#, "Invalid type specification: \"list(string\""),
    ] {
        assert_eq!(problems(text), expected, "{text}");
    }
}

#[test]
fn dynamic_blocks_are_blocks_wherever_they_stand() {
    let block = only_block(
        r#"{"resource": {"t": {"n": {
            "dynamic": {"rule": {"for_each": "${var.l}", "iterator": "it", "content": {"a": "${it.value}"}}},
            "outer": {"dynamic": {"inner": [{"for_each": [1], "content": {}}]}},
            "plain": {"dynamic": 1}
        }}}}"#,
    );
    let [rule, outer] = block.body.blocks.as_slice() else { panic!("two blocks") };
    assert_eq!((&*rule.kind, &*rule.labels[0].text), ("dynamic", "rule"));
    assert_eq!(argument(rule, "iterator").as_word(), Some("it"));
    assert_eq!(&*rule.body.blocks[0].kind, "content");
    assert_eq!((&*outer.kind, &*outer.body.blocks[0].kind), ("outer", "dynamic"));
    assert!(block.body.attribute("plain").is_some());
}

#[test]
fn the_table_of_the_type_tells_blocks_from_arguments() {
    use crate::resource::attr::{Attr, Nesting, Schema, Shape, optional};
    use crate::value::Type;
    let inner: &'static Schema = Box::leak(Box::new(Schema::new("", Vec::new())));
    let schema = Schema::new(
        "",
        vec![
            Attr::new("rule", "", Shape::Block(Nesting::List, inner), optional()),
            Attr::new("map", "", Shape::Plain(Type::map(Type::String)), optional()),
        ],
    );
    let sorted = |text: &str| {
        let block = only_block(&format!(r#"{{"resource": {{"t": {{"n": {text}}}}}}}"#));
        let mut report = Report::default();
        let body = by_table(&block.body, &schema, &mut report).into_owned();
        let told: Vec<_> = report.0.iter().map(|problem| problem.summary.to_string()).collect();
        (body.blocks.len(), body.attributes.len(), told.join(", "))
    };
    assert_eq!(sorted(r#"{"rule": {"a": 1}, "map": {"a": 1}}"#), (1, 1, String::new()));
    assert_eq!(sorted(r#"{"rule": [{}, {}], "rule": {}}"#), (3, 0, String::new()));
    assert_eq!(sorted(r#"{"rule": null}"#), (0, 0, String::new()));
    assert_eq!(sorted(r#"{"rule": "x"}"#), (0, 0, "Incorrect JSON value type".to_owned()));
    assert_eq!(sorted(r#"{"map": {}, "map": {}}"#), (0, 1, "Duplicate argument".to_owned()));
}
