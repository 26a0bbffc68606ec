// The workers of the page: one for quick looks, one for the sure answer, one for longer questions. All
// run the same compiled module, which is fetched once.
import engineUrl from "../../generated/engine/plimsoll_bg.wasm?url";
import { Slot, type Thread } from "./slot.ts";

export interface Crew {
  readonly quick: Slot;
  readonly sure: Slot;
  readonly long: Slot;
}

export function hire(): Crew {
  const module = compile();
  const start = () =>
    new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }) as unknown as Thread;
  return {
    quick: new Slot(module, start),
    sure: new Slot(module, start),
    long: new Slot(module, start),
  };
}

async function compile(): Promise<WebAssembly.Module> {
  const response = await fetch(engineUrl);
  const isTyped = response.headers.get("content-type")?.startsWith("application/wasm");
  return isTyped
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}
