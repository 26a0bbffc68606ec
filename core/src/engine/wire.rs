//! A run on its way from the worker that made it to the one that judges: a row of 64-bit words.
//!
//! Each structure names its fields once, in `carry`, for both ways. Histograms travel as their cells that
//! are not empty. Both ends are the same build, so there is no version; a row that is no run reads as `None`.

use hdrhistogram::Histogram;

use super::observer::{EndpointWatch, EndpointWindow, SeriesWatch, ServiceWindow};
use super::{DumpWatch, Happening, InstanceWatch, Killer, PoolWatch, RetryWatch, Run, StoreWatch};
use crate::quantity::SimTime;

/// Words that are written, or read from the front.
pub(crate) struct Wire {
    words: Vec<u64>,
    /// Of the next word to read; `None` while words are written.
    at: Option<usize>,
    /// Whether something was read that nobody wrote.
    is_broken: bool,
}

impl Wire {
    pub(crate) fn writing() -> Self {
        Wire { words: Vec::new(), at: None, is_broken: false }
    }

    pub(crate) fn reading(words: Vec<u64>) -> Self {
        Wire { words, at: Some(0), is_broken: false }
    }

    /// What was written.
    pub(crate) fn into_words(self) -> Vec<u64> {
        self.words
    }

    /// Whether all was read, and as it was written.
    pub(crate) fn is_spent(&self) -> bool {
        !self.is_broken && self.at == Some(self.words.len())
    }

    pub(crate) fn word(&mut self, value: &mut u64) {
        let Some(at) = &mut self.at else { return self.words.push(*value) };
        match self.words.get(*at) {
            Some(word) => (*value, *at) = (*word, *at + 1),
            None => self.is_broken = true,
        }
    }

    pub(crate) fn number(&mut self, value: &mut f64) {
        let mut bits = value.to_bits();
        self.word(&mut bits);
        *value = f64::from_bits(bits);
    }

    fn count(&mut self, value: &mut u32) {
        let mut wide = u64::from(*value);
        self.word(&mut wide);
        *value = wide as u32;
    }

    fn wide(&mut self, value: &mut u128) {
        let (mut low, mut high) = (*value as u64, (*value >> 64) as u64);
        self.word(&mut low);
        self.word(&mut high);
        *value = u128::from(high) << 64 | u128::from(low);
    }

    pub(crate) fn flag(&mut self, value: &mut bool) {
        let mut word = u64::from(*value);
        self.word(&mut word);
        *value = word == 1;
    }

    fn time(&mut self, value: &mut SimTime) {
        self.word(&mut value.0);
    }

    pub(crate) fn option<T: Default>(
        &mut self,
        value: &mut Option<T>,
        each: fn(&mut Wire, &mut T),
    ) {
        let mut is_some = value.is_some();
        self.flag(&mut is_some);
        if is_some {
            each(self, value.get_or_insert_with(T::default));
        }
    }

    pub(crate) fn list<T: Default>(&mut self, list: &mut Vec<T>, each: fn(&mut Wire, &mut T)) {
        let mut length = list.len() as u64;
        self.word(&mut length);
        if let Some(at) = self.at {
            // Nothing takes less than a word: a longer list was never written.
            if length > (self.words.len() - at) as u64 {
                self.is_broken = true;
                return;
            }
            list.resize_with(length as usize, T::default);
        }
        list.iter_mut().for_each(|one| each(self, one));
    }

    fn words_of(&mut self, array: &mut [u64]) {
        array.iter_mut().for_each(|word| self.word(word));
    }

    fn histogram(&mut self, histogram: &mut Histogram<u64>) {
        let mut cells = Vec::new();
        if self.at.is_none() {
            let recorded = histogram.iter_recorded();
            cells.extend(recorded.map(|cell| (cell.value_iterated_to(), cell.count_at_value())));
        }
        self.list(&mut cells, |wire, (value, count)| {
            wire.word(value);
            wire.word(count);
        });
        if self.at.is_some() {
            for (value, count) in cells {
                self.is_broken |= histogram.record_n(value, count).is_err();
            }
        }
    }
}

impl Run {
    /// Carries a run. When one is read, `self` is an empty one.
    pub(crate) fn carry(&mut self, wire: &mut Wire) {
        wire.flag(&mut self.finished);
        wire.word(&mut self.events);
        wire.time(&mut self.end);
        wire.number(&mut self.measured_seconds);
        wire.list(&mut self.endpoints, |wire, one| one.carry(wire));
        wire.list(&mut self.instances, |wire, one| one.carry(wire));
        wire.list(&mut self.pools, |wire, one| one.carry(wire));
        for times in [&mut self.under_way, &mut self.waiting] {
            wire.list(times, |wire, one| wire.list(one, Wire::time));
        }
        wire.list(&mut self.caches, |wire, one| one.carry(wire));
        wire.list(&mut self.retries, |wire, one| one.carry(wire));
        wire.word(&mut self.host_peak);
        wire.option(&mut self.host_died, Wire::time);
        wire.number(&mut self.host_utilisation);
        self.series.carry(wire);
        wire.list(&mut self.happenings, |wire, one| one.carry(wire));
        wire.list(&mut self.scalings, |wire, one| {
            wire.count(&mut one.service);
            wire.time(&mut one.at);
            wire.count(&mut one.wanted);
        });
        wire.word(&mut self.unexplained);
        wire.flag(&mut self.balanced);
        #[cfg(feature = "alerts")]
        wire.list(&mut self.alerts, |wire, one| one.carry(wire));
    }
}

#[cfg(feature = "alerts")]
impl crate::alert::AlertWatch {
    fn carry(&mut self, wire: &mut Wire) {
        let time = |wire: &mut Wire, time: &mut i64| {
            let mut word = *time as u64;
            wire.word(&mut word);
            *time = word as i64;
        };
        wire.option(&mut self.first_pending, time);
        wire.option(&mut self.first_firing, time);
        wire.flag(&mut self.pending_at_end);
        let all = crate::alert::Stop::ALL;
        // Counted from 1; 0 is none.
        let mut stop = self.stop.map_or(0, |stop| 1 + stop as u64);
        wire.word(&mut stop);
        wire.is_broken |= stop > all.len() as u64;
        self.stop = stop.checked_sub(1).and_then(|which| all.get(which as usize)).copied();
    }
}

impl EndpointWatch {
    fn carry(&mut self, wire: &mut Wire) {
        wire.word(&mut self.arrivals);
        wire.word(&mut self.completed);
        wire.words_of(&mut self.failed);
        wire.word(&mut self.in_flight);
        wire.word(&mut self.overdue);
        wire.word(&mut self.longest);
        wire.word(&mut self.completed_warm);
        wire.word(&mut self.answered_warm);
        wire.histogram(&mut self.latency);
        wire.wide(&mut self.latency_sum);
        wire.number(&mut self.latency_squares);
        self.causes.iter_mut().for_each(|cause| wire.wide(cause));
    }
}

impl InstanceWatch {
    fn carry(&mut self, wire: &mut Wire) {
        wire.word(&mut self.idle);
        wire.word(&mut self.peak);
        wire.words_of(&mut self.ledger);
        wire.word(&mut self.charged_peak);
        wire.word(&mut self.cache_peak);
        wire.option(&mut self.dump, |wire, dump: &mut DumpWatch| dump.carry(wire));
        wire.words_of(&mut self.end_ledger);
        wire.word(&mut self.end_page_cache);
        wire.count(&mut self.kills);
        wire.option(&mut self.killer, Killer::carry);
        wire.option(&mut self.first_kill, Wire::time);
        wire.count(&mut self.restarts);
        wire.number(&mut self.stood);
        wire.number(&mut self.cpu_seconds);
        wire.number(&mut self.throttled_seconds);
        wire.number(&mut self.slot_seconds);
        wire.count(&mut self.in_flight_max);
        wire.count(&mut self.queue_max);
        wire.count(&mut self.connections_max);
    }
}

impl Killer {
    fn carry(wire: &mut Wire, killer: &mut Killer) {
        let all = [Killer::Limit, Killer::Host, Killer::Heap, Killer::Refusal, Killer::Disturbance];
        let mut which = *killer as u64;
        wire.word(&mut which);
        match all.into_iter().find(|one| *one as u64 == which) {
            Some(one) => *killer = one,
            None => wire.is_broken = true,
        }
    }
}

impl DumpWatch {
    fn carry(&mut self, wire: &mut Wire) {
        wire.number(&mut self.seconds);
        wire.word(&mut self.file);
        wire.word(&mut self.keys_written);
        wire.word(&mut self.copied);
    }
}

impl PoolWatch {
    fn carry(&mut self, wire: &mut Wire) {
        wire.histogram(&mut self.waits);
        wire.wide(&mut self.wait_sum);
        wire.word(&mut self.overdue);
        wire.word(&mut self.timeouts);
        wire.word(&mut self.refused);
        wire.count(&mut self.in_use_max);
        wire.number(&mut self.in_use_mean);
        wire.list(&mut self.in_use_time, Wire::word);
    }
}

impl StoreWatch {
    fn carry(&mut self, wire: &mut Wire) {
        wire.word(&mut self.lookups);
        wire.word(&mut self.hits);
        wire.word(&mut self.unreachable);
        wire.word(&mut self.evictions);
        wire.word(&mut self.expirations);
        wire.word(&mut self.keys);
        wire.word(&mut self.used);
    }
}

impl RetryWatch {
    fn carry(&mut self, wire: &mut Wire) {
        wire.word(&mut self.requests);
        wire.word(&mut self.retries);
        wire.word(&mut self.denied);
    }
}

impl Happening {
    fn carry(&mut self, wire: &mut Wire) {
        wire.time(&mut self.at);
        wire.count(&mut self.service);
        let mut kind = self.kind as u64;
        wire.word(&mut kind);
        wire.is_broken |= kind >= Happening::KINDS.len() as u64;
        self.kind = kind as usize;
        wire.number(&mut self.value);
    }
}

impl SeriesWatch {
    fn carry(&mut self, wire: &mut Wire) {
        wire.time(&mut self.window);
        wire.time(&mut self.end);
        wire.list(&mut self.endpoints, |wire, window| {
            wire.list(window, |wire, one| one.carry(wire));
        });
        wire.list(&mut self.services, |wire, window| {
            wire.list(window, |wire, one| one.carry(wire));
        });
        wire.list(&mut self.host_cpu, Wire::number);
        wire.number(&mut self.host_cpu_before);
        wire.list(&mut self.service_cpu_before, Wire::number);
    }
}

impl EndpointWindow {
    fn carry(&mut self, wire: &mut Wire) {
        wire.word(&mut self.ended);
        wire.word(&mut self.failed);
        wire.word(&mut self.latency_sum);
        wire.word(&mut self.in_flight);
        for quantile in [&mut self.p50, &mut self.p95, &mut self.p99] {
            wire.option(quantile, Wire::word);
        }
    }
}

impl ServiceWindow {
    fn carry(&mut self, wire: &mut Wire) {
        wire.word(&mut self.memory);
        wire.count(&mut self.in_flight);
        wire.count(&mut self.containers);
        wire.number(&mut self.cpu_seconds);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{RunOptions, run};
    use crate::import::{self, Sources};
    use crate::model::build;

    #[test]
    fn a_run_arrives_as_it_was_sent() {
        let names = crate::catalog::scenarios().iter().map(|&(_, text)| text).take(12);
        let mut words_of_all = 0;
        for text in names {
            let draft = import::read(&Sources::single("plan.yaml", text)).unwrap();
            let model = build(&draft.scenario, &draft.provenance).unwrap();
            let options =
                RunOptions { seed: 42, replication: 3, max_events: 20_000, percentiles: true };
            let mut sent = run(&model, options);
            let mut wire = Wire::writing();
            sent.carry(&mut wire);
            let words = wire.into_words();
            words_of_all += words.len();
            let mut reading = Wire::reading(words.clone());
            let mut arrived = Run::default();
            arrived.carry(&mut reading);
            assert!(reading.is_spent());
            let mut again = Wire::writing();
            arrived.carry(&mut again);
            assert_eq!(again.into_words(), words);
            assert_eq!(arrived.instances.len(), sent.instances.len());
        }
        assert!(words_of_all > 10_000);
    }

    #[test]
    fn what_nobody_sent_is_no_run() {
        for words in [vec![], vec![1, 2, 3], vec![u64::MAX; 500], vec![0; 500]] {
            let mut wire = Wire::reading(words);
            Run::default().carry(&mut wire);
            assert!(!wire.is_spent());
        }
    }
}
