import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: "src",
  publicDir: "../public",
  base: "./",
  plugins: [svelte({ compilerOptions: { runes: true } })],
  worker: { format: "es" },
  build: { outDir: "../dist/site", emptyOutDir: true, target: "es2022" },
  test: {
    root: ".",
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    isolate: false,
    testTimeout: 20_000,
  },
});
