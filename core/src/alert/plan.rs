//! The rules of a plan, bound to the series that it has.

use std::collections::BTreeMap;

use super::bind::Binder;
use super::expression::{Expression, Matcher};
use super::metric::Source;
use super::parse::parse;
use crate::model::Model;
use crate::quantity::SimTime;
use crate::scenario::{Alert, Scenario};

/// How often Prometheus scrapes, and evaluates rules, unless it is told otherwise (prometheus/prometheus,
/// docs/configuration/configuration.md: `scrape_interval`, `evaluation_interval`).
pub(crate) const USUAL_INTERVAL: SimTime = SimTime::from_millis(60_000);
/// How long a sample is seen (`--query.lookback-delta`), in milliseconds.
pub(super) const LOOK_BACK: i64 = 300_000;
/// Most series that a plan's rules may ask for.
const MOST_SERIES: usize = 20_000;

/// A name of a label or its value, by position in [`Plan::words`].
pub(crate) type Word = u32;
/// Labels by name, in order; none is empty. `__name__` is among them.
pub(crate) type Labels = Vec<(Word, Word)>;
/// The word `__name__`.
pub(crate) const NAME: Word = 0;
/// The word of an empty text.
pub(crate) const EMPTY: Word = 1;

/// A series of the plan.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    pub(crate) labels: Labels,
    pub(crate) source: Source,
}

/// What a selector asks for.
#[derive(Clone, Debug)]
pub(crate) struct Select {
    /// Series of the plan.
    pub(crate) series: Vec<u32>,
    /// Series that a recording rule makes.
    pub(crate) recorded: Option<Asked>,
    /// Milliseconds back.
    pub(crate) offset: i64,
}

/// What a selector asks of the series of recording rules.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The selector's own number.
    pub(crate) id: u32,
    /// The word of the name.
    pub(crate) name: Word,
    /// Conditions, each with the word of its label.
    pub(crate) conditions: Vec<(Word, Matcher)>,
}

/// What a function does with the samples of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Over {
    Rate,
    Increase,
    Delta,
    Irate,
    Idelta,
    Derivative,
    Predict,
    Changes,
    Resets,
    Average,
    Minimum,
    Maximum,
    Sum,
    Count,
    Last,
    Present,
    Deviation,
    Variance,
    Quantile,
}

/// What a function does with each sample of an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Each {
    Absolute,
    Ceiling,
    Floor,
    Round,
    Clamp,
    ClampLeast,
    ClampMost,
    Root,
    Exponential,
    Logarithm,
    Logarithm2,
    Logarithm10,
    Sign,
}

/// What an aggregation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aggregation {
    Sum,
    Average,
    Minimum,
    Maximum,
    Count,
    Group,
    Deviation,
    Variance,
    Quantile,
    Top,
    Bottom,
}

/// Labels by which series are told apart.
#[derive(Clone, Debug)]
pub(crate) struct By {
    /// Whether the labels are those that count, else those that do not.
    pub(crate) only: bool,
    pub(crate) labels: Vec<Word>,
}

/// Which side may have several series for one of the other, and the labels taken over.
#[derive(Clone, Debug)]
pub(crate) enum Side {
    Neither,
    Left(Vec<Word>),
    Right(Vec<Word>),
}

/// An expression bound to a plan.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    Number(f64),
    Time,
    Select(Select),
    Over {
        over: Over,
        of: Select,
        range: i64,
        parameter: Option<Box<Node>>,
    },
    Each {
        each: Each,
        of: Box<Node>,
        parameters: Vec<Node>,
    },
    /// One sample with these labels where there is none.
    Absent {
        of: Box<Node>,
        labels: Labels,
    },
    AbsentOver {
        of: Select,
        range: i64,
        labels: Labels,
    },
    /// A number as a vector.
    Vector(Box<Node>),
    /// The only sample of a vector as a number.
    Scalar(Box<Node>),
    Negate(Box<Node>),
    /// A quantile of histograms, whose bounds are in the label `le`.
    Quantile {
        ratio: Box<Node>,
        of: Box<Node>,
    },
    Aggregate {
        aggregation: Aggregation,
        parameter: Option<Box<Node>>,
        of: Box<Node>,
        by: By,
    },
    Binary {
        operator: super::expression::Operator,
        is_bool: bool,
        by: By,
        many: Side,
        sides: Box<[Node; 2]>,
    },
}

/// A rule.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    /// As the scenario states it.
    pub(crate) stated: Alert,
    /// Its position in the scenario.
    pub(crate) index: usize,
    /// What it evaluates, or why it cannot be.
    pub(crate) node: Result<Node, String>,
    /// Labels that it adds.
    pub(crate) labels: Labels,
    /// The word of its name.
    pub(crate) name: Word,
    /// The longest time that it looks back, in milliseconds.
    pub(crate) look_back: i64,
    /// What was taken for granted.
    pub(crate) notes: Vec<String>,
}

impl Rule {
    /// Milliseconds that its expression must hold.
    pub(crate) fn held(&self) -> i64 {
        milliseconds(self.stated.held.unwrap_or(SimTime::ZERO))
    }

    pub(crate) fn keeps_firing(&self) -> i64 {
        milliseconds(self.stated.keep_firing_for.unwrap_or(SimTime::ZERO))
    }
}

/// Rules that are evaluated together, one after another.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) name: String,
    /// Milliseconds.
    pub(crate) interval: i64,
    pub(crate) rules: Vec<Rule>,
}

/// The rules of a plan, bound to its series.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Time between two scrapes.
    pub(crate) scrape_interval: SimTime,
    pub(crate) groups: Vec<Group>,
    /// The series that rules ask for; ids are positions.
    pub(crate) series: Vec<Series>,
    /// Texts of names and values of labels.
    pub(crate) words: Vec<String>,
}

/// Recording rules that build on each other; more are told less of what the first ones look back at.
const LONGEST_CHAIN: usize = 10;

pub(crate) fn milliseconds(time: SimTime) -> i64 {
    (time.0 / 1_000_000).min(i64::MAX as u64 / 4) as i64
}

impl Plan {
    /// Binds the rules of a scenario to a model; `None` where there are none. Expressions that cannot be read
    /// were refused before.
    pub(crate) fn new(scenario: &Scenario, model: &Model) -> Option<Plan> {
        if scenario.alerts.is_empty() {
            return None;
        }
        let mut binder = Binder::new(model, &scenario.alerts);
        let usual = scenario.evaluation_interval.unwrap_or(USUAL_INTERVAL);
        let mut groups: Vec<Group> = Vec::new();
        let all = scenario.alerts.iter().map(|stated| {
            let interval = milliseconds(stated.interval.unwrap_or(usual)).max(1);
            (stated, expression(stated), interval)
        });
        let all: Vec<(&Alert, Expression, i64)> = all.collect();
        // A rule may ask for what one behind it records.
        (0..LONGEST_CHAIN).take_while(|_| binder.learn(&all)).for_each(drop);
        for (index, &(stated, ref of, interval)) in all.iter().enumerate() {
            let rule = binder.rule(index, stated, of);
            match groups.last_mut() {
                Some(last) if last.name == stated.group && last.interval == interval => {
                    last.rules.push(rule);
                }
                _ => {
                    let name = stated.group.clone();
                    groups.push(Group { name, interval, rules: vec![rule] });
                }
            }
        }
        let (mut series, words) = binder.into_parts();
        if series.len() > MOST_SERIES {
            series.clear();
            let reason = format!("the rules ask for more than {MOST_SERIES} series");
            let rules = groups.iter_mut().flat_map(|group| &mut group.rules);
            rules.for_each(|rule| rule.node = Err(reason.clone()));
        }
        let scrape_interval = scenario.scrape_interval.unwrap_or(USUAL_INTERVAL);
        Some(Plan { scrape_interval, groups, series, words })
    }

    /// Every rule that is an alert.
    pub(crate) fn alerts(&self) -> impl Iterator<Item = (&Group, &Rule)> {
        let all =
            self.groups.iter().flat_map(|group| group.rules.iter().map(move |rule| (group, rule)));
        all.filter(|(_, rule)| !rule.stated.record)
    }

    /// How long a run must be, its start included, for every rule to have seen what it looks back at and to
    /// have held as long as it must.
    pub(crate) fn wanted(&self) -> SimTime {
        let rules = self.alerts().filter(|(_, rule)| rule.node.is_ok());
        let each = rules.map(|(group, rule)| self.wanted_by(group, rule));
        SimTime::from_millis(each.max().unwrap_or(0) as u64)
    }

    /// The same for one rule, in milliseconds: a scrape and an evaluation come with any delay up to their
    /// intervals, and what is seen in the last moment has to be evaluated once more.
    pub(crate) fn wanted_by(&self, group: &Group, rule: &Rule) -> i64 {
        let scrape = milliseconds(self.scrape_interval);
        [rule.look_back, rule.held(), 2 * group.interval, 2 * scrape]
            .into_iter()
            .fold(0, i64::saturating_add)
    }
}

fn expression(stated: &Alert) -> Expression {
    parse(&stated.expr).unwrap_or(Expression::Number(f64::NAN))
}

/// Texts by their numbers.
#[derive(Clone, Debug)]
pub(super) struct Words {
    numbers: BTreeMap<String, Word>,
    texts: Vec<String>,
}

impl Words {
    pub(super) fn new() -> Self {
        let mut words = Words { numbers: BTreeMap::new(), texts: Vec::new() };
        words.word("__name__");
        words.word("");
        words
    }

    pub(super) fn word(&mut self, text: &str) -> Word {
        if let Some(&known) = self.numbers.get(text) {
            return known;
        }
        let number = self.texts.len() as Word;
        self.numbers.insert(text.to_owned(), number);
        self.texts.push(text.to_owned());
        number
    }

    pub(super) fn text(&self, word: Word) -> &str {
        &self.texts[word as usize]
    }

    pub(super) fn into_texts(self) -> Vec<String> {
        self.texts
    }
}
