import type { Machine } from "../host/machine.ts";
import { MSEC, SEC, type Timer, type Wakeable } from "../sim/sim.ts";
import type { Service, ServicePort } from "./api/core.ts";
import type { EndpointSlice } from "./api/discovery.ts";
import { chainHash } from "./chain-hash.ts";
import type { Cluster } from "./cluster.ts";
import { serviceOf } from "./objects.ts";

/** It waits this long for more changes before it writes (kube-proxy: --iptables-min-sync-period). */
const SYNC_DELAY = 10 * MSEC;

/** How often a watch that broke is tried again. */
const RECONNECT = SEC;

/** "default/productpage:http" */
function portName(service: Service, port: ServicePort): string {
  return `${portKey(service)}${port.name ? `:${port.name}` : ""}`;
}

/** kube-proxy in iptables mode, one on each node: Services and EndpointSlices become rules. */
export class KubeProxy implements Wakeable {
  cluster: Cluster;
  machine: Machine;
  timer: Timer | null = null;
  /** A restore is under way, and something changed meanwhile. */
  busy = false;
  again = false;
  /** Chains of the last sync, so that those that are not wanted any more can go. */
  chains = new Set<string>();
  first = true;

  constructor(cluster: Cluster, machine: Machine) {
    this.cluster = cluster;
    this.machine = machine;
    cluster.store.watch("Service", this);
    cluster.store.watch("EndpointSlice", this);
  }

  /** Its container ends: the rules stay, and nobody follows the Services any more. */
  stop(): void {
    this.cluster.store.unwatch(this);
    this.timer?.cancel();
    this.timer = null;
  }

  get idle(): boolean {
    return !this.busy && !this.again && this.timer === null && !this.first;
  }

  wake(reason: string, _arg: unknown): void {
    if (reason === "watch") {
      this.timer ??= this.machine.sim.after(SYNC_DELAY, this, "sync");
      return;
    }
    if (reason === "done") {
      this.busy = false;
      if (!this.again) return;
      this.again = false;
    }
    this.timer = null;
    if (this.cluster.unreachable(this.machine)) {
      this.timer = this.machine.sim.after(RECONNECT, this, "sync");
      return;
    }
    if (this.busy) {
      this.again = true;
      return;
    }
    this.busy = true;
    this.cluster.exec.start(this.machine, this.script(), this, "done", this.rules());
  }

  /** The chains that hang into the built-in ones, once; then one restore of the rules, which it reads. */
  script(): string {
    const jumps = this.first ? JUMPS : "";
    this.first = false;
    return `${jumps}iptables-restore -w 5 --noflush --counters\n`;
  }

  rules(): string {
    const store = this.cluster.store;
    const services: string[] = [];
    const bodies: string[] = [];
    const rejects: string[] = [];
    const nodePorts: string[] = [];
    const chains = new Set<string>();
    const slices = store.list("EndpointSlice");
    const sorted = store
      .list("Service")
      .filter((s) => s.spec.clusterIP && s.spec.clusterIP !== "None")
      .sort((a, b) => (portKey(a) < portKey(b) ? -1 : 1));
    for (const service of sorted) {
      const clusterIp = service.spec.clusterIP;
      for (const port of service.spec.ports ?? []) {
        const name = portName(service, port);
        const protocol = port.protocol.toLowerCase();
        const match = `-d ${clusterIp}/32 -p ${protocol} -m comment --comment "${name} cluster IP" -m ${protocol} --dport ${port.port}`;
        const endpoints = ready(slices, service, port);
        if (endpoints.length === 0) {
          rejects.push(
            `-A KUBE-SERVICES -d ${clusterIp}/32 -p ${protocol} -m comment --comment "${name} has no endpoints" -m ${protocol} --dport ${port.port} -j REJECT --reject-with icmp-port-unreachable`,
          );
          if (port.nodePort)
            rejects.push(
              `-A KUBE-EXTERNAL-SERVICES -p ${protocol} -m comment --comment "${name} has no endpoints" -m addrtype --dst-type LOCAL -m ${protocol} --dport ${port.nodePort} -j REJECT --reject-with icmp-port-unreachable`,
            );
          continue;
        }
        const svc = `KUBE-SVC-${chainHash(name + protocol)}`;
        chains.add(svc);
        services.push(`-A KUBE-SERVICES ${match} -j ${svc}`);
        if (port.nodePort) {
          const ext = `KUBE-EXT-${chainHash(name + protocol)}`;
          chains.add(ext);
          nodePorts.push(
            `-A KUBE-NODEPORTS -p ${protocol} -m comment --comment "${name}" -m ${protocol} --dport ${port.nodePort} -j ${ext}`,
          );
          bodies.push(
            `-A ${ext} -m comment --comment "masquerade traffic for ${name} external destinations" -j KUBE-MARK-MASQ`,
            `-A ${ext} -j ${svc}`,
          );
        }
        bodies.push(`-A ${svc} ! -s ${this.cluster.podCidr} ${match} -j KUBE-MARK-MASQ`);
        endpoints.forEach((endpoint, i) => {
          const target = `${endpoint.ip}:${endpoint.port}`;
          const sep = `KUBE-SEP-${chainHash(name + protocol + target)}`;
          chains.add(sep);
          const left = endpoints.length - i;
          const chance =
            left > 1 ? ` -m statistic --mode random --probability ${(1 / left).toFixed(10)}` : "";
          bodies.push(`-A ${svc} -m comment --comment "${name} -> ${target}"${chance} -j ${sep}`);
          bodies.push(
            `-A ${sep} -s ${endpoint.ip}/32 -m comment --comment "${name}" -j KUBE-MARK-MASQ`,
          );
          bodies.push(
            `-A ${sep} -p ${protocol} -m comment --comment "${name}" -m ${protocol} -j DNAT --to-destination ${target}`,
          );
        });
      }
    }
    const gone = [...this.chains].filter((chain) => !chains.has(chain));
    this.chains = chains;
    const declare = (names: Iterable<string>): string =>
      [...names].map((n) => `:${n} - [0:0]\n`).join("");
    return `*filter
${declare(["KUBE-SERVICES", "KUBE-EXTERNAL-SERVICES", "KUBE-FORWARD", "KUBE-NODEPORTS", "KUBE-PROXY-FIREWALL"])}${rejects.map((r) => `${r}\n`).join("")}-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT
-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
COMMIT
*nat
${declare(["KUBE-SERVICES", "KUBE-NODEPORTS", "KUBE-POSTROUTING", "KUBE-MARK-MASQ"])}${declare(chains)}${declare(gone)}-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
-A KUBE-POSTROUTING -j MARK --xor-mark 0x4000
-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully
-A KUBE-MARK-MASQ -j MARK --or-mark 0x4000
${services.map((r) => `${r}\n`).join("")}${nodePorts.map((r) => `${r}\n`).join("")}${bodies.map((r) => `${r}\n`).join("")}-A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
${gone.map((chain) => `-X ${chain}\n`).join("")}COMMIT
`;
  }
}

function portKey(service: Service): string {
  return `${service.metadata.namespace}/${service.metadata.name}`;
}

/** Where connections to a port of a Service may go. */
export function readyEndpoints(
  slices: readonly EndpointSlice[],
  service: Service,
  port: ServicePort,
): { ip: string; port: number }[] {
  const { name, namespace } = service.metadata;
  return slices
    .filter((s) => serviceOf(s) === name && s.metadata.namespace === namespace)
    .flatMap((s) => {
      const found = s.ports.find((p) => p.name === (port.name ?? ""));
      if (!found) return [];
      return s.endpoints
        .filter((e) => e.conditions.ready)
        .map((e) => ({ ip: e.addresses[0] ?? "", port: found.port }));
    });
}

function ready(
  slices: readonly EndpointSlice[],
  service: Service,
  port: ServicePort,
): { ip: string; port: number }[] {
  return readyEndpoints(slices, service, port).sort((a, b) => (a.ip < b.ip ? -1 : 1));
}

/** iptablesJumpChains of the real one, in its order: a chain that is there already is no matter. */
const JUMPS = [
  [
    "filter",
    "INPUT",
    "KUBE-EXTERNAL-SERVICES",
    "kubernetes externally-visible service portals",
    true,
  ],
  [
    "filter",
    "FORWARD",
    "KUBE-EXTERNAL-SERVICES",
    "kubernetes externally-visible service portals",
    true,
  ],
  ["filter", "INPUT", "KUBE-NODEPORTS", "kubernetes health check service ports", false],
  ["filter", "FORWARD", "KUBE-SERVICES", "kubernetes service portals", true],
  ["filter", "OUTPUT", "KUBE-SERVICES", "kubernetes service portals", true],
  ["filter", "FORWARD", "KUBE-FORWARD", "kubernetes forwarding rules", false],
  ["filter", "INPUT", "KUBE-PROXY-FIREWALL", "kubernetes load balancer firewall", true],
  ["filter", "OUTPUT", "KUBE-PROXY-FIREWALL", "kubernetes load balancer firewall", true],
  ["filter", "FORWARD", "KUBE-PROXY-FIREWALL", "kubernetes load balancer firewall", true],
  ["nat", "OUTPUT", "KUBE-SERVICES", "kubernetes service portals", false],
  ["nat", "PREROUTING", "KUBE-SERVICES", "kubernetes service portals", false],
  ["nat", "POSTROUTING", "KUBE-POSTROUTING", "kubernetes postrouting rules", false],
]
  .map(([table, chain, target, comment, fresh]) => {
    const state = fresh ? "-m conntrack --ctstate NEW " : "";
    return `iptables -w 5 -t ${table} -N ${target}\niptables -w 5 -t ${table} -I ${chain} ${state}-m comment --comment "${comment}" -j ${target}\n`;
  })
  .join("");
