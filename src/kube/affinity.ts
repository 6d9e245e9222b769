import type { Pod } from "./api/pod.ts";

/** Only this node will do (util.ReplaceDaemonSetPodNodeNameNodeAffinity). */
export function affinityTo(node: string): { [field: string]: unknown } {
  return {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [
          { matchFields: [{ key: "metadata.name", operator: "In", values: [node] }] },
        ],
      },
    },
  };
}

/** The node that `affinityTo` named; null where another affinity, or none, stands. */
export function affineNode(pod: Pod): string | null {
  const { affinity } = pod.spec as {
    affinity?: {
      nodeAffinity?: {
        requiredDuringSchedulingIgnoredDuringExecution?: {
          nodeSelectorTerms?: { matchFields?: { key: string; values: string[] }[] }[];
        };
      };
    };
  };
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const field = required?.nodeSelectorTerms?.[0]?.matchFields?.[0];
  return field?.key === "metadata.name" ? (field.values[0] ?? null) : null;
}
