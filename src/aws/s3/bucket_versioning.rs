//! `aws_s3_bucket_versioning`: whether a bucket keeps older versions of its objects.
//!
//! API: Amazon S3 2006-03-01, `PutBucketVersioning`.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketVersioning.html>

use aws_sdk_s3::types as sdk;

use super::shared::{GONE, OF_BUCKET, bucket_of, id_of, owner_of, passing};
use crate::aws::answers::read_each;
use crate::aws::contract::*;

/// The type.
pub struct BucketVersioning;

model! {
    /// Whether a bucket keeps older versions of its objects. Deleting the resource suspends that; versions stay.
    pub struct Args {
        /// Name of the bucket.
        bucket: String = required().force_new().length(1, 63),
        /// Account that owns the bucket; another one is an error.
        expected_bucket_owner: Option<String> = optional().force_new(),
        /// Serial number of the owner's second factor, a blank and the number it shows. For changes of `mfa_delete`.
        mfa: Option<String> = optional().local(),
        /// What is kept.
        versioning_configuration: Option<Versioning> = required(),
    }
}

model! {
    /// What is kept.
    pub struct Versioning {
        /// Enabled, Suspended, or Disabled for a bucket that never kept any.
        status: String = required().one_of(&["Enabled", "Suspended", "Disabled"]),
        /// Whether deleting a version takes the owner's second factor: Enabled or Disabled.
        mfa_delete: Option<String> = optional_computed().one_of(&["Enabled", "Disabled"]),
    }
}

/// What was told, and of which bucket.
pub struct Live {
    id: Id,
    status: Option<String>,
    mfa_delete: Option<String>,
}

/// A bucket that never kept versions says nothing.
const NEVER: &str = "Disabled";

impl Resource for BucketVersioning {
    type Model = Args;
    type Live = Live;

    const TYPE: &'static str = "aws_s3_bucket_versioning";
    const IDENTITY: Identity = Identity::Chosen(&["bucket", "expected_bucket_owner"]);
    const PART_OF: Option<PartOf> = Some(OF_BUCKET);
    const PACE: Pace = secs(1, 1, 1).limits(5, 5, 5);
    const MISSING: &'static [&'static str] = GONE;
    const RETRY: &'static [Retry] = &passing(&["PutBucketVersioning"]);

    fn check(want: &Draft, found: &mut Problems) {
        let status = want.known(Args::versioning_configuration).map(|one| one.status);
        let before = want.before(Args::versioning_configuration).map(|one| one.status);
        if let (Some(NEVER), Some(before)) = (status.as_deref(), before.filter(|before| before != NEVER)) {
            let text = format!("versioning_configuration.status cannot be updated from '{before}' to 'Disabled': a bucket that once kept versions can only stop to. Set it to Suspended.");
            found.inside(&["versioning_configuration", "status"], text);
        }
    }

    fn locate(shown: &str, have: &Args) -> Id {
        if shown.is_empty() { id_of(&have.bucket, have.expected_bucket_owner.as_deref()) } else { shown.to_owned() }
    }

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Live)>> {
        read_each(ids, GONE, async |id| {
            let call = aws.s3.get_bucket_versioning().bucket(bucket_of(&id));
            let told = call.set_expected_bucket_owner(owner_of(&id).map(str::to_owned)).send().await?;
            let status = told.status.map(|status| status.as_str().to_owned());
            Ok(Live { id, status, mfa_delete: told.mfa_delete.map(|status| status.as_str().to_owned()) })
        })
        .await
    }

    fn observe(live: &Live) -> Args {
        Args {
            bucket: bucket_of(&live.id).to_owned(),
            expected_bucket_owner: owner_of(&live.id).map(str::to_owned),
            versioning_configuration: Some(Versioning {
                status: live.status.clone().unwrap_or_else(|| NEVER.to_owned()),
                mfa_delete: Some(live.mfa_delete.clone().unwrap_or_default()),
            }),
            ..Args::default()
        }
    }

    fn settled_as(live: &Live, want: &Args) -> Settled {
        let status = live.status.as_deref().unwrap_or(NEVER);
        match &want.versioning_configuration {
            Some(wanted) if wanted.status != status => Settled::NotYet(format!("still {status}")),
            // Of an import nothing is wanted yet.
            _ => Settled::Yes,
        }
    }

    fn overwrites(_want: &Args) -> bool {
        true
    }

    fn is_unmade(have: &Args) -> bool {
        have.versioning_configuration.as_ref().is_none_or(|one| one.status == NEVER)
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        // A new bucket keeps none, and nothing else can be told to.
        if let Some(versioning) = want.versioning_configuration.as_ref().filter(|one| one.status != NEVER) {
            put(aws, want, versioning).await?;
        }
        Ok(Self::locate("", want))
    }

    async fn update(aws: &Aws, _id: &Id, have: &Args, want: &Args) -> Result<()> {
        if have.versioning_configuration == want.versioning_configuration { Ok(()) } else { Self::create(aws, want).await.map(drop) }
    }

    async fn delete(aws: &Aws, _id: &Id, have: &Args) -> Result<()> {
        if have.versioning_configuration.as_ref().is_some_and(|one| one.status == "Enabled") {
            let suspended = Versioning { status: "Suspended".to_owned(), mfa_delete: None };
            put(aws, have, &suspended).await?;
        }
        Ok(())
    }
}

async fn put(aws: &Aws, of: &Args, versioning: &Versioning) -> Result<()> {
    let mfa_delete = versioning.mfa_delete.as_deref().filter(|status| !status.is_empty());
    let config = sdk::VersioningConfiguration::builder()
        .status(versioning.status.as_str().into())
        .set_mfa_delete(mfa_delete.map(Into::into))
        .build();
    let call = aws.s3.put_bucket_versioning().bucket(&of.bucket).versioning_configuration(config);
    let call = call.set_expected_bucket_owner(of.expected_bucket_owner.clone().filter(|owner| !owner.is_empty()));
    call.set_mfa(of.mfa.clone().filter(|mfa| !mfa.is_empty())).send().await?;
    Ok(())
}
