// Latency against load, on logarithmic axes, with the load line and its interval.
import { line } from "../chart/path.ts";
import { logarithmic } from "../chart/scale.ts";
import { useWidth } from "../chart/width.ts";
import type { LoadLineAnswer } from "../engine/answers.ts";
import { digits, seconds } from "../text/format.ts";

const HEIGHT = 260;
const MARGIN = { top: 20, right: 16, bottom: 28, left: 64 } as const;
const LINES = ["p50", "p95", "p99"] as const;
const DISC = "M-4 0A4 4 0 1 0 4 0A4 4 0 1 0-4 0Z";
/** Around 0,0; they differ without colour, discs by being filled. */
const SHAPES = { pass: DISC, close: DISC, fail: "M-4-4 4 4M4-4-4 4" } as const;

export function LoadCurve({ answer }: { readonly answer: LoadLineAnswer }) {
  const [ref, width] = useWidth<HTMLDivElement>(700);
  const points = answer.curve.filter((point) => point.latency_seconds && point.load > 0);
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last || points.length < 2) return null;
  const inner = {
    width: Math.max(80, width - MARGIN.left - MARGIN.right),
    height: HEIGHT - MARGIN.top - MARGIN.bottom,
  };
  const span = Math.log10(last.load / first.load) || 1;
  const x = (load: number) => (Math.log10(load / first.load) / span) * inner.width;
  const all = points
    .flatMap((point) => LINES.map((name) => point.latency_seconds?.[name] ?? 0))
    .filter((one) => one > 0);
  const y = logarithmic(Math.min(...all), Math.max(...all), inner.height);
  const { low, high } = answer.interval;
  const estimate = answer.estimate ?? null;
  const isInside = (load: number) => load >= first.load && load <= last.load;
  const planned = answer.planned != null && isInside(answer.planned) ? answer.planned : null;
  const ticks = loads(first.load, last.load, inner.width / 90);
  const label = `Latency against load: p95 ${seconds(first.latency_seconds?.p95 ?? 0)} at ${digits(first.load)}, ${seconds(last.latency_seconds?.p95 ?? 0)} at ${digits(last.load)}.`;
  return (
    <div class="plot" ref={ref}>
      <svg id="curve" role="img" aria-label={label} viewBox={`0 0 ${width} ${HEIGHT}`}>
        <g transform={`translate(${MARGIN.left} ${MARGIN.top})`}>
          {y.ticks.map((tick) => (
            <g key={tick}>
              <line class="grid" x2={inner.width} y1={y.at(tick)} y2={y.at(tick)} />
              <text class="tick" x={-10} y={y.at(tick)} dy="0.32em" text-anchor="end">
                {seconds(tick)}
              </text>
            </g>
          ))}
          {ticks.map((tick) => (
            <text key={tick} class="tick" x={x(tick)} y={inner.height + 19} text-anchor="middle">
              {digits(tick)}
              {answer.unit === "users" ? "" : "/s"}
            </text>
          ))}
          {low != null && high != null && (
            <rect
              class="interval"
              x={x(low)}
              width={Math.max(2, x(high) - x(low))}
              height={inner.height}
            />
          )}
          {LINES.map((name) => (
            <path
              key={name}
              class={`quantile is-${name}`}
              d={line(
                points.map((point) => point.latency_seconds?.[name]),
                (index) => x(points[index]?.load ?? first.load),
                y.at,
              )}
            />
          ))}
          {points.map((point) => (
            <path
              key={point.load}
              class={`point is-${point.outcome}`}
              transform={`translate(${x(point.load)} ${y.at(point.latency_seconds?.p95 ?? 0)})`}
              d={SHAPES[point.outcome]}
            />
          ))}
          {estimate !== null && (
            <g>
              <line class="limit" x1={x(estimate)} x2={x(estimate)} y2={inner.height} />
              <text class="limit-label" x={x(estimate)} y={-6} text-anchor="middle">
                load line
              </text>
            </g>
          )}
          {planned !== null && (
            <line class="cursor" x1={x(planned)} x2={x(planned)} y2={inner.height} />
          )}
          <line class="axis" x2={inner.width} y1={inner.height} y2={inner.height} />
        </g>
      </svg>
      <p class="hint">
        p50 (dotted), p95 and p99 (dashed) of all requests. Discs: every objective surely holds.
        Crosses: one is surely broken. Rings: too few runs to be sure by themselves, since loads far
        from the line are only looked at.{planned !== null && " Vertical dots: the planned load."}
      </p>
    </div>
  );
}

/** Round loads between two ends: 1, 2 and 5 of each power of ten, thinned to `most`. */
function loads(low: number, high: number, most: number): number[] {
  const all: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power += 1) {
    for (const step of [1, 2, 5]) {
      const load = step * 10 ** power;
      if (load >= low && load <= high) all.push(load);
    }
  }
  const every = Math.ceil(all.length / Math.max(2, most));
  return all.filter((_, index) => index % every === 0);
}
