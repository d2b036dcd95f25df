//! Attribute tables against those of hashicorp/aws: names, types, nesting, and what must be given.
//!
//! `schemas/` holds the tables of hashicorp/aws 6.25, as they are seen by programs that write Terraform: whether an
//! optional attribute is computed as well is not told there. A difference is either a mistake or has its reason in
//! [`DIFFERENCES`].

use std::collections::BTreeMap;
use std::path::Path;

use glaz::resource::attr::{Nesting, Usage};
use glaz::resource::{Attr, Registry, Schema, Shape};
use serde_json::Value as Json;

use crate::support::emulator::repository;

/// Where we differ, and why. The path may end with `*`; aliases (`aws_alb`) stand under the first name.
const DIFFERENCES: &[(&str, &str, &str)] = &[
    ("*", "id", "optional and computed in every table, as in most of theirs"),
    ("*", "timeouts.*", "every type takes all four limits"),
    (
        "aws_ecs_service",
        "service_connect_configuration.service.client_alias.test_traffic_rules",
        "the service takes one, and the state holds a list either way",
    ),
    ("aws_lb_target_group", "load_balancer_arns", "a set in the provider; the tables show computed sets as lists"),
];

/// Optional in the tables, which are lenient here, but required by hashicorp/aws and its documentation.
const REQUIRED: &[(&str, &str)] = &[
    ("aws_lb_listener", "default_action"),
    ("aws_lb_listener", "default_action.authenticate_cognito.user_pool_arn"),
    ("aws_lb_listener", "default_action.authenticate_cognito.user_pool_client_id"),
    ("aws_lb_listener", "default_action.authenticate_cognito.user_pool_domain"),
    ("aws_lb_listener", "default_action.authenticate_oidc.authorization_endpoint"),
    ("aws_lb_listener", "default_action.authenticate_oidc.client_id"),
    ("aws_lb_listener", "default_action.authenticate_oidc.client_secret"),
    ("aws_lb_listener", "default_action.authenticate_oidc.issuer"),
    ("aws_lb_listener", "default_action.authenticate_oidc.token_endpoint"),
    ("aws_lb_listener", "default_action.authenticate_oidc.user_info_endpoint"),
    ("aws_lb_listener_rule", "action"),
    ("aws_lb_listener_rule", "action.authenticate_cognito.user_pool_arn"),
    ("aws_lb_listener_rule", "action.authenticate_cognito.user_pool_client_id"),
    ("aws_lb_listener_rule", "action.authenticate_cognito.user_pool_domain"),
    ("aws_lb_listener_rule", "action.authenticate_oidc.authorization_endpoint"),
    ("aws_lb_listener_rule", "action.authenticate_oidc.client_id"),
    ("aws_lb_listener_rule", "action.authenticate_oidc.client_secret"),
    ("aws_lb_listener_rule", "action.authenticate_oidc.issuer"),
    ("aws_lb_listener_rule", "action.authenticate_oidc.token_endpoint"),
    ("aws_lb_listener_rule", "action.authenticate_oidc.user_info_endpoint"),
    ("aws_lb_listener_rule", "condition"),
    ("aws_nat_gateway", "availability_zone_address.allocation_ids"),
    ("aws_route53_health_check", "type"),
    ("aws_route_table", "vpc_id"),
    ("aws_security_group", "egress.from_port"),
    ("aws_security_group", "egress.protocol"),
    ("aws_security_group", "egress.to_port"),
    ("aws_security_group", "ingress.from_port"),
    ("aws_security_group", "ingress.protocol"),
    ("aws_security_group", "ingress.to_port"),
    ("aws_subnet", "vpc_id"),
];

/// An attribute or block as one text, such as `string required` or `block set optional`.
type Table = BTreeMap<String, String>;

#[test]
fn tables_are_those_of_hashicorp_aws() {
    let registry = Registry::new(vec![glaz::aws::provider()]);
    let resources = registry.resources().map(|one| ("resources", one.type_name(), one.schema()));
    let sources = registry.sources().map(|one| ("data_sources", one.type_name(), one.schema()));
    let mut found = Vec::new();
    for (folder, name, schema) in resources.chain(sources) {
        let path = repository().join("tests/schemas").join(folder).join(format!("{name}.json"));
        match theirs(&path) {
            Some(theirs) => {
                // An alias is the same type.
                let first =
                    name.strip_prefix("aws_alb").map_or_else(|| name.to_owned(), |rest| format!("aws_lb{rest}"));
                compare(&format!("{folder}/{name}"), &first, &theirs, &ours(schema), &mut found);
            }
            None => found.push(format!(
                "{folder}/{name}: the table {} is missing; it comes from the provider schema",
                path.display()
            )),
        }
    }
    assert!(found.is_empty(), "{} differences:\n{}", found.len(), found.join("\n"));
}

fn compare(label: &str, name: &str, theirs: &Table, ours: &Table, found: &mut Vec<String>) {
    let mut all: Vec<&String> = theirs.keys().chain(ours.keys()).collect();
    all.sort_unstable();
    all.dedup();
    for path in all {
        let (them, us) = (theirs.get(path), ours.get(path));
        // Objects that only the service gives: their table does not say what is in them.
        let is_opaque = them.is_some_and(|them| them == "complex computed");
        let is_same = them == us || (is_opaque && us.is_some_and(|us| us.ends_with(" computed")));
        let is_meant = || DIFFERENCES.iter().any(|(of, at, _)| (*of == name || *of == "*") && fits(at, path));
        let is_stricter = || {
            let (them, us) =
                (them.and_then(|them| them.strip_suffix(" optional")), us.and_then(|us| us.strip_suffix(" required")));
            them.is_some() && them == us && REQUIRED.contains(&(name, path.as_str()))
        };
        if !is_same && !is_meant() && !is_stricter() {
            let text = |one: Option<&String>| one.cloned().unwrap_or_else(|| "absent".to_owned());
            found.push(format!("{label} {path}: {} there, {} here", text(them), text(us)));
        }
    }
}

fn fits(pattern: &str, path: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == path, |start| path.starts_with(start))
}

/// Their table, flat.
fn theirs(path: &Path) -> Option<Table> {
    let text = std::fs::read_to_string(path).ok()?;
    let mut table = Table::new();
    flatten_theirs(&serde_json::from_str(&text).unwrap(), "", &mut table);
    Some(table)
}

fn flatten_theirs(body: &Json, prefix: &str, table: &mut Table) {
    let is = |entry: &Json, flag: &str| entry.get(flag).and_then(Json::as_bool).unwrap_or_default();
    let usage = |entry: &Json| match (is(entry, "required"), is(entry, "computed")) {
        (true, _) => "required",
        (_, true) => "computed",
        _ => "optional",
    };
    for (name, entry) in body["attributes"].as_object().unwrap() {
        table.insert(format!("{prefix}{name}"), format!("{} {}", entry["type"].as_str().unwrap(), usage(entry)));
    }
    for (name, entry) in body["blocks"].as_object().unwrap() {
        let nesting = match entry["nesting"].as_str().unwrap() {
            "single(max 1 list)" => "one",
            "single(max 1 struct)" => "single",
            other => other,
        };
        table.insert(format!("{prefix}{name}"), format!("block {nesting} {}", usage(entry)));
        flatten_theirs(&entry["body"], &format!("{prefix}{name}."), table);
    }
}

/// Our table, flat.
fn ours(schema: &Schema) -> Table {
    let mut table = Table::new();
    flatten_ours(schema, "", &mut table);
    table
}

fn flatten_ours(schema: &Schema, prefix: &str, table: &mut Table) {
    for attr in &schema.attrs {
        let path = format!("{prefix}{}", attr.name);
        match &attr.shape {
            Shape::Plain(ty) => {
                table.insert(path, format!("{ty} {}", usage(attr)));
            }
            Shape::Block(nesting, inner) => {
                let nesting = match nesting {
                    Nesting::Single => "single",
                    Nesting::One => "one",
                    Nesting::List if attr.spec.max_items == Some(1) => "one",
                    Nesting::List => "list",
                    Nesting::Set => "set",
                };
                table.insert(path.clone(), format!("block {nesting} {}", usage(attr)));
                flatten_ours(inner, &format!("{path}."), table);
            }
        }
    }
}

fn usage(attr: &Attr) -> &'static str {
    match attr.spec.usage {
        Usage::Required => "required",
        Usage::Optional if attr.spec.min_items > 0 && attr.shape.block().is_some() => "required",
        Usage::Optional | Usage::OptionalComputed => "optional",
        Usage::Computed => "computed",
    }
}
