import { affinityTo } from "../kube/affinity.ts";
import type { DaemonSet, Deployment, ReplicaSet } from "../kube/api/apps.ts";
import type { KubeObject, ObjectMeta } from "../kube/api/meta.ts";
import type { Pod, PodTemplate } from "../kube/api/pod.ts";
import { templateHash } from "../kube/hash.ts";
import { HASH_LABEL, REVISION, REVISION_HASH } from "../kube/labels.ts";
import { ownedBy } from "../kube/objects.ts";
import { admitPod, defaultPodSpec, podFrom, qosClass } from "../kube/pod-template.ts";
import type { Draft, Store } from "../kube/store.ts";
import type { PodSpec } from "./spec.ts";

function templateOf(spec: PodSpec): PodTemplate {
  const { labels, annotations, command } = spec;
  const template: PodTemplate = {
    metadata: {
      creationTimestamp: null,
      labels: { ...labels },
      ...(Object.keys(annotations).length ? { annotations: { ...annotations } } : {}),
    },
    spec: {
      containers: [
        {
          name: spec.container,
          image: spec.image,
          ...(command.length ? { command: [...command] } : {}),
          ...(spec.port ? { ports: [{ containerPort: spec.port }] } : {}),
        },
      ],
      ...(spec.serviceAccount === "default" ? {} : { serviceAccountName: spec.serviceAccount }),
      ...(spec.ip === "" ? { hostNetwork: true } : {}),
    },
  };
  defaultPodSpec(template.spec);
  return template;
}

/**
 * The objects behind the pods of a world file: what looks after them, as their `owner` says, and they
 * themselves, bound to their nodes.
 */
export class Workloads {
  store: Store;
  pods: readonly PodSpec[];

  constructor(store: Store, pods: readonly PodSpec[]) {
    this.store = store;
    this.pods = pods;
  }

  create(spec: PodSpec): Pod {
    const [kind = "", name = ""] = spec.owner.split("/");
    const template = templateOf(spec);
    if (kind === "Deployment") return this.replica(spec, name, template);
    if (kind === "DaemonSet") return this.daemon(spec, name, template);
    const node = kind === "Node" ? this.store.get("Node", name) : null;
    return this.store.create(node ? this.mirror(spec, node, template) : this.bare(spec, template));
  }

  bind(draft: Draft<Pod>, spec: PodSpec): Draft<Pod> {
    draft.metadata.name = spec.name;
    draft.spec.nodeName = spec.node;
    draft.status.conditions = [
      {
        type: "PodScheduled",
        status: "True",
        lastProbeTime: null,
        lastTransitionTime: this.store.timestamp,
      },
    ];
    return draft;
  }

  bare(spec: PodSpec, template: PodTemplate): Draft<Pod> {
    const { labels = {}, annotations } = template.metadata ?? {};
    const metadata: Partial<ObjectMeta> & { name: string } = {
      name: spec.name,
      namespace: spec.namespace,
      labels,
      ...(annotations ? { annotations } : {}),
    };
    const draft: Draft<Pod> = {
      apiVersion: "v1",
      kind: "Pod",
      metadata,
      spec: template.spec,
      status: { phase: "Pending", qosClass: qosClass(template.spec) },
    };
    admitPod(draft, this.store);
    return this.bind(draft, spec);
  }

  /** The API server's picture of a pod that a node runs by itself: no account, no token. */
  mirror(spec: PodSpec, node: KubeObject, template: PodTemplate): Draft<Pod> {
    const hash = templateHash(template);
    return this.bind(
      {
        apiVersion: "v1",
        kind: "Pod",
        metadata: {
          name: spec.name,
          namespace: spec.namespace,
          labels: { ...template.metadata?.labels },
          annotations: {
            ...template.metadata?.annotations,
            "kubernetes.io/config.hash": hash,
            "kubernetes.io/config.mirror": hash,
            "kubernetes.io/config.seen": this.store.timestamp,
            "kubernetes.io/config.source": "file",
          },
          ownerReferences: ownedBy(node).map(({ blockOwnerDeletion: _, ...rest }) => rest),
        },
        spec: {
          ...template.spec,
          enableServiceLinks: true,
          priority: 2_000_001_000,
          priorityClassName: "system-node-critical",
          preemptionPolicy: "PreemptLowerPriority",
          tolerations: [{ effect: "NoExecute", operator: "Exists" }],
        },
        status: { phase: "Pending", qosClass: qosClass(template.spec) },
      },
      spec,
    );
  }

  /** Replicas of one set: they have its name in theirs. */
  siblings(spec: PodSpec): number {
    const { owner, namespace } = spec;
    return this.pods.filter((pod) => pod.owner === owner && pod.namespace === namespace).length;
  }

  replica(spec: PodSpec, name: string, template: PodTemplate): Pod {
    const { store } = this;
    const { namespace } = spec;
    // "sleep-5644bdc767-2dfg7": the hash of the template, as it is in the pod's name.
    const found = new RegExp(`^${name}-([a-z0-9]+)-[a-z0-9]+$`).exec(spec.name)?.[1];
    const hash = found ?? templateHash(template);
    const labels = { ...template.metadata?.labels };
    const selector = { matchLabels: labels };
    const replicas = this.siblings(spec);
    const deployment =
      store.get("Deployment", name, namespace) ??
      store.create<Deployment>({
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name, namespace, labels, annotations: { [REVISION]: "1" } },
        spec: {
          progressDeadlineSeconds: 600,
          replicas,
          revisionHistoryLimit: 10,
          selector,
          strategy: {
            rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" },
            type: "RollingUpdate",
          },
          template,
        },
        status: {},
      });
    const hashed = { ...labels, [HASH_LABEL]: hash };
    const set =
      store.get("ReplicaSet", `${name}-${hash}`, namespace) ??
      store.create<ReplicaSet>({
        apiVersion: "apps/v1",
        kind: "ReplicaSet",
        metadata: {
          name: `${name}-${hash}`,
          namespace,
          labels: hashed,
          annotations: { [REVISION]: "1" },
          ownerReferences: ownedBy(deployment),
        },
        spec: {
          replicas,
          selector: { matchLabels: hashed },
          template: { ...template, metadata: { ...template.metadata, labels: hashed } },
        },
        status: { replicas: 0 },
      });
    return store.create(this.bind(podFrom(set.spec.template, set, spec.name, store), spec));
  }

  daemon(spec: PodSpec, name: string, template: PodTemplate): Pod {
    const { store } = this;
    const labels = { ...template.metadata?.labels };
    const set =
      store.get("DaemonSet", name, spec.namespace) ??
      store.create<DaemonSet>({
        apiVersion: "apps/v1",
        kind: "DaemonSet",
        metadata: { name, namespace: spec.namespace, labels },
        spec: {
          revisionHistoryLimit: 10,
          selector: { matchLabels: labels },
          template,
          updateStrategy: {
            rollingUpdate: { maxSurge: 0, maxUnavailable: 1 },
            type: "RollingUpdate",
          },
        },
        status: {
          currentNumberScheduled: 0,
          desiredNumberScheduled: 0,
          numberMisscheduled: 0,
          numberReady: 0,
        },
      });
    const draft = podFrom(set.spec.template, set, spec.name, store);
    draft.metadata.labels = {
      ...draft.metadata.labels,
      [REVISION_HASH]: templateHash(set.spec.template),
      "pod-template-generation": "1",
    };
    draft.spec.affinity = affinityTo(spec.node);
    return store.create(this.bind(draft, spec));
  }
}
