//! `aws_lb_listener`: a port of a load balancer.
//!
//! API: Elastic Load Balancing 2015-12-01, `CreateListener` and its siblings. Headers and time limits are not part of it
//! but in the attribute list of the listener.
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html>

mod model;

use aws_sdk_elasticloadbalancingv2::types as sdk;
use futures_util::future::try_join_all;

use super::actions;
use super::shared::{self, BATCH, Texts};
use crate::aws::contract::*;
use crate::aws::copy::{FromAws, ToAws};
use crate::value::Value;
use crate::{send, take};
pub use model::Args;
use model::{GENEVE, HTTP, HTTPS, MutualAuthentication, SETTINGS, TCP};

/// The type.
pub struct Listener;

/// A listener, its tags and its attribute list.
pub struct Live {
    listener: sdk::Listener,
    tags: Tags,
    told: Texts,
}

impl Args {
    /// The protocol, or what it is when left out.
    fn kind(&self) -> String {
        let given = self.protocol.as_deref().filter(|protocol| !protocol.is_empty());
        let unsaid = if self.load_balancer_arn.contains(":loadbalancer/gwy/") { GENEVE } else { HTTP };
        given.unwrap_or(unsaid).to_uppercase()
    }

    fn is_secure(&self) -> bool {
        matches!(self.kind().as_str(), "HTTPS" | "TLS")
    }

    fn certificates(&self) -> Option<Vec<sdk::Certificate>> {
        let arn = self.certificate_arn.as_ref().filter(|arn| self.is_secure() && !arn.is_empty())?;
        Some(vec![sdk::Certificate::builder().certificate_arn(arn).build()])
    }

    fn clients(&self) -> Option<sdk::MutualAuthenticationAttributes> {
        let one = self.mutual_authentication.as_ref().filter(|_| self.is_secure())?;
        let call = sdk::MutualAuthenticationAttributes::builder().mode(&one.mode);
        // AWS takes the rest for `verify` only.
        let call = match one.mode.as_str() {
            "verify" => send!(call, one => set_trust_store_arn = trust_store_arn,
                set_ignore_client_certificate_expiry = ignore_client_certificate_expiry,
                set_advertise_trust_store_ca_names = advertise_trust_store_ca_names),
            _ => call,
        };
        Some(call.build())
    }
}

impl Resource for Listener {
    type Model = Args;
    type Live = Live;

    const TYPE: &'static str = "aws_lb_listener";
    const ALIASES: &'static [&'static str] = &["aws_alb_listener"];
    const IDENTITY: Identity = Identity::Assigned { recover_by: &["load_balancer_arn", "port"] };
    const SAME_AS_ID: Option<&'static str> = Some("arn");
    const PACE: Pace = secs(1, 1, 1).limits(5, 5, 5);
    const READ_BATCH: usize = BATCH;
    const MISSING: &'static [&'static str] = &["ListenerNotFound"];
    const RETRY: &'static [Retry] = &[
        Retry::of(&["CreateListener", "ModifyListener"], "CertificateNotFound", "the certificate is not known everywhere yet", retry::IAM),
        Retry::of(&["CreateListener", "ModifyListener"], "TargetGroupNotFound", "the target group is not known everywhere yet", retry::NEW),
    ];

    fn check(want: &Draft, found: &mut Problems) {
        check(want, found);
    }

    fn revise(want: &mut Draft) {
        // Another protocol has another policy and other settings, or none.
        if want.is_new() || !want.is_changed(Args::protocol) {
            return;
        }
        let derived = ["ssl_policy", "mutual_authentication"].into_iter().chain(SETTINGS.iter().map(|setting| setting.name));
        for attr in derived.filter_map(|name| Args::schema().get(name)) {
            if !want.is_said(attr.name) {
                want.put(attr.name, Value::unknown(attr.shape.ty()));
            }
        }
    }

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Live)>> {
        let found = aws.elbv2.describe_listeners().set_listener_arns(Some(ids.to_vec())).send();
        let (found, mut tags) = shared::with_tags(aws, ids, found).await?;
        let one = async |listener: sdk::Listener| {
            let arn = listener.listener_arn.clone().ok_or_else(|| Error::empty("DescribeListeners"))?;
            let has_settings = match listener.protocol() {
                Some(protocol) => matches!(protocol.as_str(), HTTP | HTTPS | TCP | GENEVE),
                None => true,
            };
            let told = if has_settings { attributes(aws, &arn).await? } else { Texts::new() };
            Ok::<_, Error>((arn, Live { listener, tags: Tags::new(), told }))
        };
        let mut all = try_join_all(found.listeners.unwrap_or_default().into_iter().map(one)).await?;
        for (arn, live) in &mut all {
            live.tags = tags.remove(arn).unwrap_or_default();
        }
        Ok(all)
    }

    fn observe(live: &Live) -> Args {
        let listener = &live.listener;
        let mutual = |one: &sdk::MutualAuthenticationAttributes| {
            take!(MutualAuthentication from one => mode, trust_store_arn, advertise_trust_store_ca_names;
                ignore_client_certificate_expiry: one.ignore_client_certificate_expiry().or(Some(false)))
        };
        let mut args = take!(Args from listener => load_balancer_arn, port, protocol, ssl_policy;
            certificate_arn: listener.certificates().first().and_then(|one| one.certificate_arn.clone()),
            alpn_policy: listener.alpn_policy().first().cloned(),
            default_action: actions::from_aws(listener.default_actions()),
            mutual_authentication: listener.mutual_authentication().map(mutual),
            arn: FromAws::from_aws(&listener.listener_arn),
            tags_all: live.tags.clone());
        shared::observe(SETTINGS, &live.told, &mut args);
        args
    }

    fn keep_spelling(prior: &Args, live: &mut Args) {
        actions::keep_spelling(&prior.default_action, &mut live.default_action);
        shared::keep_foreign(SETTINGS, &live.kind(), prior, live);
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        let call = send!(aws.elbv2.create_listener(), want => set_load_balancer_arn = load_balancer_arn, set_port = port);
        let call = if want.kind() == GENEVE { call } else { call.protocol(want.kind().as_str().into()) };
        let made = call
            .set_certificates(want.certificates())
            .set_ssl_policy(want.ssl_policy.to_aws().filter(|_: &String| want.is_secure()))
            .set_alpn_policy(want.alpn_policy.clone().map(|policy| vec![policy]))
            .set_default_actions(Some(actions::to_aws(&want.default_action)))
            .set_mutual_authentication(want.clients())
            .set_tags(shared::to_list(&want.tags_all))
            .send()
            .await?;
        made.listeners()
            .first()
            .and_then(|listener| listener.listener_arn.clone())
            .ok_or_else(|| Error::empty("CreateListener"))
    }

    async fn finish(aws: &Aws, id: &Id, want: &Args) -> Result<()> {
        set_attributes(aws, id, shared::wanted(SETTINGS, &want.kind(), want)).await
    }

    async fn update(aws: &Aws, id: &Id, have: &Args, want: &Args) -> Result<()> {
        modify(aws, id, have, want).await?;
        let before = shared::wanted(SETTINGS, &have.kind(), have);
        let after = shared::wanted(SETTINGS, &want.kind(), want);
        set_attributes(aws, id, shared::changed(&before, after)).await?;
        shared::change_tags(aws, id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, id: &Id, _have: &Args) -> Result<()> {
        aws.elbv2.delete_listener().listener_arn(id).send().await?;
        Ok(())
    }

    async fn recover(aws: &Aws, want: &Args) -> Result<Option<Id>> {
        let mut marker = None;
        loop {
            let call = aws.elbv2.describe_listeners().load_balancer_arn(&want.load_balancer_arn);
            let page = call.set_marker(marker).send().await?;
            if let Some(listener) = page.listeners().iter().find(|listener| listener.port == want.port) {
                let Some(arn) = listener.listener_arn.clone() else { return Ok(None) };
                let tags = shared::read_tags(aws, std::slice::from_ref(&arn)).await?;
                return Ok(shared::has_tags(tags.get(&arn), &want.tags_all).then_some(arn));
            }
            marker = page.next_marker;
            if marker.is_none() {
                return Ok(None);
            }
        }
    }
}

/// Sends what changed and nothing else: actions that are sent replace all there are, and during a deployment those
/// belong to CodeDeploy.
async fn modify(aws: &Aws, id: &str, have: &Args, want: &Args) -> Result<()> {
    let protocol = have.kind() != want.kind();
    let port = have.port != want.port;
    let policy = want.is_secure() && (protocol || have.ssl_policy != want.ssl_policy);
    let certificate = want.is_secure() && (protocol || have.certificate_arn != want.certificate_arn);
    let alpn = have.alpn_policy != want.alpn_policy;
    let acts = have.default_action != want.default_action;
    let mutual = have.mutual_authentication != want.mutual_authentication;
    if !(protocol || port || policy || certificate || alpn || acts || mutual) {
        return Ok(());
    }
    // "None" is how a policy is taken away.
    let alpn = alpn.then(|| vec![want.alpn_policy.clone().unwrap_or_else(|| "None".into())]);
    aws.elbv2
        .modify_listener()
        .listener_arn(id)
        .set_port(want.port.filter(|_| port))
        .set_protocol(protocol.then(|| want.kind().as_str().into()))
        .set_ssl_policy(want.ssl_policy.to_aws().filter(|_: &String| policy))
        .set_certificates(want.certificates().filter(|_| certificate))
        .set_alpn_policy(alpn.filter(|_| want.kind() == "TLS"))
        .set_default_actions(acts.then(|| actions::to_aws(&want.default_action)))
        .set_mutual_authentication(want.clients().filter(|_| mutual))
        .send()
        .await?;
    Ok(())
}

async fn attributes(aws: &Aws, arn: &str) -> Result<Texts> {
    let told = aws.elbv2.describe_listener_attributes().listener_arn(arn).send().await?;
    let pair = |one: &sdk::ListenerAttribute| Some((one.key()?.to_owned(), one.value()?.to_owned()));
    Ok(told.attributes().iter().filter_map(pair).collect())
}

async fn set_attributes(aws: &Aws, arn: &str, texts: Texts) -> Result<()> {
    if texts.is_empty() {
        return Ok(());
    }
    let one = |(key, text)| sdk::ListenerAttribute::builder().key(key).value(text).build();
    let all = texts.into_iter().map(one).collect();
    aws.elbv2.modify_listener_attributes().listener_arn(arn).set_attributes(Some(all)).send().await?;
    Ok(())
}

fn check(want: &Draft, found: &mut Problems) {
    let protocol = want.known(Args::protocol).unwrap_or_default().to_uppercase();
    let balancer = want.known(Args::load_balancer_arn).unwrap_or_default();
    let is_secure = matches!(protocol.as_str(), "HTTPS" | "TLS");
    let lacks_certificate = || {
        let arn = want.known(Args::certificate_arn);
        !want.is_unknown(Args::certificate_arn) && arn.is_none_or(|arn| arn.is_empty())
    };
    if is_secure && lacks_certificate() {
        let text = format!("A listener that speaks {protocol} shows a certificate. Set `certificate_arn`, such as to that of an aws_acm_certificate_validation.");
        found.at(Args::protocol, text);
    }
    if matches!(protocol.as_str(), "HTTP" | "TCP" | "UDP" | "TCP_UDP") {
        let text = format!("A listener that speaks {protocol} has no encryption, so this has no place. Remove it, or set `protocol` to HTTPS or TLS.");
        if want.known(Args::certificate_arn).is_some_and(|arn| !arn.is_empty()) {
            found.at(Args::certificate_arn, text.clone());
        }
        if want.said(Args::ssl_policy).is_some_and(|policy| !policy.is_empty()) {
            found.at(Args::ssl_policy, text);
        }
    }
    let is_http = matches!(protocol.as_str(), "HTTP" | "HTTPS");
    let is_application = balancer.contains(":loadbalancer/app/");
    if !protocol.is_empty() && (is_application && !is_http || balancer.contains(":loadbalancer/net/") && is_http) {
        let (kind, speaks) = if is_application {
            ("an application load balancer", "HTTP or HTTPS")
        } else {
            ("a network load balancer", "TCP, TLS, UDP, TCP_UDP, QUIC or TCP_QUIC")
        };
        found.at(Args::protocol, format!("A listener of {kind} speaks {speaks}, not {protocol}. Change `protocol`, or the load balancer."));
    }
    ports(want, &protocol, &balancer, found);
    if let Some(all) = want.said(Args::default_action) {
        actions::check("default_action", &all, found);
        let signs_in = |kind: &str| kind.starts_with("authenticate-") || kind == "jwt-validation";
        if !protocol.is_empty() && protocol != "HTTPS" && all.iter().any(|action| signs_in(&action.r#type)) {
            found.inside(&["default_action"], "Signing in works over HTTPS only. Set `protocol = \"HTTPS\"`.");
        }
    }
    if let Some(mutual) = want.said(Args::mutual_authentication)
        && mutual.mode == "verify"
        && mutual.trust_store_arn.is_none()
    {
        found.inside(&["mutual_authentication"], "To verify certificates the listener needs to know whom to trust. Set `trust_store_arn`.");
    }
}

/// Only the listener of a gateway load balancer has neither port nor protocol.
fn ports(want: &Draft, protocol: &str, balancer: &str, found: &mut Problems) {
    let is_network = balancer.contains(":loadbalancer/net/");
    let is_gateway = protocol == GENEVE || balancer.contains(":loadbalancer/gwy/");
    let is_plain = is_network || balancer.contains(":loadbalancer/app/") || !protocol.is_empty();
    if is_plain && !is_gateway && !want.is_said("port") {
        found.at(Args::port, "A listener has a port, unless it belongs to a gateway load balancer. Set `port`.");
    }
    if is_network && want.is_new() && !want.is_said("protocol") {
        found.at(Args::protocol, "A listener of a network load balancer needs a protocol. Set `protocol`, such as to TCP.");
    }
}
