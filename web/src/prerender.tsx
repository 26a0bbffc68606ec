// Runs at build time: the first screen as HTML, from the answer that the same engine gives.
import { render } from "preact-render-to-string";
import { type Birth, bear } from "./store.ts";
import { App } from "./view/app.tsx";

export function prerender(birth: Birth): string {
  bear(birth);
  return render(<App />);
}
