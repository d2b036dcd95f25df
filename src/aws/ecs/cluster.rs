//! `aws_ecs_cluster`: a group of services and tasks.
//!
//! API: Elastic Container Service 2014-11-13, `CreateCluster` and its siblings.
//! <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCluster.html>

use aws_sdk_ecs::types as sdk;

use super::shared::{carries, from_tags, only_missing, retag, text_or_empty, to_tags};
use crate::aws::answers::built;
use crate::aws::contract::*;
use crate::aws::copy::FromAws;
use crate::resource::ErrorKind;
use crate::{send, take};

/// The type.
pub struct Cluster;

model! {
    /// A group of services and tasks, and of the capacity they run on.
    pub struct Args {
        /// Unique in the account and region: 1 to 255 letters, digits, hyphens and underscores.
        name: String = required().force_new().length(1, 255).pattern("^[0-9A-Za-z_-]+$", "letters, digits, hyphens and underscores"),
        /// What is recorded of commands run in containers, and which keys encrypt storage.
        configuration: Option<Configuration> = optional(),
        /// Namespace that services with Service Connect use unless they name their own.
        service_connect_defaults: Option<ServiceConnectDefaults> = optional(),
        /// Switches of the cluster. Left out, those of the account apply.
        setting: Set<Setting> = optional_computed(),
        /// Address of the cluster, given by AWS.
        arn: Option<String> = computed(),
        /// Tags of the resource.
        tags: Tags = optional(),
        /// All tags, those of the provider included.
        tags_all: Tags = optional_computed(),
    }
}

model! {
    /// What is recorded of commands run in containers, and which keys encrypt storage.
    pub struct Configuration {
        /// How `aws ecs execute-command` is encrypted and logged.
        execute_command_configuration: Option<ExecuteCommand> = optional(),
        /// Keys that encrypt storage that ECS manages.
        managed_storage_configuration: Option<ManagedStorage> = optional(),
    }
}

model! {
    /// How `aws ecs execute-command` is encrypted and logged.
    pub struct ExecuteCommand {
        /// Key that encrypts the data between the local client and the container.
        kms_key_id: Option<String> = optional(),
        /// Where the session is logged: `NONE`, `DEFAULT` (the task's own log driver), or `OVERRIDE` (`log_configuration`).
        logging: Option<String> = optional().default(Lit::Str("DEFAULT")).one_of(&["NONE", "DEFAULT", "OVERRIDE"]),
        /// Where sessions are logged with `OVERRIDE`: a log group, a bucket, or both.
        log_configuration: Option<LogConfiguration> = optional(),
    }
}

model! {
    /// Where sessions are logged with `OVERRIDE`: a log group, a bucket, or both.
    pub struct LogConfiguration {
        /// Whether the log group must be encrypted.
        cloud_watch_encryption_enabled: bool = optional().default(Lit::Bool(false)),
        /// Name of the log group, which must exist.
        cloud_watch_log_group_name: Option<String> = optional(),
        /// Whether the bucket must be encrypted.
        s3_bucket_encryption_enabled: bool = optional().default(Lit::Bool(false)),
        /// Name of the bucket, which must exist.
        s3_bucket_name: Option<String> = optional(),
        /// Folder in the bucket.
        s3_key_prefix: Option<String> = optional(),
    }
}

model! {
    /// Keys that encrypt storage that ECS manages.
    pub struct ManagedStorage {
        /// Key for the ephemeral storage of Fargate tasks.
        fargate_ephemeral_storage_kms_key_id: Option<String> = optional(),
        /// Key for other managed storage.
        kms_key_id: Option<String> = optional(),
    }
}

model! {
    /// Namespace that services with Service Connect use unless they name their own.
    pub struct ServiceConnectDefaults {
        /// ARN of the Cloud Map namespace.
        namespace: String = required(),
    }
}

model! {
    /// A switch of the cluster.
    pub struct Setting {
        /// Name of the switch: `containerInsights`.
        name: String = required().one_of(&["containerInsights"]),
        /// `enabled`, `disabled`, or `enhanced`.
        value: String = required().one_of(&["enabled", "disabled", "enhanced"]),
    }
}

/// The status of a cluster that is gone but still listed.
pub(super) const GONE: &str = "INACTIVE";

/// Reads clusters by name or ARN; those that are gone are left out.
pub(super) async fn describe(aws: &Aws, names: &[String]) -> Result<Vec<sdk::Cluster>> {
    let include = [sdk::ClusterField::Configurations, sdk::ClusterField::Settings, sdk::ClusterField::Tags];
    let call = aws.ecs.describe_clusters().set_clusters(Some(names.to_vec())).set_include(Some(include.into()));
    let found = call.send().await?;
    only_missing("DescribeClusters", found.failures.as_ref())?;
    Ok(found.clusters.unwrap_or_default().into_iter().filter(|one| one.status() != Some(GONE)).collect())
}

/// Code of a refusal of our own: ECS would give the cluster that is there.
const EXISTS: &str = "ClusterAlreadyExists";

impl Resource for Cluster {
    type Model = Args;
    type Live = sdk::Cluster;

    const TYPE: &'static str = "aws_ecs_cluster";
    const IDENTITY: Identity = Identity::Assigned { recover_by: &["name"] };
    const SAME_AS_ID: Option<&'static str> = Some("arn");
    const PACE: Pace = secs(3, 3, 5).poll(3);
    const READ_BATCH: usize = 100;
    const MISSING: &'static [&'static str] = &["ClusterNotFoundException"];
    const RETRY: &'static [Retry] = &[
        Retry::of(&["CreateCluster"], "InvalidParameterException", "the service linked role of ECS is being made", retry::IAM).saying("Unable to assume the service linked role"),
        Retry::of(&["UpdateCluster", "DeleteCluster"], "UpdateInProgressException", "another change of the cluster is under way", retry::CHANGE),
        Retry::of(&["DeleteCluster"], "ClusterContainsServicesException", "services of the cluster are still going away", retry::RELEASE),
        Retry::of(&["DeleteCluster"], "ClusterContainsTasksException", "tasks of the cluster are still stopping", retry::RELEASE),
        Retry::of(&["DeleteCluster"], "ClusterContainsContainerInstancesException", "instances of the cluster are still going away", retry::RELEASE),
        Retry::of(&["DeleteCluster"], "ClusterContainsCapacityProviderException", "capacity providers of the cluster are still going away", retry::RELEASE),
    ];
    const DELETES_SLOWLY: bool = true;

    fn check(want: &Draft, found: &mut Problems) {
        let Some(command) = want.known(Args::configuration).and_then(|all| all.execute_command_configuration) else {
            return;
        };
        let at = ["configuration", "execute_command_configuration", "log_configuration"];
        match (command.logging.as_deref() == Some("OVERRIDE"), &command.log_configuration) {
            (true, None) => found.inside(
                &at[..2],
                "`logging = \"OVERRIDE\"` says that sessions are logged to a place of your own. Name it in a `log_configuration` block.",
            ),
            (false, Some(_)) => found.inside(
                &at,
                "`log_configuration` has an effect only with `logging = \"OVERRIDE\"`, and ECS refuses it otherwise. Set that, or remove the block.",
            ),
            (true, Some(log)) if log.cloud_watch_log_group_name.is_none() && log.s3_bucket_name.is_none() => found
                .inside(
                    &at,
                    "There is no place to log to. Set `cloud_watch_log_group_name`, `s3_bucket_name`, or both.",
                ),
            _ => {}
        }
    }

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Self::Live)>> {
        let found = describe(aws, ids).await?;
        Ok(found.into_iter().filter_map(|one| Some((one.cluster_arn.clone()?, one))).collect())
    }

    fn observe(live: &Self::Live) -> Args {
        let setting = |one: &sdk::ClusterSetting| Setting {
            name: FromAws::from_aws(&one.name),
            value: FromAws::from_aws(&one.value),
        };
        take!(Args from live => ;
            name: FromAws::from_aws(&live.cluster_name),
            arn: FromAws::from_aws(&live.cluster_arn),
            configuration: live.configuration.as_ref().and_then(from_configuration),
            service_connect_defaults: live.service_connect_defaults.as_ref().and_then(|defaults| {
                let namespace = defaults.namespace.clone().filter(|namespace| !namespace.is_empty())?;
                Some(ServiceConnectDefaults { namespace })
            }),
            setting: live.settings.iter().flatten().map(setting).collect(),
            tags_all: from_tags(live.tags.as_ref()))
    }

    fn keep_spelling(prior: &Args, live: &mut Args) {
        // Removing the block leaves the default written out.
        let is_default = |command: &ExecuteCommand| {
            *command == ExecuteCommand { logging: Some("DEFAULT".to_owned()), ..ExecuteCommand::default() }
        };
        let is_plain = live.configuration.as_ref().is_some_and(|all| {
            all.execute_command_configuration.as_ref().is_none_or(is_default)
                && all.managed_storage_configuration.is_none()
        });
        if prior.configuration.is_none() && is_plain {
            live.configuration = None;
        }
        // A block without content is the same as none.
        if live.configuration.is_none() && prior.configuration == Some(Configuration::default()) {
            live.configuration = Some(Configuration::default());
        }
    }

    fn settled(live: &Self::Live) -> Settled {
        match live.status() {
            Some("ACTIVE") | None => Settled::Yes,
            Some("FAILED") => Settled::Failed("ECS could not make the cluster (status FAILED).".to_owned()),
            Some(status) => Settled::NotYet(format!("cluster is {status}")),
        }
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        // CreateCluster gives the existing cluster of that name, without the wanted settings and tags.
        if !describe(aws, std::slice::from_ref(&want.name)).await?.is_empty() {
            let text = format!(
                "A cluster named {} exists already. In one account and region each has a name of its own.",
                want.name
            );
            let refused = ErrorKind::Refused;
            return Err(Error { code: EXISTS.into(), kind: refused, ..Error::local("CreateCluster", text) });
        }
        let made = send!(aws.ecs.create_cluster(), want => set_cluster_name = name)
            .set_settings(to_settings(&want.setting))
            .set_configuration(want.configuration.as_ref().map(to_configuration))
            .set_service_connect_defaults(
                want.service_connect_defaults.as_ref().map(|defaults| to_defaults(Some(defaults))).transpose()?,
            )
            .set_tags(to_tags(&want.tags_all))
            .send()
            .await?;
        made.cluster.and_then(|cluster| cluster.cluster_arn).ok_or_else(|| Error::empty("CreateCluster"))
    }

    async fn update(aws: &Aws, id: &Id, have: &Args, want: &Args) -> Result<()> {
        let mut call = aws.ecs.update_cluster().cluster(id);
        let mut is_changed = false;
        if have.setting != want.setting && !want.setting.is_empty() {
            call = call.set_settings(to_settings(&want.setting));
            is_changed = true;
        }
        if have.configuration != want.configuration {
            // There is no way to take it away: the default is sent in its place.
            let none = || Configuration {
                execute_command_configuration: Some(ExecuteCommand {
                    logging: Some("DEFAULT".to_owned()),
                    ..ExecuteCommand::default()
                }),
                managed_storage_configuration: None,
            };
            call = call.configuration(to_configuration(&want.configuration.clone().unwrap_or_else(none)));
            is_changed = true;
        }
        if have.service_connect_defaults != want.service_connect_defaults {
            call = call.service_connect_defaults(to_defaults(want.service_connect_defaults.as_ref())?);
            is_changed = true;
        }
        if is_changed {
            call.send().await?;
        }
        retag(aws, id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, id: &Id, _have: &Args) -> Result<()> {
        aws.ecs.delete_cluster().cluster(id).send().await?;
        Ok(())
    }

    async fn blockers(aws: &Aws, id: &Id, _have: &Args) -> Result<Vec<String>> {
        let (services, tasks, instances) = tokio::try_join!(
            async { Ok::<_, Error>(aws.ecs.list_services().cluster(id).send().await?) },
            async { Ok(aws.ecs.list_tasks().cluster(id).send().await?) },
            async { Ok(aws.ecs.list_container_instances().cluster(id).send().await?) },
        )?;
        let named = |what: &str, all: &[String]| -> Vec<String> {
            all.iter().map(|arn| format!("{what} {}", arn.rsplit('/').next().unwrap_or(arn))).collect()
        };
        let mut all = named("service", services.service_arns());
        all.extend(named("task", tasks.task_arns()));
        all.extend(named("container instance", instances.container_instance_arns()));
        Ok(all)
    }

    async fn recover(aws: &Aws, want: &Args) -> Result<Option<Id>> {
        let found = describe(aws, std::slice::from_ref(&want.name)).await?;
        let ours = found.into_iter().find(|one| carries(&from_tags(one.tags.as_ref()), &want.tags_all));
        Ok(ours.and_then(|one| one.cluster_arn))
    }

    fn import_text(_id: &Id, have: &Args) -> String {
        have.name.clone()
    }

    async fn import(aws: &Aws, text: &str) -> Result<Id> {
        let found = describe(aws, &[text.to_owned()]).await?;
        let arn = found.into_iter().next().and_then(|one| one.cluster_arn);
        arn.ok_or_else(|| Error::local("DescribeClusters", format!("There is no cluster named {text} in this region.")))
    }
}

fn to_settings(settings: &Set<Setting>) -> Option<Vec<sdk::ClusterSetting>> {
    let setting = |one: &Setting| send!(sdk::ClusterSetting::builder(), one => set_name = name, set_value = value).build();
    (!settings.is_empty()).then(|| settings.iter().map(setting).collect())
}

/// An empty namespace removes the default.
fn to_defaults(defaults: Option<&ServiceConnectDefaults>) -> Result<sdk::ClusterServiceConnectDefaultsRequest> {
    let namespace = text_or_empty(defaults.map(|defaults| &defaults.namespace));
    built(sdk::ClusterServiceConnectDefaultsRequest::builder().namespace(namespace).build())
}

fn to_configuration(all: &Configuration) -> sdk::ClusterConfiguration {
    let log = |log: &LogConfiguration| {
        send!(sdk::ExecuteCommandLogConfiguration::builder(), log =>
            set_cloud_watch_log_group_name = cloud_watch_log_group_name, set_s3_bucket_name = s3_bucket_name,
            set_s3_key_prefix = s3_key_prefix, set_cloud_watch_encryption_enabled = cloud_watch_encryption_enabled,
            set_s3_encryption_enabled = s3_bucket_encryption_enabled)
        .build()
    };
    let command = |command: &ExecuteCommand| {
        send!(sdk::ExecuteCommandConfiguration::builder(), command => set_kms_key_id = kms_key_id, set_logging = logging)
            .set_log_configuration(command.log_configuration.as_ref().map(log))
            .build()
    };
    let storage = |storage: &ManagedStorage| {
        send!(sdk::ManagedStorageConfiguration::builder(), storage => set_kms_key_id = kms_key_id,
            set_fargate_ephemeral_storage_kms_key_id = fargate_ephemeral_storage_kms_key_id)
        .build()
    };
    sdk::ClusterConfiguration::builder()
        .set_execute_command_configuration(all.execute_command_configuration.as_ref().map(command))
        .set_managed_storage_configuration(all.managed_storage_configuration.as_ref().map(storage))
        .build()
}

fn from_configuration(all: &sdk::ClusterConfiguration) -> Option<Configuration> {
    let log = |log: &sdk::ExecuteCommandLogConfiguration| {
        take!(LogConfiguration from log => cloud_watch_encryption_enabled, cloud_watch_log_group_name, s3_bucket_name,
            s3_key_prefix; s3_bucket_encryption_enabled: log.s3_encryption_enabled)
    };
    let command = |command: &sdk::ExecuteCommandConfiguration| {
        take!(ExecuteCommand from command => kms_key_id, logging;
            log_configuration: command.log_configuration.as_ref().map(log))
    };
    let storage = |storage: &sdk::ManagedStorageConfiguration| {
        take!(ManagedStorage from storage => kms_key_id, fargate_ephemeral_storage_kms_key_id)
    };
    let all = Configuration {
        execute_command_configuration: all.execute_command_configuration.as_ref().map(command),
        managed_storage_configuration: all.managed_storage_configuration.as_ref().map(storage),
    };
    (all != Configuration::default()).then_some(all)
}
