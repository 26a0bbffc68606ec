//! Programs that do something once and end: clients that stand in the images of servers, and the migrations of
//! applications.

use super::program::{base_name, program_words, script};
use super::shell::Command;

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
    "wp",
];
/// Commands of applications that end, as their first words without an interpreter; a word that ends in `:` begins
/// the one that is there.
const JOBS: &[&str] = &[
    "alembic downgrade",
    "alembic upgrade",
    "artisan db:",
    "artisan migrate",
    "artisan migrate:",
    "dbmate migrate",
    "dbmate up",
    "dotnet ef database update",
    "drizzle-kit migrate",
    "drizzle-kit push",
    "flask db upgrade",
    "flyway migrate",
    "knex migrate:",
    "knex seed:",
    "liquibase update",
    "manage.py collectstatic",
    "manage.py createsuperuser",
    "manage.py loaddata",
    "manage.py makemigrations",
    "manage.py migrate",
    "prisma db push",
    "prisma db seed",
    "prisma generate",
    "prisma migrate deploy",
    "prisma migrate reset",
    "rails assets:",
    "rails db:",
    "rake assets:",
    "rake db:",
    "sequelize db:",
    "sequelize-cli db:",
    "typeorm migration:",
];
/// Commands beside them in a script that end as well.
const BESIDE: &[&str] = &[
    ":", "[", "chmod", "date", "echo", "exit", "export", "mkdir", "printf", "sleep", "test", "true",
];

/// The client of this name.
pub(super) fn client(name: &str) -> Option<&'static str> {
    CLIENTS.iter().copied().find(|client| *client == name)
}

/// The job that a command is: `manage.py migrate` of `python manage.py migrate --noinput`.
fn job(words: &[String]) -> Option<String> {
    let first = base_name(words.first()?);
    let is_interpreter = first.starts_with("python") || ["php", "ruby", "node"].contains(&first);
    let words = if is_interpreter { &words[1..] } else { words };
    let named = |asked: &&str| {
        let named: Option<Vec<&str>> = asked
            .split(' ')
            .enumerate()
            .map(|(at, asked)| {
                let word = words.get(at)?;
                let word = if at == 0 { base_name(word) } else { word };
                let is_it = word == asked || (asked.ends_with(':') && word.starts_with(asked));
                is_it.then_some(word)
            })
            .collect();
        Some(named?.join(" "))
    };
    JOBS.iter().find_map(named)
}

/// The client or job that a command starts in the end.
pub(super) fn ending(words: &[String]) -> Option<String> {
    let words = program_words(words);
    client(base_name(words.first()?)).map(str::to_owned).or_else(|| job(&words))
}

/// The client or job that a command runs once, after which its container ends. None where the command runs anything
/// else, or goes on for ever: `while true; do pg_dump …; sleep 86400; done`.
///
/// ```
/// use plimsoll::catalog::client_that_ends;
/// let words = |text: &str| text.split(' ').map(String::from).collect::<Vec<_>>();
/// assert_eq!(client_that_ends(&words("mysql -h db shop")).as_deref(), Some("mysql"));
/// let job = client_that_ends(&words("python manage.py migrate"));
/// assert_eq!(job.as_deref(), Some("manage.py migrate"));
/// assert_eq!(client_that_ends(&words("mysqld --port 3307")), None);
/// ```
pub fn client_that_ends(command: &[String]) -> Option<String> {
    script(command).map_or_else(|| ending(command), |commands| in_script(&commands))
}

/// The first client or job of a script that runs nothing but these and what ends as they do.
fn in_script(commands: &[Command]) -> Option<String> {
    let is_short = |one: &Command| ending(&one.words).is_some() || BESIDE.contains(&one.name());
    let waits = commands.last().is_some_and(|last| last.name() == "sleep");
    if waits || commands.iter().any(|one| one.is_loop || !is_short(one)) {
        return None;
    }
    commands.iter().find_map(|command| ending(&command.words))
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
            ("wp core install --path=/var/www/html", Some("wp")),
            ("env PGHOST=db psql -c 'select 1'", Some("psql")),
            ("sh -c 'while true; do pg_dump x; sleep 86400; done'", None),
            ("sh -c 'pg_dump x; sleep infinity'", None),
            ("sh -c 'psql -f /seed.sql && exec /app/server'", None),
            ("python manage.py migrate --noinput", Some("manage.py migrate")),
            ("./manage.py migrate", Some("manage.py migrate")),
            ("python -m alembic upgrade head", Some("alembic upgrade")),
            ("poetry run alembic upgrade head", Some("alembic upgrade")),
            ("bin/rails db:migrate", Some("rails db:migrate")),
            ("bundle exec rake db:setup", Some("rake db:setup")),
            ("npx prisma migrate deploy", Some("prisma migrate deploy")),
            ("php artisan migrate --force", Some("artisan migrate")),
            (
                "sh -c 'until pg_isready -h db; do sleep 1; done; python manage.py migrate'",
                Some("pg_isready"),
            ),
            ("sh -c 'python manage.py migrate && gunicorn shop.wsgi'", None),
            ("python manage.py runserver", None),
            ("prisma migrate dev", None),
            ("rails server", None),
            ("mysqld", None),
            ("", None),
        ] {
            assert_eq!(client_that_ends(&split_words(command)).as_deref(), client, "{command}");
        }
    }
}
