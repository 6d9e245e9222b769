import type { Run } from "../../../host/process.ts";
import { toYaml } from "../../../kube/text/yaml.ts";
import {
  forwarded,
  ISTIO_NAMESPACE,
  type Istioctl,
  IstioctlError,
  isZtunnel,
  podsOf,
  readFile,
  ztunnelOn,
} from "./context.ts";
import type { ZtunnelDump } from "./dump.ts";
import { ADMIN, FILE, OUTPUT, type Subcommand } from "./subcommand.ts";
import {
  connectionTable,
  type Filter,
  policiesOf,
  policyTable,
  secretTable,
  servicesOf,
  serviceTable,
  statesOf,
  workloadsOf,
  workloadTable,
} from "./tables.ts";

const ADMIN_PORT = 15000;

/** Names of the subcommands, by all their spellings. */
const SECTIONS: Readonly<Record<string, Section>> = {
  workload: "workload",
  workloads: "workload",
  w: "workload",
  service: "service",
  services: "service",
  s: "service",
  svc: "service",
  policy: "policy",
  policies: "policy",
  p: "policy",
  pol: "policy",
  certificate: "certificate",
  certificates: "certificate",
  certs: "certificate",
  cert: "certificate",
  connections: "connections",
  cons: "connections",
  all: "all",
  log: "log",
  o: "log",
};
type Section = "workload" | "service" | "policy" | "certificate" | "connections" | "all" | "log";
const SECTION_NAMES = ["all", "certificate", "connections", "log", "policy", "service", "workload"];

interface Fetched {
  text: string;
  dump: ZtunnelDump;
  /** The pod that was named, when it was no ztunnel. */
  target: { name: string; namespace: string } | null;
}

/** `istioctl ztunnel-config SECTION` (istioctl/pkg/ztunnelconfig). */
function* run(ctx: Istioctl): Run<string> {
  const section = SECTIONS[ctx.args.shift() ?? ""];
  // A word that is none is no error: cobra shows what there is.
  if (!section) return HELP;
  const named = ["file", "node"].filter((name) => ctx.options.has(name)).length + ctx.args.length;
  if (named > 1)
    throw new IstioctlError("at most one of --file, --node, or pod name must be passed");
  if (section === "log") return yield* log(ctx);
  const single = section === "certificate" || section === "connections";
  const { text, dump, target } = yield* fetch(ctx, single);
  const { options } = ctx;
  const filter: Filter = {
    namespace: target?.namespace ?? namespaceFor(section, options),
    name: target?.name ?? "",
    address: options.get("address") ?? "",
    node: options.get("workload-node") ?? "",
    direction: options.get("direction") ?? "",
    raw: ctx.on("raw"),
  };
  const output = options.get("output") ?? "short";
  if (output === "short") return summary(ctx, section, dump, filter);
  if (output !== "json" && output !== "yaml")
    throw new IstioctlError(`output format "${output}" not supported`);
  const found = section === "all" ? JSON.parse(text) : selected(section, dump, filter);
  if (output === "yaml") return toYaml(found);
  return section === "all" ? `${text}\n` : `${JSON.stringify(found, null, 4)}\n`;
}

function namespaceFor(section: Section, options: Map<string, string>): string {
  const name = section === "connections" ? "workload" : section;
  return options.get(`${name}-namespace`) ?? "";
}

function selected(section: Section, dump: ZtunnelDump, filter: Filter): unknown {
  switch (section) {
    case "workload":
      return workloadsOf(dump, filter);
    case "service":
      return servicesOf(dump, filter);
    case "policy":
      return policiesOf(dump, filter);
    case "certificate":
      return dump.certificates;
    default:
      return statesOf(dump, filter);
  }
}

function summary(ctx: Istioctl, section: Section, dump: ZtunnelDump, filter: Filter): string {
  const { sim } = ctx.p;
  const secrets = (): string => secretTable(dump.certificates, sim.epoch + sim.now / 1e6);
  switch (section) {
    case "workload":
      return workloadTable(dump, filter);
    case "service":
      return serviceTable(dump, filter);
    case "policy":
      return policyTable(dump, filter);
    case "certificate":
      return secrets();
    case "connections":
      return connectionTable(dump, filter);
    default: {
      const head = (name: string): string =>
        ctx.on("with-headers") ? `\n------ ${name} INFO ------\n\n` : "\n";
      return (
        head("WORKLOAD") +
        workloadTable(dump, filter) +
        head("SERVICE") +
        serviceTable(dump, filter) +
        head("POLICY") +
        policyTable(dump, filter) +
        head("SECRET") +
        secrets() +
        head("CONNECTIONS") +
        connectionTable(dump, filter)
      );
    }
  }
}

function* fetch(ctx: Istioctl, single: boolean): Run<Fetched> {
  const { options } = ctx;
  const file = options.get("file");
  if (file !== undefined) {
    const text = yield* readFile(ctx, file);
    return { text, dump: parseDump(text), target: null };
  }
  const node = options.get("node");
  const namespace = ctx.namespace || ISTIO_NAMESPACE;
  const name = ctx.args[0];
  let target: Fetched["target"] = null;
  let pods =
    node === undefined
      ? podsOf(ctx, name ?? "daemonset/ztunnel", namespace)
      : [ztunnelOn(ctx, node)];
  if (single && name === undefined && node === undefined && pods.length !== 1)
    throw new IstioctlError("ztunnel pod name or --node must be set");
  const [first] = pods;
  if (first && !isZtunnel(first)) {
    target = { name: first.metadata.name, namespace: first.metadata.namespace ?? "" };
    pods = [ztunnelOn(ctx, first.spec.nodeName ?? "")];
  }
  const [pod] = pods;
  if (!pod) throw new IstioctlError("no pods found");
  const text = yield* forwarded(ctx, pod, adminPort(ctx), "config_dump");
  return { text, dump: parseDump(text), target };
}

function adminPort(ctx: Istioctl): number {
  return Number(ctx.options.get("proxy-admin-port") ?? ADMIN_PORT);
}

/** A ztunnel's dump; Envoy's is another format, as the real one finds out. */
function parseDump(text: string): ZtunnelDump {
  try {
    const raw = JSON.parse(text) as Partial<ZtunnelDump>;
    return {
      workloads: raw.workloads ?? [],
      services: raw.services ?? [],
      policies: raw.policies ?? [],
      certificates: raw.certificates ?? [],
      workloadState: raw.workloadState ?? {},
    };
  } catch {
    throw new IstioctlError(
      "error unmarshalling config dump response from ztunnel: invalid character in the response",
    );
  }
}

const LEVELS = ["trace", "debug", "info", "warning", "warn", "error", "critical", "off"];

/** Levels of the log: shown, changed, reset. */
function* log(ctx: Istioctl): Run<string> {
  const { options } = ctx;
  const reset = ctx.on("reset");
  const level = options.get("level") ?? "";
  if (reset && level) throw new IstioctlError("--level cannot be combined with --reset");
  const namespace = ctx.namespace || ISTIO_NAMESPACE;
  const pods = podsOf(ctx, ctx.args[0] ?? "daemonset/ztunnel", namespace);
  for (const pod of pods)
    if (!isZtunnel(pod))
      throw new IstioctlError(
        `workloads command is only supported by Ztunnel proxies: ${pod.metadata.name}`,
      );
  for (const part of level.split(",").filter(Boolean)) {
    const value = part.split(/[:=]/).pop() ?? "";
    if (!LEVELS.includes(value)) throw new IstioctlError(`unrecognized logging level: ${value}`);
  }
  const real = reset ? "info" : ztunnelLevel(level);
  let out = "";
  for (const pod of pods) {
    const query = `level=${real}${reset ? "&reset" : ""}`;
    const answer = yield* forwarded(ctx, pod, adminPort(ctx), `logging?${query}`, "POST");
    out += `${pod.metadata.name}.${pod.metadata.namespace}:\n${answer}\n`;
  }
  return out;
}

function ztunnelLevel(level: string): string {
  if (level === "warning") return "warn";
  return level === "critical" ? "error" : level.replaceAll(":", "=");
}

const HELP = `A group of commands used to update or retrieve Ztunnel configuration from a Ztunnel instance.

Usage:
  istioctl ztunnel-config [command]

Aliases:
  ztunnel-config, zc

Available Commands:
  all          Retrieves all configuration for the specified Ztunnel pod.
  certificate  Retrieves certificate for the specified Ztunnel pod.
  connections  Retrieves connections for the specified Ztunnel pod.
  log          Retrieves logging levels of the Ztunnel instance in the specified pod.
  policy       Retrieves policies for the specified Ztunnel pod.
  service      Retrieves services for the specified Ztunnel pod.
  workload     Retrieves workload configuration for the specified Ztunnel pod.
`;

export const ztunnelConfig: Subcommand = {
  name: "ztunnel-config",
  aliases: ["zc"],
  summary: "Update or retrieve current Ztunnel configuration.",
  help: HELP,
  preview: false,
  flags: {
    ...OUTPUT,
    ...FILE,
    ...ADMIN,
    node: { value: "text" },
    address: { value: "text" },
    "workload-namespace": { value: "text" },
    "workload-node": { value: "text" },
    "service-namespace": { value: "text" },
    "policy-namespace": { value: "text" },
    direction: { value: "text" },
    level: { value: "text" },
    raw: {},
    reset: { short: "r" },
    "with-headers": {},
  },
  run,
  complete: (words) => (words.length === 1 ? SECTION_NAMES : null),
};
