//! A file per command, and everything a person sees. Terminal, environment, home directory and exit codes exist only
//! here.

mod argv;
mod render;
mod shell;
