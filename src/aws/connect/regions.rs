//! Regions and partitions, known without a call.

/// A family of regions with its own accounts and domain.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Partition {
    /// Second part of its ARNs, such as `aws`.
    pub(crate) name: &'static str,
    /// Domain of its services, such as `amazonaws.com`.
    pub(crate) dns_suffix: &'static str,
    /// The domain backwards, as in service names of VPC endpoints.
    pub(crate) reverse_dns_prefix: &'static str,
    /// What its regions' names start with.
    starts: &'static [&'static str],
}

const PARTITIONS: &[Partition] = &[
    partition("aws-cn", "amazonaws.com.cn", "cn.com.amazonaws", &["cn-"]),
    partition("aws-us-gov", "amazonaws.com", "com.amazonaws", &["us-gov-"]),
    partition("aws-iso", "c2s.ic.gov", "gov.ic.c2s", &["us-iso-"]),
    partition("aws-iso-b", "sc2s.sgov.gov", "gov.sgov.sc2s", &["us-isob-"]),
    partition("aws-iso-e", "cloud.adc-e.uk", "uk.adc-e.cloud", &["eu-isoe-"]),
    partition("aws-iso-f", "csp.hci.ic.gov", "gov.ic.hci.csp", &["us-isof-"]),
    partition("aws-eusc", "amazonaws.eu", "eu.amazonaws", &["eusc-"]),
    partition(
        "aws",
        "amazonaws.com",
        "com.amazonaws",
        &["us-", "eu-", "ap-", "sa-", "ca-", "me-", "af-", "il-", "mx-"],
    ),
];

const fn partition(
    name: &'static str,
    dns_suffix: &'static str,
    reverse_dns_prefix: &'static str,
    starts: &'static [&'static str],
) -> Partition {
    Partition { name, dns_suffix, reverse_dns_prefix, starts }
}

/// The partition of a region; an unknown region counts as AWS's own.
pub(crate) fn partition_of(region: &str) -> &'static Partition {
    const AWS: &Partition = &PARTITIONS[PARTITIONS.len() - 1];
    PARTITIONS.iter().find(|one| one.starts.iter().any(|start| region.starts_with(start))).unwrap_or(AWS)
}

/// Whether it could be the name of a region: known start, one or two words, a number.
pub(crate) fn looks_right(region: &str) -> bool {
    let is_word = |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    let known_start = PARTITIONS.iter().flat_map(|one| one.starts).any(|start| region.starts_with(start));
    let Some((words, number)) = region.rsplit_once('-') else { return false };
    let words: Vec<&str> = words.split('-').collect();
    known_start
        && (2..=3).contains(&words.len())
        && words.iter().all(is_word)
        && (1..=2).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// The place where a region is, as AWS's console names it.
pub(crate) fn description(region: &str) -> Option<&'static str> {
    DESCRIPTIONS.iter().find(|(name, _)| *name == region).map(|(_, place)| *place)
}

/// All regions.
pub(crate) fn all() -> impl Iterator<Item = &'static str> {
    DESCRIPTIONS.iter().map(|(name, _)| *name)
}

const DESCRIPTIONS: &[(&str, &str)] = &[
    ("af-south-1", "Africa (Cape Town)"),
    ("ap-east-1", "Asia Pacific (Hong Kong)"),
    ("ap-east-2", "Asia Pacific (Taipei)"),
    ("ap-northeast-1", "Asia Pacific (Tokyo)"),
    ("ap-northeast-2", "Asia Pacific (Seoul)"),
    ("ap-northeast-3", "Asia Pacific (Osaka)"),
    ("ap-south-1", "Asia Pacific (Mumbai)"),
    ("ap-south-2", "Asia Pacific (Hyderabad)"),
    ("ap-southeast-1", "Asia Pacific (Singapore)"),
    ("ap-southeast-2", "Asia Pacific (Sydney)"),
    ("ap-southeast-3", "Asia Pacific (Jakarta)"),
    ("ap-southeast-4", "Asia Pacific (Melbourne)"),
    ("ap-southeast-5", "Asia Pacific (Malaysia)"),
    ("ap-southeast-6", "Asia Pacific (New Zealand)"),
    ("ap-southeast-7", "Asia Pacific (Thailand)"),
    ("ca-central-1", "Canada (Central)"),
    ("ca-west-1", "Canada West (Calgary)"),
    ("cn-north-1", "China (Beijing)"),
    ("cn-northwest-1", "China (Ningxia)"),
    ("eu-central-1", "Europe (Frankfurt)"),
    ("eu-central-2", "Europe (Zurich)"),
    ("eu-isoe-west-1", "EU ISOE West"),
    ("eu-north-1", "Europe (Stockholm)"),
    ("eu-south-1", "Europe (Milan)"),
    ("eu-south-2", "Europe (Spain)"),
    ("eu-west-1", "Europe (Ireland)"),
    ("eu-west-2", "Europe (London)"),
    ("eu-west-3", "Europe (Paris)"),
    ("eusc-de-east-1", "EU (Germany)"),
    ("il-central-1", "Israel (Tel Aviv)"),
    ("me-central-1", "Middle East (UAE)"),
    ("me-south-1", "Middle East (Bahrain)"),
    ("mx-central-1", "Mexico (Central)"),
    ("sa-east-1", "South America (Sao Paulo)"),
    ("us-east-1", "US East (N. Virginia)"),
    ("us-east-2", "US East (Ohio)"),
    ("us-gov-east-1", "AWS GovCloud (US-East)"),
    ("us-gov-west-1", "AWS GovCloud (US-West)"),
    ("us-iso-east-1", "US ISO East"),
    ("us-iso-west-1", "US ISO WEST"),
    ("us-isob-east-1", "US ISOB East (Ohio)"),
    ("us-isob-west-1", "US ISOB West"),
    ("us-isof-east-1", "US ISOF EAST"),
    ("us-isof-south-1", "US ISOF SOUTH"),
    ("us-west-1", "US West (N. California)"),
    ("us-west-2", "US West (Oregon)"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_region_looks_right_and_others_do_not() {
        assert_eq!(all().filter(|region| !looks_right(region)).count(), 0);
        for wrong in ["", "eu-west1", "eu_west_1", "Ireland", "eu-west-1a", "xx-west-1"] {
            assert!(!looks_right(wrong), "{wrong}");
        }
    }

    #[test]
    fn partitions_follow_from_the_name() {
        let name = |region| partition_of(region).name;
        assert_eq!(
            ["eu-west-1", "cn-north-1", "us-gov-west-1", "us-isob-east-1", "eusc-de-east-1"].map(name),
            ["aws", "aws-cn", "aws-us-gov", "aws-iso-b", "aws-eusc"]
        );
    }
}
