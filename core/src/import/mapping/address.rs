//! Hosts inside texts: URLs and bare `host:port`. Only hosts and schemes leave this file, never
//! user names, passwords or paths.

/// A host that a text names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// The scheme in small letters, without a driver (`postgresql+asyncpg` is `postgresql`); none
    /// for a bare host.
    pub(super) scheme: Option<String>,
    /// The host.
    pub(super) host: String,
    /// The port, where one was given with it.
    pub(super) port: Option<u16>,
}

/// What a scheme leads to, where that decides how the text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Backend {
    /// A database or store with a profile of this name.
    Known(&'static str),
    /// A database, store or queue that is not modelled.
    Unknown,
    /// A database of which nothing shows the kind.
    Unclear,
}

/// The scheme that stands for a database of a kind that nothing shows.
pub(super) const UNCLEAR: &str = "database";

const BACKENDS: &[(&str, Backend)] = &[
    ("postgres", Backend::Known("postgres")),
    ("postgresql", Backend::Known("postgres")),
    ("postgis", Backend::Known("postgres")),
    ("redis", Backend::Known("redis")),
    ("rediss", Backend::Known("redis")),
    ("valkey", Backend::Known("redis")),
    ("valkeys", Backend::Known("redis")),
    (UNCLEAR, Backend::Unclear),
    ("mysql", Backend::Known("mysql")),
    ("mariadb", Backend::Known("mariadb")),
    ("mssql", Backend::Unknown),
    ("sqlserver", Backend::Unknown),
    ("oracle", Backend::Unknown),
    ("mongodb", Backend::Known("mongodb")),
    ("memcached", Backend::Known("memcached")),
    ("amqp", Backend::Known("rabbitmq")),
    ("amqps", Backend::Known("rabbitmq")),
    ("kafka", Backend::Known("kafka")),
    ("clickhouse", Backend::Known("clickhouse")),
    ("nats", Backend::Unknown),
];

/// Ports that databases listen on unless they are told otherwise.
const PORTS: &[(u16, &str)] =
    &[(5432, "postgres"), (3306, "mysql"), (1433, "mssql"), (27017, "mongodb")];

/// The scheme of what listens on this port unless told otherwise.
pub(super) fn usual_scheme(port: u16) -> Option<&'static str> {
    PORTS.iter().find(|(usual, _)| *usual == port).map(|(_, scheme)| *scheme)
}

impl Address {
    /// What its scheme leads to; `None` for a bare host and for schemes such as `http`.
    pub(super) fn backend(&self) -> Option<Backend> {
        backend(self.scheme.as_deref()?)
    }

    /// Whether it is the container itself.
    pub(super) fn is_local(&self) -> bool {
        matches!(self.host.as_str(), "localhost" | "0.0.0.0") || self.host.starts_with("127.")
    }
}

fn backend(scheme: &str) -> Option<Backend> {
    BACKENDS.iter().find(|(name, _)| *name == scheme).map(|(_, backend)| *backend)
}

/// The hosts of all URLs in `text`: `scheme://[user[:password]@]host[:port][,host…][/path]`.
pub(super) fn urls(text: &str) -> Vec<Address> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let scheme = scheme(&rest[..at]);
        let after = &rest[at + 3..];
        let is_end = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>');
        let (token, later) = after.split_at(after.find(is_end).unwrap_or(after.len()));
        // Another URL may follow in the same word: `http://a,http://b`.
        let own = token
            .find("://")
            .map_or(token, |next| token[..next].rfind(',').map_or(token, |comma| &token[..comma]));
        let hosts = hosts(&scheme, own).filter_map(bare);
        found.extend(hosts.map(|address| Address { scheme: Some(scheme.clone()), ..address }));
        rest = if own.len() < token.len() { &after[own.len()..] } else { later };
    }
    found
}

/// The hosts of a URL that are called. Of a replica set that is the primary alone, taken to be the first (MongoDB docs:
/// connection strings, replicaSet; read preference, primary unless told otherwise).
fn hosts<'t>(scheme: &str, token: &'t str) -> impl Iterator<Item = &'t str> {
    // What follows the host and port of SQL Server is assignments, passwords among them (Microsoft JDBC docs: building
    // the connection URL).
    let token = match scheme {
        "sqlserver" => token.split(';').next().unwrap_or_default(),
        _ => token,
    };
    let options = token.to_ascii_lowercase();
    let is_set = scheme == "mongodb"
        && options.contains("replicaset=")
        && !options.contains("readpreference=");
    let parts = authority(token, backend(scheme).is_some()).split(',');
    parts.take(if is_set { 1 } else { usize::MAX })
}

/// The hosts of a connection string that is no URL: `Host=db;Port=5432;Database=shop` of ADO.NET (Npgsql, MySqlConnector
/// and SqlClient docs: connection strings), and `user:password@tcp(db:3306)/shop` of Go (go-sql-driver/mysql: DSN).
pub(super) fn connection_string(text: &str) -> Option<Address> {
    if let Some((_, rest)) = text.split_once("@tcp(") {
        let address = bare(rest.split(')').next()?)?;
        return Some(Address { scheme: Some("mysql".to_owned()), ..address });
    }
    let pairs = || text.split(';').filter_map(|pair| pair.split_once('='));
    let value = |wanted: &[&str]| {
        let is_it = |key: &str| wanted.iter().any(|one| key.trim().eq_ignore_ascii_case(one));
        pairs().find(|(key, _)| is_it(key)).map(|(_, value)| value.trim())
    };
    let is_one = text.contains(';') && value(&["database", "initial catalog"]).is_some();
    let server = value(&["host", "server", "data source", "addr", "address"]).filter(|_| is_one)?;
    // SQL Server has a protocol before its host, and port or instance behind it: `tcp:db,1433`, `db\instance`.
    let server = server.strip_prefix("tcp:").unwrap_or(server);
    let (host, port) = server.split_once([',', ':', '\\']).unwrap_or((server, ""));
    let port = Some(port).filter(|port| !port.is_empty()).or(value(&["port"]));
    let port = port.and_then(|port| port.trim().parse().ok());
    let scheme = port.and_then(usual_scheme).unwrap_or(UNCLEAR);
    Some(Address { scheme: Some(scheme.to_owned()), port, ..bare(host)? })
}

/// The value of an option in the address of a database that `text` is: `scheme://…?name=value&…`.
/// Names of options are the same in any case, as those of MongoDB are.
pub(super) fn url_option<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (before, after) = text.trim().split_once("://")?;
    backend(&scheme(before))?;
    // A password may hold a `?`; the last `@` ends it.
    let (_, options) = after.rsplit('@').next()?.split_once('?')?;
    let options = options.split('#').next()?.split('&');
    let mut pairs = options.filter_map(|option| option.split_once('='));
    pairs.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// The scheme that ends `text`, without a driver.
fn scheme(text: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    let start = text
        .rfind(|c| !is_part(c))
        .map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    text[start..].split('+').next().unwrap_or_default().to_ascii_lowercase()
}

/// Hosts and ports of what follows `://`. Passwords of databases are often not encoded and may hold
/// any character, so there the last `@` ends them.
fn authority(token: &str, is_backend: bool) -> &str {
    let is_end = |c: char| matches!(c, '/' | '?' | '#' | '\\');
    let without_user = |text: &'_ str| text.rfind('@').map_or(0, |at| at + 1);
    if is_backend {
        let text = &token[without_user(token)..];
        return text.split(is_end).next().unwrap_or_default();
    }
    let text = token.split(is_end).next().unwrap_or_default();
    &text[without_user(text)..]
}

/// A host with an optional port and path: `redis`, `redis:6379`, `redis:6379/0`.
pub(super) fn bare(text: &str) -> Option<Address> {
    let text = text.trim().split('/').next()?;
    let (host, port) = text.split_once(':').unwrap_or((text, ""));
    let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let is_valid =
        !host.is_empty() && host.chars().all(is_host) && port.chars().all(|c| c.is_ascii_digit());
    // A number that is no port leads nowhere, like 0.
    let port = (!port.is_empty()).then(|| port.parse().unwrap_or(0));
    is_valid.then(|| Address { scheme: None, host: host.to_owned(), port })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(text: &str) -> Vec<(String, String)> {
        let pair = |address: Address| (address.scheme.unwrap_or_default(), address.host);
        urls(text).into_iter().map(pair).collect()
    }

    fn pair(scheme: &str, host: &str) -> (String, String) {
        (scheme.to_owned(), host.to_owned())
    }

    #[test]
    fn hosts_are_found_in_urls_of_every_form() {
        for (text, scheme, host) in [
            ("postgres://app@pgbouncer:6432/prod", "postgres", "pgbouncer"),
            ("postgresql+asyncpg://u:p@db.internal:5432/x", "postgresql", "db.internal"),
            ("redis://:secret@redis:6379/0", "redis", "redis"),
            ("redis://redis", "redis", "redis"),
            ("http://api:8000/a@b", "http", "api"),
            ("jdbc:postgresql://db:5432/x", "postgresql", "db"),
            ("--upstream=http://api:8000", "http", "api"),
            ("jdbc:sqlserver://sql:1433;database=x;password=a@b", "sqlserver", "sql"),
        ] {
            assert_eq!(hosts(text), [pair(scheme, host)], "{text}");
        }
    }

    #[test]
    fn the_primary_of_a_replica_set_is_called() {
        let (one, two) = (pair("mongodb", "a"), pair("mongodb", "b"));
        let both = [one.clone(), two];
        assert_eq!(hosts("mongodb://u:p@a:1,b:2/x?w=1&replicaSet=rs0"), [one]);
        assert_eq!(hosts("mongodb://a,b/x?replicaSet=rs0&readPreference=nearest"), both);
        assert_eq!(hosts("mongodb://a,b/x"), both);
    }

    #[test]
    fn connection_strings_name_their_host() {
        for (text, scheme, host, port) in [
            (
                "Host=pg;Port=5432;Database=shop;Username=u;Password=p;",
                "postgres",
                "pg",
                Some(5432),
            ),
            ("Server=my;Database=shop;Uid=u;Pwd=a=b", UNCLEAR, "my", None),
            ("Data Source=tcp:sql,1433;Initial Catalog=shop", "mssql", "sql", Some(1433)),
            (r"server=sql\express; database=shop", UNCLEAR, "sql", None),
            ("u:p@tcp(my:3306)/shop?parseTime=true", "mysql", "my", Some(3306)),
        ] {
            let found = connection_string(text).expect(text);
            assert_eq!((found.scheme.as_deref(), found.host.as_str()), (Some(scheme), host));
            assert_eq!(found.port, port, "{text}");
        }
    }

    #[test]
    fn several_hosts_and_several_urls() {
        let both = [pair("postgres", "a"), pair("postgres", "b")];
        assert_eq!(hosts("postgres://u@a:5432,b:5432/x"), both);
        let both = [pair("http", "a"), pair("http", "b")];
        assert_eq!(hosts("http://a:80,http://b:80"), both);
        assert_eq!(hosts("http://a:80/x http://b"), both);
    }

    #[test]
    fn an_option_is_found_in_the_address_of_a_database_only() {
        let limit = |text: &str| url_option(text, "connection_limit").map(str::to_owned);
        assert_eq!(limit("mysql://u:p@db/x?a=1&connection_limit=60#y").as_deref(), Some("60"));
        assert_eq!(
            limit("postgres://u:x?connection_limit=7@db/x?connection_limit=9").as_deref(),
            Some("9")
        );
        assert_eq!(limit("postgres://u:x?connection_limit=7@db/x"), None);
        assert_eq!(limit("https://db/x?connection_limit=60"), None);
        assert_eq!(limit("postgres://db/connection_limit=60"), None);
        assert_eq!(url_option("mongodb+srv://db/?maxpoolsize=5", "maxPoolSize"), Some("5"));
    }

    #[test]
    fn a_password_never_becomes_a_host() {
        for password in ["pa/ss", "pa?ss", "p@ss", "pa#ss", "pa:ss", "p,a"] {
            let text = format!("postgres://app:{password}@db:5432/x");
            assert_eq!(hosts(&text), [pair("postgres", "db")], "{password}");
        }
    }

    #[test]
    fn what_is_no_host_is_left() {
        for text in ["", "://", "http://", "http:///path", "http://[::1]:80", "é://é", "x://$HOST/"]
        {
            assert_eq!(hosts(text), [], "{text}");
        }
        assert_eq!(bare("redis:6379/0").map(|address| address.port), Some(Some(6379)));
        assert_eq!(bare("a b"), None);
        for text in ["Host=db", "a;b=c", "Host=db;User=x", "x@tcp(", "Server=;Database=x"] {
            assert_eq!(connection_string(text), None, "{text}");
        }
        assert_eq!(bare("host:port"), None);
    }
}
