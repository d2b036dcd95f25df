//! What a person decides about fields that the stack file and a pipeline both changed: whose word counts.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::address::Address;

/// The type of what revisions are registered of.
const DEFINITION: &str = "aws_ecs_task_definition";

/// Whose word counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The stack file's.
    Stack,
    /// That of the revision which runs.
    Live,
}

impl FromStr for Side {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "stack" => Ok(Self::Stack),
            "live" => Ok(Self::Live),
            _ => Err("give stack (what the stack file says) or live (what runs)".to_owned()),
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::Stack { "stack" } else { "live" })
    }
}

/// One decision: `stack`, `live`, `web.image=live` for a field, `aws_ecs_task_definition.web=live` for one task
/// definition, `aws_ecs_task_definition.web:web.image=live` for a field of that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Take {
    /// The task definition; all of them when left out.
    pub definition: Option<Address>,
    /// The field; all that nothing more precise is said of when left out.
    pub field: Option<String>,
    /// Whose word counts.
    pub side: Side,
}

impl FromStr for Take {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // A name in an address may have an equals sign; a side has none.
        let (about, side) = match text.rsplit_once('=') {
            Some((about, side)) if !about.is_empty() => (Some(about), side),
            _ => (None, text),
        };
        let side = side.parse()?;
        let (definition, field) = about.map(parts).transpose()?.unwrap_or_default();
        Ok(Self { definition, field, side })
    }
}

impl TryFrom<String> for Take {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Take> for String {
    fn from(take: Take) -> Self {
        take.to_string()
    }
}

impl fmt::Display for Take {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.definition, &self.field) {
            (None, None) => write!(f, "{}", self.side),
            (None, Some(field)) => write!(f, "{field}={}", self.side),
            (Some(address), None) => write!(f, "{address}={}", self.side),
            (Some(address), Some(field)) => write!(f, "{address}:{field}={}", self.side),
        }
    }
}

/// Address and field. A key in an address may have colons as well as a field, so each of them may end the address.
fn parts(text: &str) -> Result<(Option<Address>, Option<String>), String> {
    let address = |text: &str| text.parse::<Address>().ok();
    let is_definition = |one: &Address| one.type_name() == DEFINITION;
    if let Some(whole) = address(text).filter(is_definition) {
        return Ok((Some(whole), None));
    }
    let splits = text.match_indices(':').filter_map(|(at, _)| Some((address(&text[..at])?, &text[at + 1..])));
    for (one, field) in splits {
        if is_definition(&one) && !field.is_empty() {
            return Ok((Some(one), Some(field.to_owned())));
        }
        if one.type_name().starts_with("aws_") {
            return Err(format!(
                "give the address of a task definition and a field of it, such as {DEFINITION}.web:web.image=live"
            ));
        }
    }
    Ok((None, Some(text.to_owned())))
}

/// What was decided about conflicts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Takes {
    /// Of several about the same the last one counts.
    pub said: Vec<Take>,
    /// Whether a plan comes with the conflicts that nothing was decided about, so that somebody can be asked. Otherwise
    /// they are its error.
    #[serde(default)]
    pub asks: bool,
}

impl Takes {
    /// What counts for one task definition: of a field what is said of it there, then what is said of it anywhere, then
    /// what is said of the task definition, then what is said of all.
    pub fn of(&self, definition: &Address) -> Decided {
        let mut decided = Decided::default();
        let about = |is_own: bool| self.said.iter().filter(move |one| one.definition.is_some() == is_own);
        let own = || about(true).filter(|one| one.definition.as_ref() == Some(definition));
        for one in about(false).chain(own()) {
            match &one.field {
                Some(field) => drop(decided.fields.insert(field.clone(), one.side)),
                None => decided.all = Some(one.side),
            }
        }
        decided
    }
}

/// What was decided about one task definition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decided {
    /// Of all fields that nothing else is said of.
    pub all: Option<Side>,
    /// Of single fields.
    pub fields: BTreeMap<String, Side>,
}

impl Decided {
    /// Whose word counts about a field.
    pub fn about(&self, field: &str) -> Option<Side> {
        self.fields.get(field).copied().or(self.all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(flags: &[&str], definition: &str, field: &str) -> Option<Side> {
        let said = flags.iter().map(|text| text.parse().expect("a decision")).collect();
        Takes { said, asks: false }.of(&definition.parse().expect("an address")).about(field)
    }

    #[test]
    fn the_most_precise_word_counts() {
        let (web, api) = ("aws_ecs_task_definition.web", "module.a[\"x:y=z\"].aws_ecs_task_definition.api[0]");
        let flags = ["live", "web.image=stack", &format!("{api}=stack"), &format!("{api}:web.image=live")];
        assert_eq!(about(&flags, web, "web.cpu"), Some(Side::Live));
        assert_eq!(about(&flags, web, "web.image"), Some(Side::Stack));
        assert_eq!(about(&flags, api, "web.cpu"), Some(Side::Stack));
        assert_eq!(about(&flags, api, "web.image"), Some(Side::Live));
        assert_eq!(about(&flags[1..], web, "web.cpu"), None);
        assert_eq!(about(&["stack", "live"], web, "web.cpu"), Some(Side::Live));
        assert_eq!(about(&["web.environment.A:B=live"], web, "web.environment.A:B"), Some(Side::Live));
    }

    #[test]
    fn decisions_are_written_as_they_are_read() {
        for text in ["live", "web.image=stack", "aws_ecs_task_definition.web=live"] {
            assert_eq!(text.parse::<Take>().expect("a decision").to_string(), text);
        }
        for wrong in ["", "mine", "web.image=", "aws_ecs_service.web:web.image=live"] {
            assert!(wrong.parse::<Take>().is_err(), "{wrong}");
        }
    }
}
