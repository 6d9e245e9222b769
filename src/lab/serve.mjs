/* `npm start`: installs what is missing, serves the page, prints its address. */
import { install, root, run } from "./install.mjs";

install();
process.chdir(root);
process.exitCode = run("vite/bin/vite.js", process.argv.slice(2));
