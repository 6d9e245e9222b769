import { columns } from "../../../base/text.ts";
import type { EndpointSlice, KubeObject, Node, Pod, Service } from "../../../kube/objects.ts";
import {
  age,
  find,
  type Kubectl,
  KubectlError,
  matching,
  type Resource,
  resource,
  shortOf,
} from "./context.ts";

/** Columns of a kind, plain and wide, as the API server's table printers have them. */
interface Printer {
  head: string[];
  wide: string[];
  row(k: Kubectl, o: KubeObject): { plain: string[]; wide: string[] };
}

function podRow(k: Kubectl, pod: Pod): { plain: string[]; wide: string[] } {
  const ready = pod.status.filter((c) => c.ready).length;
  const waiting = pod.status.find((c) => c.waiting)?.waiting ?? "";
  const status = pod.meta.deleted !== null ? "Terminating" : waiting || pod.phase;
  const restarts = pod.status.reduce((n, c) => n + c.restarts, 0);
  return {
    plain: [
      pod.meta.name,
      `${ready}/${pod.status.length}`,
      status,
      String(restarts),
      age(k, pod.meta.created),
    ],
    wide: [pod.ip || "<none>", pod.node, "<none>", "<none>"],
  };
}

function serviceRow(k: Kubectl, s: Service): { plain: string[]; wide: string[] } {
  const ports = s.ports.map((p) => `${p.port}/${p.protocol}`).join(",");
  const selector = Object.entries(s.selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
  return {
    plain: [s.meta.name, s.type, s.clusterIp, "<none>", ports || "<none>", age(k, s.meta.created)],
    wide: [selector || "<none>"],
  };
}

function nodeRow(k: Kubectl, n: Node): { plain: string[]; wide: string[] } {
  return {
    plain: [
      n.meta.name,
      n.ready ? "Ready" : "NotReady",
      "<none>",
      age(k, n.meta.created),
      n.kubelet,
    ],
    wide: [n.internalIp, "<none>", n.os, n.kernel, n.runtime],
  };
}

function sliceRow(k: Kubectl, s: EndpointSlice): { plain: string[]; wide: string[] } {
  const ports = s.ports.map((p) => String(p.targetPort)).join(",");
  const ips = s.endpoints.map((e) => e.ip);
  const shown =
    ips.length > 3 ? `${ips.slice(0, 3).join(",")} + ${ips.length - 3} more...` : ips.join(",");
  return {
    plain: [s.meta.name, "IPv4", ports || "<unset>", shown || "<unset>", age(k, s.meta.created)],
    wide: [],
  };
}

const PRINTERS: Record<string, Printer> = {
  Pod: {
    head: ["NAME", "READY", "STATUS", "RESTARTS", "AGE"],
    wide: ["IP", "NODE", "NOMINATED NODE", "READINESS GATES"],
    row: (k, o) => podRow(k, o as Pod),
  },
  Service: {
    head: ["NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE"],
    wide: ["SELECTOR"],
    row: (k, o) => serviceRow(k, o as Service),
  },
  Node: {
    head: ["NAME", "STATUS", "ROLES", "AGE", "VERSION"],
    wide: ["INTERNAL-IP", "EXTERNAL-IP", "OS-IMAGE", "KERNEL-VERSION", "CONTAINER-RUNTIME"],
    row: (k, o) => nodeRow(k, o as Node),
  },
  Namespace: {
    head: ["NAME", "STATUS", "AGE"],
    wide: [],
    row: (k, o) => ({ plain: [o.meta.name, "Active", age(k, o.meta.created)], wide: [] }),
  },
  EndpointSlice: {
    head: ["NAME", "ADDRESSTYPE", "PORTS", "ENDPOINTS", "AGE"],
    wide: [],
    row: (k, o) => sliceRow(k, o as EndpointSlice),
  },
  ServiceAccount: {
    head: ["NAME", "SECRETS", "AGE"],
    wide: [],
    row: (k, o) => ({ plain: [o.meta.name, "0", age(k, o.meta.created)], wide: [] }),
  },
};

/** `kubectl get TYPE[,TYPE] [NAME…]`; the text for stdout. */
export function get(k: Kubectl): string {
  const [types, ...names] = k.args;
  if (types === undefined)
    throw new KubectlError(
      'You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.\n\nerror: Required resource not specified.\nUse "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).\nSee \'kubectl get -h\' for help and examples',
    );
  if (!["", "wide", "name"].includes(k.output))
    throw new KubectlError(
      `error: unable to match a printer suitable for the output format "${k.output}", allowed formats are: name,wide`,
    );
  let out = "";
  const wanted = types.includes("/") ? k.args.map((arg) => arg.split("/") as [string, string]) : [];
  if (wanted.length) {
    for (const [type, name] of wanted)
      out += table(k, resource(type), [find(k, resource(type), name)], false);
    return out;
  }
  const list = types.split(",").map(resource);
  for (const type of list) {
    const objects = names.length ? names.map((name) => find(k, type, name)) : matching(k, type);
    if (objects.length === 0) continue;
    if (out) out += "\n";
    out += table(k, type, objects, list.length > 1);
  }
  if (out === "") {
    const where = k.allNamespaces || !list[0]?.namespaced ? "" : ` in ${k.namespace} namespace`;
    throw new KubectlError(`No resources found${where}${where ? "." : ""}`, 0);
  }
  return out;
}

function table(k: Kubectl, type: Resource, objects: KubeObject[], prefixed: boolean): string {
  const short = shortOf(type);
  if (k.output === "name") return objects.map((o) => `${short}/${o.meta.name}\n`).join("");
  const printer = PRINTERS[type.kind] as Printer;
  const wide = k.output === "wide";
  const rows = objects.map((o) => {
    const row = printer.row(k, o);
    const cells = [...row.plain, ...(wide ? row.wide : [])];
    if (prefixed) cells[0] = `${short}/${cells[0]}`;
    if (k.showLabels) cells.push(labels(o.meta.labels));
    return k.allNamespaces && type.namespaced ? [o.meta.namespace, ...cells] : cells;
  });
  const head = [
    ...printer.head,
    ...(wide ? printer.wide : []),
    ...(k.showLabels ? ["LABELS"] : []),
  ];
  if (k.allNamespaces && type.namespaced) head.unshift("NAMESPACE");
  return columns(k.noHeaders ? rows : [head, ...rows]);
}

function labels(all: Record<string, string>): string {
  const list = Object.entries(all).map(([key, value]) => `${key}=${value}`);
  return list.length ? list.sort().join(",") : "<none>";
}
