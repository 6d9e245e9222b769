import type { Node } from "../api/core.ts";
import { defineKind } from "../kind.ts";
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
});
