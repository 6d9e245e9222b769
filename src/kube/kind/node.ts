import type { Node } from "../api/core.ts";
import { requestsOf, shareText } from "../describe/resources.ts";
import { DescribeWriter, longTime } from "../describe/writer.ts";
import { since } from "../duration.ts";
import { defineKind, type View } from "../kind.ts";
import { internalIp } from "../objects.ts";
import { array, boolean, object, open, string } from "../schema.ts";
import { ageColumn, nameColumn } from "./cells.ts";
import { kindSchema } from "./meta-schema.ts";

const ROLE = "node-role.kubernetes.io/";

function statusText(node: Node): string {
  const ready = node.status.conditions.find((c) => c.type === "Ready");
  const words = [ready ? (ready.status === "True" ? "Ready" : "NotReady") : "Unknown"];
  if (node.spec.unschedulable) words.push("SchedulingDisabled");
  return words.join(",");
}

/** "<none>", "control-plane". */
export function rolesText(node: Node): string {
  const roles = Object.keys(node.metadata.labels ?? {})
    .filter((key) => key.startsWith(ROLE))
    .map((key) => key.slice(ROLE.length));
  return roles.sort().join(",") || "<none>";
}

function describeNode(node: Node, view: View): string {
  const w = new DescribeWriter();
  const { metadata, spec, status } = node;
  w.write(0, `Name:\t${metadata.name}`);
  w.write(0, `Roles:\t${rolesText(node)}`);
  w.labels("Labels", metadata.labels);
  w.annotations("Annotations", metadata.annotations);
  w.write(0, `CreationTimestamp:\t${longTime(metadata.creationTimestamp)}`);
  const taints = (spec.taints ?? []).map(
    (t) => `${t.key}${t.value ? `=${t.value}` : ""}:${t.effect}`,
  );
  w.write(0, `Taints:\t${taints[0] ?? "<none>"}`);
  for (const taint of taints.slice(1)) w.write(0, `\t${taint}`);
  w.write(0, `Unschedulable:\t${spec.unschedulable ?? false}`);
  w.write(0, "Conditions:");
  w.write(1, "Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage");
  w.write(1, "----\t------\t-----------------\t------------------\t------\t-------");
  for (const c of status.conditions)
    w.write(
      1,
      `${c.type} \t${c.status} \t${longTime(c.lastHeartbeatTime)} \t${longTime(c.lastTransitionTime)} \t${c.reason ?? ""} \t${c.message ?? ""}`,
    );
  w.write(0, "Addresses:");
  for (const { type, address } of status.addresses) w.write(1, `${type}:\t${address}`);
  for (const [title, list] of [
    ["Capacity", status.capacity],
    ["Allocatable", status.allocatable],
  ] as const) {
    w.write(0, `${title}:`);
    for (const name of Object.keys(list).sort()) w.write(1, `${name}:\t${list[name]}`);
  }
  const info = status.nodeInfo;
  w.write(0, "System Info:");
  w.write(1, `Machine ID:\t${info.machineID}`);
  w.write(1, `System UUID:\t${info.systemUUID}`);
  w.write(1, `Boot ID:\t${info.bootID}`);
  w.write(1, `Kernel Version:\t${info.kernelVersion}`);
  w.write(1, `OS Image:\t${info.osImage}`);
  w.write(1, `Operating System:\t${info.operatingSystem}`);
  w.write(1, `Architecture:\t${info.architecture}`);
  w.write(1, `Container Runtime Version:\t${info.containerRuntimeVersion}`);
  w.write(1, `Kubelet Version:\t${info.kubeletVersion}`);
  w.write(1, `Kube-Proxy Version:\t${info.kubeProxyVersion}`);
  if (spec.podCIDR) w.write(0, `PodCIDR:\t${spec.podCIDR}`);
  if (spec.podCIDRs?.length) w.write(0, `PodCIDRs:\t${spec.podCIDRs.join(",")}`);
  if (spec.providerID) w.write(0, `ProviderID:\t${spec.providerID}`);
  describePods(w, node, view);
  return w.text;
}

/** The pods of the node, and what they have asked for. */
function describePods(w: DescribeWriter, { metadata, status }: Node, view: View): void {
  const pods = view.cluster.store
    .list("Pod")
    .filter((pod) => pod.spec.nodeName === metadata.name)
    .filter(({ status: { phase } }) => phase === "Pending" || phase === "Running")
    .sort((a, b) => (key(a.metadata) < key(b.metadata) ? -1 : 1));
  w.write(0, `Non-terminated Pods:\t(${pods.length} in total)`);
  w.write(1, "Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge");
  w.write(1, "---------\t----\t\t------------\t----------\t---------------\t-------------\t---");
  const all = status.allocatable;
  for (const pod of pods) {
    const { requests, limits } = requestsOf([pod]);
    const cells = ["cpu", "memory"].flatMap((name) => [
      shareText(name, requests[name] ?? 0, all),
      shareText(name, limits[name] ?? 0, all),
    ]);
    w.write(
      1,
      `${pod.metadata.namespace}\t${pod.metadata.name}\t\t${cells.join("\t")}\t${since(pod.metadata.creationTimestamp, view.now)}`,
    );
  }
  w.write(0, "Allocated resources:");
  w.write(1, "(Total limits may be over 100 percent, i.e., overcommitted.)");
  w.write(1, "Resource\tRequests\tLimits");
  w.write(1, "--------\t--------\t------");
  const { requests, limits } = requestsOf(pods);
  for (const name of ["cpu", "memory", "ephemeral-storage"])
    w.write(
      1,
      `${name}\t${shareText(name, requests[name] ?? 0, all)}\t${shareText(name, limits[name] ?? 0, all)}`,
    );
}

function key({ namespace = "", name }: { namespace?: string; name: string }): string {
  return `${namespace}/${name}`;
}

export const node = defineKind<Node>({
  group: "",
  version: "v1",
  kind: "Node",
  plural: "nodes",
  singular: "node",
  shortNames: ["no"],
  namespaced: false,
  schema: kindSchema("io.k8s.api.core.v1.Node", "Node is a machine that runs pods.", {
    spec: object("io.k8s.api.core.v1.NodeSpec", "What the node is to be.", {
      configSource: open("io.k8s.api.core.v1.NodeConfigSource", "Not used any more."),
      externalID: string("Not used any more."),
      podCIDR: string("Addresses that its pods get."),
      podCIDRs: array("The same, for each family.", string("")),
      providerID: string("What the cloud calls it."),
      taints: array("What keeps pods away.", open("io.k8s.api.core.v1.Taint", "A taint.")),
      unschedulable: boolean("No new pods come here."),
    }),
    status: open("io.k8s.api.core.v1.NodeStatus", "How the node is. Written by its kubelet."),
  }),
  columns: [
    nameColumn,
    { name: "STATUS", cell: statusText },
    { name: "ROLES", cell: rolesText },
    ageColumn,
    { name: "VERSION", cell: (o) => o.status.nodeInfo.kubeletVersion },
    { name: "INTERNAL-IP", wide: true, cell: (o) => internalIp(o) || "<none>" },
    {
      name: "EXTERNAL-IP",
      wide: true,
      cell: (o) => o.status.addresses.find((a) => a.type === "ExternalIP")?.address ?? "<none>",
    },
    { name: "OS-IMAGE", wide: true, cell: (o) => o.status.nodeInfo.osImage },
    { name: "KERNEL-VERSION", wide: true, cell: (o) => o.status.nodeInfo.kernelVersion },
    {
      name: "CONTAINER-RUNTIME",
      wide: true,
      cell: (o) => o.status.nodeInfo.containerRuntimeVersion,
    },
  ],
  describe: describeNode,
});
