// Every input with value and origin, guesses first; what was not understood; the files themselves.
import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { Path } from "../chart/card.tsx";
import type { Assumption, InspectedInput } from "../engine/answers.ts";
import { inputEdit, withInput } from "../plan/plan.ts";
import { inspection, plan, propose, shown, understand } from "../store.ts";
import { percent } from "../text/format.ts";
import { EditorCard } from "./editor.tsx";
import { Complaint } from "./trouble.tsx";

const ORIGINS = ["guess", "profile", "image_default", "measured", "declared"] as const;
const WORDS = {
  guess: "guess",
  profile: "documented",
  image_default: "image default",
  measured: "measured",
  declared: "declared",
} as const;

const search = signal("");
const kind = signal<(typeof ORIGINS)[number] | "all">("all");
/** Rows drawn at once; the rest on demand. */
const FIRST_ROWS = 40;

export function InputsTab() {
  const understood = inspection.value;
  const isRead = understood?.inputs.every((one) => one.source !== "") === true;
  useEffect(() => {
    if (understood && (!isRead || understood.inputs.length === 0)) void understand(true);
  }, [understood]);
  if (!understood || understood.inputs.length === 0) return null;
  return (
    <div class="panel">
      <Notes />
      <Understanding inputs={understood.inputs} />
      <EditorCard />
    </div>
  );
}

function Notes() {
  const notes = inspection.value?.notes ?? [];
  if (notes.length === 0) return null;
  return (
    <section class="card wide" aria-labelledby="notes-title" data-testid="notes">
      <h3 id="notes-title">Not understood, or assumed on the way</h3>
      <ul>
        {notes.map((one) => (
          <Complaint key={`${one.code}${one.path}${one.message}`} one={one} />
        ))}
      </ul>
    </section>
  );
}

interface Row {
  readonly input: InspectedInput;
  readonly known: Assumption | undefined;
}

/** What decides first, then what moves most, then guesses before what is known better. */
function sorted(inputs: readonly InspectedInput[]): Row[] {
  const known = new Map(shown.value?.report.assumptions.map((one) => [one.path, one]));
  const weigh = ({ input, known: of }: Row) =>
    (of?.decides ? 100 : 0) + (of?.influence ?? 0) * 10 + (4 - ORIGINS.indexOf(input.origin));
  return inputs
    .map((input) => ({ input, known: known.get(input.path) }))
    .sort((one, other) => weigh(other) - weigh(one));
}

function Understanding({ inputs }: { readonly inputs: readonly InspectedInput[] }) {
  const [isLong, setLong] = useState(false);
  const rows = sorted(inputs).filter(
    ({ input }) =>
      (kind.value === "all" || input.origin === kind.value) &&
      input.path.toLowerCase().includes(search.value.toLowerCase()),
  );
  const guesses = inputs.filter((one) => one.origin === "guess").length;
  const deciding = shown.value?.report.screening?.deciding ?? 0;
  const decide =
    deciding > 0
      ? `; ${deciding} of them decide the verdict alone`
      : "; none decides the verdict alone";
  const list = isLong ? rows : rows.slice(0, FIRST_ROWS);
  return (
    <section class="card wide" aria-labelledby="inputs-title">
      <header>
        <h3 id="inputs-title">Every input, and where it came from</h3>
        <p class="sentence">
          {guesses} of {inputs.length} inputs are guesses
          {shown.value?.report.screening ? decide : ""}. Change a value and everything is simulated
          anew.
        </p>
      </header>
      <div class="row filter">
        <input
          id="search"
          type="text"
          placeholder="Search, such as redis or memory"
          aria-label="Search inputs"
          value={search.value}
          onInput={(event) => {
            search.value = event.currentTarget.value;
          }}
        />
        <select
          aria-label="Origin"
          value={kind.value}
          onChange={(event) => {
            kind.value = event.currentTarget.value as typeof kind.value;
          }}
        >
          <option value="all">every origin</option>
          {ORIGINS.map((one) => (
            <option key={one} value={one}>
              {WORDS[one]}
            </option>
          ))}
        </select>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="scroll tall" aria-label="Inputs" tabIndex={0}>
        <table class="inputs">
          <thead>
            <tr>
              <th scope="col">input</th>
              <th scope="col">value</th>
              <th scope="col">origin</th>
              <th scope="col">plausible</th>
              <th scope="col">moves</th>
              <th scope="col">from</th>
            </tr>
          </thead>
          <tbody>
            {list.map((row) => (
              <InputRow key={row.input.path} {...row} />
            ))}
          </tbody>
        </table>
      </section>
      {rows.length > list.length && (
        <button type="button" class="plain" onClick={() => setLong(true)}>
          Show all {rows.length}
        </button>
      )}
    </section>
  );
}

function InputRow({ input, known }: Row) {
  const edit = inputEdit(plan.value, input.path);
  const change = (event: Event) => {
    const text = (event.currentTarget as HTMLInputElement).value.trim();
    const isSame = text === "" || text === input.value;
    if (!isSame) propose(withInput(plan.value, input.path, text));
  };
  const place = input.location;
  return (
    <tr class={edit === undefined ? "" : "is-edited"}>
      <th scope="row">
        <code>
          <Path of={input.path} />
        </code>
      </th>
      <td>
        <input type="text" aria-label={input.path} value={edit ?? input.value} onChange={change} />
        {edit !== undefined && (
          <button
            type="button"
            class="quiet"
            aria-label={`Take back ${input.path}`}
            onClick={() => propose(withInput(plan.value, input.path, null))}
          >
            undo
          </button>
        )}
      </td>
      <td>
        <span class={`origin is-${input.origin}`}>{WORDS[input.origin]}</span>
      </td>
      <td class="number">{input.range ? `${input.range[0]} to ${input.range[1]}` : ""}</td>
      <td class="number">
        {known?.decides ? <b>decides</b> : known?.influence ? percent(known.influence) : ""}
      </td>
      <td>
        <small>{place ? `${place.file}:${place.line}` : input.source}</small>
      </td>
    </tr>
  );
}
