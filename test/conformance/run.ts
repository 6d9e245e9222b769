import "../setup.ts";
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installAll } from "../../src/world/install.ts";
import { kernelName, LiveRuns, lacking, runWith, whyNotLive } from "./live.ts";
import {
  caseNames,
  recordingOf,
  recordingPath,
  runEmulated,
  scriptPath,
  substitute,
  withStatus,
} from "./suite.ts";

const USAGE = `usage: npm run conformance -- [--live] [--record] [AREA[/NAME]...]
  --live     run each script on this machine's kernel too (as root)
  --record   write what that kernel prints as the recording
  --with PROGRAM   record by another kernel: \`PROGRAM SCRIPT\` runs a script there, in a virtual
             machine say, for what this one lacks`;

/** Lines of two texts side by side: what only one has is marked. */
function diff(expected: string, got: string): string {
  const a = expected.split("\n");
  const b = got.split("\n");
  // Longest common subsequence; the outputs are short.
  const length = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) {
      const row = length[i] as Uint16Array;
      const below = length[i + 1] as Uint16Array;
      row[j] =
        a[i] === b[j]
          ? (below[j + 1] as number) + 1
          : Math.max(below[j] as number, row[j + 1] as number);
    }
  const lines: string[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push(`    ${a[i]}`);
      i++;
      j++;
    } else if (j >= b.length || (i < a.length && at(length, i + 1, j) >= at(length, i, j + 1)))
      lines.push(`  - ${a[i++]}`);
    else lines.push(`  + ${b[j++]}`);
  }
  return lines.join("\n");
}

function at(length: Uint16Array[], i: number, j: number): number {
  return length[i]?.[j] ?? 0;
}

/** Recordings of what only another kernel can do. */
function recordElsewhere(program: string, names: readonly string[]): void {
  const folder = mkdtempSync(join(tmpdir(), "conformance-"));
  const ask = join(folder, "uname.sh");
  writeFileSync(ask, "uname -r\n");
  const kernel = kernelName(runWith(program, ask).output);
  for (const name of names) {
    const { output, status } = runWith(program, scriptPath(name));
    writeFileSync(recordingPath(name), `# ${kernel}\n${substitute(withStatus(output, status))}`);
  }
}

/** The runner; answers the exit status. */
export async function conformance(args: string[]): Promise<number> {
  const live = args.includes("--live");
  const record = args.includes("--record");
  const at = args.indexOf("--with");
  const program = at < 0 ? "" : (args[at + 1] ?? "");
  const options = at < 0 ? args : args.toSpliced(at, 2);
  const unknown = options.find(
    (arg) => arg.startsWith("-") && arg !== "--live" && arg !== "--record",
  );
  if (unknown || (record && !live && !program) || (at >= 0 && !(program && record))) {
    console.error(unknown ? `conformance: unknown option ${unknown}\n${USAGE}` : USAGE);
    return 2;
  }
  const only = options.filter((arg) => !arg.startsWith("-"));
  const names = caseNames(only);
  if (!names.length) {
    console.error(`conformance: there is no case ${only.join(", ")}`);
    return 2;
  }
  const why = live ? whyNotLive() : "";
  if (why) {
    console.error(`conformance: no live run: ${why}`);
    return 2;
  }
  installAll();
  if (program) recordElsewhere(program, names);
  const kernel = kernelName();
  const cannot: string[] = [];
  const start = performance.now();
  let differing = 0;
  let emulated = 0;
  const runs = new LiveRuns(
    names.filter((name) => {
      const missing = live ? lacking(name) : [];
      if (missing.length) cannot.push(`${name} (${missing.join(", ")})`);
      return live && !missing.length;
    }),
  );
  for (const name of names) {
    const problems: string[] = [];
    const answer = await runs.answers.get(name);
    if (answer !== undefined) {
      const real = substitute(answer);
      if (record) writeFileSync(recordingPath(name), `# ${kernel}\n${real}`);
      else if (existsSync(recordingPath(name)) && real !== substitute(recordingOf(name).text))
        problems.push(
          `  - ${recordingOf(name).kernel}, as recorded   + ${kernel}, now\n${diff(substitute(recordingOf(name).text), real)}`,
        );
    }
    if (!existsSync(recordingPath(name))) {
      console.log(`${name}: no recording`);
      differing++;
      continue;
    }
    const before = performance.now();
    const ours = substitute(runEmulated(name));
    emulated += performance.now() - before;
    const recorded = recordingOf(name);
    const theirs = substitute(recorded.text);
    if (ours !== theirs)
      problems.push(`  - ${recorded.kernel}   + Hopscope\n${diff(theirs, ours)}`);
    if (!problems.length) continue;
    differing++;
    console.log(`${name}: differs\n${problems.join("\n")}`);
  }
  if (cannot.length)
    console.log(`${kernel} here cannot run ${cannot.length}: ${cannot.join(", ")}`);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(
    `${names.length - differing} of ${names.length} agree (${seconds} s, of which ${(emulated / 1000).toFixed(1)} s in the emulator)`,
  );
  return differing ? 1 : 0;
}
