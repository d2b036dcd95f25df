//! What ECS would refuse in a task definition, found in the plan.

use super::model::{Args, units};
use crate::aws::contract::*;
use crate::aws::ecs::containers::{self, Task};

/// Fargate's sizes: CPU units, least and most MiB of memory, and the step between.
const FARGATE: [(i64, i64, i64, i64); 7] = [
    (256, 512, 2048, 512),
    (512, 1024, 4096, 1024),
    (1024, 2048, 8192, 1024),
    (2048, 4096, 16384, 1024),
    (4096, 8192, 30720, 1024),
    (8192, 16384, 61440, 4096),
    (16384, 32768, 122_880, 8192),
];

/// Finds mistakes in a planned task definition.
pub(super) fn check(want: &Draft, found: &mut Problems) {
    let is_fargate = want.known(Args::requires_compatibilities).is_some_and(|all| all.iter().any(|one| one == "FARGATE"));
    let size = |key| want.known::<Option<String>>(key).as_deref().and_then(units);
    for (key, example) in [(Args::cpu, "\"256\" or \"1 vCPU\""), (Args::memory, "\"512\" or \"2 GB\"")] {
        if want.known::<Option<String>>(key).is_some_and(|text| !text.is_empty() && units(&text).is_none()) {
            found.at(key, format!("This is not a size. Write {example}."));
        }
    }
    if is_fargate {
        fargate(want, found);
    }
    volumes(want, is_fargate, found);
    let Some(text) = want.known(Args::container_definitions) else { return };
    let is_known = |is_unknown: bool| !is_unknown;
    let task = Task {
        is_fargate,
        network_mode: want.known(Args::network_mode).filter(|mode| !mode.is_empty()),
        cpu: size(Args::cpu),
        memory: size(Args::memory),
        volumes: is_known(want.is_unknown(Args::volume)).then(|| {
            want.known(Args::volume).unwrap_or_default().iter().map(|volume| volume.name.clone()).collect()
        }),
        has_execution_role: want.is_unknown(Args::execution_role_arn)
            || want.known(Args::execution_role_arn).is_some_and(|role| !role.is_empty()),
        lacks_memory: !want.is_unknown(Args::memory) && want.known(Args::memory).is_none_or(|text| text.is_empty()),
    };
    let (errors, warnings) = containers::check(&text, &task);
    for text in errors {
        found.at(Args::container_definitions, text);
    }
    for text in warnings {
        found.warn(Args::container_definitions, text);
    }
}

fn fargate(want: &Draft, found: &mut Problems) {
    let is_absent = |key| !want.is_unknown::<Option<String>>(key) && want.known(key).is_none_or(|text| text.is_empty());
    if !want.is_unknown(Args::network_mode) && want.known(Args::network_mode).as_deref() != Some("awsvpc") {
        found.at(
            Args::network_mode,
            "Fargate gives every task its own network interface and supports no other network mode. Set `network_mode = \"awsvpc\"`.",
        );
    }
    for (key, name, example) in [(Args::cpu, "cpu", "256"), (Args::memory, "memory", "512")] {
        if is_absent(key) {
            found.at(key, format!("Fargate needs the size of the task. Set `{name}`, such as \"{example}\"."));
        }
    }
    if want.known(Args::placement_constraints).is_some_and(|all| !all.is_empty()) {
        found.at(
            Args::placement_constraints,
            "Fargate has no instances to choose from, so it supports no placement constraints. Remove them.",
        );
    }
    let size = |key| want.known::<Option<String>>(key).as_deref().and_then(units);
    let (cpu, memory) = (size(Args::cpu), size(Args::memory));
    if let Some(cpu) = cpu
        && !FARGATE.iter().any(|row| row.0 == cpu)
        // Larger sizes may come; they are for AWS to judge.
        && cpu <= 16384
    {
        let sizes: Vec<_> = FARGATE.iter().map(|row| row.0.to_string()).collect();
        found.at(Args::cpu, format!("Fargate has no tasks with {cpu} CPU units. Choose one of {}.", sizes.join(", ")));
    }
    if let (Some(cpu), Some(memory)) = (cpu, memory)
        && let Some((_, least, most, step)) = FARGATE.iter().find(|row| row.0 == cpu)
    {
        // The smallest size has 512, 1024 and 2048, but not 1536.
        let fits = (*least..=*most).contains(&memory) && memory % step == 0 && !(cpu == 256 && memory == 1536);
        if !fits {
            found.at(
                Args::memory,
                if cpu == 256 {
                    format!("Fargate gives a task of 256 CPU units 512, 1024 or 2048 MiB, not {memory}. Choose one of them.")
                } else {
                    format!("Fargate gives a task of {cpu} CPU units {least} to {most} MiB in steps of {step}, not {memory}. Choose one of them.")
                },
            );
        }
    }
}

fn volumes(want: &Draft, is_fargate: bool, found: &mut Problems) {
    for volume in want.known(Args::volume).unwrap_or_default().iter() {
        let name = &volume.name;
        let kinds = [
            volume.docker_volume_configuration.is_some(),
            volume.efs_volume_configuration.is_some(),
            volume.fsx_windows_file_server_volume_configuration.is_some(),
            volume.s3files_volume_configuration.is_some(),
            volume.host_path.as_ref().is_some_and(|path| !path.is_empty()),
            volume.configure_at_launch,
        ];
        if kinds.iter().filter(|is_set| **is_set).count() > 1 {
            found.at(Args::volume, format!("Volume {name} is said to be of several kinds. Keep one of them."));
        }
        let is_host = kinds[4] || volume.docker_volume_configuration.is_some();
        if is_fargate && is_host {
            found.at(
                Args::volume,
                format!("Volume {name} is a folder or Docker volume of the host, which Fargate tasks cannot reach. Use EFS, or leave it empty for storage that lives as long as the task."),
            );
        }
        if let Some(efs) = &volume.efs_volume_configuration
            && let Some(config) = &efs.authorization_config
        {
            if config.iam.as_deref() == Some("ENABLED") && efs.transit_encryption.as_deref() != Some("ENABLED") {
                found.at(Args::volume, format!("Volume {name} uses IAM, which EFS allows only on encrypted connections. Set `transit_encryption = \"ENABLED\"`."));
            }
            if config.access_point_id.is_some() && efs.root_directory.as_deref().is_some_and(|root| root != "/") {
                found.at(Args::volume, format!("Volume {name} has an access point, which says itself what the root is. Remove `root_directory`."));
            }
        }
        if volume.docker_volume_configuration.as_ref().is_some_and(|docker| docker.autoprovision && docker.scope.as_deref() != Some("shared")) {
            found.at(Args::volume, format!("Volume {name} is to be made when it does not exist, which works only for shared ones. Set `scope = \"shared\"`."));
        }
    }
}
