// One small chart for each service, against its own limit.
import { band } from "../chart/band.ts";
import { Card } from "../chart/card.tsx";
import { area, line } from "../chart/path.ts";
import type { Report, RunSeries, Series, ServiceReport, ServiceSeries } from "../engine/answers.ts";
import { bytes, moment, percent } from "../text/format.ts";
import { opened } from "./memory.tsx";
import { Sign } from "./verdict.tsx";

const WIDE = 220;
const HIGH = 64;

interface TilesProps {
  readonly report: Report;
  readonly series: Series;
  readonly runs: readonly RunSeries[];
}

export function ServiceTiles({ report, series, runs }: TilesProps) {
  return (
    <Card
      id="services"
      title="Each service against its own limit"
      sentence="The fullest container of each; choose one to see what its memory is made of."
      class="wide"
      isPicture={false}
      table={() => ({
        head: ["time", ...series.services.map((one) => one.name)],
        rows: (series.services[0]?.memory_bytes ?? []).map((_, index) => [
          moment(index * series.window_seconds),
          ...series.services.map((one) => bytes(one.memory_bytes[index] ?? 0)),
        ]),
      })}
    >
      <ul class="tiles">
        {report.services.map((service) => {
          const index = series.services.findIndex((one) => one.name === service.name);
          const one = series.services[index];
          const many = runs.flatMap((run) =>
            run.series.services.filter(({ name }) => name === service.name),
          );
          return (
            one && (
              <Tile key={service.name} service={service} seen={one} many={many} shade={index % 8} />
            )
          );
        })}
      </ul>
    </Card>
  );
}

interface TileProps {
  readonly service: ServiceReport;
  readonly seen: ServiceSeries;
  readonly many: readonly ServiceSeries[];
  readonly shade: number;
}

export function serviceSentence(service: ServiceReport): string {
  const peak = bytes(service.peak_bytes.p95);
  const killed = service.oom.probability;
  const end = killed > 0 ? `, killed in ${percent(killed)} of the runs` : "";
  if (!service.limit_bytes) return `${service.name}: peak ${peak}, no limit${end}`;
  return `${service.name}: peak ${peak} of ${bytes(service.limit_bytes)}${end}`;
}

function Tile({ service, seen, many, shade }: TileProps) {
  const limit = service.limit_bytes ?? null;
  const spread = many.length > 1 ? band(many.map((one) => one.memory_bytes)) : null;
  const most =
    Math.max(limit ?? 0, ...seen.memory_bytes, ...(spread?.p95.map((one) => one ?? 0) ?? [])) *
      1.08 || 1;
  const x = (index: number) => ((index + 0.5) / seen.memory_bytes.length) * WIDE;
  const y = (value: number) => HIGH - (value / most) * HIGH;
  const isKilled = service.oom.probability > 0;
  return (
    <li>
      <button
        type="button"
        aria-pressed={opened.value === service.name}
        onClick={() => {
          opened.value = service.name;
          document.getElementById("ledger")?.scrollIntoView({ block: "nearest" });
        }}
      >
        <span class="name">
          {isKilled && <Sign tone="bad" />}
          {service.name}
          {service.replicas > 1 && <small> × {service.replicas}</small>}
        </span>
        <svg
          role="img"
          aria-label={serviceSentence(service)}
          viewBox={`0 0 ${WIDE} ${HIGH}`}
          preserveAspectRatio="none"
        >
          <path
            class={`shade-${shade} fill`}
            d={area(
              seen.memory_bytes.map(() => 0),
              seen.memory_bytes,
              x,
              y,
            )}
          />
          {spread && <path class="band" d={area(spread.p5, spread.p95, x, y)} />}
          <path class="total" d={line(seen.memory_bytes, x, y)} />
          {limit !== null && <line class="limit" x2={WIDE} y1={y(limit)} y2={y(limit)} />}
        </svg>
        <span class="number">
          {bytes(service.peak_bytes.p95)}
          <small>{limit === null ? " no limit" : ` of ${bytes(limit)}`}</small>
        </span>
        <small class="use">
          cpu {percent(service.utilisation)}
          {service.throttled > 0.0005 && `, throttled ${percent(service.throttled)}`}
          {service.worker_utilisation != null &&
            ` · workers ${percent(service.worker_utilisation)}`}
        </small>
      </button>
    </li>
  );
}
