//! Health of what is registered in target groups.

use std::collections::BTreeMap;

use crate::aws::client::Aws;
use crate::resource::Error;
use crate::rollout::Health;

/// Health of the targets of each group, by name of the group; groups that are gone are left out.
pub(super) async fn health(aws: &Aws, names: &[String]) -> Result<Vec<Health>, Error> {
    let mut all = Vec::new();
    for name in names {
        let found = match aws.elbv2.describe_target_groups().names(name).send().await.map_err(Error::from) {
            Err(error) if error.is(&["TargetGroupNotFound"]) => continue,
            other => other?,
        };
        let Some(arn) = found.target_groups().first().and_then(|group| group.target_group_arn()) else { continue };
        let told = aws.elbv2.describe_target_health().target_group_arn(arn).send().await?;
        let (mut states, mut problems) = (BTreeMap::new(), Vec::new());
        for one in told.target_health_descriptions() {
            let state = one.target_health().and_then(|health| health.state()).map_or("unknown", |state| state.as_str());
            *states.entry(state.to_owned()).or_insert(0) += 1;
            if state == "unhealthy" {
                let why = one.target_health().and_then(|health| health.description()).unwrap_or("no reason given");
                let id = one.target().and_then(|target| target.id()).unwrap_or_default();
                problems.push(format!("{id} is unhealthy: {why}"));
            }
        }
        all.push(Health { target_group: name.clone(), states, problems });
    }
    Ok(all)
}
