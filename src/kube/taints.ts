import type { Taint } from "./api/core.ts";
import type { PodSpec, Toleration } from "./api/pod.ts";

export const NOT_READY = "node.kubernetes.io/not-ready";
export const UNREACHABLE = "node.kubernetes.io/unreachable";

/** k8s.io/api/core/v1/toleration.go, ToleratesTaint. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  const { key = "", operator = "Equal", value = "", effect = "" } = toleration;
  if (effect !== "" && effect !== taint.effect) return false;
  if (key !== "" && key !== taint.key) return false;
  return operator === "Exists" || (key !== "" && value === (taint.value ?? ""));
}

/** The taints with one of these effects that nothing here tolerates. */
export function untolerated(
  taints: readonly Taint[] = [],
  tolerations: readonly Toleration[] = [],
  effects: readonly string[],
): Taint[] {
  return taints.filter(
    (taint) => effects.includes(taint.effect) && !tolerations.some((t) => tolerates(t, taint)),
  );
}

/** What a daemon's pods stand (kubernetes: pkg/controller/daemon/util, AddOrUpdateDaemonPodTolerations). */
export function tolerateAsDaemon(spec: PodSpec): void {
  const pressures = ["disk-pressure", "memory-pressure", "pid-pressure", "unschedulable"];
  if (spec.hostNetwork) pressures.push("network-unavailable");
  const all: Toleration[] = [
    { key: NOT_READY, operator: "Exists", effect: "NoExecute" },
    { key: UNREACHABLE, operator: "Exists", effect: "NoExecute" },
    ...pressures.map(
      (name): Toleration => ({
        key: `node.kubernetes.io/${name}`,
        operator: "Exists",
        effect: "NoSchedule",
      }),
    ),
  ];
  spec.tolerations ??= [];
  for (const one of all)
    if (!spec.tolerations.some((t) => t.key === one.key && t.effect === one.effect))
      spec.tolerations.push(one);
}
