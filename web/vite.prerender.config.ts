import { defineConfig } from "vite";

// The page as a function from an answer to HTML, for build/finish.mjs alone.
export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    ssr: "src/prerender.tsx",
    outDir: "generated/prerender",
    target: "node20",
    emptyOutDir: true,
  },
  ssr: { noExternal: true },
} as Parameters<typeof defineConfig>[0]);
