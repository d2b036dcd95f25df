//! A run as it goes, for people. (Placeholder of the rendering that follows.)
use crate::apply::{Counts, Event};
use crate::cli::shell::Shell;
use crate::plan::Plan;
use crate::resource::Registry;
pub struct Progress(Shell);
impl Progress {
    pub fn new(_p: &Plan, _r: &Registry, s: Shell) -> Self {
        Self(s)
    }
    pub fn event(&self, e: Event) {
        match e {
            Event::Failed { address, problem, .. } => self.0.line(&format!("FAILED {address} {}", problem.detail)),
            Event::Started { .. } => {}
            e => self.0.line(&format!("{e:?}")),
        }
    }
    pub fn finish(&self) {}
}
pub fn summary(c: Counts, _d: bool, _s: &Shell) -> String {
    format!("{c:?}\n")
}
