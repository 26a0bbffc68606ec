//! Programs that ask a server something and end: clients that stand in the images of servers.

use super::program::{Command, base_name, shell_commands, shell_script, unwrap_once};

/// Clients that end when they have done their work.
const CLIENTS: &[&str] = &[
    "createdb",
    "createuser",
    "dropdb",
    "kafka-configs",
    "kafka-configs.sh",
    "kafka-topics",
    "kafka-topics.sh",
    "mariadb",
    "mariadb-admin",
    "mariadb-check",
    "mariadb-dump",
    "mariadb-import",
    "mc",
    "mongo",
    "mongodump",
    "mongoexport",
    "mongoimport",
    "mongorestore",
    "mongosh",
    "mysql",
    "mysqladmin",
    "mysqlcheck",
    "mysqldump",
    "mysqlimport",
    "pg_basebackup",
    "pg_dump",
    "pg_dumpall",
    "pg_isready",
    "pg_restore",
    "psql",
    "rabbitmqadmin",
    "rabbitmqctl",
    "redis-cli",
    "vacuumdb",
    "valkey-cli",
];
/// Commands beside them in a script that end as well.
const BESIDE: &[&str] = &[
    ":", "[", "chmod", "date", "echo", "exit", "export", "mkdir", "printf", "sleep", "test", "true",
];

/// The client of this name.
pub(super) fn client(name: &str) -> Option<&'static str> {
    CLIENTS.iter().copied().find(|client| *client == name)
}

/// The client that a command runs once, after which its container ends. None where the command runs anything
/// else, or goes on for ever: `while true; do pg_dump …; sleep 86400; done`.
///
/// ```
/// use plimsoll::catalog::client_that_ends;
/// let words = |text: &str| text.split(' ').map(String::from).collect::<Vec<_>>();
/// assert_eq!(client_that_ends(&words("mysql -h db shop")), Some("mysql"));
/// assert_eq!(client_that_ends(&words("mysqld --port 3307")), None);
/// ```
pub fn client_that_ends(command: &[String]) -> Option<&'static str> {
    let mut words = command.to_vec();
    loop {
        if let Some(script) = shell_script(&words) {
            return in_script(script);
        }
        match unwrap_once(&words) {
            Some(fewer) => words = fewer,
            None => return client(base_name(words.first()?)),
        }
    }
}

/// The first client of a script that runs nothing but clients and what ends as they do.
fn in_script(script: &str) -> Option<&'static str> {
    let commands = shell_commands(script);
    let name = |command: &Command| base_name(&command.words[0]).to_owned();
    let is_short = |one: &Command| {
        let name = name(one);
        client(&name).is_some() || BESIDE.contains(&name.as_str())
    };
    let loops = script.split(|c: char| !c.is_alphanumeric()).any(|word| word == "while");
    let waits = commands.last().is_some_and(|last| name(last) == "sleep");
    if loops || waits || !commands.iter().all(is_short) {
        return None;
    }
    commands.iter().find_map(|command| client(&name(command)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::split_words;

    #[test]
    fn a_client_ends_unless_its_script_goes_on() {
        for (command, client) in [
            ("mysqldump -h db shop", Some("mysqldump")),
            ("/usr/bin/mongosh --host db --eval 'rs.initiate()'", Some("mongosh")),
            (
                "sh -c 'until pg_isready -h db; do sleep 1; done; psql -f /seed.sql'",
                Some("pg_isready"),
            ),
            (
                "sh -c 'sleep 5; mc alias set s3 http://s3:9000 a b && mc mb s3/x; exit 0'",
                Some("mc"),
            ),
            ("env PGHOST=db psql -c 'select 1'", Some("psql")),
            ("sh -c 'while true; do pg_dump x; sleep 86400; done'", None),
            ("sh -c 'pg_dump x; sleep infinity'", None),
            ("sh -c 'psql -f /seed.sql && exec /app/server'", None),
            ("mysqld", None),
            ("", None),
        ] {
            assert_eq!(client_that_ends(&split_words(command)), client, "{command}");
        }
    }
}
