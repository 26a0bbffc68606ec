//! Lists the catalogue's profiles, so that a new file is a new profile. Without the feature `questions` they are packed
//! without what they are and where each value came from: a page that begins with a small engine shows that when it has
//! the whole one.

use std::env;
use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("catalog/profiles");
    println!("cargo::rerun-if-changed={}", folder.display());
    let is_whole = env::var_os("CARGO_FEATURE_QUESTIONS").is_some();
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        files.push(entry?.path());
    }
    files.sort();
    let mut list = String::from("&[\n");
    for file in files {
        let name = file.file_stem().ok_or("a profile without a name")?;
        let text = fs::read_to_string(&file)?;
        let text = if is_whole { text } else { without_words(&text)? };
        writeln!(list, "({name:?}, {text:?}),")?;
    }
    list.push(']');
    fs::write(Path::new(&env::var("OUT_DIR")?).join("profiles.rs"), list)?;
    Ok(())
}

fn without_words(text: &str) -> Result<String, serde_json::Error> {
    let mut profile: Value = serde_json::from_str(text)?;
    profile["description"] = Value::from("");
    let values = profile["values"].as_object_mut().into_iter().flatten();
    for (_, known) in values {
        // In the order of the keys of `Entry`, which need no names then.
        *known =
            Value::from(vec![known["value"].take(), known["range"].take(), known["origin"].take()]);
    }
    Ok(profile.to_string())
}
