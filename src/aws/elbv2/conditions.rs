//! Conditions of listener rules: what a request must be like.

use aws_sdk_elasticloadbalancingv2::types as sdk;

use crate::aws::contract::*;
use crate::aws::copy::FromAws;
use crate::{send, take};

model! {
    /// What a request must be like. Each block holds exactly one of these.
    pub struct Condition {
        /// Host name asked for.
        host_header: Option<Texts> = optional(),
        /// Path asked for; upper and lower case differ.
        path_pattern: Option<Texts> = optional(),
        /// A header.
        http_header: Option<Header> = optional(),
        /// Method, such as GET.
        http_request_method: Option<Methods> = optional(),
        /// Parameters after the question mark; one of them fits.
        query_string: Set<Parameter> = optional(),
        /// The client's address.
        source_ip: Option<Sources> = optional(),
    }
}

model! {
    /// Texts, one of which fits. `*` stands for any characters, `?` for one.
    pub struct Texts {
        /// The texts, at most 128 characters each.
        values: Option<Set<String>> = optional(),
        /// Regular expressions instead.
        regex_values: Option<Set<String>> = optional(),
    }
}

model! {
    /// A header and texts, one of which fits. `*` stands for any characters, `?` for one.
    pub struct Header {
        /// Name of the header; upper and lower case are the same.
        http_header_name: String = required().length(1, 40),
        /// The texts, at most 128 characters each.
        values: Option<Set<String>> = optional(),
        /// Regular expressions instead.
        regex_values: Option<Set<String>> = optional(),
    }
}

model! {
    /// Methods, one of which fits.
    pub struct Methods {
        /// The methods, in capitals.
        values: Set<String> = required(),
    }
}

model! {
    /// A parameter after the question mark.
    pub struct Parameter {
        /// Its name; any when left out.
        key: Option<String> = optional(),
        /// Its value. `*` stands for any characters, `?` for one.
        value: String = required(),
    }
}

model! {
    /// Address ranges, one of which fits.
    pub struct Sources {
        /// Ranges in CIDR notation.
        values: Option<Set<String>> = optional(),
        /// Kind of addresses.
        ip_address_type: Option<String> = optional(),
    }
}

/// As calls take them.
pub(super) fn to_aws(conditions: &Set<Condition>) -> Vec<sdk::RuleCondition> {
    conditions.iter().map(one_to_aws).collect()
}

fn one_to_aws(condition: &Condition) -> sdk::RuleCondition {
    let call = sdk::RuleCondition::builder();
    if let Some(one) = &condition.host_header {
        let config = send!(sdk::HostHeaderConditionConfig::builder(), one => set_values = values, set_regex_values = regex_values);
        call.field("host-header").host_header_config(config.build()).build()
    } else if let Some(one) = &condition.path_pattern {
        let config = send!(sdk::PathPatternConditionConfig::builder(), one => set_values = values, set_regex_values = regex_values);
        call.field("path-pattern").path_pattern_config(config.build()).build()
    } else if let Some(one) = &condition.http_header {
        let config = send!(sdk::HttpHeaderConditionConfig::builder(), one => set_http_header_name = http_header_name,
            set_values = values, set_regex_values = regex_values);
        call.field("http-header").http_header_config(config.build()).build()
    } else if let Some(one) = &condition.http_request_method {
        let config = send!(sdk::HttpRequestMethodConditionConfig::builder(), one => set_values = values);
        call.field("http-request-method").http_request_method_config(config.build()).build()
    } else if let Some(one) = &condition.source_ip {
        let config = send!(sdk::SourceIpConditionConfig::builder(), one => set_values = values, set_ip_address_type = ip_address_type);
        call.field("source-ip").source_ip_config(config.build()).build()
    } else {
        let pair = |one: &Parameter| {
            send!(sdk::QueryStringKeyValuePair::builder(), one => set_key = key, set_value = value).build()
        };
        let pairs = condition.query_string.iter().map(pair).collect();
        let config = sdk::QueryStringConditionConfig::builder().set_values(Some(pairs));
        call.field("query-string").query_string_config(config.build()).build()
    }
}

/// As attributes. Hosts and paths are told in two forms; the older one has no regular expressions.
pub(super) fn from_aws(conditions: &[sdk::RuleCondition]) -> Set<Condition> {
    conditions.iter().map(one_from_aws).collect()
}

fn one_from_aws(told: &sdk::RuleCondition) -> Condition {
    let plain = || Texts { values: FromAws::from_aws(&told.values), regex_values: FromAws::from_aws(&told.regex_values) };
    let mut condition = Condition::default();
    match told.field() {
        Some("host-header") => {
            let new = told.host_header_config().map(|one| take!(Texts from one => values, regex_values));
            condition.host_header = Some(new.unwrap_or_else(plain));
        }
        Some("path-pattern") => {
            let new = told.path_pattern_config().map(|one| take!(Texts from one => values, regex_values));
            condition.path_pattern = Some(new.unwrap_or_else(plain));
        }
        Some("http-header") => {
            let config = told.http_header_config();
            condition.http_header = config.map(|one| take!(Header from one => http_header_name, values, regex_values));
        }
        Some("http-request-method") => {
            condition.http_request_method = told.http_request_method_config().map(|one| take!(Methods from one => values));
        }
        Some("source-ip") => {
            condition.source_ip = told.source_ip_config().map(|one| take!(Sources from one => values, ip_address_type));
        }
        _ => {
            let pairs = told.query_string_config().map(sdk::QueryStringConditionConfig::values).unwrap_or_default();
            condition.query_string = pairs.iter().map(|one| take!(Parameter from one => key, value)).collect();
        }
    }
    condition
}

/// Finds mistakes.
pub(super) fn check(conditions: &Set<Condition>, found: &mut Problems) {
    let count = |texts: &Option<Set<String>>| texts.as_ref().map_or(0, |texts| texts.len());
    let both = |texts: &Option<Texts>| texts.as_ref().map_or(0, |one| count(&one.values) + count(&one.regex_values));
    let mut total = 0;
    let mut seen = [0; 4];
    for one in conditions.iter() {
        let kinds = [one.host_header.is_some(), one.path_pattern.is_some(), one.http_request_method.is_some(), one.source_ip.is_some()];
        let others = [one.http_header.is_some(), !one.query_string.is_empty()];
        if kinds.iter().chain(&others).filter(|is_there| **is_there).count() != 1 {
            found.inside(&["condition"], "A `condition` block holds exactly one condition. Write a block for each.");
        }
        for (seen, is_there) in seen.iter_mut().zip(kinds) {
            *seen += usize::from(is_there);
        }
        total += both(&one.host_header) + both(&one.path_pattern) + one.query_string.len();
        total += one.http_header.as_ref().map_or(0, |one| count(&one.values) + count(&one.regex_values));
        total += one.http_request_method.as_ref().map_or(0, |one| one.values.len());
        total += one.source_ip.as_ref().map_or(0, |one| count(&one.values));
    }
    if seen.iter().any(|seen| *seen > 1) {
        found.inside(&["condition"], "Conditions on host, path, method and source address may occur once each. Put all values into one block.");
    }
    if total > 5 {
        found.inside(&["condition"], format!("A rule may compare with five values, and this one has {total}. Split it into several rules with the same action."));
    }
}
