//! Attributes of `aws_lb_listener`.

use crate::aws::contract::*;
use crate::aws::elbv2::actions::{self, Action};
use crate::aws::elbv2::shared::{Setting, settings};

model! {
    /// A port on which a load balancer takes requests, and what happens to them.
    pub struct Args {
        /// The load balancer.
        load_balancer_arn: String = required().force_new().check(crate::aws::rules::arn),
        /// Port: 1 to 65535. None for a gateway load balancer.
        port: Option<i32> = optional().range(1, 65535),
        /// Protocol: HTTP or HTTPS for an application load balancer (HTTP when left out), one of the others for a
        /// network load balancer. None for a gateway.
        protocol: Option<String> = optional_computed().same(attr::same_ignoring_case).one_of(&["HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC"]),
        /// Certificate shown to clients that name no other. HTTPS and TLS only, and needed there.
        certificate_arn: Option<String> = optional().check(crate::aws::rules::arn),
        /// Protocol versions and ciphers that are offered. HTTPS and TLS only.
        ssl_policy: Option<String> = optional_computed(),
        /// Preference for HTTP/2 during the TLS handshake. TLS only.
        alpn_policy: Option<String> = optional().one_of(&["HTTP1Only", "HTTP2Only", "HTTP2Optional", "HTTP2Preferred", "None"]),
        /// What happens to requests that no rule fits. During a blue/green deployment CodeDeploy moves its weights.
        default_action: Vec<Action> = required().min_items(1).same(actions::do_the_same),
        /// Whether clients show certificates.
        mutual_authentication: Option<MutualAuthentication> = optional_computed(),
        /// Seconds a connection may be idle: 60 to 6000. TCP and gateway only.
        tcp_idle_timeout_seconds: Option<i32> = optional_computed().range(60, 6000),
        /// Whether responses carry the header Server. HTTP and HTTPS only.
        routing_http_response_server_enabled: Option<bool> = optional_computed(),
        /// Name of the header that tells targets the client's certificate. HTTPS only.
        routing_http_request_x_amzn_mtls_clientcert_header_name: Option<String> = optional_computed(),
        /// Name of the header that tells targets the issuer of the client's certificate. HTTPS only.
        routing_http_request_x_amzn_mtls_clientcert_issuer_header_name: Option<String> = optional_computed(),
        /// Name of the header that tells targets the client's own certificate of the chain. HTTPS only.
        routing_http_request_x_amzn_mtls_clientcert_leaf_header_name: Option<String> = optional_computed(),
        /// Name of the header that tells targets the serial number of the client's certificate. HTTPS only.
        routing_http_request_x_amzn_mtls_clientcert_serial_number_header_name: Option<String> = optional_computed(),
        /// Name of the header that tells targets the subject of the client's certificate. HTTPS only.
        routing_http_request_x_amzn_mtls_clientcert_subject_header_name: Option<String> = optional_computed(),
        /// Name of the header that tells targets the validity of the client's certificate. HTTPS only.
        routing_http_request_x_amzn_mtls_clientcert_validity_header_name: Option<String> = optional_computed(),
        /// Name of the header that tells targets the cipher suite. HTTPS only.
        routing_http_request_x_amzn_tls_cipher_suite_header_name: Option<String> = optional_computed(),
        /// Name of the header that tells targets the TLS version. HTTPS only.
        routing_http_request_x_amzn_tls_version_header_name: Option<String> = optional_computed(),
        /// Value of the header Access-Control-Allow-Credentials that is added to every response. HTTP and HTTPS only.
        routing_http_response_access_control_allow_credentials_header_value: Option<String> = optional_computed(),
        /// Value of the header Access-Control-Allow-Headers that is added to every response. HTTP and HTTPS only.
        routing_http_response_access_control_allow_headers_header_value: Option<String> = optional_computed(),
        /// Value of the header Access-Control-Allow-Methods that is added to every response. HTTP and HTTPS only.
        routing_http_response_access_control_allow_methods_header_value: Option<String> = optional_computed(),
        /// Value of the header Access-Control-Allow-Origin that is added to every response. HTTP and HTTPS only.
        routing_http_response_access_control_allow_origin_header_value: Option<String> = optional_computed(),
        /// Value of the header Access-Control-Expose-Headers that is added to every response. HTTP and HTTPS only.
        routing_http_response_access_control_expose_headers_header_value: Option<String> = optional_computed(),
        /// Value of the header Access-Control-Max-Age that is added to every response. HTTP and HTTPS only.
        routing_http_response_access_control_max_age_header_value: Option<String> = optional_computed(),
        /// Value of the header Content-Security-Policy that is added to every response. HTTP and HTTPS only.
        routing_http_response_content_security_policy_header_value: Option<String> = optional_computed(),
        /// Value of the header Strict-Transport-Security that is added to every response. HTTP and HTTPS only.
        routing_http_response_strict_transport_security_header_value: Option<String> = optional_computed(),
        /// Value of the header X-Content-Type-Options that is added to every response. HTTP and HTTPS only.
        routing_http_response_x_content_type_options_header_value: Option<String> = optional_computed(),
        /// Value of the header X-Frame-Options that is added to every response. HTTP and HTTPS only.
        routing_http_response_x_frame_options_header_value: Option<String> = optional_computed(),
        /// ARN of the listener.
        arn: Option<String> = computed(),
        /// Tags of the listener.
        tags: Tags = optional(),
        /// All tags, those of the provider included.
        tags_all: Tags = optional_computed(),
        /// Time limits.
        timeouts: Option<Timeouts> = optional(),
    }
}

model! {
    /// Whether clients show certificates.
    pub struct MutualAuthentication {
        /// off, passthrough (targets check them) or verify (the listener does).
        mode: String = required().one_of(&["off", "passthrough", "verify"]),
        /// Trust store to check them against. Needed for verify.
        trust_store_arn: Option<String> = optional().check(crate::aws::rules::arn),
        /// Whether expired certificates pass. Only for verify.
        ignore_client_certificate_expiry: Option<bool> = optional().default(Lit::Bool(false)),
        /// Whether clients are told which authorities are trusted: on or off. Only for verify.
        advertise_trust_store_ca_names: Option<String> = optional_computed().one_of(&["on", "off"]),
    }
}

pub(super) const HTTP: &str = "HTTP";
pub(super) const HTTPS: &str = "HTTPS";
pub(super) const TCP: &str = "TCP";
pub(super) const GENEVE: &str = "GENEVE";

/// Settings in the attribute list, with the protocols that have them.
pub(super) const SETTINGS: &[Setting<Args>] = settings!(Args:
    "tcp.idle_timeout.seconds" tcp_idle_timeout_seconds &[TCP, GENEVE],
    "routing.http.response.server.enabled" routing_http_response_server_enabled &[HTTP, HTTPS],
    "routing.http.request.x_amzn_mtls_clientcert.header_name" routing_http_request_x_amzn_mtls_clientcert_header_name &[HTTPS],
    "routing.http.request.x_amzn_mtls_clientcert_issuer.header_name" routing_http_request_x_amzn_mtls_clientcert_issuer_header_name &[HTTPS],
    "routing.http.request.x_amzn_mtls_clientcert_leaf.header_name" routing_http_request_x_amzn_mtls_clientcert_leaf_header_name &[HTTPS],
    "routing.http.request.x_amzn_mtls_clientcert_serial_number.header_name" routing_http_request_x_amzn_mtls_clientcert_serial_number_header_name &[HTTPS],
    "routing.http.request.x_amzn_mtls_clientcert_subject.header_name" routing_http_request_x_amzn_mtls_clientcert_subject_header_name &[HTTPS],
    "routing.http.request.x_amzn_mtls_clientcert_validity.header_name" routing_http_request_x_amzn_mtls_clientcert_validity_header_name &[HTTPS],
    "routing.http.request.x_amzn_tls_cipher_suite.header_name" routing_http_request_x_amzn_tls_cipher_suite_header_name &[HTTPS],
    "routing.http.request.x_amzn_tls_version.header_name" routing_http_request_x_amzn_tls_version_header_name &[HTTPS],
    "routing.http.response.access_control_allow_credentials.header_value" routing_http_response_access_control_allow_credentials_header_value &[HTTP, HTTPS],
    "routing.http.response.access_control_allow_headers.header_value" routing_http_response_access_control_allow_headers_header_value &[HTTP, HTTPS],
    "routing.http.response.access_control_allow_methods.header_value" routing_http_response_access_control_allow_methods_header_value &[HTTP, HTTPS],
    "routing.http.response.access_control_allow_origin.header_value" routing_http_response_access_control_allow_origin_header_value &[HTTP, HTTPS],
    "routing.http.response.access_control_expose_headers.header_value" routing_http_response_access_control_expose_headers_header_value &[HTTP, HTTPS],
    "routing.http.response.access_control_max_age.header_value" routing_http_response_access_control_max_age_header_value &[HTTP, HTTPS],
    "routing.http.response.content_security_policy.header_value" routing_http_response_content_security_policy_header_value &[HTTP, HTTPS],
    "routing.http.response.strict_transport_security.header_value" routing_http_response_strict_transport_security_header_value &[HTTP, HTTPS],
    "routing.http.response.x_content_type_options.header_value" routing_http_response_x_content_type_options_header_value &[HTTP, HTTPS],
    "routing.http.response.x_frame_options.header_value" routing_http_response_x_frame_options_header_value &[HTTP, HTTPS],
);
