// Engines of the planner in turns: the same report to the byte, and how many times as long each takes. Build
// them first (`npm --prefix web run build`); files named on the line are compared as well, such as the small
// engine of another `CARGO_PROFILE_WASM_OPT_LEVEL`.
//
//   node benches/wasm/engines.mjs [FILE.wasm...]
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const root = new URL("../../", import.meta.url);
const target = process.env.CARGO_TARGET_DIR ?? new URL("target", root).pathname;
const glue = new URL("web/generated/engine/first/plimsoll.js", root).href;
const files = [
  `${target}/wasm/first/plimsoll_bg.wasm`,
  new URL("web/generated/engine/first/plimsoll_bg.wasm", root).pathname,
  ...process.argv.slice(2),
];

const STACKS = ["w3", "fastapi-4gb-leak", "node-2gb"];
const ROUNDS = 12;

const engines = await Promise.all(
  files.map(async (file, index) => {
    // One instance of the glue for each.
    const engine = await import(`${glue}?${index}`);
    engine.initSync({ module: readFileSync(file) });
    return { file, check: engine.check };
  }),
);

for (const name of STACKS) {
  const text = readFileSync(new URL(`core/catalog/scenarios/${name}.yaml`, root), "utf8");
  const options = JSON.stringify({ name, runs: 1 });
  // The first call lets Node compile the module to its end.
  const reports = new Set(engines.map(({ check }) => check(text, options)));
  assert.equal(reports.size, 1, "the reports differ");
  const shortest = engines.map(() => Infinity);
  for (let round = 0; round < ROUNDS; round += 1) {
    engines.forEach(({ check }, index) => {
      // Time of the processor: others may have it in between.
      const before = process.cpuUsage();
      check(text, options);
      const { user, system } = process.cpuUsage(before);
      shortest[index] = Math.min(shortest[index], (user + system) / 1000);
    });
  }
  for (const [index, { file }] of engines.entries()) {
    const ratio = (shortest[index] / shortest[0]).toFixed(2);
    console.log(`${name.padEnd(17)} ${shortest[index].toFixed(0).padStart(5)} ms  ${ratio}  ${file}`);
  }
}
