//! Who sends requests, and how many.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Distribution, Retries};
use crate::quantity::{Rate, SimTime};

/// Traffic: open (`arrival_rate`: requests come whatever happens, as a Poisson process) or closed
/// (`users`: each waits for the answer, thinks, and asks again). One of the two is given.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Traffic {
    /// Open traffic: mean arrivals per second before stages and spikes. Range: 0 to 1e7/s.
    #[serde(default)]
    pub arrival_rate: Option<Rate>,
    /// Closed traffic: number of users. Range: 1 to 1,000,000.
    #[serde(default)]
    pub users: Option<u32>,
    /// Closed traffic: pause of a user between an answer and the next request.
    /// Default: exponential with a mean of 1 s.
    #[serde(default)]
    pub think_time: Option<Distribution>,
    /// Open traffic: the rate moves in a straight line to `target` over `duration`, stage after
    /// stage, starting from `arrival_rate`; after the last stage it stays. As k6's
    /// `ramping-arrival-rate`.
    #[serde(default)]
    pub stages: Vec<Stage>,
    /// Connections that clients hold open to the services where requests enter without sending
    /// anything: idle keep-alive, web sockets. They are there from the start, shared as the requests
    /// are, and come back after a restart. Range: 0 to 1,000,000. Default: none.
    #[serde(default)]
    pub idle_connections: Option<u32>,
    /// Times of higher load: the rate (or the pace of every user) is multiplied.
    #[serde(default)]
    pub spikes: Vec<Spike>,
    /// Times of higher load that come at random, other ones in each run.
    #[serde(default)]
    pub bursts: Option<Bursts>,
    /// How a client tries again when a request fails: each attempt is a fresh request, and to the client
    /// one latency. Default: not at all, as browsers do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retries: Option<Retries>,
}

/// A straight move of the arrival rate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// Rate at the end of the stage.
    pub target: Rate,
    /// Length of the stage; zero is a jump.
    pub duration: SimTime,
}

/// Bursts at random: while one lasts, the rate (or the pace of every user) is multiplied. Both the bursts
/// and the calm between them last exponential times, so that open traffic is a Markov-modulated Poisson
/// process of two states. A run starts in a burst as often as it is in one: in `for` of `every`. The mean rate
/// is the stated one times 1 + (`factor` - 1) × `for` / `every`.
///
/// Source: Fischer and Meier-Hellstern, *The Markov-modulated Poisson process (MMPP) cookbook* (1993).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bursts {
    /// The rate is multiplied by this. Range: 0 to 1,000.
    pub factor: f64,
    /// From the start of one burst to the start of the next, on average. Range: 1 s to 1 day.
    pub every: SimTime,
    /// How long a burst lasts, on average. Range: 1 ms to less than `every`.
    #[serde(rename = "for")]
    pub length: SimTime,
}

impl Bursts {
    /// The share of the time in which there is one.
    pub fn share(&self) -> f64 {
        self.length.as_seconds() / self.every.as_seconds()
    }
}

/// A time of higher load.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spike {
    /// The rate is multiplied by this. Range: 0 to 1,000.
    pub factor: f64,
    /// When it starts.
    pub at: SimTime,
    /// How long it lasts.
    #[serde(rename = "for")]
    pub length: SimTime,
}
