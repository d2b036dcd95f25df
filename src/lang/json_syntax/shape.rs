//! Which properties of a block's object are blocks, and which arguments are not expressions but names, words or types.
//!
//! The native syntax shows all of this by its form; JSON has one form for everything.

/// What stands in a block.
pub(super) struct Shape {
    /// Arguments whose value is more or less than an expression.
    pub arguments: &'static [(&'static str, Meaning)],
    /// Blocks, the number of their labels, and what stands in them.
    pub blocks: &'static [(&'static str, &'static [&'static str], &'static Self)],
    /// What other properties are.
    pub others: Others,
}

impl Shape {
    /// Whether any names may stand there, all of them arguments.
    pub(super) fn is_open(&self) -> bool {
        self.arguments.is_empty() && self.blocks.is_empty() && matches!(self.others, Others::Arguments(_))
    }
}

/// How the value of an argument is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Strings are templates.
    Expression,
    /// Strings stand for themselves.
    Literal,
    /// A string holds a name with steps.
    Reference,
    /// A string holds a name with steps, in whose brackets anything may stand.
    Native,
    /// An array of strings with names.
    References,
    /// An array of strings with names that may have anything in their brackets.
    Natives,
    /// An array of strings with names, or the word `all`.
    ReferencesOrAll,
    /// A string holds a type.
    Type,
    /// A string holds a word.
    Word,
    /// An object whose values are strings with names.
    ReferenceMap,
    /// Objects with literals, and names in `configuration_aliases`.
    Provider,
}

/// What properties are that the shape does not name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Others {
    /// Mistakes.
    Nothing,
    /// Arguments of this meaning.
    Arguments(Meaning),
    /// Arguments or blocks, which only the attribute table of the type can tell.
    Either,
}

use Meaning::{
    Expression, Literal, Native, Natives, Provider, Reference, ReferenceMap, References, ReferencesOrAll, Type, Word,
};

/// A file.
pub(super) const FILE: Shape = Shape {
    arguments: &[],
    blocks: &[
        ("terraform", &[], &TERRAFORM),
        ("provider", &["name"], &PROVIDER),
        ("variable", &["name"], &VARIABLE),
        ("locals", &[], &ANY_ARGUMENTS),
        ("output", &["name"], &OUTPUT),
        ("module", &["name"], &MODULE),
        ("resource", &["type", "name"], &RESOURCE),
        ("data", &["type", "name"], &RESOURCE),
        ("ephemeral", &["type", "name"], &RESOURCE),
        ("moved", &[], &MOVED),
        ("removed", &[], &REMOVED),
        ("import", &[], &IMPORT),
        ("check", &["name"], &CHECK),
    ],
    others: Others::Nothing,
};

const TERRAFORM: Shape = Shape {
    arguments: &[("required_version", Literal), ("experiments", Natives), ("language", Word)],
    blocks: &[
        ("backend", &["type"], &LITERALS),
        ("cloud", &[], &CLOUD),
        ("encryption", &[], &ENCRYPTION),
        ("required_providers", &[], &PROVIDERS),
        ("provider_meta", &["provider"], &LITERALS),
    ],
    others: Others::Nothing,
};

pub(super) const LITERALS: Shape = Shape { arguments: &[], blocks: &[], others: Others::Arguments(Literal) };
const ENCRYPTION: Shape = Shape {
    arguments: &[],
    blocks: &[
        ("key_provider", &["type", "name"], &ANY_ARGUMENTS),
        ("method", &["type", "name"], &ANY_ARGUMENTS),
        ("state", &[], &TARGET),
        ("plan", &[], &TARGET),
        ("remote_state_data_sources", &[], &LITERALS),
    ],
    others: Others::Nothing,
};
const TARGET: Shape = Shape {
    arguments: &[("method", Expression), ("enforced", Literal)],
    blocks: &[("fallback", &[], &FALLBACK)],
    others: Others::Nothing,
};
/// Of any depth, so it refers to itself.
static FALLBACK: Shape =
    Shape { arguments: &[("method", Expression)], blocks: &[("fallback", &[], &FALLBACK)], others: Others::Nothing };
const CLOUD: Shape = Shape { arguments: &[], blocks: &[("workspaces", &[], &LITERALS)], ..LITERALS };
const PROVIDERS: Shape = Shape { arguments: &[], blocks: &[], others: Others::Arguments(Provider) };
const ANY_ARGUMENTS: Shape = Shape { arguments: &[], blocks: &[], others: Others::Arguments(Expression) };

const PROVIDER: Shape = Shape {
    arguments: &[("alias", Literal), ("version", Literal)],
    blocks: &[("_", &[], &OPEN)],
    others: Others::Either,
};

const VARIABLE: Shape = Shape {
    arguments: &[
        ("description", Literal),
        ("default", Literal),
        ("type", Type),
        ("sensitive", Literal),
        ("nullable", Literal),
        ("ephemeral", Literal),
    ],
    blocks: &[("validation", &[], &CONDITION)],
    others: Others::Nothing,
};

const CONDITION: Shape = Shape {
    arguments: &[("condition", Expression), ("error_message", Expression)],
    blocks: &[],
    others: Others::Nothing,
};

const OUTPUT: Shape = Shape {
    arguments: &[
        ("value", Expression),
        ("description", Literal),
        ("sensitive", Literal),
        ("ephemeral", Literal),
        ("depends_on", References),
    ],
    blocks: &[("precondition", &[], &CONDITION)],
    others: Others::Nothing,
};

const MODULE: Shape = Shape {
    arguments: &[
        ("source", Literal),
        ("version", Literal),
        ("count", Expression),
        ("for_each", Expression),
        ("depends_on", References),
        ("providers", ReferenceMap),
    ],
    blocks: &[],
    others: Others::Arguments(Expression),
};

const RESOURCE: Shape = Shape {
    arguments: &[("count", Expression), ("for_each", Expression), ("provider", Reference), ("depends_on", References)],
    blocks: &[
        ("lifecycle", &[], &LIFECYCLE),
        ("connection", &[], &OPEN),
        ("provisioner", &["type"], &PROVISIONER),
        ("_", &[], &OPEN),
    ],
    others: Others::Either,
};

const OPEN: Shape = Shape { arguments: &[], blocks: &[], others: Others::Either };

const LIFECYCLE: Shape = Shape {
    arguments: &[
        ("create_before_destroy", Literal),
        ("prevent_destroy", Literal),
        ("ignore_changes", ReferencesOrAll),
        ("replace_triggered_by", Natives),
    ],
    blocks: &[("precondition", &[], &CONDITION), ("postcondition", &[], &CONDITION)],
    others: Others::Nothing,
};

const PROVISIONER: Shape = Shape {
    arguments: &[("when", Word), ("on_failure", Word)],
    blocks: &[("connection", &[], &OPEN), ("lifecycle", &[], &OPEN), ("_", &[], &OPEN)],
    others: Others::Either,
};

const MOVED: Shape =
    Shape { arguments: &[("from", Reference), ("to", Reference)], blocks: &[], others: Others::Nothing };

const REMOVED: Shape = Shape {
    arguments: &[("from", Reference)],
    blocks: &[
        ("lifecycle", &[], &REMOVED_LIFECYCLE),
        ("connection", &[], &OPEN),
        ("provisioner", &["type"], &PROVISIONER),
    ],
    others: Others::Nothing,
};

const REMOVED_LIFECYCLE: Shape = Shape { arguments: &[("destroy", Literal)], blocks: &[], others: Others::Nothing };

const IMPORT: Shape = Shape {
    arguments: &[("to", Native), ("id", Expression), ("provider", Reference), ("for_each", Expression)],
    blocks: &[],
    others: Others::Nothing,
};

const CHECK: Shape = Shape {
    arguments: &[],
    blocks: &[("data", &["type", "name"], &RESOURCE), ("assert", &[], &CONDITION)],
    others: Others::Nothing,
};
