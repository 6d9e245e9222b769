import { Machine } from "../host/machine.ts";
import type { Cluster, Kubelet } from "../kube/cluster.ts";
import type { ContainerStatus, Pod } from "../kube/objects.ts";
import { installPrograms } from "../shell/programs.ts";
import { MSEC, SEC, type Timer, type Wakeable } from "../sim/sim.ts";
import { formatIpv4, maskOf, parseIpv4, parsePrefix } from "../wire/address.ts";
import {
  type App,
  type AppContext,
  ContainerOutput,
  findApp,
  type Readiness,
  type Server,
} from "./app/registry.ts";
import { connectPod } from "./network.ts";
import type { ClusterSpec, NodeSpec, PodSpec } from "./spec.ts";
import type { World } from "./world.ts";

/** From "the sandbox is there" to "the container runs". */
const START_DELAY = 20 * MSEC;
/** The same of static pods: a node starts them by itself, before it asks the API server for others. */
const STATIC_START_DELAY = MSEC;
/** From "the containers have stopped" to "their network is gone": what they said last gets out. */
const STOP_DELAY = 50 * MSEC;

/** terminationGracePeriodSeconds where nobody says otherwise. */
const GRACE = 30;
/** From SIGTERM to the end of a program that heeds it. */
const TERM_DELAY = 100 * MSEC;

/** One pod on its way up, and what runs in it afterwards. */
class PodWorker implements Wakeable, Readiness {
  nodes: Nodes;
  spec: PodSpec;
  pod: Pod;
  machine: Machine;
  server: Server | null = null;
  /** When its containers will be ended by force. */
  killer: Timer | null = null;

  constructor(nodes: Nodes, spec: PodSpec, pod: Pod, machine: Machine) {
    this.nodes = nodes;
    this.spec = spec;
    this.pod = pod;
    this.machine = machine;
  }

  wake(reason: string, arg: unknown): void {
    if (reason === "teardown") return this.nodes.removeSandbox(this);
    if (reason === "kill") return this.nodes.stopPod(this);
    if (this.pod.meta.deleted !== null) return;
    if (reason === "init") {
      const script = this.app.init?.(this.context);
      if (script === undefined) return this.run();
      this.nodes.cluster.exec.start(this.machine, script, this, "initialised");
      return;
    }
    if (reason === "initialised") {
      const { stderr } = arg as { stderr: string };
      if (stderr) this.log.log.push({ at: this.machine.sim.now, text: stderr.trim() });
      this.run();
    }
  }

  get app(): App {
    return findApp(this.spec.app);
  }

  get context(): AppContext {
    const { nodes, spec, pod, machine, log } = this;
    const node = nodes.cluster.nodes.get(pod.node) as Machine;
    const nodeSpec = nodes.nodeSpec(pod.node);
    const { world, cluster } = nodes;
    const output = new ContainerOutput(machine.sim, log);
    return {
      ...{ world, cluster, machine, node, nodeSpec, pod, spec },
      status: log,
      output,
      readiness: this,
    };
  }

  get log(): ContainerStatus {
    return this.pod.status[0] as ContainerStatus;
  }

  run(): void {
    this.server = this.app.start(this.context);
    this.pod.phase = "Running";
    for (const container of this.pod.status) container.waiting = "";
    this.setReady(this.server?.isReady ?? true);
  }

  /** Also a program says so by itself, when it is not ready as soon as it runs. */
  setReady(ready: boolean): void {
    if (!this.nodes.workers.has(this.pod.meta.uid)) return;
    for (const container of this.pod.status) container.ready = ready;
    this.nodes.cluster.store.put(this.pod);
  }
}

/** The kubelets and container runtimes of all nodes. */
export class Nodes implements Kubelet {
  world: World;
  cluster: Cluster;
  spec: ClusterSpec;
  /** Pods that are there, by uid. */
  workers = new Map<string, PodWorker>();
  /** What pods were made from, by uid, until their successors are made. */
  templates = new Map<string, PodSpec>();
  /** The address given last, by node (host-local's last_reserved_ip). */
  lastIp = new Map<string, number>();

  constructor(world: World, cluster: Cluster, spec: ClusterSpec) {
    this.world = world;
    this.cluster = cluster;
    this.spec = spec;
    cluster.kubelet = this;
  }

  nodeSpec(name: string): NodeSpec {
    const found = this.spec.nodes.find((node) => node.name === name);
    if (!found) throw new Error(`no node ${name}`);
    return found;
  }

  /** The sandbox (namespace, network) at once; the containers a moment later. */
  createPod(spec: PodSpec): Pod {
    const node = this.cluster.nodes.get(spec.node);
    if (!node) throw new Error(`no node ${spec.node}`);
    const nodeSpec = this.nodeSpec(spec.node);
    const { store } = this.cluster;
    const hostNetwork = spec.ip === "";
    const pod: Pod = {
      kind: "Pod",
      meta: store.meta(spec.name, spec.namespace, {
        labels: { ...spec.labels },
        annotations: { ...spec.annotations },
        owner: spec.owner,
      }),
      node: spec.node,
      serviceAccount: spec.serviceAccount,
      hostNetwork,
      containers: [
        { name: spec.container, image: spec.image, ports: spec.port ? [spec.port] : [] },
      ],
      phase: "Pending",
      ip: hostNetwork ? (nodeSpec.address.split("/")[0] ?? "") : spec.ip,
      hostIp: nodeSpec.address.split("/")[0] ?? "",
      status: [
        { name: spec.container, ready: false, restarts: 0, log: [], waiting: "ContainerCreating" },
      ],
    };
    const netns = hostNetwork ? node.netns : node.kernel.createNetns(spec.name);
    const machine = new Machine(spec.name, node.kernel, netns, node);
    machine.context = this.cluster;
    installPrograms(machine);
    if (hostNetwork) machine.hostname = node.hostname;
    else
      connectPod(node, netns, {
        ip: spec.ip,
        gateway: nodeSpec.gateway,
        cidr: nodeSpec.podCidr,
        veth: spec.veth || `veth${this.world.sim.rng("veth").u32().toString(16).padStart(8, "0")}`,
        mtu: this.spec.mtu,
      });
    this.writeFiles(machine, pod);
    this.cluster.pods.set(`${spec.namespace}/${spec.name}`, machine);
    if (!hostNetwork) this.world.machines.set(spec.name, machine);
    store.put(pod);
    const worker = new PodWorker(this, spec, pod, machine);
    this.workers.set(pod.meta.uid, worker);
    this.templates.set(pod.meta.uid, spec);
    const isStatic = spec.owner.startsWith("Node/");
    this.world.sim.after(isStatic ? STATIC_START_DELAY : START_DELAY, worker, "init");
    return pod;
  }

  writeFiles(machine: Machine, pod: Pod): void {
    machine.fs.writeFile("/etc/hostname", `${machine.hostname}\n`);
    machine.fs.writeFile(
      "/etc/hosts",
      `# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n${pod.ip}\t${machine.hostname}\n`,
    );
    const dns = this.spec.services.find((s) => s.ports.some((port) => port.port === 53));
    if (dns && !pod.hostNetwork)
      machine.fs.writeFile(
        "/etc/resolv.conf",
        `search ${pod.meta.namespace}.svc.cluster.local svc.cluster.local cluster.local\nnameserver ${dns.clusterIp}\noptions ndots:5\n`,
      );
  }

  deletePod(pod: Pod, grace: number | null): void {
    const worker = this.workers.get(pod.meta.uid);
    if (!worker) return;
    if (pod.meta.owner.startsWith("Node/")) return this.mirrorAgain(worker);
    const { sim } = this.world;
    const seconds = grace ?? GRACE;
    if (pod.meta.deleted === null) {
      pod.meta.deleted = sim.now;
      this.cluster.store.put(pod);
    }
    const patience = Math.max(seconds, 0) * SEC;
    worker.killer?.cancel();
    const heeds = worker.app.deaf ? patience : Math.min(TERM_DELAY, patience);
    worker.killer = sim.after(heeds, worker, "kill");
  }

  /** A static pod is the node's own: only its mirror among the objects is made anew. */
  mirrorAgain(worker: PodWorker): void {
    const { pod } = worker;
    const { store } = this.cluster;
    const { name, namespace, labels, annotations, owner, uid } = pod.meta;
    store.remove(pod);
    pod.meta = store.meta(name, namespace, { labels, annotations, owner });
    this.workers.delete(uid);
    this.workers.set(pod.meta.uid, worker);
    store.put(pod);
  }

  replacePod(pod: Pod, name: string): void {
    const spec = this.templates.get(pod.meta.uid);
    if (!spec) return;
    this.templates.delete(pod.meta.uid);
    const ip = pod.hostNetwork ? "" : this.nextIp(spec.node);
    this.createPod({ ...spec, name, ip, veth: "" });
  }

  /** The next free address of a node's range, round and round (the host-local CNI plugin). */
  nextIp(node: string): string {
    const { podCidr, gateway } = this.nodeSpec(node);
    const range = parsePrefix(podCidr);
    if (!range) throw new Error(`no range of pods on ${node}`);
    const size = (~maskOf(range.length) >>> 0) + 1;
    const pods = this.cluster.store.list("Pod").filter((pod) => pod.node === node);
    const used = new Set([gateway, ...pods.map((pod) => pod.ip)].map((ip) => parseIpv4(ip)));
    const spec = this.spec.pods.filter((pod) => pod.node === node && pod.ip !== "");
    const highest = Math.max(range.address, ...spec.map((pod) => parseIpv4(pod.ip) ?? 0));
    let next = this.lastIp.get(node) ?? highest;
    for (let tries = 0; tries < size; tries++) {
      next = range.address + ((next - range.address + 1) % size);
      // Neither the network's own address nor the broadcast one.
      if (next === range.address || next === range.address + size - 1 || used.has(next)) continue;
      this.lastIp.set(node, next);
      return formatIpv4(next);
    }
    throw new Error(`no free address on ${node}`);
  }

  /** The containers stop, then the sandbox goes (kubelet: killPod). */
  stopPod(worker: PodWorker): void {
    const { pod, machine } = worker;
    this.workers.delete(pod.meta.uid);
    worker.server?.stop();
    for (const process of [...machine.processes.values()]) process.kill("SIGKILL");
    for (const container of pod.status) container.ready = false;
    this.cluster.store.put(pod);
    this.world.sim.after(STOP_DELAY, worker, "teardown");
  }

  removeSandbox({ pod, machine }: PodWorker): void {
    const { netns, kernel } = machine;
    if (!pod.hostNetwork) {
      for (const dev of [...netns.devices.values()])
        if (dev !== netns.loopback) netns.deleteDevice(dev);
      kernel.namespaces = kernel.namespaces.filter((ns) => ns !== netns);
      this.world.machines.delete(pod.meta.name);
    }
    this.cluster.pods.delete(`${pod.meta.namespace}/${pod.meta.name}`);
    this.cluster.store.remove(pod);
  }
}
