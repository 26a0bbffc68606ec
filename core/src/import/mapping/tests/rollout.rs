//! How containers make way for new ones, as a Compose file says it.

use super::{builds, notes, one, service};

#[test]
fn containers_make_way_as_their_deploy_section_says() {
    for (keys, surge, unavailable, grace) in [
        ("stop_grace_period: 1m30s", None, None, Some(90.0)),
        ("deploy: {replicas: 4, update_config: {}}", Some(0), Some(1), None),
        ("deploy: {replicas: 4, update_config: {parallelism: 0}}", Some(0), Some(1000), None),
        (
            "deploy: {replicas: 4, update_config: {parallelism: 2, order: start-first}}",
            Some(2),
            Some(0),
            None,
        ),
    ] {
        let draft = one(&format!("image: nginx, {keys}"));
        let rollout = service(&draft, "a").rollout.expect(keys);
        assert_eq!((rollout.surge, rollout.unavailable), (surge, unavailable), "{keys}");
        assert_eq!(rollout.grace.map(|grace| grace.as_seconds()), grace, "{keys}");
        assert_eq!(notes(&draft, "N100"), Vec::<String>::new(), "{keys}");
        builds(&draft);
    }
    assert_eq!(service(&one("image: nginx"), "a").rollout, None);
    // Our own keys say more, and nothing of what the file says is lost.
    let draft = one("image: nginx, stop_grace_period: 40s, x-plimsoll: {rollout: {surge: 2}}");
    let rollout = service(&draft, "a").rollout.expect("both");
    assert_eq!(
        (rollout.surge, rollout.grace.map(|grace| grace.as_seconds())),
        (Some(2), Some(40.0))
    );
    // Two databases cannot have the same files.
    let draft = one("image: 'postgres:16', deploy: {update_config: {order: start-first}}");
    let rollout = service(&draft, "a").rollout.expect("in place");
    assert_eq!((rollout.surge, rollout.unavailable), (Some(0), Some(1)));
    assert!(notes(&draft, "N100")[0].contains("in its place"), "{:?}", notes(&draft, "N100"));
}
