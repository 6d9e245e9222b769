import { Machine } from "../host/machine.ts";
import type { Pod } from "../kube/api/pod.ts";
import type { Cluster } from "../kube/cluster.ts";
import { startCluster } from "../kube/kind-registry.ts";
import { podReady } from "../kube/objects.ts";
import type { CertificateAuthority } from "../mesh/identity/authority.ts";
import type { Istiod } from "../mesh/istiod/istiod.ts";
import { setLink } from "../net/device/admin.ts";
import type { Segment } from "../net/device/nic.ts";
import { Ids, Kernel } from "../net/kernel.ts";
import { installPrograms } from "../shell/programs.ts";
import { runToCompletion } from "../shell/script.ts";
import { MSEC, SEC, Sim } from "../sim/sim.ts";
import { buildCluster } from "./cluster.ts";
import type { Nodes } from "./kubelet.ts";
import type { WorldSpec } from "./spec.ts";

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

/** What works on its node until all is as it should be. */
export interface NodeAgent {
  node: string;
  atRest: boolean;
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
  /** kube-proxies, and who else writes rules of the cluster on the nodes. */
  proxies: { readonly idle: boolean }[] = [];
  /** istio-cni's, one a node. */
  agents: NodeAgent[] = [];
  /** The Secret istio-ca-secret: it outlives istiod, and is there once somebody needs it. */
  authority: CertificateAuthority | null = null;
  controlPlane: Istiod | null = null;
  /** The secrets of every TLS connection, as lines of a key log. */
  keyLog: string[] = [];
  booted = false;

  constructor(spec: WorldSpec, options: WorldOptions = {}) {
    this.spec = spec;
    this.sim = new Sim(options.seed ?? spec.seed, options.trace);
    this.sim.epoch = spec.date;
    for (const machine of spec.machines) {
      const made = this.addMachine(machine.name);
      if (machine.loopback) setLink(made.netns.loopback, true);
    }
    if (spec.cluster) buildCluster(this, spec.cluster);
    if (options.boot ?? true) this.boot();
  }

  /**
   * Let everything that starts by itself start: nodes, agents, the world's own scripts. It needs the
   * programs; the machines and their shells are there before it.
   */
  boot(): void {
    const { spec } = this;
    this.booted = true;
    if (this.cluster) startCluster(this.cluster);
    this.nodes?.open();
    for (const node of spec.cluster?.nodes ?? []) {
      const machine = this.machines.get(node.name);
      if (machine && node.startup) runToCompletion(machine, node.startup);
    }
    this.settle();
    this.applyManifests();
    for (const file of spec.files) {
      const fs = this.machine(file.at)?.fs;
      fs?.mkdirp(file.path.slice(0, file.path.lastIndexOf("/")));
      fs?.writeFile(file.path, file.content);
    }
    for (const script of spec.scripts) {
      const machine = this.machine(script.at);
      if (machine) runToCompletion(machine, script.run);
    }
    this.settle();
  }

  /** The file's objects, by the command that people use. Throws when the API server refuses one. */
  applyManifests(): void {
    const items = this.spec.cluster?.manifests ?? [];
    const node = this.machines.get(this.spec.cluster?.nodes[0]?.name ?? "");
    if (items.length === 0 || !node) return;
    const list = JSON.stringify({ apiVersion: "v1", kind: "List", items });
    const { status, stderr } = runToCompletion(node, "kubectl apply -f -", { stdin: list });
    if (status !== 0) throw new Error(`${this.spec.name}: ${stderr.trim()}`);
    this.settle();
  }

  addMachine(name: string): Machine {
    const kernel = new Kernel(this.sim, this.ids, name);
    const machine = new Machine(name, kernel, kernel.init);
    installPrograms(machine);
    this.machines.set(name, machine);
    return machine;
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
      pods.every((pod) => podReady(pod) || hasFailed(pod)) &&
      this.proxies.every((proxy) => proxy.idle) &&
      this.agents.every((agent) => agent.atRest) &&
      (this.controlPlane?.idle ?? true)
    );
  }

  /** By node's name, pod's name, or app label: how `--at`, terminals and lessons name machines. */
  machine(name: string): Machine | null {
    const exact = this.machines.get(name);
    if (exact) return exact;
    for (const pod of this.cluster?.store.list("Pod") ?? [])
      if (pod.metadata.labels?.app === name && !pod.spec.hostNetwork)
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

/** Will it stay as it is, unless somebody mends it? */
function hasFailed(pod: Pod): boolean {
  const { phase, containerStatuses = [] } = pod.status;
  return (
    phase === "Succeeded" ||
    phase === "Failed" ||
    pod.spec.nodeName === undefined ||
    containerStatuses.some(({ state }) => /BackOff|^Err/.test(state.waiting?.reason ?? ""))
  );
}
