import type { Exec } from "../host/exec.ts";
import type { Machine } from "../host/machine.ts";
import type { Pod } from "./objects.ts";
import type { Store } from "./store.ts";
import type { ServiceAccountTokens } from "./tokens.ts";

/** A cluster: its objects, and the machines that they run on. */
export class Cluster {
  store: Store;
  exec: Exec;
  /** Machines by node name. */
  nodes = new Map<string, Machine>();
  /** Machines by "namespace/pod". */
  pods = new Map<string, Machine>();
  /** Pods' network: "10.4.0.0/14". */
  podCidr: string;
  /** Made with the first program that has one: they come with a part that no prompt waits for. */
  tokens: ServiceAccountTokens | null = null;
  /** What the API server asks for is done by whoever runs the nodes. */
  kubelet: Kubelet | null = null;

  constructor(store: Store, exec: Exec, podCidr: string) {
    this.store = store;
    this.exec = exec;
    this.podCidr = podCidr;
  }

  machineOf(pod: Pod): Machine | null {
    return this.pods.get(`${pod.meta.namespace}/${pod.meta.name}`) ?? null;
  }
}

/** What the API server asks of the nodes. */
export interface Kubelet {
  /** Containers get SIGTERM, after `grace` seconds (null: the pod's own 30) SIGKILL; then it is gone. */
  deletePod(pod: Pod, grace: number | null): void;
  /** A pod of the same template, on the same node. */
  replacePod(pod: Pod, name: string): void;
}

/** The cluster that a machine is part of. */
export function clusterOf(machine: Machine): Cluster | null {
  return machine.context instanceof Cluster ? machine.context : null;
}
