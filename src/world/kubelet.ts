import { Machine } from "../host/machine.ts";
import type { Cluster, Kubelet } from "../kube/cluster.ts";
import type { ContainerStatus, Pod } from "../kube/objects.ts";
import { AmbientCni, ztunnelScript } from "../mesh/ambient2022/cni.ts";
import { Directory } from "../mesh/ambient2022/directory.ts";
import { Ztunnel } from "../mesh/ambient2022/ztunnel.ts";
import { installPrograms } from "../shell/programs.ts";
import { MSEC, type Wakeable } from "../sim/sim.ts";
import { DnsServer } from "./app/dns.ts";
import { HttpServer } from "./app/http.ts";
import { bookinfoPage } from "./app/page.ts";
import { daemon } from "./daemon.ts";
import { connectPod } from "./network.ts";
import type { ClusterSpec, NodeSpec, PodSpec } from "./spec.ts";
import type { World } from "./world.ts";

/** From "the sandbox is there" to "the container runs". */
const START_DELAY = 20 * MSEC;
/** From "the containers have stopped" to "their network is gone": what they said last gets out. */
const STOP_DELAY = 50 * MSEC;

/** One pod on its way up, and what runs in it afterwards. */
class PodWorker implements Wakeable {
  nodes: Nodes;
  spec: PodSpec;
  pod: Pod;
  machine: Machine;
  server: { stop(): void } | null = null;

  constructor(nodes: Nodes, spec: PodSpec, pod: Pod, machine: Machine) {
    this.nodes = nodes;
    this.spec = spec;
    this.pod = pod;
    this.machine = machine;
  }

  wake(reason: string, arg: unknown): void {
    if (reason === "teardown") return this.nodes.removeSandbox(this);
    if (this.pod.meta.deleted !== null) return;
    if (reason === "init") {
      // The ztunnel's init container builds its own namespace's half of the path.
      if (this.spec.app !== "ztunnel") return this.run();
      const gateway = this.nodes.nodeSpec(this.pod.node).gateway;
      const script = ztunnelScript(this.pod.meta.name, gateway, this.pod.ip);
      this.nodes.cluster.exec.start(this.machine, script, this, "initialised");
      return;
    }
    if (reason === "initialised") {
      const { stderr } = arg as { stderr: string };
      if (stderr) this.log.log.push({ at: this.machine.sim.now, text: stderr.trim() });
      this.run();
    }
  }

  get log(): ContainerStatus {
    return this.pod.status[0] as ContainerStatus;
  }

  run(): void {
    this.server = this.nodes.start(this);
    this.pod.phase = "Running";
    for (const container of this.pod.status) {
      container.ready = true;
      container.waiting = "";
    }
    this.nodes.cluster.store.put(this.pod);
  }
}

/** The kubelets and container runtimes of all nodes. */
export class Nodes implements Kubelet {
  world: World;
  cluster: Cluster;
  spec: ClusterSpec;
  workers = new Map<string, PodWorker>();

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
    this.world.sim.after(START_DELAY, worker, "init");
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

  /** Start what the pod's container runs. */
  start(worker: PodWorker): { stop(): void } | null {
    const { machine, pod, spec } = worker;
    const status = worker.log;
    switch (spec.app) {
      case "sleep":
        daemon(machine, ["/bin/sleep", "infinity"]);
        return null;
      case "productpage":
        return new HttpServer(
          machine,
          daemon(machine, ["python", "productpage.py", String(spec.port)]),
          spec.port,
          bookinfoPage(),
          "text/html; charset=utf-8",
          status,
        );
      case "json":
        return new HttpServer(
          machine,
          daemon(machine, [`/opt/${spec.container}`]),
          spec.port,
          spec.answer,
          "application/json",
          status,
        );
      case "dns":
        return new DnsServer(
          machine,
          daemon(machine, ["/coredns", "-conf", "/etc/coredns/Corefile"]),
          this.cluster.store,
          status,
        );
      case "ztunnel":
        return new Ztunnel(
          machine,
          daemon(machine, ["/usr/local/bin/envoy", "-c", "etc/istio/proxy/envoy-rev.json"]),
          pod.node,
          new Directory(this.cluster),
          status,
        );
      case "istio-cni": {
        const node = this.cluster.nodes.get(pod.node) as Machine;
        daemon(machine, ["install-cni"]);
        this.world.cnis.push(new AmbientCni(this.cluster, node, pod.node, status));
        return null;
      }
      case "kube-proxy":
        daemon(machine, ["kube-proxy", "--proxy-mode=iptables"]);
        return null;
    }
  }

  /** The containers stop, then the sandbox goes (kubelet: killPod). */
  stopPod(pod: Pod): void {
    const worker = this.workers.get(pod.meta.uid);
    if (!worker) return;
    this.workers.delete(pod.meta.uid);
    worker.server?.stop();
    for (const process of [...worker.machine.processes.values()]) process.kill("SIGKILL");
    pod.meta.deleted = this.world.sim.now;
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
