import type { Process, Run } from "../../../host/process.ts";
import { clusterOf } from "../../../kube/cluster.ts";
import { MSEC } from "../../../sim/sim.ts";
import type { Command } from "../../command.ts";
import { type Istioctl, IstioctlError } from "./context.ts";
import { parseOptions } from "./options.ts";
import { proxyConfig } from "./proxy-config.ts";
import { SECTION_NAMES, ztunnelConfig } from "./ztunnel-config.ts";

/** One request to the API server. */
const REQUEST = 5 * MSEC;

const SUBCOMMANDS: Readonly<Record<string, (ctx: Istioctl) => Run<string>>> = {
  "ztunnel-config": ztunnelConfig,
  zc: ztunnelConfig,
  "proxy-config": proxyConfig,
  pc: proxyConfig,
};

function* run(p: Process, argv: string[]): Run {
  try {
    const { options, args } = parseOptions(argv.slice(1));
    const word = args.shift();
    if (word === undefined) {
      yield* p.out(HELP);
      return 0;
    }
    const subcommand = SUBCOMMANDS[word];
    if (!subcommand) throw new IstioctlError(`unknown command "${word}" for "istioctl"`);
    const cluster = clusterOf(p.machine);
    if (!cluster)
      throw new IstioctlError(
        "create kube client: failed to build client: invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable",
      );
    yield* p.sleep(REQUEST);
    const namespace = options.get("namespace") ?? "";
    yield* p.out(yield* subcommand({ p, cluster, namespace, options, args }));
    return 0;
  } catch (error) {
    if (!(error instanceof IstioctlError)) throw error;
    yield* p.err(`Error: ${error.message}\n`);
    return 1;
  }
}

function complete(p: Process, words: string[]): string[] {
  const typed = words.slice(1).filter((word) => !word.startsWith("-"));
  if (typed.length <= 1) return Object.keys(SUBCOMMANDS).filter((name) => name.length > 2);
  const isZtunnelConfig = typed[0] === "zc" || typed[0] === "ztunnel-config";
  if (isZtunnelConfig && typed.length === 2) return SECTION_NAMES;
  const isProxyConfig = typed[0] === "pc" || typed[0] === "proxy-config";
  if (isProxyConfig && typed.length === 2) return ["secret"];
  const pods = clusterOf(p.machine)?.store.list("Pod") ?? [];
  return pods.map(({ metadata }) => `${metadata.name}.${metadata.namespace}`);
}

const HELP = `Istio configuration command line utility for service operators to
debug and diagnose their Istio mesh.

Usage:
  istioctl [command]

Available Commands:
  proxy-config    Retrieve information about proxy configuration from Envoy
  ztunnel-config  Update or retrieve current Ztunnel configuration.
`;

const istioctl: Command = {
  name: "istioctl",
  summary: "debug and diagnose an Istio mesh",
  man: `istioctl - debug and diagnose an Istio mesh

SYNOPSIS
  istioctl ztunnel-config workload|service|policy|certificate|connections|all [POD[.NS]|TYPE/NAME]
           [--node NODE] [--file FILE|-] [-o short|json|yaml]
  istioctl ztunnel-config log [POD] [--level [SCOPE:]LEVEL,... | --reset]

  istioctl proxy-config secret POD[.NS] [-o short|json|yaml]

EXAMPLES
  istioctl zc workload
  istioctl pc secret ztunnel-rts54.istio-system
  istioctl zc certificate --node worker-1
  istioctl zc connections productpage-v1-5586c4d4ff-qxz9f.default
`,
  run,
  complete,
};
export default istioctl;
