// Who asks whom: services in columns by their distance from the clients, filled by how busy they are.
import { Card } from "../chart/card.tsx";
import { useWidth } from "../chart/width.ts";
import type { Inspection, Report, ServiceReport } from "../engine/answers.ts";
import { columns } from "../plan/graph.ts";
import { percent } from "../text/format.ts";

const BOX = { wide: 132, high: 46 } as const;
const GAP = { x: 56, y: 16 } as const;
/** Pixels that it is made smaller to at most: a smaller one could not be read. */
const LEAST_WIDTH = 500;

interface TopologyProps {
  readonly report: Report;
  readonly inspection: Inspection;
}

/** Of its CPU and its workers, what is busier. */
function busy(service: ServiceReport | undefined): number {
  return Math.max(service?.utilisation ?? 0, service?.worker_utilisation ?? 0);
}

export function Topology({ report, inspection }: TopologyProps) {
  const [ref, room] = useWidth<HTMLElement>(LEAST_WIDTH);
  const placed = columns(inspection.services, inspection.calls);
  const tall = Math.max(1, ...placed.map((column) => column.length));
  const wide = placed.length * (BOX.wide + GAP.x) - GAP.x + 4;
  const high = tall * (BOX.high + GAP.y) - GAP.y + 4;
  const spot = new Map<string, { x: number; y: number }>();
  placed.forEach((column, x) => {
    const top = (high - 4 - column.length * (BOX.high + GAP.y) + GAP.y) / 2;
    column.forEach((name, y) => {
      spot.set(name, { x: 2 + x * (BOX.wide + GAP.x), y: 2 + top + y * (BOX.high + GAP.y) });
    });
  });
  const known = new Map(report.services.map((service) => [service.name, service]));
  const [first] = report.services.toSorted((one, other) => busy(other) - busy(one));
  const text = first ? `Busiest: ${first.name}, at ${percent(busy(first))}.` : "No services.";
  return (
    <Card
      id="topology"
      title="Who asks whom"
      sentence={`${text} Filled by the busy share of its CPU or workers, whichever is higher.`}
      table={() => ({
        head: ["service", "software", "asks", "cpu", "workers"],
        rows: inspection.services.map(({ name, profile }) => {
          const asked = inspection.calls
            .filter((call) => call.from === name)
            .map((call) => call.to);
          const service = known.get(name);
          const workers = service?.worker_utilisation;
          return [
            name,
            profile,
            asked.join(", ") || "–",
            percent(service?.utilisation ?? 0),
            workers == null ? "–" : percent(workers),
          ];
        }),
      })}
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="plot graph" aria-label="Services and their calls" tabIndex={0} ref={ref}>
        <svg
          id="topology"
          role="img"
          aria-label={text}
          width={wide}
          viewBox={`0 0 ${wide} ${high}`}
        >
          {inspection.calls.map(({ from, to }) => {
            const [a, b] = [spot.get(from), spot.get(to)];
            return a && b && <path key={`${from} ${to}`} class="edge" d={edge(a, b)} />;
          })}
          {inspection.services.map(({ name, profile, replicas }) => {
            const at = spot.get(name);
            if (!at) return null;
            const share = Math.min(1, busy(known.get(name)));
            return (
              <g key={name} transform={`translate(${at.x} ${at.y})`}>
                <title>{`${name} (${profile}): ${percent(share)} busy`}</title>
                <rect class="node" width={BOX.wide} height={BOX.high} rx={8} />
                <rect
                  class={`busy ${share > 0.85 ? "is-bad" : share > 0.6 ? "is-unsure" : ""}`}
                  x={6}
                  y={BOX.high - 11}
                  width={(BOX.wide - 12) * share}
                  height={5}
                  rx={2.5}
                />
                <rect
                  class="busy-track"
                  x={6}
                  y={BOX.high - 11}
                  width={BOX.wide - 12}
                  height={5}
                  rx={2.5}
                />
                <text class="node-name" x={8} y={19}>
                  {short(name)}
                  {replicas > 1 ? ` × ${replicas}` : ""}
                </text>
                <text class="tick" x={BOX.wide - 8} y={31} text-anchor="end">
                  {percent(share)}
                </text>
              </g>
            );
          })}
        </svg>
      </section>
      {Math.min(wide, LEAST_WIDTH) > room && (
        <p class="hint">It goes on to the right: scroll it. →</p>
      )}
    </Card>
  );
}

const short = (name: string) => (name.length > 16 ? `${name.slice(0, 15)}…` : name);

function edge(from: { x: number; y: number }, to: { x: number; y: number }): string {
  const isForward = to.x > from.x;
  const [x1, x2] = [
    from.x + (isForward ? BOX.wide : BOX.wide / 2),
    to.x + (isForward ? 0 : BOX.wide / 2),
  ];
  const [y1, y2] = [from.y + BOX.high / 2, to.y + BOX.high / 2];
  const bend = (x1 + x2) / 2;
  return `M${x1} ${y1}C${bend} ${y1} ${bend} ${y2} ${x2} ${y2}`;
}
