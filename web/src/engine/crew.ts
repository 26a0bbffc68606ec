// The workers of the page. Quick looks have a small engine, there from the start. Sure answers and the longer
// questions have the whole one, loaded when the first of them is asked. Each is compiled once.
import firstUrl from "../../generated/engine/first/plimsoll_bg.wasm?url";
import wholeUrl from "../../generated/engine/web/plimsoll_bg.wasm?url";
import { Pair } from "./pair.ts";
import type { LongQuestion, Question } from "./question.ts";
import { Slot, type Thread } from "./slot.ts";
import { Team } from "./team.ts";

/** More would wait for each other's parts more than they help. */
const MOST_HANDS = 8;

export interface Crew {
  /** Quick looks while something moves. */
  readonly quick: Pair;
  /** The sure answer: a judge, and a worker for each core. */
  readonly team: Team;
  /** Files that are read, and texts that are checked while somebody types. */
  readonly reader: Pair;
  /** Load line, fit, diff. */
  readonly long: Slot<LongQuestion>;
}

export function hire(): Crew {
  const first = compiled(firstUrl);
  const whole = compiled(wholeUrl);
  const long = () => new Slot<LongQuestion>(whole, startLong);
  const pair = () => new Pair(new Slot<Question>(first, startFirst), long());
  // The engine is wanted as soon as a slider moves; by then it should be there.
  void first();
  return {
    quick: pair(),
    team: new Team(long(), Array.from({ length: cores() }, long)),
    reader: pair(),
    long: long(),
  };
}

/** Workers that make runs: as many as there are cores, within reason. */
function cores(): number {
  return Math.min(MOST_HANDS, Math.max(1, navigator.hardwareConcurrency || 1));
}

function startFirst(): Thread<Question> {
  return new Worker(new URL("./worker.ts", import.meta.url), {
    type: "module",
  }) as unknown as Thread<Question>;
}

function startLong(): Thread<LongQuestion> {
  // Vite finds a worker only where its address stands inside the call.
  return new Worker(new URL("./long-worker.ts", import.meta.url), {
    type: "module",
  }) as unknown as Thread<LongQuestion>;
}

/** Fetches and compiles once, on the first call; a fetch that failed is tried again. */
function compiled(url: string): () => Promise<WebAssembly.Module> {
  let module: Promise<WebAssembly.Module> | undefined;
  return () => {
    module ??= compile(url).catch((error) => {
      module = undefined;
      throw error;
    });
    return module;
  };
}

async function compile(url: string): Promise<WebAssembly.Module> {
  const response = await fetch(url);
  const isTyped = response.headers.get("content-type")?.startsWith("application/wasm");
  return isTyped
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}
