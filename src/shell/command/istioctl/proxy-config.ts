import type { Run } from "../../../host/process.ts";
import type { Pod } from "../../../kube/api/pod.ts";
import { toYaml } from "../../../kube/text/yaml.ts";
import { certificatesFromPem } from "../../../tls/x509/certificate.ts";
import { sameBytes } from "../../../tls/x509/verify.ts";
import { type Istioctl, IstioctlError, logLine, podsOf, portForward, readFile } from "./context.ts";
import { isToday } from "./release.ts";
import { rootOf, type SecretsDump, secretSummary } from "./secrets.ts";
import { ADMIN, FILE, OUTPUT, type Subcommand } from "./subcommand.ts";
import { table } from "./tables.ts";

const ADMIN_PORT = 15000;
const DUMP = "type.googleapis.com/envoy.admin.v3.";

interface Dump {
  text: string;
  configs: { "@type": string }[];
}

/** A command below `proxy-config`. */
interface Part {
  name: string;
  aliases: readonly string[];
  summary: string;
  run(ctx: Istioctl, part: Part): Run<string>;
}

function adminPort(ctx: Istioctl): number {
  return Number(ctx.options.get("proxy-admin-port") ?? ADMIN_PORT);
}

function podOf(ctx: Istioctl, name: string): Pod {
  const [pod] = podsOf(ctx, name, ctx.namespace || "default");
  if (!pod) throw new IstioctlError("no pods found");
  return pod;
}

/** What a pod's admin interface says; `failed` is what stands before the reason why it says nothing. */
function* ask(ctx: Istioctl, pod: Pod, path: string, failed: string, method = "GET"): Run<string> {
  const answer = yield* portForward(ctx, pod, adminPort(ctx), path, method);
  if (typeof answer === "string") throw new IstioctlError(`${failed}: ${answer}`);
  return answer.body;
}

/** Envoy's dump of a pod, or one that somebody has kept (istioctl: setupPodConfigdumpWriter). */
function* dumpOf(ctx: Istioctl, pod: Pod | null, query: string): Run<Dump> {
  const { name, namespace } = pod?.metadata ?? { name: "", namespace: "" };
  const text = pod
    ? yield* ask(
        ctx,
        pod,
        `config_dump${query}`,
        `failed to execute command on ${name}.${namespace} sidecar`,
      )
    : yield* readFile(ctx, ctx.options.get("file") ?? "");
  try {
    const { configs = [] } = JSON.parse(text) as Partial<Dump>;
    return { text, configs };
  } catch (error) {
    throw new IstioctlError(
      `error unmarshalling config dump response from Envoy: ${(error as Error).message}`,
    );
  }
}

/** istioctl: pkg/util/configdump/util.go, getSection. A ztunnel's dump has none of Envoy's. */
function section<T>(dump: Dump, type: string, before = ""): T {
  const found = dump.configs.filter((config) => config["@type"] === `${DUMP}${type}`).at(-1);
  if (!found)
    throw new IstioctlError(`${before}config dump has no configuration type ${DUMP}${type}`);
  return found as unknown as T;
}

/** The pod that is named, or null for `--file`: one of the two must be there. */
function target(ctx: Istioctl, word: string): Pod | null {
  const [name] = ctx.args;
  if ((ctx.args.length === 1) === ctx.options.has("file") || ctx.args.length > 1)
    throw new IstioctlError(`${word} requires pod name or --file parameter`);
  return name === undefined ? null : podOf(ctx, name);
}

/** "short" unless somebody says otherwise. Throws IstioctlError for what there is not. */
function formatOf(ctx: Istioctl, otherwise = "short"): "short" | "json" | "yaml" {
  const format = ctx.options.get("output") ?? otherwise;
  if (format === "short" || format === "json" || format === "yaml") return format;
  throw new IstioctlError(`output format "${format}" not supported`);
}

function written(value: unknown, format: "json" | "yaml"): string {
  return format === "yaml" ? toYaml(value) : `${JSON.stringify(value, null, 4)}\n`;
}

/** What we do not make of an Envoy's configuration is said so; it is there as JSON. */
function notSummarised(what: string): never {
  throw new IstioctlError(`a summary of ${what} is not emulated here; use -o json or -o yaml`);
}

interface Cluster {
  name: string;
  type?: string;
}

/** istioctl: pkg/writer/envoy/configdump/cluster.go */
function* cluster(ctx: Istioctl): Run<string> {
  const dump = yield* dumpOf(ctx, target(ctx, "cluster"), "");
  const format = formatOf(ctx);
  const found = section<{ dynamic_active_clusters?: { cluster?: Cluster }[] }>(
    dump,
    "ClustersConfigDump",
  );
  const all = (found.dynamic_active_clusters ?? [])
    .flatMap((one) => one.cluster ?? [])
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  if (all.length === 0) throw new IstioctlError("no clusters found");
  if (format !== "short") return written(all, format);
  const head = ["SERVICE FQDN", "PORT", "SUBSET", "DIRECTION", "TYPE", "DESTINATION RULE"];
  const rows = all.map(({ name, type = "STATIC" }) => {
    const [direction = "", port = "", subset = "", fqdn = ""] = name.split("|");
    return name.split("|").length > 3
      ? [fqdn, port, subset || "-", direction, type, ""]
      : [name, "-", "-", "-", type, ""];
  });
  return table([head, ...rows], 5);
}

function* listener(ctx: Istioctl): Run<string> {
  const dump = yield* dumpOf(ctx, target(ctx, "listener"), "");
  const format = formatOf(ctx);
  const found = section<{ dynamic_listeners?: { active_state?: { listener?: object } }[] }>(
    dump,
    "ListenersConfigDump",
    "listener dump: ",
  );
  const all = (found.dynamic_listeners ?? []).flatMap((one) => one.active_state?.listener ?? []);
  if (all.length === 0) throw new IstioctlError("no listeners found");
  return format === "short" ? notSummarised("listeners") : written(all, format);
}

/** Sections that are shown whole. */
function whole(type: string, query: string, otherwise?: "json"): Part["run"] {
  return function* (ctx, { name }) {
    const dump = yield* dumpOf(ctx, target(ctx, name), query);
    const format = formatOf(ctx, otherwise);
    const found = section<object>(dump, type);
    return format === "short" ? notSummarised(name) : written(found, format);
  };
}

/** istioctl: pkg/writer/envoy/clusters, of Envoy's page /clusters. */
function* endpoint(ctx: Istioctl): Run<string> {
  const pod = target(ctx, "endpoints");
  const failed = "failed to execute command on Envoy";
  if (pod) yield* ask(ctx, pod, "clusters?format=json", failed);
  else yield* readFile(ctx, ctx.options.get("file") ?? "");
  throw new IstioctlError("Envoy's page /clusters is not read here; see the section of eds");
}

function* secret(ctx: Istioctl): Run<string> {
  const { sim } = ctx.p;
  const dump = yield* dumpOf(ctx, target(ctx, "secret"), "");
  const format = formatOf(ctx);
  const before = format === "short" ? "" : "sidecar doesn't support secrets: ";
  const found = section<SecretsDump>(dump, "SecretsConfigDump", before);
  if (format === "short") return secretSummary(found, sim.epoch + sim.now / 1e6);
  return written(found, format);
}

function* all(ctx: Istioctl): Run<string> {
  const query = isToday(ctx.cluster) ? "?include_eds=true" : "";
  const dump = yield* dumpOf(ctx, target(ctx, "all"), query);
  const format = formatOf(ctx);
  if (format === "json") return `${dump.text}\n`;
  if (format === "yaml") return `${toYaml(JSON.parse(dump.text))}\n`;
  section(dump, "BootstrapConfigDump");
  return notSummarised("everything");
}

const LEVELS = ["trace", "debug", "info", "warning", "warn", "error", "critical", "off"];

/** istioctl: logCmd. A ztunnel's interface has such a page too, of another kind. */
function* log(ctx: Istioctl): Run<string> {
  const [name] = ctx.args;
  const level = ctx.options.get("level") ?? "";
  if (name === undefined) throw new IstioctlError("log requires pod name or --selector");
  if (ctx.on("reset") && level) throw new IstioctlError("--level cannot be combined with --reset");
  if ((ctx.options.get("output") ?? "short") !== "short")
    throw new IstioctlError("--output is not applicable for this command");
  const pods = podsOf(ctx, name, ctx.namespace || "default");
  const post = (pod: Pod, query: string): Run<string> =>
    ask(ctx, pod, `logging${query && `?${query}`}`, "failed to execute command on Envoy", "POST");
  let known = "";
  for (const pod of pods) known = yield* post(pod, "");
  const queries: string[] = [];
  const spelt = (text: string): string => {
    if (!LEVELS.includes(text)) throw new IstioctlError(`unrecognized logging level: ${text}`);
    return text === "warn" ? "warning" : text;
  };
  if (ctx.on("reset")) {
    yield* ctx.p.err(
      logLine(
        ctx,
        "warn",
        'unable to get logLevel from ConfigMap istio-sidecar-injector, using default value "warning" for envoy proxies',
      ),
    );
    queries.push("level=warning");
  }
  for (const one of level.split(",").filter(Boolean)) {
    const [, logger = "level", value = one] = /^(?:.*::)?([^:=]+)[:=](.*)$/.exec(one) ?? [];
    if (logger !== "level" && !known.includes(logger))
      throw new IstioctlError(`unrecognized logger name: ${logger}`);
    queries.push(`${logger}=${spelt(value)}`);
  }
  let out = "";
  for (const { metadata, ...pod } of pods) {
    let answer = "";
    for (const query of queries.length ? queries : [""])
      answer = yield* post({ metadata, ...pod }, query);
    out += `${metadata.name}.${metadata.namespace}:\n${answer}`;
  }
  return out;
}

/** istioctl: rootCACompareConfigCmd */
function* rootCompare(ctx: Istioctl): Run<string> {
  const { args } = ctx;
  if (args.length !== 2) throw new IstioctlError("rootca-compare requires 2 pods as an argument");
  const pods = args.map((name) => podOf(ctx, name));
  const roots: string[] = [];
  for (const pod of pods) {
    const dump = yield* dumpOf(ctx, pod, "");
    const found = section<SecretsDump>(
      dump,
      "SecretsConfigDump",
      "sidecar doesn't support secrets: ",
    );
    const root = rootOf(found);
    if (root === null) throw new IstioctlError("cannot find ROOTCA from secret");
    roots.push(root);
  }
  const [a = [], b = []] = roots.map(certificatesFromPem);
  const same = a.some((one) => b.some((other) => sameBytes(one.der, other.der)));
  const [first = "", second = ""] = pods.map(
    ({ metadata }) => `${metadata.name}.${metadata.namespace}`,
  );
  const text = (which: string, can: string): string =>
    `Both [${first}] and [${second}] have the ${which} ROOTCA, theoretically the connectivity between them is ${can}`;
  if (!same) throw new IstioctlError(text("non identical", "unavailable"));
  return `${text("identical", "available")}\n`;
}

const of = (what: string): string => `Retrieves ${what} for the Envoy in the specified pod`;
const PARTS: readonly Part[] = [
  { name: "all", aliases: ["a"], summary: of("all configuration"), run: all },
  {
    name: "bootstrap",
    aliases: ["b"],
    summary: of("bootstrap configuration"),
    run: whole("BootstrapConfigDump", "", "json"),
  },
  {
    name: "cluster",
    aliases: ["clusters", "c"],
    summary: of("cluster configuration"),
    run: cluster,
  },
  {
    name: "ecds",
    aliases: ["ec"],
    summary: of("typed extension configuration"),
    run: whole("EcdsConfigDump", "?include_eds=true"),
  },
  {
    name: "eds",
    aliases: [],
    summary: "",
    run: whole("EndpointsConfigDump", "?include_eds=true"),
  },
  {
    name: "endpoint",
    aliases: ["endpoints", "ep"],
    summary: of("endpoint configuration"),
    run: endpoint,
  },
  {
    name: "listener",
    aliases: ["listeners", "l"],
    summary: of("listener configuration"),
    run: listener,
  },
  {
    name: "log",
    aliases: ["o"],
    summary: "Retrieves logging levels of the Envoy in the specified pod",
    run: log,
  },
  {
    name: "rootca-compare",
    aliases: ["rc"],
    summary: "Compare ROOTCA values for the two given pods",
    run: rootCompare,
  },
  {
    name: "route",
    aliases: ["routes", "r"],
    summary: of("route configuration"),
    run: whole("RoutesConfigDump", ""),
  },
  { name: "secret", aliases: ["secrets", "s"], summary: of("secret configuration"), run: secret },
];

const HELP = `A group of commands used to retrieve information about proxy configuration from the Envoy config dump

Usage:
  istioctl proxy-config [command]

Aliases:
  proxy-config, pc

Available Commands:
${PARTS.filter(({ summary }) => summary)
  .map(({ name, summary }) => `  ${name.padEnd(14)} ${summary}\n`)
  .join("")}`;

/** `istioctl proxy-config` (istioctl: pkg/proxyconfig). */
export const proxyConfig: Subcommand = {
  name: "proxy-config",
  aliases: ["pc"],
  summary: "Retrieve information about proxy configuration from Envoy [kube only]",
  help: HELP,
  flags: { ...OUTPUT, ...FILE, ...ADMIN, level: { value: "text" }, reset: { short: "r" } },
  *run(ctx) {
    const word = ctx.args.shift();
    const part = PARTS.find(
      ({ name, aliases }) => word && (name === word || aliases.includes(word)),
    );
    return part ? yield* part.run(ctx, part) : HELP;
  },
  complete: (words) => (words.length === 1 ? PARTS.map(({ name }) => name) : null),
};
