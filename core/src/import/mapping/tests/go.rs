//! What variables of Go's runtime change, and what is said of the others.

use super::{builds, notes, one, service};

fn go(variables: &str, more: &str) -> String {
    format!("image: 'example/api:1', environment: {{{variables}}}{more}")
}

const LIMIT: &str = ", mem_limit: 256m, cpus: 2";

#[test]
fn a_heap_without_collections_grows_to_its_limit() {
    for (goal, bytes) in [("600MiB", 600 << 20), ("1073741824", 1 << 30), ("2GiB", 2 << 30)] {
        let draft = one(&go(&format!("GOGC: 'off', GOMEMLIMIT: {goal}"), LIMIT));
        let memory = &builds(&draft).services[0].memory;
        assert_eq!((memory.program, memory.request, memory.connection), (bytes, 0, 0), "{goal}");
        let said = notes(&draft, "W201");
        assert!(said.len() == 1 && said[0].contains("protects from nothing"), "{said:?}");
    }
    let own = ", x-plimsoll: {memory_program: 40MiB}";
    let draft = one(&go("GOGC: 'off', GOMEMLIMIT: 600MiB", own));
    assert_eq!(builds(&draft).services[0].memory.program, 40 << 20);
}

#[test]
fn what_is_not_taken_is_said() {
    let said = |variables: &str| {
        let draft = one(&go(variables, LIMIT));
        assert!(service(&draft, "a").parameters.is_empty(), "{variables}");
        (notes(&draft, "W201"), notes(&draft, "N100"))
    };
    let none = Vec::<String>::new();
    let note = "`GOMEMLIMIT` of `a` changes nothing here: what lives may exceed it";
    assert_eq!(said("GOMEMLIMIT: 230MiB"), (none.clone(), vec![note.to_owned()]));
    assert_eq!(said("GOMEMLIMIT: 'off', GOMAXPROCS: 2"), (none.clone(), none.clone()));
    for (value, how) in [("'off'", "without end"), ("400", "to a share of what lives")] {
        let warning = format!("`GOGC` of `a` lets garbage pile up {how}, which is not simulated");
        assert_eq!(said(&format!("GOGC: {value}")), (vec![warning], none.clone()));
    }
    let few = "`GOMAXPROCS` of `a` is not simulated: it has more cores";
    assert_eq!(said("GOMAXPROCS: 1"), (none, vec![few.to_owned()]));
}
