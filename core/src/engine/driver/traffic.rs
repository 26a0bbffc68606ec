//! Clients: open traffic as a Poisson process of a given rate over time, closed traffic as users
//! who wait for the answer, think, and ask again.

use super::burst::Pulse;
use crate::distribution::standard_exponential;
use crate::engine::calendar::Event;
use crate::engine::span::State;
use crate::engine::{Engine, Failure};
use crate::model::{Curve, EndpointModel, Model, NONE, TrafficModel};
use crate::quantity::SimTime;
use crate::random::{Stream, Streams};

/// The clients' own state.
#[derive(Clone)]
pub(in crate::engine) struct Source {
    arrivals: Stream,
    endpoints: Stream,
    /// Time of the last arrival in seconds, exact where nanoseconds would round.
    last: f64,
    /// Piece of the rate at that time; for users, piece of their pace now.
    piece: usize,
    /// Bursts, where there are any.
    pulse: Option<Pulse>,
}

impl Source {
    /// Clients that have not sent anything.
    pub(in crate::engine) fn new(model: &Model, streams: &Streams) -> Self {
        let bursts = model.traffic.as_ref().and_then(|traffic| traffic.curve().bursts);
        Source {
            arrivals: streams.stream("traffic", "arrivals"),
            endpoints: streams.stream("traffic", "endpoints"),
            last: 0.0,
            piece: 0,
            pulse: bursts.map(|bursts| Pulse::new(&bursts, streams)),
        }
    }

    /// Draws on from other streams after `now`.
    pub(in crate::engine) fn reseed(&mut self, model: &Model, now: SimTime, streams: &Streams) {
        (self.arrivals, self.endpoints) =
            (streams.stream("traffic", "arrivals"), streams.stream("traffic", "endpoints"));
        if let Some(pulse) = &mut self.pulse {
            let are_awaited = matches!(model.traffic, Some(TrafficModel::Closed { .. }));
            pulse.reseed(now.as_seconds(), are_awaited, streams);
        }
    }

    /// When the traffic since `from` sums up to `area`, bursts included.
    #[inline]
    fn advance(&mut self, curve: &Curve, now: SimTime, from: f64, area: f64) -> Option<f64> {
        match &mut self.pulse {
            None => curve.advance(from, area, &mut self.piece),
            Some(pulse) => pulse.advance(curve, now.as_seconds(), from, area, &mut self.piece),
        }
    }
}

impl Engine<'_> {
    /// Draws the next arrival of open traffic again: a Poisson process has no memory, so from any moment
    /// on it is as good as the one that was planned.
    pub(in crate::engine) fn expect_another_arrival(&mut self) {
        if matches!(self.model.traffic, Some(TrafficModel::Open(_))) {
            self.calendar.forget_arrivals();
            (self.source.last, self.source.piece) = (self.now.as_seconds(), 0);
            self.expect_arrival();
        }
    }

    /// The first arrival, or every user's first thought.
    pub(in crate::engine) fn start_traffic(&mut self) {
        match &self.model.traffic {
            None => {}
            Some(TrafficModel::Open(_)) => self.expect_arrival(),
            Some(TrafficModel::Closed { users, .. }) => {
                for user in 0..*users {
                    self.think(user, false);
                }
            }
        }
    }

    /// Draws the next arrival of open traffic.
    #[inline]
    fn expect_arrival(&mut self) {
        let Some(TrafficModel::Open(curve)) = &self.model.traffic else { return };
        let unit = standard_exponential(&mut self.source.arrivals);
        if let Some(at) = self.source.advance(curve, self.now, self.source.last, unit) {
            self.source.last = at;
            self.calendar.push(SimTime::from_seconds(at), Event::Arrive);
        }
    }

    /// A request of open traffic arrives.
    #[inline]
    pub(in crate::engine) fn arrive(&mut self) {
        self.expect_arrival();
        self.request(NONE);
    }

    /// A user of closed traffic thinks.
    fn think(&mut self, user: u32, has_failed: bool) {
        let Some(TrafficModel::Closed { think_time, setback, pace, .. }) = &self.model.traffic
        else {
            return;
        };
        let now = self.now.as_seconds();
        let setback = if has_failed { *setback } else { 0.0 };
        let pause = think_time.draw(&mut self.source.arrivals) + setback;
        pace.skip_to(now, &mut self.source.piece);
        // A change of pace shortens or stretches the rest of a pause under way.
        let piece = self.source.piece;
        let end = self.source.advance(pace, self.now, now, pause);
        self.source.piece = piece;
        if let Some(at) = end {
            self.calendar.push(SimTime::from_seconds(at).max(self.now), Event::Think(user));
        }
    }

    /// A client sends a request.
    #[inline]
    pub(in crate::engine) fn request(&mut self, user: u32) {
        let endpoint = self.choose_endpoint(user);
        let model = &self.model.endpoints[endpoint as usize];
        self.endpoints[endpoint as usize].arrivals += 1;
        let (id, span) = self.spans.create();
        span.step = model.entry;
        span.endpoint = endpoint;
        span.arrived = self.now;
        span.user = user;
        if model.timeout != NONE {
            self.watch_deadline(model.timeout, id);
        }
        if self.model.client_retry != NONE {
            self.begin_request();
        }
        self.admit(id, model.service, None);
    }

    /// The kind of the next request: among all, or among those of the service where the user stays.
    #[inline]
    fn choose_endpoint(&mut self, user: u32) -> u32 {
        let endpoints = &self.model.endpoints;
        if endpoints.len() == 1 {
            return 0;
        }
        if let Some(TrafficModel::Closed { homes, .. }) = &self.model.traffic
            && homes.len() > 1
        {
            return self.choose_at(homes[user as usize % homes.len()]);
        }
        let mut chance = self.source.endpoints.unit();
        for (id, endpoint) in endpoints.iter().enumerate() {
            chance -= endpoint.share;
            if chance < 0.0 {
                return id as u32;
            }
        }
        (endpoints.len() - 1) as u32
    }

    /// The kind of the next request at one service, by the shares of those that come in there.
    fn choose_at(&mut self, service: u32) -> u32 {
        let own = |(_, endpoint): &(usize, &EndpointModel)| endpoint.service == service;
        let endpoints = || self.model.endpoints.iter().enumerate().filter(own);
        let all: f64 = endpoints().map(|(_, endpoint)| endpoint.share).sum();
        let mut chance = self.source.endpoints.unit() * all;
        let mut chosen = 0;
        for (id, endpoint) in endpoints() {
            chosen = id as u32;
            chance -= endpoint.share;
            if chance < 0.0 {
                break;
            }
        }
        chosen
    }

    /// A request has come back to its client.
    #[inline(always)]
    pub(in crate::engine) fn answer(&mut self, id: u32, failure: Option<Failure>) {
        if self.spans[id].abandoned {
            return;
        }
        #[cfg(feature = "alerts")]
        self.watch_request(id, failure);
        if let Some(failure) = failure
            && self.asks_again(id, failure)
        {
            return;
        }
        let span = &self.spans[id];
        let latency = self.now - span.arrived;
        let is_warm = span.arrived >= self.model.warmup;
        let watch = &mut self.endpoints[span.endpoint as usize];
        match failure {
            None => {
                watch.completed += 1;
                watch.answered_warm += u64::from(self.now >= self.model.warmup);
                if is_warm {
                    watch.longest = watch.longest.max(latency.0);
                    watch.completed_warm += 1;
                    for (sum, time) in watch.causes.iter_mut().zip(span.causes) {
                        *sum += u128::from(time);
                    }
                }
                let mut explained: u64 = span.causes.iter().sum();
                if !self.retrials.is_idle() {
                    explained += self.count_loss(id, is_warm);
                }
                self.unexplained += latency.0.abs_diff(explained);
            }
            Some(failure) => watch.failed[failure as usize] += 1,
        }
        let (endpoint, user) = (self.spans[id].endpoint, self.spans[id].user);
        if is_warm {
            self.endpoints[endpoint as usize].record(latency);
            self.series.keep(endpoint, latency);
        }
        self.series.record(endpoint, latency, failure.is_some());
        if user != NONE {
            self.think(user, failure.is_some());
        }
    }

    /// A client's patience ends: it counts as failed, and the work goes on without it.
    #[cold]
    pub(in crate::engine) fn abandon(&mut self, id: u32) {
        self.answer(id, Some(Failure::TimedOut));
        let span = &mut self.spans[id];
        span.abandoned = true;
        // A connection that was never accepted leaves nothing to be worked on.
        if span.state == State::Knocking {
            self.fail(id, Failure::TimedOut);
        }
    }
}
