//! The data source `template_file`: a template of the language, filled in.
//!
//! Old stacks use it; new ones have the function `templatestring`.
//!
//! <https://registry.terraform.io/providers/hashicorp/template/latest/docs/data-sources/file>

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use sha2::Digest as _;

use super::above::Render;
use super::hashes::hex;
use crate::model;
use crate::resource::model::{Field as _, Model as _};
use crate::resource::{AnySource, Cloud, Draft, Error, Pending, Problems, Schema, Surroundings};
use crate::value::Value;

model! {
    /// A template of the language, filled in.
    pub struct Args {
        /// SHA-256 of the text in hexadecimal digits.
        id: Option<String> = computed(),
        /// The template: `${name}` stands for a variable, `%{if ...}` and `%{for ...}` for directives.
        template: Option<String> = optional(),
        /// File that holds the template; where there is none of that name, the template itself.
        filename: Option<String> = optional().conflicts(&["template"]).deprecated("Use `template` instead, with file(...)."),
        /// Variables of the template.
        vars: Option<BTreeMap<String, Option<String>>> = optional(),
        /// The text.
        rendered: Option<String> = computed(),
    }
}

/// The data source.
struct TemplateFile {
    render: Render,
}

impl AnySource for TemplateFile {
    fn type_name(&self) -> &'static str {
        "template_file"
    }

    fn schema(&self) -> &'static Schema {
        Args::schema()
    }

    fn check(&self, _draft: &Draft, _found: &mut Problems) {}

    fn read<'a>(&'a self, cloud: &'a Cloud, want: &'a Value) -> Pending<'a, Value> {
        Box::pin(std::future::ready(self.fill_in(cloud, want)))
    }
}

impl TemplateFile {
    fn fill_in(&self, cloud: &Cloud, want: &Value) -> Result<Value, Error> {
        let mut args = Args::decode_element(want)?;
        // As with the provider, a variable that is null is not there at all.
        let given = args.vars.iter().flatten();
        let vars = given.filter_map(|(name, text)| Some((name.as_str().into(), text.as_deref()?.into())));
        let around: &Surroundings = cloud.get()?;
        let from_file = args.filename.as_deref().filter(|_| args.template.as_deref().unwrap_or_default().is_empty());
        let template = match from_file {
            Some(name) if Path::new(name).exists() => std::fs::read_to_string(name).map_err(|why| {
                Error::titled("Failed to render template", format!("The file {name} cannot be read: {why}."))
            })?,
            _ => from_file.or(args.template.as_deref()).unwrap_or_default().to_owned(),
        };
        let text = (self.render)(&template, &Value::object(vars.collect()), around);
        let text = text.map_err(|why| Error::titled("Failed to render template", format!("{why}.")))?;
        args.id = Some(hex(&sha2::Sha256::digest(&text)));
        args.rendered = Some(text);
        Ok(args.encode_element())
    }
}

/// The data sources.
pub(super) fn sources(render: Render) -> Vec<Arc<dyn AnySource>> {
    vec![Arc::new(TemplateFile { render })]
}
