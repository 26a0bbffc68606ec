// The keys of the page, shown by the question mark.
import { useEffect, useRef } from "preact/hooks";

const KEYS = [
  ["← →", "one step of a slider, or the next tab"],
  ["PageUp PageDown", "ten steps of a slider"],
  ["Home End", "the ends of a slider, the first and last tab"],
  ["Tab", "from one control to the next"],
  ["?", "this list"],
  ["Esc", "close it"],
] as const;

export function Keys() {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const ask = (event: KeyboardEvent) => {
      if (event.key !== "?" || event.ctrlKey || event.metaKey || isTyping(event.target)) return;
      event.preventDefault();
      ref.current?.showModal();
    };
    addEventListener("keydown", ask);
    return () => removeEventListener("keydown", ask);
  }, []);
  return (
    <>
      <button type="button" class="quiet" onClick={() => ref.current?.showModal()}>
        Keys (?)
      </button>
      <dialog class="keys" ref={ref} aria-labelledby="keys-title">
        <h2 id="keys-title">Keys</h2>
        <dl>
          {KEYS.map(([key, what]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
        <button type="button" onClick={() => ref.current?.close()}>
          Close
        </button>
      </dialog>
    </>
  );
}

/** Where a question mark is text. */
function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  const isBox = target instanceof HTMLInputElement && target.type !== "range";
  return isBox || target instanceof HTMLTextAreaElement || target.isContentEditable;
}
