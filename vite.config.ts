import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";
import { content } from "./src/lab/compile/plugin.ts";

const lab = {
  build: {
    ssr: "src/lab/main.ts",
    outDir: "dist/lab",
    emptyOutDir: true,
    target: "node20",
    rollupOptions: { output: { entryFileNames: "main.js" } },
  },
};

const site = {
  root: "src",
  publicDir: "../public",
  base: "./",
  plugins: [svelte({ compilerOptions: { runes: true } }), content()],
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
