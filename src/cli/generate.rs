//! `-generate-config-out` of `glaz plan`: resource blocks for imported objects that have none, in a new file.

use std::path::{Path, PathBuf};

use super::failure::Failure;
use super::render::{self, generate::Generated};
use super::run::Planned;
use super::stack::Stack;
use crate::address::Address;
use crate::diagnostic::{Diagnostic, Report, Span};
use crate::plan::problem;
use crate::resource::Problem;
use crate::state::store::atomic;

/// Name of the generated file in a saved plan, when it was not written beside the stack's own files.
const ELSEWHERE: &str = "__generated__.tf";

/// Refuses a file that exists already, before anything is read.
pub(super) fn check(file: &Path) -> Result<(), Failure> {
    if file.symlink_metadata().is_err() {
        return Ok(());
    }
    let text = format!(
        "{} exists, and is not overwritten. Name another file, or move what it says elsewhere and delete it.",
        file.display()
    );
    Err(Diagnostic::error("Target generated file already exists", text).into())
}

/// Writes the blocks of imported objects that have none, if there are any, and lets the plan say so; whether it did.
/// What is wrong with them is told then, where it can be mended.
pub(super) fn write(planned: &mut Planned, file: &Path) -> Result<bool, Failure> {
    let Planned { stack, plan, .. } = planned;
    let generated = render::generate::blocks(plan, &stack.config, &stack.registry);
    let Generated { blocks, problems } = generated.map_err(|report| stack.fail(report))?;
    plan.generated = blocks;
    if plan.generated.is_empty() {
        return Ok(false);
    }
    let text = render::generate::file(plan);
    check(file)?;
    atomic::replace(file, text.as_bytes(), atomic::STATE_MODE).map_err(|error| {
        let text = format!(
            "{}: {error}. Nothing was changed. Check that its folder exists and can be written to.",
            file.display()
        );
        stack.fail(Diagnostic::error("Failed to create target generated file", text))
    })?;
    let found = told(stack, file, &text, &problems);
    remember(stack, file, text);
    let detail = "The resource blocks were written from what the service says of the objects. Read them before they are applied: what is \
                  sensitive is not in them, and their layout may change in later versions.";
    stack.warnings.push(Diagnostic::warning("Config generation is experimental", detail));
    if found.has_errors() {
        let mut report = std::mem::take(&mut stack.warnings);
        report.extend(found);
        return Err(stack.fail(report));
    }
    stack.warnings.extend(found);
    Ok(true)
}

/// What is wrong with the blocks, pointing into the new file.
fn told(stack: &mut Stack, file: &Path, text: &str, problems: &[(Address, Problem)]) -> Report {
    let source = stack.sources.add(file, text);
    let span = |(start, end): (usize, usize)| {
        Some(Span { file: source, start: start.try_into().ok()?, end: end.try_into().ok()? })
    };
    let one = |(address, problem): &(Address, Problem)| {
        let [argument, head] =
            [problem.path.as_slice(), &[]].map(|path| render::generate::place(text, address, path).and_then(span));
        let advice = format!(
            "The block was generated from what the service says, and was written to {}. Correct it there, and plan again without -generate-config-out.",
            file.display()
        );
        problem::of_object(problem, address).at(argument).within(head).help(advice)
    };
    Report(problems.iter().map(one).collect())
}

/// Adds the file to those of the stack, so that a saved plan is complete without it.
fn remember(stack: &mut Stack, file: &Path, text: String) {
    let root = stack.env.root.clone();
    let is_beside = match (atomic::folder(file).canonicalize(), root.canonicalize()) {
        (Ok(folder), Ok(root)) => folder == root,
        _ => false,
    };
    let own = file.file_name().and_then(|name| name.to_str()).filter(|name| is_beside && is_read(name));
    let name = own.unwrap_or(ELSEWHERE).to_owned();
    let path = if root == Path::new(".") { PathBuf::from(&name) } else { root.join(&name) };
    let names = stack.files.folders.entry(root).or_default();
    if let Err(place) = names.binary_search(&name) {
        names.insert(place, name);
    }
    stack.files.files.insert(path, text.into());
}

/// Whether it is read as a stack file.
fn is_read(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "tf") && !name.starts_with(['.', '#'])
}
