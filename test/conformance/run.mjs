/* The door of `npm run conformance`: installs what is missing, then runs run.ts through Vite. */
import { join } from "node:path";
import { install, root } from "../../src/lab/install.mjs";

install();
const { runnerImport } = await import("vite");
const { module } = await runnerImport(join(root, "test/conformance/run.ts"), {
  configFile: false,
  logLevel: "error",
});
process.exitCode = await module.conformance(process.argv.slice(2));
