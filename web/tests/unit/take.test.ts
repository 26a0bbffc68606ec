import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import type { Series } from "../../src/engine/answers.ts";
import { NO_EDITS, type Plan, readyPlan } from "../../src/plan/plan.ts";
import { command, fitCommand, loadLineCommand, quoted } from "../../src/share/command.ts";
import { handed } from "../../src/share/handed.ts";
import { override } from "../../src/share/override.ts";
import { BrokenLink } from "../../src/share/pack.ts";
import { csv } from "../../src/share/table.ts";
import { yaml } from "../../src/share/yaml.ts";

test("the command names what differs from the defaults, and nothing else", () => {
  expect(command(readyPlan("mm1", ""))).toBe("plimsoll check mm1");
  const plan: Plan = {
    ready: null,
    files: [
      { name: "compose.yaml", text: "" },
      { name: "my override.yaml", text: "" },
    ],
    environment: {},
    seed: "7",
    edits: {
      target: "2gb",
      users: "100",
      spikes: ["5x@10m+2m"],
      objectives: ["latency: p(95) < 200ms"],
      set: [["services.api.memory", "768mb"]],
    },
  };
  expect(command(plan)).toBe(
    "plimsoll check compose.yaml 'my override.yaml' --target 2gb --users 100 --spike 5x@10m+2m " +
      "--objective 'latency: p(95) < 200ms' --set services.api.memory=768mb --seed 7",
  );
});

test("the command of a load line has the page's effort, and none of a check", () => {
  const plan = { ...readyPlan("mm1", ""), budget: { runs: 5, max_events: 1000 } };
  const edited = { ...plan, edits: { ...NO_EDITS, traffic: "9/s" }, seed: "7" };
  expect(loadLineCommand(edited, "5%", 40_000_000)).toBe(
    "plimsoll load-line mm1 --traffic 9/s --seed 7 --precision 5% --max-events 40000000",
  );
});

test("the command of a fit has the page's budget of events", () => {
  const plan = { ...readyPlan("mm1", ""), edits: { ...NO_EDITS, target: "2gb" } };
  expect(fitCommand(plan, 60_000_000)).toBe("plimsoll fit mm1 --target 2gb --max-events 60000000");
});

test("a shell reads a quoted word as it is", () => {
  for (const word of ["", "it's", "$(touch x) `y`", 'a "b" \\ c', "a\nb", "*", "é", "~", "-x"]) {
    const { stdout } = spawnSync("sh", ["-c", `printf %s ${quoted(word)}`], { encoding: "utf8" });
    expect(stdout).toBe(word);
  }
});

test("changed limits become an override", () => {
  const set = [
    ["services.api.memory", "1.5gb"],
    ["services.api.cpus", "0.5"],
    ["services.web.replicas", "3"],
    ["services.web.workers", "9"],
    ["services.db.memory", "null"],
  ] as const;
  expect(override({ spikes: [], set })).toBe(
    "# The limits that were changed in the planner.\nservices:\n  api:\n    mem_limit: 1536m\n" +
      "    cpus: 0.5\n  web:\n    deploy:\n      replicas: 3\n",
  );
  expect(override(NO_EDITS)).toBeNull();
});

test("YAML quotes what a reader would take for something else", () => {
  const value = {
    version: 1,
    name: "no",
    services: {
      "a: b": { image: "nginx:1.27", memory: "64MiB", note: "two words", time: "1e3", code: "0xF" },
    },
    objectives: ["oom: p < 1%", "plain"],
    stages: [{ rate: "5/s", for: "10s" }, {}],
    nothing: {},
  };
  expect(yaml(value)).toBe(`version: 1
name: "no"
services:
  "a: b":
    image: "nginx:1.27"
    memory: 64MiB
    note: two words
    time: "1e3"
    code: "0xF"
objectives:
  - "oom: p < 1%"
  - plain
stages:
  - rate: "5/s"
    for: 10s
  - {}
nothing: {}
`);
});

test("a run as CSV has a row for each window and quotes names", () => {
  const series: Series = {
    window_seconds: 2,
    services: [{ name: 'a,"b', memory_bytes: [1, 2], in_flight: [0, 3] }],
    endpoints: [
      {
        name: "page",
        ended: [5, 6],
        failed: [0, 1],
        p95_seconds: [null, 0.25],
        mean_seconds: [0.1, 0.2],
      },
    ],
    happenings: [],
  };
  expect(csv(series)).toBe(
    'time_seconds,"service.a,""b.memory_bytes","service.a,""b.in_flight",endpoint.page.ended,' +
      "endpoint.page.failed,endpoint.page.p95_seconds,endpoint.page.mean_seconds\r\n" +
      "0,1,0,5,0,,0.1\r\n2,2,3,6,1,0.25,0.2\r\n",
  );
});

test("the plan of the command line keeps what the page has no control for", () => {
  const options = {
    name: "compose.yaml",
    files: [["extra.yaml", "b"]],
    referenced: { "base.yaml": "c" },
    environment: { TAG: "1" },
    profiles: ["debug"],
    overrides: {
      target: "2gb",
      traffic: null,
      spikes: [],
      horizon: "1h",
      objectives: ["oom: p < 1%"],
      set: [],
    },
    seed: "7",
    max_events: 1000,
  };
  const plan = handed(JSON.stringify({ text: "a", options }));
  expect(plan.files).toEqual([
    { name: "compose.yaml", text: "a" },
    { name: "extra.yaml", text: "b" },
  ]);
  expect(plan.edits).toEqual({
    target: "2gb",
    horizon: "1h",
    spikes: [],
    objectives: ["oom: p < 1%"],
    set: [],
  });
  expect(plan).toMatchObject({ seed: "7", profiles: ["debug"], budget: { max_events: 1000 } });
  for (const wrong of ["", "[]", '{"text": 1, "options": {}}', '{"text": "a"}']) {
    expect(() => handed(wrong)).toThrow(BrokenLink);
  }
});
