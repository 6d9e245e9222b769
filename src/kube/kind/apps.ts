import type { DaemonSet, Deployment, ReplicaSet } from "../api/apps.ts";
import { defineKind } from "../kind.ts";
import { defaultPodSpec } from "../pod-template.ts";
import { array, boolean, integer, intOrString, object, type Schema, string } from "../schema.ts";
import { ageColumn, labelsText, nameColumn, templateColumns } from "./cells.ts";
import { condition, kindSchema, labelSelector } from "./meta-schema.ts";
import { podTemplate } from "./pod-schema.ts";

const V1 = "io.k8s.api.apps.v1";

const status = (name: string, counts: Record<string, string>): Schema =>
  object(`${V1}.${name}Status`, "How it is. Written by its controller.", {
    ...Object.fromEntries(Object.entries(counts).map(([field, text]) => [field, integer(text)])),
    collisionCount: integer("How often a name was taken."),
    conditions: array("Aspects of its state.", condition(`${V1}.${name}Condition`), "type"),
    observedGeneration: integer("The generation that the controller has seen."),
  });

const rolling = (name: string): Schema =>
  object(`${V1}.${name}`, "How pods are replaced when the template changes.", {
    maxSurge: intOrString("How many more pods there may be meanwhile: a number or a share."),
    maxUnavailable: intOrString("How many may be missing meanwhile: a number or a share."),
  });

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
    `${V1}.Deployment`,
    "Deployment keeps pods of a template running and rolls them when the template changes.",
    {
      spec: object(
        `${V1}.DeploymentSpec`,
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
          strategy: object(`${V1}.DeploymentStrategy`, "How pods are replaced.", {
            rollingUpdate: rolling("RollingUpdateDeployment"),
            type: string("One after the other, or all at once. Default RollingUpdate.", [
              "Recreate",
              "RollingUpdate",
            ]),
          }),
          template: podTemplate,
        },
        ["selector", "template"],
      ),
      status: status("Deployment", {
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
  defaults(o) {
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
  },
});

export const replicaSet = defineKind<ReplicaSet>({
  group: "apps",
  version: "v1",
  kind: "ReplicaSet",
  plural: "replicasets",
  singular: "replicaset",
  shortNames: ["rs"],
  namespaced: true,
  categories: ["all"],
  schema: kindSchema(`${V1}.ReplicaSet`, "ReplicaSet keeps a number of equal pods running.", {
    spec: object(
      `${V1}.ReplicaSetSpec`,
      "What the ReplicaSet is to be.",
      {
        minReadySeconds: integer("Seconds that a pod must be ready before it counts."),
        replicas: integer("How many pods there are to be. Default 1."),
        selector: labelSelector("Labels of the pods that are its own. It cannot be changed."),
        template: podTemplate,
      },
      ["selector"],
    ),
    status: status("ReplicaSet", {
      availableReplicas: "Pods that have been ready for long enough.",
      fullyLabeledReplicas: "Pods that have all of the template's labels.",
      readyReplicas: "Pods that are ready.",
      replicas: "Pods that are there.",
    }),
  }),
  columns: [
    nameColumn,
    { name: "DESIRED", cell: (o) => String(o.spec.replicas) },
    { name: "CURRENT", cell: (o) => String(o.status.replicas) },
    { name: "READY", cell: (o) => String(o.status.readyReplicas ?? 0) },
    ageColumn,
    ...templateColumns,
  ],
  defaults(o) {
    o.spec.replicas ??= 1;
    if (o.spec.template?.spec) defaultPodSpec(o.spec.template.spec);
    o.status ??= { replicas: 0 };
  },
});

export const daemonSet = defineKind<DaemonSet>({
  group: "apps",
  version: "v1",
  kind: "DaemonSet",
  plural: "daemonsets",
  singular: "daemonset",
  shortNames: ["ds"],
  namespaced: true,
  categories: ["all"],
  schema: kindSchema(`${V1}.DaemonSet`, "DaemonSet keeps one pod running on each node.", {
    spec: object(
      `${V1}.DaemonSetSpec`,
      "What the DaemonSet is to be.",
      {
        minReadySeconds: integer("Seconds that a pod must be ready before it counts."),
        revisionHistoryLimit: integer("How many old revisions are kept. Default 10."),
        selector: labelSelector("Labels of the pods that are its own. It cannot be changed."),
        template: podTemplate,
        updateStrategy: object(`${V1}.DaemonSetUpdateStrategy`, "How pods are replaced.", {
          rollingUpdate: rolling("RollingUpdateDaemonSet"),
          type: string("By itself, or when somebody deletes them.", ["OnDelete", "RollingUpdate"]),
        }),
      },
      ["selector", "template"],
    ),
    status: status("DaemonSet", {
      currentNumberScheduled: "Nodes that run a pod and should.",
      desiredNumberScheduled: "Nodes that should run one.",
      numberAvailable: "Nodes whose pod has been ready for long enough.",
      numberMisscheduled: "Nodes that run one and should not.",
      numberReady: "Nodes whose pod is ready.",
      numberUnavailable: "Nodes whose pod is missing.",
      updatedNumberScheduled: "Nodes whose pod is of the newest template.",
    }),
  }),
  columns: [
    nameColumn,
    { name: "DESIRED", cell: (o) => String(o.status.desiredNumberScheduled) },
    { name: "CURRENT", cell: (o) => String(o.status.currentNumberScheduled) },
    { name: "READY", cell: (o) => String(o.status.numberReady) },
    { name: "UP-TO-DATE", cell: (o) => String(o.status.updatedNumberScheduled ?? 0) },
    { name: "AVAILABLE", cell: (o) => String(o.status.numberAvailable ?? 0) },
    { name: "NODE SELECTOR", cell: (o) => labelsText(o.spec.template.spec.nodeSelector) },
    ageColumn,
    ...templateColumns,
  ],
  defaults(o) {
    o.spec.updateStrategy ??= { type: "RollingUpdate" };
    o.spec.updateStrategy.type ??= "RollingUpdate";
    if (o.spec.updateStrategy.type === "RollingUpdate")
      o.spec.updateStrategy.rollingUpdate = {
        maxSurge: 0,
        maxUnavailable: 1,
        ...o.spec.updateStrategy.rollingUpdate,
      };
    o.spec.revisionHistoryLimit ??= 10;
    if (o.spec.template?.spec) defaultPodSpec(o.spec.template.spec);
    o.status ??= {
      currentNumberScheduled: 0,
      desiredNumberScheduled: 0,
      numberMisscheduled: 0,
      numberReady: 0,
    };
  },
});
