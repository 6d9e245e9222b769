import type { Service } from "../api/core.ts";
import { DescribeWriter } from "../describe/writer.ts";
import { defineKind } from "../kind.ts";
import { array, boolean, integer, intOrString, map, object, open, string } from "../schema.ts";
import { ageColumn, labelsText, nameColumn } from "./cells.ts";
import { endpointsText } from "./endpoints.ts";
import { kindSchema } from "./meta-schema.ts";
import { serviceDefaults, serviceErrors } from "./service-validate.ts";

const V1 = "io.k8s.api.core.v1";

const port = object(
  `${V1}.ServicePort`,
  "A port of the Service.",
  {
    appProtocol: string("The protocol within: http, https, grpc."),
    name: string("A name, needed when there are several ports."),
    nodePort: integer("The port on each node, for the types NodePort and LoadBalancer."),
    port: integer("The port on the Service's own address."),
    protocol: string("TCP, UDP or SCTP. Default TCP."),
    targetPort: intOrString(
      "Number or name of the pods' port; the same as port when it is not said.",
    ),
  },
  ["port"],
);

const spec = object(`${V1}.ServiceSpec`, "How the Service behaves.", {
  allocateLoadBalancerNodePorts: boolean("Whether a load balancer needs ports on the nodes."),
  clusterIP: string("The Service's own address; None for a headless one. It cannot be changed."),
  clusterIPs: array("All of the Service's addresses.", string("")),
  externalIPs: array("Addresses for which nodes also take traffic.", string("")),
  externalName: string("The name that a Service of type ExternalName stands for."),
  externalTrafficPolicy: string("Whether traffic from outside stays on its node.", [
    "Cluster",
    "Local",
  ]),
  healthCheckNodePort: integer("The port of the health check."),
  internalTrafficPolicy: string("Whether traffic from inside stays on its node.", [
    "Cluster",
    "Local",
  ]),
  ipFamilies: array("IPv4, IPv6.", string("")),
  ipFamilyPolicy: string("SingleStack, PreferDualStack or RequireDualStack."),
  loadBalancerClass: string("Which implementation makes the load balancer."),
  loadBalancerIP: string("The address wished for."),
  loadBalancerSourceRanges: array("Who may reach the load balancer.", string("")),
  ports: array("The ports of the Service.", port, "port"),
  publishNotReadyAddresses: boolean("Pods count also while they are not ready."),
  selector: map("Labels of the pods that the traffic goes to."),
  sessionAffinity: string("Whether a client stays with one pod.", ["ClientIP", "None"]),
  sessionAffinityConfig: open(`${V1}.SessionAffinityConfig`, "For how long it stays."),
  type: string("How it can be reached. Default ClusterIP.", [
    "ExternalName",
    "ClusterIP",
    "NodePort",
    "LoadBalancer",
  ]),
});

function externalIp({ spec: s, status }: Service): string {
  if (s.type === "ExternalName") return s.externalName ?? "";
  if (s.type === "LoadBalancer") {
    const given = status.loadBalancer.ingress?.map((i) => i.ip ?? i.hostname ?? "") ?? [];
    return given.length ? given.join(",") : "<pending>";
  }
  return s.externalIPs?.length ? s.externalIPs.join(",") : "<none>";
}

export const service = defineKind<Service>({
  group: "",
  version: "v1",
  kind: "Service",
  plural: "services",
  singular: "service",
  shortNames: ["svc"],
  namespaced: true,
  categories: ["all"],
  schema: kindSchema(
    `${V1}.Service`,
    "Service is a name and an address for a changing group of pods.",
    { spec, status: open(`${V1}.ServiceStatus`, "What a load balancer says.") },
  ),
  columns: [
    nameColumn,
    { name: "TYPE", cell: (o) => o.spec.type },
    { name: "CLUSTER-IP", cell: (o) => o.spec.clusterIP ?? "<none>" },
    { name: "EXTERNAL-IP", cell: externalIp },
    {
      name: "PORT(S)",
      cell: (o) =>
        o.spec.ports
          ?.map((p) => `${p.port}${p.nodePort ? `:${p.nodePort}` : ""}/${p.protocol}`)
          .join(",") || "<none>",
    },
    ageColumn,
    { name: "SELECTOR", wide: true, cell: (o) => labelsText(o.spec.selector) },
  ],
  nameRule: "dns1035",
  validate: serviceErrors,
  defaults: (o, cluster) => serviceDefaults(o, cluster, null),
  defaultsOnUpdate: (o, old, cluster) => serviceDefaults(o, cluster, old),
  describe(o, view) {
    const w = new DescribeWriter();
    const { metadata, spec: s } = o;
    w.head(o);
    w.labels("Labels", metadata.labels);
    w.annotations("Annotations", metadata.annotations);
    w.write(0, `Selector:\t${labelsText(s.selector)}`);
    w.write(0, `Type:\t${s.type}`);
    if (s.ipFamilyPolicy) w.write(0, `IP Family Policy:\t${s.ipFamilyPolicy}`);
    w.write(0, `IP Families:\t${s.ipFamilies?.join(",") || "<none>"}`);
    w.write(0, `IP:\t${s.clusterIP ?? ""}`);
    w.write(0, `IPs:\t${s.clusterIPs?.join(",") || "<none>"}`);
    if (s.externalIPs?.length) w.write(0, `External IPs:\t${s.externalIPs.join(",")}`);
    if (s.externalName) w.write(0, `External Name:\t${s.externalName}`);
    const endpoints = view.cluster.store.get("Endpoints", metadata.name, metadata.namespace);
    for (const p of s.ports ?? []) {
      const name = p.name || "<unset>";
      w.write(0, `Port:\t${name}\t${p.port}/${p.protocol}`);
      w.write(0, `TargetPort:\t${p.targetPort}/${p.protocol}`);
      if (p.nodePort) w.write(0, `NodePort:\t${name}\t${p.nodePort}/${p.protocol}`);
      w.write(0, `Endpoints:\t${endpointsText(endpoints ?? {}, p.name ?? "")}`);
    }
    w.write(0, `Session Affinity:\t${s.sessionAffinity ?? "None"}`);
    if (s.externalTrafficPolicy) w.write(0, `External Traffic Policy:\t${s.externalTrafficPolicy}`);
    return w.text;
  },
});
