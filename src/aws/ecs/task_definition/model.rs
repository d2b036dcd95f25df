//! Attributes of `aws_ecs_task_definition`.

use crate::aws::contract::*;
use crate::aws::ecs::containers;
use crate::value::Value;

model! {
    /// What a task runs: containers, their resources, roles and volumes. Never changed: every change is a new revision.
    pub struct Args {
        /// Containers as a JSON list, with the fields of `ContainerDefinition` in the ECS API; best written with
        /// `jsonencode`. Spelling, order and defaults that ECS fills in make no difference.
        container_definitions: String = required().force_new().same(containers::same).fields(containers::fields).json(),
        /// CPU of the task in units (1024 is one vCPU), or written as `1 vCPU`. Fargate needs it.
        cpu: Option<String> = optional().force_new().same(same_units),
        /// Whether tasks accept requests of the fault injection service.
        enable_fault_injection: bool = optional().force_new().default(Lit::Bool(false)),
        /// Role with which ECS pulls images, reads secrets and writes logs.
        execution_role_arn: Option<String> = optional().force_new(),
        /// Name that all revisions share: 1 to 255 letters, digits, hyphens and underscores.
        family: String = required().force_new().length(1, 255).pattern("^[0-9A-Za-z_-]+$", "letters, digits, hyphens and underscores"),
        /// Which containers share inter-process communication: `host`, `task`, or `none`.
        ipc_mode: Option<String> = optional().force_new().one_of(&["host", "task", "none"]),
        /// Memory of the task in MiB, or written as `2 GB`. Fargate needs it.
        memory: Option<String> = optional().force_new().same(same_units),
        /// How containers reach the network: `awsvpc`, `bridge`, `host`, or `none`. Fargate needs `awsvpc`.
        network_mode: Option<String> = optional_computed().force_new().one_of(&["awsvpc", "bridge", "host", "none"]),
        /// Which containers share process ids: `host` or `task`.
        pid_mode: Option<String> = optional().force_new().one_of(&["host", "task"]),
        /// Launch types that ECS checks the definition for: `EC2`, `FARGATE`, `EXTERNAL`, `MANAGED_INSTANCES`.
        requires_compatibilities: Set<String> = optional().force_new().one_of(&["EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"]),
        /// Whether a revision stays registered when it is replaced or removed from the stack.
        skip_destroy: bool = optional().default(Lit::Bool(false)).local(),
        /// Role that the application has.
        task_role_arn: Option<String> = optional().force_new(),
        /// Whether the newest active revision of the family is compared, whoever registered it, instead of the one
        /// made here.
        track_latest: bool = optional().default(Lit::Bool(false)).local(),
        /// Size of the disk of Fargate tasks.
        ephemeral_storage: Option<EphemeralStorage> = optional().force_new(),
        /// Instances that tasks may run on; at most 10. Not for Fargate.
        placement_constraints: Set<PlacementConstraint> = optional().force_new().items(0, 10),
        /// The container that traffic goes through (App Mesh).
        proxy_configuration: Option<Proxy> = optional().force_new(),
        /// Processor and operating system that the images are built for.
        runtime_platform: Option<RuntimePlatform> = optional().force_new(),
        /// Volumes that containers can mount.
        volume: Set<Volume> = optional().force_new(),
        /// Address of the revision, given by AWS.
        arn: Option<String> = computed(),
        /// Address of the family: `arn` without the revision.
        arn_without_revision: Option<String> = computed(),
        /// Number of the revision.
        revision: Option<i32> = computed(),
        /// Tags of the resource.
        tags: Tags = optional(),
        /// All tags, those of the provider included.
        tags_all: Tags = optional_computed(),
    }
}

model! {
    /// Size of the disk of Fargate tasks.
    pub struct EphemeralStorage {
        /// GiB, 21 to 200. Without the block it is 20.
        size_in_gib: i32 = required().force_new().range(21, 200),
    }
}

model! {
    /// A rule for instances that tasks may run on.
    pub struct PlacementConstraint {
        /// Expression of the cluster query language, such as `attribute:ecs.instance-type == t3.large`.
        expression: Option<String> = optional().force_new(),
        /// `memberOf`, the only kind.
        r#type: String = required().force_new().one_of(&["memberOf"]),
    }
}

model! {
    /// The container that traffic goes through (App Mesh).
    pub struct Proxy {
        /// Name of the proxy container.
        container_name: String = required().force_new(),
        /// Settings of the proxy, such as `AppPorts` and `ProxyIngressPort`.
        properties: BTreeMap<String, String> = optional().force_new(),
        /// `APPMESH`, the only kind.
        r#type: Option<String> = optional().force_new().default(Lit::Str("APPMESH")).one_of(&["APPMESH"]),
    }
}

model! {
    /// Processor and operating system that the images are built for.
    pub struct RuntimePlatform {
        /// `X86_64` or `ARM64`.
        cpu_architecture: Option<String> = optional().force_new().one_of(&["X86_64", "ARM64"]),
        /// `LINUX`, or a Windows version such as `WINDOWS_SERVER_2022_CORE`.
        operating_system_family: Option<String> = optional().force_new(),
    }
}

model! {
    /// A volume that containers can mount. Without one of the nested blocks it is empty storage on the host.
    pub struct Volume {
        /// Whether the service says what the volume is (`volume_configuration`).
        configure_at_launch: bool = optional().force_new().default(Lit::Bool(false)),
        /// Folder on the host. Not for Fargate.
        host_path: Option<String> = optional().force_new(),
        /// Name that `mountPoints` refer to.
        name: String = required().force_new(),
        /// A volume of a Docker driver on EC2.
        docker_volume_configuration: Option<DockerVolume> = optional().force_new(),
        /// A file system of EFS.
        efs_volume_configuration: Option<EfsVolume> = optional().force_new(),
        /// A file system of FSx for Windows.
        fsx_windows_file_server_volume_configuration: Option<FsxVolume> = optional().force_new(),
        /// A file system of S3 Files.
        s3files_volume_configuration: Option<S3FilesVolume> = optional().force_new(),
    }
}

model! {
    /// A volume of a Docker driver on EC2.
    pub struct DockerVolume {
        /// Whether the volume is made when it does not exist. Only with scope `shared`.
        autoprovision: bool = optional().force_new().default(Lit::Bool(false)),
        /// Name of the Docker driver; `local` when left out.
        driver: Option<String> = optional().force_new(),
        /// Options for the driver.
        driver_opts: BTreeMap<String, String> = optional().force_new(),
        /// Labels of the Docker volume.
        labels: BTreeMap<String, String> = optional().force_new(),
        /// `task` (goes with the task) or `shared` (stays); `task` when left out.
        scope: Option<String> = optional().force_new().one_of(&["task", "shared"]),
    }
}

model! {
    /// A file system of EFS.
    pub struct EfsVolume {
        /// Id of the file system.
        file_system_id: String = required().force_new(),
        /// Folder in the file system that is mounted. Must stay `/` with an access point.
        root_directory: Option<String> = optional().force_new().default(Lit::Str("/")),
        /// Whether data is encrypted on the way: `ENABLED` or `DISABLED`. Needed with IAM authorization.
        transit_encryption: Option<String> = optional().force_new().one_of(&["ENABLED", "DISABLED"]),
        /// Port for encrypted data; chosen by the mount helper when left out.
        transit_encryption_port: Option<i32> = optional().force_new().range(0, 65535),
        /// How tasks are let in.
        authorization_config: Option<EfsAuthorization> = optional().force_new(),
    }
}

model! {
    /// How tasks are let in to a file system of EFS.
    pub struct EfsAuthorization {
        /// Id of the access point.
        access_point_id: Option<String> = optional().force_new(),
        /// Whether the task role is used: `ENABLED` or `DISABLED`.
        iam: Option<String> = optional().force_new().one_of(&["ENABLED", "DISABLED"]),
    }
}

model! {
    /// A file system of FSx for Windows.
    pub struct FsxVolume {
        /// Id of the file system.
        file_system_id: String = required().force_new(),
        /// Folder in the file system that is mounted.
        root_directory: String = required().force_new(),
        /// How tasks are let in.
        authorization_config: FsxAuthorization = required().force_new(),
    }
}

model! {
    /// How tasks are let in to a file system of FSx.
    pub struct FsxAuthorization {
        /// ARN of the secret or parameter with the credentials.
        credentials_parameter: String = required().force_new(),
        /// Name of the Active Directory domain.
        domain: String = required().force_new(),
    }
}

model! {
    /// A file system of S3 Files.
    pub struct S3FilesVolume {
        /// ARN of the access point.
        access_point_arn: Option<String> = optional().force_new(),
        /// ARN of the file system.
        file_system_arn: String = required().force_new(),
        /// Folder in the file system that is mounted.
        root_directory: Option<String> = optional().force_new(),
        /// Port for encrypted data.
        transit_encryption_port: Option<i32> = optional().force_new().range(1, 65535),
    }
}

/// CPU units or MiB: `1 vCPU` is 1024, `2 GB` is 2048.
pub(super) fn units(text: &str) -> Option<i64> {
    let text = text.trim().to_lowercase();
    let whole = ["vcpu", "gb"].iter().find_map(|unit| text.strip_suffix(unit));
    let Some(number) = whole else { return text.parse().ok() };
    let thousandths = number.trim().parse::<f64>().ok()? * 1024.0;
    format!("{thousandths:.0}").parse().ok()
}

fn same_units(have: &Value, want: &Value) -> bool {
    let of = |value: &Value| value.as_str().and_then(units);
    matches!((of(have), of(want)), (Some(have), Some(want)) if have == want)
}
