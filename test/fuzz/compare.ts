import { finish, sum } from "../../src/wire/checksum.ts";
import { fromHex, toHex } from "./bytes.ts";
import { type FuzzState, type Outcome, SECTIONS } from "./state.ts";

/** Where two kernels differ: what it is about, for shrinking, and both sides, for people. */
export interface Disagreement {
  /** "frames", "rules", … : a smaller state must differ in the same. */
  kind: string;
  /** The packet at which they part; -1 where no packet has to do with it. */
  packet: number;
  theirs: string;
  ours: string;
}

/** ICMP messages that a router makes itself: who forwards them leaves their identification alone. */
const MADE_HERE = new Set([0, 3, 5, 11, 12, 14]);

/** The one list of what may differ: identifications that a kernel draws at random, and its clock. */
function frameText(hex: string): string {
  const bytes = fromHex(hex);
  const header = ((bytes[14] ?? 0) & 15) * 4;
  const ipv4 = bytes[12] === 8 && bytes[13] === 0 && bytes.length >= 14 + header;
  if (!ipv4 || bytes[23] !== 1) return hex;
  const later = ((bytes[20] ?? 0) & 0x1f) !== 0 || bytes[21] !== 0;
  if (!later && !MADE_HERE.has(bytes[14 + header] ?? -1)) return hex;
  if (bytes[14 + header] === 14 && bytes.length === 34 + header)
    bytes.fill(0, 16 + header, 18 + header).fill(0, 26 + header);
  const good = finish(sum(bytes, 14, 14 + header)) === 0;
  bytes.set([0, 0], 18);
  bytes.set(good ? [0, 0] : [0xff, 0xff], 24);
  return toHex(bytes);
}

function rulesText(text: string): string {
  return text.replace(/^#.*\n/gm, "").replace(/--quota \d+/g, "--quota N");
}

function entriesText(text: string): string {
  return (
    text
      // Seconds left: all timeouts are multiples of five, and a few seconds may have passed.
      .replace(/^(\S+ +\d+) (\d+) /gm, (_, name, left) => `${name} ${Math.ceil(left / 5) * 5} `)
      .replace(/ use=\d+/g, "")
      .split("\n")
      .filter(Boolean)
      .sort()
      .join("\n")
  );
}

function setsText(text: string): string {
  return text
    .replace(/ (initval 0x[0-9a-f]+|bucketsize \d+)/g, "")
    .replace(/^(add .* timeout) \d+/gm, "$1 N")
    .split("\n")
    .sort()
    .join("\n");
}

export function compare(state: FuzzState, theirs: Outcome, ours: Outcome): Disagreement | null {
  for (const section of SECTIONS)
    if (theirs.loads[section] !== ours.loads[section])
      return {
        kind: `loads ${section}`,
        packet: -1,
        theirs: theirs.loads[section],
        ours: ours.loads[section],
      };
  for (let i = 0; i < state.packets.length; i++) {
    const frames = [theirs, ours].map((outcome) =>
      (outcome.frames[i] ?? [])
        .map((frame) => `eth${frame.port} ${frameText(frame.hex)}`)
        .join("\n"),
    ) as [string, string];
    if (frames[0] !== frames[1])
      return { kind: "frames", packet: i, theirs: frames[0], ours: frames[1] };
  }
  const texts: [string, (text: string) => string, "rules" | "conntrack" | "sets"][] = [
    ["rules", rulesText, "rules"],
    ["conntrack", entriesText, "conntrack"],
    ["sets", setsText, "sets"],
  ];
  for (const [kind, plain, field] of texts) {
    const a = plain(theirs[field]);
    const b = plain(ours[field]);
    if (a !== b) return { kind, packet: -1, ...onlyDifferent(a, b) };
  }
  return null;
}

/** The lines that only one side has. */
function onlyDifferent(a: string, b: string): { theirs: string; ours: string } {
  const left = a.split("\n");
  const right = b.split("\n");
  const minus = (from: string[], what: string[]) => {
    const rest = [...what];
    return from.filter((line) => {
      const at = rest.indexOf(line);
      if (at >= 0) rest.splice(at, 1);
      return at < 0;
    });
  };
  return { theirs: minus(left, right).join("\n"), ours: minus(right, left).join("\n") };
}
