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
