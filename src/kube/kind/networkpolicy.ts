import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from "../api/networking.ts";
import { DescribeWriter } from "../describe/writer.ts";
import { defineKind } from "../kind.ts";
import { array, integer, intOrString, object, string } from "../schema.ts";
import { ageColumn, nameColumn, selectorText } from "./cells.ts";
import { kindSchema, labelSelector } from "./meta-schema.ts";
import { networkPolicyErrors } from "./networkpolicy-validate.ts";

const V1 = "io.k8s.api.networking.v1";
const INDENT = "    ";

const port = object(`${V1}.NetworkPolicyPort`, "Ports that traffic may go to.", {
  endPort: integer("The last of a range of ports that begins with port."),
  port: intOrString("Number, or name of a port of the pods; all ports when it is not said."),
  protocol: string("TCP, UDP or SCTP. Default TCP."),
});

const peer = object(
  `${V1}.NetworkPolicyPeer`,
  "Who is at the other end. Pods by labels, namespaces by labels, or addresses.",
  {
    ipBlock: object(
      `${V1}.IPBlock`,
      "A range of addresses, with exceptions.",
      {
        cidr: string("The range."),
        except: array("Ranges within it that are not meant.", string("")),
      },
      ["cidr"],
    ),
    namespaceSelector: labelSelector(
      "Labels of namespaces: pods of all that match; an empty one matches every namespace.",
    ),
    podSelector: labelSelector(
      "Labels of pods, in the namespaces that match, else in the policy's own.",
    ),
  },
);

/** kubernetes: pkg/apis/networking/v1/defaults.go. */
function defaults(o: NetworkPolicy): void {
  o.spec ??= { podSelector: {} };
  const { spec } = o;
  spec.podSelector ??= {};
  for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])])
    for (const one of rule.ports ?? []) one.protocol ??= "TCP";
  if (spec.policyTypes?.length) return;
  spec.policyTypes = spec.egress?.length ? ["Ingress", "Egress"] : ["Ingress"];
}

function writePorts(w: DescribeWriter, ports: readonly NetworkPolicyPort[]): void {
  if (ports.length === 0) w.write(0, `${INDENT}To Port: <any> (traffic allowed to all ports)`);
  for (const { port: first = "<nil>", endPort, protocol = "TCP" } of ports)
    w.write(
      0,
      endPort === undefined
        ? `${INDENT}To Port: ${first}/${protocol}`
        : `${INDENT}To Port Range: ${first}-${endPort}/${protocol}`,
    );
}

function writePeer(w: DescribeWriter, one: NetworkPolicyPeer): void {
  const { podSelector, namespaceSelector, ipBlock } = one;
  if (namespaceSelector)
    w.write(1, `${INDENT}NamespaceSelector: ${selectorText(namespaceSelector)}`);
  if (podSelector) w.write(1, `${INDENT}PodSelector: ${selectorText(podSelector)}`);
  if (namespaceSelector || podSelector || !ipBlock) return;
  w.write(1, `${INDENT}IPBlock:`);
  w.write(2, `${INDENT}CIDR: ${ipBlock.cidr}`);
  w.write(2, `${INDENT}Except: ${(ipBlock.except ?? []).join(", ")}`);
}

interface Rule {
  peers: readonly NetworkPolicyPeer[];
  ports: readonly NetworkPolicyPort[];
}

/** kubectl/pkg/describe, printNetworkPolicySpecIngressFrom and its twin for egress. */
function writeRules(w: DescribeWriter, way: "ingress" | "egress", rules: readonly Rule[]): void {
  if (rules.length === 0)
    w.write(0, `${INDENT}<none> (Selected pods are isolated for ${way} connectivity)`);
  const [word, end] = way === "ingress" ? ["From", "source"] : ["To", "destination"];
  rules.forEach(({ ports, peers }, i) => {
    writePorts(w, ports);
    if (peers.length === 0)
      w.write(0, `${INDENT}${word}: <any> (traffic not restricted by ${end})`);
    for (const one of peers) {
      w.write(0, `${INDENT}${word}:`);
      writePeer(w, one);
    }
    if (i !== rules.length - 1) w.write(0, `${INDENT}----------`);
  });
}

function describe(o: NetworkPolicy): string {
  const w = new DescribeWriter();
  const { metadata, spec } = o;
  w.head(o);
  const made = metadata.creationTimestamp.replace("T", " ").replace("Z", " +0000 UTC");
  w.write(0, `Created on:\t${made}`);
  w.labels("Labels", metadata.labels);
  w.annotations("Annotations", metadata.annotations);
  w.write(0, "Spec:");
  const { matchLabels = {}, matchExpressions = [] } = spec.podSelector;
  const all = Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
  const selected = all
    ? "<none> (Allowing the specific traffic to all pods in this namespace)"
    : selectorText(spec.podSelector);
  w.write(1, `PodSelector:     ${selected}`);
  const types = spec.policyTypes ?? [];
  for (const way of ["ingress", "egress"] as const) {
    if (!types.includes(way === "ingress" ? "Ingress" : "Egress")) {
      w.write(1, `Not affecting ${way} traffic`);
      continue;
    }
    w.write(1, `Allowing ${way} traffic:`);
    const rules: Rule[] =
      way === "ingress"
        ? (spec.ingress ?? []).map(({ from = [], ports = [] }) => ({ peers: from, ports }))
        : (spec.egress ?? []).map(({ to = [], ports = [] }) => ({ peers: to, ports }));
    writeRules(w, way, rules);
  }
  w.write(1, `Policy Types: ${types.join(", ")}`);
  return w.text;
}

/** It says who may talk to pods; who enforces it is another question. */
export const networkPolicy = defineKind<NetworkPolicy>({
  group: "networking.k8s.io",
  version: "v1",
  kind: "NetworkPolicy",
  plural: "networkpolicies",
  singular: "networkpolicy",
  shortNames: ["netpol"],
  namespaced: true,
  hasStatus: false,
  schema: kindSchema(
    `${V1}.NetworkPolicy`,
    "NetworkPolicy says what traffic a set of pods may have.",
    {
      spec: object(`${V1}.NetworkPolicySpec`, "The pods, and what they may.", {
        egress: array(
          "What the pods may send. Traffic is allowed when one of the rules allows it.",
          object(`${V1}.NetworkPolicyEgressRule`, "Ports, and who may be reached at them.", {
            ports: array("The ports; all when there are none.", port),
            to: array("Who may be reached; everybody when there are none.", peer),
          }),
        ),
        ingress: array(
          "What the pods may receive. Traffic is allowed when one of the rules allows it.",
          object(`${V1}.NetworkPolicyIngressRule`, "Ports, and who may reach them.", {
            from: array("Who may send; everybody when there are none.", peer),
            ports: array("The ports; all when there are none.", port),
          }),
        ),
        podSelector: labelSelector(
          "Labels of the pods of its namespace that it is about; all when it is not said.",
        ),
        policyTypes: array(
          "Ingress, Egress or both. Default Ingress, and Egress when there are egress rules.",
          string(""),
        ),
      }),
    },
  ),
  columns: [
    nameColumn,
    { name: "POD-SELECTOR", cell: (o) => selectorText(o.spec.podSelector) },
    ageColumn,
  ],
  describesEvents: false,
  describe,
  defaults,
  defaultsOnUpdate: defaults,
  validate: networkPolicyErrors,
});
