use crate::preflight::rule::{Findings, rule};
use crate::preflight::stack::Stack;

rule! {
    /// A role that is written out, not referred to, must exist. A misspelt one is accepted in a task definition, and only
    /// the tasks fail: "ECS was unable to assume the role".
    ///
    /// Refer to the role's `arn`, or mend the name.
    "001-13" "role-exists" "Role does not exist" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    let tasks = stack.all("aws_ecs_task_definition").iter().flat_map(|task| [task.attr("execution_role_arn"), task.attr("task_role_arn")]);
    let groups = stack.all("aws_codedeploy_deployment_group").iter().map(|group| group.attr("service_role_arn"));
    for at in tasks.chain(groups) {
        let Some(name) = at.given().and_then(|arn| arn.split_once(":role/")).map(|(_, path)| path.rsplit('/').next().unwrap_or(path)) else { continue };
        if !stack.is_whole || stack.find(name, "aws_iam_role", &["name"]).is_some() || stack.account.has(&at, "aws_iam_role", name) != Some(false) {
            continue;
        }
        let text = format!("There is no role \"{name}\", neither in the stack nor in the account.{}", suggestion(stack, name));
        found.error(&at, text);
    }
}

/// The role of the stack whose name is nearest.
fn suggestion(stack: &Stack<'_>, name: &str) -> String {
    let names = stack.all("aws_iam_role").iter().filter_map(|role| role.attr("name").given());
    let near = names.map(|one| (distance(one, name), one)).filter(|(far, _)| *far <= 2).min();
    near.map_or_else(|| " Make it, or mend the name.".to_owned(), |(_, one)| format!(" Did you mean \"{one}\"?"))
}

/// Letters to change, add or leave out to get from one to the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (at, one) in a.chars().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], at + 1);
        for (other_at, other) in b.iter().enumerate() {
            let changed = corner + usize::from(one != *other);
            corner = row[other_at + 1];
            row[other_at + 1] = changed.min(corner + 1).min(row[other_at] + 1);
        }
    }
    row[b.len()]
}
