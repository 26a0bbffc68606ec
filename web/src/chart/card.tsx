// A chart with its heading, one sentence that says the same, and the same as a table.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { saveImage, saveVector } from "../share/image.ts";

export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Whether the last column is made of words. */
  readonly isWordy?: boolean;
}

interface CardProps {
  readonly id: string;
  readonly title: string;
  readonly sentence: string;
  readonly table: () => Table;
  readonly children: ComponentChildren;
  readonly aside?: ComponentChildren;
  /** Whether the chart is one SVG that can be saved. */
  readonly isPicture?: boolean;
  readonly class?: string;
}

export function Card(props: CardProps) {
  const { id, title, sentence, table, children, aside, isPicture = true } = props;
  const [isTable, setTable] = useState(false);
  return (
    <section class={`card ${props.class ?? ""}`} aria-labelledby={`${id}-title`}>
      <header>
        <h3 id={`${id}-title`}>{title}</h3>
        <div class="tools">
          <button
            type="button"
            class="quiet"
            aria-pressed={isTable}
            onClick={() => setTable(!isTable)}
          >
            Table
          </button>
          {isPicture && (
            <>
              <button
                type="button"
                class="quiet"
                aria-label={`Save ${title} as SVG`}
                onClick={() => saveVector(id)}
              >
                SVG
              </button>
              <button
                type="button"
                class="quiet"
                aria-label={`Save ${title} as PNG`}
                onClick={() => void saveImage(id)}
              >
                PNG
              </button>
            </>
          )}
        </div>
        <p class="sentence">{sentence}</p>
      </header>
      {isTable ? <DataTable {...table()} label={title} /> : children}
      {aside}
    </section>
  );
}

/** A path of names, which may break after its dots. */
export function Path({ of }: { readonly of: string }) {
  const parts = of.split(/(?<=[a-z]\.)(?=[a-z])/);
  return parts.map((part, at) => (at > 0 ? [<wbr key={part} />, part] : part));
}

export function DataTable(props: Table & { readonly label: string }) {
  const { head, rows, isWordy, label } = props;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="scroll" aria-label={`${label}, as a table`} tabIndex={0}>
      <table class={isWordy ? "wordy" : ""}>
        <thead>
          <tr>
            {head.map((text) => (
              <th key={text} scope="col">
                {text}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.join("|")}>
              {row.map((text, column) =>
                column === 0 ? (
                  <th key={head[column]} scope="row">
                    <Path of={text} />
                  </th>
                ) : (
                  <td key={head[column]}>{text}</td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
