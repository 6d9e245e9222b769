import type { Event } from "../api/core.ts";
import { since } from "../duration.ts";
import { defineKind } from "../kind.ts";
import { integer, open, string, time } from "../schema.ts";
import { kindSchema } from "./meta-schema.ts";

const V1 = "io.k8s.api.core.v1";

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
