//! `aws_lb_listener_rule`: requests that fit certain conditions are handled differently.
//!
//! API: Elastic Load Balancing 2015-12-01, `CreateRule` and its siblings.
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html>

use std::sync::{Mutex, PoisonError};

use aws_sdk_elasticloadbalancingv2::types as sdk;

use super::actions::{self, Action};
use super::conditions::{self, Condition};
use super::shared::{self, BATCH};
use crate::aws::contract::*;
use crate::aws::copy::FromAws;
use crate::send;

/// The type.
pub struct ListenerRule;

model! {
    /// A rule of a listener: requests that fit its conditions get its actions.
    pub struct Args {
        /// The listener.
        listener_arn: String = required().force_new().check(crate::aws::rules::arn),
        /// Place among the rules: 1 to 50000, lower ones are asked first. After all others when left out.
        priority: Option<i32> = optional_computed().range(1, 50000),
        /// What happens to a request that fits.
        action: Vec<Action> = required().min_items(1).same(actions::do_the_same),
        /// What a request must be like; all of them hold. At most five values in total.
        condition: Set<Condition> = required().min_items(1),
        /// Changes of the request on its way to the targets.
        transform: Set<Transform> = optional().items(0, 2),
        /// ARN of the rule.
        arn: Option<String> = computed(),
        /// Tags of the rule.
        tags: Tags = optional(),
        /// All tags, those of the provider included.
        tags_all: Tags = optional_computed(),
    }
}

model! {
    /// A change of the request on its way to the targets.
    pub struct Transform {
        /// What changes: host-header-rewrite or url-rewrite.
        r#type: String = required().one_of(&["host-header-rewrite", "url-rewrite"]),
        /// How the host changes.
        host_header_rewrite_config: Option<RewriteConfig> = optional(),
        /// How path and query change.
        url_rewrite_config: Option<RewriteConfig> = optional(),
    }
}

model! {
    /// How a part of the request changes.
    pub struct RewriteConfig {
        /// The replacement.
        rewrite: Option<Rewrite> = optional(),
    }
}

model! {
    /// A replacement.
    pub struct Rewrite {
        /// Regular expression for what is replaced.
        regex: String = required(),
        /// What comes instead.
        replace: String = required(),
    }
}

/// A rule and its tags.
pub struct Live {
    rule: sdk::Rule,
    tags: Tags,
}

impl Resource for ListenerRule {
    type Model = Args;
    type Live = Live;

    const TYPE: &'static str = "aws_lb_listener_rule";
    const ALIASES: &'static [&'static str] = &["aws_alb_listener_rule"];
    const IDENTITY: Identity = Identity::Assigned { recover_by: &["listener_arn", "priority"] };
    const SAME_AS_ID: Option<&'static str> = Some("arn");
    const PACE: Pace = secs(1, 1, 1).limits(5, 5, 5);
    const READ_BATCH: usize = BATCH;
    const MISSING: &'static [&'static str] = &["RuleNotFound"];
    const RETRY: &'static [Retry] = &[
        Retry::of(&["SetRulePriorities", "CreateRule"], MOVING, "another rule still has the priority", retry::NEW),
        Retry::of(&["CreateRule"], PICKED, "another rule took the priority that was picked", retry::CHANGE),
        Retry::of(&["CreateRule", "ModifyRule"], "TargetGroupNotFound", "the target group is not known everywhere yet", retry::NEW),
    ];

    fn check(want: &Draft, found: &mut Problems) {
        if let Some(all) = want.said(Args::action) {
            actions::check("action", &all, found);
        }
        if let Some(all) = want.said(Args::condition) {
            conditions::check(&all, found);
        }
        for transform in want.said(Args::transform).iter().flat_map(|all| all.iter()) {
            let (own, other) = match transform.r#type.as_str() {
                "url-rewrite" => (&transform.url_rewrite_config, &transform.host_header_rewrite_config),
                _ => (&transform.host_header_rewrite_config, &transform.url_rewrite_config),
            };
            if own.is_none() || other.is_some() {
                let block = format!("{}_config", transform.r#type.replace('-', "_"));
                let text = format!("A transform of type {} is described by one `{block}` block and no other.", transform.r#type);
                found.inside(&["transform"], text);
            }
        }
    }

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Live)>> {
        let found = aws.elbv2.describe_rules().set_rule_arns(Some(ids.to_vec())).send();
        let (found, mut tags) = shared::with_tags(aws, ids, found).await?;
        let live = |rule: sdk::Rule| {
            let arn = rule.rule_arn.clone()?;
            Some((arn.clone(), Live { rule, tags: tags.remove(&arn).unwrap_or_default() }))
        };
        Ok(found.rules.unwrap_or_default().into_iter().filter_map(live).collect())
    }

    fn observe(live: &Live) -> Args {
        let rule = &live.rule;
        Args {
            listener_arn: rule.rule_arn().map(listener_of).unwrap_or_default(),
            priority: rule.priority().and_then(|priority| priority.parse().ok()),
            action: actions::from_aws(rule.actions()),
            condition: conditions::from_aws(rule.conditions()),
            transform: rule.transforms().iter().map(observed_transform).collect(),
            arn: FromAws::from_aws(&rule.rule_arn),
            tags: Tags::new(),
            tags_all: live.tags.clone(),
        }
    }

    fn keep_spelling(prior: &Args, live: &mut Args) {
        actions::keep_spelling(&prior.action, &mut live.action);
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        let priority = match want.priority {
            Some(priority) => priority,
            None => highest_priority(aws, &want.listener_arn).await? + 1,
        };
        let made = aws
            .elbv2
            .create_rule()
            .listener_arn(&want.listener_arn)
            .priority(priority)
            .set_actions(Some(actions::to_aws(&want.action)))
            .set_conditions(Some(conditions::to_aws(&want.condition)))
            .set_transforms(transforms(want))
            .set_tags(shared::to_list(&want.tags_all))
            .send()
            .await
            .map_err(|error| in_use(error.into(), if want.priority.is_none() { PICKED } else { MOVING }))?;
        made.rules().first().and_then(|rule| rule.rule_arn.clone()).ok_or_else(|| Error::empty("CreateRule"))
    }

    async fn update(aws: &Aws, id: &Id, have: &Args, want: &Args) -> Result<()> {
        if let Some(priority) = want.priority.filter(|priority| have.priority != Some(*priority)) {
            move_to(aws, id, priority).await?;
        }
        let (acts, conditions) = (have.action != want.action, have.condition != want.condition);
        let rewrites = have.transform != want.transform;
        if acts || conditions || rewrites {
            aws.elbv2
                .modify_rule()
                .rule_arn(id)
                .set_actions(acts.then(|| actions::to_aws(&want.action)))
                .set_conditions(conditions.then(|| conditions::to_aws(&want.condition)))
                .set_transforms(transforms(want).filter(|_| rewrites))
                .set_reset_transforms((rewrites && want.transform.is_empty()).then_some(true))
                .send()
                .await?;
        }
        shared::change_tags(aws, id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, id: &Id, _have: &Args) -> Result<()> {
        aws.elbv2.delete_rule().rule_arn(id).send().await?;
        Ok(())
    }

    async fn recover(aws: &Aws, want: &Args) -> Result<Option<Id>> {
        let fits = |rule: &sdk::Rule| match want.priority {
            Some(priority) => rule.priority() == Some(priority.to_string().as_str()),
            None => conditions::from_aws(rule.conditions()) == want.condition,
        };
        let rule = rules(aws, &want.listener_arn).await?.into_iter().find(fits);
        let Some(arn) = rule.and_then(|rule| rule.rule_arn) else { return Ok(None) };
        let tags = shared::read_tags(aws, std::slice::from_ref(&arn)).await?;
        Ok(shared::has_tags(tags.get(&arn), &want.tags_all).then_some(arn))
    }
}

/// Priorities that updates under way want, by rule. Rules that exchange theirs, or follow each other, can only move in
/// one call: each alone would take what another still has.
static MOVES: Mutex<BTreeMap<Id, i32>> = Mutex::new(BTreeMap::new());

/// Gives the rule its priority: alone, or where another rule has that priority together with all rules of the listener
/// that are about to move.
async fn move_to(aws: &Aws, id: &Id, priority: i32) -> Result<()> {
    let listener = listener_of(id);
    let together: BTreeMap<Id, i32> = {
        let mut moves = MOVES.lock().unwrap_or_else(PoisonError::into_inner);
        let is_again = moves.insert(id.clone(), priority).is_some();
        // The first try goes alone, and gives the others time to say where they want to go.
        let goes = |rule: &Id| rule == id || is_again && listener_of(rule) == listener;
        moves.iter().filter(|(rule, _)| goes(rule)).map(|(rule, priority)| (rule.clone(), *priority)).collect()
    };
    let pair = |(rule, priority): (&Id, &i32)| sdk::RulePriorityPair::builder().rule_arn(rule).priority(*priority).build();
    let call = aws.elbv2.set_rule_priorities().set_rule_priorities(Some(together.iter().map(pair).collect()));
    let moved = call.send().await.map_err(|error| in_use(error.into(), MOVING));
    // Who waits for a priority to come free goes on saying so.
    if !moved.as_ref().is_err_and(|error| error.is(&[MOVING])) {
        let mut moves = MOVES.lock().unwrap_or_else(PoisonError::into_inner);
        moves.retain(|rule, _| if moved.is_ok() { !together.contains_key(rule) } else { rule != id });
    }
    moved.map(drop)
}

/// Code for a picked priority that another rule got first; another try picks the next one.
const PICKED: &str = "PickedPriorityInUse";
/// Code for a priority that another rule has, which may be about to move or to go.
const MOVING: &str = "PriorityStillInUse";

/// `PriorityInUse` under a code of its own: whether it passes depends on the call.
fn in_use(error: Error, code: &str) -> Error {
    let code = if error.is(&["PriorityInUse"]) { code.to_owned() } else { error.code.clone() };
    Error { code, ..error }
}

/// All rules of a listener.
async fn rules(aws: &Aws, listener: &str) -> Result<Vec<sdk::Rule>> {
    let (mut all, mut marker) = (Vec::new(), None);
    loop {
        let page = aws.elbv2.describe_rules().listener_arn(listener).set_marker(marker).send().await?;
        all.extend(page.rules.unwrap_or_default());
        marker = page.next_marker;
        if marker.is_none() {
            return Ok(all);
        }
    }
}

async fn highest_priority(aws: &Aws, listener: &str) -> Result<i32> {
    let taken = rules(aws, listener).await?;
    Ok(taken.iter().filter_map(|rule| rule.priority()?.parse().ok()).max().unwrap_or_default())
}

/// `…:listener-rule/app/web/50dc/f2f7/9683` belongs to `…:listener/app/web/50dc/f2f7`.
fn listener_of(arn: &str) -> String {
    let (listener, _) = arn.rsplit_once('/').unwrap_or((arn, ""));
    listener.replacen(":listener-rule/", ":listener/", 1)
}

fn transforms(want: &Args) -> Option<Vec<sdk::RuleTransform>> {
    let rewrite = |config: &RewriteConfig| {
        let one = |one: &Rewrite| send!(sdk::RewriteConfig::builder(), one => set_regex = regex, set_replace = replace).build();
        config.rewrite.as_ref().map(|rewrite| vec![one(rewrite)])
    };
    let one = |one: &Transform| {
        let host = one.host_header_rewrite_config.as_ref();
        let url = one.url_rewrite_config.as_ref();
        sdk::RuleTransform::builder()
            .r#type(one.r#type.as_str().into())
            .set_host_header_rewrite_config(
                host.map(|config| sdk::HostHeaderRewriteConfig::builder().set_rewrites(rewrite(config)).build()),
            )
            .set_url_rewrite_config(
                url.map(|config| sdk::UrlRewriteConfig::builder().set_rewrites(rewrite(config)).build()),
            )
            .build()
    };
    (!want.transform.is_empty()).then(|| want.transform.iter().map(one).collect())
}

fn observed_transform(transform: &sdk::RuleTransform) -> Transform {
    let config = |rewrites: &[sdk::RewriteConfig]| RewriteConfig {
        rewrite: rewrites.first().map(|one| Rewrite {
            regex: FromAws::from_aws(&one.regex),
            replace: FromAws::from_aws(&one.replace),
        }),
    };
    Transform {
        r#type: FromAws::from_aws(&transform.r#type),
        host_header_rewrite_config: transform.host_header_rewrite_config().map(|one| config(one.rewrites())),
        url_rewrite_config: transform.url_rewrite_config().map(|one| config(one.rewrites())),
    }
}
