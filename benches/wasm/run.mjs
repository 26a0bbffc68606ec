// W3 through WebAssembly in Node and through the native command line, in turns: the same report to
// the byte, and how many times as long it takes. Build both first:
//
//   cargo run -p plimsoll-wasm-build && cargo build --release -p plimsoll-cli
//   node benches/wasm/run.mjs
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const root = new URL("../../", import.meta.url);
const target = process.env.CARGO_TARGET_DIR ?? new URL("target", root).pathname;
const plimsoll = createRequire(import.meta.url)(`${target}/wasm/node/plimsoll.js`);
const text = readFileSync(new URL("core/catalog/scenarios/w3.yaml", root), "utf8");

const RUNS = 2;
const ROUNDS = 12;

const faces = {
  native() {
    const flags = ["check", "-", "--runs", `${RUNS}`, "--jobs", "1", "--format", "json"];
    const options = { input: text, encoding: "utf8", maxBuffer: 1 << 24 };
    return spawnSync(`${target}/release/plimsoll`, flags, options).stdout;
  },
  wasm() {
    return plimsoll.check(text, JSON.stringify({ name: "-", runs: RUNS }));
  },
};

// The first call lets Node compile the module to its end.
assert.ok(faces.wasm() === faces.native(), "the two reports differ, or one was not built");

// The shortest of many, taken in turns: what others do on the machine only ever adds.
const shortest = { native: Infinity, wasm: Infinity };
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [name, face] of Object.entries(faces)) {
    const start = performance.now();
    face();
    shortest[name] = Math.min(shortest[name], performance.now() - start);
  }
}

for (const [name, milliseconds] of Object.entries(shortest)) {
  console.log(`${name.padEnd(6)} ${(milliseconds / RUNS).toFixed(1)} ms for one hour of W3`);
}
console.log(`ratio  ${(shortest.wasm / shortest.native).toFixed(2)}`);
