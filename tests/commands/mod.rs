//! The real binary, from the command line to the exit code.

#[cfg(feature = "aws")]
mod approval;
#[cfg(feature = "aws")]
mod backend_place;
mod backend_s3;
mod bad_input;
mod basics;
#[cfg(feature = "aws")]
mod bluegreen;
#[cfg(feature = "aws")]
mod came_to_nothing;
#[cfg(feature = "aws")]
mod codedeploy;
#[cfg(feature = "aws")]
mod complaints;
mod completion;
mod conditions;
mod console;
mod deposed;
#[cfg(feature = "aws")]
mod empty_text;
mod encrypted;
mod ephemeral;
#[cfg(feature = "aws")]
mod external;
#[cfg(feature = "aws")]
mod faults;
mod fmt;
#[cfg(feature = "aws")]
mod generated;
mod graph;
#[cfg(feature = "aws")]
mod half_made;
#[cfg(feature = "aws")]
mod hidden_order;
mod import;
mod init;
#[cfg(feature = "aws")]
mod interrupted;
#[cfg(feature = "aws")]
mod journals;
mod json_files;
#[cfg(feature = "aws")]
mod late;
#[cfg(feature = "aws")]
mod leftovers;
mod login;
#[cfg(feature = "aws")]
mod lost_files;
mod messages;
#[cfg(feature = "aws")]
mod migrate;
#[cfg(feature = "aws")]
mod misleading;
#[cfg(feature = "aws")]
mod missing_image;
mod module_sources;
mod modules;
#[cfg(feature = "aws")]
mod native;
mod output;
#[cfg(feature = "aws")]
mod overwritten;
#[cfg(feature = "aws")]
mod provider;
mod providers_map;
mod provisioners;
mod questions;
#[cfg(feature = "aws")]
mod recovery;
mod refactoring;
mod refresh;
mod remote;
#[cfg(feature = "aws")]
mod renamed;
#[cfg(feature = "aws")]
mod rollback;
mod rollout;
mod rollout_commands;
mod rollout_killed;
mod rollout_shared;
mod rollout_traffic;
mod rollout_waiting;
#[cfg(feature = "aws")]
mod same_id;
#[cfg(feature = "aws")]
mod same_name;
mod saved_plan;
#[cfg(feature = "aws")]
mod secrets;
mod state_edit;
mod state_file;
mod state_pull;
#[cfg(feature = "aws")]
mod stopped;
#[cfg(feature = "aws")]
mod tags;
mod taint;
mod targeted_instances;
mod targeting;
#[cfg(feature = "aws")]
mod teardown;
mod time;
mod tls;
#[cfg(feature = "aws")]
mod together;
#[cfg(feature = "aws")]
mod trouble;
#[cfg(feature = "aws")]
mod unanswered;
mod waiting;
mod workspace;
