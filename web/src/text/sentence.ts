// What a report says, in one sentence. Nothing is judged here: the engine did that.
import type { Report } from "../engine/answers.ts";
import type { Stage } from "../engine/live.ts";
import { bytes, elapsed, measured, seconds } from "./format.ts";

export type Tone = "good" | "bad" | "unsure";

export interface Verdict {
  readonly tone: Tone;
  /** Two or three words for a badge. */
  readonly label: string;
  /** One sentence. */
  readonly sentence: string;
  /** Why nothing more can be said, where the engine knows. */
  readonly reason?: string;
}

export function verdict(report: Report, stage: Stage, isStopped = false): Verdict {
  switch (report.verdict) {
    case "fits":
      return { tone: "good", label: "Fits", sentence: fits(report) };
    case "does_not_fit":
      return { tone: "bad", label: "Does not fit", sentence: breaks(report) };
    case "undecided":
      return stage === "final"
        ? { tone: "unsure", label: "Too close to call", ...close(report) }
        : {
            tone: "unsure",
            label: isStopped ? "Not decided" : "Deciding",
            sentence: soFar(report),
          };
  }
}

function host(report: Report): string {
  return bytes(report.target.memory_bytes);
}

function fits(report: Report): string {
  const peak = bytes(report.host.peak_bytes.p95);
  return `On ${host(report)} this stack holds: memory peaks at ${peak}${slowest(report)}.`;
}

/** Of the endpoints, the one whose p95 is highest. */
function slowest(report: Report): string {
  const p95 = Math.max(...report.endpoints.map((one) => one.latency_seconds?.p95 ?? 0));
  return p95 > 0 ? `, and 95 of 100 requests of the slowest kind take at most ${seconds(p95)}` : "";
}

function breaks(report: Report): string {
  const killed = firstKilled(report);
  if (killed) {
    const { share, name, at, limit } = killed;
    const runs = Math.round(share * report.replications);
    const when =
      at === null ? "" : at < 0.5 ? ", right at its start" : `, ${elapsed(at)} into the run`;
    const often =
      runs === report.replications ? "every run" : `${runs} of ${report.replications} runs`;
    if (limit !== null) {
      return `On ${host(report)} this stack does not hold: ${name} runs into its limit of ${bytes(limit)} in ${often}${when}.`;
    }
    return `On ${host(report)} this stack runs out of memory in ${often}, first in ${name}${when}.`;
  }
  const failed = report.objectives.filter((one) => one.outcome === "fail");
  const [first, ...others] = failed;
  if (!first) return `On ${host(report)} this stack does not hold its objectives.`;
  const more = others.length === 0 ? "" : `, and ${others.length} more`;
  const value = measured(first.measured ?? null, first.unit);
  return `On ${host(report)} this stack breaks “${first.expression}”: measured ${value}${more}.`;
}

interface Killed {
  readonly name: string;
  readonly share: number;
  readonly at: number | null;
  /** Its own limit, where that and not the host's memory is what it ran into. */
  readonly limit: number | null;
}

function firstKilled(report: Report): Killed | undefined {
  const isOom = report.objectives.some(
    (one) => one.expression.startsWith("oom") && one.outcome === "fail",
  );
  if (!isOom) return undefined;
  const killed: Killed[] = report.services
    .filter((service) => service.oom.probability > 0)
    .map(({ name, oom, limit_bytes }) => ({
      name,
      share: oom.probability,
      at: oom.first_at_seconds ?? null,
      limit: report.host.oom.probability > 0 ? null : (limit_bytes ?? null),
    }));
  if (report.host.oom.probability > 0) {
    const { probability, first_at_seconds } = report.host.oom;
    killed.push({
      name: "the host itself",
      share: probability,
      at: first_at_seconds ?? null,
      limit: null,
    });
  }
  const [first] = killed.toSorted((one, other) => (one.at ?? 1e99) - (other.at ?? 1e99));
  return first;
}

function close(report: Report): Pick<Verdict, "sentence" | "reason"> {
  const open = report.objectives.filter((one) => one.outcome === "close");
  const [first] = open;
  const what = first ? ` whether “${first.expression}” holds` : "";
  const sentence = `On ${host(report)} it stays open${what}, after ${report.replications} runs.`;
  const detail = first?.detail;
  return detail
    ? { sentence, reason: `${detail[0]?.toUpperCase()}${detail.slice(1)}.` }
    : { sentence };
}

function soFar(report: Report): string {
  const runs = report.replications === 1 ? "one run" : `${report.replications} runs`;
  const peak = bytes(report.host.peak_bytes.max);
  return `On ${host(report)} nothing broke in ${runs} so far: memory peaks at ${peak}${slowest(report)}.`;
}
