// The three sliders: what each position means, and which edit of the plan it is.
import type { Inspection } from "../engine/answers.ts";
import { moment, readSize, seconds, sizeText } from "../text/format.ts";
import { inputEdit, type Plan, withEdits, withInput } from "./plan.ts";

/** What the files say by themselves, before any edit. */
export interface Base {
  /** Bytes; the engine's default where the plan states none. */
  readonly host: number;
  readonly hasHost: boolean;
  readonly traffic: { readonly kind: "rate" | "users" | "none"; readonly value: number };
  /** Factor of the plan's first spike; 1: it has none. */
  readonly spike: number;
  readonly hasSpike: boolean;
}

const GIB = 2 ** 30;
const SIZES = [0.25, 0.5, 1, 2, 4, 8, 16, 32, 64].map((size) => size * GIB);
/** A rate to begin with where the plan states none. */
const USUAL_RATE = 10;

export function base(inspection: Inspection): Base {
  const { host, traffic } = inspection.scenario;
  const spike = traffic?.spikes?.[0]?.factor;
  const kind = traffic?.users ? "users" : traffic?.arrival_rate ? "rate" : "none";
  const rate = traffic?.arrival_rate ? readRate(String(traffic.arrival_rate)) : null;
  const memory = host?.memory ? readSize(String(host.memory)) : null;
  return {
    host: memory ?? 4 * GIB,
    hasHost: memory !== null,
    traffic: { kind, value: kind === "users" ? (traffic?.users ?? 1) : (rate ?? USUAL_RATE) },
    spike: spike ?? 1,
    hasSpike: spike !== undefined,
  };
}

/** Sizes of the host's slider: the usual ones, the plan's own and the chosen one. */
export function hostSizes(of: Base, chosen: number): number[] {
  return [...new Set([...SIZES, of.host, chosen])].sort((one, other) => one - other);
}

export function hostOf(plan: Plan, of: Base): number {
  return (plan.edits.target ? readSize(plan.edits.target) : null) ?? of.host;
}

export function withHost(plan: Plan, of: Base, size: number): Plan {
  return withEdits(plan, { target: size === of.host ? undefined : sizeText(size) });
}

export function trafficOf(plan: Plan, of: Base): number | null {
  if (plan.edits.users) return Number(plan.edits.users);
  if (plan.edits.traffic) return readRate(plan.edits.traffic);
  return of.traffic.kind === "none" ? null : of.traffic.value;
}

export function withTraffic(plan: Plan, of: Base, value: number | null): Plan {
  const isOwn = value === null || (of.traffic.kind !== "none" && value === of.traffic.value);
  if (isOwn) return withEdits(plan, { traffic: undefined, users: undefined });
  if (of.traffic.kind === "users")
    return withEdits(plan, { users: String(Math.max(1, Math.round(value))) });
  return withEdits(plan, { traffic: `${value}/s` });
}

/** Steps of the traffic slider on either side of the plan's own load, 20 to a factor of ten. */
export const TRAFFIC_STEPS = { low: -20, high: 40 } as const;

export function trafficAt(of: Base, step: number): number {
  const value = of.traffic.value * 10 ** (step / 20);
  const rounded = Number(value.toPrecision(2));
  if (step === 0) return of.traffic.value;
  return of.traffic.kind === "users" ? Math.max(1, Math.round(rounded)) : rounded;
}

export function trafficStep(of: Base, value: number): number {
  const step = Math.round(20 * Math.log10(value / of.traffic.value));
  return Math.min(TRAFFIC_STEPS.high, Math.max(TRAFFIC_STEPS.low, step));
}

const SPIKE_PATH = "traffic.spikes.0.factor";

export function spikeOf(plan: Plan, of: Base): number {
  const set = inputEdit(plan, SPIKE_PATH);
  if (set !== undefined) return Number(set);
  const added = /^([\d.]+)x@/.exec(plan.edits.spikes[0] ?? "");
  return added?.[1] ? Number(added[1]) : of.spike;
}

/** A spike of a plan that has none begins after a third of a run of `horizon` seconds and lasts a sixth of it; it
 * stays where it is when its factor changes. */
export function withSpike(plan: Plan, of: Base, factor: number, horizon: number): Plan {
  if (of.hasSpike) return withInput(plan, SPIKE_PATH, factor === of.spike ? null : String(factor));
  const part = (share: number) => `${Math.max(1, Math.round(horizon / share))}s`;
  const when = plan.edits.spikes[0]?.split("@")[1] ?? `${part(3)}+${part(6)}`;
  return withEdits(plan, { spikes: factor === 1 ? [] : [`${factor}x@${when}`] });
}

/** When the first of the spikes is, and that there are more; nothing without one. */
export function spikeTime({ traffic }: Inspection["scenario"]): string {
  const spikes = traffic?.spikes ?? [];
  const [first] = spikes;
  if (!first) return "";
  const one = spikes.length > 1 ? `the first of ${spikes.length} ` : "";
  return `, ${one}at ${moment(readTime(first.at) ?? 0)} for ${seconds(readTime(first.for) ?? 0)}`;
}

const EACH_SECOND: Record<string, number> = { m: 1 / 60, min: 1 / 60, h: 1 / 3600, d: 1 / 86400 };

/** A rate as arrivals each second, in the units of the engine (`25/s`, `90/min`, `10/h`, `100/d`); a number alone
 * is each second. Anything else is no rate: a part that is left out would be another load. */
export function readRate(text: string): number | null {
  const found = /^\s*([\d.]+)\s*(?:rps|\/\s*(s|min|m|h|d))?\s*$/.exec(text);
  return positive(Number(found?.[1]) * (EACH_SECOND[found?.[2] ?? "s"] ?? 1));
}

/** What the box for traffic takes: a load of the plan's kind, or `saturated` where it states none; `undefined`:
 * neither. */
export function readLoad(text: string, { traffic: { kind } }: Base): number | null | undefined {
  if (kind === "none" && text.trim() === "saturated") return null;
  const users = /^\s*(\d+)(?:\s*users?)?\s*$/.exec(text)?.[1];
  return (kind === "users" ? positive(Number(users)) : readRate(text)) ?? undefined;
}

/** `3`, `× 3` or `3x`; `none` is 1. */
export function readFactor(text: string): number | null {
  if (text.trim() === "none") return 1;
  const factor = Number(/^\s*[×x]?\s*([\d.]+)\s*[×x]?\s*$/.exec(text)?.[1]);
  return factor >= 0 && factor <= 1000 ? factor : null;
}

function positive(value: number): number | null {
  return Number.isFinite(value) && value > 0 ? value : null;
}

/** `2m`, `1m30s`, `500ms` in seconds. */
export function readTime(text: string): number | null {
  const units: Record<string, number> = {
    us: 1e-6,
    ms: 1e-3,
    s: 1,
    m: 60,
    h: 3600,
    d: 86400,
    w: 604800,
  };
  const parts = [...text.matchAll(/([\d.]+)\s*(us|ms|s|m|h|d|w)/g)];
  if (parts.length === 0) return null;
  return parts.reduce((sum, [, value, unit]) => sum + Number(value) * (units[unit ?? "s"] ?? 1), 0);
}
