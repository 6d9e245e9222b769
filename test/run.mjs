/*
 * `npm test`: installs what is missing, finds (or installs) Chromium, runs everything.
 * Arguments go to Vitest: `npm test -- journey` runs what has "journey" in its path.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chromium } from "../src/lab/chromium.mjs";
import { install, run } from "../src/lab/install.mjs";

function findOrInstall() {
  const found = chromium();
  if (found) return found;
  const mayInstall = process.getuid?.() === 0 && existsSync("/usr/bin/apt-get");
  if (mayInstall) {
    console.error("Installing Debian's Chromium (once) …");
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    spawnSync("apt-get", ["update", "-qq"], { env, stdio: ["ignore", 2, 2] });
    spawnSync("apt-get", ["install", "-y", "-qq", "chromium"], {
      env,
      stdio: ["ignore", "ignore", 2],
    });
    const installed = chromium();
    if (installed) return installed;
  }
  console.error(
    "No Chromium: the browser tests are left out. Install it (Debian: apt-get install chromium) or set CHROMIUM to its path.",
  );
  return "";
}

install();
const args = process.argv.slice(2);
process.exitCode = run("vitest/vitest.mjs", ["run", ...args], { CHROMIUM: findOrInstall() });
