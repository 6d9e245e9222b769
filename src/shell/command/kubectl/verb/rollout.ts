import { clone, type JsonObject } from "../../../../base/json.ts";
import type { Run } from "../../../../host/process.ts";
import type { DaemonSet, Deployment, ReplicaSet } from "../../../../kube/api/apps.ts";
import { newReplicaSet, revisionOf } from "../../../../kube/controller/deployment.ts";
import { template } from "../../../../kube/describe/pod.ts";
import { DescribeWriter } from "../../../../kube/describe/writer.ts";
import { resourceName } from "../../../../kube/kind.ts";
import { HASH_LABEL } from "../../../../kube/labels.ts";
import { controllerOf } from "../../../../kube/objects.ts";
import { tabwriter } from "../../../../kube/text/tabwriter.ts";
import { MSEC } from "../../../../sim/sim.ts";
import { type Kubectl, shortOf, type Verb } from "../context.ts";
import { KubectlError } from "../error.ts";
import { DRY_RUN, durationOf, FILES, OUTPUT, SELECTOR } from "../flags.ts";
import { printChanged } from "../print.ts";
import { finish, type Target, targets } from "../targets.ts";

const POLL = 20 * MSEC;
const NOTHING = "error: must specify one of -f and -k\n\nerror: required resource not specified";
const COMMON = { ...FILES, ...OUTPUT, ...SELECTOR } as const;

/** How far a rollout is, and whether it is done (kubectl/pkg/polymorphichelpers/rollout_status.go). */
function progress(object: Deployment | DaemonSet): { text: string; done: boolean } {
  const { name, generation = 0 } = object.metadata;
  const going = (text: string) => ({ text, done: false });
  if (generation > (object.status.observedGeneration ?? 0))
    return going(
      `Waiting for ${object.kind === "Deployment" ? "deployment" : "daemon set"} spec update to be observed...`,
    );
  if (object.kind === "DaemonSet") {
    const {
      desiredNumberScheduled: all,
      updatedNumberScheduled: updated = 0,
      numberAvailable: there = 0,
    } = object.status;
    const wait = `Waiting for daemon set "${name}" rollout to finish:`;
    if (updated < all)
      return going(`${wait} ${updated} out of ${all} new pods have been updated...`);
    if (there < all) return going(`${wait} ${there} of ${all} updated pods are available...`);
    return { text: `daemon set "${name}" successfully rolled out`, done: true };
  }
  const { spec, status } = object;
  if (
    status.conditions?.some(
      (c) => c.type === "Progressing" && c.reason === "ProgressDeadlineExceeded",
    )
  )
    throw new KubectlError(`error: deployment "${name}" exceeded its progress deadline`);
  const { updatedReplicas: updated = 0, replicas = 0, availableReplicas: available = 0 } = status;
  const wait = `Waiting for deployment "${name}" rollout to finish:`;
  if (updated < spec.replicas)
    return going(`${wait} ${updated} out of ${spec.replicas} new replicas have been updated...`);
  if (replicas > updated)
    return going(`${wait} ${replicas - updated} old replicas are pending termination...`);
  if (available < updated)
    return going(`${wait} ${available} of ${updated} updated replicas are available...`);
  return { text: `deployment "${name}" successfully rolled out`, done: true };
}

function rolling({ kind, object }: Target): Deployment | DaemonSet {
  if (object.kind === "Deployment" || object.kind === "DaemonSet")
    return object as Deployment | DaemonSet;
  throw new KubectlError(`error: no status viewer has been implemented for "${kind.kind}"`);
}

export const rolloutStatus: Verb = {
  name: "rollout status",
  summary: "Show the status of the rollout",
  usage: "kubectl rollout status TYPE NAME | TYPE/NAME [-n NS] [--timeout 60s] [--watch=false]",
  flags: {
    ...COMMON,
    watch: { short: "w" },
    timeout: { value: "duration" },
    revision: { value: "integer" },
  },
  *run(k) {
    const found = yield* targets(k, { nothing: NOTHING });
    if (found.errors.length) return yield* finish(k, found.errors);
    const limit = k.option("timeout");
    const until =
      limit && durationOf(limit) > 0 ? k.p.sim.now + durationOf(limit) : Number.POSITIVE_INFINITY;
    for (const target of found.items) {
      let said = "";
      for (;;) {
        const current = k.cluster.store.current(rolling(target));
        if (!current) throw new KubectlError("error: object has been deleted");
        const { text, done } = progress(current);
        if (text !== said) yield* k.p.out(`${text}\n`);
        said = text;
        if (done || k.option("watch") === "false") break;
        if (k.p.sim.now >= until)
          throw new KubectlError("error: timed out waiting for the condition");
        yield* k.p.sleep(POLL);
      }
    }
    return 0;
  },
};

/** Change what a workload's pods are made from, and say so. */
function* change(
  k: Kubectl,
  done: string,
  of: (spec: Deployment["spec"], target: Target) => void,
): Run {
  const found = yield* targets(k, { nothing: NOTHING });
  for (const target of found.items) {
    const { kind, object } = target;
    const copy = clone(object) as Deployment;
    of(copy.spec, target);
    const next = k.server.update(kind, copy as unknown as JsonObject, object);
    yield* k.p.out(printChanged(k, kind, next, done));
  }
  return yield* finish(k, found.errors);
}

export const rolloutRestart: Verb = {
  name: "rollout restart",
  summary: "Restart a resource",
  usage: "kubectl rollout restart TYPE NAME | TYPE/NAME [-n NS]",
  flags: COMMON,
  *run(k) {
    const now = `${new Date(k.view.now).toISOString().slice(0, 19)}Z`;
    return yield* change(k, "restarted", ({ template: pods, paused }, { kind, object }) => {
      const name = object.metadata.name;
      if (!["Deployment", "DaemonSet"].includes(object.kind))
        throw new KubectlError(
          `error: ${resourceName(kind)} "${name}" restarting is not supported`,
        );
      if (paused)
        throw new KubectlError(
          `error: ${resourceName(kind)} "${name}" can't restart paused deployment (run rollout resume first)`,
        );
      pods.metadata = {
        ...pods.metadata,
        annotations: { ...pods.metadata?.annotations, "kubectl.kubernetes.io/restartedAt": now },
      };
    });
  },
};

function setsOf(k: Kubectl, deployment: Deployment): ReplicaSet[] {
  return k.cluster.store
    .list("ReplicaSet", deployment.metadata.namespace)
    .filter((set) => controllerOf(set)?.uid === deployment.metadata.uid)
    .sort((a, b) => revisionOf(a) - revisionOf(b));
}

function deploymentOf({ kind, object }: Target, what: string): Deployment {
  if (object.kind === "Deployment") return object as Deployment;
  throw new KubectlError(`error: no ${what} has been implemented for "${kind.kind}"`);
}

export const rolloutHistory: Verb = {
  name: "rollout history",
  summary: "View rollout history",
  usage: "kubectl rollout history deployment NAME | deployment/NAME [--revision N] [-n NS]",
  flags: { ...COMMON, revision: { value: "integer" } },
  *run(k) {
    const found = yield* targets(k, { nothing: NOTHING });
    for (const target of found.items) {
      const deployment = deploymentOf(target, "history viewer");
      const sets = setsOf(k, deployment);
      const wanted = Number(k.option("revision") ?? 0);
      const title = `${shortOf(target.kind)}/${deployment.metadata.name} `;
      if (wanted > 0) {
        const set = sets.find((one) => revisionOf(one) === wanted);
        if (!set) throw new KubectlError("error: unable to find the specified revision");
        const w = new DescribeWriter();
        template(w, set.spec.template);
        yield* k.p.out(`${title}with revision #${wanted}\n${w.text}\n`);
        continue;
      }
      const rows = sets.map((set) => {
        const cause = set.metadata.annotations?.["kubernetes.io/change-cause"] ?? "<none>";
        return `${revisionOf(set)}\t${cause}\n`;
      });
      yield* k.p.out(`${title}\n${tabwriter(`REVISION\tCHANGE-CAUSE\n${rows.join("")}`, 2)}\n`);
    }
    return yield* finish(k, found.errors);
  },
};

export const rolloutUndo: Verb = {
  name: "rollout undo",
  summary: "Undo a previous rollout",
  usage: "kubectl rollout undo deployment NAME | deployment/NAME [--to-revision N] [-n NS]",
  flags: { ...COMMON, ...DRY_RUN, "to-revision": { value: "integer" } },
  *run(k) {
    return yield* change(k, "rolled back", (spec, target) => {
      const deployment = deploymentOf(target, "rollbacker");
      const sets = setsOf(k, deployment);
      const current = newReplicaSet(deployment, sets);
      const wanted = Number(k.option("to-revision") ?? 0);
      const set = wanted
        ? sets.find((one) => revisionOf(one) === wanted)
        : sets.filter((one) => one !== current).at(-1);
      if (!set)
        throw new KubectlError(
          wanted
            ? `error: unable to find specified revision ${wanted} in history`
            : `error: no rollout history found for deployment "${deployment.metadata.name}"`,
        );
      spec.template = clone(set.spec.template);
      if (spec.template.metadata?.labels) delete spec.template.metadata.labels[HASH_LABEL];
    });
  },
};

export const rolloutPause: Verb = {
  name: "rollout pause",
  summary: "Mark the provided resource as paused",
  usage: "kubectl rollout pause deployment NAME | deployment/NAME [-n NS]",
  flags: COMMON,
  *run(k) {
    return yield* change(k, "paused", (spec, target) => {
      if (deploymentOf(target, "pauser").spec.paused)
        throw new KubectlError(
          `error: deployments.apps "${target.object.metadata.name}" is already paused`,
        );
      spec.paused = true;
    });
  },
};

export const rolloutResume: Verb = {
  name: "rollout resume",
  summary: "Resume a paused resource",
  usage: "kubectl rollout resume deployment NAME | deployment/NAME [-n NS]",
  flags: COMMON,
  *run(k) {
    return yield* change(k, "resumed", (spec, target) => {
      if (!deploymentOf(target, "resumer").spec.paused)
        throw new KubectlError(
          `error: deployments.apps "${target.object.metadata.name}" is not paused`,
        );
      delete spec.paused;
    });
  },
};
