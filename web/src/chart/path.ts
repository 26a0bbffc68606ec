// Values to SVG paths. A `null` is a gap: nothing is drawn over what was not measured.

export type Value = number | null | undefined;

const place = (value: number) => Math.round(value * 10) / 10;

export function line(
  values: readonly Value[],
  x: (index: number) => number,
  y: (value: number) => number,
): string {
  let path = "";
  let isDrawing = false;
  values.forEach((value, index) => {
    if (value === null || value === undefined) {
      isDrawing = false;
      return;
    }
    path += `${isDrawing ? "L" : "M"}${place(x(index))} ${place(y(value))}`;
    isDrawing = true;
  });
  return path;
}

/** The area between two lines, piece by piece where either has a gap. */
export function area(
  lows: readonly Value[],
  highs: readonly Value[],
  x: (index: number) => number,
  y: (value: number) => number,
): string {
  let path = "";
  let start = 0;
  const isGap = (index: number) => lows[index] == null || highs[index] == null;
  while (start < highs.length) {
    if (isGap(start)) {
      start += 1;
      continue;
    }
    let end = start;
    while (end < highs.length && !isGap(end)) end += 1;
    const there = range(start, end).map(
      (index) => `${place(x(index))} ${place(y(highs[index] ?? 0))}`,
    );
    const back = range(start, end)
      .reverse()
      .map((index) => `${place(x(index))} ${place(y(lows[index] ?? 0))}`);
    path += `M${[...there, ...back].join("L")}Z`;
    start = end;
  }
  return path;
}

function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, index) => start + index);
}
