//! The plan for people. (Placeholder of the rendering that follows.)
use crate::cli::shell::Shell;
use crate::plan::Plan;
use crate::resource::Registry;
use crate::state::State;
pub enum Detail {
    Brief,
    Changes,
    Full,
}
pub fn plan(p: &Plan, _r: &Registry, _s: &Shell, _d: Detail) -> String {
    let mut t = String::new();
    for c in &p.changes {
        if c.is_action() {
            t += &format!(
                "{:?} {} {:?}\n",
                c.action,
                c.address,
                c.changed.iter().map(|x| x.path.to_string()).collect::<Vec<_>>()
            );
        }
    }
    let (a, b, c) = p.counts();
    t + &format!("Plan: {a} to add, {b} to change, {c} to destroy.\n")
}
pub fn outputs(s: &State, _sh: &Shell) -> String {
    s.outputs.iter().map(|(k, v)| format!("{k} = {:?}\n", v.value)).collect()
}
