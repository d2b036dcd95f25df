//! Provider configurations that go from module to module, and the rules about them.

use crate::support::stack::{Stack, stack};

const INSIDE: &str = "resource \"terraform_data\" \"r\" {\n  input = 1\n}\n";

/// A stack whose module `m` has these `required_providers`, and a call of it with these arguments.
fn passing(call: &str, root: &str, inside: &str) -> Stack {
    stack()
        .file("main.tf", format!("module \"m\" {{\n  source = \"./m\"\n{call}\n}}\n{root}"))
        .file("m/main.tf", format!("{inside}{INSIDE}"))
}

/// Severities and summaries of `validate`.
#[track_caller]
fn problems(stack: &Stack) -> Vec<String> {
    let text = stack.run(&["validate", "--json"]).raw();
    let mut values = serde_json::Deserializer::from_str(&text[text.find('{').unwrap()..]).into_iter();
    let found: serde_json::Value = values.next().unwrap().unwrap();
    let one = |problem: &serde_json::Value| {
        format!("{}: {}", problem["severity"].as_str().unwrap(), problem["summary"].as_str().unwrap())
    };
    found["diagnostics"].as_array().unwrap().iter().map(one).collect()
}

fn builtin(name: &str, more: &str) -> String {
    let source = "source = \"terraform.io/builtin/terraform\"";
    format!("terraform {{\n  required_providers {{\n    {name} = {{\n      {source}\n{more}\n    }}\n  }}\n}}\n")
}

#[test]
fn nobody_knows_the_provider() {
    let stack = passing("  providers = {\n    foo = foo\n  }", "", "");
    let warning = "warning: Reference to undefined provider";
    let missing = "error: missing provider provider[\"registry.terraform.io/hashicorp/foo\"]";
    assert_eq!(problems(&stack), [warning, warning, missing]);
    stack.plan().fails().says("missing provider").says("passed foo").says("Reference to undefined provider");
}

#[test]
fn an_alias_must_be_passed() {
    let inside = builtin("terraform", "configuration_aliases = [terraform.x]");
    let missing = "error: Missing required provider configuration";
    assert_eq!(problems(&passing("", "", &inside)), [missing]);
    let root = builtin("terraform", "");
    let given = "  providers = {\n    terraform.x = terraform\n  }";
    let stack = passing(given, &root, &inside);
    assert_eq!(problems(&stack), [""; 0]);
    stack.apply().succeeds();
}

#[test]
fn other_providers_and_two_of_a_name() {
    let inside = builtin("terraform", "");
    let stack = passing("  providers = {\n    terraform = random\n  }", "", &inside);
    assert_eq!(problems(&stack), ["error: Provider type mismatch", "warning: Reference to undefined provider"]);
    let stack = passing("  providers = {\n    terraform = terraform\n    terraform = terraform\n  }", "", &inside);
    assert_eq!(problems(&stack), ["error: Duplicate provider address"]);
}

#[test]
fn a_module_with_provider_blocks() {
    let (own, empty) = ("provider \"random\" {\n  foo = 1\n}\n", "provider \"random\" {}\n");
    let incompatible = ["error: Module is incompatible with count, for_each, and depends_on"];
    for call in ["  count = 1", "  for_each = toset([])", "  depends_on = []"] {
        assert_eq!(problems(&passing(call, "", own)), incompatible, "{call}");
    }
    assert_eq!(problems(&passing("  count = 1", "", empty)), ["warning: Redundant empty provider block"]);
    let given = "  providers = {\n    random = random\n  }";
    let over = problems(&passing(given, "provider \"random\" {\n  alias = \"x\"\n}\n", own));
    assert!(over.contains(&"error: Cannot override provider configuration".to_owned()), "{over:?}");
}

#[test]
fn arguments_of_provider_blocks() {
    let one =
        |argument: &str| problems(&stack().file("main.tf", format!("provider \"random\" {{\n  {argument}\n}}\n")));
    for argument in ["count = 1", "for_each = {}", "depends_on = []", "source = \"x\""] {
        assert_eq!(one(argument), ["error: Reserved argument name in provider block"], "{argument}");
    }
    assert_eq!(one("lifecycle {}"), ["error: Reserved block type name in provider block"]);
    let deprecated = "warning: Version constraints inside provider configuration blocks are deprecated";
    assert_eq!(one("version = \"~> 3.0\""), [deprecated]);
    assert_eq!(one("version = \"abc\""), [deprecated, "error: Invalid version constraint"]);
}

#[test]
fn one_provider_under_two_names() {
    let stack = stack().file("main.tf", format!("{}{INSIDE}", builtin("other", "")));
    assert_eq!(problems(&stack), ["warning: Duplicate required provider"]);
}

#[test]
fn entries_of_required_providers() {
    let one = |entry: &str| {
        let text = format!("terraform {{\n  required_providers {{\n    {entry}\n  }}\n}}\n");
        problems(&stack().file("main.tf", text))
    };
    for (entry, summary) in [
        ("foo = { source = \"a/b/c/d\" }", "Invalid provider source string"),
        ("foo = { source = \"-a/b\" }", "Invalid provider namespace"),
        ("foo = { source = 1 }", "Invalid source"),
        ("foo = { source = var.x }", "Invalid source"),
        ("foo = { version = \"abc\" }", "Invalid version constraint"),
        ("foo = { version = \"\" }", "Invalid version constraint"),
        ("foo = { version = 1 }", "Invalid version constraint"),
        ("foo = \"abc\"", "Invalid version constraint"),
        ("foo = []", "Invalid required_providers object"),
        ("Foo = { source = \"a/foo\" }", "Invalid provider local name"),
        ("foo_bar = { source = \"a/foo\" }", "Invalid provider local name"),
        ("foo = { configuration_aliases = [bar.x] }", "Invalid configuration_aliases value"),
        ("foo = { configuration_aliases = foo.x }", "Invalid expression"),
        ("foo = { configuration_aliases = [\"foo.x\"] }", "Invalid expression"),
    ] {
        assert_eq!(one(entry), [format!("error: {summary}")], "{entry}");
    }
    assert_eq!(one("foo = \"~> 1.0\""), ["error: Missing required provider"]);
}
