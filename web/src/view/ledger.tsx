// What the memory of one service is made of.
import { DataTable } from "../chart/card.tsx";
import { shown } from "../store.ts";
import { bytes, percent } from "../text/format.ts";
import { opened } from "./memory.tsx";

export function ServiceLedger() {
  const report = shown.value?.report;
  const service = report?.services.find((one) => one.name === opened.value);
  if (!report || !service) return null;
  const sum = service.ledger.reduce((all, part) => all + part.bytes, 0);
  return (
    <section class="card" id="ledger" aria-labelledby="ledger-title">
      <header>
        <h3 id="ledger-title">What {service.name} is made of</h3>
        <div class="tools">
          <button
            type="button"
            class="quiet"
            onClick={() => {
              opened.value = null;
            }}
          >
            Close
          </button>
        </div>
        <p class="sentence">
          At its peak {service.replicas > 1 ? "its fullest container" : "it"} holds{" "}
          {bytes(service.peak_bytes.p95)}
          {service.limit_bytes
            ? ` of its limit of ${bytes(service.limit_bytes)}`
            : ", without a limit of its own"}
          .
        </p>
      </header>
      <DataTable
        label={`Ledger of ${service.name}`}
        head={["part", "memory", "share"]}
        rows={service.ledger.map((part) => [
          part.part,
          bytes(part.bytes),
          sum > 0 ? percent(part.bytes / sum) : "–",
        ])}
      />
    </section>
  );
}
