//! From the text of `plimsoll.toml` to settings. Everything that is wrong is said at once, with its
//! place; a key that is not known is an error, with the one that was probably meant.

use std::collections::BTreeMap;
use std::ops::Range;

use plimsoll::diagnostic::{Diagnostic, Location, did_you_mean};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Date, Defaults, Ignore, Subject};
use crate::arguments::{Runs, precision, within};

const DEFAULT_KEYS: [&str; 14] = [
    "target",
    "traffic",
    "users",
    "spike",
    "for",
    "set",
    "objectives",
    "thresholds",
    "seed",
    "runs",
    "precision",
    "within",
    "max_events",
    "baseline",
];
const IGNORE_KEYS: [&str; 5] = ["rule", "service", "objective", "reason", "expires"];

/// The whole file.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Whole {
    pub(super) defaults: Defaults,
    pub(super) profiles: BTreeMap<String, Defaults>,
    pub(super) ignores: Vec<Ignore>,
}

/// Reads the text.
///
/// # Errors
/// Everything that is wrong in it.
pub(super) fn read(file: &str, text: &str) -> Result<Whole, Vec<Diagnostic>> {
    let mut reader = Reader { file, text, faults: Vec::new() };
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        reader.fault("E001", "", error.span().unwrap_or(0..0), error.message().to_owned(), None);
    }
    if !errors.is_empty() {
        return Err(reader.faults);
    }
    let table = table.into_inner();
    let known: Vec<&str> = DEFAULT_KEYS.iter().copied().chain(["profile", "ignore"]).collect();
    reader.unknown("", &table, &known);
    let mut whole = Whole { defaults: reader.defaults("", &table), ..Whole::default() };
    if let Some(profiles) = reader.table("profile", table.get("profile")) {
        for (name, value) in profiles {
            let path = format!("profile.{}", name.get_ref());
            if let Some(inner) = reader.table(&path, Some(value)) {
                reader.unknown(&path, inner, &known[..known.len() - 2]);
                let own = reader.defaults(&path, inner);
                whole.profiles.insert(name.get_ref().to_string(), own);
            }
        }
    }
    whole.ignores = reader.ignores(table.get("ignore"));
    if reader.faults.is_empty() { Ok(whole) } else { Err(reader.faults) }
}

type Value<'t, 'i> = Option<&'t Spanned<DeValue<'i>>>;

struct Reader<'t> {
    file: &'t str,
    text: &'t str,
    faults: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn fault(
        &mut self,
        code: &'static str,
        path: &str,
        span: Range<usize>,
        message: String,
        hint: Option<String>,
    ) {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() as u32 + 1;
        let line = before.matches('\n').count() as u32 + 1;
        let place = Location { file: self.file.to_owned(), line, column };
        let mut fault = Diagnostic::error(code, path, message).at(Some(place));
        fault.hint = hint;
        self.faults.push(fault);
    }

    fn unknown(&mut self, path: &str, table: &DeTable<'_>, known: &[&str]) {
        for key in table.keys().filter(|key| !known.contains(&key.get_ref().as_ref())) {
            let name = key.get_ref().as_ref();
            let hint = match did_you_mean(name, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are: {}", known.join(", ")),
            };
            let message = format!("there is no setting `{name}`");
            self.fault("E101", &joined(path, name), key.span(), message, Some(hint));
        }
    }

    fn expected(&mut self, path: &str, value: &Spanned<DeValue<'_>>, what: &str) {
        let message = format!("`{path}` must be {what}, and is {}", value.get_ref().type_str());
        self.fault("E102", path, value.span(), message, None);
    }

    fn table<'t, 'i>(&mut self, path: &str, value: Value<'t, 'i>) -> Option<&'t DeTable<'i>> {
        let value = value?;
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.expected(path, value, "a table");
        }
        table
    }

    fn string(&mut self, path: &str, value: Value<'_, '_>) -> Option<String> {
        let value = value?;
        let text = value.get_ref().as_str().filter(|text| !text.trim().is_empty());
        if text.is_none() {
            self.expected(path, value, "a text in quotes that is not empty");
        }
        text.map(str::to_owned)
    }

    /// A text, or a list of them.
    fn strings(&mut self, path: &str, value: Value<'_, '_>) -> Vec<String> {
        let Some(list) = value.and_then(|value| value.get_ref().as_array()) else {
            return self.string(path, value).into_iter().collect();
        };
        list.iter().filter_map(|item| self.string(path, Some(item))).collect()
    }

    fn number(&mut self, path: &str, value: Value<'_, '_>, least: u64) -> Option<u64> {
        let value = value?;
        let integer = value.get_ref().as_integer();
        let number = integer.and_then(|it| u64::from_str_radix(it.as_str(), it.radix()).ok());
        let number = number.filter(|number| *number >= least);
        if number.is_none() {
            self.expected(path, value, &format!("a whole number from {least}"));
        }
        number
    }

    fn small(&mut self, path: &str, value: Value<'_, '_>) -> Option<u32> {
        let number = self.number(path, value, 1)?;
        let small = u32::try_from(number).ok();
        if let (None, Some(value)) = (small, value) {
            self.expected(path, value, "a number below 4294967296");
        }
        small
    }

    fn runs(&mut self, path: &str, value: Value<'_, '_>) -> Option<Runs> {
        match value?.get_ref().as_str() {
            Some("auto") => Some(Runs::Auto),
            _ => self.small(path, value).map(Runs::Fixed),
        }
    }

    fn defaults(&mut self, path: &str, table: &DeTable<'_>) -> Defaults {
        let at = |key: &str| joined(path, key);
        let mut objectives = self.strings(&at("objectives"), table.get("objectives"));
        objectives.extend(self.thresholds(&at("thresholds"), table.get("thresholds")));
        let defaults = Defaults {
            target: self.string(&at("target"), table.get("target")),
            traffic: self.string(&at("traffic"), table.get("traffic")),
            users: self.small(&at("users"), table.get("users")),
            spike: self.strings(&at("spike"), table.get("spike")),
            horizon: self.string(&at("for"), table.get("for")),
            set: self.assignments(&at("set"), table.get("set")),
            objectives,
            seed: self.number(&at("seed"), table.get("seed"), 0),
            runs: self.runs(&at("runs"), table.get("runs")),
            precision: self.parsed(&at("precision"), table.get("precision"), precision),
            within: self.parsed(&at("within"), table.get("within"), within),
            max_events: self.number(&at("max_events"), table.get("max_events"), 1),
            baseline: self.string(&at("baseline"), table.get("baseline")),
        };
        let loads = [defaults.traffic.is_some(), defaults.users.is_some()];
        let efforts = [matches!(defaults.runs, Some(Runs::Fixed(_))), defaults.precision.is_some()];
        for (one, other, both) in [("traffic", "users", loads), ("runs", "precision", efforts)] {
            if let (Some(value), [true, true]) = (table.get(other), both) {
                let message = format!("`{one}` and `{other}` exclude each other");
                self.fault("E103", &at(other), value.span(), message, None);
            }
        }
        defaults
    }

    /// A text, read as the flag of that name is.
    fn parsed<T>(
        &mut self,
        path: &str,
        value: Value<'_, '_>,
        parse: fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = self.string(path, value)?;
        match parse(&text) {
            Ok(parsed) => Some(parsed),
            Err(message) => {
                let span = value?.span();
                self.fault("E102", path, span, format!("`{path}`: {message}"), None);
                None
            }
        }
    }

    /// `"latency{endpoint:page}" = ["p(95) < 200ms"]` as objectives.
    fn thresholds(&mut self, path: &str, value: Value<'_, '_>) -> Vec<String> {
        let mut all = Vec::new();
        for (metric, rules) in self.table(path, value).into_iter().flatten() {
            let rules = self.strings(&joined(path, metric.get_ref()), Some(rules));
            all.extend(rules.into_iter().map(|rule| format!("{}: {rule}", metric.get_ref())));
        }
        all
    }

    /// `"services.api.memory" = "768m"`, numbers and truth values as they are written.
    fn assignments(&mut self, path: &str, value: Value<'_, '_>) -> Vec<(String, String)> {
        let mut all = Vec::new();
        for (input, value) in self.table(path, value).into_iter().flatten() {
            let text = match value.get_ref() {
                DeValue::String(text) => Some(text.to_string()),
                DeValue::Integer(number) => Some(number.to_string()),
                DeValue::Float(number) => Some(number.to_string()),
                DeValue::Boolean(truth) => Some(truth.to_string()),
                DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
            };
            match text {
                Some(text) => all.push((input.get_ref().to_string(), text)),
                None => {
                    let path = joined(path, input.get_ref());
                    self.expected(&path, value, "a text or a number; paths stand in quotes");
                }
            }
        }
        all
    }

    fn ignores(&mut self, value: Value<'_, '_>) -> Vec<Ignore> {
        let Some(value) = value else { return Vec::new() };
        let Some(list) = value.get_ref().as_array() else {
            self.expected("ignore", value, "a list of tables: [[ignore]]");
            return Vec::new();
        };
        list.iter().filter_map(|item| self.ignore(item)).collect()
    }

    fn ignore(&mut self, item: &Spanned<DeValue<'_>>) -> Option<Ignore> {
        let table = self.table("ignore", Some(item))?;
        self.unknown("ignore", table, &IGNORE_KEYS);
        let code = self.string("ignore.rule", table.get("rule"));
        let service = self.string("ignore.service", table.get("service"));
        let objective = self.string("ignore.objective", table.get("objective"));
        let reason = self.string("ignore.reason", table.get("reason"));
        let expires = self.date("ignore.expires", table.get("expires"));
        for key in ["reason", "expires"].iter().filter(|key| !table.contains_key(**key)) {
            let message = format!("an ignore needs `{key}`");
            let hint = "say why it is accepted, and until when: expires = 2027-01-31".to_owned();
            self.fault("E103", "ignore", item.span(), message, Some(hint));
        }
        let subject = match (code, objective, service) {
            (Some(code), None, service) => Subject::Rule { code, service },
            (None, Some(text), None) => Subject::Objective(text),
            _ => {
                let message =
                    "an ignore names a `rule` (with or without `service`) or an `objective`";
                self.fault("E103", "ignore", item.span(), message.to_owned(), None);
                return None;
            }
        };
        Some(Ignore { subject, reason: reason?, expires: expires? })
    }

    fn date(&mut self, path: &str, value: Value<'_, '_>) -> Option<Date> {
        let value = value?;
        let moment = value.get_ref().as_datetime().filter(|moment| moment.time.is_none());
        let date = moment.and_then(|moment| moment.date);
        if date.is_none() {
            self.expected(path, value, "a day without quotes, such as 2027-01-31");
        }
        date.map(|date| Date { year: date.year, month: date.month, day: date.day })
    }
}

fn joined(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}
