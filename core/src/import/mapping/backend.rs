//! What a variable such as `DB_HOST` leads to, where its value is a bare host: seen from its name,
//! and from the variables beside it.

use super::address::{UNCLEAR, usual_scheme};
use super::reference::name_words;
use crate::import::plan;

/// Words in the names of variables, with the scheme that a URL of the same thing has.
const WORDS: &[(&str, &str)] = &[
    ("POSTGRES", "postgres"),
    ("POSTGRESQL", "postgres"),
    ("PG", "postgres"),
    ("PGHOST", "postgres"),
    ("PGPOOL", "postgres"),
    ("REDIS", "redis"),
    ("VALKEY", "redis"),
    ("MYSQL", "mysql"),
    ("MARIADB", "mariadb"),
    ("MSSQL", "mssql"),
    ("MONGO", "mongodb"),
    ("MONGODB", "mongodb"),
    ("MEMCACHED", "memcached"),
    ("RABBITMQ", "amqp"),
    ("AMQP", "amqp"),
    ("KAFKA", "kafka"),
    ("CLICKHOUSE", "clickhouse"),
    ("NATS", "nats"),
    ("DB", UNCLEAR),
    ("DATABASE", UNCLEAR),
    ("DATABASES", UNCLEAR),
    ("SQL", UNCLEAR),
];
/// Last words of the variables beside `DB_HOST` that name the kind of the database.
const KIND_WORDS: &[&str] =
    &["ADAPTER", "CLIENT", "CONNECTION", "DIALECT", "DRIVER", "ENGINE", "TYPE", "VENDOR"];

/// The scheme that a bare host in the variable `name` would have as a URL; none where the name says
/// nothing of databases.
pub(super) fn scheme(name: &str, source: &plan::Service) -> Option<&'static str> {
    let named = |word: &str| WORDS.iter().find(|(known, _)| *known == word);
    let (_, scheme) = name_words(name).find_map(|word| named(&word))?;
    if *scheme != UNCLEAR {
        return Some(scheme);
    }
    Some(beside(name, source).unwrap_or(scheme))
}

/// The kind of database that the variables with the same beginning show, as in `DB_PORT: 5432`.
fn beside(name: &str, source: &plan::Service) -> Option<&'static str> {
    let words: Vec<String> = name_words(name).collect();
    let (_, beginning) = words.split_last()?;
    source.environment.iter().find_map(|(other, variable)| {
        let words: Vec<String> = name_words(other).collect();
        let (last, before) = words.split_last()?;
        if before != beginning {
            return None;
        }
        let value = variable.value.trim().to_ascii_lowercase();
        if last == "PORT" {
            return usual_scheme(value.parse().ok()?);
        }
        if !KIND_WORDS.contains(&last.as_str()) {
            return None;
        }
        // `django.db.backends.postgresql`, `pgsql`, `pg`, `mysql2`
        let kinds = [("postgres", "postgres"), ("pg", "postgres"), ("mysql", "mysql")];
        let others = [("mariadb", "mariadb"), ("mssql", "mssql"), ("mongo", "mongodb")];
        let found = kinds.iter().chain(&others).find(|(part, _)| value.contains(part));
        found.map(|(_, scheme)| *scheme)
    })
}
