import { clone, equal } from "../../base/json.ts";
import type { Deployment, ReplicaSet } from "../api/apps.ts";
import type { Condition } from "../api/meta.ts";
import type { PodTemplate } from "../api/pod.ts";
import type { Cluster } from "../cluster.ts";
import { recordEvent } from "../events.ts";
import { templateHash } from "../hash.ts";
import { HASH_LABEL, REVISION } from "../labels.ts";
import { controllerOf, ownedBy } from "../objects.ts";
import type { WatchEvent } from "../store.ts";
import { Controller, keyOf } from "./queue.ts";

const SOURCE = { component: "deployment-controller" };
const DESIRED = "deployment.kubernetes.io/desired-replicas";
const MAX = "deployment.kubernetes.io/max-replicas";
const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
const SEC = 1_000_000_000;

/** "25%" of `total`, rounded as asked; a number is itself (k8s.io/apimachinery/pkg/util/intstr). */
function scaled(value: number | string | undefined, total: number, up: boolean): number {
  if (typeof value === "number") return value;
  const share = (Number.parseInt(value ?? "25%", 10) * total) / 100;
  return up ? Math.ceil(share) : Math.floor(share);
}

/** How many more, and how many fewer, there may be while it rolls (util.ResolveFenceposts). */
export function limits(deployment: Deployment): { surge: number; unavailable: number } {
  const { strategy, replicas } = deployment.spec;
  if (strategy.type === "Recreate") return { surge: 0, unavailable: replicas };
  const surge = scaled(strategy.rollingUpdate?.maxSurge, replicas, true);
  const unavailable = scaled(strategy.rollingUpdate?.maxUnavailable, replicas, false);
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

/** The template without what the controller itself adds. A time that is null is no time (EqualIgnoreHash). */
function bare(template: PodTemplate): PodTemplate {
  const copy = clone(template);
  if (copy.metadata?.labels) delete copy.metadata.labels[HASH_LABEL];
  if (copy.metadata?.creationTimestamp === null) delete copy.metadata.creationTimestamp;
  return copy;
}

export function revisionOf(set: ReplicaSet): number {
  return Number(set.metadata.annotations?.[REVISION] ?? 0);
}

/** The ReplicaSet of the template as it is now; null before there is one. */
export function newReplicaSet(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
): ReplicaSet | null {
  const wanted = bare(deployment.spec.template);
  return sets.find((set) => equal(bare(set.spec.template), wanted)) ?? null;
}

/** Rolls pods from one template to the next by two ReplicaSets (kubernetes: pkg/controller/deployment). */
export class DeploymentController extends Controller {
  constructor(cluster: Cluster) {
    super(cluster, ["Deployment", "ReplicaSet"]);
  }

  keys({ object }: WatchEvent): string[] {
    if (object.kind === "Deployment") return [keyOf(object)];
    const owner = controllerOf(object);
    return owner?.kind === "Deployment" ? [`${object.metadata.namespace}/${owner.name}`] : [];
  }

  sets(deployment: Deployment): ReplicaSet[] {
    return this.cluster.store
      .list("ReplicaSet", deployment.metadata.namespace ?? "")
      .filter((set) => controllerOf(set)?.uid === deployment.metadata.uid);
  }

  reconcile(namespace: string, name: string): void {
    const { store } = this.cluster;
    const deployment = store.get("Deployment", name, namespace);
    if (!deployment || deployment.metadata.deletionTimestamp) return;
    if (!deployment.spec.paused) this.roll(deployment);
    else this.scaleOne(deployment);
    this.cleanUp(deployment);
    this.writeStatus(deployment);
  }

  /** What is paused still follows the number of replicas. */
  scaleOne(deployment: Deployment): void {
    const live = this.sets(deployment).filter((set) => set.spec.replicas > 0);
    if (live.length === 1) this.scale(deployment, live[0] as ReplicaSet, deployment.spec.replicas);
  }

  roll(deployment: Deployment): void {
    const sets = this.sets(deployment);
    const fresh = this.ensureNew(deployment, sets);
    const old = sets.filter((set) => set.metadata.uid !== fresh.metadata.uid);
    if (deployment.spec.strategy.type === "Recreate") {
      for (const set of old) this.scale(deployment, set, 0);
      if (old.every((set) => set.status.replicas === 0) && !this.podsOf(old))
        this.scale(deployment, fresh, deployment.spec.replicas);
      return;
    }
    const { replicas } = deployment.spec;
    const { surge, unavailable } = limits(deployment);
    const total = [fresh, ...old].reduce((n, set) => n + set.spec.replicas, 0);
    if (fresh.spec.replicas > replicas) return this.scale(deployment, fresh, replicas);
    if (fresh.spec.replicas < replicas && total < replicas + surge) {
      const more = Math.min(replicas + surge - total, replicas - fresh.spec.replicas);
      return this.scale(deployment, fresh, fresh.spec.replicas + more);
    }
    this.shrinkOld(deployment, fresh, old, total, replicas - unavailable);
  }

  /** First those that serve nobody, then as many as may be missed (rolling.go, reconcileOldReplicaSets). */
  shrinkOld(
    deployment: Deployment,
    fresh: ReplicaSet,
    old: readonly ReplicaSet[],
    total: number,
    minAvailable: number,
  ): void {
    const freshUnavailable = fresh.spec.replicas - (fresh.status.availableReplicas ?? 0);
    let budget = total - minAvailable - freshUnavailable;
    if (budget <= 0) return;
    const left = new Map(old.map((set) => [set, set.spec.replicas]));
    for (const set of old) {
      const idle = Math.min(budget, set.spec.replicas - (set.status.availableReplicas ?? 0));
      if (idle <= 0) continue;
      left.set(set, set.spec.replicas - idle);
      budget -= idle;
    }
    const available = [fresh, ...old].reduce(
      (n, set) => n + (set.status.availableReplicas ?? 0),
      0,
    );
    let spare = available - minAvailable;
    for (const set of old) {
      const now = left.get(set) ?? 0;
      const fewer = Math.min(Math.max(spare, 0), now);
      left.set(set, now - fewer);
      spare -= fewer;
    }
    for (const [set, count] of left) this.scale(deployment, set, count);
  }

  /** Pods that are still there, on their way out or not. */
  podsOf(sets: readonly ReplicaSet[]): boolean {
    const uids = new Set(sets.map((set) => set.metadata.uid));
    return this.cluster.store.list("Pod").some((pod) => uids.has(controllerOf(pod)?.uid ?? ""));
  }

  ensureNew(deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSet {
    const { store } = this.cluster;
    const found = newReplicaSet(deployment, sets);
    const others = sets.filter((set) => set !== found).map(revisionOf);
    const revision = Math.max(0, ...others) + 1;
    const number = String(found ? Math.max(revision, revisionOf(found)) : revision);
    store.edit(deployment, ({ metadata }) => {
      metadata.annotations = { ...metadata.annotations, [REVISION]: number };
    });
    const { [LAST_APPLIED]: _, ...annotations } = deployment.metadata.annotations ?? {};
    const { surge } = limits(deployment);
    const marks = {
      ...annotations,
      [DESIRED]: String(deployment.spec.replicas),
      [MAX]: String(deployment.spec.replicas + surge),
      [REVISION]: number,
    };
    if (found)
      return (
        store.edit(found, ({ metadata }) => {
          metadata.annotations = { ...metadata.annotations, ...marks };
        }) ?? found
      );
    let hash = templateHash(deployment.spec.template);
    const { name, namespace = "" } = deployment.metadata;
    for (let n = 1; store.get("ReplicaSet", `${name}-${hash}`, namespace); n++)
      hash = templateHash(deployment.spec.template, n);
    const template = clone(deployment.spec.template);
    const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash };
    template.metadata = { ...template.metadata, labels };
    const total = sets.reduce((n, set) => n + set.spec.replicas, 0);
    const rolling = deployment.spec.strategy.type !== "Recreate" || sets.length === 0;
    const room = Math.max(deployment.spec.replicas + surge - total, 0);
    const replicas = rolling ? Math.min(room, deployment.spec.replicas) : 0;
    const set = store.create<ReplicaSet>({
      apiVersion: "apps/v1",
      kind: "ReplicaSet",
      metadata: {
        name: `${name}-${hash}`,
        namespace,
        labels,
        annotations: marks,
        ownerReferences: ownedBy(deployment),
      },
      spec: {
        replicas,
        selector: {
          ...clone(deployment.spec.selector),
          matchLabels: { ...deployment.spec.selector.matchLabels, [HASH_LABEL]: hash },
        },
        template,
      },
      status: { replicas: 0 },
    });
    if (replicas > 0) this.say(deployment, set, "up", replicas);
    return set;
  }

  scale(deployment: Deployment, set: ReplicaSet, replicas: number): void {
    const before = set.spec.replicas;
    if (before === replicas) return;
    this.cluster.store.edit(set, (copy) => {
      copy.spec.replicas = replicas;
    });
    this.say(deployment, set, replicas > before ? "up" : "down", replicas);
  }

  say(deployment: Deployment, set: ReplicaSet, way: "up" | "down", replicas: number): void {
    const message = `Scaled ${way} replica set ${set.metadata.name} to ${replicas}`;
    recordEvent(this.cluster.store, deployment, SOURCE, "Normal", "ScalingReplicaSet", message);
  }

  /** Old ones that nothing runs under are kept for `rollout undo`, ten of them. */
  cleanUp(deployment: Deployment): void {
    const sets = this.sets(deployment);
    const fresh = newReplicaSet(deployment, sets);
    const idle = sets
      .filter((set) => set !== fresh && set.spec.replicas === 0 && set.status.replicas === 0)
      .sort((a, b) => revisionOf(a) - revisionOf(b));
    const surplus = idle.length - (deployment.spec.revisionHistoryLimit ?? 10);
    for (const set of idle.slice(0, Math.max(surplus, 0))) this.cluster.store.remove(set);
  }

  writeStatus(deployment: Deployment): void {
    const { store } = this.cluster;
    const sets = this.sets(deployment);
    const fresh = newReplicaSet(deployment, sets);
    const sum = (of: (set: ReplicaSet) => number | undefined): number =>
      sets.reduce((n, set) => n + (of(set) ?? 0), 0);
    const replicas = sum((set) => set.status.replicas);
    const ready = sum((set) => set.status.readyReplicas);
    const available = sum((set) => set.status.availableReplicas);
    const updated = fresh?.status.replicas ?? 0;
    const missing = Math.max(deployment.spec.replicas - available, 0);
    const { unavailable } = limits(deployment);
    const enough = available >= deployment.spec.replicas - unavailable;
    const done =
      updated === deployment.spec.replicas && replicas === updated && available === updated;
    const name = fresh?.metadata.name ?? "";
    store.edit(deployment, (copy) => {
      const conditions = copy.status.conditions ?? [];
      const progressing = conditions.find((c) => c.type === "Progressing");
      const deadline = (copy.spec.progressDeadlineSeconds ?? 600) * 1000;
      const since = Date.parse(progressing?.lastUpdateTime ?? store.timestamp);
      const late = !done && Date.parse(store.timestamp) - since >= deadline;
      const counts = JSON.stringify([updated, ready, available, replicas]);
      const { status } = deployment;
      const before = JSON.stringify([
        status.updatedReplicas ?? 0,
        status.readyReplicas ?? 0,
        status.availableReplicas ?? 0,
        status.replicas ?? 0,
      ]);
      if (progressing && counts !== before) progressing.lastUpdateTime = store.timestamp;
      if (counts !== before || done || !progressing || !progressing.message?.includes(`"${name}"`))
        setCondition(conditions, store.timestamp, {
          type: "Progressing",
          status: "True",
          reason: done
            ? "NewReplicaSetAvailable"
            : progressing
              ? "ReplicaSetUpdated"
              : "NewReplicaSetCreated",
          message: done
            ? `ReplicaSet "${name}" has successfully progressed.`
            : progressing
              ? `ReplicaSet "${name}" is progressing.`
              : `Created new replica set "${name}"`,
        });
      else if (late)
        setCondition(conditions, store.timestamp, {
          type: "Progressing",
          status: "False",
          reason: "ProgressDeadlineExceeded",
          message: `ReplicaSet "${name}" has timed out progressing.`,
        });
      else
        this.addAfter(
          deadline * 1e6 + SEC - (Date.parse(store.timestamp) - since) * 1e6,
          keyOf(copy),
        );
      setCondition(conditions, store.timestamp, {
        type: "Available",
        status: enough ? "True" : "False",
        reason: enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
        message: enough
          ? "Deployment has minimum availability."
          : "Deployment does not have minimum availability.",
      });
      copy.status = {
        observedGeneration: copy.metadata.generation ?? 1,
        ...(replicas ? { replicas } : {}),
        ...(updated ? { updatedReplicas: updated } : {}),
        ...(ready ? { readyReplicas: ready } : {}),
        ...(available ? { availableReplicas: available } : {}),
        ...(missing ? { unavailableReplicas: missing } : {}),
        conditions,
      };
    });
  }
}

function setCondition(conditions: Condition[], now: string, next: Condition): void {
  const old = conditions.find((c) => c.type === next.type);
  if (
    old &&
    old.status === next.status &&
    old.reason === next.reason &&
    old.message === next.message
  )
    return;
  const lastTransitionTime = old && old.status === next.status ? old.lastTransitionTime : now;
  const made = { ...next, lastUpdateTime: now, lastTransitionTime: lastTransitionTime ?? now };
  if (old) conditions[conditions.indexOf(old)] = made;
  else conditions.push(made);
}
