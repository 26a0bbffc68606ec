// After vite: simulates the first screen's stack with the engine that gives the page its sure answers, and writes
// the answer into dist/index.html, as HTML for readers and as data for the page.
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const FIRST = "fastapi-4gb-leak";
const web = new URL("../", import.meta.url);
const at = (path) => new URL(path, web);

const engine = await import(at("generated/engine/web/plimsoll.js"));
engine.initSync({ module: readFileSync(at("generated/engine/web/plimsoll_bg.wasm")) });
const { prerender } = await import(pathToFileURL(at("generated/prerender/prerender.js").pathname));

const ready = JSON.parse(readFileSync(at("generated/catalogue.json"), "utf8"));
const { text } = ready.find((one) => one.name === FIRST);
const options = { name: FIRST, seed: "42" };
const ask = (verb, more = {}) => engine[verb](text, JSON.stringify({ ...options, ...more }));
const [run] = JSON.parse(ask("over_time", { replications: [0, 1] }));
const birth = {
  name: FIRST,
  text,
  json: ask("check"),
  series: run.series,
  inspection: JSON.parse(ask("inspect")),
  names: ready.map((one) => one.name).filter((name) => !name.startsWith("measured/")),
};
// Curves, to five digits: no pixel shows more, and they are replaced by the first run.
const rounded = (_key, value) =>
  typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;
birth.series = JSON.parse(JSON.stringify(birth.series, rounded));
// The table of inputs is on no first screen: the page asks for it once it is idle.
birth.inspection.inputs = [];
const data = JSON.stringify(birth).replaceAll("<", "\\u003c");
const page = readFileSync(at("dist/index.html"), "utf8")
  .replace("<!--prerendered-->", () => prerender(birth))
  .replace("<!--birth-->", () => `<script type="application/json" id="birth">${data}</script>`);
writeFileSync(at("dist/index.html"), page);
