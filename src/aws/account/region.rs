//! `data "aws_region"`: a region, the provider's unless another is named. Known without a call.

use crate::aws::connect::regions;
use crate::aws::contract::*;

/// The data source.
pub struct Region;

model! {
    /// A region: the provider's, unless another is named.
    pub struct Args {
        /// Name of the region, such as `eu-west-1`.
        region: Option<String> = optional_computed(),
        /// Name of the region.
        name: Option<String> = optional_computed().conflicts(&["region"]).deprecated("Use `region`."),
        /// Address of EC2 in the region, such as `ec2.eu-west-1.amazonaws.com`.
        endpoint: Option<String> = optional_computed(),
        /// The place, such as `Europe (Ireland)`.
        description: Option<String> = computed(),
    }
}

/// The address of EC2, by which hashicorp/aws finds a region.
fn endpoint(region: &str) -> String {
    format!("ec2.{region}.{}", regions::partition_of(region).dns_suffix)
}

impl Source for Region {
    type Model = Args;
    const TYPE: &'static str = "aws_region";
    const OFFLINE: bool = true;

    fn check(want: &Draft, found: &mut Problems) {
        for key in [Args::region, Args::name] {
            if let Some(region) = want.known(key).filter(|region| regions::description(region).is_none() && !regions::looks_right(region)) {
                found.at(key, format!("There is no region named `{region}`. Names are like `eu-west-1`."));
            }
        }
    }

    async fn read(aws: &Aws, want: Args) -> Result<(String, Args)> {
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        let named = given(want.name).or(given(want.region));
        let region = match (named, given(want.endpoint)) {
            (None, None) => aws.region.clone(),
            (Some(region), None) => region,
            (named, Some(address)) => {
                let fits = regions::all().find(|region| endpoint(region) == address).map(str::to_owned);
                let fits = fits.filter(|found| named.as_ref().is_none_or(|named| named == found));
                fits.ok_or_else(|| Error::local("aws_region", format!("No region has EC2 at `{address}`. The address is like `ec2.eu-west-1.amazonaws.com`.")))?
            }
        };
        let args = Args {
            endpoint: Some(endpoint(&region)),
            description: Some(regions::description(&region).unwrap_or_default().to_owned()),
            name: Some(region.clone()),
            region: Some(region.clone()),
        };
        Ok((region, args))
    }
}
