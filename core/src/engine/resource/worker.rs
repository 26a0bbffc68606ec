//! Containers and their worker processes: request slots, the listen queue, and the lock that one
//! worker's CPU work takes.

use std::collections::VecDeque;

use super::allocator::Allocator;
use crate::engine::lock_turns::Patience;
use crate::model::{Lock, MemoryModel, Model, NONE, ServiceModel};
use crate::quantity::SimTime;

/// Whether a container answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    /// It answers.
    Up,
    /// It has started and does not answer yet.
    Starting,
    /// It works on what it has, and then ends.
    Leaving,
    /// It is dead.
    Down,
}

/// What was touched of a database's shared memory, in bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shared {
    /// Pages of each table that were read.
    pub(crate) tables: Vec<f64>,
    /// Pages of the buffers: of all tables and of the catalogue; at most all buffers.
    pub(crate) pages: u64,
    /// Whether the pages of the catalogue that a login reads were touched.
    pub(crate) has_catalogue: bool,
    /// Queries since the start.
    pub(crate) queries: u64,
}

/// What each visit needs to know of a container's service, kept where it looks anyway.
#[derive(Clone, Copy)]
pub(crate) struct Rules {
    /// Worker processes: places up to the last that one stands at.
    pub(crate) workers: u32,
    /// Request slots of a worker; `u32::MAX` is without limit.
    pub(crate) slots: u32,
    /// Requests that may wait for a worker.
    pub(crate) backlog: u32,
    /// Connections accepted; `u32::MAX` is without limit.
    pub(crate) max_connections: u32,
    /// How CPU work within a worker is kept apart.
    pub(crate) lock: Lock,
    /// Whether each worker accepts for a pool of threads.
    pub(crate) has_pool: bool,
    /// Whether requests leave anything behind: garbage on a heap, objects that a collection of a preloaded
    /// worker waits for, or a leak that has begun.
    pub(crate) leaves_behind: bool,
    /// Whether its workers may keep payloads that requests have given back.
    pub(crate) keeps_payloads: bool,
    /// Whether requests' own records lie on a heap that shrinks only from its top.
    pub(crate) keeps_records: bool,
    /// Bytes of each request in flight.
    pub(crate) request: u64,
    /// Bytes of each open connection.
    pub(crate) connection: u64,
}

impl Rules {
    pub(crate) fn of(service: &ServiceModel) -> Self {
        Rules {
            workers: service.workers,
            slots: if service.threads == 0 { u32::MAX } else { service.threads },
            backlog: service.backlog,
            max_connections: service.client_connections(),
            lock: service.lock,
            has_pool: service.accepted_connections > 0,
            leaves_behind: service.heap.is_some() || service.memory.collected_after > 0,
            keeps_payloads: service.memory.keeps_payloads,
            keeps_records: service.memory.keeps_records,
            request: service.memory.request,
            connection: service.memory.connection,
        }
    }
}

/// A container.
/// What each visit asks for comes first: a processor reads memory by lines of 64 bytes.
#[derive(Clone)]
#[repr(C, align(64))]
pub(crate) struct Instance {
    pub(crate) rules: Rules,
    pub(crate) first_process: u32,
    /// Which worker's turn is next.
    pub(crate) turn: u32,
    /// Requests here, queue included.
    pub(crate) in_flight: u32,
    /// Of these, in slots of workers.
    pub(crate) in_slots: u32,
    /// Requests for which idle connections of clients leave no room.
    pub(crate) idle_slots: u32,
    pub(crate) window_in_flight: u32,
    /// Requests that came, for who counts them.
    pub(crate) came: u64,
    pub(crate) life: Life,
    pub(crate) in_flight_max: u32,
    /// Workers that are there; the others take no memory.
    pub(crate) present: u32,
    /// Workers that its master may start the next time it looks; 0: it has not looked since the run began.
    pub(crate) spawn_rate: u32,
    pub(crate) service: u32,
    /// Requests in the listen queue, first come first served.
    pub(crate) queue: VecDeque<u32>,
    /// Changes with each death.
    pub(crate) epoch: u32,
    /// Connections of pools that are open to it.
    pub(crate) connections: u32,
    /// Leaked bytes that lie on the heaps of its workers.
    pub(crate) leaked_on_heap: u64,
    /// Restarts in a row that did not live long enough to reset their delay.
    pub(crate) failures: u32,
    /// Restarts of this container in all.
    pub(crate) attempts: u32,
    /// When its processes were started last.
    pub(crate) started: SimTime,
    /// What was touched of its shared memory since the start.
    pub(crate) shared: Shared,
    pub(crate) restarts: u32,
    pub(crate) queue_max: u32,
    pub(crate) connections_max: u32,
}

impl Instance {
    /// Whether one more request may come, or one on a connection that is open already.
    #[inline]
    pub(crate) fn is_open(&self, has_connection: bool) -> bool {
        let taken = self.in_flight.saturating_add(self.idle_slots);
        self.life == Life::Up && (has_connection || taken < self.rules.max_connections)
    }

    /// Its worker with a free slot and the fewest requests; `NONE` if all are full. Of several with as few, the
    /// next one after that which took the last: idle workers share what comes (measured with four each of
    /// gunicorn, uvicorn and uWSGI on Linux 6.18: of 400 requests one after another every worker had some, and 100
    /// each where uWSGI lets them take turns). Among several event loops, one that is at work accepts nothing
    /// before its turn is over: who comes is left to one that is idle, or to the first that looks.
    #[inline(always)]
    pub(crate) fn free_worker(&mut self, processes: &[Process]) -> u32 {
        let rules = &self.rules;
        let process = self.first_process + self.turn;
        let worker = &processes[process as usize];
        // Mostly who is next is idle, or there is only one.
        if rules.workers == 1 {
            return if worker.up && worker.active < rules.slots { process } else { NONE };
        }
        if worker.up && worker.active == 0 && worker.holder == NONE {
            self.pass_turn(self.turn);
            return process;
        }
        self.least_busy_worker(processes)
    }

    /// Who comes after `place` has the next turn.
    #[inline(always)]
    fn pass_turn(&mut self, place: u32) {
        self.turn = if place + 1 == self.rules.workers { 0 } else { place + 1 };
    }

    #[inline(never)]
    fn least_busy_worker(&mut self, processes: &[Process]) -> u32 {
        let rules = &self.rules;
        let is_deaf_at_work = rules.lock == Lock::EventLoop;
        let first = self.first_process as usize;
        let workers = &processes[first..first + rules.workers as usize];
        let (mut best, mut fewest) = (NONE, rules.slots);
        for place in (self.turn..rules.workers).chain(0..self.turn) {
            let worker = &workers[place as usize];
            let is_deaf = is_deaf_at_work && worker.holder != NONE;
            if worker.up && worker.active < fewest && !is_deaf {
                (best, fewest) = (place, worker.active);
                if fewest == 0 {
                    break;
                }
            }
        }
        if best == NONE {
            return NONE;
        }
        self.pass_turn(best);
        self.first_process + best
    }

    /// A request comes.
    #[inline]
    pub(crate) fn come(&mut self) {
        self.in_flight += 1;
        self.came += 1;
        if self.in_flight > self.window_in_flight {
            self.window_in_flight = self.in_flight;
            self.in_flight_max = self.in_flight_max.max(self.in_flight);
        }
    }
}

/// A worker process, or the one process of a server without workers.
/// What each visit asks for comes first.
#[derive(Clone)]
#[repr(C, align(64))]
pub(crate) struct Process {
    /// Requests in its slots.
    pub(crate) active: u32,
    /// Connections that its main thread takes, whatever its threads do; 0 where only a free thread
    /// accepts.
    pub(crate) connections: u32,
    /// The span that holds its lock, or `NONE`.
    pub(crate) holder: u32,
    pub(crate) up: bool,
    /// Whether its lock is that of an event loop.
    pub(crate) is_loop: bool,
    /// Kinds of request that it has served, a bit each.
    pub(crate) kinds: u64,
    /// CPU nanoseconds of collections that the next work must do first.
    pub(crate) pause: u64,
    /// Slot-nanoseconds used up to `since`.
    pub(crate) busy: u64,
    pub(crate) since: SimTime,
    /// Where its payloads come from.
    pub(crate) allocator: Allocator,
    /// Requests that its main thread took and that wait for a thread, first come first served.
    pub(crate) accepted: VecDeque<u32>,
    pub(crate) instance: u32,
    pub(crate) epoch: u32,
    /// Whether its main thread waits for the lock, or has it.
    pub(crate) is_accepting: bool,
    /// Where threads take turns on the cores: requests that are over and whose connections its main thread has yet
    /// to let go.
    pub(crate) finished: u32,
    /// When those who wait for its interpreter lock ask for it.
    pub(crate) switch_at: SimTime,
    /// Whether the calendar holds a time to ask.
    pub(crate) is_timed: bool,
    /// Where threads take turns on the cores: who had the lock last, how often it changed hands, who
    /// waits until somebody else has it (or `NONE`), and how long the main thread has waited for it.
    pub(crate) had_lock: u32,
    pub(crate) switches: u32,
    pub(crate) yielding: u32,
    pub(crate) main_patience: Patience,
    /// Spans that wait for the lock, first come first served; in an event loop, what the present
    /// turn has left, and behind it what came by socket since.
    pub(crate) ready: VecDeque<u32>,
    /// How many of `ready` belong to the present turn of the event loop.
    pub(crate) turn: u32,
    /// Spans whose wait ended during the present turn of the event loop.
    pub(crate) timers: VecDeque<u32>,
    /// Garbage on its heap.
    pub(crate) garbage: u64,
    /// The most garbage it ever held; a heap does not shrink at once.
    pub(crate) garbage_max: u64,
    /// Whether both of its spaces for new objects have been in use.
    pub(crate) has_copied: bool,
    /// What its first requests of each kind have added.
    pub(crate) grown: u64,
    /// What it still shares with the master that loaded the application.
    pub(crate) shared: u64,
    /// Requests until its first full garbage collection; 0: none comes any more.
    pub(crate) until_collection: u32,
}

impl Process {
    /// It died; what follows it has done nothing yet.
    pub(crate) fn renew(&mut self, memory: &MemoryModel) {
        self.epoch += 1;
        self.garbage = 0;
        self.garbage_max = 0;
        self.has_copied = false;
        self.kinds = 0;
        self.grown = 0;
        self.shared = memory.shared;
        self.until_collection = memory.collected_after;
        self.allocator = Allocator::default();
    }

    /// Nobody has its lock any more, or waits for it or for a thread.
    pub(crate) fn drop_turns(&mut self) {
        self.holder = NONE;
        self.yielding = NONE;
        self.main_patience = Patience::NONE;
        self.is_accepting = false;
        self.finished = 0;
        self.turn = 0;
        self.accepted.clear();
        self.ready.clear();
        self.timers.clear();
    }

    /// Brings the slot time up to `now`.
    #[inline]
    pub(crate) fn settle(&mut self, now: SimTime) {
        self.busy += u64::from(self.active) * (now.0 - self.since.0);
        self.since = now;
    }
}

/// All containers and processes of a model, empty, and up unless they never start.
pub(crate) fn create(model: &Model) -> (Vec<Instance>, Vec<Process>) {
    let mut instances = Vec::with_capacity(model.instances() as usize);
    let mut processes = Vec::new();
    for (id, service) in model.services.iter().enumerate() {
        for replica in 0..service.instances().len() as u32 {
            let starts = replica < service.replicas - service.pending;
            let instance = instances.len() as u32;
            instances.push(Instance {
                service: id as u32,
                rules: Rules::of(service),
                life: if starts { Life::Up } else { Life::Down },
                epoch: 0,
                first_process: processes.len() as u32,
                present: 0,
                spawn_rate: 1,
                turn: 0,
                queue: VecDeque::new(),
                in_flight: 0,
                in_slots: 0,
                connections: 0,
                idle_slots: 0,
                leaked_on_heap: 0,
                failures: 0,
                attempts: 0,
                started: SimTime::ZERO,
                shared: Shared::default(),
                restarts: 0,
                in_flight_max: 0,
                window_in_flight: 0,
                came: 0,
                queue_max: 0,
                connections_max: 0,
            });
            for _ in 0..service.workers {
                processes.push(Process {
                    instance,
                    up: starts,
                    epoch: 0,
                    active: 0,
                    is_loop: service.lock == Lock::EventLoop,
                    connections: service.accepted_connections,
                    accepted: VecDeque::new(),
                    is_accepting: false,
                    finished: 0,
                    switch_at: SimTime::ZERO,
                    is_timed: false,
                    had_lock: NONE,
                    switches: 0,
                    yielding: NONE,
                    main_patience: Patience::NONE,
                    holder: NONE,
                    ready: VecDeque::new(),
                    turn: 0,
                    timers: VecDeque::new(),
                    garbage: 0,
                    garbage_max: 0,
                    has_copied: false,
                    kinds: 0,
                    grown: 0,
                    shared: service.memory.shared,
                    until_collection: service.memory.collected_after,
                    allocator: Allocator::default(),
                    pause: 0,
                    busy: 0,
                    since: SimTime::ZERO,
                });
            }
        }
    }
    (instances, processes)
}
