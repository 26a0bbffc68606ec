// Memory of the host: services stacked on the host's reserve, against the limit.
import { signal } from "@preact/signals";
import { band } from "../chart/band.ts";
import { Card } from "../chart/card.tsx";
import { area, line } from "../chart/path.ts";
import { Plot } from "../chart/plot.tsx";
import { RunsChoice, showsRuns } from "../chart/runs.tsx";
import { linear } from "../chart/scale.ts";
import type { Report, RunSeries, Series } from "../engine/answers.ts";
import { bytes, moment } from "../text/format.ts";

/** The service whose ledger is open. */
export const opened = signal<string | null>(null);

interface Layer {
  readonly name: string;
  readonly shade: number;
  readonly values: readonly number[];
}

/** What each service takes on the host: its fullest container, times the containers that stand then. */
export function layers(report: Report, series: Series): Layer[] {
  const known = new Map(report.services.map((service) => [service.name, service]));
  return series.services
    .map((one, index) => {
      const replicas = known.get(one.name)?.replicas ?? 1;
      return {
        name: one.name,
        shade: index % 8,
        values: one.memory_bytes.map((size, at) => size * (one.containers?.[at] ?? replicas)),
      };
    })
    .sort((one, other) => Math.max(...other.values) - Math.max(...one.values));
}

/** The sum of all layers and the reserve, by window. */
export function totals(report: Report, series: Series): number[] {
  const windows = series.services[0]?.memory_bytes.length ?? 0;
  const all = layers(report, series);
  return Array.from({ length: windows }, (_, window) =>
    all.reduce((sum, layer) => sum + (layer.values[window] ?? 0), report.host.reserved_bytes),
  );
}

export function memorySentence(report: Report): string {
  const { peak_bytes, memory_bytes, reserved_bytes } = report.host;
  const left = memory_bytes - peak_bytes.p95;
  const room = left >= 0 ? `${bytes(left)} of freeboard` : `${bytes(-left)} more than there is`;
  return `Peak at most ${bytes(peak_bytes.p95)} of ${bytes(memory_bytes)} in 95 of 100 runs, ${bytes(reserved_bytes)} of it the system's: ${room}.`;
}

interface MemoryProps {
  readonly report: Report;
  readonly series: Series;
  readonly runs: readonly RunSeries[];
  readonly height?: number;
}

export function Memory({ report, series, runs, height = 300 }: MemoryProps) {
  const all = layers(report, series);
  const total = totals(report, series);
  const limit = report.host.memory_bytes;
  const spread = runs.length > 1 ? band(runs.map((run) => totals(report, run.series))) : null;
  const most = Math.max(limit * 1.06, ...total, ...(spread?.p95.map((value) => value ?? 0) ?? []));
  const middle = (index: number) => (index + 0.5) * series.window_seconds;
  const bottoms: number[] = total.map(() => report.host.reserved_bytes);
  const stacked = all.map((layer) => {
    const low = [...bottoms];
    layer.values.forEach((value, index) => {
      bottoms[index] = (bottoms[index] ?? 0) + value;
    });
    return { ...layer, low, high: [...bottoms] };
  });
  const sentence = memorySentence(report);
  const windowAt = (at: number) =>
    Math.min(total.length - 1, Math.floor(at / series.window_seconds));
  return (
    <Card
      id="memory"
      title="Memory against the limit"
      sentence={sentence}
      class="wide"
      table={() => ({
        head: ["time", "all, with system", ...all.map((layer) => layer.name)],
        rows: total.map((sum, index) => [
          moment(index * series.window_seconds),
          bytes(sum),
          ...all.map((layer) => bytes(layer.values[index] ?? 0)),
        ]),
      })}
      aside={
        <>
          <Legend layers={all} report={report} />
          <RunsChoice hasRuns={runs.length > 1} />
        </>
      }
    >
      <Plot
        id="memory"
        label={sentence}
        horizon={report.horizon_seconds}
        height={height}
        y={(length) => linear(most, length, 5, 2)}
        write={bytes}
        readout={(at) => {
          const window = windowAt(at);
          return (
            <>
              in all {bytes(total[window] ?? 0)} of {bytes(limit)}
            </>
          );
        }}
      >
        {({ width, height: inner, x }, y) => {
          const place = (index: number) => x.at(middle(index));
          return (
            <>
              <rect
                class="reserve"
                y={y.at(report.host.reserved_bytes)}
                width={width}
                height={inner - y.at(report.host.reserved_bytes)}
              />
              {stacked.map((layer) => (
                <path
                  key={layer.name}
                  class={`layer shade-${layer.shade} ${opened.value === layer.name ? "is-open" : ""}`}
                  d={area(layer.low, layer.high, place, y.at)}
                />
              ))}
              {spread && <path class="band" d={area(spread.p5, spread.p95, place, y.at)} />}
              {spread && <path class="band" d={area(spread.p25, spread.p75, place, y.at)} />}
              {showsRuns.value &&
                runs.map((run) => (
                  <path
                    key={run.replication}
                    class="single"
                    d={line(totals(report, run.series), place, y.at)}
                  />
                ))}
              <path class="total" d={line(total, place, y.at)} />
              <line class="limit" x2={width} y1={y.at(limit)} y2={y.at(limit)} />
              {firstKills(series).map((one) => (
                <g
                  key={`${one.at_seconds}${one.service}`}
                  transform={`translate(${x.at(one.at_seconds)} ${y.at(total[windowAt(one.at_seconds)] ?? 0) - 14})`}
                >
                  <title>{`${one.service} killed at ${moment(one.at_seconds)}: ${one.detail}`}</title>
                  <path class="event is-killed" d="M-5-5 5 5M5-5-5 5" />
                </g>
              ))}
              <Mark x={width - 16} y={y.at(limit)} />
              <text class="limit-label" x={4} y={y.at(limit) - 6}>
                limit {bytes(limit)}
              </text>
            </>
          );
        }}
      </Plot>
    </Card>
  );
}

/** The first kill of each service: the event rail has them all. */
function firstKills(series: Series): Series["happenings"] {
  const kills = series.happenings.filter((one) => one.kind === "killed");
  return kills.filter((one) => kills.find(({ service }) => service === one.service) === one);
}

/** The load line of a ship: a disc with a line through it. */
function Mark({ x, y }: { readonly x: number; readonly y: number }) {
  return (
    <g transform={`translate(${x} ${y})`}>
      <circle class="mark" r={7} />
      <line class="mark" x1={-13} x2={13} />
    </g>
  );
}

function Legend({
  layers: all,
  report,
}: {
  readonly layers: readonly Layer[];
  readonly report: Report;
}) {
  const known = new Map(report.services.map((service) => [service.name, service]));
  return (
    <ul class="legend" aria-label="Services, by memory">
      {all.map((layer) => {
        const service = known.get(layer.name);
        const isOpen = opened.value === layer.name;
        return (
          <li key={layer.name}>
            <button
              type="button"
              aria-expanded={isOpen}
              aria-controls="ledger"
              onClick={() => {
                opened.value = isOpen ? null : layer.name;
              }}
            >
              <svg class="swatch" viewBox="0 0 10 10" aria-hidden="true">
                <rect class={`shade-${layer.shade}`} width="10" height="10" rx="2" />
              </svg>
              {layer.name}
              <span class="number">
                {bytes((service?.peak_bytes.p95 ?? 0) * (service?.replicas ?? 1))}
              </span>
            </button>
          </li>
        );
      })}
      <li>
        <span class="key">
          <svg class="swatch" viewBox="0 0 10 10" aria-hidden="true">
            <rect class="reserve" width="10" height="10" rx="2" />
          </svg>
          system
          <span class="number">{bytes(report.host.reserved_bytes)}</span>
        </span>
      </li>
    </ul>
  );
}
