//! W3, a small web stack: a balancer, an application whose workers block, a cache and a database
//! behind a pool of connections.
//!
//! A request passes the balancer, waits for a worker, computes, looks into the cache, on a miss
//! waits for a connection and queries, computes again, and is answered. It holds its worker
//! throughout and its connection for the query.

use super::calendar::Calendar;
use super::line::{Line, NONE};
use super::sampler::Sampler;
use super::{Latencies, Outcome};

const BALANCER_NANOSECONDS: u64 = 200_000;
const FIRST_CPU_NANOSECONDS: f64 = 2e6;
const LOOK_UP_NANOSECONDS: u64 = 500_000;
const HIT_RATIO: f64 = 0.7;
const QUERY_NANOSECONDS: f64 = 20e6;
/// ln(1 + cv²) for a coefficient of variation of 1: the variance of the query time's logarithm.
const QUERY_LOG_VARIANCE: f64 = std::f64::consts::LN_2;
const SECOND_CPU_NANOSECONDS: f64 = 3e6;

/// How much arrives, and how much there is to serve it.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Poisson arrivals, in requests per second.
    pub arrival_rate: f64,
    /// Length of the run, in seconds.
    pub horizon_seconds: u64,
    /// Workers of the application, each with one request at a time.
    pub workers: u32,
    /// Connections to the database.
    pub connections: u32,
}

/// 100 requests a second for an hour, 4 workers, 20 connections.
pub const HOUR: Load =
    Load { arrival_rate: 100.0, horizon_seconds: 3600, workers: 4, connections: 20 };

/// Simulates until the horizon.
pub fn run(seed: u64, load: Load) -> Outcome {
    let mut stack = Stack::new(seed, load);
    stack.arrive_next(0);
    let horizon = load.horizon_seconds * 1_000_000_000;
    let mut events = 0;
    while let Some((now, event)) = stack.calendar.pop()
        && now < horizon
    {
        events += 1;
        stack.handle(now, event);
    }
    stack.latencies.outcome(stack.arrived, stack.in_flight(), events)
}

/// What happens next to a request, by its place in the slab.
#[derive(Clone, Copy)]
enum Event {
    Arrival,
    Balanced(u32),
    FirstCpuDone(u32),
    LookedUp(u32),
    QueryDone(u32),
    SecondCpuDone(u32),
}

struct Stack {
    calendar: Calendar<Event>,
    sampler: Sampler,
    nanoseconds_between_arrivals: f64,
    query_log_mean: f64,
    query_log_deviation: f64,
    /// When each request of the slab arrived, in nanoseconds.
    since: Vec<u64>,
    /// The request behind it, in the one line it waits in or among the free places.
    next: Vec<u32>,
    free_place: u32,
    free_workers: u32,
    for_worker: Line,
    free_connections: u32,
    for_connection: Line,
    arrived: u64,
    latencies: Latencies,
}

impl Stack {
    fn new(seed: u64, load: Load) -> Self {
        Stack {
            calendar: Calendar::new(),
            sampler: Sampler::new(seed),
            nanoseconds_between_arrivals: 1e9 / load.arrival_rate,
            query_log_mean: libm::log(QUERY_NANOSECONDS) - 0.5 * QUERY_LOG_VARIANCE,
            query_log_deviation: libm::sqrt(QUERY_LOG_VARIANCE),
            since: Vec::with_capacity(1024),
            next: Vec::with_capacity(1024),
            free_place: NONE,
            free_workers: load.workers,
            for_worker: Line::new(),
            free_connections: load.connections,
            for_connection: Line::new(),
            arrived: 0,
            latencies: Latencies::new(),
        }
    }

    #[inline]
    fn handle(&mut self, now: u64, event: Event) {
        match event {
            Event::Arrival => {
                let request = self.admit(now);
                self.arrive_next(now);
                self.calendar.schedule(now + BALANCER_NANOSECONDS, Event::Balanced(request));
            }
            Event::Balanced(request) if self.free_workers > 0 => {
                self.free_workers -= 1;
                self.compute_first(now, request);
            }
            Event::Balanced(request) => self.for_worker.push(&mut self.next, request),
            Event::FirstCpuDone(request) => {
                self.calendar.schedule(now + LOOK_UP_NANOSECONDS, Event::LookedUp(request));
            }
            Event::LookedUp(request) if self.sampler.unit() < HIT_RATIO => {
                self.compute_second(now, request);
            }
            Event::LookedUp(request) if self.free_connections > 0 => {
                self.free_connections -= 1;
                self.query(now, request);
            }
            Event::LookedUp(request) => self.for_connection.push(&mut self.next, request),
            Event::QueryDone(request) => {
                match self.for_connection.pop(&self.next) {
                    Some(waiting) => self.query(now, waiting),
                    None => self.free_connections += 1,
                }
                self.compute_second(now, request);
            }
            Event::SecondCpuDone(request) => {
                match self.for_worker.pop(&self.next) {
                    Some(waiting) => self.compute_first(now, waiting),
                    None => self.free_workers += 1,
                }
                self.answer(now, request);
            }
        }
    }

    #[inline]
    fn arrive_next(&mut self, now: u64) {
        let gap = self.sampler.exponential() * self.nanoseconds_between_arrivals;
        self.calendar.schedule(now + gap as u64, Event::Arrival);
    }

    #[inline]
    fn compute_first(&mut self, now: u64, request: u32) {
        let time = self.sampler.exponential() * FIRST_CPU_NANOSECONDS;
        self.calendar.schedule(now + time as u64, Event::FirstCpuDone(request));
    }

    #[inline]
    fn query(&mut self, now: u64, request: u32) {
        let log = self.query_log_mean + self.query_log_deviation * self.sampler.normal();
        self.calendar.schedule(now + libm::exp(log) as u64, Event::QueryDone(request));
    }

    #[inline]
    fn compute_second(&mut self, now: u64, request: u32) {
        let time = self.sampler.exponential() * SECOND_CPU_NANOSECONDS;
        self.calendar.schedule(now + time as u64, Event::SecondCpuDone(request));
    }

    /// Gives a new request a place in the slab.
    #[inline]
    fn admit(&mut self, now: u64) -> u32 {
        self.arrived += 1;
        let request = self.free_place;
        if request == NONE {
            self.since.push(now);
            self.next.push(NONE);
            return (self.since.len() - 1) as u32;
        }
        self.free_place = self.next[request as usize];
        self.since[request as usize] = now;
        request
    }

    /// Notes the latency and frees the place.
    #[inline]
    fn answer(&mut self, now: u64, request: u32) {
        self.latencies.record(now - self.since[request as usize]);
        self.next[request as usize] = self.free_place;
        self.free_place = request;
    }

    /// Places of the slab that are taken, counted one by one.
    fn in_flight(&self) -> u64 {
        let mut free = 0;
        let mut place = self.free_place;
        while place != NONE {
            free += 1;
            place = self.next[place as usize];
        }
        self.since.len() as u64 - free
    }
}

#[cfg(test)]
mod tests;
