// CodeMirror with what a plan needs: YAML, and diagnostics from the engine. A chunk of its own.
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { linter, lintGutter, type Diagnostic as Mark } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { basicSetup } from "codemirror";
import type { Diagnostic } from "../engine/question.ts";

export interface Editor {
  close(): void;
}

export type Check = (text: string) => Promise<readonly Diagnostic[]>;

/** Opens an editor; `check` is asked when typing pauses. */
export function open(parent: Element, text: string, check: Check): Editor {
  const lint = linter(
    async (view) => {
      const found = await check(view.state.doc.toString());
      return found.map((one) => mark(view.state, one));
    },
    { delay: 350 },
  );
  const label = EditorView.contentAttributes.of({ "aria-label": "Text of the plan" });
  const state = EditorState.create({
    doc: text,
    extensions: [basicSetup, yaml(), lintGutter(), lint, label, look, words],
  });
  // In a shadow root its styles are constructed sheets, which the page's policy allows.
  const root = parent.shadowRoot ?? parent.attachShadow({ mode: "open" });
  const view = new EditorView({ state, parent: root, root });
  return { close: () => view.destroy() };
}

/** The page's own colours; custom properties reach into the shadow root. */
const look = EditorView.theme({
  "&": { color: "var(--ink)", fontSize: "0.87rem" },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { background: "var(--paper)", color: "var(--soft)", borderColor: "var(--line)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": {
    background: "var(--sea-ground) !important",
  },
  ".cm-activeLine, .cm-activeLineGutter": { background: "var(--hair)" },
  ".cm-tooltip": { background: "var(--card)", color: "var(--ink)", borderColor: "var(--line)" },
});

/** Few colours, each legible in both themes. */
const words = syntaxHighlighting(
  HighlightStyle.define([
    { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--sea)" },
    { tag: [tags.string, tags.content], color: "var(--ink)" },
    { tag: [tags.comment, tags.lineComment], color: "var(--soft)" },
    { tag: [tags.keyword, tags.labelName, tags.typeName], color: "var(--unsure)" },
    { tag: [tags.punctuation, tags.separator], color: "var(--soft)" },
  ]),
);

function mark(state: EditorState, one: Diagnostic): Mark {
  const number = Math.min(Math.max(1, one.location?.line ?? 1), state.doc.lines);
  const line = state.doc.line(number);
  const from = Math.min(line.to, line.from + Math.max(0, (one.location?.column ?? 1) - 1));
  const severity = one.severity === "note" ? "info" : one.severity;
  const message = one.hint ? `${one.message} (${one.hint})` : one.message;
  return { from, to: line.to, severity, message: `${one.code}: ${message}` };
}
