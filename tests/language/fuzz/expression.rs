//! Expressions by their grammar: most of them parse, so that evaluation sees what mutation seldom lets through.

use glaz::lang::functions::names;

use super::random::Random;

/// Numbers at the edges of something.
const NUMBERS: &[&str] = &[
    "0",
    "1",
    "-1",
    "2",
    "3",
    "0.1",
    "1e3",
    "1e9",
    "1e18",
    "9223372036854775807",
    "9223372036854775808",
    "-1e300",
    "1e308",
    "1e400",
    "1e-400",
    "1e999999",
    "4294967296",
    "0.30000000000000004",
    "1048577",
    "-0",
    "1000000",
];
/// Words inside quotes.
const TEXTS: &[&str] = &[
    "",
    "a",
    "hello",
    "%s",
    "%d",
    "%#v",
    "%-1000000s",
    "%[9999999999]d",
    "%*d",
    "YYYY-MM-DD'T'hh:mm:ssZ",
    "10.0.0.0/8",
    "fe80::/10",
    "::1/128",
    "255.255.255.255/0",
    "2020-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "-9999999h",
    "1h30m",
    "(a*)*b",
    "[",
    "(?P<x>.)",
    "\\\\",
    "\\n",
    "\\u00e9",
    "e\\u0301",
    "\\U0001F468\\u200d\\U0001F469",
    "{\\\"a\\\":[1,null]}",
    "{\\\"a\\\":",
    "a: &a [1, *a]",
    "- x\\n- y: [z",
    "<<: {a: 1}",
    "a,b\\n1,2",
    "../a",
    "~/x",
    "fixtures/a.txt",
    "a.txt",
    "fixtures",
    "*",
    "**/*.txt",
    "{a,b",
    "utf-8",
    "UTF-16LE",
    "YWJj",
    "H4sIAAAAAAAA",
    "true",
    "null",
    "1",
    "$${x}",
    "%%{ if }",
];
/// Things that have a name in the prelude, and some that have none.
const NAMES: &[&str] = &[
    "local.s",
    "local.n",
    "local.b",
    "local.nul",
    "local.l",
    "local.ls",
    "local.m",
    "local.mm",
    "local.st",
    "local.o",
    "local.lo",
    "local.lot",
    "local.deep",
    "local.nested",
    "local.tpl",
    "local.tplfor",
    "var.sens",
    "var.str",
    "var.num",
    "var.lst",
    "var.mp",
    "var.obj",
    "var.objopt",
    "var.setv",
    "var.tup",
    "var.anyv",
    "var.nl",
    "path.module",
    "terraform.workspace",
    "terraform_data.d",
    "terraform_data.d.output",
    "terraform_data.c",
    "terraform_data.e",
];
/// Names that mean something in the right place only.
const LOOSE: &[&str] = &["each.key", "each.value", "count.index", "self.id", "x", "k", "v", "it.value", "local.nosuch"];
const BINARY: &[&str] = &["+", "-", "*", "/", "%", "==", "!=", "<", ">", "<=", ">=", "&&", "||"];

/// An expression no deeper than `depth`.
pub fn expression(random: &mut Random, depth: usize) -> String {
    if depth == 0 {
        return leaf(random);
    }
    let inner = |random: &mut Random| {
        let less = 1 + random.below(depth);
        expression(random, depth - less)
    };
    match random.below(18) {
        0 => leaf(random),
        1 => format!("[{}]", random.some(4, ", ", inner)),
        2 => format!("{{{}}}", random.some(4, ", ", |random| format!("{} = {}", key(random), inner(random)))),
        3 => format!("({} {} {})", inner(random), random.pick(BINARY), inner(random)),
        4 => format!("({} ? {} : {})", inner(random), inner(random), inner(random)),
        5 => format!("{}({})", random.pick(&["!", "-"]), inner(random)),
        6 => format!("({}){}", inner(random), steps(random, depth)),
        7 => format!("{}{}", random.pick(NAMES), steps(random, depth)),
        8 | 9 => for_each(random, depth),
        10 | 11 => format!("\"{}\"", template(random, depth - 1)),
        12 => format!("<<-E\n  {}\n  E\n", template(random, depth - 1)),
        _ => call(random, depth),
    }
}

fn leaf(random: &mut Random) -> String {
    match random.below(5) {
        0 => random.pick(NUMBERS).to_owned(),
        1 => format!("\"{}\"", random.pick(TEXTS)),
        2 => random.pick(&["true", "false", "null", "[]", "{}", "tolist([])", "tomap({})", "toset([])"]).to_owned(),
        _ if random.once_in(12) => random.pick(LOOSE).to_owned(),
        _ => random.pick(NAMES).to_owned(),
    }
}

fn key(random: &mut Random) -> String {
    match random.below(4) {
        0 => format!("({})", leaf(random)),
        1 => format!("\"{}\"", random.pick(TEXTS)),
        _ => random.pick(&["a", "b", "name", "for", "null"]).to_owned(),
    }
}

fn steps(random: &mut Random, depth: usize) -> String {
    random.some(3, "", |random| match random.below(6) {
        0 => ".*".to_owned(),
        1 => "[*]".to_owned(),
        2 => ".0".to_owned(),
        3 => random.pick(&[".a", ".name", ".tags", ".id", ".output", ".k"]).to_owned(),
        4 => format!("[{}]", random.pick(NUMBERS)),
        _ => format!("[{}]", expression(random, depth / 2)),
    })
}

fn for_each(random: &mut Random, depth: usize) -> String {
    let names = random.pick(&["x", "k, v"]);
    let from = if random.once_in(4) {
        format!("range({})", random.pick(&["3", "40", "1000", "1025", "1e9", "-5", "0, 10, 3", "5, 0, 0"]))
    } else {
        expression(random, depth / 2)
    };
    let only = if random.once_in(4) { format!(" if {}", expression(random, depth / 3)) } else { String::new() };
    let body = |random: &mut Random| {
        let element = if names == "x" { "x" } else { random.pick(&["k", "v"]) };
        match random.below(4) {
            0 => expression(random, depth - 1),
            1 => format!("\"{}${{{element}}}\"", random.pick(TEXTS)),
            2 => format!("[{element}, {}]", expression(random, depth / 2)),
            _ => element.to_owned(),
        }
    };
    let (first, second) = (body(random), body(random));
    match random.below(3) {
        0 => format!("[for {names} in {from} : {first}{only}]"),
        1 => format!("{{for {names} in {from} : {second} => {first}{only}}}"),
        _ => format!("{{for {names} in {from} : {second} => {first}...{only}}}"),
    }
}

/// The inside of a quoted template.
fn template(random: &mut Random, depth: usize) -> String {
    random.some(4, " ", |random| {
        let (open, close) = (random.pick(&["${", "${~ "]), random.pick(&["}", " ~}"]));
        match random.below(6) {
            0 => format!("%{{ if {} }}a%{{ else ~}} b %{{ endif }}", expression(random, depth)),
            1 => format!("%{{ for x in {} ~}}[${{x}}]%{{~ endfor }}", expression(random, depth)),
            2 => random.pick(TEXTS).to_owned(),
            _ => format!("{open}{}{close}", expression(random, depth)),
        }
    })
}

/// A call, mostly of a function that exists, with as many arguments as come.
fn call(random: &mut Random, depth: usize) -> String {
    let all: Vec<&str> = names().collect();
    // Twenty-seven rounds of it are slow and nothing else.
    let name = if random.once_in(40) { "nosuch" } else { random.pick(&all) };
    if name == "bcrypt" {
        return format!("bcrypt({}, {})", expression(random, depth / 2), random.pick(&["4", "5", "-1", "99", "null"]));
    }
    // Walking the file system is as slow as the file system.
    if name == "fileset" {
        return format!("fileset(path.module, {})", expression(random, depth / 3));
    }
    let name = if random.once_in(20) { format!("core::{name}") } else { name.to_owned() };
    let count = [1, 1, 1, 2, 2, 2, 3, 3, 4, 0][random.below(10)];
    let arguments: Vec<String> = (0..count).map(|_| expression(random, depth / 2)).collect();
    let expand = if random.once_in(10) && count > 0 { "..." } else { "" };
    format!("{name}({}{expand})", arguments.join(", "))
}

/// A type constraint.
pub fn type_constraint(random: &mut Random, depth: usize) -> String {
    if depth == 0 {
        return random.pick(&["string", "number", "bool", "any", "nosuch", "null"]).to_owned();
    }
    let inner = type_constraint(random, depth - 1);
    match random.below(7) {
        0 => format!("list({inner})"),
        1 => format!("set({inner})"),
        2 => format!("map({inner})"),
        3 => format!("tuple([{inner}, {}])", type_constraint(random, depth - 1)),
        4 => format!("object({{ a = {inner}, b = optional({}) }})", type_constraint(random, depth - 1)),
        5 => format!("object({{ a = optional({inner}, {}) }})", leaf(random)),
        _ => inner,
    }
}
