import type { ConfigMap, Event, Namespace, ServiceAccount } from "../api/core.ts";
import { since } from "../duration.ts";
import { defineKind } from "../kind.ts";
import { array, boolean, integer, map, object, open, string, time } from "../schema.ts";
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
  defaults(o) {
    o.metadata.labels = { "kubernetes.io/metadata.name": o.metadata.name, ...o.metadata.labels };
    o.spec = { finalizers: ["kubernetes"] };
    o.status = { phase: "Active" };
  },
});

export const serviceAccount = defineKind<ServiceAccount>({
  group: "",
  version: "v1",
  kind: "ServiceAccount",
  plural: "serviceaccounts",
  singular: "serviceaccount",
  shortNames: ["sa"],
  namespaced: true,
  schema: kindSchema(
    `${V1}.ServiceAccount`,
    "ServiceAccount is the identity that pods run under: in the mesh, the name in their certificates.",
    {
      automountServiceAccountToken: boolean("Whether pods get the account's token."),
      imagePullSecrets: array(
        "Secrets for the registry.",
        open(`${V1}.LocalObjectReference`, "A secret."),
      ),
      secrets: array("Secrets of the account.", open(`${V1}.ObjectReference`, "A secret."), "name"),
    },
  ),
  columns: [
    nameColumn,
    { name: "SECRETS", cell: (o) => String(o.secrets?.length ?? 0) },
    ageColumn,
  ],
});

export const configMap = defineKind<ConfigMap>({
  group: "",
  version: "v1",
  kind: "ConfigMap",
  plural: "configmaps",
  singular: "configmap",
  shortNames: ["cm"],
  namespaced: true,
  schema: kindSchema(`${V1}.ConfigMap`, "ConfigMap holds configuration for pods.", {
    binaryData: map("Bytes by keys, in base64."),
    data: map("Text by keys."),
    immutable: boolean("Nothing but the metadata can be changed."),
  }),
  columns: [
    nameColumn,
    {
      name: "DATA",
      cell: (o) =>
        String(Object.keys(o.data ?? {}).length + Object.keys(o.binaryData ?? {}).length),
    },
    ageColumn,
  ],
});

/** "pod/sleep-5644bdc767-2dfg7". */
function objectText(event: Event): string {
  return `${event.involvedObject.kind.toLowerCase()}/${event.involvedObject.name}`;
}

export const event = defineKind<Event>({
  group: "",
  version: "v1",
  kind: "Event",
  plural: "events",
  singular: "event",
  shortNames: ["ev"],
  namespaced: true,
  schema: kindSchema(
    `${V1}.Event`,
    "Event says what happened to an object; it is forgotten after an hour.",
    {
      action: string("What was done."),
      count: integer("How often it happened."),
      eventTime: time("When it was first seen."),
      firstTimestamp: time("When it happened first."),
      involvedObject: open(`${V1}.ObjectReference`, "What it is about."),
      lastTimestamp: time("When it happened last."),
      message: string("What happened, for people."),
      reason: string("What happened, in a word."),
      related: open(`${V1}.ObjectReference`, "Another object that had part in it."),
      reportingComponent: string("Who says so."),
      reportingInstance: string("Which of them."),
      series: open(`${V1}.EventSeries`, "The series that it is part of."),
      source: open(`${V1}.EventSource`, "Who says so, and on which node."),
      type: string("Normal or Warning."),
    },
    ["involvedObject"],
  ),
  columns: [
    { name: "LAST SEEN", cell: (o, view) => since(o.lastTimestamp, view.now) },
    { name: "TYPE", cell: (o) => o.type },
    { name: "REASON", cell: (o) => o.reason },
    { name: "OBJECT", cell: objectText },
    { name: "SUBOBJECT", wide: true, cell: (o) => o.involvedObject.fieldPath ?? "" },
    {
      name: "SOURCE",
      wide: true,
      cell: ({ source }) =>
        source.host ? `${source.component}, ${source.host}` : source.component,
    },
    { name: "MESSAGE", cell: (o) => o.message.trim() },
    { name: "FIRST SEEN", wide: true, cell: (o, view) => since(o.firstTimestamp, view.now) },
    { name: "COUNT", wide: true, cell: (o) => String(o.count) },
    { name: "NAME", wide: true, cell: (o) => o.metadata.name },
  ],
});
