//! `aws_ecs_task_definition`: what a task runs.
//!
//! API: Elastic Container Service 2014-11-13, `RegisterTaskDefinition` and its siblings.
//! <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html>

mod check;
mod model;
mod volume;

use aws_sdk_ecs::types as sdk;
use futures_util::future::try_join_all;

pub use model::Args;
use model::{EphemeralStorage, PlacementConstraint, Proxy, RuntimePlatform};

use super::containers;
use super::shared::{carries, from_tags, retag, to_tags};
use crate::aws::answers::built;
use crate::aws::contract::*;
use crate::aws::copy::FromAws;
use crate::{send, take};

/// The type.
pub struct TaskDefinition;

/// A revision and its tags.
pub struct Live {
    definition: sdk::TaskDefinition,
    tags: Tags,
}

impl Resource for TaskDefinition {
    type Model = Args;
    type Live = Live;

    const TYPE: &'static str = "aws_ecs_task_definition";
    const SCHEMA_VERSION: Option<u64> = Some(1);
    const IDENTITY: Identity = Identity::Assigned { recover_by: &["family"] };
    const MAKING: Making = Making::Again;
    const SAME_AS_ID: Option<&'static str> = Some("family");
    const PACE: Pace = secs(1, 1, 1);
    /// There is no batch call; this many are asked for side by side.
    const READ_BATCH: usize = 10;
    const RETRY: &'static [Retry] = &[
        Retry::of(&["RegisterTaskDefinition"], "ClientException", "the new role is not known everywhere yet", retry::IAM).saying("Role is not valid"),
        Retry::of(&["RegisterTaskDefinition"], "ClientException", "another revision of the family is being registered", retry::NEW).saying("Too many concurrent attempts to create a new revision"),
    ];

    fn check(want: &Draft, found: &mut Problems) {
        check::check(want, found);
    }

    fn revise(want: &mut Draft) {
        // In these network modes the host port is the container port, written or not.
        let mode = want.known(Args::network_mode);
        if !containers::is_host_port_fixed(mode.as_deref()) || mode != want.before(Args::network_mode) {
            return;
        }
        let key = Args::container_definitions;
        let Some((have, text)) = want.before(key).zip(want.known(key)) else { return };
        let prior = want.prior().and_then(|prior| prior.get(key.name)).cloned();
        if let Some(prior) = prior.filter(|_| have != text && containers::is_same(&have, &text, true)) {
            let marks = want.planned().get(key.name).map(|value| value.marks.clone()).unwrap_or_default();
            want.put(key.name, prior.with_marks(&marks));
        }
    }

    /// `id` is the family. With `track_latest` the family is what is read, which gives its newest revision.
    fn locate(shown: &str, have: &Args) -> Id {
        match &have.arn {
            Some(arn) if !have.track_latest && !arn.is_empty() => arn.clone(),
            _ => shown.to_owned(),
        }
    }

    fn shown_id(_id: &Id, have: &Args) -> String {
        have.family.clone()
    }

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Live)>> {
        let found = try_join_all(ids.iter().map(|id| describe(aws, id))).await?;
        let is_active = |live: &Live| live.definition.status() == Some(&sdk::TaskDefinitionStatus::Active);
        let pairs = ids.iter().cloned().zip(found);
        Ok(pairs.filter_map(|(id, live)| Some((id, live.filter(is_active)?))).collect())
    }

    fn observe(live: &Live) -> Args {
        let definition = &live.definition;
        let constraint = |one: &sdk::TaskDefinitionPlacementConstraint| PlacementConstraint {
            expression: one.expression.clone(),
            r#type: FromAws::from_aws(&one.r#type),
        };
        let platform = |one: &sdk::RuntimePlatform| {
            take!(RuntimePlatform from one => cpu_architecture, operating_system_family)
        };
        let arn = definition.task_definition_arn.as_deref();
        take!(Args from definition => cpu, execution_role_arn, family, ipc_mode, memory, network_mode, pid_mode,
                requires_compatibilities, task_role_arn;
            container_definitions: containers::print(definition.container_definitions()),
            enable_fault_injection: definition.enable_fault_injection.unwrap_or_default(),
            ephemeral_storage: definition.ephemeral_storage.as_ref()
                .map(|storage| EphemeralStorage { size_in_gib: storage.size_in_gib }),
            placement_constraints: definition.placement_constraints().iter().map(constraint).collect(),
            proxy_configuration: definition.proxy_configuration.as_ref().map(from_proxy),
            runtime_platform: definition.runtime_platform.as_ref().map(platform),
            volume: definition.volumes().iter().map(volume::from_volume).collect(),
            arn: arn.map(str::to_owned),
            arn_without_revision: arn.and_then(|arn| arn.rsplit_once(':')).map(|(family, _)| family.to_owned()),
            revision: Some(definition.revision),
            tags_all: live.tags.clone())
    }

    fn keep_spelling(prior: &Args, live: &mut Args) {
        if containers::is_same(
            &prior.container_definitions,
            &live.container_definitions,
            containers::is_host_port_fixed(live.network_mode.as_deref()),
        ) {
            live.container_definitions.clone_from(&prior.container_definitions);
        }
        volume::keep_left_out(&prior.volume, &mut live.volume);
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        let parsed = containers::parse(&want.container_definitions);
        let parsed = parsed.map_err(|error| Error::local("RegisterTaskDefinition", error))?;
        let constraint = |one: &PlacementConstraint| {
            send!(sdk::TaskDefinitionPlacementConstraint::builder(), one => set_expression = expression, set_type = r#type)
                .build()
        };
        let constraints: Vec<_> = want.placement_constraints.iter().map(constraint).collect();
        let volumes = want.volume.iter().map(volume::to_volume).collect::<Result<Vec<_>>>()?;
        let made = send!(aws.ecs.register_task_definition(), want => set_family = family, set_cpu = cpu,
                set_memory = memory, set_execution_role_arn = execution_role_arn, set_task_role_arn = task_role_arn,
                set_ipc_mode = ipc_mode, set_pid_mode = pid_mode, set_network_mode = network_mode,
                set_requires_compatibilities = requires_compatibilities)
        .set_container_definitions(Some(parsed.containers))
        .set_enable_fault_injection(want.enable_fault_injection.then_some(true))
        .set_ephemeral_storage(
            want.ephemeral_storage
                .as_ref()
                .map(|storage| sdk::EphemeralStorage::builder().size_in_gib(storage.size_in_gib).build()),
        )
        .set_placement_constraints((!constraints.is_empty()).then_some(constraints))
        .set_proxy_configuration(want.proxy_configuration.as_ref().map(to_proxy).transpose()?)
        .set_runtime_platform(want.runtime_platform.as_ref().map(|platform| {
            send!(sdk::RuntimePlatform::builder(), platform => set_cpu_architecture = cpu_architecture,
                set_operating_system_family = operating_system_family)
            .build()
        }))
        .set_volumes((!volumes.is_empty()).then_some(volumes))
        .set_tags(to_tags(&want.tags_all))
        .send()
        .await?;
        let arn = made.task_definition.and_then(|definition| definition.task_definition_arn);
        arn.ok_or_else(|| Error::empty("RegisterTaskDefinition"))
    }

    async fn update(aws: &Aws, id: &Id, have: &Args, want: &Args) -> Result<()> {
        retag(aws, have.arn.as_ref().unwrap_or(id), &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, id: &Id, have: &Args) -> Result<()> {
        if have.skip_destroy {
            return Ok(());
        }
        let arn = have.arn.as_ref().unwrap_or(id);
        match aws.ecs.deregister_task_definition().task_definition(arn).send().await.map_err(Error::from) {
            Err(error) if !is_gone(&error) => Err(error),
            _ => Ok(()),
        }
    }

    /// Registering again would make one more revision: the newest one is ours when it says what is wanted.
    async fn recover(aws: &Aws, want: &Args) -> Result<Option<Id>> {
        let Some(newest) = describe(aws, &want.family).await? else { return Ok(None) };
        let last = newest.definition.revision;
        if let Some(arn) = made_for(&newest, want) {
            return Ok(Some(arn));
        }
        // By its mark it is known as well when others came after it.
        let earlier = if want.tags_all.is_empty() { 0 } else { EARLIER };
        for revision in (1.max(last - earlier)..last).rev() {
            let live = describe(aws, &format!("{}:{revision}", want.family)).await?;
            if let Some(arn) = live.and_then(|live| made_for(&live, want)) {
                return Ok(Some(arn));
            }
        }
        Ok(None)
    }

    async fn import(_aws: &Aws, text: &str) -> Result<Id> {
        let revision = text.rsplit_once(':').map(|(_, revision)| revision.parse::<u32>());
        if text.contains(":task-definition/") && matches!(revision, Some(Ok(_))) {
            return Ok(text.to_owned());
        }
        Err(Error::local(
            "import",
            format!(
                "{text} is not the ARN of a revision. Import needs one, such as arn:aws:ecs:eu-west-1:123456789012:task-definition/web:3."
            ),
        ))
    }
}

/// How many revisions may have come since the one that is looked for.
const EARLIER: i32 = 5;

/// The ARN of the revision, when it is what was asked for.
fn made_for(live: &Live, want: &Args) -> Option<Id> {
    let mut found = TaskDefinition::observe(live);
    TaskDefinition::keep_spelling(want, &mut found);
    let is_ours = live.definition.status != Some(sdk::TaskDefinitionStatus::Inactive)
        && found.container_definitions == want.container_definitions
        && found.cpu.as_deref().and_then(model::units) == want.cpu.as_deref().and_then(model::units)
        && found.memory.as_deref().and_then(model::units) == want.memory.as_deref().and_then(model::units)
        && found.task_role_arn == want.task_role_arn
        && found.execution_role_arn == want.execution_role_arn
        && found.volume == want.volume
        && carries(&live.tags, &want.tags_all);
    found.arn.filter(|_| is_ours)
}

/// By ARN, or by family for its newest active revision.
async fn describe(aws: &Aws, name: &str) -> Result<Option<Live>> {
    let call = aws.ecs.describe_task_definition().task_definition(name).include(sdk::TaskDefinitionField::Tags);
    match call.send().await.map_err(Error::from) {
        Ok(found) => {
            let tags = from_tags(found.tags.as_ref());
            Ok(found.task_definition.map(|definition| Live { definition, tags }))
        }
        Err(error) if is_gone(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// ECS has no code of its own for this, only words: of describe, of deregister, and of a revision that is inactive.
fn is_gone(error: &Error) -> bool {
    const WORDS: [&str; 3] = ["Unable to describe task definition", "does not exist", "is inactive"];
    error.is(&["ClientException", "InvalidParameterException"]) && WORDS.iter().any(|words| error.message.contains(words))
}

fn to_proxy(proxy: &Proxy) -> Result<sdk::ProxyConfiguration> {
    let pair = |(name, value): (&String, &String)| sdk::KeyValuePair::builder().name(name).value(value).build();
    let call = send!(sdk::ProxyConfiguration::builder(), proxy => set_container_name = container_name, set_type = r#type);
    built(call.set_properties(Some(proxy.properties.iter().map(pair).collect())).build())
}

fn from_proxy(proxy: &sdk::ProxyConfiguration) -> Proxy {
    let pair = |one: &sdk::KeyValuePair| Some((one.name.clone()?, one.value.clone().unwrap_or_default()));
    Proxy {
        container_name: proxy.container_name.clone(),
        properties: proxy.properties().iter().filter_map(pair).collect(),
        r#type: FromAws::from_aws(&proxy.r#type),
    }
}
