// Plain data as YAML. Every text that could be read as something else is quoted as in JSON, which YAML
// reads too.

const PLAIN = /^[A-Za-z_][\w./ -]*[\w./-]$|^[A-Za-z]$/;
/** `64MiB`, `1.5s`: no number of YAML ends in letters, but some begin with a zero and a letter. */
const SIZE = /^[1-9]\d*(\.\d+)?[A-Za-z]+$/;
/** Words that some reader takes for something else than text. */
const WORDS = /^(true|false|yes|no|on|off|null|y|n|\.inf|\.nan)$/i;

export function yaml(value: unknown): string {
  return `${lines(value).join("\n")}\n`;
}

function lines(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => item(lines(one)));
  if (typeof value !== "object" || value === null) return [scalar(value)];
  return Object.entries(value).flatMap(([key, one]) => {
    const below = lines(one);
    const isShort = typeof one !== "object" || one === null || below.length === 0;
    const name = scalar(key);
    return isShort
      ? [`${name}: ${below[0] ?? (Array.isArray(one) ? "[]" : "{}")}`]
      : [`${name}:`, ...below.map((line) => `  ${line}`)];
  });
}

function item([first = "{}", ...others]: readonly string[]): string[] {
  return [`- ${first}`, ...others.map((line) => `  ${line}`)];
}

function scalar(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value);
  const isPlain = (PLAIN.test(value) && !WORDS.test(value)) || SIZE.test(value);
  return isPlain ? value : JSON.stringify(value);
}
