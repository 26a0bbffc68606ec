import { expect, test } from "vitest";
import { mended } from "../../src/answer/findings.tsx";
import { atHighGuesses, killed, margin, unknown, why } from "../../src/answer/fit.tsx";
import { band } from "../../src/chart/band.ts";
import { area, line } from "../../src/chart/path.ts";
import type { FitAnswer, Report } from "../../src/engine/answers.ts";
import { inOrder, isEnvironment, isNamed } from "../../src/plan/files.ts";
import { columns } from "../../src/plan/graph.ts";
import { readyPlan } from "../../src/plan/plan.ts";
import {
  bytes,
  digits,
  elapsed,
  measured,
  moment,
  readSize,
  seconds,
  sizeText,
} from "../../src/text/format.ts";
import { verdict } from "../../src/text/sentence.ts";

test("numbers have three digits and their unit", () => {
  expect([digits(0.102), digits(1234.5), digits(-2.5), digits(0), digits(100)]).toEqual([
    "0.102",
    "1235",
    "−2.5",
    "0",
    "100",
  ]);
  expect([bytes(512 * 2 ** 20), bytes(1.5 * 2 ** 30), bytes(0)]).toEqual([
    "512 MiB",
    "1.5 GiB",
    "0 B",
  ]);
  expect([seconds(0.0005), seconds(0.104), seconds(3), seconds(180)]).toEqual([
    "500 µs",
    "104 ms",
    "3 s",
    "3 min",
  ]);
  expect([elapsed(59), elapsed(113.4), elapsed(4000)]).toEqual(["59 s", "1.89 min", "1.11 h"]);
  expect([moment(65), moment(3725)]).toEqual(["1:05", "1:02:05"]);
  expect([measured(null, "bytes"), measured(0.5, "ratio")]).toEqual(["–", "50 %"]);
});

test("sizes are read as plans write them, and written as they are read", () => {
  expect([readSize("512mb"), readSize("2 GiB"), readSize("1.5g")]).toEqual([
    512 * 2 ** 20,
    2 * 2 ** 30,
    1.5 * 2 ** 30,
  ]);
  expect([readSize("4"), readSize("lots"), readSize("0mb")]).toEqual([null, null, null]);
  for (const size of [256 * 2 ** 20, 3 * 2 ** 30]) expect(readSize(sizeText(size))).toBe(size);
});

test("nothing is drawn over a gap", () => {
  const x = (index: number) => index;
  const y = (value: number) => value;
  expect(line([1, null, 2, 3], x, y)).toBe("M0 1M2 2L3 3");
  expect(area([0, null, 0], [1, null, 2], x, y).match(/M/g)).toHaveLength(2);
});

test("a band holds the runs, and says nothing where most have no value", () => {
  const runs = Array.from({ length: 20 }, (_, run) => [run, run < 5 ? run : null]);
  const of = band(runs);
  expect([of.p5[0], of.p50[0], of.p95[0]]).toEqual([0, 9, 18]);
  expect(of.p50[1]).toBeNull();
});

test("a service stands right of all that ask it; a circle comes to an end", () => {
  const node = (name: string, entry = false) => ({ name, entry });
  const nodes = [node("db"), node("web", true), node("api"), node("cron")];
  const calls = [
    { from: "web", to: "api" },
    { from: "web", to: "db" },
    { from: "api", to: "db" },
    { from: "db", to: "web" },
  ];
  expect(columns(nodes, calls)).toEqual([["web"], ["api"], ["db"], ["cron"]]);
});

test("an override comes after what it overrides; an environment file is none of them", () => {
  const names = ["compose.override.yaml", "extra.yaml", "compose.yaml"];
  const sorted = inOrder(names.map((name) => ({ name, text: "" })));
  expect(sorted.map((file) => file.name)).toEqual([
    "compose.yaml",
    "extra.yaml",
    "compose.override.yaml",
  ]);
  expect([".env", "deploy/.env", "prod.env", "env.yaml"].map(isEnvironment)).toEqual([
    true,
    true,
    true,
    false,
  ]);
});

test("a finding's fix becomes edits of the plan, the host's memory its target", () => {
  const plan = readyPlan("mm1", "");
  const fix = [
    { path: "host.memory", value: "4GiB" },
    { path: "services.redis.maxmemory", value: "40MiB" },
  ];
  const { edits } = mended(plan, fix);
  expect(edits.target).toBe("4GiB");
  expect(edits.set).toEqual([["services.redis.maxmemory", "40MiB"]]);
  expect(mended(plan, [])).toEqual(plan);
});

/** A proposal of 512 MiB, with what it would be if guesses were high. */
function fitted(high: number | null): FitAnswer["proposals"][number] {
  const [before, proposed] = ["1 GiB", "512 MiB"];
  const memory = {
    before_bytes: 2 ** 30,
    proposed_bytes: 2 ** 29,
    at_high_guesses_bytes: high,
    peak_bytes: { p50: 2 ** 28, p95: 2 ** 28, max: 2 ** 28 },
    ledger: [],
    oom: null,
  };
  return { path: "services.api.memory", service: "api", before, proposed, memory, smaller: null };
}

test("kills in the runs that verified a fit are said, and a heap is told from a limit", () => {
  const one = fitted(null);
  const oom = { probability: 1 / 600, interval: { low: 0, high: 0.01 }, first_at_seconds: 3 };
  const died = { ...one, memory: { ...one.memory, oom } };
  const of = (proposal: unknown) => ({ outcome: "found", proposals: [proposal] }) as FitAnswer;
  expect(killed(of(one))).toBe(null);
  expect(killed(of(died))).toBe(
    "Killed in the runs that verified it: api in 0.167 %. The objectives allow that.",
  );
  const smaller = { value: "208MiB", verdict: "does_not_fit", killed: 1, heap_limit_bytes: null };
  const said = (cap: number | null) =>
    why({ ...one, smaller: { ...smaller, heap_limit_bytes: cap } } as typeof one);
  expect(said(null)).toBe("208MiB fails: killed in 100 % of the runs");
  expect(said(2 ** 28)).toBe(
    "208MiB fails: its heap, capped at 256 MiB, is full in 100 % of the runs",
  );
});

test("a fitted limit says what it takes where guesses are high, and that it has no margin", () => {
  expect([2 ** 30, 2 ** 29, 2 ** 28, null].map((high) => atHighGuesses(fitted(high)))).toEqual([
    "1 GiB",
    "–",
    "–",
    "–",
  ]);
  expect(atHighGuesses({ ...fitted(2 ** 30), memory: null })).toBe("–");
  const said = (high: number | null) => margin({ proposals: [fitted(high)] } as FitAnswer);
  expect(said(null)).toBe("Without any margin. Measure what is guessed, or leave one.");
  expect(said(2 ** 30)).toBe(
    "Without any margin; “guesses high” is about what it takes where every guess of memory is at the high end of its range. Measure what is guessed, or leave one.",
  );
});

test("software of which nothing is known is fitted for all that its guess allows, or has to be stated", () => {
  const path = "services.api.memory_program";
  const one = { service: "api", path, guessed_bytes: 24 * 2 ** 20, at_most_bytes: 500 * 2 ** 20 };
  const said = (outcome: string, names: object[], detail: string) => {
    const objectives = [{ expression: "oom: p < 1%", outcome: "close", detail }];
    return unknown({ outcome, unknown: names, objectives } as unknown as FitAnswer);
  };
  const reason = "nobody knows what memory the software of api takes";
  expect(said("found", [], "")).toBeNull();
  expect(said("found", [one], "")).toMatch(/^Nobody knows .* api takes: .* up to 500 MiB\. State/);
  expect(said("none_holds", [one], reason)).toMatch(
    /Until memory_program is stated no check passes/,
  );
  expect(said("none_holds", [one], "too few runs")).toBeNull();
});

test.each([
  ["services: {web: {extends: {file: common.yml, service: base}}}", true],
  ["include:\n  - ./common.yml\n", true],
  ["include: [common.yml]", true],
  ["include:\n  - path: 'base/common.yml'\n", true],
  ["# goes with common.yml\nservices: {}", false],
  ["services: {web: {image: common.yml-reader}}", false],
  ["services: {web: {command: deploy --from common.yml}}", false],
])("%s names another file: %s", (text, is) => {
  const common = { name: "common.yml", text: "services: {base: {image: nginx}}" };
  expect(isNamed(common, [common, { name: "compose.yaml", text }])).toBe(is);
});

test("a kill is at the time that its objective names, in the same words", () => {
  const oom = { probability: 1, first_at_seconds: 113.4 };
  const said = verdict(
    {
      verdict: "does_not_fit",
      replications: 300,
      target: { memory_bytes: 2 ** 32 },
      host: { oom: { probability: 0 } },
      services: [{ name: "api", limit_bytes: null, oom }],
      objectives: [{ expression: "oom: p < 1%", outcome: "fail" }],
    } as unknown as Report,
    "final",
  );
  expect(said.sentence).toMatch(/first in api, 1\.89 min into the run\.$/);
});

test("who stops the simulation is not told that it goes on", () => {
  const report = {
    verdict: "undecided",
    replications: 1,
    target: { memory_bytes: 2 ** 32 },
    host: { peak_bytes: { max: 2 ** 30 } },
    endpoints: [],
  } as unknown as Report;
  const label = (isStopped: boolean) => verdict(report, "refining", isStopped).label;
  expect([label(false), label(true)]).toEqual(["Deciding", "Not decided"]);
});

test("an open verdict says why, where the engine knows", () => {
  const report = (detail: string | null) => ({
    verdict: "undecided",
    replications: 300,
    target: { memory_bytes: 2 ** 32 },
    objectives: [
      { expression: "latency: p(95) < 1s", outcome: "pass", detail: null },
      { expression: "oom: p < 1%", outcome: "close", detail },
    ],
  });
  const said = (detail: string | null) => verdict(report(detail) as unknown as Report, "final");
  expect(said(null).sentence).toBe(
    "On 4 GiB it stays open whether “oom: p < 1%” holds, after 300 runs.",
  );
  expect(said(null).reason).toBeUndefined();
  expect(said("nobody knows it: state `profile`").reason).toBe("Nobody knows it: state `profile`.");
});
