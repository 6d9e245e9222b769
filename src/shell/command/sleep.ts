import { SEC } from "../../sim/sim.ts";
import type { Command } from "../command.ts";

const UNITS: Record<string, number> = { "": 1, s: 1, m: 60, h: 3600, d: 86400 };

/** `1.5`, `2m`, `infinity` in seconds; null when it is none. */
export function durationOf(word: string): number | null {
  if (/^inf(inity)?$/.test(word)) return Number.POSITIVE_INFINITY;
  const match = /^(\d+(?:\.\d*)?|\.\d+)(?:e([+-]?\d+))?([smhd]?)$/i.exec(word);
  if (!match) return null;
  const number = Number(match[1]) * 10 ** Number(match[2] ?? 0);
  return number * (UNITS[(match[3] as string).toLowerCase()] ?? 1);
}

export const sleep: Command = {
  name: "sleep",
  summary: "delay for a specified amount of time",
  group: "processes",
  man: `sleep NUMBER[SUFFIX]...

Wait for NUMBER seconds; SUFFIX may be s, m, h or d. Fractions are allowed, sums are made of
several. The time is the machine's own: it passes as fast as the page lets it.`,
  *run(p, argv) {
    const help = "Try 'sleep --help' for more information.\n";
    const words = argv.slice(1).filter((word) => word !== "--");
    if (words.length === 0) {
      yield* p.err(`sleep: missing operand\n${help}`);
      return 1;
    }
    let total = 0;
    let bad = "";
    for (const word of words) {
      const seconds = durationOf(word);
      if (seconds === null) bad += `sleep: invalid time interval ‘${word}’\n`;
      else total += seconds;
    }
    if (bad) {
      yield* p.err(bad + help);
      return 1;
    }
    yield* p.sleep(total === Number.POSITIVE_INFINITY ? total : Math.round(total * SEC));
    return 0;
  },
};
