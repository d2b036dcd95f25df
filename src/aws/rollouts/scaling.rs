//! Whether the number of tasks of a service belongs to Application Auto Scaling.

use aws_sdk_applicationautoscaling::types as sdk;

use super::Asked;
use crate::address::Address;
use crate::resource::Error;

/// Services that one call asks for.
const BATCH: usize = 50;

/// For each service whether it is scaled, or what it means that nobody can tell.
pub(super) async fn scaled(together: &[&Asked<'_>]) -> Result<Vec<(Address, Result<bool, String>)>, Error> {
    let mut all = Vec::with_capacity(together.len());
    for some in together.chunks(BATCH) {
        let found = match targets(some).await {
            Ok(found) => Ok(found),
            Err(error) if error.is_denied() => Err(format!(
                "The credentials may not ask Application Auto Scaling which services it scales ({}), so `desired_count` counts as the stack's own. Allow application-autoscaling:DescribeScalableTargets, or leave `desired_count` out.",
                error.code
            )),
            Err(error) => return Err(error),
        };
        for one in some {
            let is_scaled = found.as_ref().map(|found| found.contains(&resource_of(one)));
            all.push((one.ask.address.clone(), is_scaled.map_err(Clone::clone)));
        }
    }
    Ok(all)
}

fn resource_of(one: &Asked<'_>) -> String {
    format!("service/{}/{}", one.cluster, one.name)
}

async fn targets(some: &[&Asked<'_>]) -> Result<Vec<String>, Error> {
    let Some(first) = some.first() else { return Ok(Vec::new()) };
    let (mut found, mut token) = (Vec::new(), None);
    loop {
        let call = first.aws.appautoscaling.describe_scalable_targets().service_namespace(sdk::ServiceNamespace::Ecs);
        let call = call.scalable_dimension(sdk::ScalableDimension::EcsServiceDesiredCount);
        let ids = some.iter().map(|one| resource_of(one)).collect();
        let page = call.set_resource_ids(Some(ids)).set_next_token(token).send().await?;
        found.extend(page.scalable_targets().iter().map(|target| target.resource_id().to_owned()));
        token = page.next_token;
        if token.is_none() {
            return Ok(found);
        }
    }
}
