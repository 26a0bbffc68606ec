// Latency on a log axis, one endpoint at a time, with the failures of each window beside it.
import { signal } from "@preact/signals";
import { band } from "../chart/band.ts";
import { Card } from "../chart/card.tsx";
import { area, line } from "../chart/path.ts";
import { Plot } from "../chart/plot.tsx";
import { RunsChoice, showsRuns } from "../chart/runs.tsx";
import { logarithmic } from "../chart/scale.ts";
import type { EndpointSeries, Report, RunSeries, Series } from "../engine/answers.ts";
import { count, moment, percent, seconds } from "../text/format.ts";

const chosen = signal<string | null>(null);

const LINES = [
  { key: "mean_seconds", name: "mean", class: "mean" },
  { key: "p50_seconds", name: "p50", class: "p50" },
  { key: "p95_seconds", name: "p95", class: "p95" },
  { key: "p99_seconds", name: "p99", class: "p99" },
] as const;

interface LatencyProps {
  readonly report: Report;
  readonly series: Series;
  readonly runs: readonly RunSeries[];
}

/** The endpoint with the highest p95, unless the visitor chose another. */
function pick(report: Report): string | undefined {
  if (report.endpoints.some((one) => one.name === chosen.value)) return chosen.value ?? undefined;
  const slowest = report.endpoints.toSorted(
    (one, other) => (other.latency_seconds?.p95 ?? 0) - (one.latency_seconds?.p95 ?? 0),
  );
  return slowest[0]?.name;
}

function sentence(report: Report, name: string): string {
  const endpoint = report.endpoints.find((one) => one.name === name);
  const latency = endpoint?.latency_seconds;
  if (!endpoint || !latency) return `No request to ${name} was answered.`;
  const failed = Object.values(endpoint.failed).reduce((sum, one) => sum + one, 0);
  const ended = endpoint.completed + failed;
  const lost =
    failed === 0 ? "none failed" : `${percent(failed / ended)} failed (${causes(endpoint.failed)})`;
  return `${name}: half within ${seconds(latency.p50)}, 95 of 100 within ${seconds(latency.p95)}, 99 within ${seconds(latency.p99)}; ${lost}.`;
}

function causes(failed: Record<string, number>): string {
  return Object.entries(failed)
    .map(([cause, number]) => `${cause} ${count(number)}`)
    .join(", ");
}

export function Latency({ report, series, runs }: LatencyProps) {
  const name = pick(report);
  const endpoint = series.endpoints.find((one) => one.name === name);
  if (!name || !endpoint) return null;
  const text = sentence(report, name);
  return (
    <Card
      id="latency"
      title="Latency, failures included"
      sentence={text}
      class="wide"
      table={() => ({
        head: ["time", ...LINES.map(({ name: line }) => line), "ended", "failed"],
        rows: endpoint.ended.map((ended, index) => [
          moment(index * series.window_seconds),
          ...LINES.map(({ key }) => write(endpoint[key]?.[index])),
          count(ended),
          count(endpoint.failed[index] ?? 0),
        ]),
      })}
      aside={<Choices report={report} name={name} hasRuns={runs.length > 1} />}
    >
      <Chart
        endpoint={endpoint}
        runs={of(runs, name)}
        report={report}
        series={series}
        label={text}
      />
    </Card>
  );
}

const write = (value: number | null | undefined) => (value == null ? "–" : seconds(value));

function of(runs: readonly RunSeries[], name: string): EndpointSeries[] {
  return runs.flatMap((run) => run.series.endpoints.filter((one) => one.name === name));
}

interface ChartProps {
  readonly endpoint: EndpointSeries;
  readonly runs: readonly EndpointSeries[];
  readonly report: Report;
  readonly series: Series;
  readonly label: string;
}

function Chart({ endpoint, runs, report, series, label }: ChartProps) {
  const all = [endpoint, ...runs].flatMap((one) =>
    LINES.flatMap(({ key }) => (one[key] ?? []).filter((value): value is number => value != null)),
  );
  // What is refused at once takes no time: such a value lies on the lower edge.
  const low = Math.min(...all.filter((value) => value > 0), 1);
  const high = Math.max(...all, 1e-3);
  const spread = runs.length > 1 ? band(runs.map((one) => one.mean_seconds)) : null;
  const windowAt = (at: number) =>
    Math.min(endpoint.ended.length - 1, Math.floor(at / series.window_seconds));
  const most = Math.max(1, ...endpoint.failed);
  return (
    <Plot
      id="latency"
      label={label}
      horizon={report.horizon_seconds}
      height={280}
      y={(length) => logarithmic(low, high, length)}
      write={seconds}
      readout={(at) => {
        const window = windowAt(at);
        return (
          <>
            {LINES.map(({ key, name }) => `${name} ${write(endpoint[key]?.[window])}`).join(" · ")}{" "}
            · failed {count(endpoint.failed[window] ?? 0)}
          </>
        );
      }}
    >
      {({ height, x }, y) => {
        const place = (index: number) => x.at((index + 0.5) * series.window_seconds);
        const wide = Math.max(1, x.at(series.window_seconds) - 0.6);
        return (
          <>
            {endpoint.failed.map((failed, index) =>
              failed > 0 ? (
                <rect
                  key={index}
                  class="failed"
                  x={x.at(index * series.window_seconds)}
                  width={wide}
                  y={height - 4 - (failed / most) * height * 0.25}
                  height={4 + (failed / most) * height * 0.25}
                />
              ) : null,
            )}
            {spread && <path class="band" d={area(spread.p5, spread.p95, place, y.at)} />}
            {showsRuns.value &&
              runs.map((run, index) => (
                <path key={index} class="single" d={line(run.mean_seconds, place, y.at)} />
              ))}
            {LINES.map(({ key, class: look }) => (
              <path
                key={key}
                class={`quantile is-${look}`}
                d={line(endpoint[key] ?? [], place, y.at)}
              />
            ))}
          </>
        );
      }}
    </Plot>
  );
}

interface ChoicesProps {
  readonly report: Report;
  readonly name: string;
  readonly hasRuns: boolean;
}

function Choices({ report, name, hasRuns }: ChoicesProps) {
  return (
    <div class="choices">
      <label>
        Endpoint{" "}
        <select
          autocomplete="off"
          value={name}
          onChange={(event) => {
            chosen.value = event.currentTarget.value;
          }}
        >
          {report.endpoints.map((one) => (
            <option key={one.name}>{one.name}</option>
          ))}
        </select>
      </label>
      <ul class="lines" aria-label="Lines">
        {LINES.map(({ name: quantile, class: look }) => (
          <li key={quantile}>
            <svg viewBox="0 0 26 10" aria-hidden="true">
              <path class={`quantile is-${look}`} d="M1 5H25" />
            </svg>
            {quantile}
          </li>
        ))}
        <li>
          <svg viewBox="0 0 26 10" aria-hidden="true">
            <rect class="failed" x="8" width="10" height="10" />
          </svg>
          failed
        </li>
      </ul>
      <RunsChoice hasRuns={hasRuns} />
      <p class="hint">
        One run; shade: the mean in 9 of 10 runs. Percentiles have gaps where fewer than 20 requests
        ended in a window (p99: 100).
      </p>
    </div>
  );
}
