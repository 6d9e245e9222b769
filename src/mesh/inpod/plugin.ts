import type { Machine } from "../../host/machine.ts";
import type { Pod } from "../../kube/api/pod.ts";
import type { CniPlugin } from "../../kube/cluster.ts";
import type { Wakeable } from "../../sim/sim.ts";
import { InpodAgent } from "./agent.ts";
import { PLUGIN_SOCKET } from "./sockets.ts";

/**
 * The program in /opt/cni/bin that the container runtime calls for each new pod (istio: cni/pkg/plugin):
 * it asks the agent, so that a pod is captured before anything runs in it.
 */
export class IstioCniPlugin implements CniPlugin {
  node: Machine;

  constructor(node: Machine) {
    this.node = node;
  }

  add(pod: Pod, waiter: Wakeable): void {
    const agent = this.node.unixSockets.get(PLUGIN_SOCKET);
    if (agent instanceof InpodAgent) return agent.pluginAdd(pod, waiter);
    const failed = 'plugin type="istio-cni" name="istio-cni" failed (add)';
    const why = `Post "http://pluginevent/cmdadd": dial unix ${PLUGIN_SOCKET}: connect: no such file or directory`;
    this.node.sim.after(0, waiter, "network", `${failed}: ${why}`);
  }
}
