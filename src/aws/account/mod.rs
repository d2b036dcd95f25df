//! Who is asking, and where: identity, region, partition.

crate::sources![];
