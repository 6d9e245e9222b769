import type { Run } from "../../../host/process.ts";
import { podReady } from "../../../kube/objects.ts";
import { toYaml } from "../../../kube/text/yaml.ts";
import { type Istioctl, IstioctlError } from "./context.ts";
import { allSyncz, istiodsOf, pageOf } from "./istiod.ts";
import { type BuildInfo, buildOf, isToday } from "./release.ts";
import { OUTPUT, REVISION, type Subcommand } from "./subcommand.ts";

interface Info {
  version: string;
  revision: string;
  golang_version: string;
  status: string;
  tag: string;
}

/** istio: pkg/version, ServerInfo */
interface ServerInfo {
  Component: string;
  /** Of today's. */
  Revision?: string;
  Info: Info;
}

interface ProxyInfo {
  ID: string;
  IstioVersion: string;
  /** Of today's. */
  Type?: string;
}

function infoOf({ version, revision, golangVersion, status }: BuildInfo): Info {
  return { version, revision, golang_version: golangVersion, status, tag: version };
}

/** "1.30.3-56df41…-Clean" (istio: pkg/kube/client.go, setServerInfoWithIstiodVersionInfo). */
function parsed(text: string): Info {
  const parts = text.split("-");
  if (parts.length < 3)
    return { version: text, revision: "", golang_version: "", status: "", tag: "" };
  const status = parts.pop() ?? "";
  const last = parts.pop() ?? "";
  const revision = last === "dirty" ? `${parts.pop() ?? ""}-dirty` : last;
  const version = parts.join("-");
  return { version, revision, golang_version: "", status, tag: version };
}

/** istio: pkg/kube/client.go, GetIstioVersions. What is wrong with some is said beside the others. */
function* servers(ctx: Istioctl): Run<{ found: ServerInfo[] | null; error: string }> {
  const { found: cluster, istioNamespace } = ctx;
  try {
    void ctx.cluster;
  } catch (error) {
    if (error instanceof IstioctlError) return { found: null, error: error.message };
    throw error;
  }
  const today = isToday(cluster);
  // Who is not ready answers today's no more.
  const ready = istiodsOf(ctx).filter((pod) => !today || podReady(pod));
  if (ready.length === 0) {
    const where = `${today ? "namespace " : ""}"${istioNamespace}"`;
    return { found: null, error: `no running Istio pods in ${where}` };
  }
  const found: ServerInfo[] = [];
  const errors: string[] = [];
  for (const pod of ready) {
    const { name, namespace, labels = {} } = pod.metadata;
    const answer = yield* pageOf(ctx, pod, "version");
    if (typeof answer === "string") {
      errors.push(`error port-forwarding into ${namespace}.${name}: ${answer}`, answer);
      continue;
    }
    const revision = today ? { Revision: labels["istio.io/rev"] ?? "" } : {};
    found.push({ Component: labels.istio ?? "", ...revision, Info: parsed(answer.body) });
  }
  const error = errors.length
    ? `${errors.length} errors occurred:\n${errors.map((e) => `\t* ${e}\n`).join("")}\n`
    : "";
  return { found, error };
}

/** Null when nobody can be asked: then nothing is said of them. */
function* proxies(ctx: Istioctl): Run<ProxyInfo[] | null> {
  if (!ctx.found) return null;
  try {
    const all = yield* allSyncz(ctx);
    return all.flatMap(({ proxies }) =>
      proxies.map(({ proxy, istio_version = "", proxy_type = "" }) => ({
        ID: proxy,
        IstioVersion: istio_version,
        ...(proxy_type && { Type: proxy_type === "router" ? "gateway" : proxy_type }),
      })),
    );
  } catch (error) {
    if (!(error instanceof IstioctlError)) throw error;
    return null;
  }
}

/** "1.30.3 (2 proxies)" (istio: pkg/version/cobra.go, renderProxyVersions). */
function counted(all: readonly ProxyInfo[]): string {
  const counts = new Map<string, number>();
  for (const { IstioVersion } of all) counts.set(IstioVersion, (counts.get(IstioVersion) ?? 0) + 1);
  const texts = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  return texts.map(([version, count]) => `${version} (${count} proxies)`).join(", ") || "none";
}

/** As Go prints a struct with %#v. */
function goStruct(type: string, fields: readonly (readonly [string, string])[]): string {
  return `${type}{${fields.map(([name, value]) => `${name}:${JSON.stringify(value)}`).join(", ")}}`;
}

function longForm({ version, revision, golang_version, status, tag }: Info): string {
  return goStruct("version.BuildInfo", [
    ["Version", version],
    ["GitRevision", revision],
    ["GolangVersion", golang_version],
    ["BuildStatus", status],
    ["GitTag", tag],
  ]);
}

function* run(ctx: Istioctl): Run<string> {
  const output = ctx.options.get("output") ?? "";
  if (output && output !== "yaml" && output !== "json")
    throw new IstioctlError("--output must be 'yaml' or 'json'");
  const client = infoOf(buildOf(ctx.found));
  const remote = ctx.on("remote", true);
  let mesh: ServerInfo[] | null = null;
  let plane: ProxyInfo[] | null = null;
  if (remote) {
    const { found, error } = yield* servers(ctx);
    mesh = found;
    const missing = mesh || !isToday(ctx.found) ? "" : "Istio is not present in the cluster";
    const words = [missing, error].filter(Boolean).join(": ");
    if (words) yield* ctx.p.err(`${words}\n`);
    plane = yield* proxies(ctx);
  }
  if (output) {
    const all = {
      clientVersion: client,
      ...(mesh && { meshVersion: mesh }),
      ...(plane && { dataPlaneVersion: plane }),
    };
    return output === "yaml" ? `${toYaml(all)}\n` : `${JSON.stringify(all, null, 2)}\n`;
  }
  if (!ctx.on("short", true)) {
    const lines = [
      `client version: ${longForm(client)}`,
      ...(mesh ?? []).map(({ Component, Info }) => `${Component} version: ${longForm(Info)}`),
      ...(plane ?? []).map(
        ({ ID, IstioVersion, Type }) =>
          `data plane version: ${goStruct("version.ProxyInfo", [
            ["ID", ID],
            ["IstioVersion", IstioVersion],
            ...(Type === undefined ? [] : [["Type", Type] as const]),
          ])}`,
      ),
    ];
    return `${lines.join("\n")}\n`;
  }
  const [first] = mesh ?? [];
  const alike = mesh?.every(({ Info }) => Info.version === first?.Info.version) ?? false;
  const planes = first && alike ? [{ Component: "control plane", Info: first.Info }] : (mesh ?? []);
  const lines = [
    `client version: ${client.version}`,
    ...planes.map(({ Component, Info }) => `${Component} version: ${Info.version}`),
    ...(plane ? [`data plane version: ${counted(plane)}`] : []),
  ];
  return `${lines.join("\n")}\n`;
}

/** `istioctl version` (istio: istioctl/pkg/version, pkg/version/cobra.go). */
export const version: Subcommand = {
  name: "version",
  aliases: [],
  summary: "Prints out build version information",
  help: `Prints out build version information

Usage:
  istioctl version [flags]

Flags:
  -o, --output string     One of 'yaml' or 'json'.
      --remote            Use --remote=false to suppress control plane check (default true)
  -r, --revision string   Control plane revision
  -s, --short             Use --short=false to generate full version information (default true)
`,
  flags: { ...OUTPUT, ...REVISION, remote: {}, short: { short: "s" } },
  offline: true,
  run,
  complete: () => [],
};
