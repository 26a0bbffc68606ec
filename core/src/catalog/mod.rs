//! What is known of real software before it runs here, and scenarios that are ready to run.
//!
//! The facts are data: one JSON file for each software, each value with its range, its origin and
//! its source. The Rust code only reads, checks and looks up.

mod assignment;
mod branch;
mod client;
mod interpreter;
mod like;
mod profile;
mod program;
mod recognise;
mod scenarios;
mod setting;
mod shell;
mod starter;
#[cfg(test)]
mod tests;
mod unread;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::ordered::Ordered;

pub use assignment::{Assignment, assignments};
pub use branch::taken_branch;
pub use client::client_that_ends;
pub use interpreter::{own_words, read_instead};
pub use profile::{Known, Origin, Profile, Role};
pub use program::{displaced, program_words, started_beside, unseen_script};
pub use recognise::{
    Condition, Recognise, flag_values, is_heeded, is_named, is_strayed, recognise,
};
pub use scenarios::{scenario, scenarios};
pub use setting::Setting;
pub use shell::split_words;
pub use unread::Unread;

/// Name of the profile that every other falls back to.
pub const GENERIC: &str = "generic";

/// The data files, by the name of the profile.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/profiles.rs"));

/// Every profile, by name.
///
/// # Panics
/// If a data file that is compiled in is broken, which a test rules out.
pub fn profiles() -> &'static BTreeMap<&'static str, Profile> {
    static PROFILES: OnceLock<BTreeMap<&'static str, Profile>> = OnceLock::new();
    PROFILES.get_or_init(|| {
        let parsed = FILES.iter().map(|&(name, text)| match Profile::parse(text) {
            Ok(profile) => (name, profile),
            Err(error) => panic!("the catalogue's file of `{name}` is broken: {error}"),
        });
        like::completed(parsed.into_map())
    })
}

/// The profile of this name.
///
/// ```
/// use plimsoll::catalog;
/// use plimsoll::scenario::{Parameter, Value};
/// let postgres = catalog::profile("postgres").unwrap();
/// assert_eq!(postgres.values[&Parameter::MaxConnections].value, Value::Count(100));
/// assert!(catalog::profile("oracle").is_none());
/// ```
pub fn profile(name: &str) -> Option<&'static Profile> {
    profiles().get(name)
}

/// Whether nobody knows what memory software of this profile takes: of the one that every other falls back to, and of
/// those like it.
///
/// ```
/// use plimsoll::catalog::is_unknown;
/// assert!(is_unknown("generic") && is_unknown("large") && !is_unknown("postgres"));
/// ```
pub fn is_unknown(name: &str) -> bool {
    let is_like = |one: &Profile| one.like.as_deref() == Some(GENERIC);
    name == GENERIC || profile(name).is_some_and(is_like)
}
