// What parts of the page show, rendered to a string.
import { render } from "preact-render-to-string";
import { expect, test } from "vitest";
import { Found } from "../../src/answer/compare.tsx";
import { LoadCurve } from "../../src/answer/curve.tsx";
import { Warnings } from "../../src/answer/fit.tsx";
import { Found as FoundLine, sentence } from "../../src/answer/loadline.tsx";
import type {
  DiffAnswer,
  FitAnswer,
  Inspection,
  LoadLineAnswer,
  ObjectiveReport,
  Report,
  Series,
} from "../../src/engine/answers.ts";
import { readyPlan } from "../../src/plan/plan.ts";
import { inspection } from "../../src/store.ts";
import { Causes } from "../../src/view/causes.tsx";
import { Pools } from "../../src/view/pools.tsx";
import { Doubts } from "../../src/view/tabs.tsx";
import { Deciding, Objective } from "../../src/view/verdict.tsx";

/** One endpoint whose time has these causes. */
function report(...causes: readonly string[]): Report {
  const time_by_cause = causes.map((cause) => ({ cause, seconds: 1 }));
  return { endpoints: [{ name: "page", completed: 1, time_by_cause }] } as unknown as Report;
}

test("a cause of time has one colour, whichever others there are", () => {
  const worked = (page: string) =>
    /<rect class="(cause-\d)"[^>]*><\/rect><\/svg>worked/.exec(page)?.[1];
  const all = render(<Causes report={report("queued_worker", "queued_pool", "worked")} />);
  const alone = render(<Causes report={report("worked")} />);
  expect(worked(alone)).toMatch(/^cause-\d$/);
  expect(worked(all)).toBe(worked(alone));
});

test("a comparison without a difference shows no empty table", () => {
  const fits = { verdict: "fits" };
  const change = { base: 1, head: 1, difference: 0, interval: null, judgement: "same" };
  const one = { subject: "service", name: "api", quantity: "memory", unit: "bytes", change };
  const found = (difference: number) => {
    const differences = [{ ...one, change: { ...change, difference } }];
    const answer = { base: fits, head: fits, inputs: [], differences };
    return render(<Found answer={answer as unknown as DiffAnswer} />);
  };
  expect(found(0)).not.toContain("<table");
  expect(found(0)).toContain("1 quantities differ by exactly 0");
  expect(found(1)).toContain("<table");
});

test("shares that are compared are percents, and their difference is points", () => {
  const fits = { verdict: "fits" };
  const row = (unit: string) => {
    const interval = { low: -0.1, high: -0.0622 };
    const change = { base: 0.25, head: 0.1689, difference: -0.0811, interval, judgement: "better" };
    const one = { subject: "service", name: "api", quantity: "loss_ratio", unit, change };
    const answer = { base: fits, head: fits, inputs: [], differences: [one] };
    return render(<Found answer={answer as unknown as DiffAnswer} />);
  };
  expect(row("ratio")).toMatch(/>25 %<.*>16\.9 %<.*>−8\.11 pt \(−10 pt to −6\.22 pt\)</);
  expect(row("seconds")).toContain("−81.1 ms (−100 ms to −62.2 ms)");
});

test("what a check warns of with the proposed limits is said", () => {
  const one = {
    code: "PL030",
    severity: "warning",
    service: "api",
    message: "its `cap`",
    hint: "x",
  };
  const page = render(<Warnings answer={{ findings: [one] } as unknown as FitAnswer} />);
  expect(page).toContain("<b>warning PL030</b> <code>api</code> its <code>cap</code>; x");
  expect(render(<Warnings answer={{} as FitAnswer} />)).toBe("");
});

/** A load line at 300/s whose ends are sure, and one load of each outcome. */
function loadLine(planned: number | null, ends: readonly [number | null, number | null]) {
  const point = (load: number, outcome: string) => {
    const latency_seconds = { p50: 0.1, p95: 0.2, p99: 0.3, mean: 0.1 };
    return { load, outcome, latency_seconds, replications: 10 };
  };
  const [low, high] = ends.map((end) => (end && planned ? end / planned - 1 : null));
  return {
    outcome: "found",
    unit: "per_second",
    estimate: 300,
    planned,
    interval: { low: ends[0], high: ends[1] },
    freeboard: planned && 300 / planned - 1,
    freeboard_interval: { low, high },
    curve: [point(10, "close"), point(288, "pass"), point(312, "fail")],
  } as unknown as LoadLineAnswer;
}

test("a load line says where it is sure, and promises no more", () => {
  expect(sentence(loadLine(24, [288, 312]))).toBe(
    "It carries about 300/s: every objective surely holds at 288/s, one is surely broken at 312/s. The planned 24/s may grow by 1100 % for sure.",
  );
  expect(sentence(loadLine(null, [288, null]))).toBe(
    "It carries about 300/s: every objective surely holds at 288/s.",
  );
  expect(sentence(loadLine(240, [null, null]))).toMatch(
    /^It carries about 300\/s\. That is 25 % above the planned 240\/s; too few runs/,
  );
  expect(sentence(loadLine(400, [288, 312]))).toMatch(/ That is 25 % below the planned 400\/s\.$/);
});

test("a load line says by which command the same numbers come", () => {
  const page = (environment: Record<string, string>) => {
    const of = { ...readyPlan("mm1", ""), environment };
    const answer = { ...loadLine(24, [288, 312]), curve: [] };
    return render(<FoundLine answer={answer} of={of} />);
  };
  const command = "plimsoll load-line mm1 --precision 5% --max-events 40000000";
  expect(page({})).toContain(`value="${command}"`);
  expect(page({})).not.toContain(".env");
  expect(page({ TAG: "1" })).toContain("Variables come from the file .env");
});

test("loads that hold, break and stay open have shapes of their own, and a legend that is true", () => {
  const drawn = (planned: number | null) =>
    render(<LoadCurve answer={loadLine(planned, [288, 312])} />);
  const shape = (of: string) =>
    new RegExp(`class="point is-${of}"[^>]* d="([^"]+)"`).exec(drawn(24))?.[1];
  expect(shape("fail")).toBeDefined();
  expect(shape("fail")).not.toBe(shape("pass"));
  expect(drawn(24)).toContain("Vertical dots");
  for (const planned of [null, 5]) expect(drawn(planned)).not.toContain("Vertical dots");
});

test("queues are of all runs, and say of how many containers and pools they speak", () => {
  const shown = (replicas: number, queue_max: number) => {
    const name = "api";
    const service = { name, replicas, in_flight_max: 53, queue_max };
    const pool = {
      name: "api → db",
      size: 20,
      pools: replicas,
      in_use: { p50: 1, mean: 1, max: 20 },
      waiting_seconds: { mean: 0, p95: 0, p99: 0 },
      timeouts: 0,
      refused: 0,
    };
    const report = { services: [service], pools: [pool] } as unknown as Report;
    const series = { window_seconds: 1, services: [{ name, in_flight: [3, 49] }] };
    return render(
      <Pools report={report} series={series as unknown as Series} limits={null} />,
    ).replaceAll(/<[^>]+>/g, " ");
  };
  expect(shown(8, 53)).toContain("at most 53 in flight, 53 queued, in the fullest of 8 containers");
  expect(shown(8, 53)).toContain(" 8 pools of 20 ");
  // The ends of the axis.
  expect(shown(8, 53)).toMatch(/ 53 +0 /);
  expect(shown(1, 1)).not.toMatch(/containers|pools of|49/);
  expect(shown(1, 1)).toContain("the longest queue is 1 request at api.");
});

test("the verdict names the guess that it hangs on most", () => {
  const guess = (path: string, influence: number, decides: boolean) => ({
    path,
    value: "60 MiB",
    origin: "guess",
    range: ["40 MiB", "200 MiB"],
    influence,
    decides,
  });
  const said = (...assumptions: object[]) =>
    render(<Deciding report={{ assumptions } as unknown as Report} />).replaceAll(/<[^>]+>/g, "");
  expect(said(guess("a", 2, false))).toBe("");
  expect(said(guess("a", 2, false), guess("b", 1, true))).toBe(
    "1 guess decides the verdict; measure first: b = 60 MiB (40 MiB to 200 MiB)",
  );
  expect(said(guess("b", 1, true), guess("c", 2, true))).toMatch(
    /^2 guesses decide the verdict; measure first: c = /,
  );
});

test("an objective that is open says between what, and its reason has no backticks", () => {
  const said = (more: object) => {
    const one = { expression: "latency: p(95) < 1s", measured: 1, unit: "seconds", ...more };
    return render(<Objective one={one as unknown as ObjectiveReport} />);
  };
  const interval = { low: 0.5, high: 2 };
  expect(said({ outcome: "close", interval })).toContain(
    "<small>open: 95 % interval 500 ms to 2 s",
  );
  expect(said({ outcome: "pass", interval })).not.toContain("<small>");
  expect(said({ outcome: "close" })).toContain("open: too few runs");
  const why = said({ outcome: "close", detail: "state its `profile`" });
  expect(why).toContain("<small>state its <code>profile</code></small>");
  expect(why).not.toContain("open: too");
});

test("warnings about the plan are counted where the answer is first seen", () => {
  const note = (severity: string) => ({ code: "W101", severity, path: "", message: "" });
  const show = (...severities: readonly string[]) => {
    inspection.value = { notes: severities.map(note) } as unknown as Inspection;
    return render(<Doubts />);
  };
  expect(show("note")).toBe("");
  expect(show("warning", "note")).toContain("1 warning<");
  expect(show("warning", "warning")).toContain("2 warnings<");
  inspection.value = null;
});
