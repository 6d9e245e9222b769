import { svelte } from "@sveltejs/vite-plugin-svelte";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { commandNames } from "./src/lab/compile/commands.ts";
import { embed } from "./src/lab/compile/embed.ts";
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
    handler: (_html, { bundle, chunk, path }) =>
      (chunk?.dynamicImports ?? []).flatMap((file) => {
        const part = bundle?.[file];
        if (part?.type !== "chunk") return [];
        const up = "../".repeat(path.split("/").length - 2) || "./";
        return [file, ...part.imports].map((name) => ({
          tag: "link",
          attrs: { rel: "modulepreload", crossorigin: true, href: `${up}${name}` },
        }));
      }),
  },
};

type Graph = { getModuleInfo(id: string): { importedIds: readonly string[] } | null };

/** What the worker imports when it starts is one file beside its own: each file more is a round trip. */
function withWorker() {
  const main = `${import.meta.dirname}/src/worker/main.ts`;
  let first: Set<string> | null = null;
  const reached = (graph: Graph): Set<string> => {
    const found = new Set([main]);
    for (const id of found)
      for (const imported of graph.getModuleInfo(id)?.importedIds ?? []) found.add(imported);
    return found;
  };
  return (id: string, graph: Graph): string | null => {
    first ??= reached(graph);
    return first.has(id) ? "first" : null;
  };
}

const site = {
  root: "src",
  publicDir: "../public",
  base: "./",
  plugins: [
    svelte({ configFile: false, compilerOptions: { runes: true } }),
    content(),
    commandNames(),
    embed(),
    preload,
    offline(),
  ],
  worker: {
    format: "es" as const,
    plugins: () => [content(), commandNames()],
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: withWorker() }] } } },
  },
  // There is nothing in it that others must not read, and pages on other origins load the element.
  preview: { cors: true },
  build: {
    outDir: "../dist/site",
    emptyOutDir: true,
    target: "es2022",
    rollupOptions: {
      input: ["src/index.html", "src/embed/index.html", "src/embed/v1/index.html"],
    },
  },
};

export default defineConfig(({ mode }) => ({
  ...(mode === "lab" ? lab : site),
  test: {
    root: import.meta.dirname,
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    setupFiles: ["test/setup.ts"],
    isolate: false,
    // Every core: Vitest would leave one to itself. The lessons in the browser go two by two: they wait a lot.
    maxWorkers: "100%",
    maxConcurrency: 2,
    testTimeout: 20_000,
  },
}));
