//! `terraform` blocks.

use std::sync::Arc;

use super::named::just_attributes;
use super::reader::{Wanted, content};
use super::required_providers::required_provider;
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::config::Settings;
use crate::lang::convert::convert;
use crate::lang::expr::constant;
use crate::lang::syntax::tree::Block;
use crate::value::{Type, Value};

/// The registry that a source address means when it names none.
const REGISTRY: &str = "registry.terraform.io";

/// Reads a `terraform` block into the settings.
pub(super) fn settings(block: &Block, is_override: bool, settings: &mut Settings, report: &mut Report) {
    let wanted = Wanted {
        optional: &["required_version", "experiments", "language"],
        blocks: &[
            ("backend", &["type"]),
            ("cloud", &[]),
            ("encryption", &[]),
            ("required_providers", &[]),
            ("provider_meta", &["provider"]),
        ],
        ..Wanted::default()
    };
    let inside = content(&block.body, wanted, report);
    if let Some(attribute) = inside.attribute("required_version") {
        match constant(&attribute.expr) {
            Err(problems) => report.extend(problems),
            Ok(value) => match convert(&value, &Type::String).ok().as_ref().and_then(Value::as_str) {
                Some(version) if is_override => settings.required_version = vec![(version.into(), attribute.expr.span)],
                Some(version) => settings.required_version.push((version.into(), attribute.expr.span)),
                None => report.push(
                    Diagnostic::error("Invalid version constraint", "A version constraint is text such as \">= 1.5\".")
                        .at(attribute.expr.span),
                ),
            },
        }
    }
    if let Some(experiments) = inside.attribute("experiments") {
        let detail = "Experiments of Terraform are not available. Remove the argument.";
        report.push(Diagnostic::error("Module uses experimental features", detail).at(experiments.span));
    }
    if let Some(cloud) = inside.blocks_of("cloud").next() {
        let detail = "glaz keeps state in a local file or in S3, and cannot use HCP Terraform. Replace the cloud block by a \
                      backend block, or leave both out to keep state beside the stack.";
        report.push(Diagnostic::error("HCP Terraform is not supported", detail).at(cloud.header_span));
    }
    for backend in inside.blocks_of("backend") {
        if let (Some(first), false) = (&settings.backend, is_override) {
            report.push(
                Diagnostic::error("Duplicate backend configuration", "A stack keeps its state in one place only.")
                    .at(backend.header_span)
                    .note(Some(first.header_span), "The first backend stands here."),
            );
            continue;
        }
        settings.backend = Some(Arc::new(backend.clone()));
    }
    for encryption in inside.blocks_of("encryption") {
        if let (Some(first), false) = (&settings.encryption, is_override) {
            report.push(
                Diagnostic::error("Duplicate encryption configuration", "A stack has one encryption block only.")
                    .at(encryption.header_span)
                    .note(Some(first.header_span), "The first one stands here."),
            );
            continue;
        }
        settings.encryption = Some(Arc::new(encryption.clone()));
    }
    for (at, required) in inside.blocks_of("required_providers").enumerate() {
        if at > 0 || (!settings.required_providers.is_empty() && !is_override) {
            let detail = "A module has one required_providers block only.";
            report
                .push(Diagnostic::error("Duplicate required providers configuration", detail).at(required.header_span));
            continue;
        }
        for attribute in just_attributes(required.body.clone(), report) {
            if let Some(provider) = required_provider(&attribute, report) {
                settings.required_providers.insert(attribute.name.clone(), provider);
            }
        }
    }
}

/// The source address in full: `aws` means `registry.terraform.io/hashicorp/aws`.
pub(in crate::lang) fn full_source(source: &str) -> String {
    match source.matches('/').count() {
        0 if source == "terraform" => "terraform.io/builtin/terraform".to_owned(),
        0 => format!("{REGISTRY}/hashicorp/{source}"),
        1 => format!("{REGISTRY}/{source}"),
        _ => source.to_owned(),
    }
}
