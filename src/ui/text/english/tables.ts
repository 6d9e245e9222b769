import type { StateTopic } from "../../../worker/protocol.ts";

/** What the tables of a namespace say: their words come with them. */
export const tables = {
  label: "Tables",
  space: "Namespace",
  follow: "The terminal's",
  topics: {
    rules: "Rules",
    routing: "Routes",
    connections: "Connections",
    sets: "Sets",
    sockets: "Sockets",
    devices: "Devices",
  } satisfies Record<StateTopic, string>,
  none: {
    rules: "No table of netfilter is in use here.",
    routing: "There are no routes.",
    connections: "No connection is tracked.",
    sets: "There are no IP sets here.",
    sockets: "No socket is open.",
    devices: "There are no devices.",
  } satisfies Record<StateTopic, string>,
  nothing: "nothing",
  now: "As it is now",
  asItWas: "As it was at {time}",
  making: "Making that moment …",
  gone: "gone since",
  fresh: "new since",
  since: "What was there then and is not now is marked −, what has come since +.",
  packets: "packets",
  bytes: "bytes",
  copy: "Type “{command}” in the terminal",
  find: "Show the packets of {what}",
  hideEmpty: "Met only",
  hideEmptyHint: "Leave out rules that no packet has met",
} as const;
