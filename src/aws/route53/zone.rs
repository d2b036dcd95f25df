//! `aws_route53_zone`: the records of a domain and its subdomains, public or for networks of your own.
//!
//! API: Route 53 2013-04-01, `CreateHostedZone` and its siblings.
//! <https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHostedZone.html>

use aws_sdk_route53::types as sdk;

use super::shared::{is_under_way, normal_name, note, plain_id, retag, same_name, settled, tags_of};
use crate::aws::answers::built;
use crate::aws::contract::*;
use crate::aws::{mark, names};

/// The type.
pub struct Zone;

model! {
    /// The records of a domain and its subdomains: for everybody, or for networks of your own.
    pub struct Args {
        /// Domain name, with or without a dot at the end. Another name makes another zone, with other name servers.
        name: String = required().force_new().length(1, 1024).same(same_name),
        /// Remark, at most 256 characters.
        comment: Option<String> = optional().default(Lit::Str("Managed by Terraform")).length(0, 256),
        /// Reusable set of name servers, for public zones.
        delegation_set_id: Option<String> = optional().force_new().same(super::shared::same_id).conflicts(&["vpc"]),
        /// Whether AWS keeps changes of the zone possible when its home region fails; public zones only.
        enable_accelerated_recovery: Option<bool> = optional_computed(),
        /// Whether deleting the zone deletes the records that others made in it.
        force_destroy: bool = optional().default(Lit::Bool(false)).local(),
        /// Networks that see the zone. With any, the zone is private.
        vpc: Set<Vpc> = optional(),
        /// Time limits.
        timeouts: Option<Timeouts> = optional(),
        /// Address of the zone.
        arn: Option<String> = computed(),
        /// Name servers, sorted: what the registrar of the domain must be told.
        name_servers: Vec<String> = computed(),
        /// Name server that the zone's SOA record names.
        primary_name_server: Option<String> = computed(),
        /// Id of the zone, given by AWS.
        zone_id: Option<String> = computed(),
        /// Tags of the resource.
        tags: Tags = optional(),
        /// All tags, those of the provider included.
        tags_all: Tags = optional_computed(),
    }
}

model! {
    /// A network that sees a private zone.
    pub struct Vpc {
        /// Id of the network; it needs DNS support and DNS host names.
        vpc_id: String = required(),
        /// Region of the network; the provider's when left out.
        vpc_region: Option<String> = optional_computed(),
    }
}

/// A zone with what belongs to it.
pub struct Live {
    zone: sdk::HostedZone,
    vpcs: Vec<sdk::Vpc>,
    delegation_set: Option<String>,
    name_servers: Vec<String>,
    partition: &'static str,
    tags: Tags,
    is_under_way: bool,
}

const GONE: &str = "NoSuchHostedZone";
const KIND: sdk::TagResourceType = sdk::TagResourceType::Hostedzone;
/// What the references of zones made here start with.
const REFERENCE: &str = "glaz-";
/// Records deleted in one call; the limits are 1000 and 32 000 characters of values.
const DELETE_BATCH: usize = 100;

/// What tells the zone from all others.
fn reference(want: &Args) -> Result<String> {
    match mark::of(&want.tags_all) {
        Some(mark) => Ok(format!("{REFERENCE}{mark}")),
        None => names::choose(None, Some(REFERENCE), REFERENCE),
    }
}

impl Resource for Zone {
    type Model = Args;
    type Live = Live;

    const TYPE: &'static str = "aws_route53_zone";
    const IDENTITY: Identity = Identity::Assigned { recover_by: &["name", "comment", "vpc"] };
    const MAKING: Making = Making::Again;
    const SAME_AS_ID: Option<&'static str> = Some("zone_id");
    const PACE: Pace = secs(40, 5, 2).limits(30, 30, 30).poll(10);
    const READ_BATCH: usize = 10;
    const MISSING: &'static [&'static str] = &[GONE];
    const RETRY: &'static [Retry] = &[
        Retry::of(&["CreateHostedZone"], "DelegationSetNotAvailable", "all sets of name servers have a zone of this name; another may come free", retry::CHANGE),
    ];
    const GLOBAL: bool = true;
    const HOLDS: Option<Holds> = Some(Holds { flag: "force_destroy" });

    fn check(want: &Draft, found: &mut Problems) {
        let name = want.known(Args::name).unwrap_or_default();
        let is_label = |label: &str| !label.is_empty() && label.len() <= 63;
        if !name.is_empty() && !normal_name(&name).split('.').all(is_label) {
            found.at(
                Args::name,
                format!("`{name}` is not a domain name: between two dots stand 1 to 63 characters. Write it like `example.com`."),
            );
        }
        if want.is_set(Args::vpc) && want.known(Args::enable_accelerated_recovery) == Some(true) {
            found.at(
                Args::enable_accelerated_recovery,
                "Only public zones have accelerated recovery, and `vpc` makes this one private. Remove one of them.",
            );
        }
    }

    fn revise(want: &mut Draft) {
        if let Some(name) = want.known(Args::name) {
            want.set(Args::name, &normal_name(&name));
        }
        let has_vpc = |vpcs: Option<Set<Vpc>>| vpcs.is_some_and(|vpcs| !vpcs.is_empty());
        if !want.is_new() && !want.is_unknown(Args::vpc) && has_vpc(want.before(Args::vpc)) != has_vpc(want.known(Args::vpc)) {
            // A public zone cannot become private, nor the other way.
            want.replace(Args::vpc);
        }
    }

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Live)>> {
        let mut found = Vec::new();
        for id in ids {
            let answer = match aws.route53.get_hosted_zone().id(id).send().await.map_err(Error::from) {
                Ok(answer) => answer,
                Err(error) if error.is(&[GONE]) => continue,
                Err(error) => return Err(error),
            };
            let Some(zone) = answer.hosted_zone else { continue };
            let set = answer.delegation_set;
            let name_servers = match &set {
                Some(set) => set.name_servers.clone(),
                None => name_servers(aws, id, &zone.name).await?,
            };
            let delegation_set = set.and_then(|set| set.id);
            let is_under_way = is_under_way(aws, id).await?;
            let vpcs = answer.vpcs.unwrap_or_default();
            let partition = aws.partition;
            let live = Live { zone, vpcs, delegation_set, name_servers, partition, tags: Tags::new(), is_under_way };
            found.push((id.clone(), live));
        }
        let mut tags = tags_of(aws, KIND, found.iter().map(|(id, _)| id.clone()).collect()).await?;
        for (id, live) in &mut found {
            live.tags = tags.remove(id).unwrap_or_default();
        }
        Ok(found)
    }

    fn observe(live: &Live) -> Args {
        let id = plain_id(&live.zone.id).to_owned();
        let vpc = |vpc: &sdk::Vpc| Vpc {
            vpc_id: vpc.vpc_id.clone().unwrap_or_default(),
            vpc_region: vpc.vpc_region.as_ref().map(|region| region.as_str().to_owned()),
        };
        let mut name_servers: Vec<String> = live.name_servers.iter().map(|name| normal_name(name)).collect();
        let primary = name_servers.first().cloned();
        name_servers.sort_unstable();
        let recovery = live.zone.features.as_ref().and_then(|all| all.accelerated_recovery_status.as_ref());
        Args {
            name: normal_name(&live.zone.name),
            // A zone without one has none for good; the default of the argument is for new ones.
            comment: Some(live.zone.config.as_ref().and_then(|config| config.comment.clone()).unwrap_or_default()),
            delegation_set_id: live.delegation_set.as_deref().map(|id| plain_id(id).to_owned()),
            enable_accelerated_recovery: Some(recovery.is_some_and(|status| status.as_str() == "ENABLED" || status.as_str().starts_with("ENABLING"))),
            vpc: live.vpcs.iter().map(vpc).collect(),
            arn: Some(format!("arn:{}:route53:::hostedzone/{id}", live.partition)),
            name_servers,
            primary_name_server: primary,
            zone_id: Some(id),
            tags_all: live.tags.clone(),
            ..Args::default()
        }
    }

    fn settled(live: &Live) -> Settled {
        let recovery = live.zone.features.as_ref().and_then(|all| all.accelerated_recovery_status.as_ref());
        match recovery.map(sdk::AcceleratedRecoveryStatus::as_str) {
            Some(status) if status.ends_with("ING") || status.ends_with("ING_HOSTED_ZONE_LOCKED") => {
                Settled::NotYet(format!("accelerated recovery is {status}"))
            }
            _ => settled(live.is_under_way),
        }
    }

    fn marked(_want: &Args) -> Marked {
        Marked::Reference
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        let config = sdk::HostedZoneConfig::builder().private_zone(!want.vpc.is_empty());
        let config = config.set_comment(want.comment.clone().filter(|comment| !comment.is_empty())).build();
        let made = aws
            .route53
            .create_hosted_zone()
            .name(&want.name)
            .caller_reference(reference(want)?)
            .hosted_zone_config(config)
            .set_delegation_set_id(want.delegation_set_id.clone())
            .set_vpc(want.vpc.first().map(|vpc| to_vpc(aws, vpc)))
            .send()
            .await?;
        let id = made.hosted_zone.map(|zone| plain_id(&zone.id).to_owned()).ok_or_else(|| Error::empty("CreateHostedZone"))?;
        note(&id, made.change_info);
        Ok(id)
    }

    async fn finish(aws: &Aws, id: &Id, want: &Args) -> Result<()> {
        retag(aws, KIND, id, &Tags::new(), &want.tags_all).await?;
        if want.vpc.len() > 1 {
            let there = aws.route53.get_hosted_zone().id(id).send().await?.vpcs.unwrap_or_default();
            let there: Vec<Vpc> = there.iter().filter_map(|vpc| Some(Vpc { vpc_id: vpc.vpc_id.clone()?, vpc_region: None })).collect();
            move_vpcs(aws, id, &there, &want.vpc).await?;
        }
        if want.enable_accelerated_recovery == Some(true) {
            set_recovery(aws, id, true).await?;
        }
        Ok(())
    }

    async fn update(aws: &Aws, id: &Id, have: &Args, want: &Args) -> Result<()> {
        if have.comment != want.comment {
            let comment = want.comment.clone().filter(|comment| !comment.is_empty());
            aws.route53.update_hosted_zone_comment().id(id).set_comment(comment).send().await?;
        }
        move_vpcs(aws, id, &have.vpc, &want.vpc).await?;
        if let Some(recovery) = want.enable_accelerated_recovery.filter(|wanted| have.enable_accelerated_recovery != Some(*wanted)) {
            set_recovery(aws, id, recovery).await?;
        }
        retag(aws, KIND, id, &have.tags_all, &want.tags_all).await
    }

    async fn contents(aws: &Aws, id: &Id, have: &Args) -> Result<Contents> {
        let mut names = Vec::new();
        let mut call = aws.route53.list_resource_record_sets().hosted_zone_id(id);
        loop {
            let page = call.clone().send().await?;
            let own = page.resource_record_sets.iter().filter(|set| !comes_with_zone(set, &have.name));
            names.extend(own.map(|set| format!("{} {}", normal_name(&set.name), set.r#type.as_str())));
            if !page.is_truncated {
                return Ok(Contents::of("record", names));
            }
            call = call
                .set_start_record_name(page.next_record_name)
                .set_start_record_type(page.next_record_type)
                .set_start_record_identifier(page.next_record_identifier);
        }
    }

    async fn delete(aws: &Aws, id: &Id, have: &Args) -> Result<()> {
        if have.force_destroy {
            empty(aws, id, &have.name).await?;
        }
        aws.route53.delete_hosted_zone().id(id).send().await?;
        Ok(())
    }

    /// The zone with the reference that the making call was given.
    async fn recover(aws: &Aws, want: &Args) -> Result<Option<Id>> {
        let name = normal_name(&want.name);
        let (own, mut pages) = (reference(want)?, aws.route53.list_hosted_zones_by_name().dns_name(&name).max_items(100));
        loop {
            let page = pages.clone().send().await?;
            // Zones of one name stand together.
            let same = page.hosted_zones.iter().take_while(|zone| normal_name(&zone.name) == name);
            if let Some(zone) = same.into_iter().find(|zone| zone.caller_reference == own) {
                return Ok(Some(plain_id(&zone.id).to_owned()));
            }
            let is_over = page.hosted_zones.last().is_none_or(|zone| normal_name(&zone.name) != name);
            if is_over || !page.is_truncated {
                return Ok(None);
            }
            pages = pages.set_dns_name(page.next_dns_name).set_hosted_zone_id(page.next_hosted_zone_id);
        }
    }

    async fn import(_aws: &Aws, text: &str) -> Result<Id> {
        Ok(plain_id(text).to_owned())
    }
}

fn to_vpc(aws: &Aws, vpc: &Vpc) -> sdk::Vpc {
    let region = vpc.vpc_region.as_deref().filter(|region| !region.is_empty()).unwrap_or(&aws.region);
    sdk::Vpc::builder().vpc_id(&vpc.vpc_id).vpc_region(region.into()).build()
}

/// Associates networks, then dissociates others: the last one of a zone cannot go.
async fn move_vpcs(aws: &Aws, id: &str, have: &[Vpc], want: &[Vpc]) -> Result<()> {
    let lacks = |all: &[Vpc], one: &Vpc| all.iter().all(|other| other.vpc_id != one.vpc_id);
    for vpc in want.iter().filter(|one| lacks(have, one)) {
        let done = aws.route53.associate_vpc_with_hosted_zone().hosted_zone_id(id).vpc(to_vpc(aws, vpc)).send().await?;
        note(id, done.change_info);
    }
    for vpc in have.iter().filter(|one| lacks(want, one)) {
        let done = aws.route53.disassociate_vpc_from_hosted_zone().hosted_zone_id(id).vpc(to_vpc(aws, vpc)).send().await?;
        note(id, done.change_info);
    }
    Ok(())
}

async fn set_recovery(aws: &Aws, id: &str, recovery: bool) -> Result<()> {
    aws.route53.update_hosted_zone_features().hosted_zone_id(id).enable_accelerated_recovery(recovery).send().await?;
    Ok(())
}

/// The name servers of a private zone: they stand only in its NS record.
async fn name_servers(aws: &Aws, id: &str, name: &str) -> Result<Vec<String>> {
    let call = aws.route53.list_resource_record_sets().hosted_zone_id(id).start_record_name(name);
    let answer = call.start_record_type(sdk::RrType::Ns).max_items(1).send().await?;
    let own = answer.resource_record_sets.into_iter().filter(|set| set.r#type == sdk::RrType::Ns && set.name == name);
    Ok(own.flat_map(|set| set.resource_records.unwrap_or_default()).map(|record| record.value).collect())
}

/// Whether the record came with the zone and goes with it.
fn comes_with_zone(set: &sdk::ResourceRecordSet, zone: &str) -> bool {
    matches!(set.r#type, sdk::RrType::Ns | sdk::RrType::Soa) && normal_name(&set.name) == normal_name(zone)
}

/// Deletes all records but those that come with the zone.
async fn empty(aws: &Aws, id: &str, name: &str) -> Result<()> {
    let mut pages = aws.route53.list_resource_record_sets().hosted_zone_id(id);
    loop {
        let page = pages.clone().send().await?;
        let sets: Vec<_> = page.resource_record_sets.into_iter().filter(|set| !comes_with_zone(set, name)).collect();
        for sets in sets.chunks(DELETE_BATCH) {
            let change = |set: &sdk::ResourceRecordSet| {
                sdk::Change::builder().action(sdk::ChangeAction::Delete).resource_record_set(set.clone()).build()
            };
            let changes: Result<Vec<_>, _> = sets.iter().map(change).collect();
            let batch = built(sdk::ChangeBatch::builder().set_changes(Some(built(changes)?)).build())?;
            aws.route53.change_resource_record_sets().hosted_zone_id(id).change_batch(batch).send().await?;
        }
        if !page.is_truncated {
            return Ok(());
        }
        pages = pages
            .set_start_record_name(page.next_record_name)
            .set_start_record_type(page.next_record_type)
            .set_start_record_identifier(page.next_record_identifier);
    }
}
