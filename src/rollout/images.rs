//! Images of a service's containers in repositories of ECR: whether they were pushed, and how they are.
//!
//! A task whose image is missing does not start, and a service of such tasks never becomes steady:
//! `CannotPullContainerError`. The first apply of a stack makes the repository, so that nobody can have pushed before.

use std::fmt;
use std::time::Duration;

use serde_json::Value as Json;

use crate::resource::{Cloud, Pending};
use crate::value::Value;

/// An image in a private repository of ECR.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Image {
    /// Account of the registry.
    pub account: String,
    /// Its region.
    pub region: String,
    /// Host of the registry.
    pub registry: String,
    /// Name of the repository.
    pub repository: String,
    /// Which of its images.
    pub reference: Reference,
}

/// Which image of a repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reference {
    /// The one with a tag.
    Tag(String),
    /// The one with this content.
    Digest(String),
}

/// What to do when a service is to start with an image that nobody has pushed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnMissing {
    /// Make everything else, and fail.
    #[default]
    Fail,
    /// Wait for it that long.
    Wait(Duration),
    /// Start the service without tasks.
    StartEmpty,
}

/// Looks for images. `aws` implements it.
pub trait Images: Send + Sync {
    /// Whether the image was pushed.
    fn exists<'a>(&'a self, cloud: &'a Cloud, image: &'a Image) -> Pending<'a, bool>;
}

impl Image {
    /// The image that a container names, when it is in a private repository of ECR:
    /// `ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY:TAG`. Without tag and digest it is `latest`.
    pub fn parse(text: &str) -> Option<Self> {
        let (registry, path) = text.split_once('/')?;
        let mut parts = registry.split('.');
        let (account, dkr, ecr, region) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        if !is_account || dkr != "dkr" || !matches!(ecr, "ecr" | "ecr-fips") || parts.next() != Some("amazonaws") {
            return None;
        }
        let (name, digest) = path.split_once('@').map_or((path, None), |(name, digest)| (name, Some(digest)));
        let (repository, tag) = name.rsplit_once(':').map_or((name, "latest"), |(name, tag)| (name, tag));
        let reference = match digest {
            Some(digest) => Reference::Digest(digest.to_owned()),
            None => Reference::Tag(tag.to_owned()),
        };
        Some(Self {
            account: account.to_owned(),
            region: region.to_owned(),
            registry: registry.to_owned(),
            repository: repository.to_owned(),
            reference,
        })
    }

    /// Commands that push it, one a line. `platform` is what its tasks run on, such as `linux/arm64`.
    pub fn push_commands(&self, platform: &str) -> Vec<String> {
        let Self { region, registry, repository, .. } = self;
        let login = format!(
            "aws ecr get-login-password --region {region} | docker login --username AWS --password-stdin {registry}"
        );
        let tag = match &self.reference {
            Reference::Tag(tag) => tag.as_str(),
            // The digest follows from the content: it must be the image that was meant.
            Reference::Digest(_) => "TAG",
        };
        let local = repository.rsplit('/').next().unwrap_or(repository);
        vec![
            login,
            format!("docker build --platform {platform} --tag {local}:{tag} ."),
            format!("docker tag {local}:{tag} {registry}/{repository}:{tag}"),
            format!("docker push {registry}/{repository}:{tag}"),
        ]
    }
}

impl fmt::Display for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reference {
            Reference::Tag(tag) => write!(f, "{}/{}:{tag}", self.registry, self.repository),
            Reference::Digest(digest) => write!(f, "{}/{}@{digest}", self.registry, self.repository),
        }
    }
}

/// Images of ECR that the containers of a task definition name.
pub fn images_of(task: &Value) -> Vec<Image> {
    let text = task.get("container_definitions").and_then(Value::as_str).unwrap_or_default();
    let containers: Vec<Json> = serde_json::from_str(text).unwrap_or_default();
    let mut all: Vec<Image> =
        containers.iter().filter_map(|one| one["image"].as_str()).filter_map(Image::parse).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// What the tasks of a task definition run on, as `docker build --platform` is told.
pub fn platform_of(task: &Value) -> &'static str {
    let platform = task.get("runtime_platform");
    let first = platform.and_then(|one| one.elements().map_or(Some(one), <[Value]>::first));
    let text = |name: &str| first.and_then(|one| one.get(name)?.as_str());
    match (text("cpu_architecture"), text("operating_system_family")) {
        (_, Some(system)) if system.starts_with("WINDOWS") => "windows/amd64",
        (Some("ARM64"), _) => "linux/arm64",
        _ => "linux/amd64",
    }
}

/// Whether a service runs tasks as soon as it is there.
pub fn starts_tasks(service: &Value) -> bool {
    let text = |name: &str| service.get(name).and_then(Value::as_str);
    let is_daemon = text("scheduling_strategy") == Some("DAEMON");
    is_daemon || service.get("desired_count").and_then(Value::as_i64).is_some_and(|count| count > 0)
}

/// Whether a service, as it names its task definition, runs this one.
pub fn runs(service: &Value, task: &Value) -> bool {
    let Some(named) = service.get("task_definition").and_then(Value::as_str).filter(|text| !text.is_empty()) else {
        return false;
    };
    let text = |name: &str| task.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let revision = task.get("revision").and_then(Value::as_i64).unwrap_or_default();
    let by_family = |family: &str| named == family || named == format!("{family}:{revision}");
    ["arn", "arn_without_revision"].iter().any(|name| text(name) == Some(named))
        || text("family").is_some_and(by_family)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_of_ecr_are_taken_apart() {
        let parts = |text: &str| {
            let image = Image::parse(text)?;
            Some((image.account.clone(), image.region.clone(), image.repository.clone(), image.reference))
        };
        let host = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
        let of = |repository: &str, reference| {
            Some(("123456789012".to_owned(), "eu-west-1".to_owned(), repository.to_owned(), reference))
        };
        assert_eq!(parts(&format!("{host}/team/web:3f2a91c")), of("team/web", Reference::Tag("3f2a91c".into())));
        assert_eq!(parts(&format!("{host}/web")), of("web", Reference::Tag("latest".into())));
        assert_eq!(parts(&format!("{host}/web:1@sha256:00")), of("web", Reference::Digest("sha256:00".into())));
        assert!(Image::parse("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/web:1").is_some());
        for other in
            ["nginx:1.27", "public.ecr.aws/nginx/nginx:1", "ghcr.io/a/b:1", "12.dkr.ecr.eu-west-1.amazonaws.com/w"]
        {
            assert_eq!(parts(other), None, "{other}");
        }
    }

    #[test]
    fn the_commands_push_just_this_image() {
        let image = Image::parse("123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/web:3f2a91c").expect("an image");
        assert_eq!(
            image.push_commands("linux/arm64"),
            [
                "aws ecr get-login-password --region eu-west-1 | docker login --username AWS --password-stdin 123456789012.dkr.ecr.eu-west-1.amazonaws.com",
                "docker build --platform linux/arm64 --tag web:3f2a91c .",
                "docker tag web:3f2a91c 123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/web:3f2a91c",
                "docker push 123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/web:3f2a91c",
            ]
        );
    }
}
