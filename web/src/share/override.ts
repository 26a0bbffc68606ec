// The changed limits as a Compose override.
import type { Edits } from "../plan/plan.ts";
import { readSize } from "../text/format.ts";
import { yaml } from "./yaml.ts";

/** `null` when no limit was changed. */
export function override({ set }: Edits): string | null {
  const services: Record<string, Record<string, unknown>> = {};
  for (const [path, value] of set) {
    const found = /^services\.(.+)\.(memory|cpus|replicas)$/.exec(path);
    const [, name, key] = found ?? [];
    const entry = key && limit(key, value);
    if (!name || !entry) continue;
    services[name] = { ...services[name], ...entry };
  }
  if (Object.keys(services).length === 0) return null;
  return `# The limits that were changed in the planner.\n${yaml({ services })}`;
}

function limit(key: string, value: string): Record<string, unknown> | null {
  if (key === "memory") {
    const size = readSize(value);
    return size === null ? null : { mem_limit: `${Math.ceil(size / 2 ** 20)}m` };
  }
  const number = Number(value);
  if (!Number.isFinite(number) || value.trim() === "") return null;
  return key === "cpus" ? { cpus: number } : { deploy: { replicas: number } };
}
