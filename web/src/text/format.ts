// Numbers as people read them. Units as in the reports of the command line: MiB and GiB, ms and s.

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** Three significant digits, without an exponent and without trailing zeros. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size === 0) return "0";
  const places = Math.max(0, 2 - Math.floor(Math.log10(size)));
  const text = value.toFixed(Math.min(places, 6));
  return (text.includes(".") ? text.replace(/\.?0+$/, "") : text).replace("-", "−");
}

export function bytes(value: number): string {
  let power = 0;
  let size = value;
  while (Math.abs(size) >= 1024 && power < UNITS.length - 1) {
    size /= 1024;
    power += 1;
  }
  return `${digits(size)} ${UNITS[power]}`;
}

export function seconds(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0 s";
  if (size < 1e-3) return `${digits(value * 1e6)} µs`;
  if (size < 1) return `${digits(value * 1e3)} ms`;
  if (size < 120) return `${digits(value)} s`;
  if (size < 7200) return `${digits(value / 60)} min`;
  return `${digits(value / 3600)} h`;
}

/** The same as the engine's sentences have it, which stand beside ours: minutes from one on, as `1.89 min`. */
export function elapsed(value: number): string {
  if (value < 60) return seconds(value);
  return value < 3600 ? `${digits(value / 60)} min` : `${digits(value / 3600)} h`;
}

/** A moment of a run, as `1:05`. */
export function moment(value: number): string {
  const whole = Math.round(value);
  const [hours, minutes, rest] = [
    Math.floor(whole / 3600),
    Math.floor(whole / 60) % 60,
    whole % 60,
  ];
  const two = (number: number) => String(number).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

export function percent(ratio: number): string {
  return `${digits(ratio * 100)} %`;
}

export function count(value: number): string {
  return value.toLocaleString("en");
}

/** A measured value in the unit that the report names. */
export function measured(value: number | null, unit: string): string {
  if (value === null) return "–";
  switch (unit) {
    case "bytes":
      return bytes(value);
    case "seconds":
      return seconds(value);
    case "ratio":
      return percent(value);
    case "per_second":
      return `${digits(value)}/s`;
    default:
      return digits(value);
  }
}

/** How far two measured values are apart; shares in points, since percents of a percent would mislead. */
export function apart(value: number | null, unit: string): string {
  return unit === "ratio" && value !== null ? `${digits(value * 100)} pt` : measured(value, unit);
}

/** For people who listen: `768 mebibytes`. */
export function spokenBytes(value: number): string {
  const names = {
    B: "bytes",
    KiB: "kibibytes",
    MiB: "mebibytes",
    GiB: "gibibytes",
    TiB: "tebibytes",
  };
  const [size, unit] = bytes(value).split(" ");
  return `${size} ${names[unit as keyof typeof names]}`;
}

/** A memory size as the grammar of plans has it: `512mb`, `1.5gb`. */
export function sizeText(value: number): string {
  const mib = Math.round(value / 2 ** 20);
  return mib % 1024 === 0 ? `${mib / 1024}gb` : `${mib}mb`;
}

/** Reads a memory size (`512mb`, `2 GiB`, `1.5g`); `null` when it is none. */
export function readSize(text: string): number | null {
  const found = /^\s*([\d.]+)\s*(k|m|g|t)(i?b)?\s*$/i.exec(text);
  if (!found?.[1] || !found[2]) return null;
  const power = { k: 1, m: 2, g: 3, t: 4 }[found[2].toLowerCase() as "k" | "m" | "g" | "t"];
  const value = Number(found[1]) * 1024 ** power;
  return Number.isFinite(value) && value > 0 ? value : null;
}
