//! Files as `terraform fmt` writes them, byte for byte; what it refuses is refused.

use std::collections::BTreeMap;

use super::known;
use super::tool::{Folder, corpus};

#[test]
fn files_are_formatted_as_terraform_does() {
    let folder = Folder::new();
    let mut names: Vec<_> = std::fs::read_dir(corpus("fmt"))
        .expect("the set")
        .filter_map(|entry| Some(entry.ok()?.file_name().to_str()?.strip_suffix(".in.tf")?.to_owned()))
        .collect();
    names.sort();
    let fmt = |text: &[u8]| folder.run_with(&["fmt", "-"], &BTreeMap::new(), text);
    let mut misses = Vec::new();
    for name in &names {
        let given = std::fs::read(corpus("fmt").join(format!("{name}.in.tf"))).expect("a file");
        let got = fmt(&given);
        match std::fs::read(corpus("fmt").join(format!("{name}.out.tf"))) {
            Err(_) if got.well() => misses.push(format!("{name}: must be refused")),
            Err(_) => {}
            Ok(want) if !got.well() || got.stdout.as_bytes() != want => misses.push(format!("{name}: differs")),
            Ok(want) => {
                if fmt(&want).stdout.as_bytes() != want {
                    misses.push(format!("{name}: a formatted file changes"));
                }
            }
        }
    }
    known::compare("Formatting", names.len(), &misses);
}
