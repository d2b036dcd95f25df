//! Volumes, to the API and back.

use aws_sdk_ecs::types as sdk;

use super::model::*;
use crate::aws::answers::built;
use crate::aws::contract::*;
use crate::{send, take};

/// The volume to register.
pub(super) fn to_volume(volume: &Volume) -> Result<sdk::Volume> {
    let mut all = send!(sdk::Volume::builder(), volume => set_name = name);
    if volume.configure_at_launch {
        all = all.configured_at_launch(true);
    }
    if let Some(path) = volume.host_path.as_ref().filter(|path| !path.is_empty()) {
        all = all.host(sdk::HostVolumeProperties::builder().source_path(path).build());
    }
    if let Some(docker) = &volume.docker_volume_configuration {
        let call = send!(sdk::DockerVolumeConfiguration::builder(), docker => set_driver = driver,
            set_driver_opts = driver_opts, set_labels = labels, set_scope = scope);
        // Docker knows it for shared volumes only, and ECS refuses even `false` for others.
        let is_shared = docker.scope.as_deref() == Some("shared");
        let call = call.set_autoprovision((docker.autoprovision || is_shared).then_some(docker.autoprovision));
        all = all.docker_volume_configuration(call.build());
    }
    if let Some(efs) = &volume.efs_volume_configuration {
        let authorization = efs.authorization_config.as_ref().map(|config| {
            send!(sdk::EfsAuthorizationConfig::builder(), config => set_access_point_id = access_point_id, set_iam = iam)
                .build()
        });
        let call = send!(sdk::EfsVolumeConfiguration::builder(), efs => set_file_system_id = file_system_id,
            set_root_directory = root_directory, set_transit_encryption = transit_encryption,
            set_transit_encryption_port = transit_encryption_port);
        all = all.efs_volume_configuration(built(call.set_authorization_config(authorization).build())?);
    }
    if let Some(fsx) = &volume.fsx_windows_file_server_volume_configuration {
        let config = &fsx.authorization_config;
        let authorization = send!(sdk::FSxWindowsFileServerAuthorizationConfig::builder(), config =>
            set_credentials_parameter = credentials_parameter, set_domain = domain);
        let call = send!(sdk::FSxWindowsFileServerVolumeConfiguration::builder(), fsx =>
            set_file_system_id = file_system_id, set_root_directory = root_directory);
        let call = call.authorization_config(built(authorization.build())?);
        all = all.fsx_windows_file_server_volume_configuration(built(call.build())?);
    }
    if let Some(s3) = &volume.s3files_volume_configuration {
        let call = send!(sdk::S3FilesVolumeConfiguration::builder(), s3 => set_file_system_arn = file_system_arn,
            set_root_directory = root_directory, set_transit_encryption_port = transit_encryption_port,
            set_access_point_arn = access_point_arn);
        all = all.s3files_volume_configuration(built(call.build())?);
    }
    Ok(all.build())
}

/// The volume that was read.
pub(super) fn from_volume(volume: &sdk::Volume) -> Volume {
    let docker = |docker: &sdk::DockerVolumeConfiguration| {
        take!(DockerVolume from docker => autoprovision, driver, scope;
            driver_opts: docker.driver_opts.clone().unwrap_or_default().into_iter().collect(),
            labels: docker.labels.clone().unwrap_or_default().into_iter().collect())
    };
    let efs_authorization = |config: &sdk::EfsAuthorizationConfig| {
        take!(EfsAuthorization from config => access_point_id, iam)
    };
    let efs = |efs: &sdk::EfsVolumeConfiguration| {
        take!(EfsVolume from efs => root_directory, transit_encryption, transit_encryption_port;
            file_system_id: efs.file_system_id.clone(),
            authorization_config: efs.authorization_config.as_ref().map(efs_authorization))
    };
    let fsx = |fsx: &sdk::FSxWindowsFileServerVolumeConfiguration| FsxVolume {
        file_system_id: fsx.file_system_id.clone(),
        root_directory: fsx.root_directory.clone(),
        authorization_config: fsx
            .authorization_config
            .as_ref()
            .map(|config| FsxAuthorization {
                credentials_parameter: config.credentials_parameter.clone(),
                domain: config.domain.clone(),
            })
            .unwrap_or_default(),
    };
    let s3 = |s3: &sdk::S3FilesVolumeConfiguration| {
        take!(S3FilesVolume from s3 => access_point_arn, root_directory, transit_encryption_port;
            file_system_arn: s3.file_system_arn.clone())
    };
    take!(Volume from volume => name;
        configure_at_launch: volume.configured_at_launch.unwrap_or_default(),
        host_path: volume.host.as_ref().and_then(|host| host.source_path.clone()),
        docker_volume_configuration: volume.docker_volume_configuration.as_ref().map(docker),
        efs_volume_configuration: volume.efs_volume_configuration.as_ref().map(efs),
        fsx_windows_file_server_volume_configuration:
            volume.fsx_windows_file_server_volume_configuration.as_ref().map(fsx),
        s3files_volume_configuration: volume.s3files_volume_configuration.as_ref().map(s3))
}

/// Defaults that ECS writes out and the stack file leaves out.
pub(super) fn keep_left_out(prior: &Set<Volume>, live: &mut Set<Volume>) {
    fn keep(prior: Option<&String>, live: &mut Option<String>, default: &str) {
        if prior.is_none() && live.as_deref() == Some(default) {
            *live = None;
        }
    }
    for volume in &mut live.0 {
        let Some(before) = prior.iter().find(|before| before.name == volume.name) else { continue };
        if let (Some(before), Some(docker)) =
            (&before.docker_volume_configuration, &mut volume.docker_volume_configuration)
        {
            keep(before.driver.as_ref(), &mut docker.driver, "local");
            keep(before.scope.as_ref(), &mut docker.scope, "task");
        }
        if let (Some(before), Some(efs)) = (&before.efs_volume_configuration, &mut volume.efs_volume_configuration) {
            keep(before.transit_encryption.as_ref(), &mut efs.transit_encryption, "DISABLED");
            if let (Some(before), Some(config)) = (&before.authorization_config, &mut efs.authorization_config) {
                keep(before.iam.as_ref(), &mut config.iam, "DISABLED");
            }
        }
        if let (Some(before), Some(s3)) =
            (&before.s3files_volume_configuration, &mut volume.s3files_volume_configuration)
        {
            keep(before.root_directory.as_ref(), &mut s3.root_directory, "/");
        }
    }
}
