//! Rules that can never fire: what an expression can give at all, by interval arithmetic over what each
//! metric can be in a plan. Only what is certain is said; where nothing is known, everything is possible.

mod operator;

use operator::binary;

use super::metric::{
    BOUNDS, ContainerGauge, DatabaseGauge, HostGauge, RequestGauge, Source, StoreGauge, maximum,
};
use super::plan::{Aggregation, Each, Node, Over, Plan, Rule, Select};
use super::state::EPOCH;
use crate::model::{Model, NONE, ServiceModel};

/// Share by which rounding may move a mean or a sum.
const ROUNDING: f64 = 1e-12;

/// What an expression can give.
#[derive(Clone, Debug)]
struct Possible {
    low: f64,
    high: f64,
    may_be_nan: bool,
    /// Most samples; infinite where nobody knows.
    size: f64,
    is_scalar: bool,
    /// Why it is always empty, if it is.
    never: Option<String>,
}

impl Possible {
    const ANYTHING: Possible = Possible {
        low: f64::NEG_INFINITY,
        high: f64::INFINITY,
        may_be_nan: true,
        size: f64::INFINITY,
        is_scalar: false,
        never: None,
    };

    fn range(low: f64, high: f64, size: f64) -> Self {
        Possible { low, high, may_be_nan: false, size, ..Possible::ANYTHING }
    }

    fn number(value: f64) -> Self {
        let may_be_nan = value.is_nan();
        Possible { may_be_nan, is_scalar: true, ..Possible::range(value, value, 1.0) }
    }

    /// The same with another range.
    fn with(self, low: f64, high: f64) -> Self {
        Possible { low, high, ..self }
    }

    /// The same where rounding may have moved it.
    fn rounded(self) -> Self {
        let (low, high) =
            (self.low - self.low.abs() * ROUNDING, self.high + self.high.abs() * ROUNDING);
        self.with(low, high)
    }

    fn constant(&self) -> Option<f64> {
        (self.low == self.high && !self.may_be_nan).then_some(self.low)
    }
}

/// Why a rule can never fire, if that is certain.
pub(crate) fn never(rule: &Rule, plan: &Plan, model: &Model) -> Option<String> {
    let node = rule.node.as_ref().ok()?;
    Analysis { plan, model }.of(node).never
}

struct Analysis<'a> {
    plan: &'a Plan,
    model: &'a Model,
}

impl Analysis<'_> {
    fn of(&self, node: &Node) -> Possible {
        match node {
            Node::Number(number) => Possible::number(*number),
            Node::Time => {
                Possible { is_scalar: true, ..Possible::range(EPOCH, f64::INFINITY, 1.0) }
            }
            Node::Select(select) => self.select(select),
            Node::Over { over, of, parameter, .. } => self.over(*over, of, parameter.as_deref()),
            Node::Each { each, of, parameters } => self.each(*each, of, parameters),
            Node::Absent { .. } | Node::AbsentOver { .. } => Possible::range(1.0, 1.0, 1.0),
            Node::Vector(of) => Possible { is_scalar: false, size: 1.0, ..self.of(of) },
            Node::Scalar(of) => {
                let of = self.of(of);
                Possible { is_scalar: true, may_be_nan: true, never: None, ..of }
            }
            Node::Negate(of) => {
                let of = self.of(of);
                let (low, high) = (-of.high, -of.low);
                of.with(low, high)
            }
            Node::Quantile { ratio, of } => self.quantile(ratio, of),
            Node::Aggregate { aggregation, parameter, of, .. } => {
                self.aggregate(*aggregation, parameter.as_deref(), of)
            }
            Node::Binary { operator, is_bool, sides, .. } => {
                binary(*operator, *is_bool, self.of(&sides[0]), self.of(&sides[1]))
            }
        }
    }

    fn select(&self, select: &Select) -> Possible {
        if select.recorded.is_some() {
            return Possible::ANYTHING;
        }
        let sources = self.sources(select);
        let ranges: Vec<(f64, f64)> = sources.map(|source| self.source(source)).collect();
        let low = ranges.iter().fold(f64::INFINITY, |low, range| low.min(range.0));
        let high = ranges.iter().fold(f64::NEG_INFINITY, |high, range| high.max(range.1));
        Possible::range(low, high, ranges.len() as f64)
    }

    fn sources(&self, select: &Select) -> impl Iterator<Item = Source> {
        select.series.iter().map(|&id| self.plan.series[id as usize].source)
    }

    /// What a series can be.
    fn source(&self, source: Source) -> (f64, f64) {
        let service = |instance: u32| service_of(self.model, instance);
        let constant = |value: f64| (value, value);
        let to_limit = |instance: u32| {
            let limit = service(instance).and_then(|service| service.limit);
            (0.0, limit.map_or(f64::INFINITY, |limit| limit as f64))
        };
        let anything = (0.0, f64::INFINITY);
        match source {
            Source::Exporter => constant(1.0),
            Source::Up { .. } => (0.0, 1.0),
            Source::Host(HostGauge::Memory) => constant(self.model.host.memory as f64),
            Source::Host(HostGauge::Available) => (0.0, self.model.host.memory as f64),
            Source::Host(HostGauge::Busy | HostGauge::Idle) => anything,
            Source::Container { instance, of } => match of {
                ContainerGauge::Usage | ContainerGauge::WorkingSet | ContainerGauge::Rss => {
                    to_limit(instance)
                }
                ContainerGauge::Limit => {
                    let limit = service(instance).and_then(|service| service.limit);
                    constant(limit.unwrap_or(0) as f64)
                }
                ContainerGauge::OomEvents
                    if service(instance).is_some_and(|service| !service.kill_worker) =>
                {
                    constant(0.0)
                }
                ContainerGauge::OomEvents
                | ContainerGauge::CpuSeconds
                | ContainerGauge::ThrottledSeconds
                | ContainerGauge::StartTime
                | ContainerGauge::Restarts => anything,
            },
            Source::Store { instance, of: StoreGauge::Maximum } => {
                service(instance).map_or(anything, |service| constant(maximum(service)))
            }
            Source::Database { instance, of: DatabaseGauge::MostConnections } => {
                constant(self.most_connections(instance))
            }
            Source::Database { instance, .. } => (0.0, self.most_connections(instance)),
            Source::Store { .. } | Source::Requests { .. } => anything,
        }
    }

    fn most_connections(&self, instance: u32) -> f64 {
        let most = service_of(self.model, instance).map(|service| service.max_connections);
        most.filter(|&most| most != NONE).map_or(f64::INFINITY, f64::from)
    }

    fn over(&self, over: Over, select: &Select, parameter: Option<&Node>) -> Possible {
        let of = self.select(select);
        let is_constant = select.recorded.is_none()
            && self.sources(select).all(|source| {
                let (low, high) = self.source(source);
                low == high
            });
        let is_positive = of.low >= 0.0;
        match over {
            Over::Rate
            | Over::Increase
            | Over::Delta
            | Over::Irate
            | Over::Idelta
            | Over::Derivative
            | Over::Changes
            | Over::Resets
                if is_constant =>
            {
                of.with(0.0, 0.0)
            }
            Over::Rate
            | Over::Increase
            | Over::Irate
            | Over::Changes
            | Over::Resets
            | Over::Sum
                if is_positive =>
            {
                of.with(0.0, f64::INFINITY)
            }
            Over::Deviation | Over::Variance => of.with(0.0, f64::INFINITY),
            Over::Average => of.rounded(),
            Over::Minimum | Over::Maximum | Over::Last => of,
            Over::Count => of.with(1.0, f64::INFINITY),
            Over::Present => of.with(1.0, 1.0),
            Over::Quantile => match parameter.and_then(|node| self.of(node).constant()) {
                Some(ratio) if (0.0..=1.0).contains(&ratio) => of.rounded(),
                _ => Possible { size: of.size, ..Possible::ANYTHING },
            },
            Over::Rate
            | Over::Increase
            | Over::Delta
            | Over::Irate
            | Over::Idelta
            | Over::Derivative
            | Over::Predict
            | Over::Changes
            | Over::Resets
            | Over::Sum => Possible { size: of.size, ..Possible::ANYTHING },
        }
    }

    fn each(&self, each: Each, of: &Node, parameters: &[Node]) -> Possible {
        let of = self.of(of);
        let constants: Option<Vec<f64>> =
            parameters.iter().map(|node| self.of(node).constant()).collect();
        let (low, high) = (of.low, of.high);
        match (each, constants.as_deref()) {
            (Each::Absolute, _) if low >= 0.0 => of,
            (Each::Absolute, _) => of.with(0.0, low.abs().max(high.abs())),
            (Each::Ceiling, _) => of.with(low.ceil(), high.ceil()),
            (Each::Floor, _) => of.with(low.floor(), high.floor()),
            (Each::Round, Some([])) => of.with((low + 0.5).floor(), (high + 0.5).floor()),
            (Each::Clamp, Some([least, most])) => {
                of.with(low.max(*least).min(*most), high.max(*least).min(*most))
            }
            (Each::ClampLeast, Some([least])) => of.with(low.max(*least), high.max(*least)),
            (Each::ClampMost, Some([most])) => of.with(low.min(*most), high.min(*most)),
            (Each::Sign, _) => of.with(-1.0, 1.0),
            (Each::Root, _) if low >= 0.0 => of.with(low.sqrt(), high.sqrt()),
            (
                Each::Round
                | Each::Clamp
                | Each::ClampLeast
                | Each::ClampMost
                | Each::Root
                | Each::Exponential
                | Each::Logarithm
                | Each::Logarithm2
                | Each::Logarithm10,
                _,
            ) => Possible { never: of.never, size: of.size, ..Possible::ANYTHING },
        }
    }

    /// A quantile of a histogram is at most its highest bound but one, which is finite.
    fn quantile(&self, ratio: &Node, of: &Node) -> Possible {
        let inside = self.of(of);
        let ratio = self.of(ratio).constant();
        let is_known =
            has_only_buckets(self, of) && ratio.is_some_and(|one| (0.0..=1.0).contains(&one));
        let (low, high) = match is_known {
            true => (0.0, BOUNDS[BOUNDS.len() - 1]),
            false => (f64::NEG_INFINITY, f64::INFINITY),
        };
        Possible { may_be_nan: true, ..inside.with(low, high) }
    }

    fn aggregate(&self, aggregation: Aggregation, parameter: Option<&Node>, of: &Node) -> Possible {
        let inside = self.of(of);
        match aggregation {
            Aggregation::Sum => {
                let high = self.sum(of, &inside);
                let low = if inside.low >= 0.0 { inside.low } else { f64::NEG_INFINITY };
                inside.with(low, high).rounded()
            }
            Aggregation::Average => inside.rounded(),
            Aggregation::Minimum
            | Aggregation::Maximum
            | Aggregation::Top
            | Aggregation::Bottom => inside,
            Aggregation::Count => {
                let most = inside.size;
                Possible { may_be_nan: false, ..inside.with(1.0, most) }
            }
            Aggregation::Group => Possible { may_be_nan: false, ..inside.with(1.0, 1.0) },
            Aggregation::Deviation | Aggregation::Variance => inside.with(0.0, f64::INFINITY),
            Aggregation::Quantile => match parameter.and_then(|node| self.of(node).constant()) {
                Some(ratio) if (0.0..=1.0).contains(&ratio) => inside.rounded(),
                _ => Possible { never: inside.never, size: inside.size, ..Possible::ANYTHING },
            },
        }
    }

    /// The most that a sum can be. Connections of one server are counted by state, and all states together are
    /// no more than it accepts.
    fn sum(&self, of: &Node, inside: &Possible) -> f64 {
        let each =
            if inside.high <= 0.0 { inside.high.max(0.0) } else { inside.high * inside.size };
        let Node::Select(select) = of else { return each };
        if select.recorded.is_some() {
            return f64::INFINITY;
        }
        let mut servers = std::collections::BTreeSet::new();
        let mut sum = 0.0;
        for source in self.sources(select) {
            let is_counted =
                matches!(source, Source::Database { instance, .. } if !servers.insert(instance));
            sum += if is_counted { 0.0 } else { self.source(source).1 };
        }
        sum
    }
}

fn service_of(model: &Model, instance: u32) -> Option<&ServiceModel> {
    let holds = |service: &&ServiceModel| service.instances().contains(&instance);
    model.services.iter().find(holds)
}

/// Whether all series that a node asks for are buckets of durations, and rates or sums of such.
fn has_only_buckets(of: &Analysis<'_>, node: &Node) -> bool {
    if let Node::Aggregate { of: inside, aggregation: Aggregation::Sum, .. } = node {
        return has_only_buckets(of, inside);
    }
    let (Node::Select(select) | Node::Over { of: select, .. }) = node else { return false };
    let is_bucket = |source| matches!(source, Source::Requests { of: RequestGauge::Bucket(_), .. });
    select.recorded.is_none() && of.sources(select).all(is_bucket)
}
