/* Where Chromium is: for the browser tests and for the benchmark of the page. */
import { existsSync } from "node:fs";

/** Where Debian, and others, put it. */
const places = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** Its path; "" where there is none. */
export function chromium() {
  return [process.env.CHROMIUM, ...places].find((path) => path && existsSync(path)) ?? "";
}
