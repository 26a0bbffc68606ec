//! How large a heap is of which the plan does not say it.

use super::Settings;
use crate::catalog::Origin;
use crate::model::memory::SMALLEST_SEMI_SPACE;
use crate::quantity::Bytes;
use crate::scenario::Parameter;

/// Largest heap that V8 chooses by itself on a 64-bit machine.
const LARGEST_DEFAULT_HEAP: u64 = 4 << 30;
/// Smallest heap that V8 chooses by itself inside a limit (measured: node_leak and heap statistics,
/// Node 20.20).
const SMALLEST_DEFAULT_HEAP: u64 = 256 << 20;

/// V8's semi-space beside an old generation of the size that it chooses itself: one part in 128 of it,
/// one in 256 up to 256 MiB, at least 1 MiB (V8 source: heap.cc, YoungGenerationSizeFromOldGenerationSize;
/// measured: heap statistics, Node 20.20, whose limit is the old generation and three of these: 259, 524,
/// 1048 and 2096 MiB in limits of 512 MiB to 4 GiB). A cap that is stated changes nothing about it
/// (measured: caps of 64 to 1024 MiB leave 3 MiB in limits of 150 to 512 MiB, 12 in 1 GiB, 24 in 2 GiB and
/// 48 from 4 GiB on).
fn semi_space(old: u64) -> u64 {
    (if old > 256 << 20 { old / 128 } else { old / 256 }).max(SMALLEST_SEMI_SPACE)
}

impl Settings {
    /// A heap whose limit the plan does not state gets the share of the memory it sees that its runtime
    /// takes; of Node.js half of it, at least 256 MiB (measured: Node 20.20 in limits of 256 MiB to 4
    /// GiB). What an image states is stated, too, unless the plan states a share: KAFKA_HEAP_OPTS with
    /// `-XX:MaxRAMPercentage=75` replaces the `-Xmx1G` that its script has otherwise. V8's space for new objects follows from the memory
    /// that it sees either way.
    pub(super) fn choose_heap(&mut self, seen: u64) {
        let usual = (seen / 2).clamp(SMALLEST_DEFAULT_HEAP, LARGEST_DEFAULT_HEAP);
        if self.copies_young() && self.origin(Parameter::YoungGeneration) != Some(Origin::Declared)
        {
            let young = semi_space(usual).min(self.bytes(Parameter::YoungGeneration));
            self.choose(Parameter::YoungGeneration, young, Origin::Measured);
        }
        let has_heap = self.bytes(Parameter::HeapLive) > 0;
        let origin = self.origin(Parameter::HeapLimit);
        let is_stated = match origin {
            Some(Origin::Declared) => true,
            Some(Origin::ImageDefault) => !self.states_share(),
            _ => false,
        };
        if !has_heap || is_stated {
            return self.choose_heap_start(seen);
        }
        if self.ratio(Parameter::HeapShare) > 0.0 {
            let limit = self.shared_heap(seen);
            self.choose(Parameter::HeapLimit, limit, Origin::ImageDefault);
            return self.choose_heap_start(seen);
        }
        self.choose(Parameter::HeapLimit, usual, Origin::Measured);
    }

    /// Whether the plan states which share of the memory the heap is.
    fn states_share(&self) -> bool {
        self.origin(Parameter::HeapShare) == Some(Origin::Declared)
    }

    /// Whether new objects that live are copied from one space into another: so does V8, whose heap no
    /// share of the memory or of its live objects sizes.
    pub(in crate::model) fn copies_young(&self) -> bool {
        self.bytes(Parameter::HeapLive) > 0
            && self.ratio(Parameter::HeapShare) == 0.0
            && self.ratio(Parameter::HeapFree) == 0.0
    }

    /// The heap that software takes which sizes it by its memory: `heap_share`, between a least and a most; where
    /// `heap_small_share` comes to less than that least, the small share holds, whatever share is stated. Java's rule
    /// (HotSpot source: arguments.cpp, MinRAMPercentage and MaxHeapSize; measured: OpenJDK 17.0.21 in 64 MiB to 2 GiB,
    /// 126 MiB in 256 MiB and 384 MiB), whose least holds for a share that is stated, too, and gives way to a start
    /// that is stated (source: Arguments::set_heap_size); Elasticsearch's (source: MachineDependentHeap) and
    /// Cassandra's (source: cassandra-env.sh), in the numbers of their profiles.
    fn shared_heap(&self, seen: u64) -> u64 {
        let least = self.bytes(Parameter::HeapShareMin);
        let small = self.ratio(Parameter::HeapSmallShare);
        let of_small = Bytes(seen).scale(small).0;
        let share = Bytes(seen).scale(self.ratio(Parameter::HeapShare)).0;
        let share = match self.bytes(Parameter::HeapShareMax) {
            0 => share,
            most => share.min(most),
        };
        let start = match self.origin(Parameter::HeapStart) {
            Some(Origin::Declared) => self.bytes(Parameter::HeapStart),
            _ => 0,
        };
        if small > 0.0 && of_small < least {
            return of_small.max(start);
        }
        // What has no rule for small memory has a least for its own share alone.
        if small == 0.0 && self.states_share() {
            return share.max(start);
        }
        share.max(least).max(start)
    }

    /// Unless the plan says how much is set aside: software that has its heap touched at its start
    /// sets aside all of it, and other a share of the memory that it sees. (A runtime refuses a start
    /// beyond a limit that was stated; one that follows from a share is brought down to it.)
    fn choose_heap_start(&mut self, seen: u64) {
        if self.origin(Parameter::HeapStart) == Some(Origin::Declared) {
            return;
        }
        let limit = self.bytes(Parameter::HeapLimit);
        let share = Bytes(seen).scale(self.ratio(Parameter::HeapStartShare)).0;
        let is_own = self.origin(Parameter::HeapPretouch) != Some(Origin::Declared);
        if self.flag(Parameter::HeapPretouch) && is_own {
            self.choose(Parameter::HeapStart, limit, Origin::ImageDefault);
        } else if share > 0 {
            self.choose(Parameter::HeapStart, share.min(limit), Origin::ImageDefault);
        } else if self.states_share() {
            // The options with the image's own start are replaced as well.
            self.choose(Parameter::HeapStart, 0, Origin::ImageDefault);
        }
    }
}
