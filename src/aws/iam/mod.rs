//! Identity and Access Management.

crate::types![
    instance_profile::InstanceProfile,
    policy::Policy,
    role::Role,
    role_policy::RolePolicy,
    role_policy_attachment::RolePolicyAttachment,
];

crate::sources![policy_document::PolicyDocument];

mod shared;
