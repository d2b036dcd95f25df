//! `aws_codedeploy_deployment_group`: what is deployed to, and how.
//!
//! API: CodeDeploy 2014-10-06, `CreateDeploymentGroup` and its siblings.
//! <https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateDeploymentGroup.html>

mod check;
mod convert;
mod model;

use aws_sdk_codedeploy::types as sdk;
use futures_util::future::try_join_all;

pub use model::Args;
use model::{Alarms, AutoRollback, EcsService, Style};

use super::shared::{arn_prefix, carries, retag, tags_of, to_tags};
use crate::aws::contract::*;
use crate::aws::copy::{FromAws, ToAws};
use crate::{send, take};

/// The type.
pub struct DeploymentGroup;

/// A group with what is asked for separately.
pub struct Live {
    group: sdk::DeploymentGroupInfo,
    arn: String,
    tags: Tags,
}

const NO_APP: &str = "ApplicationDoesNotExistException";
const NO_GROUP: &str = "DeploymentGroupDoesNotExistException";

/// What calls need: `application:group`, and the id that stays when the group is renamed.
struct Place<'a> {
    app: &'a str,
    group: &'a str,
    guid: Option<&'a str>,
}

fn place(id: &str) -> Place<'_> {
    let mut parts = id.splitn(3, ':');
    let (app, group) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    Place { app, group, guid: parts.next().filter(|guid| !guid.is_empty()) }
}

impl Resource for DeploymentGroup {
    type Model = Args;
    type Live = Live;

    const TYPE: &'static str = "aws_codedeploy_deployment_group";
    const IDENTITY: Identity = Identity::Assigned { recover_by: &["app_name", "deployment_group_name"] };
    const PACE: Pace = secs(2, 2, 2).limits(5, 5, 5);
    const READ_BATCH: usize = 100;
    const MISSING: &'static [&'static str] = &[NO_APP, NO_GROUP];
    const RETRY: &'static [Retry] = &[
        Retry::of(&["CreateDeploymentGroup", "UpdateDeploymentGroup"], "InvalidRoleException", "the role or its policies are not known everywhere yet", retry::IAM),
        Retry::of(&["CreateDeploymentGroup", "UpdateDeploymentGroup"], "InvalidTriggerConfigException", "the topic is not known everywhere yet", retry::IAM).saying("Topic ARN"),
    ];

    fn check(want: &Draft, found: &mut Problems) {
        check::check(want, found);
    }

    fn revise(want: &mut Draft) {
        if !want.is_new() && want.is_changed(Args::deployment_group_name) {
            want.set_unknown(Args::arn);
        }
    }

    /// `id` is the group's own id, which no call takes.
    fn locate(shown: &str, have: &Args) -> Id {
        format!("{}:{}:{shown}", have.app_name, have.deployment_group_name)
    }

    fn shown_id(_id: &Id, have: &Args) -> String {
        have.deployment_group_id.clone().unwrap_or_default()
    }

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Live)>> {
        let mut by_app: BTreeMap<&str, Vec<&Id>> = BTreeMap::new();
        for id in ids {
            by_app.entry(place(id).app).or_default().push(id);
        }
        let in_one = async |(app, ids): (&str, Vec<&Id>)| groups_of(aws, app, &ids).await;
        let found: Vec<_> = try_join_all(by_app.into_iter().map(in_one)).await?.into_iter().flatten().collect();
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let prefix = arn_prefix(aws).await?;
        let arns: Vec<_> = found.iter().map(|(_, group)| arn_of(&prefix, group)).collect();
        let tags = tags_of(aws, &arns).await?;
        let all = found.into_iter().zip(arns).zip(tags);
        Ok(all.map(|(((id, group), arn), tags)| (id, Live { group, arn, tags })).collect())
    }

    fn observe(live: &Live) -> Args {
        let group = &live.group;
        let style = |style: &sdk::DeploymentStyle| take!(Style from style => deployment_option, deployment_type);
        let service = |one: &sdk::EcsService| take!(EcsService from one => cluster_name, service_name);
        let alarms = group.alarm_configuration.as_ref().map(convert::from_alarms);
        let rollback = group.auto_rollback_configuration.as_ref().map(convert::from_rollback);
        take!(Args from group => compute_platform, deployment_config_name, deployment_group_id, deployment_group_name,
                outdated_instances_strategy, service_role_arn, termination_hook_enabled;
            app_name: FromAws::from_aws(&group.application_name),
            autoscaling_groups: group.auto_scaling_groups().iter().filter_map(|one| one.name.clone()).collect(),
            alarm_configuration: alarms.filter(|alarms| *alarms != Alarms::default()),
            auto_rollback_configuration: rollback.filter(|rollback| *rollback != AutoRollback::default()),
            blue_green_deployment_config:
                group.blue_green_deployment_configuration.as_ref().and_then(convert::from_blue_green),
            deployment_style: group.deployment_style.as_ref().map(style),
            ec2_tag_filter: convert::from_filters(group.ec2_tag_filters()),
            ec2_tag_set: convert::from_tag_set(group.ec2_tag_set.as_ref()),
            ecs_service: group.ecs_services().first().map(service),
            load_balancer_info: group.load_balancer_info.as_ref().and_then(convert::from_balancers),
            on_premises_instance_tag_filter: convert::from_premises(group.on_premises_instance_tag_filters()),
            trigger_configuration: convert::from_triggers(group.trigger_configurations()),
            arn: Some(live.arn.clone()),
            tags_all: live.tags.clone())
    }

    fn keep_spelling(prior: &Args, live: &mut Args) {
        // A block that turns everything off says what its absence says.
        if live.alarm_configuration.is_none() && prior.alarm_configuration == Some(Alarms::default()) {
            live.alarm_configuration = Some(Alarms::default());
        }
        if live.auto_rollback_configuration.is_none() && prior.auto_rollback_configuration == Some(AutoRollback::default()) {
            live.auto_rollback_configuration = Some(AutoRollback::default());
        }
        // The order of the two has no meaning.
        let pair = |all: &Args| all.load_balancer_info.as_ref().and_then(|all| all.target_group_pair_info.clone());
        if let (Some(before), Some(now)) =
            (pair(prior), live.load_balancer_info.as_mut().and_then(|all| all.target_group_pair_info.as_mut()))
            && before.target_group.len() == now.target_group.len()
            && before.target_group.iter().all(|group| now.target_group.contains(group))
        {
            now.target_group = before.target_group;
        }
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        fn given<T>(list: Vec<T>) -> Option<Vec<T>> {
            (!list.is_empty()).then_some(list)
        }
        let call = send!(aws.codedeploy.create_deployment_group(), want => set_application_name = app_name,
            set_deployment_group_name = deployment_group_name, set_deployment_config_name = deployment_config_name,
            set_service_role_arn = service_role_arn, set_outdated_instances_strategy = outdated_instances_strategy);
        let made = call
            .set_auto_scaling_groups(given(want.autoscaling_groups.0.clone()))
            .set_termination_hook_enabled(want.termination_hook_enabled.then_some(true))
            .set_alarm_configuration(want.alarm_configuration.as_ref().map(|alarms| convert::to_alarms(Some(alarms))))
            .set_auto_rollback_configuration(
                want.auto_rollback_configuration.as_ref().map(|rollback| convert::to_rollback(Some(rollback))),
            )
            .set_blue_green_deployment_configuration(
                want.blue_green_deployment_config.as_ref().map(|all| convert::to_blue_green(Some(all))),
            )
            .set_deployment_style(convert::to_style(want.deployment_style.as_ref()))
            .set_ec2_tag_filters(given(convert::to_filters(&want.ec2_tag_filter)))
            .set_ec2_tag_set((!want.ec2_tag_set.is_empty()).then(|| convert::to_tag_set(&want.ec2_tag_set)))
            .set_ecs_services(given(convert::to_services(want.ecs_service.as_ref())))
            .set_load_balancer_info(want.load_balancer_info.as_ref().map(|all| convert::to_balancers(Some(all))))
            .set_on_premises_instance_tag_filters(given(convert::to_premises(&want.on_premises_instance_tag_filter)))
            .set_trigger_configurations(given(convert::to_triggers(&want.trigger_configuration)))
            .set_tags(to_tags(&want.tags_all))
            .send()
            .await?;
        let guid = made.deployment_group_id.ok_or_else(|| Error::empty("CreateDeploymentGroup"))?;
        Ok(Self::locate(&guid, want))
    }

    async fn update(aws: &Aws, id: &Id, have: &Args, want: &Args) -> Result<()> {
        if differs(have, want) {
            // A run before this one may have renamed it already.
            let current = groups_of(aws, &want.app_name, &[id]).await?.into_iter().next();
            let current = current.and_then(|(_, group)| group.deployment_group_name);
            change(aws, &current.unwrap_or_else(|| have.deployment_group_name.clone()), have, want).await?;
        }
        if have.tags_all == want.tags_all {
            return Ok(());
        }
        let arn = group_arn(&arn_prefix(aws).await?, &want.app_name, &want.deployment_group_name);
        retag(aws, &arn, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, _id: &Id, have: &Args) -> Result<()> {
        let call = aws.codedeploy.delete_deployment_group().application_name(&have.app_name);
        call.deployment_group_name(&have.deployment_group_name).send().await?;
        Ok(())
    }

    async fn recover(aws: &Aws, want: &Args) -> Result<Option<Id>> {
        let found = match Self::read(aws, &[Self::locate("", want)]).await {
            Err(error) if error.is(Self::MISSING) => None,
            other => other?.into_iter().next(),
        };
        let ours = found.map(|(_, live)| (Self::observe(&live), live.tags)).filter(|(group, tags)| {
            carries(tags, &want.tags_all) && group.ecs_service == want.ecs_service
        });
        Ok(ours.map(|(group, _)| Self::locate(group.deployment_group_id.as_deref().unwrap_or_default(), &group)))
    }

    fn import_text(_id: &Id, have: &Args) -> String {
        format!("{}:{}", have.app_name, have.deployment_group_name)
    }

    async fn import(_aws: &Aws, text: &str) -> Result<Id> {
        match text.split_once(':') {
            Some((app, group)) if !app.is_empty() && !group.is_empty() => Ok(format!("{app}:{group}:")),
            _ => Err(Error::local(
                "import",
                format!("{text} is not a deployment group. Import needs the names of application and group, such as web:production."),
            )),
        }
    }
}

fn arn_of(prefix: &str, group: &sdk::DeploymentGroupInfo) -> String {
    let (app, name) = (group.application_name().unwrap_or_default(), group.deployment_group_name().unwrap_or_default());
    group_arn(prefix, app, name)
}

fn group_arn(prefix: &str, app: &str, group: &str) -> String {
    format!("{prefix}:deploymentgroup:{app}/{group}")
}

/// Groups of one application, by id. One that is not found by name may have been renamed: its own id stays.
async fn groups_of(aws: &Aws, app: &str, ids: &[&Id]) -> Result<Vec<(Id, sdk::DeploymentGroupInfo)>> {
    let names = ids.iter().map(|id| place(id).group.to_owned()).collect();
    let mut groups = match batch_get(aws, app, names).await {
        Err(error) if error.is(&[NO_APP]) => return Ok(Vec::new()),
        other => other?,
    };
    let is_it = |group: &sdk::DeploymentGroupInfo, id: &str| match place(id).guid {
        Some(guid) => group.deployment_group_id() == Some(guid),
        None => group.deployment_group_name() == Some(place(id).group),
    };
    let is_lost = |id: &&&Id| place(id).guid.is_some() && !groups.iter().any(|group| is_it(group, id));
    if ids.iter().any(|id| is_lost(&id)) {
        groups = all(aws, app).await?;
    }
    let of = |id: &&Id| groups.iter().find(|group| is_it(group, id)).map(|group| ((*id).clone(), group.clone()));
    Ok(ids.iter().filter_map(of).collect())
}

async fn batch_get(aws: &Aws, app: &str, names: Vec<String>) -> Result<Vec<sdk::DeploymentGroupInfo>> {
    let call = aws.codedeploy.batch_get_deployment_groups().application_name(app);
    match call.set_deployment_group_names(Some(names)).send().await.map_err(Error::from) {
        Err(error) if error.is(&[NO_GROUP]) => Ok(Vec::new()),
        other => Ok(other?.deployment_groups_info.unwrap_or_default()),
    }
}

async fn all(aws: &Aws, app: &str) -> Result<Vec<sdk::DeploymentGroupInfo>> {
    let (mut found, mut token) = (Vec::new(), None);
    loop {
        let page = aws.codedeploy.list_deployment_groups().application_name(app).set_next_token(token).send().await?;
        for names in page.deployment_groups().chunks(100) {
            found.extend(batch_get(aws, app, names.to_vec()).await?);
        }
        token = page.next_token;
        if token.is_none() {
            return Ok(found);
        }
    }
}

/// Whether anything but tags changed.
fn differs(have: &Args, want: &Args) -> bool {
    let without = |args: &Args| Args {
        tags: Tags::new(),
        tags_all: Tags::new(),
        arn: None,
        compute_platform: None,
        deployment_group_id: None,
        ..args.clone()
    };
    without(have) != without(want)
}

/// Sends what changed. What is not sent keeps its value; what was removed is sent in its empty form.
async fn change(aws: &Aws, current: &str, have: &Args, want: &Args) -> Result<()> {
    let mut call = aws.codedeploy.update_deployment_group();
    call = call.application_name(&want.app_name).current_deployment_group_name(current);
    if current != want.deployment_group_name {
        call = call.new_deployment_group_name(&want.deployment_group_name);
    }
    macro_rules! change {
        ($field:ident => $setter:ident, $value:expr) => {
            if have.$field != want.$field {
                call = call.$setter($value);
            }
        };
    }
    change!(deployment_config_name => set_deployment_config_name, want.deployment_config_name.to_aws());
    change!(service_role_arn => set_service_role_arn, want.service_role_arn.to_aws());
    change!(outdated_instances_strategy => set_outdated_instances_strategy, want.outdated_instances_strategy.to_aws());
    change!(termination_hook_enabled => termination_hook_enabled, want.termination_hook_enabled);
    change!(alarm_configuration => alarm_configuration, convert::to_alarms(want.alarm_configuration.as_ref()));
    change!(auto_rollback_configuration => auto_rollback_configuration,
        convert::to_rollback(want.auto_rollback_configuration.as_ref()));
    change!(blue_green_deployment_config => blue_green_deployment_configuration,
        convert::to_blue_green(want.blue_green_deployment_config.as_ref()));
    change!(deployment_style => set_deployment_style, convert::to_style(want.deployment_style.as_ref()));
    change!(ec2_tag_filter => set_ec2_tag_filters, Some(convert::to_filters(&want.ec2_tag_filter)));
    change!(ec2_tag_set => ec2_tag_set, convert::to_tag_set(&want.ec2_tag_set));
    change!(ecs_service => set_ecs_services, Some(convert::to_services(want.ecs_service.as_ref())));
    change!(load_balancer_info => load_balancer_info, convert::to_balancers(want.load_balancer_info.as_ref()));
    change!(on_premises_instance_tag_filter => set_on_premises_instance_tag_filters,
        Some(convert::to_premises(&want.on_premises_instance_tag_filter)));
    change!(trigger_configuration => set_trigger_configurations, Some(convert::to_triggers(&want.trigger_configuration)));
    // A changed blue/green configuration forgets the groups unless they are sent along.
    let resends = have.blue_green_deployment_config != want.blue_green_deployment_config && want.ecs_service.is_none();
    if resends || have.autoscaling_groups != want.autoscaling_groups {
        call = call.set_auto_scaling_groups(Some(want.autoscaling_groups.0.clone()));
    }
    call.send().await?;
    Ok(())
}
