// The shapes of the engine's answers, generated from the schemas of the core crate.
export type { DiffAnswer } from "../../generated/types/diff.ts";
export type { FitAnswer } from "../../generated/types/fit.ts";
export type { InspectedInput, Inspection, Scenario } from "../../generated/types/inspection.ts";
export type { LoadLineAnswer } from "../../generated/types/load_line.ts";
export type {
  AlertReport,
  Assumption,
  EndpointReport,
  EndpointSeries,
  Finding,
  Happening,
  ObjectiveReport,
  PoolReport,
  Report,
  Series,
  ServiceReport,
  ServiceSeries,
} from "../../generated/types/report.ts";

import type { Series } from "../../generated/types/report.ts";

/** One replication over time. */
export interface RunSeries {
  readonly replication: number;
  readonly finished: boolean;
  readonly series: Series;
}
