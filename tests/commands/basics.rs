//! What needs no stack.

use crate::support::stack::stack;

#[test]
fn version_and_help() {
    stack().run(&["-version"]).succeeds().says(concat!("glaz ", env!("CARGO_PKG_VERSION")));
    stack().run(&["--help"]).succeeds().says("plan").says("apply").says("destroy");
}

#[test]
fn a_command_that_does_not_exist() {
    stack().run(&["aply"]).fails().says("apply");
}

#[test]
fn a_folder_without_stack_files() {
    stack().plan().ends_with(1).says("No configuration files");
    stack().apply().ends_with(1).says("No configuration files");
    stack().destroy().succeeds().says("0 destroyed");
}

/// What the environment says for every run can be said otherwise on the line.
#[test]
fn a_line_overrides_the_flags_of_the_environment() {
    let stack = stack()
        .file("main.tf", "variable \"v\" {}\nvariable \"w\" {}\noutput \"o\" {\n  value = \"${var.v}${var.w}\"\n}\n")
        .env("TF_CLI_ARGS", "-no-color -compact-warnings")
        .env("TF_CLI_ARGS_apply", "-parallelism=nine -auto-approve -var v=1 -var w=1");
    stack.run(&["apply"]).fails().says("Failed to parse command-line flags");
    let stack = stack.env("TF_CLI_ARGS_apply", "-parallelism=9 -lock-timeout=1s -auto-approve -var v=1 -var w=1");
    let line = [
        "apply",
        "-parallelism=8",
        "-lock-timeout=2s",
        "-auto-approve",
        "-no-color",
        "-compact-warnings",
        "-var",
        "v=2",
    ];
    stack.run(&line).succeeds().says("o = \"21\"");
}
