// The workers of the page. Those that simulate live share one small engine, compiled once; the longer
// questions have a worker and an engine of their own, loaded when the first of them is asked.
import firstUrl from "../../generated/engine/first/plimsoll_bg.wasm?url";
import wholeUrl from "../../generated/engine/web/plimsoll_bg.wasm?url";
import type { LongQuestion, Question } from "./question.ts";
import { Slot, type Thread } from "./slot.ts";

export interface Crew {
  /** Quick looks while something moves. */
  readonly quick: Slot<Question>;
  /** The sure answer. */
  readonly sure: Slot<Question>;
  /** Files that are read, and texts that are checked while somebody types. */
  readonly reader: Slot<Question>;
  /** Load line, fit, diff. */
  readonly long: Slot<LongQuestion>;
}

export function hire(): Crew {
  const first = compiled(firstUrl);
  const slot = () => new Slot<Question>(first, startFirst);
  // The engine is wanted as soon as a slider moves; by then it should be there.
  void first();
  return {
    quick: slot(),
    sure: slot(),
    reader: slot(),
    long: new Slot(compiled(wholeUrl), startLong),
  };
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
