//! Plimsoll for browsers and Node: the functions of the core crate, as strings in and strings out.
//!
//! No modelling happens here. Built by `cargo run -p plimsoll-wasm-build`, which writes one package
//! for Node and one for the web under `target/wasm`.

use wasm_bindgen::prelude::wasm_bindgen;

/// Version of the engine, such as `0.1.0`.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// Version of the random streams and samplers. Two faces that agree on it draw the same numbers
/// from the same seed.
#[wasm_bindgen]
pub fn stream_version() -> u32 {
    plimsoll::random::STREAM_VERSION
}
