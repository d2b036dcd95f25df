//! `glaz completion`, `-install-autocomplete`, `-uninstall-autocomplete`, and flags from the environment.

use crate::support::stack::{Stack, stack};

fn home(stack: &Stack) -> std::path::PathBuf {
    stack.environment()["HOME"].clone().into()
}

#[test]
fn installed_once_and_taken_away_again() {
    let stack = stack();
    stack.run(&["-install-autocomplete"]).fails().says("Error: Did not find any shells to install");
    let home = home(&stack);
    std::fs::write(home.join(".bashrc"), "alias x=y").unwrap();
    std::fs::write(home.join(".zshrc"), "").unwrap();
    std::fs::create_dir_all(home.join(".config/fish")).unwrap();
    stack.run(&["-install-autocomplete"]).succeeds();
    let bashrc = std::fs::read_to_string(home.join(".bashrc")).unwrap();
    assert!(bashrc.starts_with("alias x=y\n[ -r '") && bashrc.ends_with("# completion of glaz\n"), "{bashrc}");
    let fish = std::fs::read_to_string(home.join(".config/fish/completions/glaz.fish")).unwrap();
    assert!(fish.contains(" -o auto-approve"), "{fish}");
    stack.run(&["--install-autocomplete"]).fails().says("installed already");
    stack.run(&["-uninstall-autocomplete"]).succeeds();
    assert_eq!(std::fs::read_to_string(home.join(".bashrc")).unwrap(), "alias x=y\n");
    assert_eq!(std::fs::read_to_string(home.join(".zshrc")).unwrap(), "");
    assert!(!home.join(".config/fish/completions/glaz.fish").exists());
    assert!(!home.join(".local/share/glaz/glaz.bash").exists());
    stack.run(&["-uninstall-autocomplete"]).fails().says("Completion is not installed");
}

/// bash itself completes: what it offers after some words.
fn offered(script: &str, words: &[&str]) -> Vec<String> {
    let line = format!(
        "{script}\nCOMP_WORDS=({})\nCOMP_CWORD={}\n_glaz glaz \"${{COMP_WORDS[$COMP_CWORD]}}\" \"${{COMP_WORDS[$COMP_CWORD-1]}}\"\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"",
        words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" "),
        words.len() - 1
    );
    let output = std::process::Command::new("bash").args(["--norc", "-c", &line]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn bash_offers_commands_and_flags_with_one_dash() {
    let script = stack().run(&["completion", "bash"]).succeeds().out;
    assert_eq!(offered(&script, &["glaz", "refr"]), ["refresh"]);
    assert_eq!(offered(&script, &["glaz", "state", "rep"]), ["replace-provider"]);
    assert_eq!(offered(&script, &["glaz", "apply", "-auto"]), ["-auto-approve"]);
    stack().run(&["completion", "tcsh"]).fails().says("tcsh");
}

#[test]
fn flags_from_the_environment() {
    let one = || stack().file("main.tf", "variable \"a\" {}\noutput \"o\" {\n  value = var.a\n}\n");
    let applied = one().env("TF_CLI_ARGS_apply", "-auto-approve -var 'a=x y'").env("TF_CLI_ARGS", "-no-color");
    applied.run(&["apply"]).succeeds().says("o = \"x y\"");
    let stack = one().env("TF_CLI_ARGS_state_list", "-nope").env("TF_CLI_ARGS_plan", "-var='a");
    stack.run(&["state", "list"]).fails().says("-nope");
    stack.run(&["plan"]).fails().says("Error parsing extra CLI args from TF_CLI_ARGS_plan");
    stack.run(&["version"]).succeeds();
}

#[test]
fn a_file_of_the_person_stays_byte_for_byte() {
    let stack = stack();
    let latin = b"# caf\xe9\nalias a=b".to_vec();
    stack.write("../home/.bashrc", &latin);
    stack.run(&["-install-autocomplete"]).succeeds();
    let file = stack.path("../home/.bashrc");
    assert!(std::fs::read(&file).unwrap().starts_with(&latin));
    stack.run(&["-uninstall-autocomplete"]).succeeds();
    assert_eq!(std::fs::read(&file).unwrap(), [&latin[..], b"\n"].concat());
}
