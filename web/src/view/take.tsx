// Share and take away: everything here is made in this tab, of what is shown.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { asked, mayBeManifests, NO_EDITS, type Plan } from "../plan/plan.ts";
import { command } from "../share/command.ts";
import { bare, write } from "../share/link.ts";
import { override } from "../share/override.ts";
import { saveText } from "../share/save.ts";
import { csv } from "../share/table.ts";
import { yaml } from "../share/yaml.ts";
import { inspection, isStale, plan, series, shown, workers } from "../store.ts";
import { Command, Copied } from "./copied.tsx";

export function TakeTab() {
  return (
    <div class="panel">
      <LinkCard />
      <CommandCard />
      <FilesCard />
    </div>
  );
}

function LinkCard() {
  const link = useLink();
  return (
    <TakeCard
      id="link"
      title="A link to this plan"
      sentence="The plan is in the part of the address that no server sees. Files travel as what was understood of them: no value of an environment, no comment."
    >
      <Copied label="Link" text={link ?? ""} isReady={link !== null} />
      {link !== null && <p class="hint">{link.length.toLocaleString("en")} characters</p>}
    </TakeCard>
  );
}

/** The link to the plan that is shown; `null` while it is made. */
function useLink(): string | null {
  const [link, setLink] = useState<string | null>(null);
  const now = shown.value;
  const isReady = now !== null && now.stage === "final" && !isStale.value;
  useEffect(() => {
    let isOld = false;
    setLink(null);
    if (!now || !isReady) return;
    const { engine_version: engine, digest } = now.report;
    void understood(now.plan)
      .then((scenario) => write(now.plan, scenario, { engine, digest }))
      .then((fragment) => !isOld && setLink(`${location.href.split("#")[0]}#${fragment}`));
    return () => {
      isOld = true;
    };
  }, [now, isReady]);
  return link;
}

/** What was understood of the files, before any edit; a plan of the catalogue needs only its name. */
async function understood(of: Plan): Promise<unknown> {
  if (of.ready !== null) return null;
  const answer = await workers()?.reader.ask({
    verb: "inspect",
    ...asked({ ...of, edits: NO_EDITS }),
  });
  return answer?.kind === "answer" ? JSON.parse(answer.json).scenario : null;
}

function CommandCard() {
  return (
    <TakeCard
      id="command"
      title="The same numbers in a terminal"
      sentence="The command line prints this very report, to the bit; in a pipeline it fails a pull request that does not fit."
    >
      <Command of={plan.value} text={command(plan.value)} />
    </TakeCard>
  );
}

function FilesCard() {
  const now = shown.value;
  const isOff = now === null || now.stage !== "final" || isStale.value;
  const limits = override(plan.value.edits);
  const name = (now?.report.scenario || "plan").replaceAll(/[^\w.-]+/g, "-");
  return (
    <TakeCard
      id="take-files"
      title="Files"
      sentence="Charts have their own buttons for SVG and PNG."
      class="wide"
    >
      <ul class="files">
        <TakeFile
          what="Report (JSON)"
          why="every number, as the command line writes it"
          isOff={isOff}
          onTake={() => now && saveText(now.json, `${name}.report.json`, "application/json")}
        />
        <TakeFile
          what="Scenario (YAML)"
          why="the plan as understood, with your changes"
          isOff={isOff || !inspection.value}
          onTake={() => saveText(yaml(bare(inspection.value?.scenario)), `${name}.scenario.yaml`)}
        />
        {!plan.value.files.some((file) => mayBeManifests(file.text)) && (
          <TakeFile
            what="Compose override"
            why={limits ? "the limits that you changed" : "no limit is changed yet"}
            isOff={limits === null}
            onTake={() => limits && saveText(limits, "compose.override.yaml")}
          />
        )}
        <TakeFile
          what="One run (CSV)"
          why="memory, requests and latency by window"
          isOff={!series.value}
          onTake={() => series.value && saveText(csv(series.value), `${name}.csv`, "text/csv")}
        />
      </ul>
    </TakeCard>
  );
}

interface TakeFileProps {
  readonly what: string;
  readonly why: string;
  readonly isOff: boolean;
  readonly onTake: () => void;
}

function TakeFile({ what, why, isOff, onTake }: TakeFileProps) {
  return (
    <li>
      <button type="button" disabled={isOff} onClick={onTake}>
        {what}
      </button>
      <span class="hint">{why}</span>
    </li>
  );
}

interface TakeCardProps {
  readonly id: string;
  readonly title: string;
  readonly sentence: string;
  readonly children: ComponentChildren;
  readonly class?: string;
}

function TakeCard({ id, title, sentence, children, class: more = "" }: TakeCardProps) {
  return (
    <section class={`card ${more}`} aria-labelledby={`${id}-title`}>
      <header>
        <h3 id={`${id}-title`}>{title}</h3>
        <p class="sentence">{sentence}</p>
      </header>
      {children}
    </section>
  );
}
