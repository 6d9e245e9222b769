import type { Errno } from "../base/errno.ts";
import type { Exec } from "../host/exec.ts";
import type { Machine } from "../host/machine.ts";
import { ipRouteOutput } from "../net/fib/output.ts";
import { flow, RouteError } from "../net/fib/route.ts";
import type { Wakeable } from "../sim/sim.ts";
import { IPPROTO_TCP } from "../wire/ipv4.ts";
import type { Pod } from "./api/pod.ts";
import { KindTable } from "./kind-table.ts";
import type { ContainerLog } from "./log.ts";
import type { Store } from "./store.ts";
import type { ServiceAccountTokens } from "./tokens.ts";

/** A cluster: its objects, and the machines that they run on. */
export class Cluster {
  store: Store;
  exec: Exec;
  /** What kinds of objects there are; filled when the programs are there (World.boot). */
  kinds: KindTable;
  /** Machines by node name. */
  nodes = new Map<string, Machine>();
  /** Machines by "namespace/pod". */
  pods = new Map<string, Machine>();
  /** Pods' network: "10.4.0.0/14". */
  podCidr: string;
  /** Services' network: "10.8.0.0/20". */
  serviceCidr: string;
  /** The service mesh that it was made with, as world files name them. */
  mesh: string;
  /** What is chained behind the network of each new pod, by node. */
  plugins = new Map<string, CniPlugin>();
  /** Made with the first program that has one: they come with a part that no prompt waits for. */
  tokens: ServiceAccountTokens | null = null;
  /** The API server's address in host order; 0: it is reached whatever becomes of the network. */
  controlPlane = 0;
  /** When each node's kubelet renewed its lease last, ns; by node. */
  leases = new Map<string, number>();
  /** What the API server asks for is done by whoever runs the nodes. */
  kubelet: Kubelet | null = null;

  constructor(store: Store, exec: Exec, podCidr: string, serviceCidr: string, mesh = "none") {
    this.store = store;
    this.exec = exec;
    this.kinds = new KindTable(store);
    this.podCidr = podCidr;
    this.serviceCidr = serviceCidr;
    this.mesh = mesh;
  }

  /** Why the API server cannot be reached from a node, by its routes and its link; null when it can. */
  unreachable(node: Machine): Errno | null {
    if (this.controlPlane === 0) return null;
    const key = flow({ dst: this.controlPlane, protocol: IPPROTO_TCP });
    const route = ipRouteOutput(node.netns, key);
    if (route instanceof RouteError) return route.errno;
    return route.dev.up && route.dev.carrier ? null : "EHOSTUNREACH";
  }

  /** Does a node hear nothing of the API server, nor that of it? */
  isLost(node: string): boolean {
    const machine = this.nodes.get(node);
    return machine !== undefined && this.unreachable(machine) !== null;
  }

  machineOf(pod: Pod): Machine | null {
    return this.pods.get(`${pod.metadata.namespace}/${pod.metadata.name}`) ?? null;
  }
}

/** A plugin of the container network interface (CNI 1.0, ADD), called when a pod has its network. */
export interface CniPlugin {
  /** Ends in `waiter.wake("network", error)`: null when all is well, else why the pod may not start. */
  add(pod: Pod, waiter: Wakeable): void;
}

/** What the API server asks of the nodes. */
export interface Kubelet {
  /** What a container wrote; with `previous`, the one before its last restart. */
  log(pod: Pod, container: string, previous?: boolean): ContainerLog | null;
  /** The images that a node has. */
  images(node: string): readonly string[];
}

/** The cluster that a machine is part of. */
export function clusterOf(machine: Machine): Cluster | null {
  return machine.context instanceof Cluster ? machine.context : null;
}
