//! What of a service's software is read, what is not, and what is said of it.

use crate::diagnostic::Diagnostic;
use crate::import::{Draft, Sources, read};
use crate::scenario::Service;

fn draft(text: &str) -> Draft {
    let found = read(&Sources::single("compose.yaml", text));
    found.unwrap_or_else(|errors| panic!("{}", shown(&errors)))
}

fn shown(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(|one| format!("{} {one}\n", one.path)).collect()
}

fn notes(draft: &Draft, code: &str) -> Vec<String> {
    let notes = draft.notes.iter().filter(|note| note.code == code);
    notes.map(|note| note.message.clone()).collect()
}

fn service<'d>(draft: &'d Draft, name: &str) -> &'d Service {
    draft.scenario.services.get(name).unwrap_or_else(|| panic!("no service {name}"))
}

#[test]
fn another_program_than_the_server_of_the_image_is_said() {
    let draft = draft(
        "services:
  dump: {image: 'postgres:16', entrypoint: [sh, -c], command: ['while true; do pg_dump -h db x > /b; sleep 9; done']}
  watch: {image: 'redis:7', command: redis-sentinel /s.conf}
  own: {image: 'postgres:16', command: wal-g backup-push}
  db: {image: 'postgres:16'}
",
    );
    let profile = |name: &str| service(&draft, name).profile.clone();
    for name in ["dump", "watch", "own"] {
        assert_eq!(profile(name).as_deref(), Some("generic"), "{name}");
    }
    assert_eq!(profile("db").as_deref(), Some("postgres"));
    let said = notes(&draft, "N200").join("\n");
    assert!(said.contains("`dump` runs `pg_dump` and not the `postgres` of its image"), "{said}");
    assert!(said.contains("`own` runs another program and not the `postgres`"), "{said}");
}
