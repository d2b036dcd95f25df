//! Pipelines that deploy through CodeDeploy to ECS.
//!
//! API: AWS CodePipeline 2015-07-09, `ListPipelines` and `GetPipeline`.
//! <https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_GetPipeline.html>

use aws_sdk_codepipeline::types as sdk;

use crate::aws::client::Aws;
use crate::preflight::lookups::Pipeline;
use crate::resource::Error;

/// The provider of actions that deploy through CodeDeploy to ECS.
const PROVIDER: &str = "CodeDeployToECS";
/// Pipelines that are read at a time.
const AT_ONCE: usize = 10;
/// How many are read at most: a rule that only warns is no reason to keep a plan waiting.
const MOST: usize = 300;

/// Those of a region that do not queue their runs.
pub(super) async fn all(aws: &Aws) -> Result<Vec<Pipeline>, Error> {
    let (mut names, mut token) = (Vec::new(), None);
    loop {
        let page = aws.codepipeline.list_pipelines().set_next_token(token).send().await?;
        // Those that queue their runs are in nobody's way.
        let others = |one: &sdk::PipelineSummary| one.execution_mode != Some(sdk::ExecutionMode::Queued);
        names.extend(page.pipelines.unwrap_or_default().into_iter().filter(others).filter_map(|one| one.name));
        token = page.next_token;
        if token.is_none() || names.len() >= MOST {
            break;
        }
    }
    names.truncate(MOST);
    let mut all = Vec::new();
    for names in names.chunks(AT_ONCE) {
        let reads = names.iter().map(|name| read(aws, name));
        let read: Result<Vec<_>, Error> = futures_util::future::join_all(reads).await.into_iter().collect();
        all.extend(read?.into_iter().flatten().filter(|one| !one.groups.is_empty()));
    }
    Ok(all)
}

/// One of them; `None` when it has just been deleted.
async fn read(aws: &Aws, name: &str) -> Result<Option<Pipeline>, Error> {
    match aws.codepipeline.get_pipeline().name(name).send().await.map_err(Error::from) {
        Ok(answer) => Ok(answer.pipeline.map(|found| pipeline(&found, &aws.region))),
        Err(error) if error.is(&["PipelineNotFoundException"]) => Ok(None),
        Err(error) => Err(error),
    }
}

fn pipeline(found: &sdk::PipelineDeclaration, region: &str) -> Pipeline {
    let actions = found.stages.iter().flat_map(|stage| &stage.actions);
    let here = actions.filter(|one| one.region.as_deref().is_none_or(|other| other == region));
    let deploying = here.filter(|one| one.action_type_id.as_ref().is_some_and(|id| id.provider == PROVIDER));
    let group = |action: &sdk::ActionDeclaration| {
        let text = |name: &str| action.configuration.as_ref()?.get(name).cloned();
        Some((text("ApplicationName")?, text("DeploymentGroupName")?))
    };
    // Where nothing is said, it is SUPERSEDED.
    let mode = found.execution_mode.as_ref().unwrap_or(&sdk::ExecutionMode::Superseded);
    Pipeline { name: found.name.clone(), mode: mode.as_str().to_owned(), groups: deploying.filter_map(group).collect() }
}
