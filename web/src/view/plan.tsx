// What happens over the run: latency, each service against its limit, events, queues, causes, topology.
import { inspection, isStale, runs, series, shown } from "../store.ts";
import { Causes } from "./causes.tsx";
import { EventRail } from "./events.tsx";
import { Latency } from "./latency.tsx";
import { Pools } from "./pools.tsx";
import { ServiceTiles } from "./services.tsx";
import { Topology } from "./topology.tsx";

export function PlanTab() {
  const now = shown.value;
  const seen = series.value;
  if (!now || !seen) return null;
  return (
    <div class={`panel ${isStale.value ? "is-stale" : ""}`}>
      <EventRail report={now.report} series={seen} scenario={inspection.value?.scenario} />
      <Latency report={now.report} series={seen} runs={runs.value} />
      <ServiceTiles report={now.report} series={seen} runs={runs.value} />
      <Causes report={now.report} />
      {inspection.value && <Topology report={now.report} inspection={inspection.value} />}
      <Pools report={now.report} series={seen} limits={inspection.value} />
    </div>
  );
}
