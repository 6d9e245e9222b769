import type { Process, Run } from "../../../host/process.ts";
import { clusterOf } from "../../../kube/cluster.ts";
import { MSEC } from "../../../sim/sim.ts";
import type { Command } from "../../command.ts";
import { suggestions } from "../../lib/cobra.ts";
import { parsePflags } from "../../lib/pflag.ts";
import { analyze } from "./analyze/analyze.ts";
import { Istioctl, IstioctlError, usageError } from "./context.ts";
import { proxyConfig } from "./proxy-config.ts";
import { proxyStatus } from "./proxy-status.ts";
import { isToday } from "./release.ts";
import { GLOBAL, type Subcommand } from "./subcommand.ts";
import { version } from "./version.ts";
import { ztunnelConfig } from "./ztunnel-config.ts";

/** One request to the API server. */
const REQUEST = 5 * MSEC;

/** Every command of istioctl's: adding one is one file and a line here. */
const SUBCOMMANDS: readonly Subcommand[] = [
  analyze,
  proxyConfig,
  proxyStatus,
  version,
  ztunnelConfig,
];

/** Those that the release of a machine's cluster has. */
function available(p: Process): readonly Subcommand[] {
  const today = isToday(clusterOf(p.machine));
  return SUBCOMMANDS.filter(({ preview = true }) => today || preview);
}

function named(p: Process, word: string): Subcommand | null {
  const fits = ({ name, aliases }: Subcommand): boolean => name === word || aliases.includes(word);
  return available(p).find(fits) ?? null;
}

/** The command's word and the others. Options that every command takes may stand before it. */
function split(words: readonly string[]): { word: string | undefined; rest: string[] } {
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    if (!word.startsWith("-")) return { word, rest: [...words.slice(0, i), ...words.slice(i + 1)] };
    const takes = Object.entries(GLOBAL).some(
      ([name, flag]) => flag.value && (word === `--${name}` || word === `-${flag.short}`),
    );
    if (takes) i++;
  }
  return { word: undefined, rest: [...words] };
}

function suggestion(p: Process, word: string): string {
  return suggestions(
    word,
    available(p).map(({ name }) => name),
  );
}

function* run(p: Process, argv: string[]): Run {
  try {
    const { word, rest } = split(argv.slice(1));
    if (word === undefined) {
      parsePflags(rest, GLOBAL, usageError);
      yield* p.out(overview(p));
      return 0;
    }
    if (word === "help") {
      yield* p.out(named(p, rest[0] ?? "")?.help ?? overview(p));
      return 0;
    }
    const subcommand = named(p, word);
    if (!subcommand)
      return usageError(
        `unknown command "${word}" for "istioctl"${suggestion(p, word)}\nRun 'istioctl --help' for usage.`,
      );
    const parsed = parsePflags(rest, { ...GLOBAL, ...subcommand.flags }, usageError);
    if (parsed.options.has("help")) {
      yield* p.out(subcommand.help);
      return 0;
    }
    const cluster = clusterOf(p.machine);
    const ctx = new Istioctl(p, cluster, parsed);
    if (!subcommand.offline) void ctx.cluster;
    if (cluster) yield* p.sleep(REQUEST);
    yield* p.out(yield* subcommand.run(ctx));
    return 0;
  } catch (error) {
    if (!(error instanceof IstioctlError)) throw error;
    yield* p.err(`Error: ${error.message}\n`);
    return error.status;
  }
}

function complete(p: Process, words: string[]): string[] {
  const cluster = clusterOf(p.machine);
  const previous = words[words.length - 2];
  if (previous === "-n" || previous === "--namespace")
    return cluster?.store.list("Namespace").map(({ metadata }) => metadata.name) ?? [];
  const typed = words.slice(1).filter((word) => !word.startsWith("-"));
  if (typed.length <= 1) return available(p).map(({ name }) => name);
  const next = named(p, typed[0] ?? "")?.complete?.(typed.slice(1)) ?? null;
  if (next) return [...next];
  const pods = cluster?.store.list("Pod") ?? [];
  return pods.map(({ metadata }) => `${metadata.name}.${metadata.namespace}`);
}

function overview(p: Process): string {
  const all = available(p);
  const width = Math.max(...all.map(({ name }) => name.length));
  const lines = all.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}\n`);
  return `Istio configuration command line utility for service operators to
debug and diagnose their Istio mesh.

Usage:
  istioctl [command]

Available Commands:
${lines.join("")}
Use "istioctl [command] --help" for more information about a command.
`;
}

const istioctl: Command = {
  name: "istioctl",
  summary: "debug and diagnose an Istio mesh",
  man: `istioctl - debug and diagnose an Istio mesh

SYNOPSIS
  istioctl analyze [FILE|FOLDER|-]... [-n NS | -A] [--use-kube=false] [-S CODE=RESOURCE] [-o log|json|yaml]
           [--failure-threshold LEVEL] [--output-threshold LEVEL] [-L]
  istioctl proxy-status [POD[.NS]] [-n NS] [-v 1] [-o table|json|yaml]
  istioctl version [--remote=false] [--short=false] [-o json|yaml]

  istioctl ztunnel-config workload|service|policy|certificate|connections|all [POD[.NS]|TYPE/NAME]
           [--node NODE] [--file FILE|-] [-o short|json|yaml]
  istioctl ztunnel-config log [POD] [--level [SCOPE:]LEVEL,... | --reset]

  istioctl proxy-config secret POD[.NS] [-o short|json|yaml]

EXAMPLES
  istioctl analyze -A
  istioctl ps
  istioctl zc workload
  istioctl pc secret ztunnel-rts54.istio-system
  istioctl zc certificate --node worker-1
  istioctl zc connections productpage-v1-5586c4d4ff-qxz9f.default
`,
  run,
  complete,
};
export default istioctl;
