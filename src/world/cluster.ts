import type { Machine } from "../host/machine.ts";
import type { Namespace, Node, Service, ServiceAccount } from "../kube/api/core.ts";
import { Cluster } from "../kube/cluster.ts";
import { Store } from "../kube/store.ts";
import { Segment } from "../net/device/nic.ts";
import { ShellExec } from "../shell/exec.ts";
import { parseIpv4 } from "../wire/address.ts";
import { Nodes } from "./kubelet.ts";
import { connectNode, routeToNode } from "./network.ts";
import { healthyConditions } from "./node-conditions.ts";
import type { ClusterSpec, NodeSpec, ServiceSpec } from "./spec.ts";
import { Workloads } from "./workloads.ts";
import type { World } from "./world.ts";

function makeNamespace(store: Store, name: string, labels: Record<string, string>): void {
  store.create<Namespace>({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, labels: { "kubernetes.io/metadata.name": name, ...labels } },
    spec: { finalizers: ["kubernetes"] },
    status: { phase: "Active" },
  });
}

function makeNode(store: Store, node: NodeSpec, machine: Machine, version: string): void {
  const id = [...store.sim.rng(`node ${node.name}`).bytes(16)]
    .map((b) => b.toString(16).padStart(2, "0"))
    .join("");
  const uuid = id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  const resources = { cpu: "1", memory: "2025Mi", pods: "110", "ephemeral-storage": "98831908Ki" };
  store.create<Node>({
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name: node.name,
      labels: {
        "beta.kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": node.name,
        "kubernetes.io/os": "linux",
      },
    },
    spec: { podCIDR: node.podCidr, podCIDRs: [node.podCidr] },
    status: {
      addresses: [
        { type: "InternalIP", address: node.address.split("/")[0] ?? "" },
        { type: "Hostname", address: node.name },
      ],
      allocatable: resources,
      capacity: resources,
      conditions: healthyConditions(store.timestamp),
      nodeInfo: {
        architecture: "amd64",
        bootID: uuid,
        containerRuntimeVersion: "containerd://1.6.6",
        kernelVersion: machine.kernel.release,
        kubeProxyVersion: version,
        kubeletVersion: version,
        machineID: id,
        operatingSystem: "linux",
        osImage: "Container-Optimized OS from Google",
        systemUUID: uuid,
      },
    },
  });
}

function makeService(store: Store, service: ServiceSpec): void {
  const { name, namespace, clusterIp, selector } = service;
  store.create<Service>({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace },
    spec: {
      clusterIP: clusterIp,
      clusterIPs: [clusterIp],
      internalTrafficPolicy: "Cluster",
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "SingleStack",
      ports: service.ports.map(({ name: port, ...rest }) =>
        port ? { name: port, ...rest } : rest,
      ),
      selector: { ...selector },
      sessionAffinity: "None",
      type: "ClusterIP",
    },
    status: { loadBalancer: {} },
  });
}

/** What a world file says of its cluster, as objects and as machines. */
function buildObjects(world: World, cluster: Cluster, nodes: Nodes, segment: Segment): void {
  const { store } = cluster;
  const spec: ClusterSpec = nodes.spec;
  for (const { name, labels } of spec.namespaces) makeNamespace(store, name, labels);
  for (const { name, namespace } of spec.serviceAccounts)
    store.create<ServiceAccount>({
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name, namespace },
    });
  for (const node of spec.nodes) {
    const machine = world.addMachine(node.name);
    machine.kernel.inherits = true;
    machine.kernel.init.sysctl.addNeighDefault();
    machine.kernel.cpus = 1;
    machine.context = cluster;
    cluster.nodes.set(node.name, machine);
    connectNode(machine, node, segment, spec.mtu);
    makeNode(store, node, machine, spec.version);
  }
  for (const node of spec.nodes)
    for (const other of spec.nodes)
      if (other !== node) routeToNode(nodes.machine(node.name), other);
  for (const service of spec.services) makeService(store, service);
  const workloads = new Workloads(store, spec.pods);
  for (const pod of spec.pods) {
    nodes.addProgram(pod);
    nodes.startPod(workloads.create(pod), { ip: pod.ip, veth: pod.veth });
  }
}

/** The cluster of a world and its machines; nothing runs in it yet. */
export function buildCluster(world: World, spec: ClusterSpec): void {
  const { podCidr, serviceCidr, mesh } = spec;
  const cluster = new Cluster(new Store(world.sim), new ShellExec(), podCidr, serviceCidr, mesh);
  cluster.controlPlane = parseIpv4(spec.controlPlane) ?? 0;
  world.cluster = cluster;
  world.segment = new Segment("nodes", { ...spec.link, mtu: spec.mtu });
  world.nodes = new Nodes(world, cluster, spec);
  buildObjects(world, cluster, world.nodes, world.segment);
}
