use proptest::prelude::*;

use super::*;

#[track_caller]
fn check(text: &str, expected: &str) {
    let once = format(0, text).expect(text);
    assert_eq!(once, expected, "{text}");
    assert_eq!(format(0, &once).as_deref(), Ok(expected), "again: {text}");
}

#[test]
fn indents_and_spaces() {
    check("a{\nb=1\n  c {\n d = [\n1,\n2 ]\n}\n}\n", "a {\n  b = 1\n  c {\n    d = [\n      1,\n    2]\n  }\n}\n");
    check("a=f( x,y ...)\n", "a = f(x, y...)\n");
    check("a={b=1,c:- 2}\n", "a = { b = 1, c : -2 }\n");
    check("a=b [ 0 ] . c[ * ].d\n", "a = b[0].c[*].d\n");
    check("a = -1-- 1 -(- 2)\n", "a = -1 - -1 - (-2)\n");
    check("a=! b&&c?d:e\n", "a = !b && c ? d : e\n");
    check("a=[for x in[1]:x if x>0]\n", "a = [for x in [1] : x if x > 0]\n");
    check("a = provider :: x :: y ( )\n", "a = provider::x::y()\n");
    check("a = \"x${ b }${ {c=1} }\"\n", "a = \"x${b}${ { c = 1 } }\"\n");
    check("a {}\nb {   }\nc { d=1 }\n", "a {}\nb {}\nc { d = 1 }\n");
}

#[test]
fn aligns_neighbours() {
    check("a=1\nlong=2\n\nb=3\n", "a    = 1\nlong = 2\n\nb = 3\n");
    check("a=[\n1]\nlong=2\nb=3\n", "a = [\n1]\nlong = 2\nb    = 3\n");
    check("a=1#x\nlong=2 // y\nb=3\n", "a    = 1 #x\nlong = 2 // y\nb    = 3\n");
    check("é=1\nlo=2\n", "é  = 1\nlo = 2\n");
    check("a = {\n b=1\n\"long\"=2\n}\n", "a = {\n  b      = 1\n  \"long\" = 2\n}\n");
}

#[test]
fn leaves_text_alone() {
    check("a = <<EOT\n  x ${ b }\n\tEOT\nlong = 1\n", "a    = <<EOT\n  x ${b}\n\tEOT\nlong = 1\n");
    check("a { #x\n/* y\n z */ b=1\n}\n", "a { #x\n  /* y\n z */ b = 1\n}\n");
    check("a=1\r\nlong=2 # x\r\n", "a    = 1\r\nlong = 2 # x\r\n");
    check("\n\na=1", "\n\na = 1");
    check("\u{feff}a=1\n", "a = 1\n");
    check("a = 1  ", "a = 1  ");
}

#[test]
fn modernises_old_spellings() {
    check("a = \"${b}\"\nc = \"${d}${e}\"\nf = [\"${g}\"]\n", "a = b\nc = \"${d}${e}\"\nf = [\"${g}\"]\n");
    check("a = \"${b ?\n c : d}\"\n", "a = (b ?\nc : d)\n");
    check("a = \"${\n f(\"${b}\")\n}\"\n", "a = f(\"${b}\")\n");
    check("resource a /* x */ \"b\" {}\n", "resource \"a\" \"b\" {}\n");
    check("a \"\\u0041\\t$${\" \"\" {}\n", "a \"A\\t$${\" \"\" {}\n");
    check("a \"e\u{301}\u{b}\u{a0}\u{feff}\" {}\n", "a \"\u{e9}\\u000b\\u00a0\\ufeff\" {}\n");
    check("variable \"v\" {\n  type = \"list\"\n}\n", "variable \"v\" {\n  type = list(string)\n}\n");
    check("variable \"v\" {\n  type = map\n}\n", "variable \"v\" {\n  type = map(any)\n}\n");
    check("other \"v\" {\n  type = \"list\"\n}\n", "other \"v\" {\n  type = \"list\"\n}\n");
}

#[test]
fn refuses_what_does_not_parse() {
    let report = format(7, "a = \n").expect_err("no value");
    assert_eq!(report.0[0].summary, "Invalid expression");
    assert_eq!(report.0[0].subject.map(|span| span.file), Some(7));
}

fn lines() -> impl Strategy<Value = String> {
    let lines = [
        "a=1",
        "long = 2 # x",
        "",
        "  # y",
        "b {",
        "}",
        "c = [",
        "1,",
        "]",
        "d = { e=1 }",
        "f = <<-EOT",
        "  x ${ y }",
        "EOT",
        "g = \"${h}\"",
        "i j \"k\" {",
        "/* l",
        "*/",
        "l = \"${",
        "}\"",
        "m = (n",
        ")",
        "o = -p [ 0 ]",
    ];
    prop::collection::vec(prop::sample::select(lines.to_vec()), 0..12).prop_map(|lines| lines.join("\n") + "\n")
}

proptest! {
    #[test]
    fn changes_only_spaces(text in lines()) {
        let Ok(done) = format(0, &text) else { return Ok(()) };
        prop_assert!(parse(0, &done).1.0.is_empty());
        if !text.contains("${") && !text.contains(" j ") {
            let bare = |text: &str| text.replace([' ', '\t'], "");
            prop_assert_eq!(bare(&text), bare(&done));
        }
    }
}
