//! Who is asking, and where: identity, region, partition.

crate::sources![caller_identity::CallerIdentity, partition::Partition, region::Region];
