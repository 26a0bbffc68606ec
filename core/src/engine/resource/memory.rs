//! The memory of containers and host, as the kernel counts it.
//!
//! Each container has a ledger of parts. Anonymous memory, shared memory and kernel memory cannot
//! be given up; page cache can, and is, before anything is killed. Over the limit a container swaps
//! as far as the plan has swap, and beyond that the kernel kills (cgroup-v2 documentation,
//! `memory.max`). The host has its own limit and chooses its own victim. The limits are judged at
//! every change.

use crate::model::{HostModel, Model};

/// A part of a container's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Program and master process.
    Program,
    /// Worker processes with their threads.
    Workers,
    /// Kernel memory.
    Kernel,
    /// Shared buffers.
    Buffers,
    /// Series or streams.
    Series,
    /// Open connections.
    Connections,
    /// Page tables of the processes of connections for the shared memory that they touched.
    PageTables,
    /// Requests in flight and what they hold.
    Requests,
    /// Data of a store, fragmentation included.
    Dataset,
    /// Garbage-collected heap.
    Heap,
    /// Pages copied while a dump is written.
    Fork,
    /// What a leak keeps.
    Leak,
    /// What a heap takes beyond its live objects: unused space in its pages, page tables.
    HeapOverhead,
}

impl Part {
    /// How many there are.
    pub const COUNT: usize = 13;
    /// Names in reports, by position.
    pub const NAMES: [&'static str; Part::COUNT] = [
        "program",
        "workers",
        "kernel",
        "buffers",
        "series",
        "connections",
        "page_tables",
        "requests",
        "dataset",
        "heap",
        "fork",
        "leak",
        "heap_overhead",
    ];
}

/// Who kills.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Killer {
    /// The kernel, because the container is over its limit.
    #[default]
    Limit,
    /// The kernel, because the host is full.
    Host,
    /// Its own runtime, because the heap is at its limit.
    Heap,
    /// Its own program, because it sees too little memory to start.
    Refusal,
    /// A disturbance of the scenario.
    Disturbance,
}

impl Killer {
    /// Exit code of what it kills: 128 and the signal, which is 9 of the kernel and of `docker kill`, and 6 where
    /// a runtime aborts; that of a failure where a program ends itself.
    pub(crate) const fn exit_code(self) -> u8 {
        match self {
            Killer::Limit | Killer::Host | Killer::Disturbance => 137,
            Killer::Heap => 134,
            Killer::Refusal => 1,
        }
    }
}

/// The memory of one container in bytes.
/// What each visit asks for lies on its second line of 64 bytes: requests, and the two that follow the parts.
#[derive(Clone, Debug)]
#[repr(C, align(64))]
pub(crate) struct Ledger {
    limit: u64,
    pub(crate) parts: [u64; Part::COUNT],
    /// Sum of the parts: what cannot be given up.
    pub(crate) used: u64,
    /// Up to here growth changes nothing but sums: no peak is passed, no limit, no cache pushed out.
    calm: u64,
    /// Page cache, with what the kernel keeps for its pages.
    pub(crate) cache: u64,
    pub(crate) window_peak: u64,
    pub(crate) peak: u64,
    /// Highest sum of what cannot be given up and page cache: what the kernel charges.
    pub(crate) charged_peak: u64,
    /// Whether it was over its limit since the last kill there, if only for a moment.
    breached: bool,
    /// Share of the pages themselves in it.
    cache_pages: f64,
    /// Most page cache so far.
    pub(crate) cache_peak: u64,
    swap: u64,
    pub(crate) at_peak: [u64; Part::COUNT],
}

impl Ledger {
    /// What the kernel charges to the container now (`memory.current`); swapped pages are not.
    #[inline]
    pub(crate) fn charged(&self) -> u64 {
        self.used.saturating_add(self.cache).min(self.limit)
    }

    /// It is higher than it was calm: peaks rise, page cache is pushed out. Whether it is over its limit.
    #[inline(never)]
    fn rise(&mut self) -> bool {
        if self.used > self.window_peak {
            self.window_peak = self.used;
            if self.used > self.peak {
                self.peak = self.used;
                self.at_peak = self.parts;
            }
        }
        self.charged_peak = self.charged_peak.max(self.charged());
        self.cache = self.cache.min(self.limit.saturating_sub(self.used));
        self.find_calm();
        let is_over = self.used > self.limit.saturating_add(self.swap);
        self.breached |= is_over;
        is_over
    }

    /// A peak or the page cache has changed.
    fn find_calm(&mut self) {
        // Nothing was ever charged beyond the limit.
        self.calm = self.window_peak.min(self.charged_peak.saturating_sub(self.cache));
    }
}

/// The memory of all containers and of the host.
#[derive(Clone)]
pub(crate) struct Memory {
    pub(crate) ledgers: Vec<Ledger>,
    /// Which of them are of other hosts.
    external: Vec<bool>,
    /// What cannot be given up, with what the system reserves.
    pub(crate) host_used: u64,
    pub(crate) host_peak: u64,
    host_room: u64,
    /// Up to here the host sees neither a new peak nor its end.
    host_calm: u64,
    /// Whether the host was full since the last kill, if only for a moment.
    host_breached: bool,
    /// Containers that are over a limit and not yet dealt with.
    pub(crate) doomed: Vec<(u32, Killer)>,
}

impl Memory {
    /// The memory of a model before anything has started.
    pub(crate) fn new(model: &Model) -> Self {
        let HostModel { memory, reserved, swap, .. } = model.host;
        let mut ledgers = Vec::with_capacity(model.instances() as usize);
        let mut external = Vec::with_capacity(model.instances() as usize);
        for service in &model.services {
            for _ in service.instances() {
                external.push(service.external);
                ledgers.push(Ledger {
                    parts: [0; Part::COUNT],
                    used: 0,
                    cache: 0,
                    calm: 0,
                    cache_pages: 1.0,
                    cache_peak: 0,
                    limit: service.limit.unwrap_or(u64::MAX),
                    swap: service.swap.min(swap),
                    breached: false,
                    peak: 0,
                    charged_peak: 0,
                    at_peak: [0; Part::COUNT],
                    window_peak: 0,
                });
            }
        }
        Memory {
            ledgers,
            external,
            host_used: reserved,
            host_peak: reserved,
            host_room: memory.saturating_add(swap),
            host_calm: 0,
            host_breached: false,
            doomed: Vec::new(),
        }
    }

    /// A part of a container grows.
    #[inline]
    pub(crate) fn grow(&mut self, instance: u32, part: Part, bytes: u64) {
        if bytes == 0 {
            return;
        }
        let ledger = &mut self.ledgers[instance as usize];
        ledger.parts[part as usize] += bytes;
        ledger.used += bytes;
        if !self.external[instance as usize] {
            self.host_used += bytes;
            if self.host_used > self.host_calm {
                self.host_peak = self.host_peak.max(self.host_used);
                self.host_calm = self.host_peak.min(self.host_room);
                if self.host_used > self.host_room {
                    self.host_breached = true;
                    self.doomed.push((instance, Killer::Host));
                }
            }
        }
        if ledger.used > ledger.calm && ledger.rise() {
            // Dealt with before the host, whose memory it may leave as it was.
            self.doomed.push((instance, Killer::Limit));
        }
    }

    /// A part of a container shrinks.
    #[inline]
    pub(crate) fn shrink(&mut self, instance: u32, part: Part, bytes: u64) {
        let ledger = &mut self.ledgers[instance as usize];
        debug_assert!(ledger.parts[part as usize] >= bytes, "the ledger of {part:?} went below 0");
        ledger.parts[part as usize] -= bytes;
        ledger.used -= bytes;
        if !self.external[instance as usize] {
            self.host_used -= bytes;
        }
    }

    /// Sets a part to a size.
    #[inline]
    pub(crate) fn set(&mut self, instance: u32, part: Part, bytes: u64) {
        let before = self.ledgers[instance as usize].parts[part as usize];
        if bytes > before {
            self.grow(instance, part, bytes - before);
        } else {
            self.shrink(instance, part, before - bytes);
        }
    }

    /// Page cache fills what is free under the limit, at most to `bytes` of pages and the `records`
    /// that the kernel keeps for them; it kills nobody.
    pub(crate) fn set_cache(&mut self, instance: u32, pages: u64, records: u64) {
        let bytes = pages.saturating_add(records);
        let ledger = &mut self.ledgers[instance as usize];
        ledger.cache = bytes.min(ledger.limit.saturating_sub(ledger.used));
        ledger.cache_pages = if records == 0 { 1.0 } else { pages as f64 / bytes as f64 };
        let held = (ledger.cache as f64 * ledger.cache_pages) as u64;
        ledger.cache_peak = ledger.cache_peak.max(held);
        ledger.charged_peak = ledger.charged_peak.max(ledger.charged());
        ledger.find_calm();
    }

    /// Everything of a container is given back.
    pub(crate) fn clear(&mut self, instance: u32) {
        let ledger = &mut self.ledgers[instance as usize];
        if !self.external[instance as usize] {
            self.host_used -= ledger.used;
        }
        ledger.parts = [0; Part::COUNT];
        ledger.used = 0;
        ledger.cache = 0;
        ledger.find_calm();
    }

    /// Whether a container has to be killed: it is over a limit, or was for a moment and nobody has
    /// been killed since. The kernel kills when memory is asked for, not when it has been a while.
    pub(crate) fn is_over(&self, instance: u32, killer: Killer) -> bool {
        let ledger = &self.ledgers[instance as usize];
        match killer {
            Killer::Limit => {
                ledger.breached || ledger.used > ledger.limit.saturating_add(ledger.swap)
            }
            Killer::Host => self.host_breached || self.host_used > self.host_room,
            Killer::Heap | Killer::Refusal | Killer::Disturbance => true,
        }
    }

    /// Somebody of a container is killed: from here on the limits are judged afresh.
    pub(crate) fn forgive(&mut self, instance: u32) {
        self.ledgers[instance as usize].breached = false;
        self.host_breached = false;
    }

    /// The container whose badness is the highest: memory of its largest process plus
    /// `oom_score_adj` thousandths of all memory (kernel `mm/oom_kill.c`). `None` when no container
    /// may be killed. `workers` tells how many there are in a container; none in one that is down.
    pub(crate) fn victim(
        &self,
        model: &Model,
        workers: impl Fn(u32) -> Option<u32>,
    ) -> Option<u32> {
        let mut worst: Option<(i128, u32)> = None;
        for service in &model.services {
            for instance in service.instances() {
                if service.external || service.oom_score_adj == -1000 {
                    continue;
                }
                let Some(workers) = workers(instance) else { continue };
                let adjustment = i128::from(service.oom_score_adj) * i128::from(self.host_room);
                let badness =
                    i128::from(self.largest_process(instance, workers)) + adjustment / 1000;
                if worst.is_none_or(|(most, _)| badness > most) {
                    worst = Some((badness, instance));
                }
            }
        }
        worst.map(|(_, instance)| instance)
    }

    /// Resident memory of the largest process of a container. Shared buffers are resident in every
    /// process that touched them, so they count whole; workers divide the rest.
    fn largest_process(&self, instance: u32, workers: u32) -> u64 {
        let ledger = &self.ledgers[instance as usize];
        let shared = ledger.parts[Part::Buffers as usize];
        let divided = ledger.used
            - shared
            - ledger.parts[Part::Connections as usize]
            - ledger.parts[Part::PageTables as usize];
        shared + divided / u64::from(workers.max(1))
    }

    /// Memory in use, and how much may be: of each container that has a limit, and of the host last.
    #[inline]
    pub(crate) fn levels(&self) -> impl Iterator<Item = (u64, u64)> {
        let limited = self.ledgers.iter().filter(|ledger| ledger.limit < u64::MAX);
        let host = std::iter::once((self.host_used, self.host_room));
        limited.map(|ledger| (ledger.used, ledger.limit.saturating_add(ledger.swap))).chain(host)
    }

    /// What each of these had free at its fullest.
    pub(crate) fn least_free(&self) -> impl Iterator<Item = u64> {
        let limited = self.ledgers.iter().filter(|ledger| ledger.limit < u64::MAX);
        let free =
            |ledger: &Ledger| ledger.limit.saturating_add(ledger.swap).saturating_sub(ledger.peak);
        limited.map(free).chain([self.host_room.saturating_sub(self.host_peak)])
    }

    /// Starts the next window of the series.
    pub(crate) fn roll_window(&mut self) {
        for ledger in &mut self.ledgers {
            ledger.window_peak = ledger.used;
            ledger.find_calm();
        }
    }

    /// Whether every ledger sums to its parts and the host to its containers.
    pub(crate) fn is_balanced(&self, reserved: u64) -> bool {
        let parts =
            self.ledgers.iter().all(|ledger| ledger.parts.iter().sum::<u64>() == ledger.used);
        let host: u64 = self
            .ledgers
            .iter()
            .zip(&self.external)
            .filter(|&(_, &external)| !external)
            .map(|(ledger, _)| ledger.used)
            .sum::<u64>();
        parts && host + reserved == self.host_used
    }
}
