//! A policy that opens a bucket is refused until the public access block lets it; and load balancers write a first file into
//! the bucket of their logs, which its policy must allow.

use super::Rule;
use super::objects::{Edges, Objects};

pub(super) const RULE: Rule = Rule { later: &["aws_s3_bucket_policy", "aws_lb"], why: "what its bucket allows", find };

/// Blocks of a load balancer that name a bucket.
const LOGS: &[&str] = &["access_logs", "connection_logs"];

fn find(objects: &Objects<'_>, edges: &mut Edges) {
    let blocks = objects.by("aws_s3_bucket_public_access_block", &[&["bucket"]]);
    let policies = objects.by("aws_s3_bucket_policy", &[&["bucket"]]);
    for policy in objects.all("aws_s3_bucket_policy") {
        edges.after(*policy, policy.texts(&["bucket"]), &blocks);
    }
    for balancer in objects.all("aws_lb") {
        for block in LOGS {
            edges.after(*balancer, balancer.texts(&[block, "bucket"]), &policies);
        }
    }
}
