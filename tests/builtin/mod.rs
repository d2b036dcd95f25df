//! Types that need no cloud, with the real binary.

mod archive_file;
mod external;
mod http;
mod local_file;
mod random;
mod remote_state;
mod template_file;
