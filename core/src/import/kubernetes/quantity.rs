//! Quantities as Kubernetes writes them: `512Mi`, `1.5G`, `500m`, `1e3`, exactly.
//!
//! The grammar is that of `k8s.io/apimachinery/pkg/api/resource` (quantity.go): a decimal number
//! and a suffix, which is binary (`Ki` … `Ei`), decimal (`n`, `u`, `m`, none, `k`, `M` … `E`) or an
//! exponent (`e3`, `E3`). What is finer than the unit wanted is rounded up, as Kubernetes does.

use crate::diagnostic::Diagnostic;
use crate::import::code;
use crate::import::field::{Located, Reader};
use crate::import::node::{Node, Value};
use crate::quantity::Bytes;

/// Most digits of a number; more than any amount of memory in billionths of a byte.
const MAX_DIGITS: usize = 28;
/// Most cores that a container may ask for.
const MAX_CORES: u64 = 1_024;

/// `mantissa` × 10^`decimal` × 2^`binary`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Quantity {
    mantissa: u128,
    decimal: i32,
    binary: u32,
}

/// How much a suffix multiplies: powers of ten and of two.
fn suffix(text: &str) -> Option<(i32, u32)> {
    Some(match text {
        "" => (0, 0),
        "n" => (-9, 0),
        "u" => (-6, 0),
        "m" => (-3, 0),
        "k" => (3, 0),
        "M" => (6, 0),
        "G" => (9, 0),
        "T" => (12, 0),
        "P" => (15, 0),
        "E" => (18, 0),
        "Ki" => (0, 10),
        "Mi" => (0, 20),
        "Gi" => (0, 30),
        "Ti" => (0, 40),
        "Pi" => (0, 50),
        "Ei" => (0, 60),
        _ => {
            let exponent = text.strip_prefix(['e', 'E'])?;
            let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
            let is_short = (1..=3).contains(&digits.len());
            let is_number = is_short && digits.bytes().all(|byte| byte.is_ascii_digit());
            (is_number.then(|| exponent.parse().ok())??, 0)
        }
    })
}

/// Reads a quantity that is not negative.
fn parse(text: &str) -> Option<Quantity> {
    let text = text.strip_prefix('+').unwrap_or(text);
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if fraction.contains('.') || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let digits = format!("{}{fraction}", whole.trim_start_matches('0'));
    if digits.len() > MAX_DIGITS {
        return None;
    }
    let mantissa = if digits.is_empty() { 0 } else { digits.parse().ok()? };
    let (decimal, binary) = suffix(rest)?;
    let finer = i32::try_from(fraction.len()).ok()?;
    Some(Quantity { mantissa, decimal: decimal - finer, binary })
}

impl Quantity {
    /// How many units of 10^-`finer` it is, rounded up; `None` where that is beyond `u64`.
    fn units(self, finer: i32) -> Option<u64> {
        let shifted = self.mantissa.checked_mul(1u128 << self.binary)?;
        let decimal = self.decimal + finer;
        let power = 10u128.checked_pow(decimal.unsigned_abs());
        let units = match power {
            _ if shifted == 0 => 0,
            Some(power) if decimal < 0 => shifted.div_ceil(power),
            Some(power) => shifted.checked_mul(power)?,
            None if decimal < 0 => 1,
            None => return None,
        };
        u64::try_from(units).ok()
    }
}

/// Memory in bytes; a warning is given where the unit is thousandths of a byte.
pub(super) fn memory(reader: &mut Reader, path: &str, node: &Node) -> Option<Located<Bytes>> {
    let text = written(reader, path, node)?;
    let Some(bytes) = parse(&text).and_then(|quantity| quantity.units(0)) else {
        refuse(reader, path, node, "an amount of memory", &memory_hint(&text));
        return None;
    };
    let small = text.strip_suffix('m').filter(|_| bytes < 1 << 20);
    if let Some(number) = small {
        let message = format!("`{text}` of memory is {}: `m` means thousandths", Bytes(bytes));
        let warning = Diagnostic::warning(code::THOUSANDTHS, path, message);
        let hint = format!("write `{number}Mi` for {number} MiB");
        reader.say(warning.at(Some(node.location())).hint(hint));
    }
    Some(Located { value: Bytes(bytes), location: node.location() })
}

/// What was probably meant by what is no amount of memory.
fn memory_hint(text: &str) -> String {
    let number: String = text.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    let unit = text[number.len()..].trim().to_ascii_lowercase();
    let meant = match unit.as_str() {
        "kb" | "kib" | "ki" | "k" => "Ki",
        "mb" | "mib" | "mi" => "Mi",
        "gb" | "gib" | "gi" | "g" => "Gi",
        "tb" | "tib" | "ti" | "t" => "Ti",
        _ => return "write it like `512Mi` or `1.5Gi`".to_owned(),
    };
    if number.is_empty() { "write a number".to_owned() } else { format!("write `{number}{meant}`") }
}

/// Processor time in thousandths of a core.
pub(super) fn cpu(reader: &mut Reader, path: &str, node: &Node) -> Option<Located<u64>> {
    let text = written(reader, path, node)?;
    let thousandths = parse(&text).and_then(|quantity| quantity.units(3));
    let Some(value) = thousandths.filter(|value| *value <= MAX_CORES * 1_000) else {
        let what = "an amount of cores up to 1024";
        refuse(reader, path, node, what, "write it like `500m` or `1.5`");
        return None;
    };
    Some(Located { value, location: node.location() })
}

/// Any quantity in thousandths, up to a thousand million.
pub(super) fn thousandths(reader: &mut Reader, path: &str, node: &Node) -> Option<u64> {
    let text = written(reader, path, node)?;
    let value = parse(&text).and_then(|quantity| quantity.units(3));
    if value.is_none_or(|value| value > 1_000_000_000_000) {
        refuse(reader, path, node, "a quantity", "write it like `500m` or `1k`");
        return None;
    }
    value
}

/// The quantity as text: a number without quotes counts as what it looks like.
fn written(reader: &mut Reader, path: &str, node: &Node) -> Option<String> {
    let text = match &node.value {
        Value::String(text) if text.text.contains("{{") => {
            super::template(reader, path, node);
            return None;
        }
        Value::String(text) => text.text.clone(),
        Value::Integer(_) | Value::Float(_) => node.scalar_text()?,
        Value::Null | Value::Bool(_) | Value::Sequence(_) | Value::Mapping(_) => {
            reader.wrong_type(path, node, "a quantity such as `512Mi`");
            return None;
        }
    };
    Some(text)
}

fn refuse(reader: &mut Reader, path: &str, node: &Node, what: &str, hint: &str) {
    let message = format!("expected {what}, found {}", node.describe());
    let error = Diagnostic::error(code::INVALID_VALUE, path, message);
    reader.say(error.at(Some(node.location())).hint(hint));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str) -> Option<u64> {
        parse(text)?.units(0)
    }

    fn thousandths(text: &str) -> Option<u64> {
        parse(text)?.units(3)
    }

    #[test]
    fn every_suffix_is_exact() {
        for (text, expected) in [
            ("128974848", 128_974_848),
            ("129e6", 129_000_000),
            ("129M", 129_000_000),
            ("128974848000m", 128_974_848),
            ("123Mi", 128_974_848),
            ("1.5Gi", 1_610_612_736),
            ("0.1Gi", 107_374_183),
            ("1Ki", 1024),
            ("1k", 1000),
            ("1Ti", 1 << 40),
            ("1E", 1_000_000_000_000_000_000),
            ("15.5Ei", 17_870_283_321_406_128_128),
            ("400m", 1),
            ("0", 0),
            ("+1.", 1),
            (".5k", 500),
            ("1E3", 1000),
            ("5e-1", 1),
            ("1e-40", 1),
            ("0e30", 0),
        ] {
            assert_eq!(bytes(text), Some(expected), "{text}");
        }
        for (text, expected) in
            [("500m", 500), ("0.5", 500), ("2", 2000), ("1500u", 2), ("1n", 1), ("0.0001", 1)]
        {
            assert_eq!(thousandths(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn nonsense_is_no_quantity() {
        for text in [
            "",
            " 1",
            "1 Mi",
            "512MB",
            "512mb",
            "1gi",
            "-1",
            "1.2.3",
            ".",
            "Mi",
            "1e",
            "1e+",
            "0x10",
            "1Mi5",
            "é",
            "1é",
            "99999999999999999999",
            "1e400",
            "16Ei",
            "1e99999999999",
        ] {
            assert_eq!(bytes(text), None, "{text}");
        }
        assert_eq!(memory_hint("512MB"), "write `512Mi`");
        assert_eq!(memory_hint("é"), "write it like `512Mi` or `1.5Gi`");
    }
}
