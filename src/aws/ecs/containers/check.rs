//! What ECS would refuse in containers, found in the plan.

use std::collections::BTreeSet;

use aws_sdk_ecs::types::{ContainerCondition, ContainerDefinition, LogDriver};

use super::parse;

/// What the rest of the task definition says; `None` where it is known only after apply or not set.
#[derive(Default)]
pub(in crate::aws::ecs) struct Task {
    pub(in crate::aws::ecs) is_fargate: bool,
    pub(in crate::aws::ecs) network_mode: Option<String>,
    pub(in crate::aws::ecs) cpu: Option<i64>,
    pub(in crate::aws::ecs) memory: Option<i64>,
    /// Names of the volumes, when all are known.
    pub(in crate::aws::ecs) volumes: Option<Vec<String>>,
    pub(in crate::aws::ecs) has_execution_role: bool,
    /// Whether task memory is left out in the stack file, not just unknown.
    pub(in crate::aws::ecs) lacks_memory: bool,
}

/// Sentences: errors first, then what is only worth a look.
pub(in crate::aws::ecs) fn check(text: &str, task: &Task) -> (Vec<String>, Vec<String>) {
    let parsed = match parse(text) {
        Ok(parsed) => parsed,
        Err(error) => return (vec![error], Vec::new()),
    };
    let mut errors = Vec::new();
    whole(&parsed.containers, task, text.len(), &mut errors);
    for one in &parsed.containers {
        let mut own = Vec::new();
        container(one, &parsed.containers, task, &mut own);
        let name = one.name().unwrap_or("without a name");
        errors.extend(own.into_iter().map(|problem| format!("Container {name}: {problem}")));
    }
    let unknown = |path: &String| {
        format!("ECS has no field {path}, so it is ignored. Check the spelling, or remove it.")
    };
    (errors, parsed.unknown.iter().map(unknown).collect())
}

fn whole(all: &[ContainerDefinition], task: &Task, bytes: usize, found: &mut Vec<String>) {
    if all.is_empty() {
        found.push("There is no container. A task runs at least one: add an object with `name` and `image`.".to_owned());
        return;
    }
    if all.len() > 10 {
        found.push(format!("There are {} containers, and a task may have 10. Split the task.", all.len()));
    }
    if bytes > 64 * 1024 {
        found.push(format!(
            "A task definition may be 64 KiB long, and this has {} KiB. Move settings into environment files or SSM parameters.",
            bytes / 1024
        ));
    }
    if all.iter().all(|one| one.essential() == Some(false)) {
        found.push("No container is essential, so nothing would say when the task is over. Remove `essential = false` from the main one.".to_owned());
    }
    let mut names = BTreeSet::new();
    for name in all.iter().filter_map(ContainerDefinition::name).filter(|name| !names.insert(*name)) {
        found.push(format!("Two containers are named {name}. Names are unique in a task; rename one."));
    }
    let sum = |part: fn(&ContainerDefinition) -> i32| all.iter().map(|one| i64::from(part(one))).sum::<i64>();
    if let Some(cpu) = task.cpu
        && sum(|one| one.cpu) > cpu
    {
        found.push(format!(
            "The containers reserve {} CPU units together, and the task has {cpu}. Lower theirs, or raise `cpu`.",
            sum(|one| one.cpu)
        ));
    }
    if let Some(memory) = task.memory
        && let most = all.iter().map(|one| i64::from(one.memory_reservation().or(one.memory()).unwrap_or(0))).sum::<i64>()
        && most > memory
    {
        found.push(format!(
            "The containers reserve {most} MiB of memory together, and the task has {memory}. Lower theirs, or raise `memory`."
        ));
    }
    if let Some(name) = cycle(all) {
        found.push(format!("Container {name} depends on itself through `dependsOn`. None of them could start; break the circle."));
    }
}

/// A container that waits for itself, directly or through others.
fn cycle(all: &[ContainerDefinition]) -> Option<&str> {
    let needs = |name: &str| {
        let one = all.iter().find(|one| one.name() == Some(name));
        one.into_iter().flat_map(|one| one.depends_on().iter().map(|other| other.container_name.as_str()))
    };
    all.iter().filter_map(ContainerDefinition::name).find(|start| {
        let (mut seen, mut left) = (BTreeSet::new(), needs(start).collect::<Vec<_>>());
        while let Some(next) = left.pop() {
            if next == *start {
                return true;
            }
            if seen.insert(next) {
                left.extend(needs(next));
            }
        }
        false
    })
}

fn container(one: &ContainerDefinition, all: &[ContainerDefinition], task: &Task, found: &mut Vec<String>) {
    let mut say = |text: &str| found.push(text.to_owned());
    if one.name().is_none_or(str::is_empty) {
        say("`name` is missing.");
    }
    if one.image().is_none_or(str::is_empty) {
        say("`image` is missing.");
    }
    if task.lacks_memory && !task.is_fargate && one.memory().is_none() && one.memory_reservation().is_none() {
        say("it has no memory limit, and neither has the task. Set `memory` or `memoryReservation` here, or `memory` on the task.");
    }
    if let (Some(soft), Some(hard)) = (one.memory_reservation(), one.memory())
        && soft > hard
    {
        say("`memoryReservation` is more than `memory`. The reservation is the lower limit; swap them.");
    }
    if one.stop_timeout().is_some_and(|seconds| seconds > 120) && task.is_fargate {
        say("`stopTimeout` may be 120 seconds at most on Fargate.");
    }
    ports(one, task, found);
    health(one, found);
    logs(one, task, found);
    references(one, all, task, found);
    if task.is_fargate {
        fargate(one, found);
    }
}

fn ports(one: &ContainerDefinition, task: &Task, found: &mut Vec<String>) {
    let mode = task.network_mode.as_deref();
    if mode == Some("none") && !one.port_mappings().is_empty() {
        found.push("network mode `none` gives it no network, so it cannot have `portMappings`. Remove them.".to_owned());
    }
    for mapping in one.port_mappings() {
        let (container, host) = (mapping.container_port(), mapping.host_port().filter(|port| *port != 0));
        if let (Some("awsvpc" | "host"), Some(host)) = (mode, host)
            && Some(host) != container
        {
            found.push(format!(
                "`hostPort` {host} differs from `containerPort` {}. With network mode {} they are the same; leave `hostPort` out.",
                container.unwrap_or_default(),
                mode.unwrap_or_default()
            ));
        }
        let is_plain = |name: &str| {
            name.len() <= 64 && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c))
        };
        if let Some(name) = mapping.name().filter(|name| !is_plain(name)) {
            found.push(format!(
                "the port name {name} is not allowed. Use up to 64 lower-case letters, digits, hyphens and underscores."
            ));
        }
        if container.is_some_and(|port| !(0..=65535).contains(&port)) {
            found.push("`containerPort` must be between 0 and 65535.".to_owned());
        }
    }
}

fn health(one: &ContainerDefinition, found: &mut Vec<String>) {
    let Some(check) = one.health_check() else { return };
    if !matches!(check.command.first().map(String::as_str), Some("CMD" | "CMD-SHELL" | "NONE")) {
        found.push(
            "`healthCheck.command` must start with \"CMD\" (a program with its arguments) or \"CMD-SHELL\" (a line for the shell)."
                .to_owned(),
        );
    }
    let limits = [
        ("interval", check.interval(), 5, 300),
        ("timeout", check.timeout(), 2, 60),
        ("retries", check.retries(), 1, 10),
        ("startPeriod", check.start_period(), 0, 300),
    ];
    for (name, value, low, high) in limits {
        if let Some(value) = value.filter(|value| !(low..=high).contains(value)) {
            found.push(format!("`healthCheck.{name}` is {value}; it may be {low} to {high}."));
        }
    }
}

fn logs(one: &ContainerDefinition, task: &Task, found: &mut Vec<String>) {
    let Some(log) = one.log_configuration() else { return };
    let has = |name: &str| log.options().is_some_and(|options| options.contains_key(name));
    if log.log_driver == LogDriver::Awslogs {
        let needed: &[&str] = if task.is_fargate {
            &["awslogs-group", "awslogs-region", "awslogs-stream-prefix"]
        } else {
            &["awslogs-group", "awslogs-region"]
        };
        for name in needed.iter().filter(|name| !has(name)) {
            found.push(format!("the log driver awslogs needs the option `{name}`. Add it to `logConfiguration.options`."));
        }
    } else if task.is_fargate && !matches!(log.log_driver, LogDriver::Splunk | LogDriver::Awsfirelens) {
        found.push(format!(
            "Fargate has no log driver {}. Use awslogs, splunk or awsfirelens.",
            log.log_driver.as_str()
        ));
    }
    if task.is_fargate && !task.has_execution_role && log.log_driver == LogDriver::Awslogs {
        found.push("Fargate writes logs with the execution role, and there is none. Set `execution_role_arn`.".to_owned());
    }
}

fn references(one: &ContainerDefinition, all: &[ContainerDefinition], task: &Task, found: &mut Vec<String>) {
    if !one.secrets().is_empty() && !task.has_execution_role {
        found.push("ECS reads `secrets` with the execution role, and there is none. Set `execution_role_arn`.".to_owned());
    }
    if let Some(volumes) = &task.volumes {
        for mount in one.mount_points() {
            if let Some(name) = mount.source_volume().filter(|name| !volumes.iter().any(|volume| volume == name)) {
                found.push(format!("it mounts the volume {name}, which the task does not have. Add a `volume` block."));
            }
        }
    }
    for other in one.depends_on() {
        let name = &other.container_name;
        match all.iter().find(|one| one.name() == Some(name)) {
            None => found.push(format!("it depends on the container {name}, which does not exist. Check `dependsOn`.")),
            Some(other_one) if other.condition == ContainerCondition::Healthy && other_one.health_check().is_none() => {
                found.push(format!(
                    "it waits for {name} to be HEALTHY, but {name} has no `healthCheck`. Add one, or wait for START."
                ));
            }
            Some(_) => {}
        }
    }
}

fn fargate(one: &ContainerDefinition, found: &mut Vec<String>) {
    let mut refuse = |is_set: bool, name: &str, instead: &str| {
        if is_set {
            found.push(format!("Fargate does not support `{name}`. {instead}"));
        }
    };
    refuse(one.privileged() == Some(true), "privileged", "Remove it, or run on EC2.");
    refuse(!one.links().is_empty(), "links", "Containers of a task reach each other on localhost; remove it.");
    if let Some(linux) = one.linux_parameters() {
        refuse(!linux.devices().is_empty(), "linuxParameters.devices", "Remove it, or run on EC2.");
        refuse(!linux.tmpfs().is_empty(), "linuxParameters.tmpfs", "Use a volume instead.");
        refuse(linux.shared_memory_size().is_some(), "linuxParameters.sharedMemorySize", "Remove it, or run on EC2.");
        refuse(linux.max_swap().is_some(), "linuxParameters.maxSwap", "Remove it, or run on EC2.");
    }
}
