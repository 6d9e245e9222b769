import type { ContainerStatus, Pod } from "../api/pod.ts";
import { describePod } from "../describe/pod.ts";
import { since } from "../duration.ts";
import { defineKind, type View } from "../kind.ts";
import { admitPod, qosClass } from "../pod-template.ts";
import { ageColumn, nameColumn } from "./cells.ts";
import { kindSchema } from "./meta-schema.ts";
import { podSpec, podStatus } from "./pod-schema.ts";
import { podErrors } from "./pod-validate.ts";

/** The one word for how a pod is (kubernetes: pkg/printers/internalversion, printPod). */
export function podStatusText(pod: Pod): string {
  const { status } = pod;
  let reason: string = status.reason ?? status.phase;
  const init = status.initContainerStatuses ?? [];
  const at = init.findIndex(({ state }) => state.terminated?.exitCode !== 0);
  if (at >= 0) {
    const { terminated, waiting } = (init[at] as ContainerStatus).state;
    if (terminated) reason = `Init:${terminated.reason || `ExitCode:${terminated.exitCode}`}`;
    else if (waiting?.reason && waiting.reason !== "PodInitializing")
      reason = `Init:${waiting.reason}`;
    else reason = `Init:${at}/${pod.spec.initContainers?.length ?? 0}`;
  } else {
    let running = false;
    for (const { state, ready } of [...(status.containerStatuses ?? [])].reverse()) {
      if (state.waiting?.reason) reason = state.waiting.reason;
      else if (state.terminated)
        reason = state.terminated.reason || `ExitCode:${state.terminated.exitCode}`;
      else if (ready && state.running) running = true;
    }
    if (reason === "Completed" && running) {
      const ready = status.conditions?.some((c) => c.type === "Ready" && c.status === "True");
      reason = ready ? "Running" : "NotReady";
    }
  }
  return pod.metadata.deletionTimestamp === undefined ? reason : "Terminating";
}

function restarts(pod: Pod, view: View): string {
  const all = pod.status.containerStatuses ?? [];
  const count = all.reduce((n, c) => n + c.restartCount, 0);
  const last = all
    .map((c) => c.lastState.terminated?.finishedAt ?? "")
    .sort()
    .at(-1);
  return count > 0 && last ? `${count} (${since(last, view.now)} ago)` : String(count);
}

export const pod = defineKind<Pod>({
  group: "",
  version: "v1",
  kind: "Pod",
  plural: "pods",
  singular: "pod",
  shortNames: ["po"],
  namespaced: true,
  categories: ["all"],
  schema: kindSchema(
    "io.k8s.api.core.v1.Pod",
    "Pod is a group of containers that run on one node and share one network namespace.",
    { spec: podSpec, status: podStatus },
  ),
  columns: [
    nameColumn,
    {
      name: "READY",
      cell: ({ spec, status }) =>
        `${status.containerStatuses?.filter((c) => c.ready && c.state.running).length ?? 0}/${spec.containers.length}`,
    },
    { name: "STATUS", cell: podStatusText },
    { name: "RESTARTS", cell: restarts },
    ageColumn,
    { name: "IP", wide: true, cell: (o) => o.status.podIP ?? "<none>" },
    { name: "NODE", wide: true, cell: (o) => o.spec.nodeName ?? "<none>" },
    { name: "NOMINATED NODE", wide: true, cell: () => "<none>" },
    { name: "READINESS GATES", wide: true, cell: () => "<none>" },
  ],
  validate: podErrors,
  describe: describePod,
  defaults(o, { store }) {
    admitPod(o, store);
    o.status = { phase: "Pending", qosClass: qosClass(o.spec) };
  },
});
