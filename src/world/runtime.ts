import type { Machine } from "../host/machine.ts";
import type { Pod } from "../kube/api/pod.ts";
import { type ContainerRuntime, RUNTIME_SOCKET } from "../mesh/spire/workload-attestor.ts";
import type { AppContext } from "./app/registry.ts";
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

/** The runtime's socket on the context's node, there as soon as somebody asks. */
export function runtimeOf({ world, node }: AppContext): ContainerRuntime {
  const known = node.unixSockets.get(RUNTIME_SOCKET);
  if (known instanceof NodeRuntime) return known;
  if (!world.nodes) throw new Error("no nodes");
  const made = new NodeRuntime(world.nodes, node);
  node.unixSockets.set(RUNTIME_SOCKET, made);
  return made;
}
