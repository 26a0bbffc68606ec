import { expect, test } from "vitest";
import type { Inspection } from "../../src/engine/answers.ts";
import {
  base,
  hostOf,
  hostSizes,
  readFactor,
  readLoad,
  readRate,
  readTime,
  spikeOf,
  spikeTime,
  TRAFFIC_STEPS,
  trafficAt,
  trafficOf,
  trafficStep,
  withHost,
  withSpike,
  withTraffic,
} from "../../src/plan/control.ts";
import { asked, inputEdit, isEdited, readyPlan, withInput } from "../../src/plan/plan.ts";

const plan = readyPlan("plan.yaml", "version: 1");

function own(scenario: object) {
  return base({ scenario } as Inspection);
}

const open = own({ host: { memory: "2GiB" }, traffic: { arrival_rate: "25/s" }, horizon: "2m" });

test("the plan's own values are the sliders' own positions, and no edit", () => {
  expect(open).toEqual({
    host: 2 * 2 ** 30,
    hasHost: true,
    traffic: { kind: "rate", value: 25 },
    spike: 1,
    hasSpike: false,
  });
  const same = withSpike(withTraffic(withHost(plan, open, open.host), open, 25), open, 1, 120);
  expect(isEdited(same)).toBe(false);
  expect(trafficStep(open, 25)).toBe(0);
});

test("each slider is an edit in the grammar of the command line, and reads back", () => {
  const moved = withSpike(withTraffic(withHost(plan, open, 512 * 2 ** 20), open, 40), open, 3, 120);
  expect(moved.edits).toEqual({
    target: "512mb",
    traffic: "40/s",
    users: undefined,
    spikes: ["3x@40s+20s"],
    set: [],
  });
  expect([hostOf(moved, open), trafficOf(moved, open), spikeOf(moved, open)]).toEqual([
    512 * 2 ** 20,
    40,
    3,
  ]);
  // Nothing moves where a longer run is simulated because of the spike.
  expect(withSpike(moved, open, 4, 600).edits.spikes).toEqual(["4x@40s+20s"]);
  expect(hostSizes(open, 3 * 2 ** 30)).toContain(3 * 2 ** 30);
});

test("a host that the plan does not state is assumed", () => {
  expect([own({}), own({ host: { memory: null } }), open].map((one) => one.hasHost)).toEqual([
    false,
    false,
    true,
  ]);
});

test("a spike that the plan has is changed, not added to", () => {
  const spiked = own({
    traffic: { arrival_rate: "5/s", spikes: [{ factor: 5, at: "1m", for: "9s" }] },
  });
  const moved = withSpike(plan, spiked, 8, 120);
  expect(moved.edits.spikes).toEqual([]);
  expect(moved.edits.set).toEqual([["traffic.spikes.0.factor", "8"]]);
  expect(spikeOf(moved, spiked)).toBe(8);
  expect(isEdited(withSpike(moved, spiked, 5, 120))).toBe(false);
});

test("a spike is told with its time, and that it is not the only one", () => {
  const said = (...at: readonly string[]) => {
    const spikes = at.map((one) => ({ factor: 3, at: one, for: "9500ms" }));
    return spikeTime({ traffic: { spikes } } as unknown as Inspection["scenario"]);
  };
  expect(said()).toBe("");
  expect(said("90s")).toBe(", at 1:30 for 9.5 s");
  expect(said("20s", "90s")).toBe(", the first of 2 at 0:20 for 9.5 s");
});

test("closed traffic stays closed, and users are whole", () => {
  const closed = own({ traffic: { users: 100 } });
  expect(withTraffic(plan, closed, 33.4).edits.users).toBe("33");
  const steps = [TRAFFIC_STEPS.low, -1, 1, TRAFFIC_STEPS.high];
  for (const step of steps) expect(Number.isInteger(trafficAt(closed, step))).toBe(true);
});

test("without traffic the slider has a load only once it is moved", () => {
  const none = own({});
  expect(trafficOf(plan, none)).toBeNull();
  expect(trafficOf(withTraffic(plan, none, none.traffic.value), none)).toBe(none.traffic.value);
});

test("every step of the traffic slider is its own position again", () => {
  for (let step = TRAFFIC_STEPS.low; step <= TRAFFIC_STEPS.high; step += 1) {
    expect(Math.abs(trafficStep(open, trafficAt(open, step)) - step)).toBeLessThanOrEqual(1);
  }
});

test("rates and times as plans write them", () => {
  expect([readRate("25/s"), readRate("1500/m"), readRate("10 / h")]).toEqual([25, 25, 10 / 3600]);
  expect([readRate("fast"), readRate("-1/s"), readRate("0/s")]).toEqual([null, null, null]);
  expect([readTime("2m"), readTime("1m30s"), readTime("500ms")]).toEqual([120, 90, 0.5]);
  expect(readTime("soon")).toBeNull();
});

test("what is typed is read whole, as the engine reads it, or not at all", () => {
  expect(["1000/min", "432000/d", "2 rps", "50", " .5/s "].map(readRate)).toEqual([
    1000 * (1 / 60),
    5,
    2,
    50,
    0.5,
  ]);
  const cut = ["1,000/s", "1 000/s", "2k/s", "50 users", "100 per minute", "1.2.3/s", "5/s/s", ""];
  for (const text of cut) expect(readLoad(text, open)).toBeUndefined();
  const [none, closed] = [own({}), own({ traffic: { users: 100 } })];
  expect([readLoad("saturated", none), readLoad("saturated", open)]).toEqual([null, undefined]);
  expect(["50 users", "50", "1 user"].map((text) => readLoad(text, closed))).toEqual([50, 50, 1]);
  for (const text of ["5/s", "1,000", "2.5", "0"]) expect(readLoad(text, closed)).toBeUndefined();
  expect(["none", "× 2.5", "3x", "0"].map(readFactor)).toEqual([1, 2.5, 3, 0]);
  expect(["2,5", "3k", "-1", "1001", ""].map(readFactor)).toEqual([null, null, null, null, null]);
});

test("a plan's load each day is its own, not one that is assumed", () => {
  expect(own({ traffic: { arrival_rate: "432000/d" } }).traffic.value).toBe(5);
});

test("an input is set once, whatever its history, and can be taken back", () => {
  const path = "services.api.memory";
  const twice = withInput(withInput(plan, path, "64mb"), path, "96mb");
  expect(twice.edits.set).toEqual([[path, "96mb"]]);
  expect(inputEdit(twice, path)).toBe("96mb");
  expect(isEdited(withInput(twice, path, null))).toBe(false);
  expect(JSON.parse(asked(twice).options).overrides.set).toEqual([[path, "96mb"]]);
});
