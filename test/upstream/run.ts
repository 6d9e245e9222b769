import "../setup.ts";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { MATCHES, TARGETS } from "../../src/net/netfilter/registry.ts";
import { kernelName, whyNotLive } from "../conformance/live.ts";
import { type Box, emulated, real } from "./box.ts";
import * as ipset from "./ipset.ts";
import * as iptables from "./iptables.ts";

const USAGE = `usage: npm run upstream -- iptables|ipset DIR [--live] [PART-OF-A-NAME...]
  DIR      the project's source, unpacked: iptables' extensions/*.t, ipset's tests/*.t
  --live   ask this machine's own tools and kernel instead (as root)`;

interface Result {
  tests: number;
  agree: number;
  wrong: string[];
  note?: string;
}

/** The folder with the tests: DIR itself, or its usual folder. */
function testFolder(dir: string, usual: string): string | null {
  for (const folder of [join(dir, usual), dir])
    if (existsSync(folder) && readdirSync(folder).some((name) => name.endsWith(".t")))
      return folder;
  return null;
}

/** Why a file is not run: it is of another protocol, or of an extension that is not here. */
function absent(file: string): string {
  const [, family = "", name = ""] = /^lib(xt|ipt|ip6t|arpt|ebt)_(.*)\.t$/.exec(file) ?? [];
  if (family === "ip6t") return "IPv6";
  if (family === "arpt" || family === "ebt") return "nftables";
  const verdicts = ["", "standard"];
  return verdicts.includes(name) || MATCHES.has(name) || TARGETS.has(name) ? "" : "not here";
}

function runIptables(folder: string, file: string, box: Box): Result {
  const steps = iptables.readTests(readFileSync(join(folder, file), "utf8"));
  return iptables.judgeAll(steps, box(iptables.scriptOf(steps)));
}

function runIpset(folder: string, file: string, box: Box): Result {
  const files = new Map(
    readdirSync(folder)
      .filter((name) => statSync(join(folder, name)).isFile())
      .map((name) => [name, readFileSync(join(folder, name), "utf8")]),
  );
  const { steps, skipped } = ipset.readTests(readFileSync(join(folder, file), "utf8"));
  const result = ipset.judgeAll(steps, box(ipset.scriptOf(steps), files));
  return skipped ? { ...result, note: `${skipped} need more than sets` } : result;
}

const PROJECTS = {
  iptables: { usual: "extensions", run: runIptables, absent },
  ipset: {
    usual: "tests",
    run: runIpset,
    absent: (file: string) =>
      /6/.test(file)
        ? "IPv6"
        : /^match_|^iptree|^xlate/.test(file)
          ? "needs packets, or types long gone"
          : "",
  },
};

/** The runner; answers the exit status. */
export function upstream(args: string[]): number {
  const live = args.includes("--live");
  const [project = "", dir = "", ...only] = args.filter((arg) => arg !== "--live");
  if (!(project === "iptables" || project === "ipset") || !dir) {
    console.error(USAGE);
    return 2;
  }
  const { usual, run, absent: whyAbsent } = PROJECTS[project];
  const folder = testFolder(dir, usual);
  if (!folder) {
    console.error(`upstream: ${dir} has no tests (*.t) of ${project}`);
    return 2;
  }
  const why = live ? whyNotLive() : "";
  if (why) {
    console.error(`upstream: no live run: ${why}`);
    return 2;
  }
  const files = readdirSync(folder).filter(
    (name) => name.endsWith(".t") && (!only.length || only.some((part) => name.includes(part))),
  );
  const left = new Map<string, string[]>();
  let tests = 0;
  let agree = 0;
  let whole = 0;
  let ran = 0;
  for (const file of files.sort()) {
    const reason = whyAbsent(file);
    if (reason) {
      left.set(reason, [...(left.get(reason) ?? []), file.slice(0, -2)]);
      continue;
    }
    const result = run(folder, file, live ? real : emulated);
    ran++;
    tests += result.tests;
    agree += result.agree;
    if (!result.wrong.length) whole++;
    const note = result.note ? ` (${result.note})` : "";
    console.log(`${file}: ${result.agree} of ${result.tests}${note}`);
    for (const line of result.wrong) console.log(line);
  }
  for (const [reason, names] of left) console.log(`not run, ${reason}: ${names.join(" ")}`);
  console.log(
    `${live ? kernelName() : "Hopscope"}: ${agree} of ${tests} lines agree, ${whole} of ${ran} files wholly`,
  );
  return agree === tests ? 0 : 1;
}
