// Text to the characters of a link and back. What comes in is a stranger's: both directions are bounded,
// and inflating stops at its bound instead of measuring afterwards.

/** Most characters that are read. */
export const MOST_CHARACTERS = 512 * 1024;
/** Most bytes that they may inflate to. */
export const MOST_BYTES = 2 * 2 ** 20;

/** Why a link cannot be read, in words for the visitor. */
export class BrokenLink extends Error {}

export async function pack(text: string): Promise<string> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Throws [`BrokenLink`]. */
export async function unpack(characters: string): Promise<string> {
  if (characters.length > MOST_CHARACTERS)
    throw new BrokenLink("it is longer than any link of ours");
  const bytes = binary(characters);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch(() => damaged());
    if (done) break;
    size += value.length;
    if (size > MOST_BYTES) {
      // What is left is never inflated.
      void reader.cancel().catch(() => undefined);
      throw new BrokenLink("it unfolds to more than any plan holds");
    }
    parts.push(value);
  }
  return decode(parts);
}

function binary(characters: string): Uint8Array<ArrayBuffer> {
  if (!/^[\w-]+$/.test(characters))
    throw new BrokenLink("it holds characters that no link of ours has");
  try {
    const text = atob(characters.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(text, (character) => character.charCodeAt(0));
  } catch {
    return damaged();
  }
}

function decode(parts: readonly Uint8Array[]): string {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    return parts.map((part) => decoder.decode(part, { stream: true })).join("") + decoder.decode();
  } catch {
    return damaged();
  }
}

function damaged(): never {
  throw new BrokenLink("a part of it is missing or was changed on the way");
}
