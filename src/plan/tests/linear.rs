//! Planning does ten times the work for ten times the resources, whatever their shape. Work is counted, not timed.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Section, planned, toys};
use crate::plan::Plan;
use crate::plan::steps::joins_of;
use crate::resource::model::{Field as _, Model as _};
use crate::state::{Instance, InstanceKey, State};

const LAYER: usize = 10;

fn flat(count: usize) -> String {
    (0..count).map(|at| format!("resource \"toy\" \"r{at}\" {{\n  size = {at}\n}}\n")).collect::<Vec<_>>().concat()
}

/// Every one of a layer names every one of the layer before.
fn layers(count: usize, body: impl Fn(&[String]) -> String) -> String {
    let mut text = String::new();
    for at in 0..count {
        let before = (at / LAYER * LAYER).saturating_sub(LAYER)..at / LAYER * LAYER;
        let names: Vec<String> = before.map(|at| format!("toy.r{at}")).collect();
        let _ = writeln!(text, "resource \"toy\" \"r{at}\" {{\n  {}\n}}", body(&names));
    }
    text
}

fn values(names: &[String]) -> String {
    let ids: Vec<String> =
        names.iter().map(|name| format!("{name} = {name}.id")).map(|pair| pair.replacen("toy.", "", 1)).collect();
    format!("labels = {{ {} }}", ids.join(", "))
}

fn chain(count: usize) -> String {
    let rest = (1..count).map(|at| format!("resource \"toy\" \"r{at}\" {{\n  size = toy.r{}.size\n}}\n", at - 1));
    std::iter::once("resource \"toy\" \"r0\" {\n  size = 1\n}\n".to_owned()).chain(rest).collect()
}

/// Each instance of the second block takes its value from its own one of the first.
fn pairs(count: usize) -> String {
    let half = count / 2;
    format!(
        "resource \"toy\" \"a\" {{\n  count = {half}\n}}\nresource \"toy\" \"b\" {{\n  count = {half}\n  labels = {{ a = toy.a[count.index].id }}\n}}\n"
    )
}

/// All instances of the second block wait for all of the first.
fn all_for_all(count: usize) -> String {
    let half = count / 2;
    let keys = (0..half).map(|at| format!("\"k{at}\"")).collect::<Vec<_>>().join(", ");
    format!(
        "resource \"toy\" \"a\" {{\n  for_each = toset([{keys}])\n}}\nresource \"toy\" \"b\" {{\n  count = {half}\n  depends_on = [toy.a]\n}}\n"
    )
}

/// Calls, edges and names of dependencies of a plan.
fn work(plan: &Plan) -> usize {
    let steps = plan.steps.iter().map(|step| step.needs.len() + step.joins.len()).sum::<usize>();
    let joins = joins_of(&plan.steps).iter().map(|join| join.steps.len() + join.joins.len()).sum::<usize>();
    let sets = plan.changes.iter().map(|change| (change.dependencies.place() as usize, change.dependencies.len()));
    let sets: BTreeMap<usize, usize> = sets.collect();
    steps + joins + sets.values().sum::<usize>() + toys::asked()
}

/// State after the plan was done: everything is there, with direct dependencies.
fn done(plan: &Plan) -> State {
    let mut state = State::of_lineage("toys");
    for change in &plan.changes {
        let toy = toys::Toy { id: Some(format!("id of {}", change.address)), ..toys::Toy::default() };
        let instance = Instance::new(&change.provider.in_state(), 0, &toy.encode_element(), &toys::Toy::schema().ty);
        let instance =
            Instance { dependencies: change.recorded.iter().cloned().collect(), ..instance.expect("an object") };
        state.instances.insert(InstanceKey::current(change.address.clone()), instance);
    }
    state
}

/// Work of making everything, and of destroying it again.
async fn measure(stack: String) -> [usize; 2] {
    toys::asked();
    let making = Section { stack, ..Section::default() };
    let plan = planned(&making, None).await.expect("a plan");
    let made = work(&plan);
    let destroying = Section { is_destroy: true, ..making };
    let gone = planned(&destroying, Some(done(&plan))).await.expect("a plan");
    assert_eq!(gone.steps.len(), plan.steps.len());
    [made, work(&gone)]
}

/// A chain of data sources beside resources that do not follow from it.
fn data_chain(sources: usize, count: usize) -> String {
    let rest = (1..sources).map(|at| format!("data \"toy\" \"d{at}\" {{\n  size = data.toy.d{}.size\n}}\n", at - 1));
    let last = format!("resource \"toy\" \"last\" {{\n  size = data.toy.d{}.size\n}}\n", sources - 1);
    std::iter::once("data \"toy\" \"d0\" {\n  size = 1\n}\n".to_owned())
        .chain(rest)
        .chain([last, flat(count)])
        .collect()
}

#[tokio::test]
async fn a_chain_of_data_sources_costs_no_more_the_more_resources_stand_beside_it() {
    let mut asked = Vec::new();
    for sources in [2, 20, 200] {
        toys::asked();
        let section = Section { stack: data_chain(sources, 100), ..Section::default() };
        let plan = planned(&section, None).await.expect("a plan");
        assert_eq!((plan.steps.len(), plan.data.len()), (101, sources));
        asked.push(toys::asked());
    }
    // Once before anything is read, once with everything that was: however long the chain is.
    assert_eq!(asked, [202, 202, 202]);
}

#[tokio::test]
async fn ten_times_the_resources_are_at_most_twelve_times_the_work() {
    let shapes: [(&str, &dyn Fn(usize) -> String); 6] = [
        ("flat", &flat),
        ("layers", &|count| layers(count, values)),
        ("depends_on", &|count| layers(count, |names| format!("depends_on = [{}]", names.join(", ")))),
        ("chain", &chain),
        ("pairs", &pairs),
        ("all for all", &all_for_all),
    ];
    for (name, stack) in shapes {
        let few = measure(stack(100)).await;
        let many = measure(stack(1000)).await;
        for (few, many) in few.into_iter().zip(many) {
            assert!(many <= 12 * few, "{name}: {few} for 100, {many} for 1,000");
        }
    }
}
