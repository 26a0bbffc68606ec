// What the Node package promises. Build it first: `cargo run -p plimsoll-wasm-build`.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { test } from "node:test";

const root = new URL("../../../", import.meta.url);
const target = process.env.CARGO_TARGET_DIR ?? new URL("target", root).pathname;
const plimsoll = createRequire(import.meta.url)(`${target}/wasm/node/plimsoll.js`);

test("the version is the workspace's", () => {
  const manifest = readFileSync(new URL("Cargo.toml", root), "utf8");
  const [, declared] = manifest.match(/^version = "([^"]+)"$/m);
  assert.equal(plimsoll.version(), declared);
});

test("the random streams are those of the core crate", () => {
  const source = readFileSync(new URL("core/src/random.rs", root), "utf8");
  const [, declared] = source.match(/STREAM_VERSION: u32 = (\d+);/);
  assert.equal(plimsoll.stream_version(), Number(declared));
});

test("the web package exports the same functions", async () => {
  const bytes = readFileSync(`${target}/wasm/web/plimsoll_bg.wasm`);
  const web = await import(`${target}/wasm/web/plimsoll.js`);
  web.initSync({ module: bytes });
  assert.equal(web.version(), plimsoll.version());
  assert.equal(web.stream_version(), plimsoll.stream_version());
});

const catalogue = new URL("core/catalog/scenarios/", root);

const files = readdirSync(catalogue, { recursive: true }).filter((name) => name.endsWith(".yaml"));
for (const file of files.sort()) {
  test(`${file}: the same bytes as the command line`, () => {
    const text = readFileSync(new URL(file, catalogue), "utf8");
    const flags = ["check", "-", "--runs", "2", "--for", "100s", "--max-events", "3000000"];
    const all = [...flags, "--format", "json"];
    const printed = spawnSync(`${target}/debug/plimsoll`, all, { input: text, encoding: "utf8" });
    const options = { name: "-", runs: 2, max_events: 3000000, overrides: { horizon: "100s" } };
    assert.equal(plimsoll.check(text, JSON.stringify(options)), printed.stdout);
  });
}

for (const file of ["mm1.yaml", "node-2gb.yaml", "fastapi-4gb-outage.yaml"]) {
  test(`${file}: a check shared among three hands gives the same bytes`, () => {
    const text = readFileSync(new URL(file, catalogue), "utf8");
    const options = JSON.stringify({ name: "-", runs: 7, overrides: { horizon: "100s" } });
    const judge = new plimsoll.SharedCheck(text, options);
    const hands = [0, 1, 2].map(() => new plimsoll.Hand(text, options));
    for (let task = judge.task(); task !== undefined; task = judge.task()) {
      const { first, count, ...rest } = JSON.parse(task);
      for (let run = first; run < first + count; run += 1) {
        const part = JSON.stringify({ first: run, count: 1, ...rest });
        assert.ok(judge.take(hands[run % 3].work(part)));
      }
    }
    assert.equal(judge.report(), plimsoll.check(text, options));
    assert.ok(!judge.take(new BigUint64Array([1n, 2n, 3n])));
  });
}

test("a fit tells how far it is", () => {
  const text = "{version: 1, services: {api: {memory: 640MiB}}, traffic: {arrival_rate: 5/s}, horizon: 5s}";
  const all = [];
  globalThis.plimsollTold = (told) => all.push(JSON.parse(told));
  plimsoll.fit(text, JSON.stringify({ runs: 20, overrides: { objectives: ["oom: p < 30%"] } }));
  delete globalThis.plimsollTold;
  assert.ok(all.length > 1);
  assert.ok(all.at(-1).checks >= all[0].checks && all[0].max_events > all[0].events);
});

test("a comparison gives the same bytes as the command line", () => {
  const base = readFileSync(new URL("node-2gb.yaml", catalogue), "utf8");
  const folder = mkdtempSync(`${tmpdir()}/plimsoll-diff-`);
  const head = base.replace(/memory: \d+MiB/, "memory: 300MiB");
  assert.notEqual(head, base);
  writeFileSync(`${folder}/base.yaml`, base);
  writeFileSync(`${folder}/head.yaml`, head);
  const flags = ["diff", "base.yaml", "head.yaml", "--runs", "2", "--for", "100s", "--format", "json"];
  const printed = spawnSync(`${target}/debug/plimsoll`, flags, { cwd: folder, encoding: "utf8" });
  rmSync(folder, { recursive: true });
  const options = {
    name: "base.yaml",
    runs: 2,
    overrides: { horizon: "100s" },
    diff: { head_name: "head.yaml" },
  };
  assert.equal(plimsoll.diff(base, head, JSON.stringify(options)), printed.stdout);
});
for (const file of ["mm1.yaml", "node-2gb.yaml"]) {
  test(`load line of ${file}: the same bytes as the command line`, () => {
    const text = readFileSync(new URL(file, catalogue), "utf8");
    const flags = ["load-line", "-", "--for", "65s", "--precision", "10%"];
    const all = [...flags, "--max-events", "3000000", "--format", "json"];
    const printed = spawnSync(`${target}/debug/plimsoll`, all, { input: text, encoding: "utf8" });
    const overrides = { horizon: "65s" };
    const load_line = { precision: "10%" };
    const options = { name: "-", max_events: 3000000, overrides, load_line };
    assert.equal(plimsoll.load_line(text, JSON.stringify(options)), printed.stdout);
  });
}

test("fit: the same bytes as the command line", () => {
  const text = `
version: 1
services: { api: { memory: 640MiB, cpu_request: 5ms } }
traffic: { arrival_rate: 20/s }
horizon: 10s
objectives: ['oom: p < 20%']`;
  const flags = ["fit", "-", "--runs", "40", "--format", "json"];
  const printed = spawnSync(`${target}/debug/plimsoll`, flags, { input: text, encoding: "utf8" });
  assert.equal(plimsoll.fit(text, JSON.stringify({ name: "-", runs: 40 })), printed.stdout);
});

test("sweep: the same bytes as the command line", () => {
  const text = `
version: 1
services: { api: { memory: 128MiB, cpu_request: 5ms } }
traffic: { arrival_rate: 20/s }
horizon: 5s`;
  const vary = ["services.api.memory=32mb..128mb:3", "traffic.arrival_rate=1/s..50/s:log"];
  const axes = vary.flatMap((axis) => ["--vary", axis]);
  const flags = ["sweep", "-", "--runs", "3", "--samples", "8", ...axes, "--format", "json"];
  const printed = spawnSync(`${target}/debug/plimsoll`, flags, { input: text, encoding: "utf8" });
  const options = { name: "-", runs: 3, sweep: { vary, samples: 8 } };
  assert.equal(plimsoll.sweep(text, JSON.stringify(options)), printed.stdout);
});

test("sensitivity: the same bytes as the command line", () => {
  const text = `
version: 1
services: { api: { memory: 128MiB, cpu_request: 5ms } }
traffic: { arrival_rate: 20/s }
horizon: 5s`;
  const flags = ["inspect", "-", "--sensitivity", "--format", "json"];
  const printed = spawnSync(`${target}/debug/plimsoll`, flags, { input: text, encoding: "utf8" });
  assert.equal(plimsoll.sensitivity(text, JSON.stringify({ name: "-" })), printed.stdout);
});

test("inspect: the inputs of the command line, and who asks whom", () => {
  const text = readFileSync(new URL("fastapi-4gb.yaml", catalogue), "utf8");
  const flags = ["inspect", "-", "--format", "json"];
  const printed = spawnSync(`${target}/debug/plimsoll`, flags, { input: text, encoding: "utf8" });
  const inspection = JSON.parse(plimsoll.inspect(text, JSON.stringify({ name: "-" })));
  const flat = inspection.inputs.map(({ location, ...input }) => ({
    ...input,
    file: location?.file ?? null,
    line: location?.line ?? null,
    column: location?.column ?? null,
  }));
  assert.deepEqual(flat, JSON.parse(printed.stdout).inputs);
  const calls = inspection.calls.map(({ from, to }) => `${from} ${to}`);
  assert.deepEqual(calls, ["backend postgres", "backend redis"]);
  assert.equal(inspection.pools.length, 1);
});

test("over time: the run that the report shows is the first replication", () => {
  const text = readFileSync(new URL("node-2gb.yaml", catalogue), "utf8");
  const options = { name: "-", overrides: { horizon: "60s" } };
  const shown = JSON.parse(plimsoll.check(text, JSON.stringify({ ...options, runs: 1, series: true })));
  const runs = JSON.parse(plimsoll.over_time(text, JSON.stringify({ ...options, replications: [0, 3] })));
  assert.deepEqual(runs.map((run) => run.replication), [0, 1, 2]);
  assert.deepEqual(runs[0].series, shown.series);
  assert.notDeepEqual(runs[1].series, shown.series);
});

test("without screening the runs are the same", () => {
  const text = readFileSync(new URL("node-2gb.yaml", catalogue), "utf8");
  const options = { name: "-", runs: 2, overrides: { horizon: "60s" } };
  const ask = (more) => JSON.parse(plimsoll.check(text, JSON.stringify({ ...options, ...more })));
  const [screened, quick] = [ask({}), ask({ without_screening: true })];
  assert.equal(quick.screening, null);
  assert.notEqual(screened.screening, null);
  assert.equal(quick.digest, screened.digest);
});

test("an environment file gives its variables, and no value in a complaint", () => {
  assert.deepEqual(JSON.parse(plimsoll.environment(".env", "A=1\nB='x y' # why")), { A: "1", B: "x y" });
  assert.throws(
    () => plimsoll.environment(".env", "SECRET='hunter2"),
    (diagnostics) => !JSON.stringify(diagnostics).includes("hunter2"),
  );
});

test("the catalogue and how to measure", () => {
  const names = JSON.parse(plimsoll.scenarios()).map((one) => one.name);
  assert.deepEqual(names.toSorted(), files.map((file) => file.replace(".yaml", "")).toSorted());
  const measure = (path) => JSON.parse(plimsoll.measure("services: {a: {build: .}}", "{}", path));
  assert.equal(measure("host.cores"), "nproc");
  assert.match(measure("services.a.memory_program"), /^docker compose exec a /);
  assert.equal(measure("horizon"), null);
});

test("the package that a page begins with has no longer questions, and says what it does not read", async () => {
  const first = await import(`${target}/wasm/first/plimsoll.js`);
  first.initSync({ module: readFileSync(`${target}/wasm/first/plimsoll_bg.wasm`) });
  assert.equal(first.fit, undefined);
  const scenario = readFileSync(new URL("mm1.yaml", catalogue), "utf8");
  const objectives = (engine) => JSON.parse(engine.check(scenario, '{"runs": 1}')).objectives;
  assert.deepEqual(objectives(first), objectives(plimsoll));
  // By this code the planner knows that it must ask the whole package.
  const pod = "{apiVersion: v1, kind: Pod, metadata: {name: a}}";
  for (const plan of ["services: {a: {build: .}}", pod]) {
    assert.throws(
      () => first.check(plan, "{}"),
      (diagnostics) => diagnostics.length === 1 && diagnostics[0].code === "E115",
    );
  }
});

test("a broken plan throws everything that is wrong, with its place", () => {
  const broken = "version: 1\nservices:\n  api: { memroy: 64MiB, workers: many }\n";
  assert.throws(
    () => plimsoll.check(broken, "{}"),
    (diagnostics) => {
      assert.deepEqual(diagnostics.map((one) => one.location.line), [3, 3]);
      return true;
    },
  );
});
