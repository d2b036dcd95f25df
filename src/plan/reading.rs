//! Reads data sources and opens ephemeral resources while a plan is drawn up.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::draw::{Options, Request};
use super::ephemeral::Session;
use super::planner::Planner;
use super::provider::Connections;
use super::refresh::{self, Answers};
use crate::diagnostic::Report;
use crate::lang::{Desired, Evaluator, Outcome, ProviderRef};
use crate::resource::{Cloud, Registry};

/// Evaluates; reads and opens on the way what the planner waits for.
///
/// # Errors
/// What cannot be opened. What the evaluation itself finds wrong is in the answer.
pub(super) async fn evaluate(
    evaluator: &mut Evaluator,
    planner: &mut Planner<'_>,
    session: &mut Session,
    connections: &Connections,
    request: Request<'_>,
) -> Result<Result<Outcome, Report>, Report> {
    let mut walk = match evaluator.begin() {
        Ok(walk) => walk,
        Err(report) => return Ok(Err(report)),
    };
    while !evaluator.go_on(&mut walk, planner) {
        let awaited = std::mem::take(&mut planner.awaited);
        let (data, unread) = read(awaited, session, connections, request).await?;
        planner.readings.data.extend(data);
        planner.readings.unread.extend(unread);
        planner.readings.open = session.values();
    }
    Ok(evaluator.finish(walk))
}

/// Reads data sources and opens ephemeral resources.
///
/// # Errors
/// The first that cannot be opened.
pub(super) async fn read(
    wanted: Vec<Arc<Desired>>,
    session: &mut Session,
    connections: &Connections,
    request: Request<'_>,
) -> Result<Answers, Report> {
    let (to_open, to_read): (Vec<_>, Vec<_>) = wanted.into_iter().partition(|want| want.address.is_ephemeral());
    for want in &to_open {
        session.open(want, request.registry, connections).await?;
    }
    Ok(refresh::read_data(&to_read, request.registry, connections, request.options.parallelism).await)
}

/// Whether a data source can be read, or an ephemeral resource opened, before apply: its provider is connected, and
/// somebody may be asked.
pub(super) fn can_ask(
    want: &Desired,
    registry: &Registry,
    options: &Options,
    clouds: &BTreeMap<ProviderRef, Cloud>,
) -> bool {
    let is_offline = || registry.source(want.address.type_name()).is_some_and(|source| source.is_offline());
    clouds.contains_key(&want.provider) && (!options.offline || is_offline())
}
