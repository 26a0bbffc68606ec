// Bands over replications: for each window the median, and the ranges that hold half and nine tenths of
// the runs.

export interface Band {
  readonly p5: readonly (number | null)[];
  readonly p25: readonly (number | null)[];
  readonly p50: readonly (number | null)[];
  readonly p75: readonly (number | null)[];
  readonly p95: readonly (number | null)[];
}

/** `null` where fewer than half of the runs have a value. */
export function band(all: readonly (readonly (number | null | undefined)[])[]): Band {
  const windows = Math.max(0, ...all.map((one) => one.length));
  const sorted = Array.from({ length: windows }, (_, window) =>
    all
      .map((one) => one[window])
      .filter((value): value is number => value != null)
      .sort((one, other) => one - other),
  );
  const at = (ratio: number) =>
    sorted.map((values) => {
      if (values.length === 0 || values.length * 2 < all.length) return null;
      const rank = Math.ceil(values.length * ratio) - 1;
      return values[Math.max(0, rank)] ?? null;
    });
  return { p5: at(0.05), p25: at(0.25), p50: at(0.5), p75: at(0.75), p95: at(0.95) };
}
