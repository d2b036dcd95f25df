//! The rules, a file each. One more is its file and its line here.

use super::rule::Rule;

macro_rules! rules {
    ($($file:ident)*) => {
        $( mod $file; )*

        /// Every rule.
        pub static RULES: &[Rule] = &[$( $file::RULE ),*];
    };
}

rules! {
    alias_zone
    balancer_security_group
    behind_listener
    certificate
    compute_platform
    container_port
    deployment_config
    deployment_group
    exec_permissions
    fixed_name
    grace_period
    gradual_shift
    host_port
    image_tag
    log_group
    missing_image
    mixed_rules
    moving_tag
    nat_subnet
    native_listener_rule
    native_pair
    no_progress
    not_empty
    other_network
    overlapping_ranges
    pair_alike
    pair_elsewhere
    pair_of_two
    pass_role
    production_listener
    public_address
    role_exists
    secret_permissions
    swapped_roles
    target_type
    task_admits_balancer
    termination_wait
    test_listener
    trust
    way_to_registry
    zones
}

/// The rule of a number or a name.
pub fn rule(text: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.is_called(text))
}
