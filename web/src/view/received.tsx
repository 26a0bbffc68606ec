// Whether a shared plan gives what its sender saw.
import { received } from "../share/arrive.ts";
import { shown } from "../store.ts";

export function Received() {
  const opened = received.value;
  const now = shown.value;
  if (!opened?.seen || now?.plan !== opened.plan || now.stage !== "final") return null;
  const { engine, digest } = opened.seen;
  const isSame = digest === now.report.digest;
  const others = engine === now.report.engine_version ? "" : `, by engine ${engine}`;
  return (
    <p class="received" role="status" data-testid="received">
      {isSame
        ? "From a link: the same result, to the bit, as its sender saw."
        : `From a link: its sender saw other numbers${others}.`}
    </p>
  );
}
