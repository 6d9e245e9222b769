import type { ReplicaSet } from "../api/apps.ts";
import { template } from "../describe/pod.ts";
import { DescribeWriter, podsStatus } from "../describe/writer.ts";
import { defineKind } from "../kind.ts";
import { defaultPodSpec } from "../pod-template.ts";
import { integer, object } from "../schema.ts";
import { ageColumn, nameColumn, selectorText, templateColumns } from "./cells.ts";
import { kindSchema, labelSelector } from "./meta-schema.ts";
import { podTemplate } from "./pod-schema.ts";
import { APPS_V1, workloadStatus } from "./workload-schema.ts";
import { workloadErrors } from "./workload-validate.ts";

function defaults(o: ReplicaSet): void {
  o.spec.replicas ??= 1;
  if (o.spec.template?.spec) defaultPodSpec(o.spec.template.spec);
  o.status ??= { replicas: 0 };
}

export const replicaSet = defineKind<ReplicaSet>({
  group: "apps",
  version: "v1",
  kind: "ReplicaSet",
  plural: "replicasets",
  singular: "replicaset",
  shortNames: ["rs"],
  namespaced: true,
  categories: ["all"],
  schema: kindSchema(`${APPS_V1}.ReplicaSet`, "ReplicaSet keeps a number of equal pods running.", {
    spec: object(
      `${APPS_V1}.ReplicaSetSpec`,
      "What the ReplicaSet is to be.",
      {
        minReadySeconds: integer("Seconds that a pod must be ready before it counts."),
        replicas: integer("How many pods there are to be. Default 1."),
        selector: labelSelector("Labels of the pods that are its own. It cannot be changed."),
        template: podTemplate,
      },
      ["selector"],
    ),
    status: workloadStatus("ReplicaSet", {
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
  validate(o, old) {
    return workloadErrors(o, old);
  },
  describe(o, view) {
    const w = new DescribeWriter();
    const { metadata, spec, status } = o;
    w.head(o);
    w.write(0, `Selector:\t${selectorText(spec.selector)}`);
    w.labels("Labels", metadata.labels);
    w.annotations("Annotations", metadata.annotations);
    w.controller(o);
    w.write(0, `Replicas:\t${status.replicas} current / ${spec.replicas} desired`);
    w.write(0, `Pods Status:\t${podsStatus(o, view.cluster)}`);
    template(w, spec.template);
    return w.text;
  },
  defaults,
  defaultsOnUpdate: defaults,
});
