// Queues and pools with their ceilings.
import { Card, DataTable } from "../chart/card.tsx";
import { line } from "../chart/path.ts";
import type { Inspection, PoolReport, Report, Series, ServiceReport } from "../engine/answers.ts";
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
            service && (
              <Queue
                key={one.name}
                of={service}
                values={one.in_flight}
                ceiling={limits?.connection_limits[id] ?? null}
              />
            )
          );
        })}
      </ul>
    </Card>
  );
}

interface QueueProps {
  readonly of: ServiceReport;
  /** Of one run. */
  readonly values: readonly number[];
  readonly ceiling: number | null;
}

/** Requests in flight; the ceiling is drawn where the load comes near it, and always said. The numbers are of all
 * runs, and so is the end of the axis. */
function Queue({ of, values, ceiling }: QueueProps) {
  const { name, in_flight_max: peak, queue_max, replicas } = of;
  const isNear = ceiling !== null && peak * 4 > ceiling;
  const most = isNear ? Math.max(peak, ceiling) : peak;
  const y = (value: number) => 33 - (value / (most || 1)) * 32;
  return (
    <li>
      <span>{name}</span>
      <svg viewBox="0 0 200 34" preserveAspectRatio="none" aria-hidden="true">
        <path class="total" d={line(values, (index) => ((index + 0.5) / values.length) * 200, y)} />
        {isNear && <line class="limit" x2={200} y1={y(ceiling)} y2={y(ceiling)} />}
      </svg>
      <small class="ends" aria-hidden="true">
        <span>{count(most)}</span>
        <span>0</span>
      </small>
      <small>
        at most {count(peak)} in flight, {count(queue_max)} queued
        {replicas > 1 && `, in the fullest of ${count(replicas)} containers`}
        {ceiling !== null && `; ceiling ${count(ceiling)} connections`}
      </small>
    </li>
  );
}

function PoolTable({ pools }: { readonly pools: readonly PoolReport[] }) {
  return (
    <DataTable
      label="Pools"
      head={["pool", "size", "most in one", "mean", "wait p95", "timed out", "refused"]}
      rows={pools.map((one) => [
        one.name,
        poolSize(one),
        count(one.in_use.max),
        digits(one.in_use.mean),
        seconds(one.waiting_seconds.p95),
        count(one.timeouts),
        count(one.refused),
      ])}
    />
  );
}

/** A pool is one process's: all of them may have as many connections times their number. */
function poolSize({ size, pools }: PoolReport): string {
  if (size === 0) return "none";
  return pools > 1 ? `${count(pools)} pools of ${count(size)}` : count(size);
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
    ? `${pools}; the longest queue is ${count(worst.queue_max)} request${worst.queue_max === 1 ? "" : "s"} at ${worst.name}.`
    : `${pools}; nothing queues for a worker.`;
}
