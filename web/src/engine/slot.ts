// A place for one worker: asks, and gets a new worker when the old one crashed or is told to stop.
import type { Answer, Begin, Numbered, Told } from "./question.ts";

/** How far a question is that is under way. */
export interface Telling {
  readonly told: Told;
}

/** What a slot needs of a worker. */
export interface Thread<Q> {
  onmessage: ((event: MessageEvent<Numbered<Answer> | Telling>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  postMessage(message: Begin | Numbered<Q>): void;
  terminate(): void;
}

/** Thrown to whoever waits for an answer that nobody wants any more. */
export class Superseded extends Error {}

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: Superseded) => void;
}

export class Slot<Q> {
  #thread: Thread<Q> | undefined;
  #next = 0;
  #waiting = new Map<number, Waiting>();
  /** How often a worker had to be replaced since it crashed. */
  crashes = 0;
  /** Hears how far a longer question is. */
  onTold: (told: Told) => void = () => {};

  constructor(
    private readonly module: () => Promise<WebAssembly.Module>,
    private readonly start: () => Thread<Q>,
  ) {}

  get isBusy(): boolean {
    return this.#waiting.size > 0;
  }

  /** Asks; a crash of the engine is an answer too, and the next question finds a new worker. */
  async ask(question: Q): Promise<Answer> {
    let module: WebAssembly.Module;
    try {
      module = await this.module();
    } catch (error) {
      return { kind: "crash", message: `the engine could not be loaded: ${String(error)}` };
    }
    const id = this.#next++;
    const thread = this.#alive(module);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      thread.postMessage({ id, body: question });
    });
  }

  /** Stops what is under way: whoever waits for it gets [`Superseded`]. */
  stop(): void {
    if (!this.isBusy) return;
    this.#drop();
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const one of waiting) one.reject(new Superseded());
  }

  #alive(module: WebAssembly.Module): Thread<Q> {
    if (this.#thread) return this.#thread;
    const thread = this.start();
    thread.onmessage = ({ data }) =>
      "told" in data ? this.onTold(data.told) : this.#settle(data.id, data.body);
    thread.onerror = (event) => this.#crash(event.message || "the worker stopped");
    thread.postMessage({ module });
    this.#thread = thread;
    return thread;
  }

  #settle(id: number, answer: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (answer.kind === "crash") this.#crash(answer.message);
    waiting?.resolve(answer);
  }

  /** After a panic the engine's memory is not to be trusted: the worker goes. */
  #crash(message: string): void {
    this.crashes += 1;
    this.#drop();
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const one of waiting) one.resolve({ kind: "crash", message });
  }

  #drop(): void {
    this.#thread?.terminate();
    this.#thread = undefined;
  }
}
