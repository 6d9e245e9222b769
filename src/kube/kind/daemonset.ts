import type { DaemonSet } from "../api/apps.ts";
import { template } from "../describe/pod.ts";
import { DescribeWriter, podsStatus } from "../describe/writer.ts";
import { defineKind } from "../kind.ts";
import { defaultPodSpec } from "../pod-template.ts";
import { integer, object, string } from "../schema.ts";
import { ageColumn, labelsText, nameColumn, selectorText, templateColumns } from "./cells.ts";
import { kindSchema, labelSelector } from "./meta-schema.ts";
import { podTemplate } from "./pod-schema.ts";
import { APPS_V1, rollingUpdate, workloadStatus } from "./workload-schema.ts";
import { workloadErrors } from "./workload-validate.ts";

function defaults(o: DaemonSet): void {
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
}

export const daemonSet = defineKind<DaemonSet>({
  group: "apps",
  version: "v1",
  kind: "DaemonSet",
  plural: "daemonsets",
  singular: "daemonset",
  shortNames: ["ds"],
  namespaced: true,
  categories: ["all"],
  schema: kindSchema(`${APPS_V1}.DaemonSet`, "DaemonSet keeps one pod running on each node.", {
    spec: object(
      `${APPS_V1}.DaemonSetSpec`,
      "What the DaemonSet is to be.",
      {
        minReadySeconds: integer("Seconds that a pod must be ready before it counts."),
        revisionHistoryLimit: integer("How many old revisions are kept. Default 10."),
        selector: labelSelector("Labels of the pods that are its own. It cannot be changed."),
        template: podTemplate,
        updateStrategy: object(`${APPS_V1}.DaemonSetUpdateStrategy`, "How pods are replaced.", {
          rollingUpdate: rollingUpdate("RollingUpdateDaemonSet"),
          type: string("By itself, or when somebody deletes them.", ["OnDelete", "RollingUpdate"]),
        }),
      },
      ["selector", "template"],
    ),
    status: workloadStatus("DaemonSet", {
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
  validate(o, old) {
    return workloadErrors(o, old);
  },
  describe(o, view) {
    const w = new DescribeWriter();
    const { metadata, spec, status } = o;
    w.write(0, `Name:\t${metadata.name}`);
    w.write(0, `Selector:\t${selectorText(spec.selector)}`);
    w.write(0, `Node-Selector:\t${labelsText(spec.template.spec.nodeSelector)}`);
    w.labels("Labels", metadata.labels);
    w.annotations("Annotations", metadata.annotations);
    const line = (what: string, n: number | undefined): void =>
      w.write(0, `Number of Nodes ${what}: ${n ?? 0}`);
    w.write(0, `Desired Number of Nodes Scheduled: ${status.desiredNumberScheduled}`);
    w.write(0, `Current Number of Nodes Scheduled: ${status.currentNumberScheduled}`);
    line("Scheduled with Up-to-date Pods", status.updatedNumberScheduled);
    line("Scheduled with Available Pods", status.numberAvailable);
    line("Misscheduled", status.numberMisscheduled);
    w.write(0, `Pods Status:\t${podsStatus(o, view.cluster)}`);
    template(w, spec.template);
    return w.text;
  },
  defaults,
  defaultsOnUpdate: defaults,
});
