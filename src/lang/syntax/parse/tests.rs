use proptest::prelude::*;

use super::*;
use crate::lang::syntax::token::lex;
use crate::lang::syntax::tree::{ObjectKey, Step, StepKind, TemplatePart, UnaryOp};

// --- an expression as text: brackets around everything ---

fn show(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Null => "null".into(),
        ExprKind::Bool(value) => value.to_string(),
        ExprKind::Number(text) => text.to_string(),
        ExprKind::Template(parts) => format!("\"{}\"", show_parts(parts)),
        ExprKind::TemplateWrap(inner) => format!("wrap({})", show(inner)),
        ExprKind::Variable(traversal) => format!("{}{}", traversal.root, show_steps(&traversal.steps)),
        ExprKind::Access(access) => format!("<{}>{}", show(&access.source), show_steps(&access.steps)),
        ExprKind::Call(call) => {
            format!("{}({}{})", call.name, show_all(&call.args), if call.expand_final { "..." } else { "" })
        }
        ExprKind::Conditional(parts) => {
            format!("({} ? {} : {})", show(&parts.condition), show(&parts.yes), show(&parts.no))
        }
        ExprKind::Binary(binary) => {
            let rest = binary.rest.iter().map(|next| format!(" {:?} {}", next.op, show(&next.operand)));
            let rest = rest.collect::<Vec<_>>().concat();
            format!("({}{rest})", show(&binary.first))
        }
        ExprKind::Unary(unary) => {
            format!("{}{}", if unary.op == UnaryOp::Not { "!" } else { "-" }, show(&unary.operand))
        }
        ExprKind::Parens(inner) => format!("paren({})", show(inner)),
        ExprKind::For(f) => {
            let key_var = f.key_var.as_ref().map(|name| format!("{},", name.text)).unwrap_or_default();
            let key = f.key.as_ref().map(|key| format!("{} => ", show(key))).unwrap_or_default();
            let condition =
                f.condition.as_ref().map(|condition| format!(" if {}", show(condition))).unwrap_or_default();
            let group = if f.group { "..." } else { "" };
            format!(
                "for({key_var}{} in {} : {key}{}{group}{condition})",
                f.value_var.text,
                show(&f.collection),
                show(&f.value)
            )
        }
        ExprKind::Tuple(elements) => format!("[{}]", show_all(elements)),
        ExprKind::Object(entries) => {
            let entries: Vec<_> = entries
                .iter()
                .map(|entry| match &entry.key {
                    ObjectKey::Name(name) => format!("{}={}", name.text, show(&entry.value)),
                    ObjectKey::Expr(key) => format!("({})={}", show(key), show(&entry.value)),
                    ObjectKey::Ambiguous(key) => format!("?{}={}", show(key), show(&entry.value)),
                })
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
        ExprKind::Invalid => "INVALID".into(),
    }
}

fn show_all(list: &[Expr]) -> String {
    list.iter().map(show).collect::<Vec<_>>().join(", ")
}

fn show_steps(steps: &[Step]) -> String {
    steps
        .iter()
        .map(|step| match &step.kind {
            StepKind::Attr(name) => format!(".{name}"),
            StepKind::Index(key) => format!("[{}]", show(key)),
            StepKind::LegacyIndex(digits) => format!(".{digits}"),
            StepKind::Splat(each) => format!("[*]({})", show_steps(each)),
            StepKind::AttrSplat(each) => format!(".*({})", show_steps(each)),
        })
        .collect()
}

fn show_parts(parts: &[TemplatePart]) -> String {
    parts
        .iter()
        .map(|part| match part {
            TemplatePart::Literal { text, .. } => text.replace('\n', "\\n"),
            TemplatePart::Interpolation(expr) => format!("${{{}}}", show(expr)),
            TemplatePart::If(part) => {
                format!("<if {}|{}|{}>", show(&part.condition), show_parts(&part.yes), show_parts(&part.no))
            }
            TemplatePart::For(part) => {
                let key_var = part.key_var.as_ref().map(|name| format!("{},", name.text)).unwrap_or_default();
                format!(
                    "<for {key_var}{} in {}|{}>",
                    part.value_var.text,
                    show(&part.collection),
                    show_parts(&part.body)
                )
            }
        })
        .collect()
}

fn summaries(report: &Report) -> Vec<String> {
    report.0.iter().map(|problem| problem.summary.to_string()).collect()
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let (expr, report) = parse_expression(0, text);
    assert_eq!(report, Report::default(), "{text}");
    let expr = expr.expect(text);
    assert_eq!(show(&expr), expected, "{text}");
}

#[track_caller]
fn refuse(text: &str, expected: &[&str]) {
    assert_eq!(summaries(&parse_expression(0, text).1), expected, "{text}");
}

/// The problems of a file, sorted.
fn problems(text: &str) -> Vec<String> {
    let mut found = summaries(&parse(0, text).1);
    found.sort();
    found
}

/// The value of the one argument in a file.
#[track_caller]
fn check_value(text: &str, expected: &str) {
    let (body, report) = parse(0, text);
    assert_eq!(report, Report::default(), "{text}");
    assert_eq!(show(&body.attributes[0].expr), expected, "{text}");
}

// --- expressions ---

#[test]
fn operators_bind_as_in_hcl() {
    check("1 + 2 * 3 - 4", "(1 Add (2 Multiply 3) Subtract 4)");
    check("a || b && c == d", "(a Or (b And (c Equal d)))");
    check("a < b == c >= d", "((a Less b) Equal (c GreaterOrEqual d))");
    check("-a + !b", "(-a Add !b)");
    check("-a.b[0]", "-a.b[0]");
    check("a ? b : c ? d : e", "(a ? b : (c ? d : e))");
    check("a ? b ? 1 : 2 : 3", "(a ? (b ? 1 : 2) : 3)");
    check("(a + b) * c", "(paren((a Add b)) Multiply c)");
    check("a\n+\nb", "(a Add b)");
}

#[test]
fn steps_keep_their_form() {
    check("var.a[\"k\"].0.b[var.i].c", "var.a[\"k\"].0.b[var.i].c");
    check("a[*].b[0].c", "a[*](.b[0].c)");
    check("a.*.b[0].c", "a.*(.b)[0].c");
    check("a.*.b.0.c[1]", "a.*(.b.0.c)[1]");
    check("a[*][*]", "a[*]([*]())");
    check("f(x).y", "<f(x)>.y");
    check("[1, 2][0]", "<[1, 2]>[0]");
    check("{a = 1}.a", "<{a=1}>.a");
    check("(a).b", "<paren(a)>.b");
}

#[test]
fn numbers_stay_as_written() {
    check("1e400", "1e400");
    check("1.50", "1.50");
    check("1.e5", "1e5");
    refuse("1.2.3", &["Invalid number literal"]);
    refuse("0x10", &["Extra characters after expression"]);
    refuse("a.0.1", &["Invalid legacy index syntax"]);
}

#[test]
fn collections() {
    check("[1, 2,\n3,]", "[1, 2, 3]");
    check("{ a = 1, \"b\" : 2\n c = 3, }", "{a=1, (\"b\")=2, c=3}");
    check("{a = 1, a = 2}", "{a=1, a=2}");
    check("{(a) = 1, a.b = 2, true = 3, \"${x}\" = 4}", "{(paren(a))=1, ?a.b=2, true=3, (wrap(x))=4}");
    check("[for v in l : v if v > 1]", "for(v in l : v if (v Greater 1))");
    check("{\nfor k, v in m : k => v... if v\n}", "for(k,v in m : k => v... if v)");
    refuse("{for v in l : v}", &["Invalid 'for' expression"]);
    refuse("[for k, v in l : k => v]", &["Invalid 'for' expression"]);
    refuse("{a = 1 b = 2}", &["Missing attribute separator"]);
    refuse("{a}", &["Missing key/value separator"]);
    refuse("[1 2]", &["Missing item separator"]);
}

#[test]
fn calls() {
    check("f()", "f()");
    check("f(a,\nb,\n)", "f(a, b)");
    check("f(a...)", "f(a...)");
    check("provider::aws::arn_parse(x)", "provider::aws::arn_parse(x)");
    refuse("f(a b)", &["Missing argument separator"]);
    refuse("f(a", &["Unterminated function call"]);
    refuse("a::b", &["Missing open parenthesis"]);
}

// --- strings ---

#[test]
fn escapes() {
    check(r#""a\n\t\"\\\u00e9\U0001F600""#, "\"a\\n\t\"\\é😀\"");
    check(r#""$${a} %%{b} $ % $$ $$${c}""#, "\"${a} %{b} $ % $$ $${c}\"");
    check(r#""""#, "\"\"");
    refuse(r#""\q""#, &["Invalid escape sequence"]);
    refuse(r#""\u12""#, &["Invalid escape sequence"]);
    refuse(r#""\ud800""#, &["Invalid escape sequence"]);
    refuse("\"a", &["Unterminated template string"]);
}

#[test]
fn templates() {
    check(r#""${a}""#, "wrap(a)");
    check(r#""${a}b${"c${d}"}""#, "\"${a}b${\"c${d}\"}\"");
    check(r#""a  ${~ b ~}  c""#, "\"a${b}c\"");
    check(r#""${a ~}  ""#, "\"${a}\"");
    check(r#""%{ if a }b%{ else }c%{ endif }""#, "\"<if a|b|c>\"");
    check(r#""%{ for k, v in m ~} ${k} %{~ endfor }""#, "\"<for k,v in m|${k}>\"");
    refuse(r#""%{ if a }""#, &["Unexpected end of template"]);
    refuse(r#""%{ endif }""#, &["Unexpected endif directive"]);
    refuse(r#""%{ fi }""#, &["Invalid template control keyword"]);
    refuse(r#""${a b}""#, &["Extra characters after interpolation expression"]);
}

#[test]
fn heredocs() {
    check_value("a = <<EOT\n  x ${b}\n EOT\n", "\"  x ${b}\\n\"");
    check_value("a = <<-EOT\n    x\n\n      y\n    EOT\n", "\"x\\n\\n  y\\n\"");
    check_value("a = <<-EOT\n  ${x}\n    y\n  EOT\n", "\"${x}\\n  y\\n\"");
    check_value("a = <<EOT\r\nx\r\nEOT\r\n", "\"x\r\\n\"");
    check_value("a = <<EOT\nEOT\n", "\"\"");
    check_value("a = <<EOT\nx $\nEOT\n", "\"x $\\n\"");
    // The break after the marker is trimmed, so the next line counts as the middle of a line.
    let trimmed = "a = <<-EOT\n    %{ if b ~}\n    x\n    %{ endif ~}\n    EOT\n";
    check_value(trimmed, "\"<if b|    x\\n|>\"");
    assert_eq!(problems("a = <<EOT\nx\nEOT"), ["Unterminated template string"]);
}

#[test]
fn template_files() {
    let (expr, report) = parse_template(0, "a ${b}\n\"%{ for x in y ~}\n  ${x}\n%{ endfor ~}\nend $");
    assert_eq!(report, Report::default());
    assert_eq!(show(&expr), "\"a ${b}\\n\"<for x in y|  ${x}\\n>end $\"");
    assert_eq!(show(&parse_template(0, "${a}").0), "wrap(a)");
    assert_eq!(show(&parse_template(0, "").0), "\"\"");
}

// --- files ---

#[test]
fn blocks_and_arguments() {
    let text = "\u{feff}a = 1 # c\r\nr \"t\" n {\n  b { c = 2 }\n  /* x */ d = [\n 1 ]\n}\ne {}\n";
    let (body, report) = parse(0, text);
    assert_eq!(report, Report::default());
    let block = &body.blocks[0];
    assert_eq!((&*block.kind, &*block.labels[0].text, &*block.labels[1].text), ("r", "t", "n"));
    assert_eq!(&text[block.header_span.start as usize..block.header_span.end as usize], "r \"t\" n");
    assert_eq!(&text[block.labels[0].span.start as usize..block.labels[0].span.end as usize], "\"t\"");
    let inner = &block.body.blocks[0];
    assert_eq!(&text[inner.span.start as usize..inner.span.end as usize], "b { c = 2 }");
    assert_eq!(show(&inner.body.attribute("c").expect("c").expr), "2");
    let d = block.body.attribute("d").expect("d");
    assert_eq!(&text[d.span.start as usize..d.span.end as usize], "d = [\n 1 ]");
    assert_eq!(body.items().len(), 3);
}

#[test]
fn spans_cover_expressions() {
    let text = "aa + f(b.c[1], \"x${d}\")";
    let (expr, _) = parse_expression(0, text);
    let expr = expr.expect(text);
    assert_eq!((expr.span.start, expr.span.end as usize), (0, text.len()));
    let ExprKind::Binary(binary) = &expr.kind else { panic!("{expr:?}") };
    let ExprKind::Call(call) = &binary.rest[0].operand.kind else { panic!("{expr:?}") };
    let under = |span: Span| &text[span.start as usize..span.end as usize];
    assert_eq!(under(binary.rest[0].op_span), "+");
    assert_eq!(under(call.name_span), "f");
    assert_eq!(under(call.args[0].span), "b.c[1]");
    assert_eq!(under(call.args[1].span), "\"x${d}\"");
}

#[test]
fn every_problem_of_a_file() {
    let text = "x 1\na = \nb = [1, 2\n  , ]\nc {\n  d = = 1\n  e = \"\\q\"\n}\nf = 1\nf = 2\ng = 1 2\n";
    assert_eq!(
        problems(text),
        [
            "Argument or block definition required",
            "Attribute redefined",
            "Invalid escape sequence",
            "Invalid expression",
            "Invalid expression",
            "Missing newline after argument",
        ]
    );
    let (body, _) = parse(0, text);
    assert_eq!(body.attribute("b").map(|b| show(&b.expr)).as_deref(), Some("[1, 2]"));
    assert_eq!(body.attribute("f").map(|f| show(&f.expr)).as_deref(), Some("1"));
}

#[test]
fn broken_bodies() {
    assert_eq!(problems("a {\n"), ["Unclosed configuration block"]);
    assert_eq!(problems("a = 1,\n"), ["Unexpected comma after argument"]);
    assert_eq!(problems("a\n{\n}\n"), ["Argument or block definition required"]);
    assert_eq!(problems("a \"b\"\n{\n}\n")[0], "Invalid block definition");
    assert_eq!(problems("\"a\" = 1\n"), ["Invalid argument name"]);
    assert_eq!(problems("a { b = 1, c = 2 }\n"), ["Invalid single-argument block definition"]);
    assert_eq!(problems("a { b = 1\n}\n"), ["Invalid single-argument block definition"]);
    assert_eq!(problems("a { b {} }\n")[0], "Argument definition required");
    assert_eq!(problems("a {} b {}\n"), ["Missing newline after block definition"]);
    assert_eq!(problems("a \"${x}\" {}\n"), ["Invalid string literal"]);
    assert_eq!(problems("a = 'b'\n"), ["Invalid character", "Invalid expression"]);
    assert_eq!(problems("a = b & c\n"), ["Missing newline after argument", "Unsupported operator"]);
}

#[test]
fn traversals() {
    let steps = |text| parse_traversal(0, text).0.map(|t| format!("{}{}", t.root, show_steps(&t.steps)));
    assert_eq!(steps("module.a[\"x\"].b[0]").as_deref(), Some("module.a[\"x\"].b[0]"));
    assert_eq!(steps("a.b[*].c").as_deref(), Some("a.b[*](.c)"));
    for text in ["", "a.", "a[b]", "a.0", "a.*", "a + b", "1", "a b", "f()"] {
        assert_eq!(steps(text), None, "{text}");
    }
}

// --- size ---

#[test]
fn long_chains_are_flat() {
    let text = vec!["a"; 10_000].join(" + ");
    let (expr, report) = parse_expression(0, &text);
    assert_eq!(report, Report::default());
    let Some(Expr { kind: ExprKind::Binary(binary), .. }) = expr else { panic!("no chain") };
    assert_eq!(binary.rest.len(), 9_999);
}

#[test]
fn deep_nesting_is_refused_not_fatal() {
    for (open, close) in
        [("(", ")"), ("[", "]"), ("{a=", "}"), ("f(", ")"), ("\"${", "}\""), ("a[", "]"), ("[for v in ", ":v]")]
    {
        let nest = |depth| format!("{}1{}", open.repeat(depth), close.repeat(depth));
        assert_eq!(summaries(&parse_expression(0, &nest(150)).1), [""; 0], "{open}");
        assert_eq!(summaries(&parse_expression(0, &nest(20_000)).1), ["Nesting too deep"], "{open}");
    }
    for sign in ["!", "-", "a ? b : ", "a[*]"] {
        let text = format!("{}a", sign.repeat(20_000));
        assert!(parse_expression(0, &text).1.has_errors(), "{sign}");
    }
    let blocks = format!("{}{}", "a {\n".repeat(20_000), "}\n".repeat(20_000));
    assert_eq!(problems(&blocks), ["Nesting too deep"]);
    let directives = format!("{}{}", "%{if a}".repeat(20_000), "%{endif}".repeat(20_000));
    assert_eq!(summaries(&parse_template(0, &directives).1), ["Nesting too deep"]);
}

// --- anything ---

fn soup() -> impl Strategy<Value = String> {
    let words = [
        "a", "for", "in", "if", "{", "}", "[", "]", "(", ")", "\"", "${", "%{", "~}", "$", "%", "\\", "\n", "\r\n",
        " ", "=", "==", "=>", ",", ":", "?", ".", "...", "*", "-", "!", "<<EOT\n", "<<-EOT\n", "EOT\n", "1", "1.5",
        "#", "//", "/*", "*/", "é", "\u{feff}", "::", "endif", "'", "\u{301}", "😀", "||",
    ];
    prop::collection::vec(prop::sample::select(words.to_vec()), 0..60).prop_map(|words| words.concat())
}

proptest! {
    #[test]
    fn no_text_panics(text in prop_oneof![soup(), any::<String>()]) {
        for tokens in [lex(&text), lex_template(&text, false)] {
            let mut at = 0;
            for token in tokens {
                prop_assert_eq!(token.start, at);
                at = token.end;
            }
            prop_assert_eq!(at as usize, text.len());
        }
        parse(0, &text);
        parse_expression(0, &text);
        parse_template(0, &text);
        parse_traversal(0, &text);
    }
}
