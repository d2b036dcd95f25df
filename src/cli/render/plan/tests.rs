//! Whole plans of toy types, as people see them.

#![allow(unreachable_pub)] // `model!` makes public items

use std::sync::Arc;

use super::*;
use crate::address::Address;
use crate::plan::live::Object;
use crate::plan::{Action, Change, Connections, OutputChange, Reason};
use crate::resource::model::{Field, Model};
use crate::resource::{
    AnyResource, AnySource, Cloud, Draft, Error, Found, Id, Identity, Pace, Pending, Problems, Provider, Schema,
    Surroundings, Wanted,
};
use crate::value::{Marks, Type, Value};

crate::model! {
    /// A toy.
    pub struct Toy {
        /// Name.
        name: Option<String> = optional().force_new(),
        /// Id.
        id: Option<String> = computed(),
        /// Size.
        size: Option<i64> = optional(),
        /// Where it belongs.
        parent: Option<String> = optional().force_new(),
        /// Policy.
        policy: Option<String> = optional().json(),
        /// Password.
        password: Option<String> = optional().sensitive(),
        /// Zones.
        zones: Option<Vec<String>> = optional(),
        /// Parts.
        part: Vec<Part> = optional(),
    }
}

crate::model! {
    /// A part.
    pub struct Part {
        /// Port.
        port: Option<i64> = optional(),
        /// Key.
        key: Option<String> = optional(),
    }
}

struct ToyType;

impl AnyResource for ToyType {
    fn type_name(&self) -> &'static str {
        "toy"
    }
    fn schema(&self) -> &'static Schema {
        Toy::schema()
    }
    fn identity(&self) -> Identity {
        Identity::Chosen(&["name"])
    }
    fn pace(&self) -> Pace {
        crate::resource::attr::secs(2, 1, 1)
    }
    fn check(&self, _: &Draft, _: &mut Problems) {}
    fn revise(&self, _: Option<&Cloud>, _: &mut Draft) {}
    fn id(&self, _: &Value) -> Result<Id, Error> {
        Ok(Id::new())
    }
    fn read<'a>(&'a self, _: &'a Cloud, _: &'a [Wanted]) -> Pending<'a, Vec<Found>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    fn create<'a>(&'a self, _: &'a Cloud, _: &'a Value) -> Pending<'a, Id> {
        Box::pin(async { Ok(Id::new()) })
    }
    fn finish<'a>(&'a self, _: &'a Cloud, _: &'a Id, _: &'a Value) -> Pending<'a, ()> {
        Box::pin(async { Ok(()) })
    }
    fn update<'a>(&'a self, _: &'a Cloud, _: &'a Id, _: &'a Value, _: &'a Value) -> Pending<'a, ()> {
        Box::pin(async { Ok(()) })
    }
    fn delete<'a>(&'a self, _: &'a Cloud, _: &'a Id, _: &'a Value) -> Pending<'a, ()> {
        Box::pin(async { Ok(()) })
    }
    fn recover<'a>(&'a self, _: &'a Cloud, _: &'a Value) -> Pending<'a, Option<Id>> {
        Box::pin(async { Ok(None) })
    }
    fn import<'a>(&'a self, _: &'a Cloud, text: &'a str) -> Pending<'a, Wanted> {
        Box::pin(async { Ok(Wanted { id: text.to_owned(), prior: Toy::schema().absent() }) })
    }
}

/// A provider with one resource type, `toy`.
pub(in crate::cli) struct Toys(Vec<std::sync::Arc<dyn AnyResource>>);

impl Provider for Toys {
    fn name(&self) -> &'static str {
        "toys"
    }
    fn source(&self) -> &'static str {
        "registry.terraform.io/test/toys"
    }
    fn schema(&self) -> &'static Schema {
        Part::schema()
    }
    fn resources(&self) -> &[std::sync::Arc<dyn AnyResource>] {
        &self.0
    }
    fn sources(&self) -> &[std::sync::Arc<dyn AnySource>] {
        &[]
    }
    fn check(&self, _: &Draft, _: &mut Problems) {}
    fn connect<'a>(&'a self, _: &'a Value, _: &'a Surroundings) -> Pending<'a, Cloud> {
        Box::pin(async { Ok(Cloud::new(())) })
    }
}

/// A registry of that provider.
pub(in crate::cli) fn toys() -> Registry {
    Registry::new(vec![std::sync::Arc::new(Toys(vec![std::sync::Arc::new(ToyType)]))])
}

/// A shell without colour.
pub(in crate::cli) fn shell() -> Shell {
    Shell { is_terminal: false, has_colour: false, has_error_colour: false, width: 80, may_ask: false }
}

fn toy(name: &str) -> Toy {
    Toy { name: Some(name.into()), id: Some("toy-1".into()), size: Some(1), ..Toy::default() }
}

/// The value with one attribute replaced.
fn with(value: &Value, name: &str, one: Value) -> Value {
    let mut entries = value.entries().cloned().unwrap_or_default();
    entries.insert(name.into(), one);
    Value::object(entries)
}

fn change(address: &str, action: Action, before: Option<Value>, after: Option<Value>) -> Change {
    let null = || Value::null(Type::Any);
    let (before, after) = (before.unwrap_or_else(null), after.unwrap_or_else(null));
    let both = !before.is_null() && !after.is_null();
    let changed = if both { crate::plan::diff::changes(Toy::schema(), &before, &after) } else { Vec::new() };
    Change {
        address: address.parse().expect("an address"),
        deposed: None,
        moved_from: None,
        importing: None,
        provider: Connections::parse("provider[\"registry.terraform.io/test/toys\"]"),
        action,
        reason: Reason::None,
        before,
        after,
        changed,
        dependencies: crate::address::Addresses::default(),
        recorded: Arc::default(),
        had: Arc::default(),
        create_before_destroy: false,
        span: None,
    }
}

fn shown(changes: Vec<Change>, detail: Detail) -> String {
    let steps = crate::plan::steps::steps(&changes).expect("no cycle");
    super::plan(&Plan { changes, steps, ..Plan::default() }, &toys(), &shell(), detail)
}

/// Only the changes, without legend.
fn body(changes: Vec<Change>) -> String {
    let text = shown(changes, Detail::Changes);
    let start = text.find("actions:\n\n").map_or(0, |at| at + 10);
    text[start..].trim().to_owned()
}

#[test]
fn nothing_to_do() {
    let text = super::plan(&Plan::default(), &toys(), &shell(), Detail::Changes);
    assert!(text.starts_with("\nNo changes. Your infrastructure matches the configuration.\n"), "{text}");
}

#[test]
fn a_new_object() {
    let after = Toy {
        policy: Some("{\"b\":[1],\"a\":\"x\"}".into()),
        password: Some("hush".into()),
        zones: Some(vec!["a".into()]),
        part: vec![Part { port: Some(80), key: None }],
        ..toy("one")
    };
    let after = with(&after.encode_element(), "id", Value::unknown(Type::String));
    let mut create = change("toy.one", Action::Create, None, Some(after.clone()));
    // All of a new object counts as changed; that forces nothing.
    create.changed = crate::plan::diff::changes(Toy::schema(), &Toy::schema().absent(), &after);
    let text = shown(vec![create], Detail::Changes);
    insta::assert_snapshot!(text, @r#"

    glaz used the built-in providers to generate the following execution plan. Resource actions
    are indicated with the following symbols:
      + create

    glaz will perform the following actions:

      # toy.one will be created
      + resource "toy" "one" {
          + id       = (known after apply)
          + name     = "one"
          + password = (sensitive value)
          + policy   = jsonencode(
                {
                  + a = "x"
                  + b = [
                      + 1,
                    ]
                }
            )
          + size     = 1
          + zones    = [
              + "a",
            ]

          + part {
              + port = 80
            }
        }

    Plan: 1 to add, 0 to change, 0 to destroy.
    "#);
}

#[test]
fn an_update_shows_what_changes() {
    let part = |port, key: &str| Part { port: Some(port), key: Some(key.into()) };
    let before = Toy {
        policy: Some("{\"a\":{\"x\":1,\"y\":2},\"list\":[\"p\",\"q\",\"r\",\"s\"]}".into()),
        password: Some("hush".into()),
        zones: Some(vec!["a".into(), "b".into(), "c".into(), "d".into()]),
        part: vec![part(80, "k"), part(81, "l"), part(82, "m")],
        ..toy("one")
    };
    let after = Toy {
        policy: Some("{\"a\":{\"x\":1,\"y\":3},\"list\":[\"p\",\"q\",\"t\",\"s\"]}".into()),
        password: Some("secret".into()),
        zones: Some(vec!["a".into(), "b".into(), "d".into()]),
        part: vec![part(80, "k"), part(8081, "l")],
        ..before.clone()
    };
    let text =
        body(vec![change("toy.one", Action::Update, Some(before.encode_element()), Some(after.encode_element()))]);
    insta::assert_snapshot!(text, @r#"
    # toy.one will be updated in-place
      ~ resource "toy" "one" {
            id       = "toy-1"
            name     = "one"
          ~ password = (sensitive value)
          ~ policy   = jsonencode(
              ~ {
                  ~ a    = {
                      ~ y = 2 -> 3
                        # (1 unchanged attribute hidden)
                    }
                  ~ list = [
                        # (1 unchanged element hidden)
                        "q",
                      ~ "r" -> "t",
                        "s",
                    ]
                }
            )
          ~ zones    = [
                # (1 unchanged element hidden)
                "b",
              - "c",
                "d",
            ]
            # (1 unchanged attribute hidden)

          ~ part {
              ~ port = 81 -> 8081
                # (1 unchanged attribute hidden)
            }
          - part {
              - key  = "m" -> null
              - port = 82 -> null
            }

            # (1 unchanged block hidden)
        }

    Plan: 0 to add, 1 to change, 0 to destroy.
    "#);
}

fn replaced(address: &str, after: &Value) -> Change {
    let before = toy("old").encode_element();
    let after = with(after, "id", Value::unknown(Type::String));
    change(address, Action::Replace { create_first: false }, Some(before), Some(after))
}

#[test]
fn replacement_says_why_and_what_follows() {
    let comes_from = |address: &str| {
        let origin: Address = address.parse().expect("an address");
        Value::unknown(Type::String).with_marks(&Marks::origin(origin))
    };
    let root = replaced("toy.a", &toy("new").encode_element());
    let next = |address, from| {
        let mut one = replaced(address, &with(&toy("old").encode_element(), "parent", comes_from(from)));
        one.dependencies = crate::address::Addresses::one(from.parse().expect("an address"));
        one
    };
    let changes = vec![root, next("toy.b", "toy.a"), next("toy.c", "toy.b")];
    insta::assert_snapshot!(body(changes.clone()), @r#"
    # toy.a must be replaced
      # (because name cannot be changed in place)
      # (2 other resources are replaced because of it)
    -/+ resource "toy" "a" {
          ~ id   = "toy-1" -> (known after apply)
          ~ name = "old" -> "new" # forces replacement
            # (1 unchanged attribute hidden)
        }

      # toy.b must be replaced
      # (because parent comes from toy.a, which is replaced)
    -/+ resource "toy" "b" {
          ~ id     = "toy-1" -> (known after apply)
            name   = "old"
          + parent = (known after apply) # forces replacement
            # (1 unchanged attribute hidden)
        }

      # toy.c must be replaced
      # (because parent comes from toy.b, which is replaced; it begins with toy.a, 2 resources away)
    -/+ resource "toy" "c" {
          ~ id     = "toy-1" -> (known after apply)
            name   = "old"
          + parent = (known after apply) # forces replacement
            # (1 unchanged attribute hidden)
        }

    Plan: 3 to add, 0 to change, 3 to destroy.
    "#);
    insta::assert_snapshot!(shown(changes, Detail::Brief), @r"

    -/+ toy.a (because name cannot be changed in place)
    -/+ toy.b (because parent comes from toy.a, which is replaced)
    -/+ toy.c (because parent comes from toy.b, which is replaced; it begins with toy.a, 2 resources away)

    Plan: 3 to add, 0 to change, 3 to destroy.
    ");
}

#[test]
fn deletions_say_why() {
    let gone = |address, reason| {
        let before = toy("one").encode_element();
        Change { reason, ..change(address, Action::Delete, Some(before), None) }
    };
    let text = shown(
        vec![
            gone("toy.a[1]", Reason::CountIndex),
            gone("toy.b[\"k\"]", Reason::EachKey),
            gone("module.m[0].toy.c", Reason::NoModule),
            gone("toy.d", Reason::NoResourceConfig),
            Change { deposed: Some("01234567".into()), ..gone("toy.e", Reason::None) },
        ],
        Detail::Brief,
    );
    insta::assert_snapshot!(text, @r#"

      - toy.a[1] (because index [1] is out of range for count)
      - toy.b["k"] (because key ["k"] is not in for_each map)
      - toy.d (because toy.d is not in configuration)
      - toy.e (deposed object 01234567) (left over from a partially-failed replacement of this instance)
      - module.m[0].toy.c (because module.m[0] is not in configuration)

    Plan: 0 to add, 0 to change, 5 to destroy.
    "#);
    insta::assert_snapshot!(body(vec![gone("toy.a", Reason::NoResourceConfig)]), @r#"
    # toy.a will be destroyed
      # (because toy.a is not in configuration)
      - resource "toy" "a" {
          - id   = "toy-1" -> null
          - name = "one" -> null
          - size = 1 -> null
        }

    Plan: 0 to add, 0 to change, 1 to destroy.
    "#);
}

#[test]
fn drift_stands_apart() {
    let object = |toy: &Toy| Object {
        attributes: toy.encode_element(),
        provider: String::new(),
        is_tainted: false,
        dependencies: Arc::default(),
        create_before_destroy: false,
    };
    let mut plan = Plan::default();
    let address: Address = "toy.a".parse().expect("an address");
    plan.live.drifted.insert(address.clone(), toy("one").encode_element());
    plan.live.objects.insert(address, object(&Toy { size: Some(2), ..toy("one") }));
    plan.live.vanished.insert("toy.b".parse().expect("an address"), object(&toy("two")));
    insta::assert_snapshot!(super::plan(&plan, &toys(), &shell(), Detail::Changes), @r#"

    Note: Objects have changed outside of glaz

    glaz detected the following changes made outside of glaz since the last apply:

      # toy.a has changed
      ~ resource "toy" "a" {
            id   = "toy-1"
            name = "one"
          ~ size = 1 -> 2
        }

      # toy.b has been deleted
      - resource "toy" "b" {
          - id   = "toy-1" -> null
          - name = "two" -> null
          - size = 1 -> null
        }

    No changes. Your infrastructure matches the configuration.

    Your configuration already fits the changes detected above. The next apply that changes
    anything else remembers them.
    "#);
}

#[test]
fn outputs_change_without_steps() {
    let mut plan = Plan::default();
    let mut output = |name: &str, before: Option<Value>, after: Option<Value>, is_sensitive| {
        plan.outputs.insert(name.into(), OutputChange { before, after, was_sensitive: is_sensitive, is_sensitive });
    };
    let map = |text: &str| Value::map(Type::String, [("a".into(), text.into())].into());
    output("z", None, Some(1.into()), false);
    output("map", Some(map("1")), Some(map("2")), false);
    output("gone", Some("x".into()), None, false);
    output("secret", Some("hush".into()), Some("hush2".into()), true);
    output("half", None, Some(Value::tuple(vec![Value::from("hush").sensitive(), 1.into()])), false);
    output("same", Some("x".into()), Some("x".into()), false);
    insta::assert_snapshot!(super::plan(&plan, &toys(), &shell(), Detail::Changes), @r#"

    Changes to Outputs:
      - gone   = "x" -> null
      + half   = [
          + (sensitive value),
          + 1,
        ]
      ~ map    = {
          ~ a = "1" -> "2"
        }
      ~ secret = (sensitive value)
      + z      = 1

    You can apply this plan to save these new output values to the state, without changing any
    real infrastructure.
    "#);
}

#[test]
fn a_line_says_what_moved_and_why_it_is_replaced() {
    let (old, new) = (toy("one").encode_element(), toy("two").encode_element());
    let from = |name: &str| name.parse::<Address>().ok();
    let again = Action::Replace { create_first: false };
    let text = shown(
        vec![
            Change { moved_from: from("toy.x"), ..change("toy.a", Action::NoOp, Some(old.clone()), Some(old.clone())) },
            Change {
                moved_from: from("toy.y"),
                ..change("toy.b", Action::Update, Some(old.clone()), Some(new.clone()))
            },
            Change { reason: Reason::ByTriggers, ..change("toy.c", again, Some(old.clone()), Some(new.clone())) },
            Change { reason: Reason::Tainted, ..change("toy.d", again, Some(old), Some(new)) },
        ],
        Detail::Brief,
    );
    insta::assert_snapshot!(text, @r"

        toy.a (moved from toy.x)
      ~ toy.b (name; moved from toy.y)
    -/+ toy.c (due to changes in replace_triggered_by)
    -/+ toy.d (tainted)

    Plan: 2 to add, 1 to change, 2 to destroy.
    ");
}
