//! Revisions of task definitions: the one before, and one like another with other images.

use aws_sdk_ecs::types as sdk;

use crate::aws::client::Aws;
use crate::resource::Error;
use crate::rollout::observed::revision;

/// The newest active revision of the family that is older than this one.
pub(super) async fn before(aws: &Aws, arn: &str) -> Result<Option<String>, Error> {
    let (family, Some(number)) = revision(arn) else { return Ok(None) };
    let mut token = None;
    loop {
        let call = aws.ecs.list_task_definitions().family_prefix(family).status(sdk::TaskDefinitionStatus::Active);
        let page = call.sort(sdk::SortOrder::Desc).set_next_token(token).send().await?;
        let is_older = |one: &&String| match revision(one) {
            // The prefix also fits longer names.
            (of, Some(found)) => of == family && found < number,
            _ => false,
        };
        if let Some(found) = page.task_definition_arns().iter().find(is_older) {
            return Ok(Some(found.clone()));
        }
        token = page.next_token;
        if token.is_none() {
            return Ok(None);
        }
    }
}

/// Active revisions of the family that are newer than this one.
pub(super) async fn after(aws: &Aws, arn: &str) -> Result<Vec<String>, Error> {
    let (family, Some(number)) = revision(arn) else { return Ok(Vec::new()) };
    let is_newer = |one: &String| match revision(one) {
        // The prefix also fits longer names.
        (of, Some(found)) => of == family && found > number,
        _ => false,
    };
    let (mut all, mut token) = (Vec::new(), None);
    loop {
        let call = aws.ecs.list_task_definitions().family_prefix(family).status(sdk::TaskDefinitionStatus::Active);
        let page = call.sort(sdk::SortOrder::Asc).set_next_token(token).send().await?;
        all.extend(page.task_definition_arns().iter().filter(|one| is_newer(one)).cloned());
        token = page.next_token;
        if token.is_none() {
            return Ok(all);
        }
    }
}

/// Registers a revision like this one with other images; its ARN.
pub(super) async fn register(aws: &Aws, arn: &str, images: &[(Option<String>, String)]) -> Result<String, Error> {
    let call = aws.ecs.describe_task_definition().task_definition(arn).include(sdk::TaskDefinitionField::Tags);
    let found = call.send().await?;
    let tags = found.tags.unwrap_or_default();
    let of = found.task_definition.ok_or_else(|| Error::empty("DescribeTaskDefinition"))?;
    let mut containers = of.container_definitions.unwrap_or_default();
    for (name, uri) in images {
        container(&mut containers, name.as_deref())?.image = Some(uri.clone());
    }
    let call = aws.ecs.register_task_definition();
    let made = call
        .set_family(of.family)
        .set_container_definitions(Some(containers))
        .set_task_role_arn(of.task_role_arn)
        .set_execution_role_arn(of.execution_role_arn)
        .set_network_mode(of.network_mode)
        .set_volumes(of.volumes)
        .set_placement_constraints(of.placement_constraints)
        .set_requires_compatibilities(of.requires_compatibilities)
        .set_cpu(of.cpu)
        .set_memory(of.memory)
        .set_pid_mode(of.pid_mode)
        .set_ipc_mode(of.ipc_mode)
        .set_proxy_configuration(of.proxy_configuration)
        .set_ephemeral_storage(of.ephemeral_storage)
        .set_runtime_platform(of.runtime_platform)
        .set_enable_fault_injection(of.enable_fault_injection)
        .set_tags((!tags.is_empty()).then_some(tags))
        .send()
        .await?;
    let arn = made.task_definition.and_then(|made| made.task_definition_arn);
    arn.ok_or_else(|| Error::empty("RegisterTaskDefinition"))
}

fn container<'a>(
    all: &'a mut [sdk::ContainerDefinition],
    name: Option<&str>,
) -> Result<&'a mut sdk::ContainerDefinition, Error> {
    let names: Vec<String> = all.iter().map(|one| one.name().unwrap_or_default().to_owned()).collect();
    let is_it = |one: &&mut sdk::ContainerDefinition| match name {
        Some(name) => one.name() == Some(name),
        None => names.len() == 1,
    };
    all.iter_mut().find(is_it).ok_or_else(|| {
        let text = match name {
            Some(name) => format!("The task definition has no container {name}; it has {}.", names.join(", ")),
            None => format!(
                "The task definition has several containers: {}. Say which one the image is for, such as {}=URI.",
                names.join(", "),
                names.first().map_or("NAME", String::as_str)
            ),
        };
        Error::titled("Unknown container", text)
    })
}
