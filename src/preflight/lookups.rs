//! What rules want to know of an account that no resource type reads. `aws` implements it, reading only.

use crate::resource::{Cloud, Pending};

/// Looks up certificates, pipelines and VPC endpoints.
pub trait Lookups: Send + Sync {
    /// The region that a connection is for, when it has one.
    fn region(&self, cloud: &Cloud) -> Option<String>;

    /// A certificate of ACM, by its ARN; `None` when there is none.
    fn certificate<'a>(&'a self, cloud: &'a Cloud, arn: &'a str) -> Pending<'a, Option<Certificate>>;

    /// The pipelines of a region, the connection's when left out, that deploy through CodeDeploy to ECS.
    fn pipelines<'a>(&'a self, cloud: &'a Cloud, region: Option<&'a str>) -> Pending<'a, Vec<Pipeline>>;

    /// The VPC endpoints of a network, in a region, the connection's when left out.
    fn endpoints<'a>(&'a self, cloud: &'a Cloud, region: Option<&'a str>, vpc: &'a str) -> Pending<'a, Vec<Endpoint>>;
}

/// A VPC endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// What it leads to, such as `ecr.api`: the end of the name of its service.
    pub service: String,
    /// Route tables that lead there, of a gateway endpoint; none of one with network interfaces, which serve the network.
    pub tables: Option<Vec<String>>,
}

/// A certificate of ACM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificate {
    /// Such as `ISSUED` or `PENDING_VALIDATION`.
    pub status: String,
    /// Why it failed, as ACM says it.
    pub failure: Option<String>,
    /// Its names that are not proved to be the owner's.
    pub unproved: Vec<Unproved>,
}

/// A name of a certificate that ACM waits for a proof of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unproved {
    /// The name, such as `www.example.com`.
    pub domain: String,
    /// The record that proves it: name, type and value. None where the proof is an answer to a mail.
    pub record: Option<[String; 3]>,
    /// The account's public zones that the record belongs into, all of one name; or why nobody could tell.
    pub zones: Result<Vec<Zone>, Unseen>,
}

/// Why something was not looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unseen {
    /// The credentials may not make this call.
    Denied(String),
    /// This went wrong.
    Failed(String),
}

impl Default for Unproved {
    fn default() -> Self {
        Self { domain: String::new(), record: None, zones: Ok(Vec::new()) }
    }
}

/// A public zone of Route 53.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Zone {
    /// Its id, such as `Z1`.
    pub id: String,
    /// Its name, without the dot at the end.
    pub name: String,
    /// Its name servers.
    pub name_servers: Vec<String>,
    /// Whether it has the record, with that value.
    pub has_record: bool,
    /// The name servers that the zone above it names for it, when the account has that zone; none where it names none.
    pub delegated_to: Option<Vec<String>>,
}

impl Zone {
    /// Whether the zone above leads elsewhere, as far as the account shows.
    pub fn is_bypassed(&self) -> bool {
        let is_own = |server: &String| self.name_servers.contains(server);
        self.delegated_to.as_ref().is_some_and(|servers| !servers.iter().any(is_own))
    }
}

/// A pipeline of CodePipeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pipeline {
    /// Its name.
    pub name: String,
    /// What happens to runs that come meanwhile: `SUPERSEDED`, `QUEUED` or `PARALLEL`.
    pub mode: String,
    /// The deployment groups it deploys through: names of application and group.
    pub groups: Vec<(String, String)>,
}
