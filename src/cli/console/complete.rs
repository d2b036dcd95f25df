//! Names that the console can complete.

use crate::lang::Config;
use crate::lang::functions;

/// Words that are always there.
const ALWAYS: [&str; 6] = ["path.cwd", "path.module", "path.root", "terraform.workspace", "exit", "help"];

/// Everything of the root module that an expression can name, and the functions with their opening bracket; sorted.
pub(super) fn names(config: &Config) -> Vec<String> {
    let mut all: Vec<String> = ALWAYS.iter().map(|&word| word.to_owned()).collect();
    all.extend(functions::names().map(|name| format!("{name}(")));
    if let Some(root) = config.root() {
        let body = &root.body;
        all.extend(body.variables.keys().map(|name| format!("var.{name}")));
        all.extend(body.locals.keys().map(|name| format!("local.{name}")));
        all.extend(body.resources.keys().map(|name| {
            let data = name.mode.prefix();
            format!("{data}{}.{}", name.type_name, name.name)
        }));
        for (call, child) in &root.children {
            all.push(format!("module.{call}"));
            let outputs = config.modules.get(*child).into_iter().flat_map(|module| module.body.outputs.keys());
            all.extend(outputs.map(|output| format!("module.{call}.{output}")));
        }
    }
    all.sort();
    all.dedup();
    all
}

/// Where the word before the cursor starts, and the names that begin with it. A name with several parts is offered up
/// to its next part, so that `var.` comes before all variables.
pub(super) fn candidates(names: &[String], line: &str, cursor: usize) -> (usize, Vec<String>) {
    let before = line.get(..cursor).unwrap_or_default();
    let is_part = |c: char| c == '_' || c == '-' || c == '.' || c.is_alphanumeric();
    let start = before.char_indices().rev().take_while(|(_, c)| is_part(*c)).last().map_or(cursor, |(at, _)| at);
    let word = &before[start..];
    let mut found: Vec<String> = names
        .iter()
        .filter(|name| name.starts_with(word))
        .map(|name| match name[word.len()..].find('.') {
            Some(dot) => name[..=word.len() + dot].to_owned(),
            None => name.clone(),
        })
        .collect();
    found.dedup();
    (start, found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_completed_part_by_part() {
        let names: Vec<String> =
            ["aws_vpc.main", "aws_vpc.other", "jsonencode(", "var.a", "var.ab", "var.b"].map(String::from).into();
        let found = |line: &str| candidates(&names, line, line.len());
        assert_eq!(found("v"), (0, vec!["var.".to_owned()]));
        assert_eq!(found("1 + var.a"), (4, vec!["var.a".to_owned(), "var.ab".to_owned()]));
        assert_eq!(found("[aws_vpc.m"), (1, vec!["aws_vpc.main".to_owned()]));
        assert_eq!(found("json"), (0, vec!["jsonencode(".to_owned()]));
        assert_eq!(found("é+x"), (3, Vec::new()));
    }
}
