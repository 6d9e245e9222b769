import { Machine } from "../host/machine.ts";
import { Cluster } from "../kube/cluster.ts";
import { EndpointsController } from "../kube/endpoints.ts";
import { podReady } from "../kube/objects.ts";
import type { KubeProxy } from "../kube/proxy.ts";
import { Store } from "../kube/store.ts";
import { WorkloadController } from "../kube/workloads.ts";
import type { AmbientCni } from "../mesh/ambient2022/cni.ts";
import type { CertificateAuthority } from "../mesh/identity/authority.ts";
import type { Istiod } from "../mesh/istiod/istiod.ts";
import { setLink } from "../net/device/admin.ts";
import { Segment } from "../net/device/nic.ts";
import { Ids, Kernel } from "../net/kernel.ts";
import { ShellExec } from "../shell/exec.ts";
import { installPrograms } from "../shell/programs.ts";
import { runToCompletion } from "../shell/script.ts";
import { MSEC, SEC, Sim } from "../sim/sim.ts";
import { Nodes } from "./kubelet.ts";
import { connectNode, routeToNode } from "./network.ts";
import type { ClusterSpec, WorldSpec } from "./spec.ts";

/** How long agents may take to come to rest at the start, in virtual time. */
const BOOT_LIMIT = 60 * SEC;
const CALM = 50 * MSEC;

export interface WorldOptions {
  seed?: number;
  /** Events that the trace keeps. */
  trace?: number;
  /** False: `boot` is called later. */
  boot?: boolean;
}

/** Running machines, made from a world file: everything that the engine simulates hangs on this. */
export class World {
  spec: WorldSpec;
  sim: Sim;
  ids = new Ids();
  /** Nodes and machines first, then pods. */
  machines = new Map<string, Machine>();
  segment: Segment | null = null;
  cluster: Cluster | null = null;
  nodes: Nodes | null = null;
  proxies: KubeProxy[] = [];
  cnis: AmbientCni[] = [];
  /** The Secret istio-ca-secret: it outlives istiod, and is there once somebody needs it. */
  authority: CertificateAuthority | null = null;
  controlPlane: Istiod | null = null;
  /** The secrets of every TLS connection, as lines of a key log. */
  keyLog: string[] = [];
  booted = false;

  constructor(spec: WorldSpec, options: WorldOptions = {}) {
    this.spec = spec;
    this.sim = new Sim(options.seed ?? spec.seed, options.trace);
    for (const machine of spec.machines) {
      const made = this.addMachine(machine.name);
      if (machine.loopback) setLink(made.netns.loopback, true);
    }
    if (spec.cluster) this.buildCluster(spec.cluster);
    if (options.boot ?? true) this.boot();
  }

  /**
   * Let everything that starts by itself start: nodes, agents, the world's own scripts. It needs the
   * programs; the machines and their shells are there before it.
   */
  boot(): void {
    const { spec } = this;
    this.booted = true;
    for (const node of spec.cluster?.nodes ?? []) {
      const machine = this.machines.get(node.name);
      if (machine && node.startup) runToCompletion(machine, node.startup);
    }
    this.settle();
    for (const file of spec.files) this.machine(file.at)?.fs.writeFile(file.path, file.content);
    for (const script of spec.scripts) {
      const machine = this.machine(script.at);
      if (machine) runToCompletion(machine, script.run);
    }
    this.settle();
  }

  addMachine(name: string): Machine {
    const kernel = new Kernel(this.sim, this.ids, name);
    const machine = new Machine(name, kernel, kernel.init);
    installPrograms(machine);
    this.machines.set(name, machine);
    return machine;
  }

  buildCluster(spec: ClusterSpec): void {
    const store = new Store(this.sim);
    const cluster = new Cluster(store, new ShellExec(), spec.podCidr);
    this.cluster = cluster;
    this.segment = new Segment("nodes", spec.link);
    for (const { name, labels } of spec.namespaces)
      store.put({
        kind: "Namespace",
        meta: store.meta(name, "", { labels: { "kubernetes.io/metadata.name": name, ...labels } }),
        phase: "Active",
      });
    for (const account of spec.serviceAccounts)
      store.put({ kind: "ServiceAccount", meta: store.meta(account.name, account.namespace) });
    for (const node of spec.nodes) {
      const machine = this.addMachine(node.name);
      machine.kernel.cpus = 1;
      machine.context = cluster;
      cluster.nodes.set(node.name, machine);
      connectNode(machine, node, this.segment, spec.mtu);
      store.put({
        kind: "Node",
        meta: store.meta(node.name, "", { labels: { "kubernetes.io/hostname": node.name } }),
        internalIp: node.address.split("/")[0] ?? "",
        podCidr: node.podCidr,
        ready: true,
        kubelet: "v1.24.5-gke.600",
        os: "Container-Optimized OS from Google",
        kernel: machine.kernel.release,
        runtime: "containerd://1.6.6",
      });
    }
    for (const node of spec.nodes)
      for (const other of spec.nodes)
        if (other !== node) routeToNode(cluster.nodes.get(node.name) as Machine, other);
    for (const service of spec.services)
      store.put({
        kind: "Service",
        meta: store.meta(service.name, service.namespace),
        type: "ClusterIP",
        clusterIp: service.clusterIp,
        selector: service.selector,
        ports: service.ports,
      });
    new EndpointsController(store);
    new WorkloadController(cluster);
    this.nodes = new Nodes(this, cluster, spec);
    for (const pod of spec.pods) this.nodes.createPod(pod);
  }

  /** Let the agents work until they have nothing more to do. */
  settle(): void {
    if (!this.cluster) return;
    const limit = this.sim.now + BOOT_LIMIT;
    this.runUntilRest(limit);
    // What agents did last is seen by the others within a watch's latency.
    this.sim.runUntil(this.sim.now + CALM);
    this.runUntilRest(limit);
  }

  runUntilRest(limit: number): void {
    while (!this.atRest && this.sim.now < limit) {
      // Asking everybody after each event would cost more than the events; what is due much later
      // (somebody's keepalive) is not waited for before everybody was asked.
      const soon = Math.min(this.sim.now + CALM, limit);
      let events = 0;
      while (events < 64 && this.sim.step(soon)) events++;
      if (events === 0 && !this.sim.step(limit)) return;
    }
  }

  get atRest(): boolean {
    const pods = this.cluster?.store.list("Pod") ?? [];
    return (
      pods.every((pod) => podReady(pod)) &&
      this.proxies.every((proxy) => proxy.idle) &&
      this.cnis.every((cni) => cni.idle && cni.active !== null) &&
      (this.controlPlane?.idle ?? true)
    );
  }

  /** By node's name, pod's name, or app label: how `--at`, terminals and lessons name machines. */
  machine(name: string): Machine | null {
    const exact = this.machines.get(name);
    if (exact) return exact;
    for (const pod of this.cluster?.store.list("Pod") ?? [])
      if (pod.meta.labels.app === name && !pod.hostNetwork)
        return this.cluster?.machineOf(pod) ?? null;
    return null;
  }

  /** Where a shell opens when nobody says. */
  get first(): Machine {
    const named = this.machine(this.spec.at);
    if (named) return named;
    for (const machine of this.machines.values()) return machine;
    throw new Error("a world without machines");
  }
}
