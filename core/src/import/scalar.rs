//! Plain scalars under the core schema of YAML 1.2 (section 10.3.2 of the specification).

use super::node::{Text, Value};

/// What an unquoted scalar means.
pub(super) fn resolve(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Value::Float(f64::NAN),
        _ => {}
    }
    number(text).unwrap_or_else(|| plain(text))
}

/// An unquoted text.
pub(super) fn plain(text: &str) -> Value {
    Value::String(Text { text: text.to_owned(), quoted: false, interpolated: false })
}

/// What a scalar under one of YAML's own tags (`!!int`, …) means; `None` where the text does not
/// fit the tag.
pub(super) fn resolve_tagged(tag: &str, text: &str) -> Option<Value> {
    let quoted =
        || Value::String(Text { text: text.to_owned(), quoted: true, interpolated: false });
    match tag {
        "null" => Some(Value::Null),
        "bool" => Some(resolve(text)).filter(|value| matches!(value, Value::Bool(_))),
        "int" => number(text).filter(|value| matches!(value, Value::Integer(_))),
        "float" => number(text).map(|value| {
            if let Value::Integer(whole) = value { Value::Float(whole as f64) } else { value }
        }),
        _ => Some(quoted()),
    }
}

fn number(text: &str) -> Option<Value> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        let infinity = if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY };
        return Some(Value::Float(infinity));
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    if !unsigned.is_empty() && unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        let whole = text.parse::<i128>().ok().filter(|whole| fits(*whole));
        return whole.map(Value::Integer).or_else(|| text.parse().ok().map(Value::Float));
    }
    is_float(unsigned).then(|| text.parse().ok().map(Value::Float))?
}

fn radix(digits: &str, radix: u32) -> Option<Value> {
    // `from_str_radix` takes a sign, which the core schema does not have here.
    let digits = Some(digits).filter(|digits| !digits.starts_with(['-', '+']))?;
    i128::from_str_radix(digits, radix).ok().filter(|whole| fits(*whole)).map(Value::Integer)
}

fn fits(whole: i128) -> bool {
    (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(&whole)
}

/// Digits with at most one point, and an exponent of digits; at least one digit before it.
fn is_float(unsigned: &str) -> bool {
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent_fits = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty()) && exponent_fits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_follow_the_core_schema() {
        for (text, expected) in [
            ("", Value::Null),
            ("~", Value::Null),
            ("true", Value::Bool(true)),
            ("yes", plain("yes")),
            ("-7", Value::Integer(-7)),
            ("0o17", Value::Integer(15)),
            ("0xff", Value::Integer(255)),
            ("0x-f", plain("0x-f")),
            ("18446744073709551615", Value::Integer(u64::MAX.into())),
            ("18446744073709551616", Value::Float(18_446_744_073_709_551_616.0)),
            ("1.5", Value::Float(1.5)),
            (".5e3", Value::Float(500.0)),
            ("1.", Value::Float(1.0)),
            (".", plain(".")),
            ("1e", plain("1e")),
            ("1.2.3", plain("1.2.3")),
            ("512m", plain("512m")),
            ("inf", plain("inf")),
            ("-.inf", Value::Float(f64::NEG_INFINITY)),
        ] {
            assert_eq!(resolve(text), expected, "{text:?}");
        }
        assert!(matches!(resolve(".nan"), Value::Float(number) if number.is_nan()));
    }

    #[test]
    fn tags_of_yaml_decide_the_kind() {
        assert_eq!(resolve_tagged("int", "5"), Some(Value::Integer(5)));
        assert_eq!(resolve_tagged("float", "5"), Some(Value::Float(5.0)));
        assert_eq!(resolve_tagged("int", "five"), None);
        assert!(matches!(resolve_tagged("str", "5"), Some(Value::String(_))));
    }
}
