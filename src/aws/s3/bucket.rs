//! `aws_s3_bucket`: where objects are kept under one name.
//!
//! API: Amazon S3 2006-03-01, `CreateBucket` and its siblings.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html>

use std::net::Ipv4Addr;

use aws_sdk_s3::types as sdk;
use futures_util::future::try_join3;

use super::empty::{self, Doomed};
use super::older::{self, CorsRule, Grant, LifecycleRule, Logging, ObjectLock, OldEncryption, OldVersioning, Replication, Website};
use super::shared::{GONE, head, passing, retag, tag_set, tags_of};
use crate::aws::answers::{read_each, unless};
use crate::aws::contract::*;
use crate::aws::{mark, names};
use crate::value::Value;

/// The type.
pub struct Bucket;

model! {
    /// Where objects are kept under one name, which is unique among the buckets of all accounts.
    pub struct Args {
        /// Name: 3 to 63 lower-case letters, digits, dots and hyphens. Made up when left out.
        bucket: Option<String> = optional_computed().force_new().length(3, 63).check(check_name).conflicts(&["bucket_prefix"]),
        /// Start of a made-up name, at most 37 characters.
        bucket_prefix: Option<String> = optional_computed().force_new().length(1, 37),
        /// Whether the name is unique among all accounts (global), or belongs to this one (account-regional): then it ends
        /// with the account, the region and `-an`.
        bucket_namespace: Option<String> = optional().force_new().same(same_namespace).one_of(&["global", "account-regional"]),
        /// Whether deleting the bucket deletes all objects in it, with all their versions.
        force_destroy: Option<bool> = optional().default(Lit::Bool(false)).local(),
        /// Whether objects can be locked against deletion. Such a bucket keeps versions.
        object_lock_enabled: Option<bool> = optional_computed().force_new(),
        /// Domain of the bucket.
        bucket_domain_name: Option<String> = computed(),
        /// Domain of the bucket in its region.
        bucket_regional_domain_name: Option<String> = computed(),
        /// Region of the bucket.
        bucket_region: Option<String> = computed(),
        /// ARN of the bucket.
        arn: Option<String> = computed(),
        /// Zone of the domain under which its region serves sites, for alias records.
        hosted_zone_id: Option<String> = computed(),
        /// Domain under which its region serves sites, when there is one.
        website_domain: Option<String> = computed(),
        /// Host of the site, when there is one.
        website_endpoint: Option<String> = computed(),
        /// Speed of transfers.
        acceleration_status: Option<String> = optional_computed().local(),
        /// Access control list: private alone is taken.
        acl: Option<String> = optional_computed().local(),
        /// Which other sites may read.
        cors_rule: Vec<CorsRule> = optional_computed().local(),
        /// Permissions of the access control list.
        grant: Set<Grant> = optional_computed().local(),
        /// When objects move or go.
        lifecycle_rule: Vec<LifecycleRule> = optional_computed().local(),
        /// Where requests are logged.
        logging: Option<Logging> = optional_computed().local(),
        /// How long objects cannot be deleted.
        object_lock_configuration: Option<ObjectLock> = optional_computed().local(),
        /// Who may use the bucket.
        policy: Option<String> = optional_computed().local(),
        /// Copies of objects in other buckets.
        replication_configuration: Option<Replication> = optional_computed().local(),
        /// Who pays for requests.
        request_payer: Option<String> = optional_computed().local(),
        /// How objects are encrypted.
        server_side_encryption_configuration: Option<OldEncryption> = optional_computed().local(),
        /// Whether older versions are kept.
        versioning: Option<OldVersioning> = optional_computed().local(),
        /// A site that is served from the bucket.
        website: Option<Website> = optional_computed().local(),
        /// Time limits.
        timeouts: Option<Timeouts> = optional(),
        /// Tags of the bucket.
        tags: Tags = optional(),
        /// All tags, those of the provider included.
        tags_all: Tags = optional_computed(),
    }
}

/// A bucket and what is asked for beside.
pub struct Live {
    name: String,
    region: String,
    partition: &'static str,
    dns_suffix: &'static str,
    can_lock: bool,
    tags: Tags,
}

/// Whether S3 takes the name. <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
fn check_name(value: &Value) -> Result<(), String> {
    const STARTS: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];
    const ENDS: [&str; 4] = ["-s3alias", "--ol-s3", "--x-s3", "--table-s3"];
    let Some(name) = value.as_str().filter(|name| !name.is_empty()) else { return Ok(()) };
    let is_plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    if !name.chars().all(|letter| is_plain(letter) || letter == '.' || letter == '-') {
        return Err("A bucket's name has lower-case letters, digits, dots and hyphens, and nothing else.".to_owned());
    }
    if !name.starts_with(is_plain) || !name.ends_with(is_plain) || name.contains("..") {
        return Err("A bucket's name starts and ends with a letter or digit, and two dots never stand together.".to_owned());
    }
    if name.parse::<Ipv4Addr>().is_ok() {
        return Err("A bucket's name must not look like an address.".to_owned());
    }
    let reserved = STARTS.iter().find(|start| name.starts_with(**start)).or(ENDS.iter().find(|end| name.ends_with(**end)));
    reserved.map_or(Ok(()), |reserved| Err(format!("Names with `{reserved}` are reserved for AWS. Choose another.")))
}

/// Left out is global.
fn same_namespace(have: &Value, want: &Value) -> bool {
    let is_own = |value: &Value| value.as_str() == Some("account-regional");
    is_own(have) == is_own(want)
}

impl Resource for Bucket {
    type Model = Args;
    type Live = Live;

    const TYPE: &'static str = "aws_s3_bucket";
    const IDENTITY: Identity = Identity::Assigned { recover_by: &["bucket"] };
    const SAME_AS_ID: Option<&'static str> = Some("bucket");
    const NAMED: Option<&'static str> = Some("terraform-");
    const NAME: [&'static str; 2] = ["bucket", "bucket_prefix"];
    const PACE: Pace = secs(2, 1, 2).limits(20, 20, 60);
    const MISSING: &'static [&'static str] = GONE;
    const RETRY: &'static [Retry] = &[
        // A name that was just given up.
        Retry::of(&["CreateBucket", "DeleteBucket"], "OperationAborted", "another change of a bucket of this name is under way", retry::CHANGE),
        passing(&["PutBucketTagging", "DeleteBucketTagging"])[0],
        passing(&["PutBucketTagging", "DeleteBucketTagging"])[1],
    ];
    const DELETES_SLOWLY: bool = true;
    const HOLDS: Option<Holds> = Some(Holds { flag: "force_destroy" });

    fn check(want: &Draft, found: &mut Problems) {
        for (name, instead) in older::REFUSED {
            if want.is_said(name) {
                found.inside(&[name], older::refusal(name, *instead));
            }
        }
        if want.known(Args::acl).is_some_and(|acl| want.is_set(Args::acl) && acl != "private") {
            found.at(Args::acl, "New buckets have no access control lists: the owner of the bucket owns all objects, and a policy says who else may use them. Write an `aws_s3_bucket_policy`, and remove `acl`.");
        }
    }

    fn revise(want: &mut Draft) {
        // Nothing of it comes to be by itself that anybody would want to read there.
        for (name, _) in older::REFUSED.iter().chain([&("acl", None)]) {
            if want.is_new() && !want.is_said(name)
                && let Some(attr) = Args::schema().get(name)
            {
                want.put(attr.name, attr.shape.absent());
            }
        }
        if want.is_new() && !want.is_set(Args::object_lock_enabled) {
            want.set(Args::object_lock_enabled, &Some(false));
        }
    }

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Live)>> {
        read_each(ids, GONE, async |name| {
            let locks = async {
                let told = aws.s3.get_object_lock_configuration().bucket(&name).send().await.map_err(Error::from);
                let told = unless(told, &["ObjectLockConfigurationNotFoundError", "MethodNotAllowed", "NotImplemented"])?;
                let config = told.and_then(|told| told.object_lock_configuration);
                Ok(config.and_then(|config| config.object_lock_enabled) == Some(sdk::ObjectLockEnabled::Enabled))
            };
            let ((), can_lock, tags) = try_join3(head(aws, &name), locks, tags_of(aws, &name)).await?;
            let (region, partition, dns_suffix) = (aws.region.clone(), aws.partition, aws.dns_suffix);
            Ok(Live { name, region, partition, dns_suffix, can_lock, tags })
        })
        .await
    }

    fn observe(live: &Live) -> Args {
        let Live { name, region, partition, dns_suffix, can_lock, tags } = live;
        Args {
            bucket: Some(name.clone()),
            bucket_prefix: names::prefix_of(Some(name)),
            bucket_namespace: name.ends_with(&format!("-{region}-an")).then(|| "account-regional".to_owned()),
            object_lock_enabled: Some(*can_lock),
            bucket_domain_name: Some(format!("{name}.s3.{dns_suffix}")),
            bucket_regional_domain_name: Some(format!("{name}.s3.{region}.{dns_suffix}")),
            bucket_region: Some(region.clone()),
            arn: Some(format!("arn:{partition}:s3:::{name}")),
            hosted_zone_id: zone_of(region).map(str::to_owned),
            tags_all: tags.clone(),
            ..Args::default()
        }
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        let name = want.bucket.clone().unwrap_or_default();
        // us-east-1 alone answers that it made a bucket which the account has already, and refuses to be told its name.
        let is_first = aws.region == "us-east-1";
        if is_first && unless(head(aws, &name).await, GONE)?.is_some() {
            let text = "Your previous request to create the named bucket succeeded and you already own it.";
            let kind = crate::resource::ErrorKind::Refused;
            return Err(Error { code: "BucketAlreadyOwnedByYou".to_owned(), kind, ..Error::local("CreateBucket", text) });
        }
        // Tags at creation take a permission of their own; without the mark there is no hurry.
        let tags = if mark::of(&want.tags_all).is_some() { Some(tag_set(&want.tags_all)?) } else { None };
        let place = sdk::CreateBucketConfiguration::builder()
            .set_location_constraint((!is_first).then(|| aws.region.as_str().into()))
            .set_tags(tags.clone());
        let place = (!is_first || tags.is_some()).then(|| place.build());
        let call = aws.s3.create_bucket().bucket(&name).set_create_bucket_configuration(place);
        let call = call.set_object_lock_enabled_for_bucket(want.object_lock_enabled.filter(|&can_lock| can_lock));
        let namespace = want.bucket_namespace.as_deref().filter(|namespace| *namespace != "global").map(Into::into);
        call.set_bucket_namespace(namespace).send().await.map(|_| name).map_err(|error| {
            let mut error = Error::from(error);
            if error.is(&["BucketAlreadyExists"]) {
                error.message.push_str(" Names of buckets are unique among all accounts of AWS: choose another, or give the start of one in `bucket_prefix`.");
            }
            error
        })
    }

    async fn finish(aws: &Aws, id: &Id, want: &Args) -> Result<()> {
        retag(aws, id, &Tags::new(), &want.tags_all).await
    }

    async fn update(aws: &Aws, id: &Id, have: &Args, want: &Args) -> Result<()> {
        retag(aws, id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, id: &Id, have: &Args) -> Result<()> {
        if have.force_destroy == Some(true) {
            let doomed = Doomed { bucket: id, key: None, bypasses: have.object_lock_enabled == Some(true) };
            empty::empty(aws, doomed).await?;
        }
        aws.s3.delete_bucket().bucket(id).send().await.map(|_| ()).map_err(|error| {
            let mut error = Error::from(error);
            if error.is(&["BucketNotEmpty"]) {
                error.message.push_str(" What is in it is deleted with it by -empty, or when `force_destroy = true` was applied.");
            }
            error
        })
    }

    async fn contents(aws: &Aws, id: &Id, _have: &Args) -> Result<Contents> {
        empty::contents(aws, id).await
    }

    async fn blockers(aws: &Aws, id: &Id, _have: &Args) -> Result<Vec<String>> {
        let contents = empty::contents(aws, id).await?;
        Ok(if contents.all.is_empty() { Vec::new() } else { vec![contents.counted()] })
    }

    async fn recover(aws: &Aws, want: &Args) -> Result<Option<Id>> {
        let Some(name) = want.bucket.clone().filter(|name| !name.is_empty()) else { return Ok(None) };
        Ok(unless(head(aws, &name).await, GONE)?.map(|()| name))
    }
}

/// The zone of a region's domain for sites. <https://docs.aws.amazon.com/general/latest/gr/s3.html#s3_website_region_endpoints>
pub(super) fn zone_of(region: &str) -> Option<&'static str> {
    Some(match region {
        "af-south-1" => "Z83WF9RJE8B12",
        "ap-east-1" => "ZNB98KWMFR0R6",
        "ap-northeast-1" => "Z2M4EHUR26P7ZW",
        "ap-northeast-2" => "Z3W03O7B5YMIYP",
        "ap-northeast-3" => "Z2YQB5RD63NC85",
        "ap-south-1" => "Z11RGJOFQNVJUP",
        "ap-south-2" => "Z02976202B4EZMXIPMXF7",
        "ap-southeast-1" => "Z3O0J2DXBE1FTB",
        "ap-southeast-2" => "Z1WCIGYICN2BYD",
        "ap-southeast-3" => "Z01846753K324LI26A3VV",
        "ap-southeast-4" => "Z0312387243XT5FE14WFO",
        "ap-southeast-5" => "Z08660063OXLMA7F1FJHU",
        "ca-central-1" => "Z1QDHH18159H29",
        "ca-west-1" => "Z03565811Z33SLEZTHOUL",
        "cn-north-1" => "Z5CN8UMXT92WN",
        "cn-northwest-1" => "Z282HJ1KT0DH03",
        "eu-central-1" => "Z21DNDUVLTQW6Q",
        "eu-central-2" => "Z030506016YDQGETNASS",
        "eu-north-1" => "Z3BAZG2TWCNX0D",
        "eu-south-1" => "Z30OZKI7KPW7MI",
        "eu-south-2" => "Z0081959F7139GRJC19J",
        "eu-west-1" => "Z1BKCTXD74EZPE",
        "eu-west-2" => "Z3GKZC51ZF0DB4",
        "eu-west-3" => "Z3R1K369G5AVDG",
        "il-central-1" => "Z09640613K4A3MN55U7GU",
        "me-central-1" => "Z06143092I8HRXZRUZROF",
        "me-south-1" => "Z1MPMWCPA7YB62",
        "sa-east-1" => "Z7KQH4QJS55SO",
        "us-east-1" => "Z3AQBSTGFYJSTF",
        "us-east-2" => "Z2O1EMRO9K5GLX",
        "us-gov-east-1" => "Z2NIFVYYW2VKV1",
        "us-gov-west-1" => "Z31GFT0UA1I2HV",
        "us-west-1" => "Z2F56UZL2M1ACD",
        "us-west-2" => "Z3BJ6K6RIION7M",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_s3_takes() {
        let takes = |name: &str| check_name(&name.into()).is_ok();
        assert!(takes("web-artifacts.example.com") && takes("3things"));
        for name in ["Web", "web_1", "-web", "web-", "a..b", "192.168.5.4", "xn--web", "web-s3alias", "web--ol-s3"] {
            assert!(!takes(name), "{name}");
        }
    }
}
