//! Stands in for the built-in `terraform_data`.

use std::sync::LazyLock;

use glaz::address::Mode;
use glaz::diagnostic::Report;
use glaz::lang::{Answers, Desired};
use glaz::resource::attr::{Attr, Schema, Shape, computed, optional};
use glaz::value::{Entries, Type, Value};

static DATA: LazyLock<Schema> = LazyLock::new(|| {
    Schema::new(
        "Holds a value.",
        vec![
            Attr::new("id", "Its id.", Shape::Plain(Type::String), computed()),
            Attr::new("input", "The value.", Shape::Plain(Type::Any), optional()),
            Attr::new("output", "The value, once applied.", Shape::Plain(Type::Any), computed()),
            Attr::new("triggers_replace", "Replaces it.", Shape::Plain(Type::Any), optional()),
        ],
    )
});

/// Plans every `terraform_data` as new.
pub(super) struct Toy;

impl Answers for Toy {
    fn schema(&self, mode: Mode, type_name: &str) -> Option<&'static Schema> {
        (mode == Mode::Managed && type_name == "terraform_data").then(|| &*DATA)
    }

    fn type_names(&self, _: Mode) -> Vec<&'static str> {
        vec!["terraform_data"]
    }

    fn provider_schema(&self, _: &str) -> Option<&'static Schema> {
        None
    }

    fn instance(&mut self, want: &Desired) -> Result<Value, Report> {
        let mut entries: Entries = want.config.entries().cloned().unwrap_or_default();
        entries.insert("id".into(), Value::unknown_not_null(Type::String));
        let output = match entries.get("input") {
            Some(input) if input.is_null() => input.clone(),
            Some(input) => Value::unknown(input.ty()),
            None => Value::null(Type::Any),
        };
        entries.insert("output".into(), output);
        Ok(Value::object(entries))
    }
}
