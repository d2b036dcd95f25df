//! `aws_codedeploy_app`: what deployment groups belong to.
//!
//! API: CodeDeploy 2014-10-06, `CreateApplication` and its siblings.
//! <https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateApplication.html>

use aws_sdk_codedeploy::types as sdk;

use super::shared::{arn_prefix, carries, retag, tags_of, to_tags};
use crate::aws::contract::*;
use crate::aws::copy::FromAws;
use crate::{send, take};

/// The type.
pub struct App;

model! {
    /// What deployment groups belong to.
    pub struct Args {
        /// What it deploys to: `ECS`, `Lambda`, or `Server`.
        compute_platform: Option<String> = optional().force_new().default(Lit::Str("Server")).one_of(&["ECS", "Lambda", "Server"]),
        /// Unique in the account and region: 1 to 100 letters, digits and `+=,.@_-`. Can be changed in place.
        name: String = required().length(1, 100).pattern("^[0-9A-Za-z+=,.@_-]+$", "letters, digits and +=,.@_-"),
        /// Id of the application, given by AWS.
        application_id: Option<String> = computed(),
        /// Address of the application.
        arn: Option<String> = computed(),
        /// GitHub account that the application is connected to.
        github_account_name: Option<String> = computed(),
        /// Whether it is connected to GitHub.
        linked_to_github: Option<bool> = computed(),
        /// Tags of the resource.
        tags: Tags = optional(),
        /// All tags, those of the provider included.
        tags_all: Tags = optional_computed(),
    }
}

/// An application with what is asked for separately.
pub struct Live {
    app: sdk::ApplicationInfo,
    arn: String,
    tags: Tags,
}

const GONE: &str = "ApplicationDoesNotExistException";

impl Resource for App {
    type Model = Args;
    type Live = Live;

    const TYPE: &'static str = "aws_codedeploy_app";
    const IDENTITY: Identity = Identity::Assigned { recover_by: &["name"] };
    const PACE: Pace = secs(1, 1, 1);
    const READ_BATCH: usize = 100;
    const MISSING: &'static [&'static str] = &[GONE];

    fn revise(want: &mut Draft) {
        if !want.is_new() && want.is_changed(Args::name) {
            want.set_unknown(Args::arn);
        }
    }

    /// Ids are `application id:name`, as hashicorp/aws writes them.
    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Live)>> {
        let names: Vec<String> = ids.iter().map(|id| name_in(id).to_owned()).collect();
        let apps = match batch_get(aws, &names).await {
            // Renamed, perhaps: its id stays. With several, the engine asks again for fewer.
            Err(error) if error.is(&[GONE]) && ids.len() == 1 => all(aws).await?,
            other => other?,
        };
        let of = |id: &Id| apps.iter().find(|app| is_it(app, id)).map(|app| (id.clone(), app.clone()));
        let found: Vec<_> = ids.iter().filter_map(of).collect();
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let prefix = arn_prefix(aws).await?;
        let arn = |app: &sdk::ApplicationInfo| arn_of(&prefix, app.application_name().unwrap_or_default());
        let arns: Vec<_> = found.iter().map(|(_, app)| arn(app)).collect();
        let tags = tags_of(aws, &arns).await?;
        let all = found.into_iter().zip(arns).zip(tags);
        Ok(all.map(|(((id, app), arn), tags)| (id, Live { app, arn, tags })).collect())
    }

    fn observe(live: &Live) -> Args {
        let app = &live.app;
        take!(Args from app => compute_platform, application_id;
            name: FromAws::from_aws(&app.application_name),
            arn: Some(live.arn.clone()),
            github_account_name: Some(app.git_hub_account_name.clone().unwrap_or_default()),
            linked_to_github: Some(app.linked_to_git_hub),
            tags_all: live.tags.clone())
    }

    fn shown_id(_id: &Id, have: &Args) -> String {
        format!("{}:{}", have.application_id.as_deref().unwrap_or_default(), have.name)
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        let call = send!(aws.codedeploy.create_application(), want => set_application_name = name,
            set_compute_platform = compute_platform);
        let made = call.set_tags(to_tags(&want.tags_all)).send().await?;
        let id = made.application_id.ok_or_else(|| Error::empty("CreateApplication"))?;
        Ok(format!("{id}:{}", want.name))
    }

    async fn update(aws: &Aws, _id: &Id, have: &Args, want: &Args) -> Result<()> {
        if have.name != want.name {
            let call = aws.codedeploy.update_application().application_name(&have.name);
            match call.new_application_name(&want.name).send().await.map_err(Error::from) {
                // A run before this one got that far.
                Err(error) if error.is(&[GONE]) && !batch_get(aws, std::slice::from_ref(&want.name)).await?.is_empty() => {}
                other => drop(other?),
            }
        }
        if have.tags_all == want.tags_all {
            return Ok(());
        }
        retag(aws, &arn_of(&arn_prefix(aws).await?, &want.name), &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, _id: &Id, have: &Args) -> Result<()> {
        aws.codedeploy.delete_application().application_name(&have.name).send().await?;
        Ok(())
    }

    async fn recover(aws: &Aws, want: &Args) -> Result<Option<Id>> {
        let Some((id, live)) = find(aws, &want.name).await? else { return Ok(None) };
        let is_ours = Self::observe(&live).compute_platform == want.compute_platform && carries(&live.tags, &want.tags_all);
        Ok(is_ours.then_some(id))
    }

    fn import_text(_id: &Id, have: &Args) -> String {
        have.name.clone()
    }

    async fn import(aws: &Aws, text: &str) -> Result<Id> {
        let found = find(aws, name_in(text)).await?;
        found.map(|(id, _)| id).ok_or_else(|| {
            Error::local("BatchGetApplications", format!("There is no application named {text} in this region."))
        })
    }
}

async fn find(aws: &Aws, name: &str) -> Result<Option<(Id, Live)>> {
    match App::read(aws, &[name.to_owned()]).await {
        Err(error) if error.is(&[GONE]) => Ok(None),
        other => Ok(other?.into_iter().next().map(|(_, live)| (App::shown_id(&String::new(), &App::observe(&live)), live))),
    }
}

/// The name in `application id:name`; a name alone is one too.
fn name_in(id: &str) -> &str {
    id.split_once(':').map_or(id, |(_, name)| name)
}

fn is_it(app: &sdk::ApplicationInfo, id: &str) -> bool {
    match id.split_once(':') {
        Some((guid, _)) => app.application_id() == Some(guid),
        None => app.application_name() == Some(id),
    }
}

fn arn_of(prefix: &str, name: &str) -> String {
    format!("{prefix}:application:{name}")
}

async fn batch_get(aws: &Aws, names: &[String]) -> Result<Vec<sdk::ApplicationInfo>> {
    let found = aws.codedeploy.batch_get_applications().set_application_names(Some(names.to_vec())).send().await?;
    Ok(found.applications_info.unwrap_or_default())
}

async fn all(aws: &Aws) -> Result<Vec<sdk::ApplicationInfo>> {
    let (mut found, mut token) = (Vec::new(), None);
    loop {
        let page = aws.codedeploy.list_applications().set_next_token(token).send().await?;
        for names in page.applications().chunks(100) {
            found.extend(batch_get(aws, names).await?);
        }
        token = page.next_token;
        if token.is_none() {
            return Ok(found);
        }
    }
}
