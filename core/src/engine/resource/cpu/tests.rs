//! Cores dealt out: fair shares, quotas, theft, and no work lost between them.

use super::*;

fn finishes(cpu: &mut Cpu) -> Vec<(u64, u32)> {
    let mut out = Vec::new();
    while cpu.next() != SimTime::NEVER {
        let at = cpu.next();
        if let Ring::Finished(span) = cpu.ring(at) {
            out.push((at.0 / 1_000_000, span));
        }
    }
    out
}

#[test]
fn one_core_is_shared_evenly_between_containers_not_threads() {
    let mut cpu = Cpu::new(1, 0.0);
    cpu.add(1024, None, false);
    cpu.add(1024, None, false);
    for span in 0..3 {
        cpu.start(SimTime::ZERO, 0, span, 10_000_000);
    }
    cpu.start(SimTime::ZERO, 1, 9, 10_000_000);
    // Container 1 has half a core until its 10 ms are done at 20 ms; by then each thread of
    // container 0 has had 10/3 ms, and the three share a whole core from there. What ends at the
    // same time ends in the order in which it began.
    assert_eq!(finishes(&mut cpu), vec![(20, 9), (40, 0), (40, 1), (40, 2)]);
}

#[test]
fn who_was_calm_in_between_is_dealt_its_part_anew() {
    let mut cpu = Cpu::new(1, 0.0);
    cpu.add(1024, None, false);
    cpu.add(1024, None, false);
    let at = SimTime::from_millis;
    cpu.start(at(0), 0, 1, 5_000_000);
    cpu.start(at(0), 1, 2, 2_000_000);
    for (end, span) in [(4, 2), (7, 1)] {
        assert_eq!(cpu.next(), at(end));
        assert!(matches!(cpu.ring(at(end)), Ring::Finished(ended) if ended == span));
    }
    // The first container goes on in the same moment, with a core to itself.
    cpu.start(at(7), 0, 3, 1_000_000);
    assert_eq!(finishes(&mut cpu), vec![(8, 3)]);
    cpu.start(at(10), 1, 4, 10_000_000);
    cpu.start(at(10), 1, 5, 10_000_000);
    cpu.next();
    // Against the other's two threads it has half a core, whatever it had before.
    cpu.start(at(11), 0, 6, 1_000_000);
    assert_eq!(finishes(&mut cpu), vec![(13, 6), (31, 4), (31, 5)]);
    assert!((cpu.host_used(at(31)) - 0.029).abs() < 1e-9);
}

#[test]
fn a_quota_stalls_until_the_next_period() {
    let mut cpu = Cpu::new(4, 0.0);
    cpu.add(1024, Some(0.5), false);
    cpu.start(SimTime::ZERO, 0, 1, 60_000_000);
    // 50 ms of work, a stall until 100 ms, then the other 10 ms.
    assert_eq!(finishes(&mut cpu), vec![(110, 1)]);
    assert!((cpu.used(SimTime::from_millis(110), 0).1 - 0.05).abs() < 1e-9);
}

#[test]
fn spells_of_shortage_neither_lose_nor_invent_work() {
    let mut stream = crate::random::Streams::new(7, 0).stream("cpu", "test");
    let mut cpu = Cpu::new(3, 0.0);
    let quotas = [None, None, Some(0.7), None, None];
    for (group, quota) in quotas.into_iter().enumerate() {
        cpu.add(512 << group, quota, group == 4);
    }
    let mut works = [0; 5];
    let mut ended = 0;
    let mut now = SimTime::ZERO;
    for span in 0..3000 {
        // Now and then long enough for all to end, and to be calm again.
        now += SimTime(stream.below(if span % 50 == 0 { 400_000_000 } else { 6_000_000 }));
        while cpu.next() <= now {
            let at = cpu.next();
            ended += u32::from(matches!(cpu.ring(at), Ring::Finished(_)));
        }
        let (group, work) = (stream.below(5) as u32, stream.below(20_000_000) + 1);
        works[group as usize] += work;
        cpu.start(now, group, span, work);
    }
    ended += finishes(&mut cpu).len() as u32;
    assert_eq!(ended, 3000);
    for (group, work) in works.into_iter().enumerate() {
        // Ends are rounded up to the nanosecond.
        let used = cpu.used(now + SimTime::from_millis(1_000_000), group as u32).0;
        assert!((used - work as f64 / 1e9).abs() < 3000e-9, "{group}: {used} s of {work} ns");
    }
}

#[test]
fn it_does_not_matter_how_often_the_next_event_is_asked_for() {
    let finishes = |asks: bool| {
        let mut stream = crate::random::Streams::new(11, 0).stream("cpu", "test");
        let mut cpu = Cpu::new(2, 0.0);
        for quota in [None, Some(0.6), None, Some(3.0)] {
            cpu.add(1024, quota, false);
        }
        let (mut now, mut out) = (SimTime::ZERO, Vec::new());
        for span in 0..4000 {
            // Mostly several changes at one time, and pauses in which the cores suffice again.
            now += SimTime(match stream.below(40) {
                0 => 300_000_000,
                1..20 => stream.below(8_000_000),
                _ => 0,
            });
            while cpu.next() <= now {
                let at = cpu.next();
                if let Ring::Finished(span) = cpu.ring(at) {
                    out.push((at, span));
                    // A worker that is done begins the next piece at the same time.
                    if span % 3 == 0 {
                        cpu.start(at, span % 4, span + 1, 1_000_000);
                    }
                }
            }
            cpu.start(now, stream.below(4) as u32, 3 * span, stream.below(9_000_000) + 1);
            if asks {
                cpu.next();
            }
        }
        out
    };
    let often = finishes(true);
    assert!(often.len() > 4000);
    assert_eq!(often, finishes(false));
}

#[test]
fn a_stolen_share_slows_who_is_alone_and_who_shares() {
    let mut cpu = Cpu::new(1, 0.5);
    cpu.add(1024, None, false);
    cpu.add(1024, None, false);
    cpu.start(SimTime::ZERO, 0, 1, 10_000_000);
    assert_eq!(finishes(&mut cpu), vec![(20, 1)]);
    cpu.start(SimTime::from_millis(20), 0, 1, 10_000_000);
    cpu.start(SimTime::from_millis(20), 1, 2, 10_000_000);
    assert_eq!(finishes(&mut cpu), vec![(60, 1), (60, 2)]);
    assert!((cpu.host_used(SimTime::from_millis(60)) - 0.03).abs() < 1e-9);
}

#[test]
fn threads_beyond_one_core_each_gain_nothing() {
    let mut cpu = Cpu::new(8, 0.0);
    cpu.add(1024, None, false);
    cpu.start(SimTime::ZERO, 0, 1, 5_000_000);
    cpu.start(SimTime::from_millis(1), 0, 2, 5_000_000);
    assert_eq!(finishes(&mut cpu), vec![(5, 1), (6, 2)]);
}

/// When each piece of work ends on so few cores, in nanoseconds: rates found anew from one event to the next,
/// by halving the interval in which the level lies that gives all cores away.
fn fluid(cores: f64, shares: &[f64], works: &[(u64, usize, u64)]) -> Vec<f64> {
    let mut ends = vec![0.0; works.len()];
    let (mut now, mut arrived) = (0.0, 0);
    let mut there: Vec<(usize, f64)> = Vec::new();
    while arrived < works.len() || !there.is_empty() {
        let mut wanted = vec![0.0_f64; shares.len()];
        there.iter().for_each(|&(work, _)| wanted[works[work].1] += 1.0);
        let given = |level: f64| -> Vec<f64> {
            wanted.iter().zip(shares).map(|(&most, share)| most.min(level * share)).collect()
        };
        let (mut low, mut high) = (0.0, 1e6);
        for _ in 0..200 {
            let level = f64::midpoint(low, high);
            let is_too_much = given(level).iter().sum::<f64>() > cores;
            if is_too_much { high = level } else { low = level }
        }
        let given = given(low);
        let rate = |work: usize| given[works[work].1] / wanted[works[work].1];
        let next = works.get(arrived).map_or(f64::INFINITY, |&(at, ..)| at as f64);
        let until = there.iter().map(|&(work, left)| now + left / rate(work)).fold(next, f64::min);
        there.iter_mut().for_each(|(work, left)| *left -= (until - now) * rate(*work));
        now = until;
        there.retain(|&(work, left)| {
            ends[work] = now;
            left > 1e-3
        });
        while works.get(arrived).is_some_and(|&(at, ..)| at as f64 <= now) {
            there.push((arrived, works[arrived].2 as f64));
            arrived += 1;
        }
    }
    ends
}

#[test]
fn cores_are_dealt_as_a_fluid_would_be() {
    let shares = [256.0, 512.0, 1024.0, 1024.0, 2048.0];
    for cores in [1, 2, 3, 5] {
        let mut stream = crate::random::Streams::new(u64::from(cores), 0).stream("cpu", "fluid");
        let mut cpu = Cpu::new(cores, 0.0);
        shares.iter().for_each(|&share| cpu.add(share as u32, None, false));
        let (mut works, mut at) = (Vec::new(), 0);
        for _ in 0..2000 {
            // Spells of too much work and pauses in which all of it ends; now and then several at once.
            at += match stream.below(100) {
                0 => 300_000_000,
                1..20 => 0,
                _ => stream.below(6_000_000 / u64::from(cores)),
            };
            works.push((at, stream.below(5) as usize, stream.below(5_000_000) + 1));
        }
        let mut ends = vec![0.0; works.len()];
        let mut ring_until = |cpu: &mut Cpu, until: SimTime| {
            while cpu.next() <= until && cpu.next() < SimTime::NEVER {
                let now = cpu.next();
                if let Ring::Finished(span) = cpu.ring(now) {
                    ends[span as usize] = now.0 as f64;
                }
            }
        };
        for (span, &(at, group, work)) in (0..).zip(&works) {
            ring_until(&mut cpu, SimTime(at));
            cpu.start(SimTime(at), group as u32, span, work);
        }
        ring_until(&mut cpu, SimTime::NEVER);
        for (end, expected) in ends.iter().zip(fluid(f64::from(cores), &shares, &works)) {
            // Ends are rounded up, and each may put off those behind it.
            assert!((end - expected).abs() < 2000.0, "{cores} cores: {end}, not {expected}");
        }
    }
}
