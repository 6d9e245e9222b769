/* `npm start`: installs what is missing, builds the page, serves it, prints its address. */
import { install, root, run } from "./install.mjs";

const VITE = "vite/bin/vite.js";
install();
process.chdir(root);
// The built page reaches its prompt in a third of the time that single modules take.
process.exitCode =
  run(VITE, ["build", "--logLevel", "error"]) || run(VITE, ["preview", ...process.argv.slice(2)]);
