//! Connections to configured providers, and how state files name providers.

use std::collections::{BTreeMap, BTreeSet};

use crate::address::ModulePath;
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::{ProviderConfig, ProviderRef};
use crate::plan::checks;
use crate::resource::{Cloud, Draft, Error, Problems, Registry, Surroundings};

/// The connections that could be made. A provider whose configuration is known only after apply has none yet.
#[derive(Clone, Debug, Default)]
pub struct Connections {
    made: BTreeMap<ProviderRef, Cloud>,
}

impl Connections {
    /// The connection of a provider.
    pub fn get(&self, provider: &ProviderRef) -> Option<&Cloud> {
        self.made.get(provider)
    }

    /// All connections.
    pub fn all(&self) -> &BTreeMap<ProviderRef, Cloud> {
        &self.made
    }

    /// Those that were not configured with ephemeral values: these are made anew in an apply.
    #[must_use]
    pub fn without_ephemeral(&self, configured: &BTreeMap<ProviderRef, ProviderConfig>) -> Self {
        let is_lasting =
            |one: &ProviderRef| configured.get(one).is_none_or(|config| !config.config.marks_deep().is_ephemeral());
        let made = self.made.iter().filter(|(one, _)| is_lasting(one));
        Self { made: made.map(|(one, cloud)| (one.clone(), cloud.clone())).collect() }
    }

    /// Forgets those that are to be configured anew, once more is known.
    pub(super) fn disconnect<'a>(&mut self, providers: impl IntoIterator<Item = &'a ProviderRef>) {
        providers.into_iter().for_each(|one| drop(self.made.remove(one)));
    }

    /// Takes over connections that are not there yet.
    pub fn join(&mut self, other: Self) {
        for (one, cloud) in other.made {
            self.made.entry(one).or_insert(cloud);
        }
    }

    /// Connects what is configured and known, and built-in defaults for what `needed` names without a block.
    ///
    /// # Errors
    /// What is wrong with a provider block.
    pub async fn connect(
        &mut self,
        configured: &BTreeMap<ProviderRef, ProviderConfig>,
        needed: impl IntoIterator<Item = ProviderRef>,
        registry: &Registry,
        around: &Surroundings,
    ) -> Result<(), Report> {
        let mut report = Report::default();
        let needed: BTreeSet<ProviderRef> = needed.into_iter().collect();
        let mut wanted: BTreeMap<ProviderRef, Option<&ProviderConfig>> =
            needed.iter().map(|one| (one.clone(), None)).collect();
        wanted.extend(configured.iter().map(|(one, config)| (one.clone(), Some(config))));
        for (one, config) in wanted {
            let Some(provider) = registry.provider(one.name()) else { continue };
            let spot = |path: &[String]| {
                config.and_then(|config| config.spans.as_ref()).map(|spans| spans.of(&super::problem::path(path)))
            };
            let refused = |error: Error| {
                let header = config.and_then(|config| config.spans.as_ref()).map(crate::lang::Spans::header);
                Diagnostic::error("Invalid provider configuration", error.message).at(header)
            };
            let lacks = |cloud: &Cloud| provider.usable(cloud).err().filter(|_| needed.contains(&one)).map(refused);
            if let Some(cloud) = self.made.get(&one) {
                report.0.extend(lacks(cloud));
                continue;
            }
            let absent = provider.schema().absent();
            let said = config.map_or(&absent, |config| &config.config);
            if !said.is_wholly_known() {
                continue;
            }
            let planned = super::complete::complete(provider.schema(), said, None);
            let draft = Draft::new(said.clone(), planned.clone(), None);
            let mut found = Problems::default();
            checks::check(provider.schema(), said, &mut found);
            provider.check(&draft, &mut found);
            if !found.found.is_empty() {
                let problem = |one: &crate::resource::Problem| {
                    Diagnostic::error("Invalid provider configuration", one.text.clone()).at(spot(&one.path))
                };
                report.0.extend(found.found.iter().map(problem));
                continue;
            }
            match provider.connect(&super::known(&planned), around).await {
                Ok(cloud) => {
                    report.0.extend(lacks(&cloud));
                    self.made.insert(one, cloud);
                }
                Err(error) => report.push(refused(error)),
            }
        }
        report.or(())
    }

    /// The provider behind the text of a state file, such as `provider["registry.terraform.io/hashicorp/aws"].west`.
    pub fn parse(text: &str) -> ProviderRef {
        let (module, rest) = text.split_once("provider[\"").unwrap_or(("", text));
        let (source, tail) = rest.split_once("\"]").unwrap_or((rest, ""));
        ProviderRef {
            module: module.trim_end_matches('.').parse().unwrap_or_else(|_| ModulePath::root()),
            source: source.into(),
            alias: tail.strip_prefix('.').map(Into::into),
        }
    }
}
