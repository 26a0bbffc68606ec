// A worker's side: one engine, one question after another.
import type { Answer, Begin, Diagnostic, Numbered } from "./question.ts";

type Loader = (options: { module_or_path: WebAssembly.Module }) => Promise<unknown>;

/** Answers questions with `ask` once the engine is there. */
export function serve<Q>(load: Loader, ask: (question: Q) => string | BigUint64Array): void {
  const scope = self as unknown as DedicatedWorkerGlobalScope;
  let ready: Promise<unknown> | undefined;
  scope.onmessage = async (event: MessageEvent<Begin | Numbered<Q>>) => {
    const message = event.data;
    if ("module" in message) {
      ready = load({ module_or_path: message.module });
      return;
    }
    const body = await answer(ready, () => ask(message.body));
    const reply: Numbered<Answer> = { id: message.id, body };
    const words = reply.body.kind === "answer" ? reply.body.words : undefined;
    // Rows of words change hands, they are not copied.
    scope.postMessage(reply, words ? [words.buffer] : []);
  };
}

/** What an engine says once it is there. One that cannot start is a crash, which the page would wait for in vain. */
async function answer(
  ready: Promise<unknown> | undefined,
  ask: () => string | BigUint64Array,
): Promise<Answer> {
  try {
    await ready;
    const start = performance.now();
    const said = ask();
    const milliseconds = performance.now() - start;
    if (typeof said === "string") return { kind: "answer", json: said, milliseconds };
    return { kind: "answer", json: "null", words: said, milliseconds };
  } catch (error) {
    if (Array.isArray(error)) return { kind: "wrong", diagnostics: error as Diagnostic[] };
    return { kind: "crash", message: String(error) };
  }
}
