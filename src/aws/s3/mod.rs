//! Simple Storage Service.

mod empty;
mod lifecycle_rules;
mod older;
mod shared;

crate::types![
    bucket::Bucket,
    bucket_lifecycle_configuration::BucketLifecycleConfiguration,
    bucket_ownership_controls::BucketOwnershipControls,
    bucket_policy::BucketPolicy,
    bucket_public_access_block::BucketPublicAccessBlock,
    bucket_server_side_encryption_configuration::BucketEncryption,
    bucket_versioning::BucketVersioning,
];

crate::sources![bucket_source::BucketSource];
