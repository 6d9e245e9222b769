import type { Node } from "../kube/api/core.ts";

/** A kubelet's healthy conditions: reason and message. */
const CONDITIONS = {
  MemoryPressure: ["KubeletHasSufficientMemory", "kubelet has sufficient memory available"],
  DiskPressure: ["KubeletHasNoDiskPressure", "kubelet has no disk pressure"],
  PIDPressure: ["KubeletHasSufficientPID", "kubelet has sufficient PID available"],
  Ready: ["KubeletReady", "kubelet is posting ready status"],
} as const;

export function healthyConditions(now: string): Node["status"]["conditions"] {
  return Object.entries(CONDITIONS).map(([type, [reason, message]]) => ({
    type,
    status: type === "Ready" ? "True" : "False",
    lastHeartbeatTime: now,
    lastTransitionTime: now,
    reason,
    message,
  }));
}
