import { clone } from "../base/json.ts";
import type { KubeObject } from "./api/meta.ts";
import type { Container, Pod, PodSpec, PodTemplate } from "./api/pod.ts";
import { ownedBy } from "./objects.ts";
import type { Draft, Store } from "./store.ts";
import { NOT_READY, tolerateAsDaemon, tolerates, UNREACHABLE } from "./taints.ts";

const TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";

/** Where no tag stands, "latest" is meant, and that is always pulled. */
function pullPolicy(image: string): "Always" | "IfNotPresent" {
  const tag = /:([^:/@]+)$/.exec(image)?.[1];
  return (tag === undefined && !image.includes("@")) || tag === "latest"
    ? "Always"
    : "IfNotPresent";
}

function defaultContainer(container: Container): void {
  container.imagePullPolicy ??= pullPolicy(container.image ?? "");
  container.resources ??= {};
  container.terminationMessagePath ??= "/dev/termination-log";
  container.terminationMessagePolicy ??= "File";
  for (const port of container.ports ?? []) port.protocol ??= "TCP";
}

/** What a pod's specification has when nobody says otherwise, also in a template (kubernetes: pkg/apis/core/v1/defaults.go). */
export function defaultPodSpec(spec: PodSpec): void {
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])])
    defaultContainer(container);
  spec.restartPolicy ??= "Always";
  spec.terminationGracePeriodSeconds ??= 30;
  spec.dnsPolicy ??= "ClusterFirst";
  spec.securityContext ??= {};
  spec.schedulerName ??= "default-scheduler";
  if (spec.serviceAccountName !== undefined) spec.serviceAccount ??= spec.serviceAccountName;
}

/**
 * What the API server adds to a pod that is made: its account and that one's token, how long it stays
 * on a node that is lost (the admission plugins ServiceAccount, DefaultTolerationSeconds, Priority).
 */
export function admitPod(pod: Pick<Pod, "spec">, store: Store): void {
  const { spec } = pod;
  defaultPodSpec(spec);
  spec.enableServiceLinks ??= true;
  spec.serviceAccountName ??= "default";
  spec.serviceAccount ??= spec.serviceAccountName;
  spec.priority ??= 0;
  spec.preemptionPolicy ??= "PreemptLowerPriority";
  spec.tolerations ??= [];
  for (const key of [NOT_READY, UNREACHABLE])
    if (!spec.tolerations.some((t) => tolerates(t, { key, effect: "NoExecute" })))
      spec.tolerations.push({
        key,
        operator: "Exists",
        effect: "NoExecute",
        tolerationSeconds: 300,
      });
  const containers = [...spec.containers, ...(spec.initContainers ?? [])];
  if (containers.some((c) => c.volumeMounts?.some((m) => m.mountPath === TOKEN_PATH))) return;
  const name = `kube-api-access-${store.nameSuffix()}`;
  for (const container of containers) {
    container.volumeMounts ??= [];
    container.volumeMounts.push({ name, mountPath: TOKEN_PATH, readOnly: true });
  }
  spec.volumes ??= [];
  spec.volumes.push({
    name,
    projected: {
      defaultMode: 420,
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: "token" } },
        { configMap: { items: [{ key: "ca.crt", path: "ca.crt" }], name: "kube-root-ca.crt" } },
        {
          downwardAPI: {
            items: [
              {
                fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" },
                path: "namespace",
              },
            ],
          },
        },
      ],
    },
  });
}

/** Best effort, unless somebody asks for something (kubernetes: pkg/apis/core/v1/helper/qos). */
export function qosClass(spec: PodSpec): "BestEffort" | "Burstable" | "Guaranteed" {
  const all = spec.containers.map((c) => c.resources ?? {});
  if (all.every((r) => !r.limits && !r.requests)) return "BestEffort";
  const guaranteed = all.every(({ limits = {}, requests = limits }) =>
    ["cpu", "memory"].every(
      (name) => limits[name] !== undefined && limits[name] === requests[name],
    ),
  );
  return guaranteed ? "Guaranteed" : "Burstable";
}

/** A pod as its controller makes it. */
export function podFrom(
  template: PodTemplate,
  owner: KubeObject,
  name: string,
  store: Store,
): Draft<Pod> {
  const spec = clone(template.spec);
  if (owner.kind === "DaemonSet") tolerateAsDaemon(spec);
  const pod: Draft<Pod> = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      generateName: `${owner.metadata.name}-`,
      namespace: owner.metadata.namespace ?? "default",
      labels: { ...template.metadata?.labels },
      ...(template.metadata?.annotations
        ? { annotations: { ...template.metadata.annotations } }
        : {}),
      ownerReferences: ownedBy(owner),
    },
    spec,
    status: { phase: "Pending", qosClass: qosClass(spec) },
  };
  admitPod(pod, store);
  return pod;
}
