//! `aws_ecr_repository`: where images of one name are kept.
//!
//! API: Elastic Container Registry 2015-09-21, `CreateRepository` and its siblings.
//! <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html>

use aws_sdk_ecr::types as sdk;
use futures_util::future::try_join_all;

use crate::aws::answers::built;
use crate::aws::contract::*;
use crate::aws::copy::FromAws;
use crate::aws::tags;
use crate::take;

/// The type.
pub struct Repository;

model! {
    /// Where images of one name are kept.
    pub struct Args {
        /// Name: 2 to 256 lower-case letters, digits and . _ - / between them; unique in the account and region.
        name: String = required().force_new().length(2, 256).pattern(
            "^(?:[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*/)*[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*$",
            "use lower-case letters and digits, with single . or _ or hyphens or / between them"),
        /// Whether a tag can be moved to another image: MUTABLE, IMMUTABLE, or either with exclusions.
        image_tag_mutability: Option<String> = optional().default(Lit::Str("MUTABLE"))
            .one_of(&["MUTABLE", "IMMUTABLE", "MUTABLE_WITH_EXCLUSION", "IMMUTABLE_WITH_EXCLUSION"]),
        /// Tags to which the mutability does not apply; up to five.
        image_tag_mutability_exclusion_filter: Vec<Exclusion> = optional().items(0, 5),
        /// Whether deleting takes the images along. Without it a repository that holds images refuses to go.
        force_delete: Option<bool> = optional().local(),
        /// How images are encrypted at rest. AES256 when left out.
        encryption_configuration: Vec<Encryption> = optional().force_new().same(same_encryption),
        /// Search for known weaknesses.
        image_scanning_configuration: Option<Scanning> = optional().same(same_scanning),
        /// ARN of the repository.
        arn: Option<String> = computed(),
        /// Account that holds the registry.
        registry_id: Option<String> = computed(),
        /// What to push to and pull from, without tag.
        repository_url: Option<String> = computed(),
        /// Time limits.
        timeouts: Option<Timeouts> = optional(),
        /// Tags of the repository.
        tags: Tags = optional(),
        /// All tags, those of the provider included.
        tags_all: Tags = optional_computed(),
    }
}

model! {
    /// Tags to which the mutability does not apply.
    pub struct Exclusion {
        /// Tag, with * for any characters; up to 128.
        filter: String = required().length(1, 128),
        /// How the filter is read: WILDCARD.
        filter_type: String = required().one_of(&["WILDCARD"]),
    }
}

model! {
    /// How images are encrypted at rest.
    pub struct Encryption {
        /// AES256 (keys of S3), KMS, or KMS_DSSE (two layers).
        encryption_type: Option<String> = optional().force_new().default(Lit::Str("AES256")).one_of(&["AES256", "KMS", "KMS_DSSE"]),
        /// ARN of the KMS key; the account's key for ECR when left out.
        kms_key: Option<String> = optional_computed().force_new(),
    }
}

model! {
    /// Search for known weaknesses.
    pub struct Scanning {
        /// Whether each image is searched when it is pushed.
        scan_on_push: bool = required(),
    }
}

/// No block means AES256.
fn same_encryption(have: &crate::value::Value, want: &crate::value::Value) -> bool {
    let kind = |value: &crate::value::Value| {
        let kind = value.elements().and_then(|blocks| blocks.first()?.get("encryption_type")?.as_str().map(str::to_owned));
        kind.unwrap_or_else(|| "AES256".to_owned())
    };
    kind(have) == "AES256" && kind(want) == "AES256"
}

/// No block means no scan on push.
fn same_scanning(have: &crate::value::Value, want: &crate::value::Value) -> bool {
    let on = |value: &crate::value::Value| {
        value.elements().and_then(|blocks| blocks.first()?.get("scan_on_push")?.as_bool()).unwrap_or_default()
    };
    on(have) == on(want)
}

/// A repository and its tags.
pub struct Live {
    repository: sdk::Repository,
    tags: Tags,
}

/// What calls about tags take; an object that was just made is asked for it.
async fn arn(aws: &Aws, id: &Id, have: &Args) -> Result<String> {
    if let Some(arn) = &have.arn {
        return Ok(arn.clone());
    }
    let found = Repository::read(aws, std::slice::from_ref(id)).await?;
    let arn = found.first().and_then(|(_, live)| Repository::observe(live).arn);
    arn.ok_or_else(|| Error::missing("DescribeRepositories", "RepositoryNotFoundException"))
}

impl Resource for Repository {
    type Model = Args;
    type Live = Live;

    const TYPE: &'static str = "aws_ecr_repository";
    const IDENTITY: Identity = Identity::Chosen(&["name"]);
    const SAME_AS_ID: Option<&'static str> = Some("name");
    const PACE: Pace = secs(1, 1, 2).limits(2, 2, 20);
    const READ_BATCH: usize = 100;
    const MISSING: &'static [&'static str] = &["RepositoryNotFoundException"];
    const RETRY: &'static [Retry] = &[
        Retry::of(&["CreateRepository"], "KmsException", "the key's policy is not in force everywhere yet", retry::IAM),
    ];
    const DELETES_SLOWLY: bool = true;
    const HOLDS: Option<Holds> = Some(Holds { flag: "force_delete" });

    fn check(want: &Draft, found: &mut Problems) {
        let has_filter = want.is_set(Args::image_tag_mutability_exclusion_filter);
        let mutability = want.known(Args::image_tag_mutability).unwrap_or_default();
        if has_filter && !want.is_unknown(Args::image_tag_mutability) && !mutability.ends_with("_WITH_EXCLUSION") {
            found.at(
                Args::image_tag_mutability_exclusion_filter,
                format!("Exclusions need `image_tag_mutability` to be MUTABLE_WITH_EXCLUSION or IMMUTABLE_WITH_EXCLUSION; it is {mutability}."),
            );
        }
        for one in want.known(Args::encryption_configuration).unwrap_or_default() {
            if one.kms_key.is_some_and(|key| !key.is_empty()) && one.encryption_type.as_deref() == Some("AES256") {
                found.inside(
                    &["encryption_configuration", "kms_key"],
                    "A key is used with `encryption_type` KMS or KMS_DSSE only. Set one of them, or remove the key.",
                );
            }
        }
    }

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Live)>> {
        let found = aws.ecr.describe_repositories().set_repository_names(Some(ids.to_vec())).send().await?;
        let tagged = async |repository: sdk::Repository| {
            let told = aws.ecr.list_tags_for_resource().set_resource_arn(repository.repository_arn.clone()).send().await?;
            let tags = tags::from_list(told.tags(), |tag| (Some(tag.key()), Some(tag.value())));
            Ok::<_, Error>((repository.repository_name.clone().unwrap_or_default(), Live { repository, tags }))
        };
        try_join_all(found.repositories.unwrap_or_default().into_iter().map(tagged)).await
    }

    fn observe(live: &Live) -> Args {
        let repository = &live.repository;
        let exclusion = |one: &sdk::ImageTagMutabilityExclusionFilter| Exclusion {
            filter: one.filter.clone(),
            filter_type: one.filter_type.as_str().to_owned(),
        };
        let encryption = |one: &sdk::EncryptionConfiguration| Encryption {
            encryption_type: Some(one.encryption_type.as_str().to_owned()),
            kms_key: one.kms_key.clone(),
        };
        take!(Args from repository => registry_id, image_tag_mutability;
            name: FromAws::from_aws(&repository.repository_name),
            arn: FromAws::from_aws(&repository.repository_arn),
            repository_url: FromAws::from_aws(&repository.repository_uri),
            image_tag_mutability_exclusion_filter: repository.image_tag_mutability_exclusion_filters().iter().map(exclusion).collect(),
            encryption_configuration: repository.encryption_configuration.iter().map(encryption).collect(),
            image_scanning_configuration: repository.image_scanning_configuration.as_ref()
                .map(|one| Scanning { scan_on_push: one.scan_on_push }),
            tags_all: live.tags.clone())
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        let encryption = match want.encryption_configuration.first() {
            Some(one) => {
                let kind = one.encryption_type.as_deref().unwrap_or("AES256").into();
                let key = one.kms_key.clone().filter(|key| !key.is_empty());
                Some(built(sdk::EncryptionConfiguration::builder().encryption_type(kind).set_kms_key(key).build())?)
            }
            None => None,
        };
        let call = aws.ecr.create_repository().repository_name(&want.name).set_encryption_configuration(encryption);
        call.set_image_tag_mutability(want.image_tag_mutability.as_deref().map(Into::into))
            .set_image_tag_mutability_exclusion_filters(exclusions(want)?)
            .image_scanning_configuration(scanning(want))
            .set_tags(service_tags(&want.tags_all)?)
            .send()
            .await?;
        Ok(want.name.clone())
    }

    async fn update(aws: &Aws, id: &Id, have: &Args, want: &Args) -> Result<()> {
        let has_filters = have.image_tag_mutability_exclusion_filter != want.image_tag_mutability_exclusion_filter;
        if have.image_tag_mutability != want.image_tag_mutability || has_filters {
            let mutability = want.image_tag_mutability.as_deref().unwrap_or("MUTABLE").into();
            let call = aws.ecr.put_image_tag_mutability().repository_name(id).image_tag_mutability(mutability);
            call.set_image_tag_mutability_exclusion_filters(exclusions(want)?).send().await?;
        }
        if have.image_scanning_configuration != want.image_scanning_configuration {
            let call = aws.ecr.put_image_scanning_configuration().repository_name(id);
            call.image_scanning_configuration(scanning(want)).send().await?;
        }
        let (set, remove) = tags::difference(&have.tags_all, &want.tags_all);
        if set.is_empty() && remove.is_empty() {
            return Ok(());
        }
        let arn = arn(aws, id, have).await?;
        if !remove.is_empty() {
            aws.ecr.untag_resource().resource_arn(&arn).set_tag_keys(Some(remove)).send().await?;
        }
        if let Some(set) = service_tags(&set)? {
            aws.ecr.tag_resource().resource_arn(arn).set_tags(Some(set)).send().await?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, id: &Id, have: &Args) -> Result<()> {
        let call = aws.ecr.delete_repository().repository_name(id).force(have.force_delete.unwrap_or_default());
        call.send().await.map(|_| ()).map_err(|error| {
            let mut error = Error::from(error);
            if error.is(&["RepositoryNotEmptyException"]) {
                error.message.push_str(" Its images are deleted with it by -empty, or when `force_delete = true` was applied.");
            }
            error
        })
    }

    async fn contents(aws: &Aws, id: &Id, _have: &Args) -> Result<Contents> {
        let mut pages = aws.ecr.list_images().repository_name(id).into_paginator().items().send();
        let mut digests = std::collections::BTreeSet::new();
        while let Some(image) = pages.next().await {
            // An image is listed once for each of its tags.
            digests.extend(image.map_err(Error::from)?.image_digest);
        }
        // A digest says nothing to anybody.
        Ok(Contents::of("image", digests.iter().map(|_| String::new())))
    }

    async fn recover(aws: &Aws, want: &Args) -> Result<Option<Id>> {
        match Self::read(aws, std::slice::from_ref(&want.name)).await {
            Ok(found) => Ok(found.into_iter().next().map(|(id, _)| id)),
            Err(error) if error.is(Self::MISSING) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn service_tags(all: &Tags) -> Result<Option<Vec<sdk::Tag>>> {
    let made: Result<Vec<_>> = all.iter().map(|(key, value)| built(sdk::Tag::builder().key(key).value(value).build())).collect();
    Ok(Some(made?).filter(|tags| !tags.is_empty()))
}

fn exclusions(want: &Args) -> Result<Option<Vec<sdk::ImageTagMutabilityExclusionFilter>>> {
    let one = |one: &Exclusion| {
        let builder = sdk::ImageTagMutabilityExclusionFilter::builder().filter(&one.filter);
        built(builder.filter_type(one.filter_type.as_str().into()).build())
    };
    let all: Result<Vec<_>> = want.image_tag_mutability_exclusion_filter.iter().map(one).collect();
    Ok(Some(all?).filter(|all| !all.is_empty()))
}

fn scanning(want: &Args) -> sdk::ImageScanningConfiguration {
    let on = want.image_scanning_configuration.as_ref().is_some_and(|one| one.scan_on_push);
    sdk::ImageScanningConfiguration::builder().scan_on_push(on).build()
}
