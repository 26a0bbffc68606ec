// The page: verdict, sliders and memory first; everything else behind four tabs.
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { runs, series, shown } from "../store.ts";
import { Controls } from "./controls.tsx";
import { Keys } from "./keys.tsx";
import { ServiceLedger } from "./ledger.tsx";
import { Memory } from "./memory.tsx";
import { OpenFiles } from "./open.tsx";
import { Received } from "./received.tsx";
import { Tabs } from "./tabs.tsx";
import { TroubleCard } from "./trouble.tsx";
import { Objectives, Verdict } from "./verdict.tsx";

/** Whether workers are there: without them the page is a true picture that does not move. */
export const isAlive = signal(false);

export function App() {
  const now = shown.value;
  return (
    <>
      <Masthead />
      <main>
        <TroubleCard />
        <Received />
        <Verdict />
        <h2 class="unseen">What if, and what then</h2>
        <div class="deck">
          <aside class="side">
            <Controls />
            <OpenFiles />
          </aside>
          <div class="stack">
            {now && series.value && (
              <Memory report={now.report} series={series.value} runs={runs.value} />
            )}
            <ServiceLedger />
            <Objectives />
          </div>
        </div>
        <Tabs />
      </main>
      <Foot />
    </>
  );
}

function Masthead(): ComponentChildren {
  return (
    <header class="masthead">
      <a class="brand" href="./">
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <circle cx="16" cy="16" r="10" />
          <path d="M1 16H31" />
        </svg>
        Plimsoll
      </a>
      <p>How much load does your stack carry, and what gives first?</p>
    </header>
  );
}

function Foot() {
  return (
    <footer class="foot">
      <p>
        Simulated in this tab: nothing is uploaded, and no request leaves this page. Same plan and
        seed, same numbers, to the bit, as the command line.
      </p>
      <p class="faint">
        Engine {shown.value?.report.engine_version}. Guesses are marked as guesses.
      </p>
      <Keys />
    </footer>
  );
}
