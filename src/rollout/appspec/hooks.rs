//! Hooks of an AppSpec that somebody else wrote, in YAML or JSON, which is YAML as well.

use saphyr_parser::{Event, Parser};
use serde_json::{Map, Value as Json};

/// Collections nested deeper than this are no AppSpec.
const DEEPEST: usize = 30;

/// The hooks of an AppSpec, each as a map of one event to its function; `None` when the text is neither YAML nor JSON.
pub fn hooks_of(content: &str) -> Option<Vec<Json>> {
    let mut events = Parser::new_from_str(content).map_while(|event| event.ok().map(|(event, _)| event));
    let start = events.by_ref().find(|event| !matches!(event, Event::StreamStart | Event::Nothing))?;
    let Event::DocumentStart(_) = start else { return None };
    let first = events.next()?;
    let spec = node(&mut events, first, 0)?;
    let Event::DocumentEnd = events.next()? else { return None };
    let all = match spec.get("Hooks") {
        Some(Json::Array(all)) => all.clone(),
        // A map says the same in other words.
        Some(Json::Object(all)) => all
            .iter()
            .map(|(event, function)| Json::Object(Map::from_iter([(event.clone(), function.clone())])))
            .collect(),
        _ => Vec::new(),
    };
    Some(all.into_iter().filter(is_hook).collect())
}

fn is_hook(one: &Json) -> bool {
    one.as_object().is_some_and(|one| !one.is_empty() && one.values().all(Json::is_string))
}

/// A value; what is no collection is text.
fn node<'a>(events: &mut impl Iterator<Item = Event<'a>>, first: Event<'a>, depth: usize) -> Option<Json> {
    if depth > DEEPEST {
        return None;
    }
    Some(match first {
        Event::Scalar(text, ..) => Json::String(text.into_owned()),
        Event::SequenceStart(..) => {
            let mut all = Vec::new();
            loop {
                match events.next()? {
                    Event::SequenceEnd => break Json::Array(all),
                    next => all.push(node(events, next, depth + 1)?),
                }
            }
        }
        Event::MappingStart(..) => {
            let mut all = Map::new();
            loop {
                let name = match events.next()? {
                    Event::MappingEnd => break Json::Object(all),
                    next => node(events, next, depth + 1)?,
                };
                let next = events.next()?;
                let value = node(events, next, depth + 1)?;
                all.insert(name.as_str()?.to_owned(), value);
            }
        }
        // An AppSpec knows no anchors.
        Event::Alias(_)
        | Event::Nothing
        | Event::StreamStart
        | Event::StreamEnd
        | Event::DocumentStart(_)
        | Event::DocumentEnd
        | Event::SequenceEnd
        | Event::MappingEnd => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const YAML: &str = r#"# written by hand
version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: <TASK_DEFINITION>
        LoadBalancerInfo:
          ContainerName: "web"
          ContainerPort: 80
Hooks:
  - BeforeInstall: "LambdaFunctionToValidateBeforeInstall"
  - AfterAllowTestTraffic: arn:aws:lambda:eu-west-1:1:function:check
"#;

    #[test]
    fn hooks_in_yaml_and_in_json() {
        let expected = serde_json::json!([
            { "BeforeInstall": "LambdaFunctionToValidateBeforeInstall" },
            { "AfterAllowTestTraffic": "arn:aws:lambda:eu-west-1:1:function:check" },
        ]);
        assert_eq!(hooks_of(YAML).map(Json::Array), Some(expected.clone()));
        let json = serde_json::json!({ "version": 0.0, "Resources": [], "Hooks": expected });
        assert_eq!(hooks_of(&json.to_string()).map(Json::Array), Some(expected));
    }

    #[test]
    fn what_is_no_appspec_has_none_to_tell() {
        assert_eq!(hooks_of("version: 0.0\n"), Some(Vec::new()));
        assert_eq!(hooks_of("version: 0.0\nHooks:\n"), Some(Vec::new()));
        assert_eq!(hooks_of("Hooks: [{ BeforeInstall: [a] }]"), Some(Vec::new()));
        assert_eq!(hooks_of("Hooks:\n  BeforeInstall: a\n").map(|all| all.len()), Some(1));
        assert_eq!(hooks_of(""), None);
        assert_eq!(hooks_of("{ not"), None);
        assert_eq!(hooks_of(&"[".repeat(100)), None);
    }
}
