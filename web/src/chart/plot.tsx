// The frame that all charts over time share: axes, cursor, events.
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { moment } from "../text/format.ts";
import { type Scale, time } from "./scale.ts";
import { useWidth } from "./width.ts";

/** The moment under the pointer, in seconds of the run; all charts show the same. */
export const cursor = signal<number | null>(null);

export const MARGIN = { top: 14, right: 14, bottom: 24, left: 64 } as const;

export interface Inside {
  readonly width: number;
  readonly height: number;
  readonly x: Scale;
}

interface PlotProps {
  readonly label: string;
  readonly horizon: number;
  readonly height: number;
  /** The vertical scale for a height, and how its ticks are written. */
  readonly y: (height: number) => Scale;
  readonly write: (value: number) => string;
  readonly children: (inside: Inside, y: Scale) => ComponentChildren;
  /** What stands at the cursor. */
  readonly readout?: (seconds: number) => ComponentChildren;
  readonly id?: string;
}

export function Plot({
  label,
  horizon,
  height,
  y: makeY,
  write,
  children,
  readout,
  id,
}: PlotProps) {
  const [ref, width] = useWidth<HTMLDivElement>(760);
  const inside = {
    width: Math.max(80, width - MARGIN.left - MARGIN.right),
    height: height - MARGIN.top - MARGIN.bottom,
  };
  const x = time(horizon, inside.width);
  const y = makeY(inside.height);
  const move = (event: PointerEvent) => {
    const box = (event.currentTarget as SVGElement).getBoundingClientRect();
    const at = ((event.clientX - box.left) / box.width) * width - MARGIN.left;
    const ratio = at / inside.width;
    cursor.value = ratio < 0 || ratio > 1 ? null : ratio * horizon;
  };
  const at = cursor.value !== null && cursor.value <= horizon ? cursor.value : null;
  return (
    <div class="plot" ref={ref}>
      <svg
        id={id}
        role="img"
        aria-label={label}
        viewBox={`0 0 ${width} ${height}`}
        onPointerMove={move}
        onPointerLeave={() => {
          cursor.value = null;
        }}
      >
        <g transform={`translate(${MARGIN.left} ${MARGIN.top})`}>
          {y.ticks.map((tick) => (
            <g key={tick}>
              <line class="grid" x2={inside.width} y1={y.at(tick)} y2={y.at(tick)} />
              <text class="tick" x={-10} y={y.at(tick)} dy="0.32em" text-anchor="end">
                {write(tick)}
              </text>
            </g>
          ))}
          {x.ticks.map((tick) => (
            <text
              key={tick}
              class="tick"
              x={x.at(tick)}
              y={inside.height + 18}
              text-anchor="middle"
            >
              {moment(tick)}
            </text>
          ))}
          {children({ ...inside, x }, y)}
          <line class="axis" x2={inside.width} y1={inside.height} y2={inside.height} />
          {at !== null && <line class="cursor" x1={x.at(at)} x2={x.at(at)} y2={inside.height} />}
        </g>
      </svg>
      {at !== null && readout && (
        <div class="readout" aria-hidden="true">
          <b>{moment(at)}</b> {readout(at)}
        </div>
      )}
    </div>
  );
}
