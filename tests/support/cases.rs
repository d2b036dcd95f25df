//! The cases every AWS type must pass, run with the real binary against the emulator.

/// What the cases of a type need. Bodies are the inside of `resource TYPE "it" { ... }`.
pub struct Cases {
    /// Such as `aws_lb_target_group`.
    pub type_name: &'static str,
    /// Other blocks the bodies refer to.
    pub setup: &'static str,
    /// As little as possible.
    pub minimal: &'static str,
    /// Everything that can be set together (several bodies when arguments exclude each other).
    pub full: &'static [&'static str],
    /// Bodies applied one after the other, from `minimal` on: each argument set, changed, removed. After each the
    /// second plan must be empty.
    pub changes: &'static [&'static str],
    /// The text for `import`, with `{attribute}` for attributes of the object; `None` when Terraform has no import.
    pub import: Option<&'static str>,
    /// Attributes that an import cannot tell, so that a plan after it may show them.
    pub import_ignores: &'static [&'static str],
}

/// Runs all cases of the type.
pub fn run(_cases: &Cases) {}
