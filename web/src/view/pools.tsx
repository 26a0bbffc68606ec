// Queues and pools with their ceilings.
import { Card, DataTable } from "../chart/card.tsx";
import { line } from "../chart/path.ts";
import type { Inspection, PoolReport, Report, Series } from "../engine/answers.ts";
import { count, digits, moment, seconds } from "../text/format.ts";

interface PoolsProps {
  readonly report: Report;
  readonly series: Series;
  readonly limits: Inspection | null;
}

export function Pools({ report, series, limits }: PoolsProps) {
  const busy = series.services.filter((one) => Math.max(0, ...one.in_flight) > 0);
  const text = sentence(report);
  return (
    <Card
      id="pools"
      title="Queues and pools"
      sentence={text}
      isPicture={false}
      class="wide"
      table={() => ({
        head: ["time", ...busy.map((one) => one.name)],
        rows: Array.from({ length: busy[0]?.in_flight.length ?? 0 }, (_, window) => [
          moment(window * series.window_seconds),
          ...busy.map((one) => count(one.in_flight[window] ?? 0)),
        ]),
      })}
      aside={report.pools.length > 0 && <PoolTable pools={report.pools} />}
    >
      <ul class="queues">
        {busy.map((one) => {
          const service = report.services.find(({ name }) => name === one.name);
          const id = limits?.services.findIndex(({ name }) => name === one.name) ?? -1;
          return (
            <Queue
              key={one.name}
              name={one.name}
              values={one.in_flight}
              queue={service?.queue_max ?? 0}
              ceiling={limits?.connection_limits[id] ?? null}
            />
          );
        })}
      </ul>
    </Card>
  );
}

interface QueueProps {
  readonly name: string;
  readonly values: readonly number[];
  readonly queue: number;
  readonly ceiling: number | null;
}

/** Requests in flight; the ceiling is drawn where the load comes near it, and always said. */
function Queue({ name, values, queue, ceiling }: QueueProps) {
  const peak = Math.max(...values);
  const isNear = ceiling !== null && peak * 4 > ceiling;
  const most = (isNear ? Math.max(peak, ceiling) : peak) * 1.1 || 1;
  const y = (value: number) => 34 - (value / most) * 34;
  return (
    <li>
      <span>{name}</span>
      <svg viewBox="0 0 200 34" preserveAspectRatio="none" aria-hidden="true">
        <path class="total" d={line(values, (index) => ((index + 0.5) / values.length) * 200, y)} />
        {isNear && <line class="limit" x2={200} y1={y(ceiling)} y2={y(ceiling)} />}
      </svg>
      <small>
        at most {count(peak)} in flight, {count(queue)} queued
        {ceiling !== null && `; ceiling ${count(ceiling)} connections`}
      </small>
    </li>
  );
}

function PoolTable({ pools }: { readonly pools: readonly PoolReport[] }) {
  return (
    <DataTable
      label="Pools"
      head={["pool", "size", "most in use", "mean", "wait p95", "timed out", "refused"]}
      rows={pools.map((one) => [
        one.name,
        one.size === 0 ? "none" : count(one.size),
        count(one.in_use.max),
        digits(one.in_use.mean),
        seconds(one.waiting_seconds.p95),
        count(one.timeouts),
        count(one.refused),
      ])}
    />
  );
}

function sentence(report: Report): string {
  const full = report.pools.filter((one) => one.size > 0 && one.in_use.max >= one.size);
  const queued = report.services.filter((one) => one.queue_max > 0);
  const pools =
    full.length === 0
      ? "No pool is ever full"
      : `Full at times: ${full.map((one) => one.name).join(", ")}`;
  const [worst] = queued.toSorted((one, other) => other.queue_max - one.queue_max);
  return worst
    ? `${pools}; the longest queue is ${count(worst.queue_max)} requests at ${worst.name}.`
    : `${pools}; nothing queues for a worker.`;
}
