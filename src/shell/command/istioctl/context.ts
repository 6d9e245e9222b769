import { SysError } from "../../../base/errno.ts";
import { fromUtf8 } from "../../../base/text.ts";
import type { Process, Run } from "../../../host/process.ts";
import type { Pod } from "../../../kube/api/pod.ts";
import type { Cluster } from "../../../kube/cluster.ts";
import { matchesSelector } from "../../../kube/objects.ts";
import { httpGet } from "../../lib/http-client.ts";
import type { Parsed } from "../../lib/pflag.ts";

/** istioctl's own errors: "Error: …" on stderr, and its exit status (istioctl: cmd/sysexits.go). */
export class IstioctlError extends Error {
  status: number;

  constructor(message: string, status = 1) {
    super(message);
    this.status = status;
  }
}

/** The command line is wrong: EX_USAGE. */
export function usageError(message: string): never {
  throw new IstioctlError(message, 64);
}

export const ISTIO_NAMESPACE = "istio-system";

/** What a subcommand works with. */
export class Istioctl {
  p: Process;
  /** Null: there is none to ask; see `cluster`. */
  found: Cluster | null;
  options: Map<string, string>;
  /** Every value of options that may be repeated. */
  lists: Map<string, string[]>;
  args: string[];

  constructor(p: Process, found: Cluster | null, { options, args }: Parsed) {
    this.p = p;
    this.found = found;
    this.options = new Map([...options].map(([name, values]) => [name, values.at(-1) ?? ""]));
    this.lists = options;
    this.args = args;
  }

  /** Throws IstioctlError where nobody has configured one. */
  get cluster(): Cluster {
    if (this.found) return this.found;
    throw new IstioctlError(
      "create kube client: failed to build client: invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable",
    );
  }

  /** `-n`, "" where nobody said. */
  get namespace(): string {
    return this.options.get("namespace") ?? "";
  }

  get istioNamespace(): string {
    return this.options.get("istioNamespace") ?? ISTIO_NAMESPACE;
  }

  /** Is a switch on? */
  on(name: string, otherwise = false): boolean {
    const value = this.options.get(name);
    return value === undefined ? otherwise : /^(1|t|true)$/i.test(value);
  }
}

/** A name as people give it: "POD", "POD.NAMESPACE", "TYPE/NAME", "TYPE/NAME.NAMESPACE". */
export function podsOf(ctx: Istioctl, text: string, namespace: string): Pod[] {
  const { store } = ctx.cluster;
  const [type, rest] = text.includes("/") ? (text.split("/") as [string, string]) : ["pod", text];
  const dot = rest.indexOf(".");
  const name = dot < 0 ? rest : rest.slice(0, dot);
  const ns = dot < 0 ? namespace : rest.slice(dot + 1);
  const kind = ctx.cluster.kinds.named(type);
  if (!kind) throw new IstioctlError(`no matches for kind "${type}" in version ""`);
  if (kind.kind === "Pod") {
    const pod = store.get("Pod", name, ns);
    if (!pod) throw new IstioctlError(`pods "${name}" not found`);
    return [pod];
  }
  const object = store.get(ctx.cluster.kinds.keyOf(kind), name, ns);
  if (!object)
    throw new IstioctlError(`${kind.plural}${kind.group && `.${kind.group}`} "${name}" not found`);
  const { selector } = (object.spec ?? {}) as {
    selector?: { matchLabels?: Record<string, string> } & Record<string, unknown>;
  };
  const labels = kind.kind === "Service" ? { matchLabels: selector as never } : selector;
  const pods = store
    .list("Pod", ns)
    .filter((pod) => labels !== undefined && matchesSelector(labels, pod.metadata.labels ?? {}));
  if (pods.length === 0) throw new IstioctlError("no pods found");
  return [...pods];
}

export function isZtunnel(pod: Pod): boolean {
  return pod.metadata.labels?.app === "ztunnel";
}

/** The DaemonSet's pod on a node (istioctl: PodOnNodeFromDaemonset). */
export function ztunnelOn(ctx: Istioctl, node: string): Pod {
  const pods = podsOf(ctx, "daemonset/ztunnel", ISTIO_NAMESPACE);
  const found = pods.find((pod) => pod.spec.nodeName === node);
  if (!found) throw new IstioctlError("no pods found");
  return found;
}

/**
 * A request to a port of a pod's loopback, as the API server forwards it: the node's kubelet connects
 * from within the pod's network namespace.
 */
export function* forwarded(
  ctx: Istioctl,
  pod: Pod,
  port: number,
  path: string,
  method = "GET",
): Run<string> {
  const machine = ctx.cluster.machineOf(pod);
  const { name, namespace } = pod.metadata;
  const failed = (why: string): never => {
    throw new IstioctlError(
      `failed to execute command on ${name}.${namespace} Ztunnel: error running ${method} "${path}": ${why}`,
    );
  };
  if (!machine || pod.status.phase !== "Running")
    return failed(
      `unable to forward port because pod is not running. Current status=${pod.status.phase}`,
    );
  const answer = yield* httpGet(ctx.p, machine.netns, port, `/${path}`, method);
  if (typeof answer === "string") return failed(`port forward: ${answer}`);
  if (answer.status !== 200) return failed(`unexpected status code: ${answer.status}`);
  return answer.body;
}

/**
 * A request to a port of a pod, through one that istioctl forwards; in words why there is no answer
 * (istio: pkg/kube/client.go, portForwardRequest).
 */
export function* portForward(
  ctx: Istioctl,
  pod: Pod,
  port: number,
  path: string,
  method = "GET",
): Run<{ body: string } | string> {
  const machine = ctx.cluster.machineOf(pod);
  const failed = "failure running port forward process";
  const { phase } = pod.status;
  if (!machine || phase !== "Running")
    return `${failed}: unable to forward port because pod is not running. Current status=${phase}`;
  const answer = yield* httpGet(ctx.p, machine.netns, port, `/${path}`, method);
  // Whoever refuses is in the pod: here a connection that was there ends.
  if (typeof answer === "string") {
    const verb = `${method[0]}${method.slice(1).toLowerCase()}`;
    return `${failed}: ${verb} "http://localhost:${port}/${path}": EOF`;
  }
  return answer.status === 200 ? answer : `unexpected status code: ${answer.status}`;
}

/** A line of istioctl's own log (istio: pkg/log); `scope` "" for none. */
export function logLine({ p }: Istioctl, level: string, text: string, scope = ""): string {
  const { sim } = p;
  const micros = String(Math.floor(sim.now / 1e3) % 1000).padStart(3, "0");
  const time = new Date(sim.epoch + Math.floor(sim.now / 1e6)).toISOString();
  return `${[time.replace("Z", `${micros}Z`), level, ...(scope ? [scope] : []), text].join("\t")}\n`;
}

/** A dump that somebody has kept; "-" is standard input. */
export function* readFile(ctx: Istioctl, file: string): Run<string> {
  const { p } = ctx;
  if (file === "-") return fromUtf8(yield* p.readAll(0));
  try {
    return fromUtf8(p.machine.fs.readFile(p.path(file), p));
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    throw new IstioctlError(`open ${file}: ${error.message.toLowerCase()}`);
  }
}
