#!/usr/bin/env node
/*
 * The door of the command line, in plain JavaScript: builds the bundle when a source is newer than
 * it, then runs it. `hopscope` when installed, `npm run -s lab --` in the repository.
 */
import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const bundle = join(root, "dist/lab/main.js");

function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  let latest = 0;
  for (const name of readdirSync(path)) latest = Math.max(latest, newest(join(path, name)));
  return latest;
}

const packaged = !existsSync(join(root, "vite.config.ts"));
if (!packaged) {
  const { install } = await import("./install.mjs");
  install();
  const sources = Math.max(
    newest(join(root, "src")),
    statSync(join(root, "vite.config.ts")).mtimeMs,
  );
  if (!existsSync(bundle) || statSync(bundle).mtimeMs < sources) {
    process.stderr.write("lab: building\n");
    const { build } = await import("vite");
    await build({ root, configFile: join(root, "vite.config.ts"), mode: "lab", logLevel: "error" });
  }
}
const { main } = await import(pathToFileURL(bundle).href);
await main(process.argv.slice(2), root);
