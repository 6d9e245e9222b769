import type { Deployment, ReplicaSet } from "../api/apps.ts";
import { newReplicaSet } from "../controller/deployment.ts";
import { template } from "../describe/pod.ts";
import { DescribeWriter, longTime } from "../describe/writer.ts";
import { defineKind } from "../kind.ts";
import { controllerOf } from "../objects.ts";
import { defaultPodSpec } from "../pod-template.ts";
import { boolean, integer, object, string } from "../schema.ts";
import { ageColumn, nameColumn, selectorText, templateColumns } from "./cells.ts";
import { kindSchema, labelSelector } from "./meta-schema.ts";
import { podTemplate } from "./pod-schema.ts";
import { APPS_V1, rollingUpdate, workloadStatus } from "./workload-schema.ts";
import { workloadErrors } from "./workload-validate.ts";

/** kubernetes: pkg/apis/apps/v1/defaults.go. */
function defaults(o: Deployment): void {
  o.spec.replicas ??= 1;
  o.spec.strategy ??= { type: "RollingUpdate" };
  o.spec.strategy.type ??= "RollingUpdate";
  if (o.spec.strategy.type === "RollingUpdate") {
    o.spec.strategy.rollingUpdate = {
      maxSurge: "25%",
      maxUnavailable: "25%",
      ...o.spec.strategy.rollingUpdate,
    };
  }
  o.spec.revisionHistoryLimit ??= 10;
  o.spec.progressDeadlineSeconds ??= 600;
  if (o.spec.template?.spec) defaultPodSpec(o.spec.template.spec);
  o.status ??= {};
}

export const deployment = defineKind<Deployment>({
  group: "apps",
  version: "v1",
  kind: "Deployment",
  plural: "deployments",
  singular: "deployment",
  shortNames: ["deploy"],
  namespaced: true,
  categories: ["all"],
  schema: kindSchema(
    `${APPS_V1}.Deployment`,
    "Deployment keeps pods of a template running and rolls them when the template changes.",
    {
      spec: object(
        `${APPS_V1}.DeploymentSpec`,
        "What the Deployment is to be.",
        {
          minReadySeconds: integer("Seconds that a pod must be ready before it counts."),
          paused: boolean("Changes of the template wait."),
          progressDeadlineSeconds: integer(
            "Seconds without progress after which it has failed. Default 600.",
          ),
          replicas: integer("How many pods there are to be. Default 1."),
          revisionHistoryLimit: integer("How many old ReplicaSets are kept. Default 10."),
          selector: labelSelector("Labels of the pods that are its own. It cannot be changed."),
          strategy: object(`${APPS_V1}.DeploymentStrategy`, "How pods are replaced.", {
            rollingUpdate: rollingUpdate("RollingUpdateDeployment"),
            type: string("One after the other, or all at once. Default RollingUpdate.", [
              "Recreate",
              "RollingUpdate",
            ]),
          }),
          template: podTemplate,
        },
        ["selector", "template"],
      ),
      status: workloadStatus("Deployment", {
        availableReplicas: "Pods that have been ready for long enough.",
        readyReplicas: "Pods that are ready.",
        replicas: "Pods that are there.",
        unavailableReplicas: "Pods that are still missing.",
        updatedReplicas: "Pods of the newest template.",
      }),
    },
  ),
  columns: [
    nameColumn,
    { name: "READY", cell: (o) => `${o.status.readyReplicas ?? 0}/${o.spec.replicas}` },
    { name: "UP-TO-DATE", cell: (o) => String(o.status.updatedReplicas ?? 0) },
    { name: "AVAILABLE", cell: (o) => String(o.status.availableReplicas ?? 0) },
    ageColumn,
    ...templateColumns,
  ],
  validate(o, old) {
    return workloadErrors(o, old);
  },
  describe(o, view) {
    const w = new DescribeWriter();
    const { metadata, spec, status } = o;
    w.head(o);
    w.write(0, `CreationTimestamp:\t${longTime(metadata.creationTimestamp)}`);
    w.labels("Labels", metadata.labels);
    w.annotations("Annotations", metadata.annotations);
    w.write(0, `Selector:\t${selectorText(spec.selector)}`);
    w.write(
      0,
      `Replicas:\t${spec.replicas} desired | ${status.updatedReplicas ?? 0} updated | ${status.replicas ?? 0} total | ${status.availableReplicas ?? 0} available | ${status.unavailableReplicas ?? 0} unavailable`,
    );
    w.write(0, `StrategyType:\t${spec.strategy.type}`);
    w.write(0, `MinReadySeconds:\t${spec.minReadySeconds ?? 0}`);
    const rolling = spec.strategy.rollingUpdate;
    if (rolling)
      w.write(
        0,
        `RollingUpdateStrategy:\t${rolling.maxUnavailable} max unavailable, ${rolling.maxSurge} max surge`,
      );
    template(w, spec.template);
    if (status.conditions?.length) {
      w.write(0, "Conditions:");
      w.write(1, "Type\tStatus\tReason");
      w.write(1, "----\t------\t------");
      for (const c of status.conditions) w.write(1, `${c.type} \t${c.status}\t${c.reason ?? ""}`);
    }
    const sets = view.cluster.store
      .list("ReplicaSet", metadata.namespace)
      .filter((set) => controllerOf(set)?.uid === metadata.uid);
    const fresh = newReplicaSet(o, sets);
    const text = (list: readonly ReplicaSet[]): string =>
      list
        .map((s) => `${s.metadata.name} (${s.status.replicas}/${s.spec.replicas} replicas created)`)
        .join(", ") || "<none>";
    if (sets.length) {
      w.write(
        0,
        `OldReplicaSets:\t${text(sets.filter((s) => s !== fresh && s.spec.replicas > 0))}`,
      );
      w.write(0, `NewReplicaSet:\t${text(fresh ? [fresh] : [])}`);
    }
    return w.text;
  },
  defaults,
  defaultsOnUpdate: defaults,
});
