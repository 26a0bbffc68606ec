// Where the time of a request goes, by cause.
import { Card } from "../chart/card.tsx";
import type { EndpointReport, Report } from "../engine/answers.ts";
import { percent, seconds } from "../text/format.ts";

const NAMES: Record<string, string> = {
  queued_worker: "waiting for a worker",
  queued_cpu: "waiting for the CPU",
  queued_pool: "waiting for a connection",
  worked: "worked",
  waited: "waited for others",
  refused: "refused, tried again",
  retried: "failed attempts",
};

/** A cause keeps its colour, whichever others there are. */
const shade = (cause: string) => `cause-${Object.keys(NAMES).indexOf(cause)}`;

export function Causes({ report }: { readonly report: Report }) {
  const causes = [
    ...new Set(report.endpoints.flatMap((one) => one.time_by_cause.map(({ cause }) => cause))),
  ];
  const text = sentence(report);
  return (
    <Card
      id="causes"
      title="Where the time goes"
      sentence={text}
      isPicture={false}
      table={() => ({
        head: ["endpoint", ...causes.map((cause) => NAMES[cause] ?? cause)],
        rows: report.endpoints.map((one) => [
          one.name,
          ...causes.map((cause) =>
            seconds(one.time_by_cause.find((part) => part.cause === cause)?.seconds ?? 0),
          ),
        ]),
      })}
      aside={
        <ul class="legend">
          {causes.map((cause) => (
            <li key={cause} class="key">
              <svg class="swatch" viewBox="0 0 10 10" aria-hidden="true">
                <rect class={shade(cause)} width="10" height="10" rx="2" />
              </svg>
              {NAMES[cause] ?? cause}
            </li>
          ))}
        </ul>
      }
    >
      <ul class="bars">
        {report.endpoints.map((one) => (
          <CauseBar key={one.name} one={one} />
        ))}
      </ul>
    </Card>
  );
}

function CauseBar({ one }: { readonly one: EndpointReport }) {
  const sum = one.time_by_cause.reduce((all, part) => all + part.seconds, 0);
  let start = 0;
  return (
    <li>
      <span>{one.name}</span>
      <svg viewBox="0 0 100 14" preserveAspectRatio="none" aria-hidden="true">
        {one.time_by_cause.map(({ cause, seconds: long }) => {
          const wide = sum > 0 ? (long / sum) * 100 : 0;
          start += wide;
          return (
            <rect key={cause} class={shade(cause)} x={start - wide} width={wide} height={14} />
          );
        })}
      </svg>
      <span class="number">{sum > 0 ? seconds(sum) : "–"}</span>
    </li>
  );
}

/** Over all endpoints, weighted by what was answered. */
function sentence(report: Report): string {
  const all = new Map<string, number>();
  for (const { completed, time_by_cause } of report.endpoints) {
    for (const { cause, seconds: long } of time_by_cause)
      all.set(cause, (all.get(cause) ?? 0) + long * completed);
  }
  const sum = [...all.values()].reduce((one, other) => one + other, 0);
  const [first, second] = [...all].toSorted(([, one], [, other]) => other - one);
  if (!first || sum === 0) return "No request was answered.";
  const say = ([cause, long]: [string, number]) =>
    `${percent(long / sum)} ${NAMES[cause] ?? cause}`;
  return `Of the time of an answered request: ${say(first)}${second && second[1] > 0 ? `, ${say(second)}` : ""}.`;
}
