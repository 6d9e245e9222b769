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
  worker: { format: "es" as const, plugins: () => [content(), commandNames()] },
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
