import "../setup.ts";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { concatBytes } from "../../src/base/text.ts";
import { LINKTYPE_ETHERNET, pcapHeader, pcapRecord } from "../../src/wire/pcap.ts";
import { PacketPrinter, PLAIN } from "../../src/wire/print.ts";
import { installAll } from "../../src/world/install.ts";
import { fromHex } from "./bytes.ts";
import { compare, type Disagreement } from "./compare.ts";
import { circles, judgeEmulated } from "./emulated.ts";
import { generate } from "./generate/generate.ts";
import { SET_TYPES } from "./generate/sets.ts";
import { complaints } from "./invariants.ts";
import { LiveKernel, whyNotLive } from "./live.ts";
import { shrink, usual } from "./shrink.ts";
import { type FuzzState, type Outcome, PORTS, SECTIONS } from "./state.ts";

const USAGE = `usage: npm run fuzz -- [--cases N] [--seed S] [--live] [--state K] [--record] [--most N]
  --cases N   packets in all, 50 against each state (1000)
  --seed S    where the states come from (1)
  --state K   only the state number K
  --live      give them to this machine's kernel too (as root) and compare
  --record    keep shrunk disagreements in test/fuzz/regressions
  --most N    stop after so many disagreements (1)
  --file F    only the state that this file of test/fuzz/regressions has
  --pcap DIR  write the frames of each state there, a capture for each device`;

const PACKETS = 50;
const AHEAD = 4;

export async function fuzz(args: string[]): Promise<number> {
  let options: ReturnType<typeof read>;
  try {
    options = read(args);
  } catch (error) {
    console.error(`fuzz: ${(error as Error).message}\n${USAGE}`);
    return 2;
  }
  const why = options.live ? whyNotLive() : "";
  if (why) {
    console.error(`fuzz: no live run: ${why}`);
    return 2;
  }
  installAll();
  const kernel = options.live ? new LiveKernel() : null;
  try {
    return await run(options, kernel);
  } finally {
    kernel?.end();
  }
}

function read(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      cases: { type: "string", default: "1000" },
      seed: { type: "string", default: "1" },
      state: { type: "string" },
      live: { type: "boolean", default: false },
      record: { type: "boolean", default: false },
      most: { type: "string", default: "1" },
      file: { type: "string" },
      pcap: { type: "string" },
    },
  });
  return values;
}

type Options = ReturnType<typeof read>;

async function run(options: Options, kernel: LiveKernel | null): Promise<number> {
  if (options.file) return runFile(options.file, kernel);
  const start = performance.now();
  const states = Math.ceil(Number(options.cases) / PACKETS);
  const numbers = options.state
    ? [Number(options.state)]
    : Array.from({ length: states }, (_, i) => i);
  const lacking = kernel ? await kernel.lacking(SET_TYPES) : new Set<string>();
  if (lacking.size) console.log(`this kernel has no sets of type ${[...lacking].join(" ")}`);
  let bad = 0;
  let done = 0;
  let cases = 0;
  // The next states are made while the kernel is busy with this one.
  const ahead: Asked[] = [];
  for (const number of numbers) {
    const seed = `${options.seed}/${number}`;
    for (let i = number; kernel && ahead.length < AHEAD && i < number + AHEAD; i++)
      if (numbers.includes(i) && !ahead.some((asked) => asked.number === i))
        ahead.push(ask(i, generate(`${options.seed}/${i}`, PACKETS, lacking), kernel));
    const asked = ahead.shift();
    const state = asked?.state ?? alone(seed);
    const wrong =
      typeof state === "string"
        ? state
        : kernel && asked
          ? await check(asked, kernel, options)
          : "";
    done++;
    if (typeof state !== "string") {
      cases += state.packets.length;
      if (options.pcap) writePcaps(options.pcap, state);
    }
    if (wrong) {
      bad++;
      console.log(`state ${seed}: ${wrong}`);
      if (bad >= Number(options.most)) break;
    }
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(
    `${done} states, ${cases} cases: ${bad} ${kernel ? "disagree" : "are wrong"} (${seconds} s)`,
  );
  return bad ? 1 : 0;
}

/** A recorded state once more, here and on the kernel at hand or, without one, on the recorded one. */
async function runFile(file: string, kernel: LiveKernel | null): Promise<number> {
  const { linux, ...state } = JSON.parse(readFileSync(file, "utf8")) as FuzzState & {
    linux: Outcome;
  };
  const theirs = kernel ? await kernel.judge(state) : linux;
  const found = compare(state, theirs, judgeEmulated(state));
  console.log(found ? `${found.kind}\n${storyOf(state, found)}` : "both agree");
  return found ? 1 : 0;
}

/** Without a judge: what must hold of any kernel. The state, or what is wrong. */
function alone(seed: string): FuzzState | string {
  try {
    const { state, ours } = generate(seed, PACKETS);
    return complaints(state, ours).join("\n") || state;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

/** A state's frames as `tcpreplay -i ethN` takes them: a capture for each device. */
function writePcaps(folder: string, state: FuzzState): void {
  mkdirSync(folder, { recursive: true });
  for (let port = 0; port < PORTS; port++) {
    const records = state.packets.flatMap((packet, i) => {
      if (packet.port !== port) return [];
      const data = fromHex(packet.hex);
      return [pcapRecord({ time: i, data, length: data.length })];
    });
    const file = join(folder, `${state.seed.replace("/", "-")}-eth${port}.pcap`);
    writeFileSync(file, concatBytes([pcapHeader(LINKTYPE_ETHERNET, 65535), ...records]));
  }
}

/** A state that the kernel is at. */
interface Asked {
  number: number;
  state: FuzzState;
  ours: Outcome;
  theirs: Promise<Outcome>;
}

function ask(number: number, made: ReturnType<typeof generate>, kernel: LiveKernel): Asked {
  return { number, ...made, theirs: kernel.judge(made.state) };
}

async function check(asked: Asked, kernel: LiveKernel, options: Options): Promise<string> {
  const { state, ours } = asked;
  const first = compare(state, await asked.theirs, ours);
  // The machine was busy and a frame came late: ask again.
  const found = first && compare(state, await kernel.judge(state), ours);
  if (!found) return "";
  const { smaller, theirs, now } = await reduce(state, found, kernel);
  if (options.record) {
    const file = join(import.meta.dirname, "regressions", `${state.seed.replace("/", "-")}.json`);
    writeFileSync(file, JSON.stringify({ ...smaller, linux: theirs }, null, 2));
    const biome = join(import.meta.dirname, "../../node_modules/.bin/biome");
    spawnSync(biome, ["format", "--write", file]);
  }
  return `${found.kind}\n${storyOf(smaller, now)}`;
}

async function reduce(state: FuzzState, found: Disagreement, kernel: LiveKernel) {
  const differs = async (smaller: FuzzState): Promise<[Outcome, Disagreement | null]> => {
    const theirs = await kernel.judge(smaller);
    return [theirs, compare(smaller, theirs, judgeEmulated(smaller))];
  };
  const cut =
    found.packet < 0 ? state : { ...state, packets: state.packets.slice(0, found.packet + 1) };
  const smaller = await shrink(cut, async (candidate) => {
    const [, now] = await differs(candidate);
    return now?.kind === found.kind && !circles(candidate);
  });
  const [theirs, now] = await differs(smaller);
  return { smaller, theirs, now: now ?? found };
}

/** A shrunk state and its two ends, to be read. */
function storyOf(state: FuzzState, now: Disagreement): string {
  const lines: string[] = [];
  for (const section of SECTIONS) {
    const shown = state[section].filter((text) => !usual(text));
    if (shown.length) lines.push(`  ${section}:`, ...shown.map((text) => `    ${text}`));
  }
  lines.push("  packets:");
  for (const packet of state.packets) {
    lines.push(`    eth${packet.port} ${line(packet.hex)}`);
    if (packet.hex.length < 240) lines.push(`      ${packet.hex.slice(28)}`);
  }
  if (now.kind === "frames") lines.push(...sides(now));
  else lines.push("  Linux:", indent(now.theirs), "  Hopscope:", indent(now.ours));
  return lines.join("\n");
}

/** A frame in tcpdump's words. */
function line(hex: string): string {
  return new PacketPrinter({ ...PLAIN, link: true, verbose: 1, absolute: true })
    .frame(fromHex(hex))
    .replaceAll("\n", " ");
}

/** The frames of both sides; where the words are the same, the bytes that are not. */
function sides(now: Disagreement): string[] {
  const [theirs, ours] = [now.theirs, now.ours].map((text) => text.split("\n").filter(Boolean)) as [
    string[],
    string[],
  ];
  const words = (frames: string[]) =>
    frames.map((frame) => `    ${frame.slice(0, 5)}${line(frame.slice(5))}`);
  const lines = ["  Linux:", ...words(theirs), "  Hopscope:", ...words(ours)];
  for (let i = 0; i < Math.min(theirs.length, ours.length); i++) {
    const [a, b] = [theirs[i]?.slice(5) ?? "", ours[i]?.slice(5) ?? ""];
    let at = 0;
    while (at < a.length && a[at] === b[at]) at++;
    at &= ~1;
    if (a !== b)
      lines.push(
        `  frame ${i}, lengths ${a.length / 2} and ${b.length / 2}, from byte ${at / 2} on:`,
        `    ${a.slice(at, at + 80)}`,
        `    ${b.slice(at, at + 80)}`,
      );
  }
  return lines;
}

function indent(text: string): string {
  return text.replace(/^/gm, "    ");
}
