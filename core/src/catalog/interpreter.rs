//! Programs that run another one, and heed only the flags in front of it.

use super::recognise::is_named;

/// Interpreters by their names, with those of their flags that the next word belongs to (the manuals of java, and of
/// node up to 22).
const INTERPRETERS: &[(&[&str], &[&str])] = &[(&["java"], OF_JAVA), (&["node", "nodejs"], OF_NODE)];
const OF_JAVA: &[&str] = &[
    "--add-exports",
    "--add-modules",
    "--add-opens",
    "--add-reads",
    "--class-path",
    "--describe-module",
    "--enable-native-access",
    "--limit-modules",
    "--module-path",
    "--patch-module",
    "--source",
    "--upgrade-module-path",
    "-classpath",
    "-cp",
    "-d",
    "-p",
];
const OF_NODE: &[&str] = &[
    "--conditions",
    "--cpu-prof-dir",
    "--cpu-prof-interval",
    "--cpu-prof-name",
    "--diagnostic-dir",
    "--disable-proto",
    "--disable-warning",
    "--dns-result-order",
    "--env-file",
    "--env-file-if-exists",
    "--experimental-default-type",
    "--experimental-loader",
    "--heap-prof-dir",
    "--heap-prof-interval",
    "--heap-prof-name",
    "--heapsnapshot-near-heap-limit",
    "--heapsnapshot-signal",
    "--icu-data-dir",
    "--import",
    "--input-type",
    "--inspect-port",
    "--loader",
    "--localstorage-file",
    "--max-http-header-size",
    "--network-family-autoselection-attempt-timeout",
    "--openssl-config",
    "--redirect-warnings",
    "--report-dir",
    "--report-directory",
    "--report-filename",
    "--report-signal",
    "--require",
    "--secure-heap",
    "--secure-heap-min",
    "--snapshot-blob",
    "--title",
    "--tls-cipher-list",
    "--tls-keylog",
    "--trace-event-categories",
    "--trace-event-file-pattern",
    "--trace-require-module",
    "--unhandled-rejections",
    "--v8-pool-size",
    "--watch-path",
    "-C",
    "-r",
];
/// Flags of these behind which the program stands.
const NAMES: &[&str] = &["-jar", "-m", "--module"];

/// Variables that hold more arguments and that an interpreter reads by itself (java and OpenJ9 docs: environment variables);
/// the others are read by scripts that start it, and handed over as words.
const READ: &[(&str, &[&str])] = &[("java", &["JAVA_TOOL_OPTIONS", "*_JAVA_OPTIONS"])];

/// The variable that hands `program` more arguments, where it reads none of this name by itself: `JAVA_OPTS` is nothing
/// to `java`.
///
/// ```
/// use plimsoll::catalog::read_instead;
/// assert_eq!(read_instead("java", "JAVA_OPTS"), Some("JAVA_TOOL_OPTIONS"));
/// assert_eq!(read_instead("java", "JDK_JAVA_OPTIONS"), None);
/// assert_eq!(read_instead("catalina.sh", "JAVA_OPTS"), None);
/// ```
pub fn read_instead(program: &str, variable: &str) -> Option<&'static str> {
    let (_, read) = READ.iter().find(|(name, _)| *name == program)?;
    let reads = read.iter().any(|wanted| is_named(wanted, variable));
    read.first().copied().filter(|_| !reads)
}

/// How many of the words behind a program are its own: of `java -Xmx1g -jar a.jar -Xmx2g` the first three, since the
/// last is given to `a.jar`. All, where the program is no such one.
///
/// ```
/// use plimsoll::catalog::own_words;
/// let words = ["-Xmx1g", "-jar", "a.jar", "-Xmx2g"].map(String::from);
/// assert_eq!(own_words("java", &words), 3);
/// assert_eq!(own_words("gunicorn", &words), 4);
/// ```
pub fn own_words(program: &str, words: &[String]) -> usize {
    let Some((_, with_value)) = INTERPRETERS.iter().find(|(names, _)| names.contains(&program))
    else {
        return words.len();
    };
    let mut at = 0;
    while let Some(word) = words.get(at) {
        // What a shell fills in, or a file of arguments, may hold flags.
        let is_flag = word.starts_with(['-', '$', '@']) || word.is_empty();
        if NAMES.contains(&word.as_str()) {
            return (at + 2).min(words.len());
        }
        if !is_flag {
            return at + 1;
        }
        at += 1 + usize::from(with_value.contains(&word.as_str()));
    }
    words.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::split_words;

    #[test]
    fn flags_end_where_the_program_begins() {
        for (program, words, own) in [
            ("java", "-cp a.jar -Xmx1g shop.Main -Xmx2g", 4),
            ("java", "$JAVA_OPTS -Xmx1g -jar a.jar --server.port=80", 4),
            ("java", "-p mods -m shop/shop.Main -Xmx2g", 4),
            ("java", "@flags -Xmx1g -jar", 3),
            ("node", "--max-old-space-size=384 -r dotenv/config a.js --max-old-space-size=512", 4),
            ("node", "a.js --max-old-space-size=512", 1),
            ("nodejs", "--dns-result-order ipv4first --max-old-space-size=512 a.js --x", 4),
            ("node", "", 0),
            ("tsx", "a.ts --max-old-space-size=512", 2),
        ] {
            assert_eq!(own_words(program, &split_words(words)), own, "{program} {words}");
        }
    }
}
