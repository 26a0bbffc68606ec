// A text to take away: read, selected, or copied with one button.
import { useEffect, useState } from "preact/hooks";
import type { Plan } from "../plan/plan.ts";

interface CommandProps {
  readonly of: Plan;
  readonly text: string;
}

/** A command about a plan, and where its variables come from. */
export function Command({ of, text }: CommandProps) {
  return (
    <>
      <Copied label="Command" text={text} isReady />
      {Object.keys(of.environment).length > 0 && (
        <p class="hint">Variables come from the file .env beside the first file, as here.</p>
      )}
    </>
  );
}

interface CopiedProps {
  readonly label: string;
  readonly text: string;
  readonly isReady: boolean;
}

/** A text that can be read, selected, and copied with one button. */
export function Copied({ label, text, isReady }: CopiedProps) {
  const [said, say] = useState("");
  const copy = async () => {
    const isCopied = await navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
    say(isCopied ? "Copied." : "This browser does not let a page copy: select the text instead.");
  };
  useEffect(() => say(""), [text]);
  return (
    <div class="copied">
      <input
        type="text"
        readOnly
        aria-label={label}
        value={isReady ? text : "made when the numbers are final"}
        onFocus={(event) => event.currentTarget.select()}
      />
      <button type="button" class="plain" disabled={!isReady} onClick={() => void copy()}>
        Copy {label.toLowerCase()}
      </button>
      <span class="hint" role="status">
        {said}
      </span>
    </div>
  );
}
