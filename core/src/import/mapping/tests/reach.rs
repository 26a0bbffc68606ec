//! Where requests come in, whom they reach, and through how many connections.

use super::{notes, one, service};
use crate::scenario::{Parameter, Value};

fn pool(keys: &str) -> Option<Value> {
    let draft = one(keys);
    super::builds(&draft);
    service(&draft, "a").parameters.get(&Parameter::PoolSize).cloned()
}

#[test]
fn the_address_of_a_database_sizes_the_pool() {
    let prisma = "image: node, environment: {DATABASE_URL: 'postgresql://u:hush@db.example/x?schema=public&connection_limit=60'}";
    assert_eq!(pool(prisma), Some(Value::Count(60)));
    let draft = one(prisma);
    assert_eq!(draft.provenance["services.a.pool_size"].line, 2);
    let mongo = |image: &str| {
        format!(
            "image: {image}, environment: {{MONGO_URL: 'mongodb://u:hush@m.example/x?maxPoolSize=7'}}"
        )
    };
    assert_eq!(pool(&mongo("node")), Some(Value::Count(7)));
    assert_eq!(pool(&mongo("example/shop")), Some(Value::Count(7)));
    // A variable of its own wins.
    let both = "image: node, environment: {DB_POOL_MAX: 4, URL: 'mysql://db.example/x?connection_limit=60'}";
    assert_eq!(pool(both), Some(Value::Count(4)));
    assert_eq!(pool("image: node, environment: {URL: 'mysql://db.example/x'}"), None);
}

#[test]
fn an_address_that_is_not_understood_is_not_shown() {
    let draft = one(
        "image: node, environment: {DATABASE_URL: 'mysql://u:hush@db.example/x?connection_limit=hush'}",
    );
    let said = notes(&draft, "W200");
    assert!(said.len() == 1 && said[0].contains("`connection_limit`"), "{said:?}");
    let all = super::shown(&draft.notes);
    assert!(!all.contains("hush"), "{all}");
}
