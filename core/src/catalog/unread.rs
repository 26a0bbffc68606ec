//! Settings that a plan shows and that are not read, such as the name of a configuration file.

use serde::Deserialize;
use serde::de::{Deserializer, Error};

use super::profile::parameter_named;
use super::recognise::flag_values;
use crate::scenario::Parameter;

/// A setting that is seen and not read. Where it stands, what is known of the parameters that it
/// may state is no more than an assumption.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unread {
    /// Flags: `-c gunicorn.conf.py`.
    #[serde(default)]
    pub flags: Vec<String>,
    /// Names that the flag for assignments gives a value: `-c config_file=…`.
    #[serde(default)]
    pub assignments: Vec<String>,
    /// Ends of an argument that stands by itself: `.conf` for `redis-server /etc/redis.conf`.
    #[serde(default)]
    pub arguments: Vec<String>,
    /// Ends of the paths at which files are mounted: `nginx/nginx.conf`.
    #[serde(default)]
    pub mounts: Vec<String>,
    /// Full paths of the files that its images read, and of folders of which they read every file:
    /// `/usr/local/etc/php-fpm.d`.
    #[serde(default)]
    pub paths: Vec<String>,
    /// Environment variables.
    #[serde(default)]
    pub environment: Vec<String>,
    /// Images, by the last part of their path: these set the parameters themselves.
    #[serde(default)]
    pub images: Vec<String>,
    /// Values of the flags that leave nothing unread.
    #[serde(default)]
    pub except: Vec<String>,
    /// Variables with which it does not hold.
    #[serde(default)]
    pub unless: Vec<String>,
    /// Programs that it is a setting of; none: of all that the profile has.
    #[serde(default)]
    pub programs: Vec<String>,
    /// What it does, as the end of a sentence that the setting begins.
    pub says: String,
    /// The parameters that it may state.
    #[serde(deserialize_with = "parameters")]
    pub parameters: Vec<Parameter>,
}

impl Unread {
    /// Which of its flags or arguments a command of `program` has: words for a sentence.
    pub fn in_arguments(&self, program: &str, arguments: &[String]) -> Option<String> {
        if !self.programs.is_empty() && !self.programs.iter().any(|one| one == program) {
            return None;
        }
        let has_flag = |flag: &&String| {
            flag_values(arguments, flag).iter().any(|value| !self.except.iter().any(|e| e == value))
        };
        if let Some(flag) = self.flags.iter().find(has_flag) {
            return Some(format!("`{flag}`"));
        }
        let by_itself = |ending: &String| {
            arguments.iter().any(|word| !word.starts_with('-') && word.ends_with(ending.as_str()))
        };
        let is_file = self.arguments.iter().any(by_itself);
        is_file.then(|| "an argument of the command".to_owned())
    }
}

fn parameters<'de, D: Deserializer<'de>>(source: D) -> Result<Vec<Parameter>, D::Error> {
    let names = Vec::<String>::deserialize(source)?;
    let parameters: Vec<Parameter> =
        names.iter().map(|name| parameter_named(name)).collect::<Result<_, _>>()?;
    match parameters.is_empty() {
        true => Err(D::Error::custom("a setting that states nothing")),
        false => Ok(parameters),
    }
}
