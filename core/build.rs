//! Lists the catalogue's profiles, so that a new file is a new profile. Without the feature `questions` they are packed
//! without what they are and where each value came from, without `plans` also without how plans show them: a page that
//! begins with a small engine has the whole one when that is asked for.

use std::env;
use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("catalog/profiles");
    println!("cargo::rerun-if-changed={}", folder.display());
    let has = |feature: &str| env::var_os(format!("CARGO_FEATURE_{feature}")).is_some();
    let (has_words, has_plans) = (has("QUESTIONS"), has("PLANS"));
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        files.push(entry?.path());
    }
    files.sort();
    let mut list = String::from("&[\n");
    for file in files {
        let name = file.file_stem().ok_or("a profile without a name")?;
        let text = fs::read_to_string(&file)?;
        let text = packed(text, has_words, has_plans)?;
        writeln!(list, "({name:?}, {text:?}),")?;
    }
    list.push(']');
    fs::write(Path::new(&env::var("OUT_DIR")?).join("profiles.rs"), list)?;
    Ok(())
}

/// A profile as this build needs it.
fn packed(text: String, has_words: bool, has_plans: bool) -> Result<String, serde_json::Error> {
    if has_words && has_plans {
        return Ok(text);
    }
    let mut profile: Value = serde_json::from_str(&text)?;
    if !has_words {
        without_words(&mut profile);
    }
    if !has_plans && let Some(keys) = profile.as_object_mut() {
        keys.remove("recognise");
    }
    Ok(profile.to_string())
}

fn without_words(profile: &mut Value) {
    profile["description"] = Value::from("");
    let values = profile["values"].as_object_mut().into_iter().flatten();
    for (_, known) in values {
        // In the order of the keys of `Entry`, which need no names then.
        *known =
            Value::from(vec![known["value"].take(), known["range"].take(), known["origin"].take()]);
    }
}
