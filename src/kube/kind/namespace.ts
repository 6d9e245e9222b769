import type { Namespace } from "../api/core.ts";
import { DescribeWriter } from "../describe/writer.ts";
import { defineKind } from "../kind.ts";
import { array, object, open, string } from "../schema.ts";
import { ageColumn, nameColumn } from "./cells.ts";
import { kindSchema } from "./meta-schema.ts";

const V1 = "io.k8s.api.core.v1";

export const namespace = defineKind<Namespace>({
  group: "",
  version: "v1",
  kind: "Namespace",
  plural: "namespaces",
  singular: "namespace",
  shortNames: ["ns"],
  namespaced: false,
  schema: kindSchema(`${V1}.Namespace`, "Namespace is a space in which names are unique.", {
    spec: object(`${V1}.NamespaceSpec`, "What the namespace is to be.", {
      finalizers: array("What must be done before it can go.", string("")),
    }),
    status: open(`${V1}.NamespaceStatus`, "Whether it is there or on its way out."),
  }),
  columns: [nameColumn, { name: "STATUS", cell: (o) => o.status.phase }, ageColumn],
  nameRule: "label",
  describesEvents: false,
  describe({ metadata, status }) {
    const w = new DescribeWriter();
    w.write(0, `Name:\t${metadata.name}`);
    w.labels("Labels", metadata.labels);
    w.annotations("Annotations", metadata.annotations);
    w.write(0, `Status:\t${status.phase}`);
    w.write(0, "");
    w.write(0, "No resource quota.");
    w.write(0, "");
    w.write(0, "No LimitRange resource.");
    return w.text;
  },
  defaults(o) {
    o.metadata.labels = { "kubernetes.io/metadata.name": o.metadata.name, ...o.metadata.labels };
    o.spec = { finalizers: ["kubernetes"] };
    o.status = { phase: "Active" };
  },
});
