//! `glaz version`.

use clap::Args;

use super::Globals;
use crate::state::model::WRITES_AS;

/// Show the version.
#[derive(Args, Debug)]
pub(super) struct VersionArgs {
    /// Print JSON, in Terraform's form.
    #[arg(long)]
    json: bool,
}

/// Shows the version.
pub(super) fn run(args: &VersionArgs, globals: &Globals) {
    globals.shell.out(&text(args.json));
}

/// `linux_amd64`, in the words of Go.
fn platform() -> String {
    let os = if std::env::consts::OS == "macos" { "darwin" } else { std::env::consts::OS };
    let machine = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        other => other,
    };
    format!("{os}_{machine}")
}

fn text(is_json: bool) -> String {
    let (own, platform) = (env!("CARGO_PKG_VERSION"), platform());
    if !is_json {
        return format!("glaz v{own}, compatible with Terraform v{WRITES_AS}\non {platform}\n");
    }
    let entries = [
        ("terraform_version", format!("\"{WRITES_AS}\"")),
        ("glaz_version", format!("\"{own}\"")),
        ("platform", format!("\"{platform}\"")),
        ("provider_selections", "{}".to_owned()),
        ("terraform_outdated", "false".to_owned()),
    ];
    let lines: Vec<String> = entries.iter().map(|(name, value)| format!("  \"{name}\": {value}")).collect();
    format!("{{\n{}\n}}\n", lines.join(",\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_names_both_versions() {
        let all: serde_json::Value = serde_json::from_str(&text(true)).expect("JSON");
        assert_eq!(all["terraform_version"], WRITES_AS);
        assert_eq!(all["terraform_outdated"], false);
        assert!(text(false).starts_with("glaz v"));
    }
}
