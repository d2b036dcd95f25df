//! Ephemeral resources of a run: opened when a step first needs them, closed at the end.

use super::connect::not_known;
use super::job::{Act, Event, Stage};
use super::run_step::Runner;
use crate::address::Address;
use crate::diagnostic::Report;
use crate::plan::ephemeral::Session;

impl Runner<'_> {
    /// Opens what is not open yet, in this order. What cannot be opened yet, because something it needs is not known, is
    /// left for later.
    pub(super) async fn open(&self, addresses: Vec<Address>) -> Result<(), Report> {
        if addresses.is_empty() {
            return Ok(());
        }
        // Held while opening, so that two steps do not open the same.
        let mut session = self.session.lock().await;
        for address in addresses {
            if !session.has(&address) {
                self.open_one(&mut session, &address).await?;
            }
        }
        Ok(())
    }

    async fn open_one(&self, session: &mut Session, address: &Address) -> Result<(), Report> {
        let want = self.evaluator.borrow_mut().instance(address, &mut *self.known.borrow_mut())?;
        if !want.config.is_wholly_known() {
            return Ok(());
        }
        // What its provider needs stands before it and is open.
        self.connect_now(&want.provider).await?.ok_or_else(|| not_known(&want.provider))?;
        let connections = self.connections.borrow().clone();
        let opening = session.open(&want, self.job.registry, &connections);
        let value = self.timed(address, Act::Open, opening).await?;
        self.known.borrow_mut().set(address, value.clone());
        self.evaluator.borrow_mut().settle(address, value)
    }

    /// Closes everything, last opened first.
    pub(super) async fn close(&self) -> Report {
        let mut session = self.session.lock().await;
        let mut report = Report::default();
        for address in session.addresses() {
            let closing = session.close(&address);
            report.extend(self.timed(&address, Act::Close, closing).await.err().unwrap_or_default());
        }
        report
    }

    /// Tells who watches how it begins and ends.
    async fn timed<T>(
        &self,
        address: &Address,
        act: Act,
        work: impl Future<Output = Result<T, Report>>,
    ) -> Result<T, Report> {
        let tell = |stage| (self.job.watch)(Event::Ephemeral { address: address.clone(), act, stage });
        let clock = &self.job.around.clock;
        let start = clock.steady();
        tell(Stage::Begun);
        let result = work.await;
        let time = clock.steady().saturating_sub(start);
        tell(if result.is_ok() { Stage::Done(time) } else { Stage::Failed(time) });
        result
    }
}
