// Three sliders. Each has a box for exact values beside it.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useState } from "preact/hooks";
import {
  type Base,
  hostOf,
  hostSizes,
  readFactor,
  readLoad,
  spikeOf,
  spikeTime,
  TRAFFIC_STEPS,
  trafficAt,
  trafficOf,
  trafficStep,
  withHost,
  withSpike,
  withTraffic,
} from "../plan/control.ts";
import { edited, inspection, own, plan, propose, reset, shown } from "../store.ts";
import { bytes, digits, readSize, spokenBytes } from "../text/format.ts";
import { LoadMark } from "./loadmark.tsx";

export function Controls() {
  const of = own.value;
  if (!of) return null;
  return (
    <section class="controls" aria-label="What if">
      <HostControl of={of} />
      <TrafficControl of={of} />
      <SpikeControl of={of} />
      {/* Not disabled when it is done: the keyboard's place would be lost. */}
      <button
        type="button"
        class="plain"
        aria-disabled={!edited.value}
        onClick={() => edited.value && reset()}
      >
        Back to the plan as written
      </button>
    </section>
  );
}

interface SliderProps {
  readonly name: string;
  readonly value: string;
  readonly spoken: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly position: number;
  readonly onMove: (position: number) => void;
  /** Reads what was typed; false when it makes no sense. */
  readonly onType: (text: string) => boolean;
  /** What the box takes. */
  readonly form: string;
  readonly isOff?: boolean;
  readonly hint: string;
  readonly children?: ComponentChildren;
}

function Slider(props: SliderProps) {
  const id = useId();
  const { min, max, step, position, onMove } = props;
  const [refused, refuse] = useState<string | null>(null);
  // What the box said is void once it is written anew.
  useEffect(() => refuse(null), [plan.value]);
  const keys = (event: KeyboardEvent) => {
    const ten = event.key === "PageUp" ? 10 : event.key === "PageDown" ? -10 : 0;
    if (ten === 0) return;
    event.preventDefault();
    onMove(Math.min(max, Math.max(min, position + ten * step)));
  };
  const type = (event: Event) => {
    const box = event.currentTarget as HTMLInputElement;
    if (!props.onType(box.value)) refuse(box.value);
  };
  return (
    <div class="slider">
      <label for={id}>{props.name}</label>
      <input
        class="exact"
        type="text"
        autocomplete="off"
        aria-label={`${props.name}, exactly`}
        aria-describedby={`${id}-hint`}
        aria-invalid={refused !== null}
        value={refused ?? props.value}
        disabled={props.isOff}
        onChange={type}
      />
      <div class="track">
        {props.children}
        <input
          id={id}
          type="range"
          autocomplete="off"
          min={min}
          max={max}
          step={step}
          value={position}
          disabled={props.isOff}
          aria-valuetext={props.spoken}
          onInput={(event) => onMove(Number(event.currentTarget.value))}
          onKeyDown={keys}
        />
      </div>
      <p class="hint" id={`${id}-hint`} role={refused === null ? undefined : "alert"}>
        {refused === null ? props.hint : `“${refused}” is not ${props.form}`}
      </p>
    </div>
  );
}

function HostControl({ of }: { readonly of: Base }) {
  const size = hostOf(plan.value, of);
  const sizes = hostSizes(of, size);
  const move = (to: number) => propose(withHost(plan.value, of, to));
  return (
    <Slider
      name="Host memory"
      value={bytes(size)}
      spoken={spokenBytes(size)}
      min={0}
      max={sizes.length - 1}
      step={1}
      position={sizes.indexOf(size)}
      onMove={(position) => move(sizes[position] ?? size)}
      onType={(text) => {
        const typed = readSize(text);
        if (typed !== null) move(typed);
        return typed !== null;
      }}
      form="a size such as 512mb or 2gb"
      hint={
        size !== of.host
          ? `${of.hasHost ? "planned" : "assumed"}: ${bytes(of.host)}`
          : of.hasHost
            ? "as planned"
            : "assumed: the plan states none"
      }
    />
  );
}

function TrafficControl({ of }: { readonly of: Base }) {
  const { kind } = of.traffic;
  const value = trafficOf(plan.value, of);
  const write = (load: number) => (kind === "users" ? `${load} users` : `${digits(load)}/s`);
  const move = (load: number | null) => propose(withTraffic(plan.value, of, load));
  const shown = value === null ? "saturated" : write(value);
  const planned =
    kind === "none"
      ? `the plan states none${value === null ? ": judged idle and saturated" : ""}`
      : `planned: ${write(of.traffic.value)}`;
  return (
    <Slider
      name="Traffic"
      value={shown}
      spoken={kind === "users" ? shown : shown.replace("/s", " requests each second")}
      min={TRAFFIC_STEPS.low}
      max={TRAFFIC_STEPS.high}
      step={1}
      position={value === null ? 0 : trafficStep(of, value)}
      onMove={(step) => move(trafficAt(of, step))}
      onType={(text) => {
        const typed = readLoad(text, of);
        if (typed !== undefined) move(typed);
        return typed !== undefined;
      }}
      form={kind === "users" ? "a number of users" : "a rate such as 25/s, 90/min or 100/d"}
      hint={
        value !== null && value === of.traffic.value && kind !== "none" ? "as planned" : planned
      }
    >
      <LoadMark of={of} />
    </Slider>
  );
}

const MOST_SPIKE = 20;

function SpikeControl({ of }: { readonly of: Base }) {
  const factor = spikeOf(plan.value, of);
  const now = shown.value?.report;
  // Runs at saturation have a length of their own.
  const isOff = trafficOf(plan.value, of) === null || now?.load !== "stated";
  const when = factor === 1 || !inspection.value ? "" : spikeTime(inspection.value.scenario);
  const write = (times: number) => (times === 1 ? "none" : `× ${digits(times)}`);
  const move = (times: number) =>
    propose(withSpike(plan.value, of, times, now?.horizon_seconds ?? 0));
  return (
    <Slider
      name="Spike"
      value={write(factor)}
      spoken={factor === 1 ? "none" : `${digits(factor)} times the traffic`}
      min={1}
      max={MOST_SPIKE}
      step={0.5}
      position={Math.min(MOST_SPIKE, factor)}
      onMove={move}
      onType={(text) => {
        const typed = readFactor(text);
        if (typed !== null) move(typed);
        return typed !== null;
      }}
      form="a factor up to 1000 such as 3"
      isOff={isOff}
      hint={
        isOff
          ? "a saturated stack has no spikes"
          : `${factor === of.spike ? "as planned" : `planned: ${write(of.spike)}`}${when}`
      }
    />
  );
}
