//! Whole files by their grammar: blocks of every kind, in the native syntax and in JSON.

use super::expression::{expression, type_constraint};
use super::random::Random;

/// The kinds of blocks, each with a body that makes sense of it.
pub fn file(random: &mut Random) -> String {
    let count = 1 + random.below(6);
    (0..count).map(|at| block(random, at)).collect::<Vec<_>>().join("\n")
}

fn block(random: &mut Random, at: usize) -> String {
    let depth = 1 + random.below(5);
    let value = |random: &mut Random| expression(random, depth);
    match random.below(12) {
        0 => format!("locals {{\n  x{at} = {}\n  y{at} = local.x{at}\n}}\n", value(random)),
        1 => format!("output \"o{at}\" {{\n  value     = {}\n{}}}\n", value(random), condition(random, "precondition")),
        2 => variable(random, at),
        3 => format!("check \"c{at}\" {{\n{}}}\n", condition(random, "assert")),
        4 => format!("moved {{\n  from = {}\n  to   = {}\n}}\n", place(random), place(random)),
        5 => format!(
            "removed {{\n  from = {}\n  lifecycle {{\n    destroy = {}\n  }}\n}}\n",
            place(random),
            value(random)
        ),
        6 => format!("import {{\n  to = {}\n  id = {}\n}}\n", place(random), value(random)),
        7 => format!("terraform {{\n  required_version = {}\n}}\n", value(random)),
        8 => format!("provider \"terraform\" {{\n  alias = \"a{at}\"\n}}\n"),
        _ => resource(random, at),
    }
}

fn resource(random: &mut Random, at: usize) -> String {
    let depth = 1 + random.below(4);
    let many = match random.below(5) {
        0 => format!("  count = {}\n", random.pick(&["0", "1", "2", "-1", "1.5", "null", "1e18", "length(local.l)"])),
        1 => format!("  for_each = {}\n", expression(random, depth)),
        2 => "  for_each = toset([\"a\", \"b\"])\n".to_owned(),
        _ => String::new(),
    };
    let body = match random.below(4) {
        0 => dynamic(random, depth),
        1 => condition(random, "lifecycle {\n  precondition").replace("\n  }\n", "\n  }\n  }\n"),
        2 => format!("  depends_on = [{}]\n", random.some(3, ", ", place)),
        _ => format!("  lifecycle {{\n    replace_triggered_by = [{}]\n  }}\n", random.some(2, ", ", place)),
    };
    let name = random.pick(&["d", "c", "e"]);
    let name = if at == 0 { name.to_owned() } else { format!("{name}{at}") };
    let (input, replace) = (expression(random, depth), expression(random, depth / 2));
    format!(
        "resource \"terraform_data\" \"{name}\" {{\n{many}  input = {input}\n  triggers_replace = {replace}\n{body}}}\n"
    )
}

/// Dynamic blocks in dynamic blocks.
fn dynamic(random: &mut Random, depth: usize) -> String {
    let each = expression(random, depth);
    let name = random.pick(&["lifecycle", "input", "provisioner", "timeouts", "connection"]);
    let inside = if depth == 0 { format!("x = {name}.value\n") } else { dynamic(random, depth - 1) };
    let iterator = if random.once_in(3) { "  iterator = it\n" } else { "" };
    format!("  dynamic \"{name}\" {{\n  for_each = {each}\n{iterator}  content {{\n{inside}  }}\n  }}\n")
}

fn condition(random: &mut Random, kind: &str) -> String {
    let (when, why) = (expression(random, 3), expression(random, 2));
    format!("  {kind} {{\n    condition     = {when}\n    error_message = {why}\n  }}\n")
}

fn variable(random: &mut Random, at: usize) -> String {
    let depth = random.below(5);
    let (ty, default) = (type_constraint(random, depth), expression(random, depth));
    let flag = random.pick(&["", "  nullable = false\n", "  sensitive = true\n", "  ephemeral = true\n"]);
    format!(
        "variable \"v{at}\" {{\n  type    = {ty}\n  default = {default}\n{flag}{}}}\n",
        condition(random, "validation")
    )
}

fn place(random: &mut Random) -> String {
    let place = random.pick(&[
        "terraform_data.d",
        "terraform_data.c[0]",
        "terraform_data.e[\"a\"]",
        "terraform_data.nosuch",
        "module.m",
        "module.m[0].terraform_data.x",
        "local.x",
        "data.x.y",
    ]);
    if random.once_in(8) { expression(random, 2) } else { place.to_owned() }
}

/// A stack file in JSON: right JSON, seldom a right stack.
pub fn json(random: &mut Random) -> String {
    let kinds = [
        "locals",
        "output",
        "variable",
        "resource",
        "data",
        "module",
        "terraform",
        "provider",
        "moved",
        "check",
        "//",
        "import",
        "removed",
        "nosuch",
    ];
    let count = 1 + random.below(4);
    let blocks = (0..count).map(|_| format!("\"{}\": {}", random.pick(&kinds), node(random, 6)));
    let text = format!("{{{}}}", blocks.collect::<Vec<_>>().join(", "));
    if random.once_in(4) { format!("[{text}]") } else { text }
}

/// Any JSON.
pub fn node(random: &mut Random, depth: usize) -> String {
    const NAMES: &[&str] = &[
        "x",
        "value",
        "default",
        "type",
        "terraform_data",
        "d",
        "input",
        "count",
        "for_each",
        "dynamic",
        "content",
        "lifecycle",
        "source",
        "version",
        "from",
        "to",
        "//",
        "condition",
        "precondition",
        "required_providers",
        "backend",
        "local",
        "provisioner",
        "local-exec",
        "depends_on",
        "",
    ];
    if depth == 0 {
        return atom(random);
    }
    let inner = |random: &mut Random| node(random, depth - 1);
    match random.below(6) {
        0..=2 => {
            format!("{{{}}}", random.some(4, ", ", |random| format!("{:?}: {}", random.pick(NAMES), inner(random))))
        }
        3 => format!("[{}]", random.some(3, ", ", inner)),
        4 => serde_json::to_string(&format!("${{{}}}", expression(random, depth / 2))).unwrap(),
        _ => atom(random),
    }
}

fn atom(random: &mut Random) -> String {
    random
        .pick(&[
            "null",
            "true",
            "0",
            "-1",
            "1.5",
            "1e400",
            "1e-400",
            "123456789012345678901234567890",
            "\"\"",
            "\"x\"",
            "\"${local.s}\"",
            "\"${\"",
            "\"%{ for\"",
            "\"\\ud800\"",
            "\"\\u0000\"",
            "\"string\"",
            "\"list(any)\"",
            "[]",
            "{}",
        ])
        .to_owned()
}
