import type { Run } from "../../../host/process.ts";
import type { Pod } from "../../../kube/api/pod.ts";
import type { ContainerLog } from "../../../kube/log.ts";
import { MSEC } from "../../../sim/sim.ts";
import { type Kubectl, KubectlError, podFor } from "./context.ts";

/** How often `-f` looks for more. */
const POLL = 100 * MSEC;

/** `kubectl logs POD|-l SELECTOR [-c C] [-f] [--tail N]` */
export function* logs(k: Kubectl): Run {
  const { p } = k;
  const selected = Object.keys(k.selector).length > 0;
  const name = k.args[0];
  if (!selected && name === undefined)
    throw new KubectlError(
      "error: expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command\nSee 'kubectl logs -h' for help and examples",
    );
  const pods: readonly Pod[] = selected
    ? k.cluster.store
        .list("Pod", k.namespace)
        .filter((pod) =>
          Object.entries(k.selector).every(([key, v]) => pod.metadata.labels?.[key] === v),
        )
    : [podFor(k, name as string)];
  const container = k.options.get("c");
  const sources: { log: ContainerLog; at: number }[] = [];
  for (const pod of pods) {
    const { containerStatuses = [] } = pod.status;
    const status = container
      ? containerStatuses.find((c) => c.name === container)
      : containerStatuses[0];
    const log = status && k.cluster.kubelet?.log(pod, status.name);
    if (!status || !log)
      throw new KubectlError(
        `error: container ${container} is not valid for pod ${pod.metadata.name}`,
      );
    if (status.state.waiting)
      throw new KubectlError(
        `Error from server (BadRequest): container "${status.name}" in pod "${pod.metadata.name}" is waiting to start: ${status.state.waiting.reason}`,
      );
    const tail = k.options.get("tail");
    const keep = tail !== undefined ? Number(tail) : selected ? 10 : -1;
    sources.push({ log, at: keep >= 0 ? Math.max(0, log.lines.length - keep) : 0 });
  }
  const follow = k.options.has("f");
  for (;;) {
    for (const source of sources) {
      const lines = source.log.lines.slice(source.at);
      source.at = source.log.lines.length;
      if (lines.length) yield* p.out(lines.map((line) => `${line.text}\n`).join(""));
    }
    if (!follow) return 0;
    yield* p.sleep(POLL);
  }
}
