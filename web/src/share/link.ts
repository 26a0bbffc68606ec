// A plan as a link: what differs from the defaults, in the part of an address that no server ever sees.
// A plan of the catalogue is its name; files are what was understood of them, as a scenario: that holds no
// value of an environment, and no text that the engine did not need.
import { type Edits, NO_EDITS, type Plan, readyPlan, SEED } from "../plan/plan.ts";
import { BrokenLink, pack, unpack } from "./pack.ts";

/** What the sender saw, so that the receiver can tell whether it is the same. */
export interface Seen {
  readonly engine: string;
  readonly digest: string;
}

interface Content {
  readonly ready?: string;
  readonly scenario?: unknown;
  readonly edits?: Partial<Edits>;
  readonly seed?: string;
  readonly seen?: Seen;
}

/** Version of the content. A newer page reads older links: a step for each version, none ever removed. */
const VERSION = "p1";
/** Name of the file that a link brings. */
export const SHARED_FILE = "shared.yaml";

/** The fragment for a plan, without `#`. `scenario`: the plan as understood, before its edits. */
export async function write(plan: Plan, scenario: unknown, seen: Seen | null): Promise<string> {
  const edits = bare(plan.edits) as Partial<Edits>;
  const content: Content = {
    ...(plan.ready === null ? { scenario: bare(scenario) } : { ready: plan.ready }),
    ...(Object.keys(edits).length > 0 && { edits }),
    ...(plan.seed !== SEED && { seed: plan.seed }),
    ...(seen && { seen }),
  };
  return `${VERSION}.${await pack(JSON.stringify(content))}`;
}

/** Without what says nothing: null, empty text and empty lists. An empty object may be a service. */
export function bare(value: unknown): unknown {
  if (value === null || value === "") return undefined;
  if (typeof value !== "object") return value;
  if (Array.isArray(value)) return value.length > 0 ? value : undefined;
  const kept = Object.entries(value)
    .map(([key, one]) => [key, bare(one)] as const)
    .filter(([, one]) => one !== undefined);
  return Object.fromEntries(kept);
}

export function isLink(fragment: string): boolean {
  return /^p\d+\./.test(fragment);
}

export interface Opened {
  readonly plan: Plan;
  readonly seen: Seen | null;
}

/** Reads a fragment; `text` gives the file of a plan of the catalogue. Throws [`BrokenLink`]. */
export async function open(
  fragment: string,
  text: (ready: string) => Promise<string | undefined>,
): Promise<Opened> {
  const [version, characters = ""] = fragment.split(".", 2);
  if (version !== VERSION) throw new BrokenLink("it was made by a newer version of this page");
  const content = contentOf(await unpack(characters));
  return { plan: await planOf(content, text), seen: content.seen ?? null };
}

async function planOf(
  content: Content,
  text: (ready: string) => Promise<string | undefined>,
): Promise<Plan> {
  const changes = { edits: { ...NO_EDITS, ...content.edits }, seed: content.seed ?? SEED };
  if (content.ready !== undefined) {
    const file = await text(content.ready);
    if (file === undefined) throw new BrokenLink(`there is no ready stack “${content.ready}” here`);
    return { ...readyPlan(content.ready, file), ...changes };
  }
  const files = [{ name: SHARED_FILE, text: JSON.stringify(content.scenario, null, 2) }];
  return { ready: null, files, environment: {}, ...changes };
}

function contentOf(text: string): Content {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new BrokenLink("what it holds is no plan");
  }
  if (!isContent(content)) throw new BrokenLink("what it holds is no plan");
  return content;
}

type Fields = Readonly<Record<string, unknown>>;

function isContent(value: unknown): value is Content {
  if (!isFields(value)) return false;
  const { ready, scenario, edits, seed, seen } = value;
  const isOne = isText(ready) ? scenario === undefined : ready === undefined && isFields(scenario);
  const isSeen =
    seen === undefined || (isFields(seen) && isText(seen.engine) && isText(seen.digest));
  return isOne && isMaybe(edits, isEdits) && isMaybe(seed, isText) && isSeen;
}

function isEdits(value: unknown): value is Partial<Edits> {
  if (!isFields(value)) return false;
  const { target, traffic, users, horizon, spikes, objectives, set, ...others } = value;
  const areTexts = [target, traffic, users, horizon].every((one) => isMaybe(one, isText));
  const areLists = [spikes, objectives].every((one) => isMaybe(one, isTexts));
  const isSet =
    set === undefined ||
    (Array.isArray(set) && set.every((one) => isTexts(one) && one.length === 2));
  return areTexts && areLists && isSet && Object.keys(others).length === 0;
}

function isMaybe(value: unknown, is: (value: unknown) => boolean): boolean {
  return value === undefined || is(value);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText);
}
