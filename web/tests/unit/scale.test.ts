import { expect, test } from "vitest";
import { linear, logarithmic, time } from "../../src/chart/scale.ts";

test("a linear scale starts at zero and has round ticks", () => {
  expect(linear(100, 200, 5).ticks).toEqual([0, 20, 40, 60, 80, 100]);
  expect(linear(4 * 2 ** 30, 200, 4, 2).ticks).toEqual([0, 1, 2, 3, 4].map((one) => one * 2 ** 30));
  expect(linear(100, 200, 5).at(0)).toBe(200);
  expect(linear(100, 200, 5).at(100)).toBe(0);
});

test("a logarithmic scale has powers of ten", () => {
  const scale = logarithmic(0.002, 0.8, 300);
  expect(scale.ticks.map((tick) => tick.toPrecision(1))).toEqual(["0.001", "0.01", "0.1", "1"]);
  expect(scale.at(0)).toBe(300);
  expect(scale.at(1)).toBeCloseTo(0);
});

// A request that is refused at once takes 0 s; with that as its end a scale once had endless ticks.
test.each([0, -1, 1e-300, 1e300])("no value gives a scale without end: %s", (value) => {
  for (const scale of [
    linear(value, 100, 5),
    logarithmic(value, 10, 100),
    logarithmic(1, value, 100),
  ]) {
    expect(scale.ticks.length).toBeLessThan(400);
    expect(Number.isFinite(scale.at(5))).toBe(true);
  }
});

test("time has few ticks on any length of run", () => {
  for (const horizon of [1, 60, 180, 3600, 86_400, 30 * 86_400]) {
    expect(time(horizon, 700).ticks.length).toBeLessThan(14);
  }
});
