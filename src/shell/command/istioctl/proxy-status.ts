import type { Run } from "../../../host/process.ts";
import { humanDuration } from "../../../kube/duration.ts";
import { toYaml } from "../../../kube/text/yaml.ts";
import {
  type Istioctl,
  IstioctlError,
  isZtunnel,
  podsOf,
  portForward,
  usageError,
} from "./context.ts";
import { allSyncz, istiodsOf, pageOf, type ResourceStatus, type SyncStatus } from "./istiod.ts";
import { isToday } from "./release.ts";
import { ADMIN, FILE, OUTPUT, REVISION, type Subcommand } from "./subcommand.ts";
import { table } from "./tables.ts";

const ADMIN_PORT = 15000;
const url = (message: string): string => `type.googleapis.com/${message}`;

/** Types by their short names (istio: pkg/model/xds.go, GetShortType). */
const SHORT: Readonly<Record<string, string>> = {
  [url("envoy.config.cluster.v3.Cluster")]: "CDS",
  [url("envoy.config.listener.v3.Listener")]: "LDS",
  [url("envoy.config.endpoint.v3.ClusterLoadAssignment")]: "EDS",
  [url("envoy.config.route.v3.RouteConfiguration")]: "RDS",
  [url("envoy.config.core.v3.TypedExtensionConfig")]: "ECDS",
  [url("envoy.extensions.transport_sockets.tls.v3.Secret")]: "SDS",
  [url("istio.networking.nds.v1.NameTable")]: "NDS",
  [url("istio.mesh.v1alpha1.ProxyConfig")]: "PCDS",
  [url("istio.workload.Address")]: "WDS",
  [url("istio.workload.Workload")]: "WDS",
  [url("istio.security.Authorization")]: "WADS",
};
/** Those that stand first, in their old order; with `-v 1` also those that nobody asks for. */
const CORE = Object.keys(SHORT).slice(0, 4);
const KNOWN = Object.keys(SHORT).slice(0, 5);

/** A proxy, as the istiod that it is connected to has it. */
interface Row {
  istiod: string;
  proxy: string;
  cluster: string;
  namespace: string;
  version: string;
  types: Map<string, ResourceStatus>;
}

/** istio: pilot/pkg/xds/statusgen.go, debugSyncStatus */
function configStatus({ sent = "", acked, lastError }: ResourceStatus): string {
  if (lastError) return "ERROR";
  if (!sent) return "NOT_SENT";
  return sent === acked ? "SYNCED" : "STALE";
}

/** "SYNCED (36s)"; `now` in ms since 1970. */
function shown(status: ResourceStatus | undefined, now: number): string {
  if (!status) return "IGNORED";
  const word = configStatus(status);
  if (word === "NOT_SENT") return "NOT SENT";
  return `${word} (${humanDuration(now - Date.parse(status.sentTime))})`;
}

function shortName(type: string): string {
  return SHORT[type] ?? type;
}

/** The core's first, then the others by their names. */
function typesOf(rows: readonly Row[]): string[] {
  const seen = new Set(rows.flatMap(({ types }) => [...types.keys()]));
  return [
    ...CORE.filter((type) => seen.has(type)),
    ...[...seen].filter((type) => !CORE.includes(type)).sort(),
  ];
}

/** istioctl: pkg/writer/pilot/status.go, PrintAll */
function summary(rows: readonly Row[]): string {
  const all = typesOf(rows);
  const cells = rows.map(({ proxy, cluster, istiod, version, types }) => {
    const names = all.filter((type) => types.has(type)).map(shortName);
    const subscribed = names.length ? `${names.length} (${names.join(",")})` : "0";
    return [proxy, cluster, istiod, version, subscribed];
  });
  return table([["NAME", "CLUSTER", "ISTIOD", "VERSION", "SUBSCRIBED TYPES"], ...cells], 5);
}

/** istioctl: printAllVerbose */
function verbose(rows: readonly Row[], now: number): string {
  const all = [...new Set([...typesOf(rows), ...KNOWN])].sort();
  const cells = rows.map(({ proxy, cluster, istiod, version, types }) => [
    proxy,
    cluster,
    ...all.map((type) => shown(types.get(type), now)),
    istiod,
    version,
  ]);
  const head = ["NAME", "CLUSTER", ...all.map(shortName), "ISTIOD", "VERSION"];
  return table([head, ...cells], 5);
}

/** A DiscoveryResponse as JSON, without what only the wire has: its version and its nonce. */
function response(istiod: string, info: object, rows: readonly Row[]): object {
  return {
    resources: rows.map(({ proxy, cluster, namespace, version, types }) => ({
      "@type": url("envoy.service.status.v3.ClientConfig"),
      node: {
        id: proxy,
        metadata: { CLUSTER_ID: cluster, ISTIO_VERSION: version, NAMESPACE: namespace },
      },
      genericXdsConfigs: [...types]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([typeUrl, status]) => ({
          typeUrl,
          lastUpdated: status.sentTime,
          configStatus: configStatus(status),
          ...(status.lastError && {
            errorState: { lastUpdateAttempt: status.sentTime, details: status.lastError },
          }),
        })),
    })),
    typeUrl: "istio.io/debug/syncz",
    controlPlane: { identifier: JSON.stringify({ Component: "istiod", ID: istiod, Info: info }) },
  };
}

function rowOf(istiod: string, status: SyncStatus): Row {
  const { proxy, cluster_id = "", istio_version = "", resources = {} } = status;
  return {
    istiod,
    proxy,
    cluster: cluster_id,
    namespace: proxy.slice(proxy.indexOf(".") + 1),
    version: istio_version,
    types: new Map(Object.entries(resources)),
  };
}

/** Today's (istioctl: pkg/proxystatus): each istiod is asked, through a forwarded port. */
function* today(ctx: Istioctl): Run<string> {
  const { sim } = ctx.p;
  const format = ctx.options.get("output") ?? "table";
  const istiods = istiodsOf(ctx);
  if (istiods.length === 0)
    throw new IstioctlError(`no running Istio pods in "${ctx.istioNamespace}"`);
  const rows: Row[] = [];
  const infos = new Map<string, object>();
  for (const pod of istiods) {
    const { name } = pod.metadata;
    const answer = yield* pageOf(ctx, pod, "debug/syncz");
    const build = yield* pageOf(ctx, pod, "version");
    if (typeof answer === "string" || typeof build === "string")
      throw new IstioctlError(
        `could not get XDS from discovery pod "${name}": could not dial: rpc error: code = Unavailable desc = connection error: desc = "error reading server preface: EOF"`,
      );
    const [, version, revision, status] = /^(.*)-([^-]*)-([^-]*)$/.exec(build.body) ?? [];
    infos.set(name, { version, revision, status, tag: version });
    const proxies = JSON.parse(answer.body) as SyncStatus[];
    rows.push(...proxies.map((proxy) => rowOf(name, proxy)));
  }
  const found = rows
    .filter(({ namespace }) => !ctx.namespace || namespace === ctx.namespace)
    .sort((a, b) => (a.proxy < b.proxy ? -1 : 1));
  if (format === "json" || format === "yaml") {
    const all = [...infos].map(([name, info]) =>
      response(
        name,
        info,
        found.filter(({ istiod }) => istiod === name),
      ),
    );
    return all
      .map((one) => (format === "yaml" ? `${toYaml(one)}\n` : `${JSON.stringify(one, null, 4)}\n`))
      .join("");
  }
  if (format !== "table") throw new IstioctlError(`output format "${format}" not supported`);
  if (Number(ctx.options.get("verbosity") ?? 0) > 0)
    return verbose(found, sim.epoch + sim.now / 1e6);
  return summary(found);
}

/** The preview's (istioctl of 2022: pkg/writer/pilot/status.go, StatusWriter). */
function* preview(ctx: Istioctl): Run<string> {
  for (const later of ["output", "verbosity"])
    if (ctx.options.has(later)) usageError(`unknown flag: --${later}`);
  const word = (sent = "", acked = ""): string => {
    if (!sent) return "NOT SENT";
    if (sent === acked) return "SYNCED";
    return acked ? "STALE" : "STALE (Never Acknowledged)";
  };
  const compare = (a = "", b = ""): number => (a < b ? -1 : a > b ? 1 : 0);
  const all = (yield* allSyncz(ctx))
    .flatMap(({ istiod, proxies }) =>
      proxies.map((proxy) => ({ istiod: istiod.metadata.name, ...proxy })),
    )
    .sort((a, b) => compare(a.cluster_id, b.cluster_id) || compare(a.proxy, b.proxy));
  const rows = all.map((one) => [
    one.proxy,
    one.cluster_id ?? "",
    word(one.cluster_sent, one.cluster_acked),
    word(one.listener_sent, one.listener_acked),
    word(one.endpoint_sent, one.endpoint_acked),
    word(one.route_sent, one.route_acked),
    word(one.extensionconfig_sent, one.extensionconfig_acked),
    one.istiod,
    one.istio_version ?? "*",
  ]);
  const head = ["NAME", "CLUSTER", "CDS", "LDS", "EDS", "RDS", "ECDS", "ISTIOD", "VERSION"];
  return table([head, ...rows], 5);
}

/** The difference between what a proxy has and what istiod would send it: of Envoys only. */
function* difference(ctx: Istioctl, text: string): Run<string> {
  const [pod] = podsOf(ctx, text, ctx.namespace || "default");
  if (!pod) throw new IstioctlError("no pods found");
  const { name, namespace } = pod.metadata;
  if (isToday(ctx.cluster) && isZtunnel(pod))
    return `Sync diff is not available for ztunnel pod ${name}.${namespace}\n`;
  const port = Number(ctx.options.get("proxy-admin-port") ?? ADMIN_PORT);
  const answer = yield* portForward(ctx, pod, port, "config_dump");
  if (typeof answer === "string")
    throw new IstioctlError(isToday(ctx.cluster) ? `could not contact sidecar: ${answer}` : answer);
  throw new IstioctlError("istiod's own dump of a proxy's configuration is not emulated here");
}

/** `istioctl proxy-status` */
export const proxyStatus: Subcommand = {
  name: "proxy-status",
  aliases: ["ps"],
  summary: "Retrieves the synchronization status of each Envoy in the mesh",
  help: `Retrieves last sent and last acknowledged xDS sync from Istiod to each Envoy in the mesh

Usage:
  istioctl proxy-status [<type>/]<name>[.<namespace>] [flags]

Aliases:
  proxy-status, ps

Flags:
      --file string            Envoy config dump JSON file
  -o, --output string          Output format: one of json|yaml|table (default "table")
      --proxy-admin-port int   Envoy proxy admin port (default 15000)
  -r, --revision string        Control plane revision
  -v, --verbosity int          Verbosity level for proxy status output. 0=default, 1=show all xDS types (max verbosity)
`,
  flags: {
    ...OUTPUT,
    ...FILE,
    ...ADMIN,
    ...REVISION,
    verbosity: { short: "v", value: "integer" },
  },
  *run(ctx) {
    const [name] = ctx.args;
    if (name !== undefined) return yield* difference(ctx, name);
    return yield* isToday(ctx.cluster) ? today(ctx) : preview(ctx);
  },
};
