import type { Machine } from "../host/machine.ts";
import type { Pod } from "../kube/api/pod.ts";
import type { ContainerRuntime } from "../mesh/spire/workload-attestor.ts";
import type { Nodes } from "./kubelet.ts";

/**
 * A node's container runtime, for who asks which process a pod's is. A container's first process has a
 * number of the node's own; ours gets it when somebody asks first.
 */
export class NodeRuntime implements ContainerRuntime {
  nodes: Nodes;
  node: Machine;
  /** By container id. */
  pids = new Map<string, number>();

  constructor(nodes: Nodes, node: Machine) {
    this.nodes = nodes;
    this.node = node;
  }

  pidOf(podUid: string): number | null {
    const worker = this.nodes.workers.get(podUid);
    const container = worker?.containers[0];
    if (!worker || worker.pod.spec.nodeName !== this.node.name || !container?.running) return null;
    let pid = this.pids.get(container.id);
    if (pid === undefined) {
      pid = this.node.nextPid++;
      this.pids.set(container.id, pid);
    }
    return pid;
  }

  podOf(pid: number): Pod | null {
    for (const { pod, containers } of this.nodes.workers.values())
      if (this.pids.get(containers[0]?.id ?? "") === pid) return pod;
    return null;
  }
}
