//! Service Connect: attributes, and the way to the API and back.

use aws_sdk_ecs::types as sdk;

use crate::aws::answers::built;
use crate::aws::contract::*;
use crate::aws::copy::{FromAws, ToAws};

model! {
    /// Names under which tasks of the service find and are found by others.
    pub struct ServiceConnect {
        /// Whether it is on.
        enabled: bool = required(),
        /// Name or ARN of the Cloud Map namespace; the cluster's default one when left out.
        namespace: Option<String> = optional_computed(),
        /// How requests are logged.
        access_log_configuration: Option<AccessLog> = optional(),
        /// Where the proxy's log goes.
        log_configuration: Option<LogConfiguration> = optional(),
        /// Ports of the tasks that others can reach.
        service: Vec<Endpoint> = optional(),
    }
}

model! {
    /// How requests are logged.
    pub struct AccessLog {
        /// `TEXT` or `JSON`.
        format: String = required().one_of(&["TEXT", "JSON"]),
        /// Whether the query is part of the log: `ENABLED` or `DISABLED`.
        include_query_parameters: Option<String> = optional().one_of(&["ENABLED", "DISABLED"]),
    }
}

model! {
    /// Where the proxy's log goes.
    pub struct LogConfiguration {
        /// Log driver, such as `awslogs`.
        log_driver: String = required(),
        /// Options of the driver.
        options: BTreeMap<String, String> = optional_computed(),
        /// Options of the driver that are secret.
        secret_option: Vec<SecretOption> = optional(),
    }
}

model! {
    /// An option of the log driver that is secret.
    pub struct SecretOption {
        /// Name of the option.
        name: String = required(),
        /// ARN of the secret or parameter that holds it.
        value_from: String = required(),
    }
}

model! {
    /// A port of the tasks that others can reach.
    pub struct Endpoint {
        /// Name in Cloud Map; the port's when left out.
        discovery_name: Option<String> = optional(),
        /// Port that the proxy listens on.
        ingress_port_override: Option<i32> = optional().range(0, 65535),
        /// Name of the port, from `portMappings` of the task definition.
        port_name: String = required(),
        /// Name and port that clients use.
        client_alias: Option<ClientAlias> = optional(),
        /// How long requests may take.
        timeout: Option<Timeout> = optional(),
        /// How requests are encrypted.
        tls: Option<Tls> = optional(),
    }
}

model! {
    /// Name and port that clients use.
    pub struct ClientAlias {
        /// Name that clients use; `discovery_name.namespace` when left out.
        dns_name: Option<String> = optional(),
        /// Port that clients use.
        port: i32 = required().range(0, 65535),
        /// Which requests are test requests.
        test_traffic_rules: Vec<TestTraffic> = optional().items(0, 1),
    }
}

model! {
    /// Which requests are test requests.
    pub struct TestTraffic {
        /// Header that marks them.
        header: Option<Header> = optional(),
    }
}

model! {
    /// A header that marks test requests.
    pub struct Header {
        /// Name of the header.
        name: String = required(),
        /// Its value.
        value: HeaderValue = required(),
    }
}

model! {
    /// The value of a header.
    pub struct HeaderValue {
        /// The whole value.
        exact: String = required(),
    }
}

model! {
    /// How long requests may take.
    pub struct Timeout {
        /// Seconds without data after which a connection is closed; 0 is never.
        idle_timeout_seconds: Option<i32> = optional().range(0, 2_147_483_647),
        /// Seconds for a whole request; 0 is no limit. Only for HTTP.
        per_request_timeout_seconds: Option<i32> = optional().range(0, 2_147_483_647),
    }
}

model! {
    /// How requests are encrypted.
    pub struct Tls {
        /// Key that encrypts the private key.
        kms_key: Option<String> = optional(),
        /// Role with which ECS gets certificates.
        role_arn: Option<String> = optional(),
        /// Who issues certificates.
        issuer_cert_authority: Issuer = required(),
    }
}

model! {
    /// Who issues certificates.
    pub struct Issuer {
        /// ARN of the private certificate authority.
        aws_pca_authority_arn: String = required(),
    }
}

/// What to send; no block turns it off.
pub(super) fn to_connect(want: Option<&ServiceConnect>) -> Result<sdk::ServiceConnectConfiguration> {
    let off = ServiceConnect::default();
    let want = want.unwrap_or(&off);
    let services = want.service.iter().map(to_endpoint).collect::<Result<Vec<_>>>()?;
    let log = |log: &LogConfiguration| {
        let secret = |one: &SecretOption| built(sdk::Secret::builder().name(&one.name).value_from(&one.value_from).build());
        let secrets = log.secret_option.iter().map(secret).collect::<Result<Vec<_>>>()?;
        let call = sdk::LogConfiguration::builder().set_log_driver(log.log_driver.to_aws());
        built(call.set_options(log.options.to_aws()).set_secret_options((!secrets.is_empty()).then_some(secrets)).build())
    };
    let access = |log: &AccessLog| {
        let call = sdk::ServiceConnectAccessLogConfiguration::builder().set_format(log.format.to_aws());
        built(call.set_include_query_parameters(log.include_query_parameters.to_aws()).build())
    };
    Ok(sdk::ServiceConnectConfiguration::builder()
        .enabled(want.enabled)
        .set_namespace(want.namespace.to_aws())
        .set_services((!services.is_empty()).then_some(services))
        .set_log_configuration(want.log_configuration.as_ref().map(log).transpose()?)
        .set_access_log_configuration(want.access_log_configuration.as_ref().map(access).transpose()?)
        .build())
}

fn to_endpoint(one: &Endpoint) -> Result<sdk::ServiceConnectService> {
    let alias = one.client_alias.as_ref().map(to_alias).transpose()?;
    let timeout = one.timeout.as_ref().map(|timeout| {
        sdk::TimeoutConfiguration::builder()
            .set_idle_timeout_seconds(timeout.idle_timeout_seconds)
            .set_per_request_timeout_seconds(timeout.per_request_timeout_seconds)
            .build()
    });
    let tls = one.tls.as_ref().map(|tls| {
        let issuer = sdk::ServiceConnectTlsCertificateAuthority::builder()
            .set_aws_pca_authority_arn(tls.issuer_cert_authority.aws_pca_authority_arn.to_aws())
            .build();
        sdk::ServiceConnectTlsConfiguration::builder()
            .issuer_certificate_authority(issuer)
            .set_kms_key(tls.kms_key.to_aws())
            .set_role_arn(tls.role_arn.to_aws())
            .build()
    });
    built(
        sdk::ServiceConnectService::builder()
            .port_name(&one.port_name)
            .set_discovery_name(one.discovery_name.to_aws())
            .set_ingress_port_override(one.ingress_port_override)
            .set_client_aliases(alias.map(|alias| vec![alias]))
            .set_timeout(timeout)
            .set_tls(tls)
            .build(),
    )
}

fn to_alias(alias: &ClientAlias) -> Result<sdk::ServiceConnectClientAlias> {
    let header = alias.test_traffic_rules.first().and_then(|rules| rules.header.as_ref()).map(|header| {
        let value = sdk::ServiceConnectTestTrafficHeaderMatchRules::builder().exact(&header.value.exact);
        let call = sdk::ServiceConnectTestTrafficHeaderRules::builder().name(&header.name);
        built(call.value(built(value.build())?).build())
    });
    let rules = header
        .transpose()?
        .map(|header| sdk::ServiceConnectTestTrafficRules::builder().header(header).build());
    let call = sdk::ServiceConnectClientAlias::builder().port(alias.port).set_dns_name(alias.dns_name.to_aws());
    built(call.set_test_traffic_rules(rules).build())
}

/// What was read.
pub(super) fn from_connect(live: &sdk::ServiceConnectConfiguration) -> ServiceConnect {
    let log = |log: &sdk::LogConfiguration| LogConfiguration {
        log_driver: log.log_driver.as_str().to_owned(),
        options: log.options.clone().unwrap_or_default().into_iter().collect(),
        secret_option: log
            .secret_options()
            .iter()
            .map(|one| SecretOption { name: one.name.clone(), value_from: one.value_from.clone() })
            .collect(),
    };
    ServiceConnect {
        enabled: live.enabled,
        namespace: live.namespace.clone(),
        access_log_configuration: live.access_log_configuration.as_ref().map(|log| AccessLog {
            format: log.format.as_str().to_owned(),
            include_query_parameters: FromAws::from_aws(&log.include_query_parameters),
        }),
        log_configuration: live.log_configuration.as_ref().map(log),
        service: live.services().iter().map(from_endpoint).collect(),
    }
}

fn from_endpoint(one: &sdk::ServiceConnectService) -> Endpoint {
    let header = |header: &sdk::ServiceConnectTestTrafficHeaderRules| Header {
        name: header.name.clone(),
        value: HeaderValue { exact: header.value.as_ref().map(|value| value.exact.clone()).unwrap_or_default() },
    };
    let alias = |alias: &sdk::ServiceConnectClientAlias| ClientAlias {
        dns_name: alias.dns_name.clone(),
        port: alias.port,
        test_traffic_rules: alias
            .test_traffic_rules
            .iter()
            .map(|rules| TestTraffic { header: rules.header.as_ref().map(header) })
            .collect(),
    };
    Endpoint {
        discovery_name: one.discovery_name.clone(),
        ingress_port_override: one.ingress_port_override,
        port_name: one.port_name.clone(),
        client_alias: one.client_aliases().first().map(alias),
        timeout: one.timeout.as_ref().map(|timeout| Timeout {
            idle_timeout_seconds: timeout.idle_timeout_seconds,
            per_request_timeout_seconds: timeout.per_request_timeout_seconds,
        }),
        tls: one.tls.as_ref().map(|tls| Tls {
            kms_key: tls.kms_key.clone(),
            role_arn: tls.role_arn.clone(),
            issuer_cert_authority: Issuer {
                aws_pca_authority_arn: tls
                    .issuer_certificate_authority
                    .as_ref()
                    .and_then(|issuer| issuer.aws_pca_authority_arn.clone())
                    .unwrap_or_default(),
            },
        }),
    }
}

/// What the stack file leaves out and ECS fills in, or writes as an ARN.
pub(super) fn keep_left_out(prior: &ServiceConnect, live: &mut ServiceConnect) {
    if let (Some(before), Some(now)) = (&prior.namespace, &live.namespace)
        && now.starts_with("arn:")
        && !before.starts_with("arn:")
        && !before.is_empty()
    {
        live.namespace.clone_from(&prior.namespace);
    }
    for (before, now) in prior.service.iter().zip(&mut live.service) {
        if before.discovery_name.is_none() && now.discovery_name.as_ref() == Some(&now.port_name) {
            now.discovery_name = None;
        }
        if let (Some(before), Some(alias)) = (&before.client_alias, &mut now.client_alias)
            && before.dns_name.is_none()
            && before.port == alias.port
        {
            alias.dns_name = None;
        }
    }
}
