//! How a scenario's text is run, and how what it shows is held against an exact value.
//!
//! A claim holds when the exact value lies inside the 99.9 % interval of the replications and that
//! interval is no wider than 1 % of the value to either side: too few runs fail as surely as wrong
//! ones. Seeds are fixed, so a claim that holds today holds tomorrow; a change of the random
//! streams draws all claims anew, and then one in a thousand fails by chance.

use plimsoll::engine::{Run, RunOptions, run};
use plimsoll::model::{self, Model};
use plimsoll::scenario::Scenario;
use plimsoll::statistics::{Moments, student_quantile};
use plimsoll::{diagnostic::Diagnostic, import};

/// Probability on each side of the interval that a true claim is refused.
const TAIL: f64 = 0.0005;
/// Widest half of an interval, in units of the exact value.
const WIDEST: f64 = 0.01;

/// The seed of all claims.
pub(crate) const SEED: u64 = 42;

/// Reads and settles a scenario.
pub(crate) fn model(text: &str) -> Model {
    let explain = |problems: Vec<Diagnostic>| -> Model {
        panic!("{problems:#?}\n{text}");
    };
    let node = match import::yaml::read("scenario.yaml", text) {
        Ok(mut nodes) => nodes.remove(0),
        Err(problems) => return explain(problems),
    };
    match import::decode::decode::<Scenario>(&node, "") {
        Ok(scenario) => {
            model::build(&scenario, &model::Provenance::default()).unwrap_or_else(explain)
        }
        Err(problems) => explain(problems),
    }
}

/// Runs one replication to its horizon; its books must balance.
pub(crate) fn replication(model: &Model, replication: u32) -> Run {
    let options = RunOptions { seed: SEED, replication, max_events: u64::MAX, percentiles: false };
    let run = run(model, options);
    assert!(run.finished && run.balanced, "replication {replication} of {}", model.name);
    assert_eq!(run.unexplained, 0, "replication {replication} of {}", model.name);
    run
}

/// One comparison of runs with an exact value.
pub(crate) struct Claim {
    what: String,
    exact: f64,
    estimate: f64,
    half: f64,
}

/// The replications' mean is the exact value.
pub(crate) fn claim(what: &str, exact: f64, observed: &[f64]) -> Claim {
    let moments: Moments = observed.iter().copied().collect();
    let (estimate, variance) = (moments.mean().unwrap(), moments.variance().unwrap());
    let t = student_quantile(1.0 - TAIL, moments.count() - 1);
    let half = t * (variance / observed.len() as f64).sqrt();
    Claim { what: what.to_owned(), exact, estimate, half }
}

/// The same with a control: something else that the same runs show and whose exact mean is known.
/// What the control missed by chance is taken out of the observations by linear regression, which
/// narrows the interval and is exact for means of long runs, which are jointly normal (Lavenberg &
/// Welch 1981). The control is itself a claim elsewhere.
pub(crate) fn claim_with_control(
    what: &str,
    exact: f64,
    observed: &[f64],
    control: &[f64],
    control_mean: f64,
) -> Claim {
    let count = observed.len() as f64;
    let mean = observed.iter().sum::<f64>() / count;
    let centre = control.iter().sum::<f64>() / count;
    let pairs = || observed.iter().zip(control);
    let spread: f64 = control.iter().map(|x| (x - centre) * (x - centre)).sum();
    let slope = pairs().map(|(y, x)| (y - mean) * (x - centre)).sum::<f64>() / spread;
    let residue = |y: f64, x: f64| y - mean - slope * (x - centre);
    let variance = pairs().map(|(&y, &x)| residue(y, x) * residue(y, x)).sum::<f64>();
    let missed = centre - control_mean;
    let factor = 1.0 / count + missed * missed / spread;
    let t = student_quantile(1.0 - TAIL, observed.len() as u64 - 2);
    let half = t * (variance / (count - 2.0) * factor).sqrt();
    Claim { what: what.to_owned(), exact, estimate: mean - slope * missed, half }
}

/// Runs `replications` of a scenario, and more as long as an interval is too wide, at most four
/// times as many; then every claim must hold. The number of runs depends on their spread alone, not
/// on where their mean lies, so that it hardly touches the confidence (Chow & Robbins 1965).
pub(crate) fn prove<const N: usize>(
    text: &str,
    replications: u32,
    read: impl Fn(&Run) -> [f64; N],
    claims: impl Fn(&[Vec<f64>; N]) -> Vec<Claim>,
) {
    prove_together([text], replications, |[run]| read(run), claims);
}

/// As [`prove`], for claims about several scenarios together.
pub(crate) fn prove_together<const M: usize, const N: usize>(
    texts: [&str; M],
    replications: u32,
    read: impl Fn(&[Run; M]) -> [f64; N],
    claims: impl Fn(&[Vec<f64>; N]) -> Vec<Claim>,
) {
    let models = texts.map(model);
    let mut columns = std::array::from_fn(|_| Vec::new());
    let (mut done, mut wanted) = (0, replications);
    loop {
        for id in done..wanted {
            let runs = models.each_ref().map(|model| replication(model, id));
            for (column, value) in columns.iter_mut().zip(read(&runs)) {
                column.push(value);
            }
        }
        done = wanted;
        let claims = claims(&columns);
        if claims.iter().all(Claim::is_sharp) || done >= 4 * replications {
            claims.iter().for_each(Claim::check);
            return;
        }
        wanted += replications.div_ceil(6);
    }
}

impl Claim {
    /// Whether the interval is narrow enough to say anything.
    fn is_sharp(&self) -> bool {
        self.half <= WIDEST * self.exact.abs()
    }

    fn check(&self) {
        let percent = |value: f64| value / self.exact * 100.0;
        let said = format!(
            "{}: exact {:.6}, found {:+.3} % ± {:.3} %",
            self.what,
            self.exact,
            percent(self.estimate - self.exact),
            percent(self.half)
        );
        println!("{said}");
        assert!(self.is_sharp(), "too few runs: {said}");
        assert!((self.estimate - self.exact).abs() <= self.half, "{said}");
    }
}

/// Open traffic to one service, named `one`.
pub(crate) struct Open<'a> {
    /// Cores of the host.
    pub(crate) cores: u32,
    /// Keys of the service.
    pub(crate) service: &'a str,
    /// Steps of its only endpoint.
    pub(crate) steps: &'a str,
    /// Requests each second.
    pub(crate) rate: f64,
    /// Seconds that are left out.
    pub(crate) warmup: f64,
    /// Requests that count in one replication.
    pub(crate) requests: f64,
}

impl Open<'_> {
    /// The scenario's text. Requests hold no memory and clients wait for ever, so that only the
    /// queue itself is seen.
    pub(crate) fn text(&self) -> String {
        let Open { cores, service, steps, rate, warmup, requests } = self;
        let horizon = warmup + requests / rate;
        format!(
            "version: 1\n\
             host: {{cores: {cores}, time_slice: 0s}}\n\
             services:\n  one: {{memory_request: 0B, backlog: 1000000, {service}}}\n\
             endpoints:\n  page: {{timeout: 0s, steps: {steps}}}\n\
             traffic: {{arrival_rate: {rate}/s}}\n\
             warmup: {warmup:.3}s\n\
             horizon: {horizon:.3}s\n"
        )
    }
}

/// Seconds after which a queue with this utilisation has forgotten that it began empty: five times
/// the relaxation time of M/M/1, 1/(μ(1 − √ρ)²) ≤ 4/(μ(1 − ρ)²), stretched by the variability of a
/// service (`cv`: coefficient of variation). What is left of the start then is below e⁻⁵ of one
/// relaxation time in hundreds.
pub(crate) fn warmup(service_time: f64, utilisation: f64, cv: f64) -> f64 {
    let spare = 1.0 - utilisation;
    20.0 * service_time * (1.0 + cv * cv) / 2.0 / (spare * spare)
}

/// Mean latency of all requests after the warm-up.
pub(crate) fn mean_latency(run: &Run) -> f64 {
    run.endpoints[0].mean().unwrap()
}

/// Mean latency of the requests answered well after the warm-up.
pub(crate) fn mean_answered(run: &Run) -> f64 {
    let watch = &run.endpoints[0];
    watch.causes.iter().sum::<u128>() as f64 / 1e9 / watch.completed_warm as f64
}

/// Share of the requests after the warm-up that failed.
pub(crate) fn loss_ratio(run: &Run) -> f64 {
    let watch = &run.endpoints[0];
    1.0 - watch.completed_warm as f64 / watch.latency.len() as f64
}

/// Claims that two numbers agree where nothing is left to chance.
pub(crate) fn exactly(what: &str, exact: f64, found: f64) {
    let error = (found / exact - 1.0).abs();
    println!("{what}: exact {exact:.6}, found {found:.6}");
    assert!(error < 1e-6, "{what}: exact {exact}, found {found}");
}
