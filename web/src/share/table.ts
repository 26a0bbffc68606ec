// One run over time as CSV: a row for each window, a column for each number with its unit.
import type { Series } from "../engine/answers.ts";

export function csv(series: Series): string {
  const columns = [
    ...columnsOf("service", series.services),
    ...columnsOf("endpoint", series.endpoints),
  ];
  const windows = Math.max(0, ...columns.map((column) => column.values.length));
  const head = ["time_seconds", ...columns.map((column) => column.name)];
  const rows = Array.from({ length: windows }, (_, window) => [
    window * series.window_seconds,
    ...columns.map((column) => column.values[window] ?? null),
  ]);
  return [head, ...rows].map((row) => `${row.map(field).join(",")}\r\n`).join("");
}

interface Column {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

function columnsOf(kind: string, all: readonly { readonly name: string }[]): Column[] {
  return all.flatMap((one) =>
    Object.entries(one).flatMap(([key, values]) =>
      Array.isArray(values) ? [{ name: `${kind}.${one.name}.${key}`, values }] : [],
    ),
  );
}

/** Quoted where it must be (RFC 4180). A name cannot become a formula: the kind stands before it. */
function field(value: string | number | null): string {
  const text = value === null ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
