import type {
  IpBlock,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from "../api/networking.ts";
import type { Pod } from "../api/pod.ts";
import { matchesSelector } from "../objects.ts";
import type { Store } from "../store.ts";

/** What of a port stands in a rule of iptables; "" for what is not said. */
export interface PortMatch {
  protocol: string;
  port: string;
  endPort: string;
}

/** A named port, as the number that some pods have it under. */
export interface NamedPort extends PortMatch {
  ips: string[];
}

/** A rule of a policy, with names and selectors resolved. */
export interface RuleInfo {
  allPorts: boolean;
  ports: PortMatch[];
  namedPorts: NamedPort[];
  allPeers: boolean;
  /** Addresses of the pods that it names. */
  pods: string[];
  /** Entries of a hash:net set. */
  blocks: string[];
}

export interface PolicyInfo {
  namespace: string;
  name: string;
  type: "ingress" | "egress" | "both";
  /** Addresses of the pods that it is about. */
  targets: string[];
  ingress: RuleInfo[];
  egress: RuleInfo[];
}

/** Is there anything to do for the pod (pkg/controllers/netpol/utils.go, isNetPolActionable)? */
export function isActionable({ spec, status }: Pod): boolean {
  const finished = status.phase === "Failed" || status.phase === "Succeeded";
  return !finished && !spec.hostNetwork && (status.podIP ?? "") !== "";
}

/** Ports by name, protocol, number. */
class NamedPorts {
  ports: (NamedPort & { name: string })[] = [];

  add({ spec, status }: Pod): void {
    const ip = status.podIP ?? "";
    for (const { ports = [] } of spec.containers)
      for (const { name = "", protocol = "TCP", containerPort } of ports) {
        const port = String(containerPort);
        const known = this.ports.find(
          (p) => p.name === name && p.protocol === protocol && p.port === port,
        );
        if (known) known.ips.push(ip);
        else this.ports.push({ name, protocol, port, endPort: "", ips: [ip] });
      }
  }

  of(name: string, protocol: string): NamedPort[] {
    return this.ports.filter((p) => p.name === name && p.protocol === protocol);
  }
}

/** The API's policies as sets of addresses and ports (pkg/controllers/netpol/policy.go, buildNetworkPoliciesInfo). */
export class Policies {
  store: Store;

  constructor(store: Store) {
    this.store = store;
  }

  pods(namespace: string, selector: NetworkPolicyPeer["podSelector"]): Pod[] {
    return this.store
      .list("Pod", namespace)
      .filter((pod) => isActionable(pod) && matchesSelector(selector ?? {}, pod.metadata.labels));
  }

  peerPods(namespace: string, { namespaceSelector, podSelector }: NetworkPolicyPeer): Pod[] {
    if (namespaceSelector)
      return this.store
        .list("Namespace")
        .filter(({ metadata }) => matchesSelector(namespaceSelector, metadata.labels))
        .flatMap(({ metadata }) => this.pods(metadata.name, podSelector));
    return podSelector ? this.pods(namespace, podSelector) : [];
  }

  info(policy: NetworkPolicy): PolicyInfo {
    const { name, namespace = "" } = policy.metadata;
    const { podSelector, policyTypes = [], ingress = [], egress = [] } = policy.spec;
    const targets = this.pods(namespace, podSelector);
    const own = new NamedPorts();
    for (const pod of targets) own.add(pod);
    const both = policyTypes.includes("Ingress") && policyTypes.includes("Egress");
    return {
      namespace,
      name,
      type: both ? "both" : policyTypes.includes("Egress") ? "egress" : "ingress",
      targets: targets.map(({ status }) => status.podIP ?? ""),
      ingress: ingress.map(({ from = [], ports = [] }) => this.rule(namespace, from, ports, own)),
      egress: egress.map(({ to = [], ports = [] }) => this.rule(namespace, to, ports, null)),
    };
  }

  /** `named`: the ports that names mean; null: those of the pods at the other end. */
  rule(
    namespace: string,
    peers: readonly NetworkPolicyPeer[],
    ports: readonly NetworkPolicyPort[],
    named: NamedPorts | null,
  ): RuleInfo {
    const pods = peers.flatMap((peer) => this.peerPods(namespace, peer));
    const theirs = named ?? new NamedPorts();
    // Who may reach a named port anywhere reaches what the namespace's own pods have under it.
    const hasNames = ports.some(({ port }) => typeof port === "string");
    if (!named)
      for (const pod of peers.length || !hasNames ? pods : this.pods(namespace, {}))
        theirs.add(pod);
    const rule: RuleInfo = {
      allPorts: ports.length === 0,
      ports: [],
      namedPorts: [],
      allPeers: peers.length === 0,
      pods: pods.map(({ status }) => status.podIP ?? ""),
      blocks: peers.flatMap(({ podSelector, namespaceSelector, ipBlock }) =>
        podSelector || namespaceSelector || !ipBlock ? [] : blockEntries(ipBlock),
      ),
    };
    for (const { protocol = "", port, endPort } of ports)
      if (typeof port === "string") rule.namedPorts.push(...theirs.of(port, protocol));
      else
        rule.ports.push({
          protocol,
          port: port === undefined ? "" : String(port),
          endPort:
            port !== undefined && endPort !== undefined && endPort >= port ? String(endPort) : "",
        });
    return rule;
  }
}

/** What hash:net cannot hold, every address, it holds as two halves (policy.go, evalIPBlockPeer). */
function blockEntries({ cidr, except = [] }: IpBlock): string[] {
  const halves = (prefix: string): string[] =>
    prefix.endsWith("/0") ? ["0.0.0.0/1", "128.0.0.0/1"] : [prefix];
  return [
    ...halves(cidr).map((prefix) => `${prefix} timeout 0`),
    ...except.flatMap(halves).map((prefix) => `${prefix} timeout 0 nomatch`),
  ];
}
