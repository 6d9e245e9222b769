import { strerror } from "../../../base/errno.ts";
import type { Machine } from "../../../host/machine.ts";
import type { Pod } from "../../../kube/api/pod.ts";
import type { Cluster } from "../../../kube/cluster.ts";
import { internalIp } from "../../../kube/objects.ts";
import { MSEC, SEC } from "../../../sim/sim.ts";
import { formatIpv4, parseIpv4 } from "../../../wire/address.ts";
import { KubectlError } from "./error.ts";

/** linux: three requests for a neighbour, a second each; the API server's dial of a kubelet. */
const NO_NEIGHBOUR = 3 * SEC + 60 * MSEC;
const DIAL_TIMEOUT = 30 * SEC;

/** The API server is where the machine's node has no way to. */
export function serverError(cluster: Cluster, machine: Machine): KubectlError | null {
  const error = cluster.unreachable(machine.node);
  if (!error) return null;
  const words = strerror(error).toLowerCase();
  return new KubectlError(
    `Unable to connect to the server: dial tcp ${formatIpv4(cluster.controlPlane)}:6443: connect: ${words}`,
  );
}

/** What the API server says when it asks the kubelet of a node that it cannot reach, and when it says so. */
export function kubeletError(cluster: Cluster, pod: Pod): { text: string; after: number } | null {
  const name = pod.spec.nodeName ?? "";
  const node = cluster.store.get("Node", name);
  if (!node || !cluster.isLost(name)) return null;
  const ip = internalIp(node);
  const dev = [...(cluster.nodes.get(name)?.netns.devices.values() ?? [])].find((d) =>
    d.addresses.some((a) => a.local === parseIpv4(ip)),
  );
  // Whose card is on hears the question and has no way to answer.
  const [words, after] =
    dev?.up && dev.carrier
      ? ["i/o timeout", DIAL_TIMEOUT]
      : ["connect: no route to host", NO_NEIGHBOUR];
  return { text: `dial tcp ${ip}:10250: ${words}`, after: after as number };
}
