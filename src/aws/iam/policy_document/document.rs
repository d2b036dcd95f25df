//! A policy with its statements: read, merged, written.

use serde_json::Value;

use super::json::Json;

/// A policy.
#[derive(Clone, Debug, Default)]
pub(super) struct Document {
    /// Version of the language.
    pub(super) version: String,
    /// Id.
    pub(super) id: String,
    /// Statements.
    pub(super) statements: Vec<Statement>,
}

/// A statement. Absent parts are not written.
#[derive(Clone, Debug, Default)]
pub(super) struct Statement {
    /// Id.
    pub(super) sid: String,
    /// Allow or Deny.
    pub(super) effect: String,
    /// Actions.
    pub(super) actions: Option<Json>,
    /// All actions but these.
    pub(super) not_actions: Option<Json>,
    /// Resources.
    pub(super) resources: Option<Json>,
    /// All resources but these.
    pub(super) not_resources: Option<Json>,
    /// Kinds of principals, and who.
    pub(super) principals: Vec<(String, Texts)>,
    /// All principals but these.
    pub(super) not_principals: Vec<(String, Texts)>,
    /// Test, variable, values.
    pub(super) conditions: Vec<(String, String, Texts)>,
}

/// Values that are written as one text or as a list.
#[derive(Clone, Debug)]
pub(super) struct Texts {
    values: Vec<String>,
    is_list: bool,
}

/// The texts of a text or list.
pub(super) fn texts(json: Json) -> Texts {
    let text = |json: Json| match json {
        Json::Text(text) | Json::Plain(text) => text,
        Json::List(_) | Json::Object(_) => String::new(),
    };
    match json {
        Json::List(all) => Texts { values: all.into_iter().map(text).collect(), is_list: true },
        one => Texts { values: vec![text(one)], is_list: false },
    }
}

impl Texts {
    fn to_json(&self) -> Json {
        match self.values.first() {
            Some(only) if !self.is_list => Json::Text(only.clone()),
            _ => Json::List(self.values.iter().cloned().map(Json::Text).collect()),
        }
    }

    /// Both together, which needs a list.
    fn join(&mut self, more: &Self) {
        self.values.extend(more.values.iter().cloned());
        self.is_list = true;
    }
}

impl Document {
    /// Reads a policy.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let policy: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let Value::Object(mut policy) = policy else { return Err("it is not a JSON object".into()) };
        let text = |name: &str| policy.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (version, id) = (text("Version"), text("Id"));
        let statements = match policy.remove("Statement") {
            Some(Value::Array(all)) => all,
            Some(Value::Null) | None => Vec::new(),
            Some(one) => vec![one],
        };
        let statements: Result<Vec<_>, _> = statements.into_iter().map(Statement::parse).collect();
        Ok(Self { version, id, statements: statements? })
    }

    /// Lays another policy over this one: its id, the newer version, its statements; one with a known sid replaces.
    pub(super) fn merge(&mut self, over: Self) {
        if !over.id.is_empty() {
            self.id = over.id;
        }
        if over.version > self.version {
            self.version = over.version;
        }
        for statement in over.statements {
            match self.statements.iter_mut().find(|one| !one.sid.is_empty() && one.sid == statement.sid) {
                Some(known) => *known = statement,
                None => self.statements.push(statement),
            }
        }
    }

    /// As JSON, in the order of hashicorp/aws.
    pub(super) fn to_json(&self) -> Json {
        let mut all = Vec::new();
        put_text(&mut all, "Version", &self.version);
        put_text(&mut all, "Id", &self.id);
        if !self.statements.is_empty() {
            all.push(("Statement".into(), Json::List(self.statements.iter().map(Statement::to_json).collect())));
        }
        Json::Object(all)
    }
}

fn put_text(all: &mut Vec<(String, Json)>, name: &str, text: &str) {
    if !text.is_empty() {
        all.push((name.into(), Json::Text(text.into())));
    }
}

impl Statement {
    fn parse(statement: Value) -> Result<Self, String> {
        let Value::Object(mut parts) = statement else { return Err("a statement is not a JSON object".into()) };
        let mut take = |name: &str| parts.remove(name).filter(|value| !value.is_null());
        let text = |value: Option<Value>| value.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Self {
            sid: text(take("Sid")),
            effect: text(take("Effect")),
            actions: take("Action").map(Json::from),
            not_actions: take("NotAction").map(Json::from),
            resources: take("Resource").map(Json::from),
            not_resources: take("NotResource").map(Json::from),
            principals: parse_principals(take("Principal"))?,
            not_principals: parse_principals(take("NotPrincipal"))?,
            conditions: parse_conditions(take("Condition"))?,
        })
    }

    fn to_json(&self) -> Json {
        let mut all = Vec::new();
        put_text(&mut all, "Sid", &self.sid);
        put_text(&mut all, "Effect", &self.effect);
        let lists = [
            ("Action", &self.actions),
            ("NotAction", &self.not_actions),
            ("Resource", &self.resources),
            ("NotResource", &self.not_resources),
        ];
        for (name, list) in lists {
            all.extend(list.clone().map(|list| (name.to_owned(), list)));
        }
        for (name, principals) in [("Principal", &self.principals), ("NotPrincipal", &self.not_principals)] {
            if !principals.is_empty() {
                all.push((name.into(), principals_to_json(principals)));
            }
        }
        if !self.conditions.is_empty() {
            all.push(("Condition".into(), conditions_to_json(&self.conditions)));
        }
        Json::Object(all)
    }
}

/// `"*"` is kept apart from `{"AWS": "*"}`: the trust policy of a role takes only the second.
fn parse_principals(value: Option<Value>) -> Result<Vec<(String, Texts)>, String> {
    match value {
        None => Ok(Vec::new()),
        Some(Value::String(_)) => Ok(vec![("*".into(), texts(Json::List(vec![Json::Text("*".into())])))]),
        Some(Value::Object(kinds)) => {
            let sorted = |mut who: Texts| {
                who.values.sort();
                who
            };
            Ok(kinds.into_iter().map(|(kind, who)| (kind, sorted(texts(Json::from(who))))).collect())
        }
        Some(_) => Err("a principal is neither a text nor a JSON object".into()),
    }
}

fn principals_to_json(principals: &[(String, Texts)]) -> Json {
    if let [(kind, who)] = principals
        && kind == "*"
        && who.values == ["*"]
    {
        return Json::Text("*".into());
    }
    let mut kinds: Vec<(String, Texts)> = Vec::new();
    for (kind, who) in principals {
        let mut who = who.clone();
        who.values.sort_by(|a, b| b.cmp(a));
        match kinds.iter_mut().find(|(known, _)| known == kind) {
            Some((_, known)) => known.join(&who),
            None => kinds.push((kind.clone(), who)),
        }
    }
    kinds.sort_by(|a, b| a.0.cmp(&b.0));
    Json::Object(kinds.into_iter().map(|(kind, who)| (kind, who.to_json())).collect())
}

/// A condition that is read is written with a list, also of one.
fn parse_conditions(value: Option<Value>) -> Result<Vec<(String, String, Texts)>, String> {
    let Some(value) = value else { return Ok(Vec::new()) };
    let Value::Object(tests) = value else { return Err("a condition is not a JSON object".into()) };
    let mut all = Vec::new();
    for (test, variables) in tests {
        let Value::Object(variables) = variables else { return Err(format!("the condition {test} is not a JSON object")) };
        for (variable, values) in variables {
            let values = Texts { is_list: true, ..texts(Json::from(values)) };
            all.push((test.clone(), variable, values));
        }
    }
    Ok(all)
}

fn conditions_to_json(conditions: &[(String, String, Texts)]) -> Json {
    let mut tests: Vec<(String, Vec<(String, Texts)>)> = Vec::new();
    for (test, variable, values) in conditions {
        let at = tests.iter().position(|(known, _)| known == test).unwrap_or_else(|| {
            tests.push((test.clone(), Vec::new()));
            tests.len() - 1
        });
        match tests[at].1.iter_mut().find(|(known, _)| known == variable) {
            Some((_, known)) => known.join(values),
            None => tests[at].1.push((variable.clone(), values.clone())),
        }
    }
    let sorted = |mut variables: Vec<(String, Texts)>| {
        variables.sort_by(|a, b| a.0.cmp(&b.0));
        Json::Object(variables.into_iter().map(|(variable, values)| (variable, values.to_json())).collect())
    };
    tests.sort_by(|a, b| a.0.cmp(&b.0));
    Json::Object(tests.into_iter().map(|(test, variables)| (test, sorted(variables))).collect())
}
