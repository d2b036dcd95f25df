//! Volumes that a service configures at launch: attributes, and the way to the API and back.

use aws_sdk_ecs::types as sdk;

use crate::aws::answers::built;
use crate::aws::contract::*;
use crate::aws::copy::{FromAws, ToAws};
use crate::aws::ecs::shared::{from_tags, to_tags};

model! {
    /// What a volume of the task definition is that is configured at launch.
    pub struct VolumeConfiguration {
        /// Name of the volume in the task definition, which has `configure_at_launch`.
        name: String = required(),
        /// An EBS volume that ECS makes for every task.
        managed_ebs_volume: EbsVolume = required(),
    }
}

model! {
    /// An EBS volume that ECS makes for every task.
    pub struct EbsVolume {
        /// Whether it is encrypted.
        encrypted: Option<bool> = optional().default(Lit::Bool(true)),
        /// File system: `ext3`, `ext4`, `xfs`, or `ntfs`.
        file_system_type: Option<String> = optional().default(Lit::Str("xfs")).one_of(&["ext3", "ext4", "xfs", "ntfs"]),
        /// Operations per second, for types that have them.
        iops: Option<i32> = optional(),
        /// Key that encrypts it.
        kms_key_id: Option<String> = optional(),
        /// Role with which ECS makes it.
        role_arn: String = required(),
        /// Size in GiB; the snapshot's when left out.
        size_in_gb: Option<i32> = optional(),
        /// Snapshot that it starts from.
        snapshot_id: Option<String> = optional(),
        /// MiB per second, for type `gp3`.
        throughput: Option<i32> = optional(),
        /// MiB per second at which it is filled from the snapshot.
        volume_initialization_rate: Option<i32> = optional(),
        /// Type, such as `gp3`.
        volume_type: Option<String> = optional(),
        /// Tags of the volume.
        tag_specifications: Vec<TagSpecification> = optional(),
    }
}

model! {
    /// Tags of the volume.
    pub struct TagSpecification {
        /// Whose tags it gets: `TASK_DEFINITION`, `SERVICE`, or `NONE`.
        propagate_tags: Option<String> = optional().one_of(&["TASK_DEFINITION", "SERVICE", "NONE"]),
        /// `volume`, the only kind.
        resource_type: String = required().one_of(&["volume"]),
        /// The tags.
        tags: BTreeMap<String, String> = optional(),
    }
}

/// What to send.
pub(super) fn to_volume(want: &VolumeConfiguration) -> Result<sdk::ServiceVolumeConfiguration> {
    let ebs = &want.managed_ebs_volume;
    let specification = |one: &TagSpecification| {
        let call = sdk::EbsTagSpecification::builder().set_resource_type(one.resource_type.to_aws());
        built(call.set_tags(to_tags(&one.tags)).set_propagate_tags(one.propagate_tags.to_aws()).build())
    };
    let specifications = ebs.tag_specifications.iter().map(specification).collect::<Result<Vec<_>>>()?;
    let volume = sdk::ServiceManagedEbsVolumeConfiguration::builder()
        .role_arn(&ebs.role_arn)
        .set_encrypted(ebs.encrypted)
        .set_filesystem_type(ebs.file_system_type.to_aws())
        .set_iops(ebs.iops)
        .set_kms_key_id(ebs.kms_key_id.to_aws())
        .set_size_in_gib(ebs.size_in_gb)
        .set_snapshot_id(ebs.snapshot_id.to_aws())
        .set_throughput(ebs.throughput)
        .set_volume_initialization_rate(ebs.volume_initialization_rate)
        .set_volume_type(ebs.volume_type.to_aws())
        .set_tag_specifications((!specifications.is_empty()).then_some(specifications))
        .build();
    let call = sdk::ServiceVolumeConfiguration::builder().name(&want.name);
    built(call.managed_ebs_volume(built(volume)?).build())
}

/// What was read.
pub(super) fn from_volume(live: &sdk::ServiceVolumeConfiguration) -> VolumeConfiguration {
    let specification = |one: &sdk::EbsTagSpecification| TagSpecification {
        propagate_tags: FromAws::from_aws(&one.propagate_tags),
        resource_type: one.resource_type.as_str().to_owned(),
        tags: from_tags(one.tags.as_ref()),
    };
    let ebs = |ebs: &sdk::ServiceManagedEbsVolumeConfiguration| EbsVolume {
        encrypted: ebs.encrypted,
        file_system_type: FromAws::from_aws(&ebs.filesystem_type),
        iops: ebs.iops,
        kms_key_id: ebs.kms_key_id.clone(),
        role_arn: ebs.role_arn.clone(),
        size_in_gb: ebs.size_in_gib,
        snapshot_id: ebs.snapshot_id.clone(),
        throughput: ebs.throughput,
        volume_initialization_rate: ebs.volume_initialization_rate,
        volume_type: ebs.volume_type.clone(),
        tag_specifications: ebs.tag_specifications().iter().map(specification).collect(),
    };
    VolumeConfiguration {
        name: live.name.clone(),
        managed_ebs_volume: live.managed_ebs_volume.as_ref().map(ebs).unwrap_or_default(),
    }
}
