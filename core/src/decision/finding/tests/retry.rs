//! The rule about attempts that multiply.

use super::{check, find, only};

fn plan(traffic: &str, web: &str, api: &str) -> String {
    format!(
        "traffic: {{ arrival_rate: 1/s{traffic} }}\nentry: web\n\
         services: {{ web: {{ calls: [api], restart: always{web} }}, api: {{ calls: [data]{api} }}, data: {{}} }}"
    )
}

#[test]
fn attempts_of_several_layers() {
    let two = ", retries: { attempts: 2 }";
    let words = "where data fails, it is asked up to 9 times for a request: 3 by web at api × 3 by api at data attempts";
    let finding = check("PL086", &plan("", two, two), words, &plan("", two, ""));
    assert_eq!(finding.service.as_deref(), Some("api"));
    let all = only("PL086", &plan(two, two, two));
    assert!(all.message.contains("27 times for a request: 3 by clients × "), "{}", all.message);
}

#[test]
fn what_is_bounded_does_not_multiply() {
    let (two, one) = (", retries: { attempts: 2 }", ", retries: { attempts: 1 }");
    let bounded = ", retries: { attempts: 9, budget: {} }";
    for text in [plan("", one, one), plan("", two, bounded), plan(bounded, two, "")] {
        assert!(find(&text).iter().all(|finding| finding.code != "PL086"), "{text}");
    }
    // A layer without retries between two that have them.
    let far = plan(two, "", ", retries: { attempts: 3 }");
    assert!(only("PL086", &far).message.contains("12 times"));
}
