import { svelte } from "@sveltejs/vite-plugin-svelte";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { offline } from "./src/lab/compile/offline.ts";
import { content } from "./src/lab/compile/plugin.ts";

const lab = {
  // The program runs where nothing else is installed.
  ssr: { noExternal: true as const },
  publicDir: false as const,
  build: {
    ssr: "src/lab/main.ts",
    outDir: "dist/lab",
    emptyOutDir: true,
    target: "node20",
    rollupOptions: { output: { entryFileNames: "main.js" } },
  },
};

/** The page's own code is fetched while boot.ts starts the worker, not when it asks for it. */
const preload: Plugin = {
  name: "hopscope-preload",
  transformIndexHtml: {
    order: "post",
    handler: (_html, { bundle, chunk }) =>
      (chunk?.dynamicImports ?? []).flatMap((file) => {
        const part = bundle?.[file];
        if (part?.type !== "chunk") return [];
        return [file, ...part.imports].map((name) => ({
          tag: "link",
          attrs: { rel: "modulepreload", crossorigin: true, href: `./${name}` },
        }));
      }),
  },
};

const site = {
  root: "src",
  publicDir: "../public",
  base: "./",
  plugins: [svelte({ compilerOptions: { runes: true } }), content(), preload, offline()],
  worker: { format: "es" as const, plugins: () => [content()] },
  build: { outDir: "../dist/site", emptyOutDir: true, target: "es2022" },
};

export default defineConfig(({ mode }) => ({
  ...(mode === "lab" ? lab : site),
  test: {
    root: import.meta.dirname,
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    setupFiles: ["test/setup.ts"],
    isolate: false,
    testTimeout: 20_000,
  },
}));
