//! Links the release program to a fixed place in memory on Linux, as Go does with Terraform.
//!
//! The SDK crates hold 180,000 pointers to code and tables. In a program that may lie anywhere each of them is written
//! anew at every start, which takes milliseconds and 7 MB before the first line of ours runs. The places of the
//! libraries, the heap and the stack stay random.

#[allow(clippy::disallowed_methods)] // cargo tells a build script about the target in no other way
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, wanted: &str| std::env::var(name).is_ok_and(|value| value == wanted);
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") && is("PROFILE", "release") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
