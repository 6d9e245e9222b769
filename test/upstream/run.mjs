/* The door of `npm run upstream`: installs what is missing, then runs run.ts through Vite. */
import { join } from "node:path";
import { install, root } from "../../src/lab/install.mjs";

install();
const { runnerImport } = await import("vite");
const { module } = await runnerImport(join(root, "test/upstream/run.ts"), {
  configFile: false,
  logLevel: "error",
});
process.exitCode = module.upstream(process.argv.slice(2));
