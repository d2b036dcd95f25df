//! Roles of the stack: what they may do, and who may take them on.

use super::policy::{self, Document};
use super::stack::{Object, Place, Stack};
use crate::plan::imagine::is_made_up;

/// A role of the stack with everything attached to it that is in the stack too.
#[derive(Debug)]
pub(super) struct Role<'a> {
    pub(super) object: Object<'a>,
    documents: Vec<Document>,
    /// Whether everything that the stack attaches could be read.
    is_complete: bool,
    /// Whether nobody outside the stack can have attached anything yet.
    pub(super) is_new: bool,
}

/// The role of the stack that a value names by ARN or name; `None` when it is not of the stack.
pub(super) fn role<'a>(stack: &Stack<'a>, value: &Place<'_>) -> Option<Role<'a>> {
    let object = stack.named(value, "aws_iam_role", &["arn", "name", "id"])?;
    let is_new = stack.is_new(object);
    let is_complete =
        stack.is_whole && ATTACH.iter().all(|name| stack.all(name).iter().all(|one| says_whose(stack, one)));
    let mut role = Role { object: object.clone(), documents: Vec::new(), is_complete, is_new };
    role.is_complete &= ["inline_policy", "managed_policy_arns"].iter().all(|name| !object.attr(name).is_undecided());
    for inline in object.items("inline_policy") {
        role.add(inline.attr("policy").text().and_then(Document::parse));
    }
    for arn in object.items("managed_policy_arns") {
        role.add(managed(stack, &arn));
    }
    for policy in of_role(stack, ATTACH[0], object) {
        role.add(policy.attr("policy").text().and_then(Document::parse));
    }
    for attachment in of_role(stack, ATTACH[1], object) {
        role.add(managed(stack, &attachment.attr("policy_arn")));
    }
    Some(role)
}

/// Types that give a role what it may do.
const ATTACH: [&str; 2] = ["aws_iam_role_policy", "aws_iam_role_policy_attachment"];

/// Whether it can be told which role it belongs to.
fn says_whose(stack: &Stack<'_>, policy: &Object<'_>) -> bool {
    !stack.is_unclear(&policy.attr("role"), "aws_iam_role", &["name", "id"])
}

/// Objects that name the role in `role`.
fn of_role<'a>(stack: &Stack<'a>, type_name: &str, role: &Object<'_>) -> Vec<Object<'a>> {
    let names = [role.attr("name").text(), role.attr("id").text()];
    let fits = |one: &&Object<'a>| one.attr("role").text().is_some_and(|name| names.contains(&Some(name)));
    stack.all(type_name).iter().filter(fits).cloned().collect()
}

/// The document of a policy in the stack, or of one of AWS's own.
fn managed(stack: &Stack<'_>, arn: &Place<'_>) -> Option<Document> {
    match stack.named(arn, "aws_iam_policy", &["arn", "id"]) {
        Some(policy) => policy.attr("policy").text().and_then(Document::parse),
        None => policy::of_aws(arn.given()?),
    }
}

impl Role<'_> {
    fn add(&mut self, document: Option<Document>) {
        self.is_complete &= document.is_some();
        self.documents.extend(document);
    }

    /// Whether it may do this on anything.
    pub(super) fn may(&self, action: &str) -> bool {
        self.documents.iter().any(|document| document.allows(action))
    }

    /// Actions of these that it certainly lacks: none, while something attached to it cannot be read.
    pub(super) fn lacks<'b>(&self, actions: &[&'b str]) -> Vec<&'b str> {
        if !self.is_complete {
            return Vec::new();
        }
        actions.iter().filter(|action| !self.may(action)).copied().collect()
    }

    /// Services that may take it on; `None` while that is not known.
    pub(super) fn trusts(&self) -> Option<Vec<String>> {
        let document = Document::parse(self.object.attr("assume_role_policy").text()?)?;
        let trusted = document.trusted_services()?.into_iter().map(str::to_owned).collect::<Vec<_>>();
        (!trusted.iter().any(|one| is_made_up(one))).then_some(trusted)
    }
}
