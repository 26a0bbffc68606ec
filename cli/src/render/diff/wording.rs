//! The words and numbers of a comparison, for the terminal and for comments alike. Names are those of
//! the user's files: who writes them escapes them.

use plimsoll::report::{
    Change, DiffAnswer, Difference, Doubt, Fix, Judgement, Load, ObjectiveDifference,
    ObjectiveReport, Pairing, Quantity, Side, SideSource, Subject, Verdict,
};

use crate::render::value;

/// One quantity that moved.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) quantity: &'static str,
    pub(super) base: String,
    pub(super) head: String,
    pub(super) difference: String,
    pub(super) interval: String,
    pub(super) half_width: String,
    pub(super) judgement: Judgement,
}

/// What became of the verdict, in few words.
pub(super) fn verdict(answer: &DiffAnswer) -> String {
    let (base, head) = (answer.base.verdict, answer.head.verdict);
    if base == head {
        let still = if head == Verdict::Undecided { "" } else { "still " };
        return format!("{still}{}", value::verdict(head));
    }
    match (base, head) {
        (Verdict::Fits, Verdict::DoesNotFit) => "no longer fits".to_owned(),
        (Verdict::DoesNotFit, Verdict::Fits) => "fits now".to_owned(),
        _ => format!("{}: base {}", value::verdict(head), value::verdict(base)),
    }
}

/// The one sentence that matters: who is killed now, else the objective that broke, else what moved
/// most.
pub(super) fn headline(answer: &DiffAnswer) -> String {
    let killed = answer.differences.iter().filter(|one| {
        one.quantity == Quantity::OomProbability && one.change.judgement == Judgement::Worse
    });
    let share = |one: &&Difference| one.change.difference.unwrap_or(0.0);
    if let Some(worst) = killed.max_by(|a, b| share(a).total_cmp(&share(b))) {
        return format!(
            "{} is killed for lack of memory in {} of the runs, and was in {}.",
            name(worst),
            number(worst.change.head, "ratio"),
            number(worst.change.base, "ratio"),
        );
    }
    let broken = answer.objectives.iter().find(|one| {
        let outcome = |side: &Option<ObjectiveReport>| side.as_ref().map(|it| it.outcome);
        outcome(&one.head) == Some(plimsoll::report::Outcome::Fail)
            && outcome(&one.base) != outcome(&one.head)
    });
    if let Some(one) = broken {
        return format!("{} no longer holds: {}.", one.expression, objective(one));
    }
    let host = answer
        .differences
        .iter()
        .find(|one| one.subject == Subject::Host && one.quantity == Quantity::MemoryPeak);
    let counts = |wanted| answer.differences.iter().filter(|one| is(one, wanted)).count() as u64;
    let (worse, better) = (counts(Judgement::Worse), counts(Judgement::Better));
    let memory = host.map(|one| {
        let [base, head] = [one.change.base, one.change.head].map(|side| number(side, "bytes"));
        match base == head {
            true => format!("memory of the host stays at {head}"),
            false => format!("memory of the host: {base} → {head}"),
        }
    });
    let numbers = match (worse, better) {
        (0, 0) if counts(Judgement::Unknown) > 0 => {
            let moved = value::plural(counts(Judgement::Unknown), "number");
            format!("{moved} moved, and nothing says whether beyond chance")
        }
        (0, 0) => "no number moves beyond chance".to_owned(),
        _ => format!("{} worse, {better} better", value::plural(worse, "number")),
    };
    format!("{numbers}; {}.", memory.unwrap_or_default())
}

fn is(one: &Difference, wanted: Judgement) -> bool {
    one.change.judgement == wanted && !one.change.minor
}

/// Seed and runs.
pub(super) fn basis(answer: &DiffAnswer) -> String {
    let target = |side: &plimsoll::report::DiffSide| {
        let cores = value::plural(u64::from(side.target.cores), "core");
        format!("{}, {cores}", value::bytes(side.target.memory_bytes))
    };
    let (base, head) = (target(&answer.base), target(&answer.head));
    let on = if base == head { head } else { format!("{base} → {head}") };
    let runs = answer.base.replications.min(answer.head.replications);
    let how = match answer.pairing {
        Pairing::Paired => format!(
            "seed {}, {} of {} under the same streams",
            answer.seed,
            value::plural(u64::from(runs), "pair") + " of runs",
            value::seconds(answer.head.horizon_seconds)
        ),
        Pairing::Marginal => {
            let from = |side: &plimsoll::report::DiffSide| match side.source {
                SideSource::Plan => "simulated",
                SideSource::Report => "saved",
            };
            format!(
                "base {}, head {}: a saved report has no single runs to pair, so intervals are wider \
                 or missing",
                from(&answer.base),
                from(&answer.head)
            )
        }
    };
    let load = match (&answer.base.load, &answer.head.load) {
        (Load::Saturation { users, .. }, Load::Saturation { users: same, .. }) if users == same => {
            format!(
                "; no traffic stated: saturated by {}",
                value::plural(u64::from(*users), "user")
            )
        }
        _ => String::new(),
    };
    format!("on {on}; {how}{load}")
}

/// Why the sides are not alike.
pub(super) fn doubt(doubt: &Doubt) -> String {
    let users = |users: &Option<u32>| {
        users.map_or("its own traffic".to_owned(), |users| {
            format!("saturation by {}", value::plural(u64::from(users), "user"))
        })
    };
    match doubt {
        Doubt::Engine { base, head } => {
            format!("computed by two engines, base by {base}, head by {head}: save base again")
        }
        Doubt::Seed { base, head } => format!("base has seed {base}, head {head}: chance differs"),
        Doubt::Load { base_users, head_users } => format!(
            "the loads differ: base under {}, head under {}; --traffic or --users gives both the same",
            users(base_users),
            users(head_users)
        ),
        Doubt::Horizon { base_seconds, head_seconds } => format!(
            "a run of base takes {}, of head {}; --for gives both the same",
            value::seconds(*base_seconds),
            value::seconds(*head_seconds)
        ),
        Doubt::Budget => {
            "the budget of events ended the runs before all was decided: --max-events".to_owned()
        }
    }
}

/// Paths of the changed inputs, and how each moved; stated ones alone, where there are any.
pub(super) fn inputs(answer: &DiffAnswer) -> Vec<(String, String)> {
    let row = |input: &plimsoll::report::InputDifference| {
        let moved = match (&input.base, &input.head) {
            (None, Some(_)) if input.path.split('.').count() == 2 => "new".to_owned(),
            (Some(_), None) if input.path.split('.').count() == 2 => "gone".to_owned(),
            (base, head) => {
                let side =
                    |side: &Option<String>| side.clone().unwrap_or_else(|| "none".to_owned());
                format!("{} → {}", side(base), side(head))
            }
        };
        (input.path.clone(), moved)
    };
    answer.inputs.iter().map(row).collect()
}

/// Whether an objective is worth a row: its outcome changed, it is new or gone, or its number moved.
pub(super) fn objective_moved(one: &ObjectiveDifference) -> bool {
    let (Some(base), Some(head)) = (&one.base, &one.head) else { return true };
    let moved = |change: &Change| change.judgement != Judgement::Same && !change.minor;
    base.outcome != head.outcome || one.change.as_ref().is_some_and(moved)
}

/// How an objective moved.
pub(super) fn objective(one: &ObjectiveDifference) -> String {
    let side = |side: &ObjectiveReport| {
        let outcome = value::outcome(side.outcome);
        format!("{} {outcome}", number(side.measured, &side.unit))
    };
    match (&one.base, &one.head) {
        (Some(base), Some(head)) if base.outcome == head.outcome => {
            format!("{} → {}", number(base.measured, &base.unit), side(head))
        }
        (Some(base), Some(head)) => format!("{} → {}", side(base), side(head)),
        (None, Some(head)) => format!("new: {}", side(head)),
        (Some(base), None) => format!("gone: was {}", side(base)),
        (None, None) => String::new(),
    }
}

fn number(number: Option<f64>, unit: &str) -> String {
    number.map_or("–".to_owned(), |number| value::measured(number, unit))
}

fn name(one: &Difference) -> String {
    match one.subject {
        Subject::Plan => "saturation".to_owned(),
        Subject::Host => "host".to_owned(),
        Subject::Service | Subject::Endpoint | Subject::Cache | Subject::Pool => one.name.clone(),
    }
}

const fn quantity(of: Quantity) -> &'static str {
    match of {
        Quantity::OomProbability => "killed",
        Quantity::MemoryPeak => "memory peak",
        Quantity::MemoryIdle => "memory idle",
        Quantity::Utilisation => "cpu",
        Quantity::LatencyP50 => "p50",
        Quantity::LatencyP95 => "p95",
        Quantity::LatencyP99 => "p99",
        Quantity::LossRatio => "failed",
        Quantity::HitRatio => "hit ratio",
        Quantity::WaitingP99 => "wait p99",
        Quantity::LoadLine => "rate",
    }
}

/// The quantities that moved beyond chance and not just a little: worse ones first, then by what they
/// are of.
pub(super) fn moved(answer: &DiffAnswer) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for wanted in [Judgement::Worse, Judgement::Better, Judgement::Unknown] {
        let chosen = answer.differences.iter().filter(|one| is(one, wanted));
        rows.extend(chosen.map(row));
    }
    rows
}

fn row(one: &Difference) -> Row {
    let Change { base, head, difference, interval, judgement, .. } = one.change;
    let unit = one.unit.as_str();
    Row {
        name: name(one),
        quantity: quantity(one.quantity),
        base: number(base, unit),
        head: number(head, unit),
        difference: difference.map_or("–".to_owned(), |by| signed(by, unit)),
        interval: interval.map_or("–".to_owned(), |span| {
            format!("{} to {}", signed(span.low, unit), signed(span.high, unit))
        }),
        half_width: interval
            .map_or("–".to_owned(), |span| apart((span.high - span.low) / 2.0, unit)),
        judgement,
    }
}

/// A difference with its sign; shares in points of a percent.
fn signed(by: f64, unit: &str) -> String {
    let sign = if by < 0.0 { "-" } else { "+" };
    format!("{sign}{}", apart(by.abs(), unit))
}

/// How far two numbers are apart; shares in points, since percents of a percent would mislead.
fn apart(by: f64, unit: &str) -> String {
    let text = value::measured(by, unit);
    if unit == "ratio" { text.replace('%', " pt") } else { text }
}

/// What only one side has, a line each.
pub(super) fn only(answer: &DiffAnswer) -> Vec<String> {
    let line = |one: &plimsoll::report::OnlyOneSide| {
        let what = match one.subject {
            Subject::Plan | Subject::Host => "host",
            Subject::Service => "service",
            Subject::Endpoint => "endpoint",
            Subject::Cache => "cache",
            Subject::Pool => "pool",
        };
        let peak = one.memory_peak_bytes;
        let peak = peak.map(|peak| format!(", memory peak {}", value::measured(peak, "bytes")));
        let side = match one.side {
            Side::Base => "gone",
            Side::Head => "new",
        };
        format!("{side}: {what} {}{}", one.name, peak.unwrap_or_default())
    };
    answer.only.iter().map(line).collect()
}

/// The count of what did not move.
pub(super) fn unchanged(answer: &DiffAnswer) -> String {
    let all = &answer.differences;
    let count = |keep: &dyn Fn(&&Difference) -> bool| all.iter().filter(keep).count() as u64;
    let zero = count(&|one| one.change.difference == Some(0.0));
    let chance =
        count(&|one| one.change.judgement == Judgement::Same && one.change.difference != Some(0.0));
    let minor = count(&|one| one.change.judgement != Judgement::Same && one.change.minor);
    let mut parts = vec![format!("{} unchanged, to the last digit", value::plural(zero, "number"))];
    if chance > 0 {
        parts.push(format!("{chance} moved no more than chance does"));
    }
    if minor > 0 {
        parts.push(format!("{minor} moved, but by too little to matter"));
    }
    parts.join("; ") + "."
}

/// What was found to mend it, a line each.
pub(super) fn repair(answer: &DiffAnswer) -> Vec<String> {
    let Some(repair) = &answer.repair else { return Vec::new() };
    let tried = value::plural(u64::from(repair.tried), "single change");
    if repair.fixes.is_empty() {
        let end = if repair.complete { "" } else { " before the budget of events ended" };
        return vec![format!("no fix found: {tried} simulated{end}, and none makes it fit")];
    }
    let line = |(index, fix): (usize, &Fix)| {
        let start = match (index, fix.verdict) {
            (1.., _) => "or",
            (_, Verdict::Fits) => "a fix that passes",
            (_, Verdict::Undecided | Verdict::DoesNotFit) => "a fix, as undecided as the base",
        };
        let runs = value::plural(u64::from(fix.replications), "run");
        format!("{start}: {} (simulated, {runs})", steps(fix))
    };
    repair.fixes.iter().enumerate().map(line).collect()
}

fn steps(fix: &Fix) -> String {
    let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "none".to_owned());
    let step = |step: &plimsoll::report::FixStep| match (&step.from, &step.to) {
        (Some(_), None) if step.path.split('.').count() == 2 => format!("without {}", step.path),
        (from, to) => format!("{}: {} → {}", step.path, side(from), side(to)),
    };
    fix.set.iter().map(step).collect::<Vec<_>>().join(", ")
}

/// The fix as flags.
pub(super) fn flags(fix: &Fix) -> String {
    let flag = |step: &plimsoll::report::FixStep| {
        let to = step.to.as_deref().unwrap_or("null");
        format!(" --set {}", crate::invocation::quoted(&format!("{}={to}", step.path)))
    };
    fix.set.iter().map(flag).collect()
}
