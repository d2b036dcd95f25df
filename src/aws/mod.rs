//! The AWS types: a folder per service, a file per type. Everything here that grows is one file and one line.

pub mod answers;
#[cfg(feature = "s3")]
pub mod backend;
#[cfg(feature = "s3")]
pub mod bucket;
pub mod contract;
pub mod copy;
#[cfg(feature = "s3")]
mod listed_keys;
pub mod names;
mod places;
pub mod tags;

mod client;
mod connect;
mod erased;
mod error;
mod keep;
#[cfg(all(feature = "kms", feature = "s3"))]
pub mod keys;
#[cfg(all(feature = "ec2", feature = "ecs", feature = "logs", feature = "route53"))]
pub mod leftovers;
#[cfg(all(feature = "acm", feature = "codepipeline", feature = "ec2", feature = "route53"))]
pub mod lookups;
mod mark;
mod policy;
pub mod provider;
#[cfg(all(
    feature = "codedeploy",
    feature = "ecs",
    feature = "elbv2",
    feature = "autoscaling",
    feature = "cloudwatch"
))]
pub mod rollouts;
mod rules;
mod sent;
mod taken;
#[cfg(feature = "route53")]
mod together;

use std::sync::Arc;

pub use client::{Aws, Caller};

use crate::resource::Provider;

/// Lists the services: feature, folder.
macro_rules! services {
    ($($feature:literal $service:ident;)*) => {
        $( #[cfg(feature = $feature)] pub mod $service; )*

        /// The AWS provider with every service that was compiled in.
        pub fn provider() -> Arc<dyn Provider> {
            let (mut resources, mut sources) = (Vec::new(), Vec::new());
            sources.extend(account::sources());
            $( #[cfg(feature = $feature)] { resources.extend($service::resources()); sources.extend($service::sources()); } )*
            Arc::new(provider::AwsProvider { resources, sources })
        }
    };
}

pub mod account;

services! {
    "codedeploy" codedeploy;
    "ec2" ec2;
    "ecr" ecr;
    "ecs" ecs;
    "elbv2" elbv2;
    "iam" iam;
    "logs" logs;
    "route53" route53;
    "s3" s3;
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::resource::{Attr, Identity, Shape};
    use crate::value::{Type, Value};

    /// The text of all files below.
    fn sources(folder: &std::path::Path, text: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { sources(&path, text) } else { text.push_str(&std::fs::read_to_string(path).unwrap()) }
        }
    }

    /// A call without an answer is looked up by this id: an empty one would stop the run, and every later one.
    #[test]
    fn an_id_that_the_stack_file_chooses_follows_from_its_arguments() {
        for resource in super::provider().resources() {
            let Identity::Chosen(names) = resource.identity() else { continue };
            let entry = |attr: &Attr| {
                let sample = match attr.shape {
                    Shape::Plain(Type::String) if attr.name != "id" => "sample".into(),
                    _ => attr.shape.absent(),
                };
                (attr.name.into(), sample)
            };
            let sample = Value::object(resource.schema().attrs.iter().map(entry).collect());
            let id = resource.id(&sample).expect("an id");
            assert!(id.contains("sample"), "{}: the id of {names:?} is {id:?}", resource.type_name());
        }
    }

    #[test]
    fn errors_that_pass_name_calls_that_are_made_and_have_limits() {
        let mut text = String::new();
        sources(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/aws"), &mut text);
        for resource in super::provider().resources() {
            for retry in resource.retries() {
                let name = resource.type_name();
                assert!(
                    !retry.calls.is_empty() && !retry.code.is_empty() && !retry.why.is_empty(),
                    "{name}: {retry:?}"
                );
                assert!(retry.limit > Duration::ZERO && retry.limit <= Duration::from_mins(20), "{name}: {retry:?}");
                for call in retry.calls {
                    let method = call.chars().fold(String::new(), |mut name, letter| {
                        if letter.is_uppercase() && !name.is_empty() {
                            name.push('_');
                        }
                        name.extend(letter.to_lowercase());
                        name
                    });
                    assert!(text.contains(&format!(".{method}(")), "{name}: nobody calls {call}");
                }
            }
        }
    }
}
