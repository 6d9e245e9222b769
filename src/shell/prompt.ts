import { SEC } from "../sim/sim.ts";
import type { Shell } from "./shell.ts";

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const two = (n: number) => String(n).padStart(2, "0");

/** PS1's escapes (bash "Controlling the Prompt"); `\[` and `\]` leave nothing behind. */
export function promptString(sh: Shell, text: string): string {
  const { machine } = sh.p;
  return text.replace(/\\(\[|\]|\\|[a-zA-Z@!#$]|[0-7]{3})/g, (whole, c: string) => {
    const at = new Date(sh.p.sim.epoch + sh.p.sim.now / (SEC / 1000));
    const time = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
    switch (c) {
      case "u":
        return sh.p.uid === 0 ? "root" : (sh.get("USER") ?? String(sh.p.uid));
      case "h":
        return machine.hostname.split(".")[0] ?? "";
      case "H":
        return machine.hostname;
      case "w":
        return tildeDirectory(sh);
      case "W": {
        const dir = tildeDirectory(sh);
        return dir === "/" || dir === "~" ? dir : dir.slice(dir.lastIndexOf("/") + 1);
      }
      case "$":
        return sh.p.uid === 0 ? "#" : "$";
      case "n":
        return "\n";
      case "r":
        return "\r";
      case "a":
        return "\x07";
      case "e":
        return "\x1b";
      case "s":
        return "bash";
      case "v":
        return "5.2";
      case "V":
        return "5.2.15";
      case "j":
        return String(sh.jobs.length);
      case "!":
      case "#":
        return String(sh.history.length + 1);
      case "t":
        return `${time}:${two(at.getUTCSeconds())}`;
      case "A":
        return time;
      case "d":
        return `${DAYS[at.getUTCDay()]} ${MONTHS[at.getUTCMonth()]} ${two(at.getUTCDate())}`;
      case "\\":
        return "\\";
      case "[":
      case "]":
        return "";
    }
    return /^[0-7]{3}$/.test(c) ? String.fromCharCode(Number.parseInt(c, 8)) : whole;
  });
}

function tildeDirectory(sh: Shell): string {
  const home = sh.get("HOME") ?? "";
  const { cwd } = sh.p;
  if (home && home !== "/" && (cwd === home || cwd.startsWith(`${home}/`)))
    return `~${cwd.slice(home.length)}`;
  return cwd;
}
