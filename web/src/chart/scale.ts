// Scales and their ticks. Every linear scale starts at zero: a memory chart that does not is a lie.

export interface Scale {
  readonly low: number;
  readonly high: number;
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

/** From 0 to at least `high`, with about `count` ticks at round steps of the given base (10 or 2). */
export function linear(high: number, length: number, count: number, base: 2 | 10 = 10): Scale {
  const top = high > 0 ? high : 1;
  const step = niceStep(top / count, base);
  const ticks: number[] = [];
  for (let index = 0; index * step <= top * 1.0001; index += 1) ticks.push(index * step);
  return { low: 0, high: top, at: (value) => length - (value / top) * length, ticks };
}

function niceStep(least: number, base: 2 | 10): number {
  if (base === 2) return 2 ** Math.ceil(Math.log2(least));
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5, 10].find((one) => one * power >= least) ?? 10;
  return factor * power;
}

/** The lowest end of a logarithmic scale: no clock of a server tells less than a nanosecond apart. */
const LEAST = 1e-9;

/** Powers of ten around the values. Zero has no place on it: give the lowest value above it. */
export function logarithmic(low: number, high: number, length: number): Scale {
  const bottom = 10 ** Math.floor(Math.log10(Math.max(low, LEAST)));
  const top = 10 ** Math.ceil(Math.log10(Math.max(high, bottom * 1.001)));
  const span = Math.log10(top / bottom);
  const ticks: number[] = [];
  for (let tick = bottom; tick <= top * 1.0001; tick *= 10) ticks.push(tick);
  const at = (value: number) =>
    length - (Math.log10(Math.max(value, bottom) / bottom) / span) * length;
  return { low: bottom, high: top, at, ticks };
}

/** Time from left to right. */
export function time(horizon: number, length: number): Scale {
  const steps = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400,
  ];
  const wanted = horizon / Math.max(2, length / 110);
  const step = steps.find((one) => one >= wanted) ?? Math.ceil(wanted / 86400) * 86400;
  const ticks: number[] = [];
  for (let tick = 0; tick <= horizon * 1.0001; tick += step) ticks.push(tick);
  return { low: 0, high: horizon, at: (value) => (value / horizon) * length, ticks };
}
