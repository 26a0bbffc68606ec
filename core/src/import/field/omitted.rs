//! Keys that stand in many places and are left out: told once each.

use super::Reader;
use crate::diagnostic::{Diagnostic, Severity};
use crate::import::code;
use crate::import::node::{Key, join, shorten};

impl Reader {
    /// As [`Reader::left_out`], where a key that is known stands in many places: it is told once, at
    /// the end.
    pub(in crate::import) fn left_out_once(
        &mut self,
        path: &str,
        key: &Key,
        known: &[&str],
        read: &[&str],
    ) {
        let name = key.name.as_str();
        if !known.contains(&name) {
            return self.left_out(path, key, known, read);
        }
        if let Some((_, times)) = self.omitted.get_mut(name) {
            *times += 1;
            return;
        }
        let note = Diagnostic::warning(code::NOT_MODELLED, join(path, name), String::new())
            .at(Some(key.place.location()));
        self.omitted.insert(name.to_owned(), (note, 1));
    }

    /// Tells which keys were left out.
    pub(in crate::import) fn tell_left_out(&mut self) {
        for (name, (note, times)) in std::mem::take(&mut self.omitted) {
            let more = match times {
                1 => String::new(),
                2 => ", here and once more,".to_owned(),
                some => format!(", here and {} times more,", some - 1),
            };
            let message = format!("`{}`{more} is not part of the model", shorten(&name));
            self.say(Diagnostic { severity: Severity::Note, message, ..note });
        }
    }
}
