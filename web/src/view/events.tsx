// What happened, on a rail under the same time axis: each kind has its own row, shape and word.
import { Card } from "../chart/card.tsx";
import { MARGIN } from "../chart/plot.tsx";
import { time } from "../chart/scale.ts";
import { useWidth } from "../chart/width.ts";
import type { Happening, Report, Scenario, Series } from "../engine/answers.ts";
import { readTime } from "../plan/control.ts";
import { digits, moment, percent } from "../text/format.ts";

/** Shapes around 0,0 that differ without colour. */
const SHAPES: Record<string, string> = {
  killed: "M-5-5 5 5M5-5-5 5",
  restarted: "M4.500-2A5 5 0 1 0 5 1M5-5V-1.500H1.500",
  ready: "M0-5 5 4H-5Z",
  fork: "M0-5 5 0 0 5-5 0Z",
  flush: "M-5-4H5L0 5Z",
  slowdown: "M-5-3H5M-5 0H5M-5 3H5",
  rollout: "M-5-5H0V0H5V5H0V0H-5Z",
  scaled: "M0-6 4-1H1.500V5H-1.500V-1H-4Z",
};
const WORDS: Record<string, string> = { fork: "dump", flush: "cache flushed", slowdown: "slower" };
const ROW = 24;

interface Stretch {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** What the plan itself brings about for a time. */
function stretches(scenario: Scenario | undefined): Stretch[] {
  return (scenario?.traffic?.spikes ?? []).flatMap((spike) => {
    const [from, length] = [readTime(spike.at), readTime(spike.for)];
    if (from === null || length === null) return [];
    return [{ name: `traffic × ${digits(spike.factor)}`, from, to: from + length }];
  });
}

interface RailProps {
  readonly report: Report;
  readonly series: Series;
  readonly scenario: Scenario | undefined;
}

export function EventRail({ report, series, scenario }: RailProps) {
  const [ref, width] = useWidth<HTMLDivElement>(760);
  const horizon = report.horizon_seconds;
  const spikes = stretches(scenario).filter((one) => one.from < horizon);
  const kinds = [...new Set(series.happenings.map((one) => one.kind))];
  const held = report.services.filter((service) => service.throttled > 0.0005);
  const text = sentence(series.happenings, spikes, held.length);
  const x = time(horizon, Math.max(80, width - MARGIN.left - MARGIN.right - 20));
  const rows = [...(spikes.length > 0 ? ["spike"] : []), ...kinds];
  const height = rows.length * ROW + 26;
  return (
    <Card
      id="events"
      title="Events of one run"
      sentence={text}
      class="wide"
      isPicture={rows.length > 0}
      table={() => ({
        head: ["time", "what", "service", "detail"],
        isWordy: true,
        rows: [
          ...spikes.map((one) => [
            moment(one.from),
            "spike",
            "",
            `${one.name} until ${moment(one.to)}`,
          ]),
          ...series.happenings.map((one) => [
            moment(one.at_seconds),
            word(one.kind),
            one.service ?? "",
            one.detail,
          ]),
        ],
      })}
      aside={
        held.length > 0 && (
          <p class="hint">
            ▒ throttled by its CPU quota:{" "}
            {held
              .map((service) => `${service.name} ${percent(service.throttled)} of the time`)
              .join(", ")}
          </p>
        )
      }
    >
      {rows.length > 0 && (
        <div class="plot" ref={ref}>
          <svg id="events" role="img" aria-label={text} viewBox={`0 0 ${width} ${height}`}>
            <g transform={`translate(${MARGIN.left + 20} 4)`}>
              {rows.map((kind, row) => (
                <g key={kind} transform={`translate(0 ${row * ROW + ROW / 2})`}>
                  <text class="tick" x={-10} dy="0.32em" text-anchor="end">
                    {word(kind)}
                  </text>
                  <line class="grid" x2={x.at(horizon)} />
                  {kind === "spike"
                    ? spikes.map((one) => (
                        <Bar key={one.from} one={one} at={x.at} horizon={horizon} />
                      ))
                    : marks(series.happenings, kind).map((one) => (
                        <g
                          key={`${one.at_seconds}${one.service}`}
                          transform={`translate(${x.at(one.at_seconds)} 0)`}
                        >
                          <title>{`${moment(one.at_seconds)} ${one.service ?? ""}: ${one.detail}`}</title>
                          <path class={`event is-${kind}`} d={SHAPES[kind] ?? "M-4-4H4V4H-4Z"} />
                        </g>
                      ))}
                </g>
              ))}
              {x.ticks.map((tick) => (
                <text
                  key={tick}
                  class="tick"
                  x={x.at(tick)}
                  y={rows.length * ROW + 16}
                  text-anchor="middle"
                >
                  {moment(tick)}
                </text>
              ))}
            </g>
          </svg>
        </div>
      )}
    </Card>
  );
}

function Bar({
  one,
  at,
  horizon,
}: {
  one: Stretch;
  at: (value: number) => number;
  horizon: number;
}) {
  const from = at(one.from);
  return (
    <g>
      <rect
        class="stretch"
        x={from}
        y={-7}
        width={at(Math.min(one.to, horizon)) - from}
        height={14}
        rx={3}
      />
      <text class="inside" x={from + 5} dy="0.34em">
        {one.name}
      </text>
    </g>
  );
}

function marks(happenings: readonly Happening[], kind: string): Happening[] {
  return happenings.filter((one) => one.kind === kind);
}

function word(kind: string): string {
  return WORDS[kind] ?? kind;
}

function sentence(
  happenings: readonly Happening[],
  spikes: readonly Stretch[],
  held: number,
): string {
  const counts = new Map<string, number>();
  for (const { kind } of happenings) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const parts = [
    ...spikes.map((one) => `${one.name} at ${moment(one.from)}`),
    ...[...counts].map(([kind, number]) => `${word(kind)} ${number} ×`),
  ];
  if (held > 0) parts.push(`${held} throttled`);
  const first = happenings.find((one) => one.kind === "killed");
  const end = first
    ? ` First kill: ${first.service ?? "host"} at ${moment(first.at_seconds)}, ${first.detail}.`
    : "";
  return parts.length === 0
    ? "Nothing is killed, restarted or throttled."
    : `${parts.join(", ")}.${end}`;
}
