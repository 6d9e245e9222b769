import type { Machine } from "../../host/machine.ts";
import type { Pod } from "../../kube/api/pod.ts";
import type { CniPlugin } from "../../kube/cluster.ts";
import type { Store } from "../../kube/store.ts";
import type { Wakeable } from "../../sim/sim.ts";
import { InpodAgent } from "./agent.ts";
import { isEnrolled } from "./enrolment.ts";
import { failedAdd } from "./plugin-error.ts";
import { PLUGIN_SOCKET } from "./sockets.ts";

/** Where the agent is installed. */
const NAMESPACE = "istio-system";

/**
 * The program in /opt/cni/bin that the container runtime calls for each new pod (istio: cni/pkg/plugin):
 * it asks the agent, so that a pod is captured before anything runs in it.
 */
export class IstioCniPlugin implements CniPlugin {
  node: Machine;
  store: Store;

  constructor(node: Machine, store: Store) {
    this.node = node;
    this.store = store;
  }

  add(pod: Pod, waiter: Wakeable): void {
    const { name, namespace } = pod.metadata;
    // The agent itself must come up where there is none (plugin.go, isCNIPod).
    const isAgent = name.startsWith("istio-cni-node-") && namespace === NAMESPACE;
    if (isAgent || !isEnrolled(this.store, pod))
      return void this.node.sim.after(0, waiter, "network", null);
    const agent = this.node.unixSockets.get(PLUGIN_SOCKET);
    if (agent instanceof InpodAgent) return agent.pluginAdd(pod, waiter);
    const why = failedAdd(
      `failed to send event request: Post "http://unix/cmdadd": dial unix ${PLUGIN_SOCKET}: connect: no such file or directory`,
    );
    this.node.sim.after(0, waiter, "network", why);
  }
}
