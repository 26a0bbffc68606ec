//! How many containers an autoscaler wants.

use super::*;
use crate::quantity::Ratio;

fn reading(used: f64, counted: u32, missing: u32, ignored: u32) -> Reading {
    Reading { used, reserved: f64::from(counted), counted, missing, ignored, is_whole: true }
}

#[test]
fn replicas_follow_the_rules_of_kubernetes() {
    let replicas = |reading, target, current| {
        Autoscaler::replicas(reading, 1.0, target, current).expect("pods were counted")
    };
    // Three pods use twice what is reserved, half of it is wanted: four times as many.
    assert_eq!(replicas(reading(6.0, 3, 0, 0), 50.0, 3), 12);
    // Eight of ten are ready and use 90 %: with two that use nothing it is 72 % of 60 %.
    assert_eq!(replicas(reading(7.2, 8, 0, 2), 60.0, 10), 12);
    // Less than a tenth more is as wanted; whole percent count.
    assert_eq!(replicas(reading(2.199, 2, 0, 0), 100.0, 2), 2);
    assert_eq!(replicas(reading(2.24, 2, 0, 0), 100.0, 2), 3);
    // Who is missing is taken for busy where fewer are wanted: 0.4 and 1 of 1 each, 70 % of 50 %.
    assert_eq!(replicas(reading(0.4, 1, 1, 0), 50.0, 2), 2);
    assert_eq!(replicas(reading(0.9, 3, 1, 0), 90.0, 4), 3);
    assert_eq!(Autoscaler::replicas(reading(0.0, 0, 2, 0), 1.0, 50.0, 2), None);
}

fn at(seconds: u64) -> SimTime {
    SimTime::from_millis(1000 * seconds)
}

fn scaler(behavior: Option<Behavior>) -> Autoscaler {
    let rules = AutoscalerModel {
        min: 2,
        max: 30,
        stated: 3,
        cpu: Some(70),
        memory: None,
        container_only: false,
        reserved: (1.0, 0.0),
        requests: None,
        up_window: SimTime::ZERO,
        down_window: at(60),
        behavior,
    };
    let advice = VecDeque::from([(SimTime::ZERO, 3)]);
    let (looks, changes) = (VecDeque::new(), VecDeque::new());
    Autoscaler { service: 0, rules, first: SimTime::ZERO, looks, advice, changes }
}

fn pace(containers: Option<u32>, share: Option<f64>, seconds: u64, select: Select) -> Pace {
    Pace { containers, share: share.map(Ratio), period: Some(at(seconds)), select }
}

#[test]
fn growth_is_bounded_and_decline_waits() {
    let mut usual = scaler(None);
    assert_eq!(usual.held_back(at(15), 3, 12), 6, "twice as many");
    assert_eq!(usual.held_back(at(30), 6, 5), 12, "what was wanted within five minutes");
    assert_eq!(usual.held_back(at(331), 12, 1), 2, "at least `min`");
    let up = pace(Some(4), Some(1.0), 15, Select::Most);
    let mut stated = scaler(Some(Behavior { up, down: Pace { containers: None, ..up } }));
    assert_eq!(stated.held_back(at(15), 3, 12), 7, "four more");
    assert_eq!(stated.held_back(at(30), 7, 5), 7, "fewer were not wanted for a minute");
    assert_eq!(stated.held_back(at(76), 7, 5), 5);
}

#[test]
fn a_pace_counts_what_changed_within_its_time() {
    let up = pace(Some(2), Some(0.5), 60, Select::Least);
    let down = pace(Some(1), None, 30, Select::Most);
    let mut of = scaler(Some(Behavior { up, down }));
    // 3 + 2 and 4.5 rounded upwards: both allow 5, and no more within the minute.
    assert_eq!(of.held_back(at(15), 3, 20), 5);
    of.changes.push_back((at(15), 2));
    assert_eq!(of.held_back(at(30), 5, 20), 5);
    assert_eq!(of.held_back(at(75), 5, 20), 7, "5 + 2, and not 8");
    of.changes.push_back((at(75), 2));
    // Whom the minute brought may go with one more.
    of.rules.down_window = SimTime::ZERO;
    assert_eq!(of.held_back(at(90), 7, 2), 4, "there were 5 half a minute ago");
    assert_eq!(of.held_back(at(105), 7, 2), 6);
    let never = Pace { select: Select::Never, ..down };
    of.rules.behavior = Some(Behavior { up, down: never });
    assert_eq!(of.held_back(at(200), 7, 2), 7);
}
