//! The whole stack as rules see it: objects, places in them, and what refers to what.

use std::collections::BTreeMap;

use super::account::Account;
use crate::address::Address;
use crate::diagnostic::Span;
use crate::lang::{Path, Step};
use crate::plan::imagine::{Imagined, Picture, is_made_up};
use crate::plan::{Action, Change};
use crate::value::Value;

/// Every object that the files want.
#[derive(Debug)]
pub struct Stack<'a> {
    by_type: BTreeMap<&'a str, Vec<Object<'a>>>,
    by_address: BTreeMap<&'a Address, &'a Change>,
    changes: &'a [Change],
    /// What is looked at, and how.
    asked: Asked,
    /// Whether every object of the files is here. Otherwise nothing may be concluded from what is absent.
    pub(super) is_whole: bool,
    /// What exists already.
    pub(super) account: &'a Account<'a>,
}

/// What rules are run for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    /// Whether what objects hold is deleted with them.
    pub empties: bool,
    /// Whether somebody wants to know of the whole stack, and not only of what is about to change.
    pub of_all: bool,
}

/// An object that is replaced.
#[derive(Debug)]
pub(super) struct Replaced<'a> {
    before: &'a Value,
    /// Whether the new one is made first.
    pub(super) create_first: bool,
}

/// An object.
pub type Object<'a> = Place<'a>;

/// A value in an object, or the whole object.
#[derive(Clone, Debug)]
pub struct Place<'a> {
    object: &'a Imagined,
    path: Path,
    value: Option<&'a Value>,
    /// Whether it, or what it stands in, is sensitive.
    is_secret: bool,
}

impl<'a> Replaced<'a> {
    /// A text of the one that goes.
    pub(super) fn before(&self, name: &str) -> Option<&'a str> {
        self.before.get(name).and_then(Value::as_str)
    }
}

impl<'a> Stack<'a> {
    pub(super) fn new(picture: &'a Picture, changes: &'a [Change], account: &'a Account<'a>, asked: Asked) -> Self {
        let mut by_type: BTreeMap<&str, Vec<Object<'a>>> = BTreeMap::new();
        for object in &picture.objects {
            // `aws_alb` and its relatives are other names of the same types.
            let name = object.address.type_name();
            let name = match name {
                "aws_alb" => "aws_lb",
                "aws_alb_listener" => "aws_lb_listener",
                "aws_alb_listener_rule" => "aws_lb_listener_rule",
                "aws_alb_target_group" => "aws_lb_target_group",
                name => name,
            };
            by_type.entry(name).or_default().push(Place::whole(object));
        }
        let by_address = changes.iter().map(|change| (&change.address, change)).collect();
        Self { by_type, by_address, changes, asked, is_whole: picture.is_whole, account }
    }

    /// Whether what objects hold is deleted with them.
    pub(super) fn empties(&self) -> bool {
        self.asked.empties
    }

    /// Whether the object is about to change, or everything is to be looked at: for rules about what has worked so far.
    pub(super) fn is_of_interest(&self, object: &Object<'_>) -> bool {
        self.asked.of_all || self.by_address.get(object.address()).is_some_and(|change| change.is_action())
    }

    /// What is planned to be deleted, also to be made anew.
    pub(super) fn deletions(&self) -> impl Iterator<Item = &'a Change> + use<'a> {
        self.changes.iter().filter(|change| change.deletes())
    }

    /// What is planned for the object, when that is a replacement.
    pub(super) fn replaced(&self, object: &Object<'_>) -> Option<Replaced<'a>> {
        let change = self.by_address.get(object.address())?;
        let Action::Replace { create_first } = change.action else { return None };
        Some(Replaced { before: &change.before, create_first })
    }

    /// Whether objects of these types are deleted, or replaced: what exists is in use by those no longer.
    pub(super) fn takes_away(&self, types: &[&str]) -> bool {
        let goes = |action: &Action| matches!(action, Action::Delete | Action::Forget | Action::Replace { .. });
        self.changes.iter().any(|change| goes(&change.action) && types.contains(&change.address.type_name()))
    }

    /// Whether it is certain that the object is made by this run: nobody outside the stack can have to do with it yet.
    /// Never, while nobody may ask what exists.
    pub(super) fn is_new(&self, object: &Object<'_>) -> bool {
        self.account.is_open() && (!object.object().exists || self.replaced(object).is_some())
    }

    /// All objects of a type.
    pub(super) fn all(&self, type_name: &str) -> &[Object<'a>] {
        self.by_type.get(type_name).map_or(&[], Vec::as_slice)
    }

    /// The object of a type that a value names by one of these attributes. The same name may be in use in every account
    /// and region: then the one beside the value is meant.
    pub(super) fn named(&self, value: &Place<'_>, type_name: &str, by: &[&str]) -> Option<&Object<'a>> {
        let text = value.text()?;
        let is_meant = |object: &&Object<'a>| by.iter().any(|name| object.attr(name).text() == Some(text));
        let mut meant = self.all(type_name).iter().filter(is_meant);
        let near = meant.clone().find(|object| object.is_near(value));
        near.or_else(|| meant.next().filter(|_| is_unique(text, type_name)))
    }

    /// Some object of a type that has this text in one of these attributes.
    pub(super) fn find(&self, text: &str, type_name: &str, by: &[&str]) -> Option<&Object<'a>> {
        let is_meant = |object: &&Object<'a>| by.iter().any(|name| object.attr(name).text() == Some(text));
        self.all(type_name).iter().find(is_meant)
    }

    /// Whether it cannot be told which object of a type a value names: it may be any, or one outside the stack.
    pub(super) fn is_unclear(&self, value: &Place<'_>, type_name: &str, by: &[&str]) -> bool {
        match value.text() {
            Some(text) => is_made_up(text) && self.find(text, type_name, by).is_none(),
            None => !value.is_absent(),
        }
    }

    /// All objects of a type that name the same thing in this attribute.
    pub(super) fn that_name(&self, type_name: &str, attribute: &str, text: Option<&str>) -> Vec<&Object<'a>> {
        let fits = |object: &&Object<'a>| text.is_some() && object.attr(attribute).text() == text;
        self.all(type_name).iter().filter(fits).collect()
    }
}

impl<'a> Place<'a> {
    fn whole(object: &'a Imagined) -> Self {
        let value = &object.value;
        Self { object, path: Path::default(), value: Some(value), is_secret: value.marks.is_sensitive() }
    }

    fn step(&self, step: Step, value: Option<&'a Value>) -> Self {
        let is_secret = self.is_secret || value.is_some_and(|value| value.marks.is_sensitive());
        Self { object: self.object, path: self.path.then(step), value, is_secret }
    }

    /// An attribute.
    pub(super) fn attr(&self, name: &str) -> Self {
        self.step(Step::Attr(name.into()), self.value.and_then(|value| value.get(name)))
    }

    /// The only block of a name; a place without a value when there is none.
    pub(super) fn block(&self, name: &str) -> Self {
        self.items(name).into_iter().next().unwrap_or_else(|| self.step(Step::Attr(name.into()), None))
    }

    /// Blocks of a name, or elements of a list or set.
    pub(super) fn items(&self, name: &str) -> Vec<Self> {
        let whole = self.attr(name);
        match whole.value.and_then(Value::elements) {
            Some(elements) => {
                elements.iter().enumerate().map(|(at, one)| whole.step(Step::Index(at), Some(one))).collect()
            }
            // A block that may stand once only.
            None => whole.value.filter(|value| value.entries().is_some()).map(|_| whole.clone()).into_iter().collect(),
        }
    }

    /// The value, when it may be shown.
    fn shown(&self) -> Option<&'a Value> {
        self.value.filter(|_| !self.is_secret)
    }

    /// The text, when there is one that may be shown. It may be made up: see [`given`](Self::given).
    pub(super) fn text(&self) -> Option<&'a str> {
        self.shown()?.as_str().filter(|text| !text.is_empty())
    }

    /// The text, when it is known before apply.
    pub(super) fn given(&self) -> Option<&'a str> {
        self.text().filter(|text| !is_made_up(text))
    }

    /// The whole number, when it is known and may be shown.
    pub(super) fn int(&self) -> Option<i64> {
        self.shown()?.as_i64()
    }

    /// Yes or no, when it is known and may be shown.
    pub(super) fn truth(&self) -> Option<bool> {
        self.shown()?.as_bool()
    }

    /// Whether it is known to be true.
    pub(super) fn is_true(&self) -> bool {
        self.truth() == Some(true)
    }

    /// Whether the files say nothing here, or the empty text or list.
    pub(super) fn is_absent(&self) -> bool {
        self.value.is_none_or(|value| {
            value.is_null() || value.as_str() == Some("") || value.elements().is_some_and(<[Value]>::is_empty)
        })
    }

    /// Whether the files say something here, which may be known only after apply. What exists may have values that
    /// nobody wrote.
    pub(super) fn is_said(&self) -> bool {
        let said = self.path.find(&self.object.said);
        said.is_some_and(|said| !said.is_null() && !said.elements().is_some_and(<[Value]>::is_empty))
    }

    /// Whether the files say something here that is known only after apply, such as blocks whose number is not known.
    pub(super) fn is_undecided(&self) -> bool {
        self.value.is_some_and(|value| !value.is_known()) && self.is_said()
    }

    /// What the files say, as far as it counts: what a deployment controller has made of it is not looked at.
    pub(super) fn said(&self) -> Option<&'a str> {
        self.path.find(&self.object.said).filter(|_| !self.is_secret)?.as_str()
    }

    /// Whether both are in the same account and region, as far as the files say where they are.
    pub(super) fn is_near(&self, other: &Place<'_>) -> bool {
        let region = |one: &Imagined| one.said.get("region").and_then(Value::as_str).map(ToOwned::to_owned);
        self.object.provider == other.object.provider && region(self.object) == region(other.object)
    }

    /// Whether it is known wholly.
    pub(super) fn is_known(&self) -> bool {
        self.value.is_some_and(Value::is_wholly_known)
    }

    /// The instance.
    pub(super) fn address(&self) -> &'a Address {
        &self.object.address
    }

    /// The object around the place.
    pub(super) fn object(&self) -> &'a Imagined {
        self.object
    }

    /// Where it stands: the value, or what stands around it.
    pub(super) fn span(&self) -> Span {
        self.object.spans.of(&self.path)
    }

    /// The header of its block.
    pub(super) fn header(&self) -> Span {
        self.object.spans.header()
    }
}

impl PartialEq for Place<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.object.address == other.object.address && self.path == other.path
    }
}

/// What a person calls the object: its address.
impl std::fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.object.address.fmt(f)
    }
}

/// Whether a text can be the name of one thing only, wherever that is.
fn is_unique(text: &str, type_name: &str) -> bool {
    const IDS: &[&str] = &["arn:", "sg-", "subnet-", "vpc-", "rtb-", "igw-", "nat-"];
    const GLOBAL: &[&str] = &["aws_iam_", "aws_route53_"];
    is_made_up(text)
        || IDS.iter().any(|start| text.starts_with(start))
        || GLOBAL.iter().any(|start| type_name.starts_with(start))
}
