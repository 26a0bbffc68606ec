//! How far the runs are, on stderr: a bar on a terminal, now and then a line elsewhere, nothing
//! for what is quick.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use plimsoll::decision::CheckPhase;

use crate::output;

/// Time after which a bar appears on a terminal.
const BAR_AFTER: Duration = Duration::from_millis(300);
/// Time after which the first line is written where stderr is no terminal.
const LINE_AFTER: Duration = Duration::from_secs(2);
/// Time between two lines.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Shows how far the runs are. It never changes what is computed.
pub(crate) struct Progress {
    started: Instant,
    way: Way,
}

enum Way {
    Silent,
    Bar(ProgressBar),
    /// Time of the next line, since the start.
    Lines(Mutex<Duration>),
}

impl Progress {
    /// Silent where `quiet`.
    pub(crate) fn start(quiet: bool) -> Self {
        let way = if quiet {
            Way::Silent
        } else if std::io::stderr().is_terminal() {
            let style =
                ProgressStyle::with_template("simulating{msg}  {bar:30}  {pos} of {len} runs");
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
            Way::Bar(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())))
        } else {
            Way::Lines(Mutex::new(LINE_AFTER))
        };
        Progress { started: now(), way }
    }

    /// `done` of at most `planned` runs are over.
    pub(crate) fn update(&self, done: u32, planned: u32) {
        self.trying("", done, planned);
    }

    /// How far a check is.
    pub(crate) fn checking(&self, step: plimsoll::decision::Progress) {
        let what = match step.phase {
            CheckPhase::Running => "",
            CheckPhase::LookingForKills => "looking for rare kills",
        };
        self.trying(what, step.runs, step.of);
    }

    /// The same, and which part of the work they are: `narrowing at 612/s`.
    pub(crate) fn trying(&self, what: &str, done: u32, planned: u32) {
        let what = if what.is_empty() { String::new() } else { format!(", {what}") };
        let elapsed = self.started.elapsed();
        match &self.way {
            Way::Silent => {}
            Way::Bar(bar) => {
                if bar.is_hidden() && elapsed >= BAR_AFTER {
                    bar.set_draw_target(ProgressDrawTarget::stderr());
                }
                bar.set_message(what);
                bar.set_length(u64::from(planned));
                bar.set_position(u64::from(done));
            }
            Way::Lines(next) => {
                let Ok(mut next) = next.lock() else { return };
                if elapsed >= *next {
                    *next = elapsed + LINE_EVERY;
                    output::talk(&format!("simulating{what}: {done} of {planned} runs\n"));
                }
            }
        }
    }

    /// `done` of `planned` points of a sweep are over: with the time that the rest will take, since
    /// sweeps are long.
    pub(crate) fn points(&self, done: u32, planned: u32) {
        let elapsed = self.started.elapsed();
        match &self.way {
            Way::Silent => {}
            Way::Bar(bar) => {
                if bar.is_hidden() && elapsed >= BAR_AFTER {
                    let style = ProgressStyle::with_template(
                        "sweeping  {bar:30}  {pos} of {len} points, {eta} left",
                    );
                    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
                    bar.set_draw_target(ProgressDrawTarget::stderr());
                }
                bar.set_length(u64::from(planned));
                bar.set_position(u64::from(done));
            }
            Way::Lines(next) => {
                let Ok(mut next) = next.lock() else { return };
                if elapsed >= *next {
                    *next = elapsed + LINE_EVERY;
                    let rest = elapsed.mul_f64(f64::from(planned - done) / f64::from(done.max(1)));
                    let left = rest.as_secs();
                    output::talk(&format!("sweeping: {done} of {planned} points, {left} s left\n"));
                }
            }
        }
    }

    /// `done` of what nobody can count beforehand, such as plans tried.
    pub(crate) fn count(&self, done: u32, what: &str) {
        let elapsed = self.started.elapsed();
        match &self.way {
            Way::Silent => {}
            Way::Bar(bar) => {
                if bar.is_hidden() && elapsed >= BAR_AFTER {
                    let style = ProgressStyle::with_template("simulating  {spinner} {msg}");
                    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
                    bar.set_draw_target(ProgressDrawTarget::stderr());
                }
                bar.set_message(format!("{done} {what}"));
                bar.tick();
            }
            Way::Lines(next) => {
                let Ok(mut next) = next.lock() else { return };
                if elapsed >= *next {
                    *next = elapsed + LINE_EVERY;
                    output::talk(&format!("simulating: {done} {what}\n"));
                }
            }
        }
    }

    /// Takes the bar away; gives the time that it all took.
    pub(crate) fn finish(self) -> Duration {
        if let Way::Bar(bar) = &self.way {
            bar.finish_and_clear();
        }
        self.started.elapsed()
    }
}

/// The time of the wall clock: only ever shown on stderr.
#[allow(clippy::disallowed_methods, reason = "a face may read the clock; no result depends on it")]
fn now() -> Instant {
    Instant::now()
}
