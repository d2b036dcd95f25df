//! `corpus/known.md`: what is answered differently on purpose or not yet, each with its reason.
//!
//! A place with a question mark behind it may differ or not, as the timing of a run has it. Else neither an unlisted miss nor a
//! listed one that has gone away may pass: the list stays true.

use std::collections::BTreeSet;

use super::tool::corpus;

/// The misses that the section of this name lists: the first cell of each row of its table.
fn listed(section: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(corpus("known.md")).expect("the list of known misses");
    let heading = format!("## {section}");
    let lines = text.lines().skip_while(|line| *line != heading).skip(1).take_while(|line| !line.starts_with("## "));
    let cells = lines.filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    let cells = cells.filter(|cell| *cell != "where");
    cells.flat_map(|cell| cell.split(", ")).map(|one| one.trim().to_owned()).collect()
}

/// Fails when the misses are not exactly the listed ones. A miss is `where: what differs`.
pub fn compare(section: &str, tried: usize, misses: &[String]) {
    let place = |miss: &String| miss.split(": ").next().unwrap_or(miss).to_owned();
    let found: BTreeSet<String> = misses.iter().map(place).collect();
    let (open, listed): (BTreeSet<_>, BTreeSet<_>) = listed(section).into_iter().partition(|one| one.ends_with('?'));
    let may = |place: &str| listed.contains(place) || open.contains(&format!("{place}?"));
    let new: Vec<_> = misses.iter().filter(|miss| !may(&place(miss))).map(String::as_str).collect();
    let gone: Vec<_> = listed.difference(&found).map(String::as_str).collect();
    #[allow(clippy::print_stdout)] // the numbers are what one looks at
    {
        println!("{section}: {tried} tried, {} known misses", found.len());
    }
    assert!(new.is_empty(), "{} new misses of {section}:\n{}", new.len(), new.join("\n"));
    assert!(gone.is_empty(), "no longer missed, take them off known.md: {}", gone.join(", "));
}
