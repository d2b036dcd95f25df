//! Actions of listeners and rules: what happens to a request.

use aws_sdk_elasticloadbalancingv2::types as sdk;

use crate::aws::contract::*;
use crate::aws::copy::FromAws;
use crate::value::Value;
use crate::{send, take};

model! {
    /// What happens to a request. The last one of a list forwards, redirects or answers; those before it authenticate.
    pub struct Action {
        /// Kind: forward, redirect, fixed-response, authenticate-cognito, authenticate-oidc or jwt-validation.
        r#type: String = required().one_of(&["forward", "redirect", "fixed-response", "authenticate-cognito", "authenticate-oidc", "jwt-validation"]),
        /// Position among the actions: 1 to 50000. Their order in the file when left out.
        order: Option<i32> = optional_computed().range(1, 50000),
        /// Target group to forward to. For several, or to keep clients on one, use `forward`.
        target_group_arn: Option<String> = optional().check(crate::aws::rules::arn),
        /// Target groups to forward to, with weights.
        forward: Option<Forward> = optional(),
        /// Where to send the client instead.
        redirect: Option<Redirect> = optional(),
        /// What to answer.
        fixed_response: Option<FixedResponse> = optional(),
        /// Signs users in with Amazon Cognito. HTTPS only.
        authenticate_cognito: Option<Cognito> = optional(),
        /// Signs users in with OpenID Connect. HTTPS only.
        authenticate_oidc: Option<Oidc> = optional(),
        /// Lets requests pass that carry a valid JSON web token. HTTPS only.
        jwt_validation: Option<Jwt> = optional(),
    }
}

model! {
    /// Target groups to forward to, with weights.
    pub struct Forward {
        /// One to five groups.
        target_group: Set<Weighted> = required().items(1, 5),
        /// Keeps a client on the group it was sent to first.
        stickiness: Option<Sticky> = optional(),
    }
}

model! {
    /// A target group and its share.
    pub struct Weighted {
        /// The group.
        arn: String = required().check(crate::aws::rules::arn),
        /// Share of the requests, relative to the other groups: 0 to 999.
        weight: Option<i32> = optional().default(Lit::Int(1)).range(0, 999),
    }
}

model! {
    /// Keeps a client on the group it was sent to first.
    pub struct Sticky {
        /// Seconds: 1 to 604800.
        duration: i32 = required().range(1, 604_800),
        /// Whether clients are kept.
        enabled: Option<bool> = optional().default(Lit::Bool(false)),
    }
}

model! {
    /// Where to send the client instead. What is left out stays as in the request.
    pub struct Redirect {
        /// HTTP_301 (for good) or HTTP_302 (for now).
        status_code: String = required().one_of(&["HTTP_301", "HTTP_302"]),
        /// Host name.
        host: Option<String> = optional().default(Lit::Str("#{host}")).length(1, 128),
        /// Path, starting with /.
        path: Option<String> = optional().default(Lit::Str("/#{path}")).length(1, 128).pattern("^/", "a path that starts with /"),
        /// Port: 1 to 65535, or the placeholder for the request's.
        port: Option<String> = optional().default(Lit::Str("#{port}")),
        /// HTTP or HTTPS, or the placeholder for the request's.
        protocol: Option<String> = optional().default(Lit::Str("#{protocol}")).one_of(&["#{protocol}", "HTTP", "HTTPS"]),
        /// What follows the question mark, without it.
        query: Option<String> = optional().default(Lit::Str("#{query}")).length(0, 128),
    }
}

model! {
    /// What to answer.
    pub struct FixedResponse {
        /// Type of the text.
        content_type: String = required().one_of(&["text/plain", "text/css", "text/html", "application/javascript", "application/json"]),
        /// The text, at most 1024 characters.
        message_body: Option<String> = optional().length(0, 1024),
        /// Status code: 2XX, 4XX or 5XX. 200 when left out.
        status_code: Option<String> = optional_computed().pattern("^[245][0-9X]{2}$", "a status code such as 200, 404 or 503"),
    }
}

model! {
    /// Signs users in with Amazon Cognito.
    pub struct Cognito {
        /// The user pool.
        user_pool_arn: String = required().check(crate::aws::rules::arn),
        /// Its client.
        user_pool_client_id: String = required(),
        /// Its domain, or the start of it.
        user_pool_domain: String = required(),
        /// Parameters added to the sign-in request, at most ten.
        authentication_request_extra_params: Tags = optional(),
        /// What happens to those who are not signed in: deny, allow or authenticate.
        on_unauthenticated_request: Option<String> = optional_computed().one_of(&["deny", "allow", "authenticate"]),
        /// What is asked of the user's claims; openid when left out.
        scope: Option<String> = optional_computed(),
        /// Cookie that holds the session.
        session_cookie_name: Option<String> = optional_computed(),
        /// Seconds a session lasts; a week when left out.
        session_timeout: Option<i64> = optional_computed().range(1, 604_800),
    }
}

model! {
    /// Signs users in with OpenID Connect.
    pub struct Oidc {
        /// The provider's issuer, a URL.
        issuer: String = required(),
        /// Its authorization endpoint.
        authorization_endpoint: String = required(),
        /// Its token endpoint.
        token_endpoint: String = required(),
        /// Its user info endpoint.
        user_info_endpoint: String = required(),
        /// Client id.
        client_id: String = required(),
        /// Client secret. AWS does not tell it, so a change made elsewhere is not seen.
        client_secret: String = required().sensitive().local(),
        /// Parameters added to the sign-in request, at most ten.
        authentication_request_extra_params: Tags = optional(),
        /// What happens to those who are not signed in: deny, allow or authenticate.
        on_unauthenticated_request: Option<String> = optional_computed().one_of(&["deny", "allow", "authenticate"]),
        /// What is asked of the user's claims; openid when left out.
        scope: Option<String> = optional_computed(),
        /// Cookie that holds the session.
        session_cookie_name: Option<String> = optional_computed(),
        /// Seconds a session lasts; a week when left out.
        session_timeout: Option<i64> = optional_computed().range(1, 604_800),
    }
}

model! {
    /// Lets requests pass that carry a valid JSON web token.
    pub struct Jwt {
        /// Issuer that the token must name.
        issuer: String = required(),
        /// Where the issuer's keys are.
        jwks_endpoint: String = required(),
        /// Further claims the token must have, at most ten.
        additional_claim: Set<Claim> = optional().items(0, 10),
    }
}

model! {
    /// A claim a token must have.
    pub struct Claim {
        /// Its name.
        name: String = required(),
        /// How it is written: single-string, string-array or space-separated-values.
        format: String = required().one_of(&["single-string", "string-array", "space-separated-values"]),
        /// Values, one of which it must have.
        values: Set<String> = required(),
    }
}

// --- To AWS and back --------------------------------------------------------------------------------------------

/// As calls take them; their order is that of the list unless they say otherwise.
pub(super) fn to_aws(actions: &[Action]) -> Vec<sdk::Action> {
    let last_order = |at: usize| i32::try_from(at + 1).unwrap_or(i32::MAX);
    actions.iter().enumerate().map(|(at, action)| one_to_aws(action, action.order.unwrap_or(last_order(at)))).collect()
}

fn one_to_aws(action: &Action, order: i32) -> sdk::Action {
    let redirect = |one: &Redirect| {
        send!(sdk::RedirectActionConfig::builder(), one => set_status_code = status_code, set_host = host, set_path = path,
            set_port = port, set_protocol = protocol)
        .set_query(one.query.clone())
        .build()
    };
    let answer = |one: &FixedResponse| {
        send!(sdk::FixedResponseActionConfig::builder(), one => set_content_type = content_type, set_message_body = message_body)
            .status_code(one.status_code.as_deref().unwrap_or("200"))
            .build()
    };
    let cognito = |one: &Cognito| {
        send!(sdk::AuthenticateCognitoActionConfig::builder(), one => set_user_pool_arn = user_pool_arn,
            set_user_pool_client_id = user_pool_client_id, set_user_pool_domain = user_pool_domain,
            set_authentication_request_extra_params = authentication_request_extra_params,
            set_on_unauthenticated_request = on_unauthenticated_request, set_scope = scope,
            set_session_cookie_name = session_cookie_name, set_session_timeout = session_timeout)
        .build()
    };
    let oidc = |one: &Oidc| {
        // After an import the secret is not known here, but AWS has it.
        let keeps_secret = one.client_secret.is_empty().then_some(true);
        let secret = Some(one.client_secret.clone()).filter(|secret| !secret.is_empty());
        send!(sdk::AuthenticateOidcActionConfig::builder(), one => set_issuer = issuer,
            set_authorization_endpoint = authorization_endpoint, set_token_endpoint = token_endpoint,
            set_user_info_endpoint = user_info_endpoint, set_client_id = client_id,
            set_authentication_request_extra_params = authentication_request_extra_params,
            set_on_unauthenticated_request = on_unauthenticated_request, set_scope = scope,
            set_session_cookie_name = session_cookie_name, set_session_timeout = session_timeout)
        .set_client_secret(secret)
        .set_use_existing_client_secret(keeps_secret)
        .build()
    };
    let claim = |one: &Claim| {
        send!(sdk::JwtValidationActionAdditionalClaim::builder(), one => set_name = name, set_format = format, set_values = values).build()
    };
    let jwt = |one: &Jwt| {
        let claims = (!one.additional_claim.is_empty()).then(|| one.additional_claim.iter().map(claim).collect());
        send!(sdk::JwtValidationActionConfig::builder(), one => set_issuer = issuer, set_jwks_endpoint = jwks_endpoint)
            .set_additional_claims(claims)
            .build()
    };
    send!(sdk::Action::builder(), action => set_type = r#type, set_target_group_arn = target_group_arn)
        .order(order)
        .set_forward_config(action.forward.as_ref().map(forward_to_aws))
        .set_redirect_config(action.redirect.as_ref().map(redirect))
        .set_fixed_response_config(action.fixed_response.as_ref().map(answer))
        .set_authenticate_cognito_config(action.authenticate_cognito.as_ref().map(cognito))
        .set_authenticate_oidc_config(action.authenticate_oidc.as_ref().map(oidc))
        .set_jwt_validation_config(action.jwt_validation.as_ref().map(jwt))
        .build()
}

fn forward_to_aws(forward: &Forward) -> sdk::ForwardActionConfig {
    let group = |one: &Weighted| {
        sdk::TargetGroupTuple::builder().target_group_arn(&one.arn).weight(one.weight.unwrap_or(1)).build()
    };
    let sticky = |one: &Sticky| {
        let enabled = one.enabled.unwrap_or_default();
        // AWS refuses a duration for what is switched off.
        let seconds = enabled.then_some(one.duration);
        sdk::TargetGroupStickinessConfig::builder().enabled(enabled).set_duration_seconds(seconds).build()
    };
    sdk::ForwardActionConfig::builder()
        .set_target_groups(Some(forward.target_group.iter().map(group).collect()))
        .set_target_group_stickiness_config(forward.stickiness.as_ref().map(sticky))
        .build()
}

/// As attributes. AWS tells a forward to one group in both forms; it is read as `target_group_arn`.
pub(super) fn from_aws(actions: &[sdk::Action]) -> Vec<Action> {
    let mut all: Vec<Action> = actions.iter().map(one_from_aws).collect();
    all.sort_by_key(|action| action.order);
    all
}

fn one_from_aws(action: &sdk::Action) -> Action {
    let claim = |one: &sdk::JwtValidationActionAdditionalClaim| take!(Claim from one => name, format, values);
    let forward = action.forward_config().map(forward_from_aws);
    let single = forward.as_ref().and_then(single_group);
    Action {
        r#type: FromAws::from_aws(&action.r#type),
        order: action.order,
        target_group_arn: single.or_else(|| action.target_group_arn.clone().filter(|_| forward.is_none())),
        forward: forward.filter(|forward| single_group(forward).is_none()),
        redirect: action.redirect_config().map(|one| take!(Redirect from one => status_code, host, path, port, protocol, query)),
        fixed_response: action
            .fixed_response_config()
            .map(|one| take!(FixedResponse from one => content_type, message_body, status_code)),
        authenticate_cognito: action.authenticate_cognito_config().map(|one| {
            take!(Cognito from one => user_pool_arn, user_pool_client_id, user_pool_domain, on_unauthenticated_request, scope,
                session_cookie_name, session_timeout;
                authentication_request_extra_params: parameters(one.authentication_request_extra_params()))
        }),
        authenticate_oidc: action.authenticate_oidc_config().map(|one| {
            take!(Oidc from one => issuer, authorization_endpoint, token_endpoint, user_info_endpoint, client_id,
                on_unauthenticated_request, scope, session_cookie_name, session_timeout;
                authentication_request_extra_params: parameters(one.authentication_request_extra_params()))
        }),
        jwt_validation: action.jwt_validation_config().map(|one| {
            take!(Jwt from one => issuer, jwks_endpoint; additional_claim: one.additional_claims().iter().map(claim).collect())
        }),
    }
}

fn forward_from_aws(forward: &sdk::ForwardActionConfig) -> Forward {
    let group = |one: &sdk::TargetGroupTuple| Weighted {
        arn: FromAws::from_aws(&one.target_group_arn),
        weight: one.weight.or(Some(1)),
    };
    // Told for every forward; switched off it is nothing, and its duration is missing.
    let sticky = forward.target_group_stickiness_config().filter(|sticky| sticky.enabled() == Some(true));
    Forward {
        target_group: forward.target_groups().iter().map(group).collect(),
        stickiness: sticky
            .map(|sticky| Sticky { duration: sticky.duration_seconds().unwrap_or_default(), enabled: Some(true) }),
    }
}

fn parameters(of: Option<&std::collections::HashMap<String, String>>) -> Tags {
    of.into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect()
}

// --- Spelling ---------------------------------------------------------------------------------------------------

/// The only group of a forward that keeps nobody on it: the same as `target_group_arn`, whatever the weight.
fn single_group(forward: &Forward) -> Option<String> {
    let is_sticky = forward.stickiness.as_ref().is_some_and(|sticky| sticky.enabled == Some(true));
    match forward.target_group.as_slice() {
        [only] if !is_sticky => Some(only.arn.clone()),
        _ => None,
    }
}

/// Where an action forwards to, in the long form: for comparison.
fn destination(action: &Action) -> Forward {
    let single = |arn: String| Forward { target_group: Set(vec![Weighted { arn, weight: Some(1) }]), stickiness: None };
    let Some(forward) = &action.forward else {
        return action.target_group_arn.clone().map(single).unwrap_or_default();
    };
    if let Some(arn) = single_group(forward) {
        return single(arn);
    }
    let group = |one: &Weighted| Weighted { weight: one.weight.or(Some(1)), ..one.clone() };
    Forward {
        target_group: forward.target_group.iter().map(group).collect(),
        stickiness: forward.stickiness.clone().filter(|sticky| sticky.enabled == Some(true)),
    }
}

/// The only group of a forward that gets requests, when the forward keeps nobody on it: a deployment leaves the other
/// one of its pair behind with weight 0.
fn busy_group(action: &Action) -> Option<String> {
    let forward = destination(action);
    let mut busy = forward.target_group.iter().filter(|group| group.weight != Some(0));
    let only = busy.next().filter(|_| forward.stickiness.is_none() && busy.next().is_none());
    only.map(|group| group.arn.clone())
}

/// Keeps the form in which the stack file writes a forward, where AWS says the same in the other one: also to another
/// group than before.
pub(super) fn keep_spelling(prior: &[Action], live: &mut [Action]) {
    for (prior, live) in prior.iter().zip(live) {
        let is_plain = prior.r#type == "forward" && prior.forward.is_none() && prior.target_group_arn.is_some();
        if let Some(group) = busy_group(live).filter(|_| is_plain && live.r#type == "forward") {
            live.target_group_arn = Some(group);
            live.forward = None;
            continue;
        }
        if prior.r#type == "forward" && live.r#type == "forward" && destination(prior) == destination(live) {
            live.target_group_arn.clone_from(&prior.target_group_arn);
            live.forward.clone_from(&prior.forward);
        }
    }
}

/// Whether two lists of actions do the same: for `same` of the attribute.
pub(super) fn do_the_same(have: &Value, want: &Value) -> bool {
    use crate::resource::model::Field;
    let (Ok(mut have), Ok(want)) = (Vec::<Action>::decode(have), Vec::<Action>::decode(want)) else { return false };
    keep_spelling(&want, &mut have);
    have.len() == want.len()
        && have.iter().zip(&want).all(|(have, want)| {
            *have == Action { order: want.order.or(have.order), ..want.clone() }
        })
}

// --- Mistakes ---------------------------------------------------------------------------------------------------

/// Finds mistakes in a list of actions, kept under `name`.
pub(super) fn check(name: &str, actions: &[Action], found: &mut Problems) {
    for action in actions {
        check_one(name, action, found);
    }
    let ends = |action: &Action| matches!(action.r#type.as_str(), "forward" | "redirect" | "fixed-response");
    let mut ordered: Vec<_> = actions.iter().enumerate().map(|(at, action)| (action.order.map_or(at, |order| order.unsigned_abs() as usize), action)).collect();
    ordered.sort_by_key(|(order, _)| *order);
    if let Some(((_, last), before)) = ordered.split_last()
        && (!ends(last) || before.iter().any(|(_, action)| ends(action)))
    {
        found.inside(&[name], "Exactly one action forwards, redirects or answers, and it comes last; those before it authenticate. Put such an action at the end.");
    }
}

fn check_one(name: &str, action: &Action, found: &mut Problems) {
    let block = action.r#type.replace('-', "_");
    let present: [(&str, bool); 6] = [
        ("forward", action.forward.is_some()),
        ("redirect", action.redirect.is_some()),
        ("fixed_response", action.fixed_response.is_some()),
        ("authenticate_cognito", action.authenticate_cognito.is_some()),
        ("authenticate_oidc", action.authenticate_oidc.is_some()),
        ("jwt_validation", action.jwt_validation.is_some()),
    ];
    let has_group = action.target_group_arn.as_deref().is_some_and(|arn| !arn.is_empty());
    let has_own = present.iter().any(|(name, is_present)| *is_present && *name == block);
    if block == "forward" && !has_own && !has_group {
        found.inside(&[name], "A forward needs to know where to. Set `target_group_arn`, or a `forward` block with target groups.");
    } else if block != "forward" && !has_own {
        found.inside(&[name], format!("An action of type {} is described by a block of its own. Add a `{block}` block.", action.r#type));
    }
    for (other, _) in present.iter().filter(|(other, is_present)| *is_present && *other != block) {
        found.inside(&[name, other], format!("This block does not go with an action of type {}. Remove it, or change `type`.", action.r#type));
    }
    if block != "forward" && has_group {
        found.inside(&[name, "target_group_arn"], format!("An action of type {} has no target group. Remove `target_group_arn`, or change `type`.", action.r#type));
    }
    if let Some(forward) = &action.forward {
        if has_group && single_group(forward) != action.target_group_arn {
            found.inside(&[name, "target_group_arn"], "`target_group_arn` and `forward` lead to different places. Keep one of them.");
        }
        if forward.target_group.iter().all(|group| group.weight == Some(0)) {
            found.inside(&[name, "forward"], "With all weights 0 nobody gets a request, and clients see status 503. Give at least one group a weight.");
        }
    }
    if let Some(to) = &action.redirect {
        let same = |part: &Option<String>, placeholder: &str| part.as_deref().is_none_or(|part| part == placeholder);
        let is_loop = same(&to.protocol, "#{protocol}") && same(&to.host, "#{host}") && same(&to.port, "#{port}")
            && same(&to.path, "/#{path}") && same(&to.query, "#{query}");
        if is_loop {
            found.inside(&[name, "redirect"], "This sends clients back to the address they asked for, for ever. Change at least one of protocol, host, port, path and query.");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forward(groups: &[(&str, i32)]) -> Action {
        let group = |(arn, weight): &(&str, i32)| Weighted { arn: (*arn).into(), weight: Some(*weight) };
        let forward = Forward { target_group: groups.iter().map(group).collect(), stickiness: None };
        Action { r#type: "forward".into(), forward: Some(forward), ..Action::default() }
    }

    fn single(arn: &str) -> Action {
        Action { r#type: "forward".into(), target_group_arn: Some(arn.into()), ..Action::default() }
    }

    #[test]
    fn one_group_is_the_same_in_both_forms_whatever_its_weight() {
        use crate::resource::model::Field;
        let same = |have: Action, want: Action| do_the_same(&vec![have].encode(), &vec![want].encode());
        assert!(same(single("a"), forward(&[("a", 100)])));
        assert!(same(forward(&[("a", 1)]), single("a")));
        assert!(same(forward(&[("a", 1), ("b", 0)]), forward(&[("b", 0), ("a", 1)])));
        assert!(!same(single("a"), forward(&[("b", 100)])));
        assert!(same(forward(&[("a", 100), ("b", 0)]), single("a")));
        assert!(!same(forward(&[("a", 100), ("b", 0)]), single("b")));
        assert!(!same(single("a"), forward(&[("a", 100), ("b", 0)])));
    }

    #[test]
    fn the_form_of_the_stack_file_stays() {
        let mut live = vec![Action { order: Some(1), ..single("a") }];
        keep_spelling(&[forward(&[("a", 100)])], &mut live);
        assert!(live == vec![Action { order: Some(1), ..forward(&[("a", 100)]) }]);
    }
}
