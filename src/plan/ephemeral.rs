//! Ephemeral resources that are open while a plan is drawn up, or while one is applied.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;

use super::complete::complete;
use super::live::{copy_marks, mark_schema};
use super::{Connections, known, problem};
use crate::address::Address;
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::Desired;
use crate::resource::ephemeral::{AnyEphemeral, Opened};
use crate::resource::{Cloud, Error, Registry};
use crate::value::Value;

/// What is open, in the order of opening. What it holds is never stored and never shown.
#[derive(Default)]
pub struct Session {
    open: IndexMap<Address, Open>,
}

struct Open {
    ephemeral: Arc<dyn AnyEphemeral>,
    cloud: Cloud,
    opened: Opened,
    /// Its block, for what goes wrong while it is closed.
    header: crate::diagnostic::Span,
}

impl Session {
    /// Whether the instance is open.
    pub fn has(&self, address: &Address) -> bool {
        self.open.contains_key(address)
    }

    /// Values of everything that is open, with marks of the attribute tables.
    pub fn values(&self) -> BTreeMap<Address, Value> {
        self.open.iter().map(|(address, open)| (address.clone(), open.opened.attributes.clone())).collect()
    }

    /// Opens an instance whose configuration is wholly known; its value.
    ///
    /// # Errors
    /// It cannot be opened, or its provider has no connection.
    pub async fn open(
        &mut self,
        want: &Desired,
        registry: &Registry,
        connections: &Connections,
    ) -> Result<Value, Report> {
        let address = &want.address;
        let (Some(ephemeral), Some(cloud)) =
            (registry.ephemeral(address.type_name()).cloned(), connections.get(&want.provider).cloned())
        else {
            return Err(Diagnostic::bug(format!("{address} was to be opened without a connection")).into());
        };
        let asked = known(&complete(ephemeral.schema(), &want.config, None));
        let fail =
            |error: &Error| -> Report { problem::from_error(error, address, "Opening").at(want.spans.header()).into() };
        let opened = ephemeral.open(&cloud, &asked).await.map_err(|error| fail(&error))?;
        let value = copy_marks(&want.config, &mark_schema(ephemeral.schema(), &opened.attributes));
        let opened = Opened { attributes: value.clone(), ..opened };
        self.open.insert(address.clone(), Open { ephemeral, cloud, opened, header: want.spans.header() });
        Ok(value)
    }

    /// What is open, last opened first.
    pub fn addresses(&self) -> Vec<Address> {
        self.open.keys().rev().cloned().collect()
    }

    /// Closes an instance; one that is not open is closed.
    ///
    /// # Errors
    /// It cannot be closed. It counts as closed all the same: nobody could try again with what is lost by then.
    pub async fn close(&mut self, address: &Address) -> Result<(), Report> {
        let Some(open) = self.open.shift_remove(address) else { return Ok(()) };
        let closed = open.ephemeral.close(&open.cloud, &open.opened).await;
        closed.map_err(|error| problem::from_error(&error, address, "Closing").at(open.header).into())
    }

    /// Closes everything, last opened first.
    pub async fn close_all(&mut self) -> Report {
        let mut report = Report::default();
        for address in self.addresses() {
            report.extend(self.close(&address).await.err().unwrap_or_default());
        }
        report
    }
}
