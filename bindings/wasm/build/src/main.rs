//! Builds `plimsoll-wasm` for WebAssembly and writes its JavaScript glue, one package for Node
//! (CommonJS, loads itself) and one for the web (ES module, `init()` fetches the bytes), under
//! `target/wasm`; and a second one for the web, `first`, that leaves the longer questions out: a page
//! begins with it, and loads the other when it is asked.
//!
//! A program instead of the `wasm-bindgen` command, so that nothing needs to be installed and
//! `Cargo.lock` holds the glue's version to the library's.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use wasm_bindgen_cli_support::Bindgen;

const TARGET: &str = "wasm32-unknown-unknown";
const NAME: &str = "plimsoll";
/// The profile in the workspace's manifest that fits what a browser loads.
const PROFILE: &str = "wasm";

fn main() -> Result<(), Box<dyn Error>> {
    let target_directory = target_directory()?;
    let module = target_directory.join(TARGET).join(PROFILE).join("plimsoll_wasm.wasm");
    let packages = target_directory.join("wasm");

    compile(&target_directory, &["--no-default-features"])?;
    let mut first = Bindgen::new();
    write_package(first.web(true)?, "module", &module, &packages.join("first"))?;

    compile(&target_directory, &[])?;

    let mut node = Bindgen::new();
    write_package(node.nodejs(true)?, "commonjs", &module, &packages.join("node"))?;
    let mut web = Bindgen::new();
    write_package(web.web(true)?, "module", &module, &packages.join("web"))
}

/// Where cargo puts what it builds: `CARGO_TARGET_DIR`, or `target` beside the workspace's manifest.
fn target_directory() -> Result<PathBuf, Box<dyn Error>> {
    if let Some(directory) = env::var_os("CARGO_TARGET_DIR") {
        return Ok(env::current_dir()?.join(directory));
    }
    Ok(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../target").canonicalize()?)
}

/// Compiles the crate alone: a build together with the workspace's other members would unite their
/// features and bring threads into the module.
fn compile(target_directory: &Path, features: &[&str]) -> Result<(), Box<dyn Error>> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--profile", PROFILE, "--locked", "--package", "plimsoll-wasm", "--lib"])
        .args(["--target", TARGET, "--target-dir"])
        .arg(target_directory)
        .args(features)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()?;
    if status.success() { Ok(()) } else { Err(format!("cargo build: {status}").into()) }
}

/// Writes one package anew: module, glue, types, and a `package.json` that tells Node how to load it.
fn write_package(
    bindgen: &mut Bindgen,
    module_type: &str,
    module: &Path,
    directory: &Path,
) -> Result<(), Box<dyn Error>> {
    if directory.exists() {
        fs::remove_dir_all(directory)?;
    }
    bindgen
        .input_path(module)
        .out_name(NAME)
        .typescript(true)
        .remove_producers_section(true)
        .generate(directory)?;
    let manifest = format!(
        "{{ \"name\": \"{NAME}\", \"version\": \"{}\", \"type\": \"{module_type}\", \"main\": \"{NAME}.js\" }}\n",
        env!("CARGO_PKG_VERSION"),
    );
    fs::write(directory.join("package.json"), manifest)?;
    let bytes = fs::metadata(directory.join(format!("{NAME}_bg.wasm")))?.len();
    println!("{}: {bytes} bytes of WebAssembly", directory.display());
    Ok(())
}
