//! Blocks in which `aws_s3_bucket` once held what has types of its own now. States of Terraform have them, so the table
//! has them too; stack files are told what to write instead.

use crate::aws::contract::*;

/// Arguments of the bucket that are refused, and what stands for them.
pub(super) const REFUSED: &[(&str, Option<&str>)] = &[
    ("acceleration_status", None),
    ("cors_rule", None),
    ("grant", None),
    ("lifecycle_rule", Some("aws_s3_bucket_lifecycle_configuration")),
    ("logging", None),
    ("object_lock_configuration", None),
    ("policy", Some("aws_s3_bucket_policy")),
    ("replication_configuration", None),
    ("request_payer", None),
    ("server_side_encryption_configuration", Some("aws_s3_bucket_server_side_encryption_configuration")),
    ("versioning", Some("aws_s3_bucket_versioning")),
    ("website", None),
];

/// Why an argument is refused, and what to do.
pub(super) fn refusal(name: &str, instead: Option<&str>) -> String {
    match instead {
        Some(instead) => format!("`{name}` inside of a bucket is the way of hashicorp/aws 3, and is not applied here. Write it as a resource of its own, `{instead}`."),
        None => format!("`{name}` inside of a bucket is the way of hashicorp/aws 3, and is not applied here; nor is there a type for it yet. Remove it, and set it by other means: it is left as it is."),
    }
}

model! {
    /// Which other sites may read.
    pub struct CorsRule {
        /// Headers of a preflight request that are allowed.
        allowed_headers: Vec<String> = optional(),
        /// Methods that are allowed.
        allowed_methods: Vec<String> = required(),
        /// Sites that are allowed.
        allowed_origins: Vec<String> = required(),
        /// Headers that scripts may read.
        expose_headers: Vec<String> = optional(),
        /// Seconds for which browsers remember the answer.
        max_age_seconds: Option<i32> = optional(),
    }
}

model! {
    /// A permission of the access control list.
    pub struct Grant {
        /// Canonical id of the user.
        id: Option<String> = optional(),
        /// What is permitted.
        permissions: Set<String> = required(),
        /// Kind of grantee.
        r#type: String = required(),
        /// Group of users.
        uri: Option<String> = optional(),
    }
}

model! {
    /// When objects move or go.
    pub struct LifecycleRule {
        /// Name of the rule.
        id: Option<String> = optional_computed(),
        /// Whether it is in force.
        enabled: bool = required(),
        /// Start of the keys it is about.
        prefix: Option<String> = optional(),
        /// Tags of the objects it is about.
        tags: Tags = optional(),
        /// Days after which unfinished uploads are given up.
        abort_incomplete_multipart_upload_days: Option<i32> = optional(),
        /// When objects go.
        expiration: Option<OldExpiration> = optional(),
        /// When older versions go.
        noncurrent_version_expiration: Option<OldVersionExpiration> = optional(),
        /// When older versions move.
        noncurrent_version_transition: Set<OldVersionTransition> = optional(),
        /// When objects move.
        transition: Set<OldTransition> = optional(),
    }
}

model! {
    /// When objects go.
    pub struct OldExpiration {
        /// The day.
        date: Option<String> = optional(),
        /// Days after they were made.
        days: Option<i32> = optional(),
        /// Whether delete markers without versions go.
        expired_object_delete_marker: Option<bool> = optional(),
    }
}

model! {
    /// When older versions go.
    pub struct OldVersionExpiration {
        /// Days after they were replaced.
        days: Option<i32> = optional(),
    }
}

model! {
    /// When older versions move.
    pub struct OldVersionTransition {
        /// Days after they were replaced.
        days: Option<i32> = optional(),
        /// Where to.
        storage_class: String = required(),
    }
}

model! {
    /// When objects move.
    pub struct OldTransition {
        /// The day.
        date: Option<String> = optional(),
        /// Days after they were made.
        days: Option<i32> = optional(),
        /// Where to.
        storage_class: String = required(),
    }
}

model! {
    /// Where requests are logged.
    pub struct Logging {
        /// Bucket for the logs.
        target_bucket: String = required(),
        /// Start of their keys.
        target_prefix: Option<String> = optional(),
    }
}

model! {
    /// How long objects cannot be deleted.
    pub struct ObjectLock {
        /// Whether objects can be locked.
        object_lock_enabled: Option<String> = optional(),
        /// What holds for new objects.
        rule: Option<ObjectLockRule> = optional(),
    }
}

model! {
    /// What holds for new objects.
    pub struct ObjectLockRule {
        /// How long they are kept.
        default_retention: DefaultRetention = required(),
    }
}

model! {
    /// How long new objects are kept.
    pub struct DefaultRetention {
        /// GOVERNANCE or COMPLIANCE.
        mode: String = required(),
        /// Days.
        days: Option<i32> = optional(),
        /// Years.
        years: Option<i32> = optional(),
    }
}

model! {
    /// Copies of objects in other buckets.
    pub struct Replication {
        /// Role that copies.
        role: String = required(),
        /// What is copied where.
        rules: Set<ReplicationRule> = required().min_items(1),
    }
}

model! {
    /// What is copied where.
    pub struct ReplicationRule {
        /// Name of the rule.
        id: Option<String> = optional(),
        /// Whether delete markers are copied.
        delete_marker_replication_status: Option<String> = optional(),
        /// Start of the keys it is about.
        prefix: Option<String> = optional(),
        /// Which rule wins.
        priority: Option<i32> = optional(),
        /// Whether it is in force.
        status: String = required(),
        /// Where to.
        destination: Destination = required(),
        /// Which objects.
        filter: Option<ReplicationFilter> = optional(),
        /// Which of those that are encrypted.
        source_selection_criteria: Option<SourceSelection> = optional(),
    }
}

model! {
    /// Where copies go.
    pub struct Destination {
        /// Account of the bucket.
        account_id: Option<String> = optional(),
        /// ARN of the bucket.
        bucket: String = required(),
        /// Key of the copies.
        replica_kms_key_id: Option<String> = optional(),
        /// Storage class of the copies.
        storage_class: Option<String> = optional(),
        /// Whose the copies are.
        access_control_translation: Option<Translation> = optional(),
        /// What is measured.
        metrics: Option<Timed> = optional(),
        /// How fast it must be.
        replication_time: Option<Timed> = optional(),
    }
}

model! {
    /// Whose copies are.
    pub struct Translation {
        /// The owner.
        owner: String = required(),
    }
}

model! {
    /// A limit of time.
    pub struct Timed {
        /// Minutes.
        minutes: Option<i32> = optional(),
        /// Whether it is in force.
        status: Option<String> = optional(),
    }
}

model! {
    /// Which objects are copied.
    pub struct ReplicationFilter {
        /// Start of their keys.
        prefix: Option<String> = optional(),
        /// Their tags.
        tags: Tags = optional(),
    }
}

model! {
    /// Which encrypted objects are copied.
    pub struct SourceSelection {
        /// Those with keys of KMS.
        sse_kms_encrypted_objects: Option<KmsObjects> = optional(),
    }
}

model! {
    /// Objects with keys of KMS.
    pub struct KmsObjects {
        /// Whether they are copied.
        enabled: bool = required(),
    }
}

model! {
    /// How objects are encrypted.
    pub struct OldEncryption {
        /// What holds for new objects.
        rule: OldEncryptionRule = required(),
    }
}

model! {
    /// What holds for new objects.
    pub struct OldEncryptionRule {
        /// Whether the bucket has a key of its own.
        bucket_key_enabled: Option<bool> = optional(),
        /// The algorithm.
        apply_server_side_encryption_by_default: OldByDefault = required(),
    }
}

model! {
    /// The algorithm of new objects.
    pub struct OldByDefault {
        /// Key of KMS.
        kms_master_key_id: Option<String> = optional(),
        /// Its name.
        sse_algorithm: String = required(),
    }
}

model! {
    /// Whether older versions are kept.
    pub struct OldVersioning {
        /// Whether they are.
        enabled: Option<bool> = optional(),
        /// Whether deleting one takes a second factor.
        mfa_delete: Option<bool> = optional(),
    }
}

model! {
    /// A site that is served from the bucket.
    pub struct Website {
        /// Page for errors.
        error_document: Option<String> = optional(),
        /// Page of a folder.
        index_document: Option<String> = optional(),
        /// Host to which all requests are sent.
        redirect_all_requests_to: Option<String> = optional(),
        /// Rules for single requests, in JSON.
        routing_rules: Option<String> = optional(),
    }
}
