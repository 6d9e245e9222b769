import { Rng } from "../base/rng.ts";
import { Machine } from "../host/machine.ts";
import type { Process } from "../host/process.ts";
import type { Container, Pod } from "../kube/api/pod.ts";
import type { Cluster, Kubelet } from "../kube/cluster.ts";
import type { ContainerLog } from "../kube/log.ts";
import { controllerOf } from "../kube/objects.ts";
import type { WatchEvent } from "../kube/store.ts";
import { installPrograms } from "../shell/programs.ts";
import { MSEC, type Wakeable } from "../sim/sim.ts";
import { formatIpv4, maskOf, parseIpv4, parsePrefix } from "../wire/address.ts";
import { type Entrypoint, findEntrypoint, type Program, podWorker } from "./app/registry.ts";
import { daemon } from "./daemon.ts";
import { fullName } from "./image-name.ts";
import { connectPod } from "./network.ts";
import type { PodWorker } from "./pod-worker.ts";
import type { ClusterSpec, NodeSpec, PodSpec } from "./spec.ts";
import type { World } from "./world.ts";

/** From "the sandbox is there" to "the container runs". */
const START_DELAY = 20 * MSEC;
/** The same of static pods: a node starts them by itself, before it asks the API server for others. */
const STATIC_START_DELAY = MSEC;
/** From "the containers have stopped" to "their network is gone": what they said last gets out. */
const STOP_DELAY = 50 * MSEC;
/** What a container that was forced out of the objects still gets, in seconds (kubelet: minimum grace). */
const LEAST_GRACE = 1;

const KUBELET = "/usr/bin/kubelet";

/** The annotation of a pod that a node runs by itself, and only shows to the API server. */
const MIRROR = "kubernetes.io/config.mirror";

/** Where a pod goes that a world file has placed. */
export interface Placement {
  ip: string;
  veth: string;
}

/** A pod's machine and network, before anything runs in it. */
interface Sandbox {
  pod: Pod;
  machine: Machine;
  placed: boolean;
}

/** The kubelets and container runtimes of all nodes. */
export class Nodes implements Kubelet, Wakeable {
  world: World;
  cluster: Cluster;
  spec: ClusterSpec;
  /** Pods that are there, by uid. */
  workers = new Map<string, PodWorker>();
  /** Pods whose programs are not there yet. */
  sandboxes: Sandbox[] = [];
  /** What the world file's images run: by image, and by "namespace/workload image" where they differ. */
  programs = new Map<string, Program>();
  /** Images that a node has, by node. */
  pulled = new Map<string, string[]>();
  /** The address given last, by node (host-local's last_reserved_ip). */
  lastIp = new Map<string, number>();

  constructor(world: World, cluster: Cluster, spec: ClusterSpec) {
    this.world = world;
    this.cluster = cluster;
    this.spec = spec;
    cluster.kubelet = this;
    cluster.store.watch("Pod", this);
  }

  nodeSpec(name: string): NodeSpec {
    const found = this.spec.nodes.find((node) => node.name === name);
    if (!found) throw new Error(`no node ${name}`);
    return found;
  }

  machine(node: string): Machine {
    const found = this.cluster.nodes.get(node);
    if (!found) throw new Error(`no node ${node}`);
    return found;
  }

  wake(_reason: string, arg: unknown): void {
    const { type, object } = arg as WatchEvent<Pod>;
    if (this.cluster.isLost(object.spec.nodeName ?? "")) return;
    this.see(type, object);
  }

  see(type: WatchEvent["type"], object: Pod): void {
    const worker = this.workers.get(object.metadata.uid);
    if (type === "DELETED") {
      if (worker) this.withdrawn(worker, object);
      return;
    }
    const pod = this.cluster.store.current(object);
    if (!pod) return;
    if (worker) {
      worker.pod = pod;
      if (pod.metadata.deletionTimestamp === undefined) return worker.followSpec();
      if (isStatic(pod)) this.cluster.store.remove(pod);
      else worker.kill(pod.metadata.deletionGracePeriodSeconds ?? 0);
    } else if (pod.metadata.deletionTimestamp !== undefined) this.cluster.store.remove(pod);
    else if (pod.spec.nodeName && pod.status.phase === "Pending") this.startPod(pod, null);
  }

  /** The object is gone while the pod is there. A static pod is the node's own: its mirror comes back. */
  withdrawn(worker: PodWorker, last: Pod): void {
    if (!isStatic(last)) return worker.kill(LEAST_GRACE);
    const { uid: _uid, resourceVersion: _version, ...metadata } = last.metadata;
    delete metadata.deletionTimestamp;
    delete metadata.deletionGracePeriodSeconds;
    this.workers.delete(last.metadata.uid);
    worker.pod = this.cluster.store.create<Pod>({ ...last, metadata });
    this.workers.set(worker.pod.metadata.uid, worker);
    worker.writeStatus();
  }

  /** The sandbox (namespace, network) at once; the containers a moment later. */
  startPod(bound: Pod, placement: Placement | null): void {
    const { name, namespace = "" } = bound.metadata;
    const nodeName = bound.spec.nodeName ?? "";
    const node = this.machine(nodeName);
    const nodeSpec = this.nodeSpec(nodeName);
    const { store } = this.cluster;
    const hostNetwork = bound.spec.hostNetwork ?? false;
    const hostIP = nodeSpec.address.split("/")[0] ?? "";
    const ip = hostNetwork ? hostIP : (placement?.ip ?? this.nextIp(nodeName));
    const netns = hostNetwork ? node.netns : node.kernel.createNetns(name);
    const machine = new Machine(name, node.kernel, netns, node);
    machine.context = this.cluster;
    machine.page = node.page;
    installPrograms(machine);
    if (hostNetwork) machine.hostname = node.hostname;
    else
      connectPod(node, netns, {
        ip,
        gateway: nodeSpec.gateway,
        cidr: nodeSpec.podCidr,
        veth:
          placement?.veth ||
          `veth${this.world.sim.rng("veth").u32().toString(16).padStart(8, "0")}`,
        mtu: this.spec.mtu,
      });
    const pod =
      store.edit(bound, ({ status }) => {
        status.hostIP = hostIP;
        status.podIP = ip;
        status.podIPs = [{ ip }];
        status.startTime = store.timestamp;
      }) ?? bound;
    this.writeFiles(machine, pod, ip);
    this.cluster.pods.set(`${namespace}/${name}`, machine);
    // Two namespaces may have a pod of one name: the second goes by both.
    const known = this.world.machines.has(name) ? `${namespace}/${name}` : name;
    if (!hostNetwork) this.world.machines.set(known, machine);
    const sandbox = { pod, machine, placed: placement !== null };
    if (this.world.booted) this.runPod(sandbox);
    else this.sandboxes.push(sandbox);
  }

  /** The programs are there: what waits for them starts. */
  open(): void {
    for (const sandbox of this.sandboxes.splice(0)) this.runPod(sandbox);
  }

  runPod({ pod, machine, placed }: Sandbox): void {
    const Worker = podWorker();
    const worker = new Worker(this, pod, machine, placed);
    this.workers.set(pod.metadata.uid, worker);
    worker.writeStatus();
    this.world.sim.after(isStatic(pod) ? STATIC_START_DELAY : START_DELAY, worker, "start");
  }

  writeFiles(machine: Machine, pod: Pod, ip: string): void {
    machine.fs.writeFile("/etc/hostname", `${machine.hostname}\n`);
    machine.fs.writeFile(
      "/etc/hosts",
      `# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n${ip}\t${machine.hostname}\n`,
    );
    const dns = this.spec.services.find((s) => s.ports.some((port) => port.port === 53));
    if (dns && (!pod.spec.hostNetwork || pod.spec.dnsPolicy === "ClusterFirstWithHostNet"))
      machine.fs.writeFile(
        "/etc/resolv.conf",
        `search ${pod.metadata.namespace}.svc.cluster.local svc.cluster.local cluster.local\nnameserver ${dns.clusterIp}\noptions ndots:5\n`,
      );
  }

  /** The image runs this from now on, unless another pod of the file said so first. */
  addProgram(spec: PodSpec): void {
    const { app, port, answer, image, namespace, owner, name, node } = spec;
    const program = { app, port, answer };
    this.programs.set(`${namespace}/${owner || `Pod/${name}`} ${image}`, program);
    if (!this.programs.has(image)) this.programs.set(image, program);
    this.addImage(node, image);
  }

  /** What a container runs: what its manifest says, what the world file says of its workload or image, what the image has. */
  entrypointOf(pod: Pod, container: Container): Entrypoint | null {
    const image = container.image ?? "";
    const workload = `${pod.metadata.namespace}/${this.workloadOf(pod)}`;
    const world = this.programs.get(`${workload} ${image}`) ?? this.programs.get(image) ?? null;
    return findEntrypoint(container, world);
  }

  /** "Deployment/sleep", "DaemonSet/ztunnel", "Pod/NAME" of one that nobody looks after. */
  workloadOf(pod: Pod): string {
    const owner = controllerOf(pod);
    if (!owner) return `Pod/${pod.metadata.name}`;
    if (owner.kind !== "ReplicaSet") return `${owner.kind}/${owner.name}`;
    const set = this.cluster.store.get("ReplicaSet", owner.name, pod.metadata.namespace);
    const above = set && controllerOf(set);
    return above ? `${above.kind}/${above.name}` : `${owner.kind}/${owner.name}`;
  }

  log(pod: Pod, container: string, previous = false): ContainerLog | null {
    const found = this.workers.get(pod.metadata.uid)?.container(container);
    return (previous ? found?.previous : found?.log) ?? null;
  }

  images(node: string): readonly string[] {
    return this.pulled.get(node) ?? [];
  }

  /** The node has the image from now on. */
  addImage(node: string, image: string): void {
    const images = this.pulled.get(node) ?? [];
    if (!images.includes(image)) images.push(image);
    this.pulled.set(node, images);
  }

  /** The kubelet's process on a node, for those who look at its sockets. */
  kubeletOf(machine: Machine): Process {
    const running = [...machine.processes.values()].find((p) => p.argv[0] === KUBELET);
    return running ?? daemon(machine, [KUBELET]);
  }

  containerId(): string {
    const bytes = this.world.sim.rng("containers").bytes(32);
    return `containerd://${[...bytes].map((b) => b.toString(16).padStart(2, "0")).join("")}`;
  }

  /** A digest, as a registry would give one: there is no content, so it is a number of the seed's. */
  imageId(image: string): string {
    const name = fullName(image).replace(/(:[^:/@]+)?(@.+)?$/, "");
    const digest = new Rng(this.world.sim.seed, fullName(image)).bytes(32);
    return `${name}@sha256:${[...digest].map((b) => b.toString(16).padStart(2, "0")).join("")}`;
  }

  /** The next free address of a node's range, round and round (the host-local CNI plugin). */
  nextIp(node: string): string {
    const { podCidr, gateway } = this.nodeSpec(node);
    const range = parsePrefix(podCidr);
    if (!range) throw new Error(`no range of pods on ${node}`);
    const size = (~maskOf(range.length) >>> 0) + 1;
    const pods = [...this.workers.values()].filter(
      ({ pod, over }) => pod.spec.nodeName === node && !over,
    );
    const used = new Set(
      [gateway, ...pods.map(({ pod }) => pod.status.podIP ?? "")].map((ip) => parseIpv4(ip)),
    );
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

  tearDown(worker: PodWorker): void {
    this.world.sim.after(STOP_DELAY, worker, "teardown");
  }

  removeSandbox(worker: PodWorker): void {
    const { pod } = worker;
    this.workers.delete(pod.metadata.uid);
    this.releaseNetwork(worker);
    this.cluster.store.remove(pod);
  }

  /** Devices, namespace and address are free again. */
  releaseNetwork({ pod, machine }: PodWorker): void {
    const { netns, kernel } = machine;
    const { name, namespace } = pod.metadata;
    if (!pod.spec.hostNetwork) {
      for (const dev of [...netns.devices.values()])
        if (dev !== netns.loopback) netns.deleteDevice(dev);
      kernel.namespaces = kernel.namespaces.filter((ns) => ns !== netns);
      for (const [known, other] of this.world.machines)
        if (other === machine) this.world.machines.delete(known);
    }
    const key = `${namespace}/${name}`;
    if (this.cluster.pods.get(key) === machine) this.cluster.pods.delete(key);
  }
}

function isStatic(pod: Pod): boolean {
  return pod.metadata.annotations?.[MIRROR] !== undefined;
}
