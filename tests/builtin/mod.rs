//! Types that need no cloud, with the real binary.

mod local_file;
