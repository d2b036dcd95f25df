use super::*;
use crate::address::Resource;

fn graph(edges: &[(&str, &str)]) -> Dependencies {
    let mut all = Dependencies::default();
    for (from, to) in edges {
        let [from, to] = [from, to].map(|name| {
            let kind = match name.strip_prefix('r') {
                Some(_) => Kind::Resource(Resource::managed("t", name)),
                None => Kind::Other,
            };
            all.add((*name).to_owned(), kind, Vec::new())
        });
        all.need(from, to);
    }
    all
}

fn edges(all: &Dependencies) -> Vec<String> {
    let name = |at: usize| all.nodes[at].name.clone();
    let pairs =
        |(at, node): (usize, &Node)| node.needs.iter().map(|to| format!("{} {}", name(at), name(*to))).collect();
    let mut found: Vec<String> = all.nodes.iter().enumerate().flat_map(|one| -> Vec<String> { pairs(one) }).collect();
    found.sort();
    found
}

#[test]
fn implied_needs_go_away() {
    let mut all = graph(&[("a", "b"), ("b", "c"), ("a", "c"), ("c", "d"), ("a", "d"), ("x", "d"), ("x", "c")]);
    all.reduce();
    assert_eq!(edges(&all), ["a b", "b c", "c d", "x c"]);
}

#[test]
fn resources_reach_each_other_through_other_nodes() {
    let all = graph(&[("r1", "x"), ("x", "y"), ("y", "r2"), ("r2", "z"), ("z", "r3"), ("r1", "r3"), ("q", "r1")]);
    assert_eq!(edges(&all.resources()), ["t.r1 t.r2", "t.r2 t.r3"]);
}

#[test]
fn cycles_are_found_and_nothing_is_lost() {
    let mut all = graph(&[("a", "b"), ("b", "c"), ("c", "a"), ("d", "a"), ("d", "b")]);
    all.reduce();
    assert_eq!(edges(&all).len(), 5);
    assert_eq!(all.cycles(), [BTreeSet::from([0, 1, 2])]);
    assert!(all.resources().nodes.is_empty());
}
