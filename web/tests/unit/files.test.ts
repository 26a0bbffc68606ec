// What visitors bring: only texts in UTF-8 are read.
import { expect, test } from "vitest";
import { textOf } from "../../src/plan/files.ts";

const bytes = (...all: number[]) => Uint8Array.from(all).buffer;

test("a file in another encoding is refused and not guessed at", () => {
  expect(textOf(new TextEncoder().encode("# café\n").buffer)).toBe("# café\n");
  // The same in Latin-1, and in UTF-16 as older PowerShells write it.
  expect(textOf(bytes(0x23, 0x20, 0x63, 0x61, 0x66, 0xe9, 0x0a))).toBeUndefined();
  expect(textOf(bytes(0xff, 0xfe, 0x23, 0x00))).toBeUndefined();
});

test("a mark at the beginning is no part of the text, and what has empty bytes is none", () => {
  expect(textOf(bytes(0xef, 0xbb, 0xbf, 0x61))).toBe("a");
  expect(textOf(bytes(0x61, 0x00))).toBeUndefined();
});
