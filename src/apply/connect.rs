//! Connections of providers during a run: those that are configured once more is known, or with ephemeral values.

use std::cell::RefCell;

use super::run_step::Runner;
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::{Environment, Evaluator, Phase, ProviderConfig, ProviderRef};
use crate::plan::Connections;
use crate::plan::planner::Known;
use crate::resource::Cloud;

impl Runner<'_> {
    /// The connection of a provider; made now when its configuration was known only after apply, or is ephemeral.
    pub(super) async fn connect(&self, provider: &ProviderRef) -> Result<Cloud, Report> {
        self.connect_once_open(provider).await?.ok_or_else(|| not_known(provider).into())
    }

    /// The same for an object that is deleted, with the name of the connection. When that comes before what configures its
    /// provider is made anew, the configuration is the one from before.
    pub(super) async fn connect_to_delete(&self, provider: &ProviderRef) -> Result<(Cloud, String), Report> {
        let name = provider.in_state();
        if let Some(cloud) = self.connect_once_open(provider).await? {
            return Ok((cloud, name));
        }
        let before = self.connect_as_before(provider).await?;
        before.map(|cloud| (cloud, name + " before")).ok_or_else(|| not_known(provider).into())
    }

    async fn connect_once_open(&self, provider: &ProviderRef) -> Result<Option<Cloud>, Report> {
        let needed = match self.connections.borrow().get(provider) {
            Some(cloud) => return Ok(Some(cloud.clone())),
            None => self.evaluator.borrow().ephemerals_of_provider(provider),
        };
        self.open(needed).await?;
        self.connect_now(provider).await
    }

    /// The connection, unless its configuration is not known yet.
    pub(super) async fn connect_now(&self, provider: &ProviderRef) -> Result<Option<Cloud>, Report> {
        if let Some(cloud) = self.connections.borrow().get(provider) {
            return Ok(Some(cloud.clone()));
        }
        let config = self.evaluator.borrow_mut().provider(provider, &mut *self.known.borrow_mut())?;
        self.connect_among(&self.connections, provider, config).await
    }

    /// The connection with the values that objects had before the run.
    async fn connect_as_before(&self, provider: &ProviderRef) -> Result<Option<Cloud>, Report> {
        if let Some(cloud) = self.before.borrow().get(provider) {
            return Ok(Some(cloud.clone()));
        }
        let env = Environment { phase: Phase::Apply, ..self.job.env.clone() };
        let mut evaluator = Evaluator::new(self.job.config.clone(), self.job.inputs, &env);
        let mut before = Known::before(self.job.registry, self.job.plan);
        // What cannot be told of the rest with old values is nobody's concern here.
        drop(evaluator.run(&mut before));
        let config = evaluator.provider(provider, &mut before)?;
        self.connect_among(&self.before, provider, config).await
    }

    /// Connects with that configuration, unless it is not known yet, and remembers the connection among these.
    async fn connect_among(
        &self,
        all: &RefCell<Connections>,
        provider: &ProviderRef,
        config: Option<ProviderConfig>,
    ) -> Result<Option<Cloud>, Report> {
        let configured = config.into_iter().map(|config| (provider.clone(), config)).collect();
        let mut connections = all.borrow().clone();
        connections.connect(&configured, [provider.clone()], self.job.registry, self.job.around).await?;
        let cloud = connections.get(provider).cloned();
        all.borrow_mut().join(connections);
        Ok(cloud)
    }
}

/// A configuration that does not become known.
pub(super) fn not_known(provider: &ProviderRef) -> Diagnostic {
    let text = format!(
        "The configuration of {} is still not known although everything it needs is done. Give it values that are known before apply.",
        provider.in_state()
    );
    Diagnostic::error("Invalid provider configuration", text)
}
