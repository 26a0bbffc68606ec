//! Which program a command starts in the end, and whether it can be the server of an image.

use std::collections::BTreeMap;
use std::mem::take;

use super::assignment::{Assignment, assigned, exported};
use super::client::{client, ending};
use super::recognise::{by_image, by_program, flag_values};
use super::shell::{Command, shell_commands};
use super::starter::{Inner, MOST_STARTERS, WAITERS, WRAPPERS, unwrap_once};
use super::{Profile, Role};

/// Flags with which a server goes into the background by itself (their manuals).
const DETACHES: &[(&str, &[&str])] = &[
    ("celery", &["-D", "--detach"]),
    ("gunicorn", &["-D", "--daemon"]),
    ("mongod", &["--fork"]),
    ("php-fpm", &["-D", "--daemonize"]),
    ("rabbitmq-server", &["-detached"]),
    ("redis-server", &["--daemonize"]),
    ("uwsgi", &["-d", "--daemonize", "--daemonize2"]),
];
/// Flags with which nginx tells or tests something and ends (nginx.org, command-line parameters).
const NGINX_ENDS: &[&str] = &["-?", "-h", "-s", "-T", "-t", "-V", "-v"];
/// Programs that start others as well, in ways that are not looked through.
const SUPERVISORS: &[&str] =
    &["init", "patroni", "runsvdir", "runuser", "s6-svscan", "su", "sudo", "supervisord"];
/// Programs that are no server of any profile, and stand in the images of many; clients besides.
const TOOLS: &[&str] = &[
    "aws",
    "cat",
    "certbot",
    "cron",
    "crond",
    "curl",
    "date",
    "echo",
    "false",
    "find",
    "initdb",
    "logrotate",
    "openssl",
    "pg_receivewal",
    "pgbench",
    "rclone",
    "redis-benchmark",
    "redis-sentinel",
    "restic",
    "rsync",
    "sleep",
    "supercronic",
    "tail",
    "tar",
    "true",
    "valkey-benchmark",
    "valkey-sentinel",
    "wget",
];
/// The server of an image that a command does not start, because it starts a program that is
/// clearly another one, and the name of that program where it is a usual tool. None where no
/// command is given, where it may well start the server, or where the image is not known.
///
/// ```
/// use plimsoll::catalog::displaced;
/// let dump = ["sh", "-c", "while true; do pg_dump shop > /b; sleep 86400; done"].map(String::from);
/// let (profile, tool) = displaced("postgres:16", &dump).unwrap();
/// assert_eq!((profile.name.as_str(), tool), ("postgres", Some("pg_dump")));
/// assert!(displaced("postgres:16", &["postgres".into()]).is_none());
/// ```
pub fn displaced(
    image: &str,
    command: &[String],
) -> Option<(&'static Profile, Option<&'static str>)> {
    let profile = by_image(image)?;
    let words = program_words(command);
    let first = words.first()?;
    let known = by_program(&words, &BTreeMap::new());
    if known.is_some() || first.starts_with('-') {
        return None;
    }
    let name = base_name(first);
    if let Some(tool) = tool(name) {
        return Some((profile, Some(tool)));
    }
    // A path or a script may well start the server, and so may a program of the image's name.
    let is_plain = !first.contains(['/', '.', '$'])
        && !SUPERVISORS.contains(&name)
        && !WRAPPERS.contains(&name)
        && !WAITERS.contains(&name)
        && !profile.recognise.images.iter().any(|image| image == name);
    (starts_any(profile.role) && is_plain).then_some((profile, None))
}

/// The tool or client of this name.
fn tool(name: &str) -> Option<&'static str> {
    TOOLS.iter().copied().find(|tool| *tool == name).or_else(|| client(name))
}

/// Whether the images of such servers start any program that a command names. Those of the others
/// take a plain word as an argument of their own program, or hold a language, and so many programs.
fn starts_any(role: Role) -> bool {
    match role {
        Role::Proxy | Role::Store | Role::Database => true,
        Role::App | Role::Pooler | Role::Monitor | Role::Generic => false,
    }
}

/// The words of the program that a command starts in the end: shells, init programs, runners and
/// assignments before it are taken off, and `python -m uvicorn` is `uvicorn`.
///
/// ```
/// use plimsoll::catalog::program_words;
/// let command = ["sh", "-c", "python manage.py migrate && exec gunicorn shop.wsgi -w 2"];
/// assert_eq!(program_words(&command.map(String::from))[..2], ["gunicorn", "shop.wsgi"]);
/// ```
pub fn program_words(command: &[String]) -> Vec<String> {
    started(command).words
}

/// The script that a command starts its program with, where nobody has seen what that does with it.
///
/// ```
/// use plimsoll::catalog::unseen_script;
/// let command = ["/app/start.sh", "gunicorn", "shop.wsgi"].map(String::from);
/// assert_eq!(unseen_script(&command).as_deref(), Some("/app/start.sh"));
/// assert_eq!(unseen_script(&command[1..]), None);
/// ```
pub fn unseen_script(command: &[String]) -> Option<String> {
    started(command).unseen
}

/// What a command starts in the end.
pub(super) struct Started {
    words: Vec<String>,
    /// The outermost script that is taken to start it.
    unseen: Option<String>,
    /// Variables that are set on the way.
    pub(super) assignments: Vec<Assignment>,
}

pub(super) fn started(command: &[String]) -> Started {
    let (mut words, mut at) = (command.to_vec(), 0);
    let (mut unseen, mut assignments) = (None, Vec::new());
    for _ in 0..MOST_STARTERS {
        match unwrap_once(&words[at..]) {
            Some(Inner::Behind(more)) => at += more,
            Some(Inner::Assigned(more)) => {
                assignments.extend(words[at..at + more].iter().filter_map(|word| assigned(word)));
                at += more;
            }
            Some(Inner::Handed) => {
                unseen.get_or_insert_with(|| words[at].clone());
                at += 1;
            }
            Some(Inner::Script(script)) => {
                let mut commands = shell_commands(&script);
                let place = shell_program(&commands);
                assignments.extend(exported(&commands[..place], &script));
                words = commands.get_mut(place).map(|one| take(&mut one.words)).unwrap_or_default();
                at = 0;
            }
            None => break,
        }
    }
    Started { words: words.split_off(at), unseen, assignments }
}

/// The commands of the script that a command runs in the end; none where it runs no script.
pub(super) fn script(command: &[String]) -> Option<Vec<Command>> {
    let mut at = 0;
    for _ in 0..MOST_STARTERS {
        match unwrap_once(&command[at..])? {
            Inner::Behind(more) | Inner::Assigned(more) => at += more,
            Inner::Handed => at += 1,
            Inner::Script(script) => return Some(shell_commands(&script)),
        }
    }
    None
}

impl Command {
    /// The word that starts it, without its folder.
    pub(super) fn name(&self) -> &str {
        base_name(&self.words[0])
    }

    /// The known software that it starts, where that stays.
    fn served(&self) -> Option<&'static Profile> {
        let words = program_words(&self.words);
        let ends = is_nginx(&words) && words.iter().any(|one| NGINX_ENDS.contains(&one.as_str()));
        let stays = ending(&words).is_none() && !ends;
        by_program(&words, &BTreeMap::new()).filter(|_| stays)
    }

    /// Whether the script goes on beside it: nginx is a daemon unless told otherwise (nginx.org, daemon).
    fn stays_behind(&self) -> bool {
        let words = program_words(&self.words);
        let is_daemon = is_nginx(&words) && !words.iter().any(|word| word.contains("daemon off"));
        self.is_background || is_daemon || detaches(&words)
    }
}

fn detaches(words: &[String]) -> bool {
    let name = words.first().map_or("", |first| base_name(first));
    let flags = DETACHES.iter().filter(|(program, _)| *program == name);
    let mut flags = flags.flat_map(|(_, flags)| *flags);
    // `--daemonize no`, or with a sign between.
    flags.any(|flag| flag_present(words, flag) && !flag_values(words, flag).contains(&"no"))
}

fn flag_present(words: &[String], flag: &str) -> bool {
    words.iter().any(|word| word.split('=').next() == Some(flag))
}

fn is_nginx(words: &[String]) -> bool {
    words.first().is_some_and(|first| base_name(first) == "nginx")
}

/// The command of a script that is its server: the last known program in the foreground, since what stands before it
/// has ended; else the last one of all. A proxy only where there is nothing else: what is behind it takes the memory.
fn server(commands: &[Command]) -> Option<&Command> {
    let rank = |one: &Command| Some((one.served()?.role != Role::Proxy, !one.stays_behind()));
    let ranked = commands.iter().filter_map(|one| Some((rank(one)?, one)));
    ranked.max_by_key(|(rank, _)| *rank).map(|(_, one)| one)
}

/// Of the commands of a shell script: its server, else the first tool that does more than wait where the script ends in
/// waiting, else the last, since what stays running comes after the preparations. Its place; 0 where there are none.
fn shell_program(commands: &[Command]) -> usize {
    let last = commands.iter().rfind(|command| !command.is_piped);
    let is_waiting = last.is_some_and(|last| matches!(last.name(), "sleep" | "wait"));
    let is_tool = |command: &&Command| {
        tool(command.name()).is_some()
            && !["sleep", "echo", "true", "date"].contains(&command.name())
    };
    let tool = commands.iter().filter(|_| is_waiting).find(is_tool);
    let found = server(commands).or(tool).or(last);
    let is_found = |one: &Command| found.is_some_and(|found| std::ptr::eq(found, one));
    commands.iter().position(is_found).unwrap_or(0)
}

/// The known servers that a command leaves running beside the one whose words [`program_words`] gives.
///
/// ```
/// use plimsoll::catalog::started_beside;
/// let command = ["sh", "-c", "gunicorn shop.wsgi & celery -A shop worker"].map(String::from);
/// assert_eq!(started_beside(&command), ["gunicorn"]);
/// ```
pub fn started_beside(command: &[String]) -> Vec<String> {
    let commands = script(command).unwrap_or_default();
    let server = server(&commands);
    let is_other = |one: &&Command| server.is_some_and(|server| !std::ptr::eq(server, *one));
    let last = commands.iter().rfind(|one| !one.is_piped);
    // What stood in the foreground before the last has ended.
    let is_last = |one: &Command| last.is_some_and(|last| std::ptr::eq(last, one));
    let runs = |one: &&Command| one.served().is_some() && (one.stays_behind() || is_last(one));
    let others = commands.iter().filter(is_other).filter(runs);
    let name = |one: &Command| Some(base_name(program_words(&one.words).first()?).to_owned());
    let mut names: Vec<String> = others.filter_map(name).collect();
    names.dedup();
    names
}

/// The last part of a path.
pub(super) fn base_name(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{recognise, split_words};

    fn words(text: &str) -> Vec<String> {
        split_words(text)
    }

    #[test]
    fn another_program_is_not_the_server_of_its_image() {
        for (image, command, tool) in [
            ("postgres:16", "sh -c 'while true; do pg_dump x; sleep 86400; done'", Some("pg_dump")),
            ("postgres:16", "psql -f /migrate.sql", Some("psql")),
            ("postgres:16", "sh -c 'echo no; sleep infinity'", Some("sleep")),
            ("redis:7", "redis-sentinel /etc/sentinel.conf", Some("redis-sentinel")),
            ("redis:7", "redis-server /etc/sentinel.conf --sentinel", None),
            ("redis:7", "docker-entrypoint.sh redis-cli -h cache", Some("redis-cli")),
            ("mysql:8", "mysql -h db -e 'select 1'", Some("mysql")),
            ("mysql:8", "sh -c 'mysqldump -h db shop > /b; sleep infinity'", Some("mysqldump")),
            ("mariadb:11", "mariadb-dump -h db shop", Some("mariadb-dump")),
            ("node:20", "sleep infinity", Some("sleep")),
            ("nginx", "certbot renew", Some("certbot")),
            ("postgres:16", "wal-g backup-push", None),
        ] {
            let found = recognise(Some(image), &words(command), &BTreeMap::new());
            assert!(found.is_none(), "{image} {command}: {found:?}");
            let (profile, named) = displaced(image, &words(command)).expect(command);
            assert!(image.starts_with(&profile.name) && named == tool, "{command}: {named:?}");
        }
    }

    #[test]
    fn what_may_well_start_the_server_is_the_server() {
        for (image, command) in [
            ("postgres:16", ""),
            ("postgres:16", "-c max_connections=50"),
            ("postgres:16", "gosu postgres postgres"),
            ("postgres:16", "/scripts/start.sh"),
            ("postgres:16", "sh -c 'sleep 5; exec postgres -c max_connections=50'"),
            ("postgres:16", "docker-entrypoint.sh"),
            ("grafana", "cli"),
            ("node:20", "vite preview"),
            ("postgres:16", "sh -c '/scripts/start.sh 2>&1 | tee /var/log/start'"),
            ("nginx", "sh -c 'envsubst < /a > /b && nginx -g \"daemon off;\"'"),
        ] {
            let found = recognise(Some(image), &words(command), &BTreeMap::new());
            let found = found.map(|profile| profile.name.as_str());
            assert_eq!(found, image.split(':').next(), "{image} {command}");
            assert!(displaced(image, &words(command)).is_none(), "{image} {command}");
        }
    }

    #[test]
    fn a_server_may_go_by_the_name_of_its_image() {
        let found = recognise(
            Some("redis/redis-stack-server"),
            &words("redis-stack-server /redis-stack.conf"),
            &BTreeMap::new(),
        );
        assert_eq!(found.map(|profile| profile.name.as_str()), Some("redis"));
    }

    #[test]
    fn what_stands_behind_a_starter_is_the_server_s() {
        for (command, expected) in [
            ("docker-entrypoint.sh --innodb-buffer-pool-size=2G", "--innodb-buffer-pool-size=2G"),
            ("tini -- docker-entrypoint.sh -c shared_buffers=2GB", "-c shared_buffers=2GB"),
            ("sh -c 'exec docker-entrypoint.sh --maxmemory 2gb'", "--maxmemory 2gb"),
            ("docker-entrypoint.sh postgres -c a=1", "postgres -c a=1"),
            ("/app/entrypoint.sh gunicorn shop.wsgi --workers 8", "gunicorn shop.wsgi --workers 8"),
            ("/app/entrypoint.sh python -m uvicorn a:b", "uvicorn a:b"),
            ("./start.sh sh -c 'exec node a.js'", "node a.js"),
            ("/scripts/backup.sh --all", "/scripts/backup.sh --all"),
            ("/usr/bin/redis-server node", "/usr/bin/redis-server node"),
            ("doppler run -- gunicorn shop.wsgi", "gunicorn shop.wsgi"),
            ("dockerize -wait tcp://db:5432 -timeout 60s gunicorn a", "gunicorn a"),
            ("numactl --interleave=all mongod --port 1", "mongod --port 1"),
            ("nice -n 5 gunicorn a", "gunicorn a"),
            ("setpriv --reuid=1 -g postgres ./own", "setpriv --reuid=1 -g postgres ./own"),
            ("timeout 60 ./own", "timeout 60 ./own"),
            ("A=1 B=2 env -i node a.js", "node a.js"),
        ] {
            assert_eq!(program_words(&words(command)), words(expected), "{command}");
        }
    }

    #[test]
    fn starters_without_end_cost_no_more_than_a_few() {
        let many = |word: &str| vec![word.to_owned(); 200_000];
        for word in ["exec", "sh", "A=1", "timeout", "docker-entrypoint.sh", "python", "./a.sh"] {
            let left = program_words(&many(word)).len();
            assert!(left + MOST_STARTERS >= 200_000 || word == "A=1", "{word} leaves {left}");
            assert!(script(&many(word)).is_none());
        }
    }

    #[test]
    fn a_script_is_cut_outside_quotes() {
        let nginx = words("sh -c \"nginx -g 'worker_processes 8; daemon off;'\"");
        assert_eq!(program_words(&nginx), ["nginx", "-g", "worker_processes 8; daemon off;"]);
        assert_eq!(program_words(&words("sh -c 'while true; do :; done'")), [":"]);
    }
}
