//! What changes in the stack files: the service, rules and roles it needs, and what CodeDeploy needs no more.

use super::blocks;
use super::known::{Known, is_written, local};
use super::repeat::{self, Repeat};
use super::text::{At, Edited, ModuleText, range};
use crate::address::Address;
use crate::diagnostic::Diagnostic;
use crate::lang::syntax::tree::{Attribute, Block, Expr, ExprKind};
use crate::rollout::migrate::{Hook, Settings, Way};
use crate::rollout::observed::last_part;
use crate::value::Value;

/// The type of deployment groups.
pub(super) const GROUP: &str = "aws_codedeploy_deployment_group";
/// What of the service counts now and must not be left out of plans.
const COUNTS: [&str; 5] =
    ["load_balancer", "deployment_configuration", "deployment_controller", "alarms", "deployment_circuit_breaker"];

/// The files as they are to be, and what is to be planned.
#[derive(Default)]
pub(super) struct Written {
    pub edited: Vec<Edited>,
    /// Addresses that are part of the migration; inside of the module, until it is whole.
    pub parts: Vec<String>,
    /// What stays although CodeDeploy is not needed any more, and why.
    pub notes: Vec<String>,
}

/// What is written from.
pub(super) struct Job<'a> {
    pub known: &'a Known<'a>,
    pub service: &'a Address,
    /// ARN of the service.
    pub arn: &'a str,
    pub name: &'a str,
    pub cluster: &'a str,
    pub settings: &'a Settings,
    /// How the person calls a role that is there already.
    pub role: Option<&'a str>,
    /// The deployment group, when it belongs to the module and exists.
    pub group: Option<&'a Address>,
    /// Whether group and application stay.
    pub keeps_group: bool,
    /// Whether the module's files stand for other services as well, which migrate together with this one.
    pub is_shared: bool,
    /// Whether all instances of the deployment group's block belong to services that migrate.
    pub frees_group: bool,
}

/// Writes.
///
/// # Errors
/// The files are written in a way that cannot be changed by a machine; what to write by hand.
pub(super) fn write(job: &Job<'_>, files: ModuleText) -> Result<Written, Diagnostic> {
    let label = job.service.resource.name.to_string();
    let found = files.resource("aws_ecs_service", &label);
    let Some((at, block)) = found else {
        return Err(by_hand(job, "The block of the service is not in a .tf file of the native syntax."));
    };
    let repeat = Repeat::of(&files, at, &block, job.service, job.is_shared);
    let mut writer =
        Writer { job, files, at, label, repeat, added: String::new(), depends: Vec::new(), out: Written::default() };
    writer.out.parts.push(local(job.service));
    let (live, idle) = (writer.expression(&job.settings.live), writer.expression(&job.settings.idle));
    let both = (live.as_str(), idle.as_str());
    let production = writer.way(&job.settings.production, "production", both)?;
    let test = job.settings.test.as_ref().map(|way| writer.way(way, "test", both)).transpose()?;
    let role = writer.traffic_role();
    let hooks_role = writer.hooks_role();
    let advanced = blocks::advanced(&idle, &production, test.as_deref(), &role);
    writer.service(&block, &live, &advanced, &hooks_role)?;
    let added = std::mem::take(&mut writer.added);
    if !added.is_empty() {
        writer.files.after(at, block.span, format!("\n{}", added.trim_end()));
    }
    if !job.keeps_group {
        writer.without_group();
    }
    Ok(Written { edited: writer.files.edited(), ..writer.out })
}

fn by_hand(job: &Job<'_>, why: &str) -> Diagnostic {
    let role =
        |hook: &Hook| format!("\"{}\"", hook.role.as_deref().unwrap_or("ARN of a role that may call the function"));
    let alarms = blocks::alarms(job.settings).map(|text| format!("\n\n  {text}")).unwrap_or_default();
    let text = format!(
        "{why} Write it by hand, and apply it: the plan then shows the change of the controller.\n\n  deployment_controller {{\n    type = \"ECS\"\n  }}\n\n  {}{alarms}\n\nand in the `load_balancer` block, whose `target_group_arn` must be {}:\n\n    {}",
        blocks::configuration(job.settings, &role),
        job.settings.live,
        blocks::advanced(
            &format!("\"{}\"", job.settings.idle),
            "\"ARN of the rule that forwards to both\"",
            None,
            &format!("\"ARN of a role with the policy {}\"", super::known::POLICY)
        )
    );
    Diagnostic::error("The stack files cannot be changed by glaz", text).about(job.service)
}

struct Writer<'a> {
    job: &'a Job<'a>,
    files: ModuleText,
    at: At,
    label: String,
    repeat: Repeat,
    /// Blocks that are new.
    added: String,
    /// What the service must wait for without naming it.
    depends: Vec<String>,
    out: Written,
}

impl Writer<'_> {
    fn expression(&self, arn: &str) -> String {
        let own = self.job.known.written(arn, &self.files);
        let passed_in = || self.job.known.passed_in(arn, self.repeat.key(), self.repeat.index());
        own.map(|address| format!("{}.arn", self.repeat.local(address)))
            .or_else(passed_in)
            .unwrap_or_else(|| crate::address::quote(arn))
    }

    fn add(&mut self, address: &str, text: &str) {
        self.added.push('\n');
        self.added.push_str(&self.repeat.blocks(text, address));
        self.out.parts.push(address.to_owned());
    }

    /// The expression of the rule by which traffic moves; makes it where there is none.
    fn way(&mut self, way: &Way, what: &str, both: (&str, &str)) -> Result<String, Diagnostic> {
        let (listener, priority, name) = match way {
            Way::New { listener, priority } => {
                (listener.clone(), i64::from(*priority), format!("{}_{what}", self.label))
            }
            Way::Listener { arn, is_single } => {
                match self.job.known.object(arn).map(|(address, _)| address) {
                    Some(address) if *is_single && is_written(address, &self.files) => {
                        self.widen(address, "default_action", both)?;
                    }
                    None if *is_single => return Err(self.not_ours(arn)),
                    _ => {}
                }
                return Ok(self.expression(arn));
            }
            Way::Rule { arn, is_single } => match self.job.known.object(arn) {
                Some((address, _)) if is_written(address, &self.files) => {
                    if *is_single {
                        self.widen(address, "action", both)?;
                    }
                    return Ok(format!("{}.arn", self.repeat.local(address)));
                }
                // A run before this one made it, and the files do not have it yet.
                Some((address, rule)) => {
                    let listener = rule.get("listener_arn").and_then(Value::as_str).unwrap_or_default().to_owned();
                    let priority = rule.get("priority").and_then(Value::as_i64).unwrap_or_default();
                    (listener, priority, address.resource.name.to_string())
                }
                None if *is_single => return Err(self.not_ours(arn)),
                None => return Ok(crate::address::quote(arn)),
            },
        };
        let listener = self.expression(&listener);
        self.add(&format!("aws_lb_listener_rule.{name}"), &blocks::rule(&name, &listener, priority, both));
        Ok(format!("aws_lb_listener_rule.{name}{}.arn", self.repeat.index()))
    }

    /// A rule or listener that somebody else has to widen.
    fn not_ours(&self, arn: &str) -> Diagnostic {
        let text = format!(
            "{} sends requests to one target group only, and the other is not named in this module. ECS asks for one that names both. Add the other target group to it, with weight 0, where it belongs, and migrate then.",
            last_part(arn)
        );
        Diagnostic::error("The rule or listener names one target group", text).about(self.job.service)
    }

    /// Lets a rule or listener name both target groups in the block with this name.
    fn widen(&mut self, rule: &Address, action: &str, (live, idle): (&str, &str)) -> Result<(), Diagnostic> {
        let found = self.files.resource(rule.type_name(), &rule.resource.name);
        let place = found.as_ref().and_then(|(at, block)| {
            let action = block.body.blocks.iter().find(|block| &*block.kind == action)?;
            Some((*at, block.clone(), action.body.attribute("target_group_arn")?.span))
        });
        let Some((at, block, span)) = place else {
            let text = format!(
                "{rule} sends requests to one target group only, and ECS asks for a rule that names both. Its block is written in a way that glaz cannot change. Give its `{action}` both target groups, apply that, and migrate then:\n\n    {}",
                blocks::forward(live, idle)
            );
            return Err(Diagnostic::error("The rule names one target group", text).about(rule));
        };
        self.files.replace(at, span, format!("\n    {}", blocks::forward(live, idle)));
        self.heed(at, &block, &[action])?;
        self.out.parts.push(local(rule));
        Ok(())
    }

    /// The expression of the role with which ECS moves traffic; makes it where there is none.
    fn traffic_role(&mut self) -> String {
        if let Some(role) = self.job.role {
            return if role.starts_with("arn:") { crate::address::quote(role) } else { format!("{role}.arn") };
        }
        let label = format!("{}_load_balancers", self.label);
        let made = format!("aws_iam_role.{label}");
        if let Some(arn) = &self.job.settings.role
            && self
                .job
                .known
                .role(arn)
                .is_none_or(|address| repeat::name(address) != made || is_written(address, &self.files))
        {
            return self.expression(arn);
        }
        let fitting = self.job.known.fitting_role().map(|(address, _)| address);
        if let Some(role) = fitting.filter(|role| is_written(role, &self.files)) {
            return format!("{}.arn", self.repeat.local(role));
        }
        let partition = self.job.arn.split(':').nth(1).unwrap_or("aws");
        let text = blocks::traffic_role(&label, &self.role_name("traffic"), partition);
        self.add(&made, &text);
        self.out.parts.push(format!("aws_iam_role_policy_attachment.{label}"));
        self.depends.push(format!("aws_iam_role_policy_attachment.{label}"));
        format!("{made}{}.arn", self.repeat.index())
    }

    /// The expression of the role with which ECS calls functions; makes it where functions are called.
    fn hooks_role(&mut self) -> String {
        let label = format!("{}_hooks", self.label);
        let made = format!("aws_iam_role.{label}");
        let hooks = &self.job.settings.hooks;
        let is_made = |hook: &Hook| {
            let own = hook.role.as_deref().and_then(|arn| self.job.known.role(arn));
            hook.role.is_none() || own.is_some_and(|own| repeat::name(own) == made && !is_written(own, &self.files))
        };
        if hooks.iter().any(is_made) {
            let text = blocks::hooks_role(&label, &self.role_name("hooks"), hooks);
            self.add(&made, &text);
            self.out.parts.push(format!("aws_iam_role_policy.{label}"));
            self.depends.push(format!("aws_iam_role_policy.{label}"));
        }
        format!("{made}{}.arn", self.repeat.index())
    }

    /// Names of roles are unique in the account, and have at most 64 letters; what they begin with has at most 38.
    fn role_name(&self, what: &str) -> String {
        let cut = |name: &str, most: usize| {
            let room = most - "ecs---".len() - what.len();
            name.chars().take(room).collect::<String>()
        };
        if self.repeat.is_any() {
            return format!(
                "name_prefix = {}",
                crate::address::quote(&format!("ecs-{}-{what}-", cut(&self.label, 38)))
            );
        }
        let name = format!("{}-{}", self.job.cluster, self.job.name);
        format!("name = {}", crate::address::quote(&format!("ecs-{}-{what}", cut(&name, 64))))
    }

    /// The service's own block.
    fn service(&mut self, block: &Block, live: &str, advanced: &str, hooks_role: &str) -> Result<(), Diagnostic> {
        let own = |name: &str| block.body.blocks.iter().find(|block| &*block.kind == name);
        let Some((controller, kind)) =
            own("deployment_controller").and_then(|one| Some((one, one.body.attribute("type")?)))
        else {
            return Err(by_hand(self.job, "The block of the service has no plain `deployment_controller` block."));
        };
        let balancers: Vec<&Block> = block.body.blocks.iter().filter(|block| &*block.kind == "load_balancer").collect();
        let [balancer] = balancers.as_slice() else {
            return Err(by_hand(self.job, "The block of the service has no plain `load_balancer` block."));
        };
        let Some(group) = balancer.body.attribute("target_group_arn") else {
            return Err(by_hand(self.job, "The `load_balancer` block of the service has no `target_group_arn`."));
        };
        let role = |hook: &Hook| {
            let own = hook
                .role
                .as_deref()
                .filter(|arn| self.job.known.role(arn).is_none_or(|role| is_written(role, &self.files)));
            own.map_or_else(|| hooks_role.to_owned(), |arn| self.expression(arn))
        };
        let configuration = blocks::configuration(self.job.settings, &role);
        self.set(&kind.expr, "\"ECS\"");
        let mut behind = String::new();
        match own("deployment_configuration") {
            Some(block) => self.files.replace(self.at, block.span, configuration),
            None => behind.push_str(&format!("\n\n  {configuration}")),
        }
        match (own("alarms"), blocks::alarms(self.job.settings)) {
            (Some(block), Some(text)) => self.files.replace(self.at, block.span, text),
            (None, Some(text)) => behind.push_str(&format!("\n\n  {text}")),
            (_, None) => {}
        }
        self.files.after(self.at, controller.span, behind);
        self.set(&group.expr, live);
        let known = balancer.body.blocks.iter().find(|block| &*block.kind == "advanced_configuration");
        if let Some(block) = known {
            self.files.replace(self.at, block.span, advanced);
        } else {
            let last = last_span(balancer).unwrap_or(group.span);
            self.files.after(self.at, last, format!("\n\n    {advanced}"));
        }
        self.heed(self.at, block, &COUNTS)?;
        self.depend(block);
        Ok(())
    }

    /// Puts another expression in place, unless it says that already.
    fn set(&mut self, expr: &Expr, text: &str) {
        if self.files.text(self.at, expr.span) != text {
            self.files.replace(self.at, expr.span, text);
        }
    }

    /// Takes out of `ignore_changes` what counts from now on.
    fn heed(&mut self, at: At, block: &Block, names: &[&str]) -> Result<(), Diagnostic> {
        let lifecycle = block.body.blocks.iter().find(|block| &*block.kind == "lifecycle");
        let Some((lifecycle, ignored)) = lifecycle.and_then(|one| Some((one, one.body.attribute("ignore_changes")?)))
        else {
            return Ok(());
        };
        let ExprKind::Tuple(all) = &ignored.expr.kind else {
            return Err(by_hand(
                self.job,
                "`ignore_changes = all` in a block of the migration would leave every change out.",
            ));
        };
        let counts = |one: &&Expr| names.contains(&root(self.files.text(at, one.span)));
        if !all.iter().any(|one| counts(&one)) {
            return Ok(());
        }
        let kept: Vec<&str> = all.iter().filter(|one| !counts(one)).map(|one| self.files.text(at, one.span)).collect();
        let kept = kept.join(", ");
        let is_alone = lifecycle.body.attributes.len() == 1 && lifecycle.body.blocks.is_empty();
        match (kept.is_empty(), is_alone) {
            (true, true) => self.files.remove(at, lifecycle.span),
            (true, false) => self.files.remove(at, ignored.span),
            _ => self.files.replace(at, ignored.expr.span, format!("[{kept}]")),
        }
        Ok(())
    }

    /// Lets the service wait for what it does not name.
    fn depend(&mut self, block: &Block) {
        let known = block.body.attribute("depends_on");
        let text = known.map(|one| self.files.text(self.at, one.expr.span).to_owned()).unwrap_or_default();
        let new: Vec<String> = self.depends.iter().filter(|one| !text.contains(one.as_str())).cloned().collect();
        if new.is_empty() {
            return;
        }
        let new = new.join(", ");
        match known {
            Some(Attribute { expr: Expr { kind: ExprKind::Tuple(all), span }, .. }) => match all.last() {
                Some(last) => self.files.after(self.at, last.span, format!(", {new}")),
                None => self.files.replace(self.at, *span, format!("[{new}]")),
            },
            Some(other) => self.files.replace(self.at, other.expr.span, format!("concat({text}, [{new}])")),
            None => {
                let last = last_span(block).unwrap_or(block.header_span);
                self.files.after(self.at, last, format!("\n\n  depends_on = [{new}]"));
            }
        }
    }

    /// Group and application that the files do not have any more, since a run before this one wrote them: they go with
    /// the migration.
    fn without_rest(&mut self) {
        let Some(group) = self.job.group else { return };
        self.out.parts.push(local(group));
        let app = self.job.known.attribute(group, "app_name").and_then(|name| self.job.known.app(name));
        if let Some(app) = app.filter(|app| !is_written(app, &self.files)) {
            self.out.parts.push(local(app));
        }
    }

    /// The block of the deployment group. One that does not exist any more is known by the service that it names.
    fn group(&self) -> Option<(At, Block)> {
        if let Some(group) = self.job.group {
            return self.files.resource(group.type_name(), &group.resource.name);
        }
        let word = format!("{}.", local(self.job.service));
        let names_it = |(at, block): &(At, Block)| {
            let named = block.body.blocks.iter().find(|one| &*one.kind == "ecs_service");
            let named = named.and_then(|one| one.body.attribute("service_name"));
            let named = named.map(|one| self.files.text(*at, one.expr.span));
            named.is_some_and(|text| text.starts_with(&word) || text == crate::address::quote(self.job.name))
        };
        self.files.resources(GROUP).into_iter().find(names_it)
    }

    /// Takes the deployment group out, and its application when nothing else needs that.
    fn without_group(&mut self) {
        let Some((at, block)) = self.group() else { return self.without_rest() };
        let word = format!("{GROUP}.{}", block.labels.last().map(|label| &*label.text).unwrap_or_default());
        let is_repeated = block.body.attribute("count").or_else(|| block.body.attribute("for_each")).is_some();
        if (is_repeated || self.job.is_shared) && !self.job.frees_group {
            self.out
                .notes
                .push(format!("{word} stays: its block stands for groups of services that do not migrate, too"));
            return;
        }
        if let Some(place) = self.files.mentions(&word, &[range(block.span)], at) {
            self.out.notes.push(format!("{word} stays: {place} refers to it"));
            return;
        }
        self.files.remove(at, block.span);
        self.out.parts.push(word);
        let role = block.body.attribute("service_role_arn").map(|one| self.files.text(at, one.expr.span));
        if let Some(role) =
            role.and_then(|text| text.strip_suffix(".arn")).filter(|text| text.starts_with("aws_iam_role."))
        {
            self.out
                .notes
                .push(format!("{role} was the role of the deployment group: delete it when nothing else uses it"));
        }
        let app = block.body.attribute("app_name").map(|one| self.files.text(at, one.expr.span).to_owned());
        let Some(app) = app.and_then(|text| text.strip_prefix("aws_codedeploy_app.").map(root).map(str::to_owned))
        else {
            return;
        };
        let word = format!("aws_codedeploy_app.{app}");
        let Some((at, block)) = self.files.resource("aws_codedeploy_app", &app) else { return };
        if let Some(place) = self.files.mentions(&word, &[range(block.span)], at) {
            self.out.notes.push(format!("{word} stays: {place} refers to it"));
            return;
        }
        self.files.remove(at, block.span);
        self.out.parts.push(word);
    }
}

/// The first word of a reference.
fn root(text: &str) -> &str {
    let text = text.trim_matches('"');
    text.split(['.', '[']).next().unwrap_or(text)
}

/// The last argument or block in a block.
fn last_span(block: &Block) -> Option<crate::diagnostic::Span> {
    let attributes = block.body.attributes.iter().map(|one| one.span);
    attributes.chain(block.body.blocks.iter().map(|one| one.span)).max_by_key(|span| span.end)
}
