import type { Endpoints } from "../api/core.ts";
import type { EndpointSlice } from "../api/discovery.ts";
import { defineKind } from "../kind.ts";
import { array, object, open, string } from "../schema.ts";
import { ageColumn, nameColumn } from "./cells.ts";
import { kindSchema } from "./meta-schema.ts";

/** The first few, and how many more there are. */
function some(list: readonly string[]): string {
  const more = list.length > 3 ? ` + ${list.length - 3} more...` : "";
  return list.slice(0, 3).join(",") + more;
}

/** "10.4.3.15:9080,…" (kubernetes: pkg/printers/internalversion, formatEndpoints). */
export function endpointsText({ subsets = [] }: Endpoints): string {
  const all = subsets.flatMap(({ addresses = [], ports = [] }) =>
    ports.length
      ? ports.flatMap((port) => addresses.map(({ ip }) => `${ip}:${port.port}`))
      : addresses.map(({ ip }) => ip),
  );
  return all.length ? some(all) : "<none>";
}

export const endpoints = defineKind<Endpoints>({
  group: "",
  version: "v1",
  kind: "Endpoints",
  plural: "endpoints",
  singular: "endpoints",
  shortNames: ["ep"],
  namespaced: true,
  schema: kindSchema(
    "io.k8s.api.core.v1.Endpoints",
    "Endpoints is the list of addresses behind a Service.",
    {
      subsets: array(
        "Addresses that share ports.",
        open("io.k8s.api.core.v1.EndpointSubset", "Addresses and ports."),
      ),
    },
  ),
  columns: [nameColumn, { name: "ENDPOINTS", cell: endpointsText }, ageColumn],
});

export const endpointSlice = defineKind<EndpointSlice>({
  group: "discovery.k8s.io",
  version: "v1",
  kind: "EndpointSlice",
  plural: "endpointslices",
  singular: "endpointslice",
  shortNames: [],
  namespaced: true,
  schema: kindSchema(
    "io.k8s.api.discovery.v1.EndpointSlice",
    "EndpointSlice is a part of the list of addresses behind a Service: what kube-proxy reads.",
    {
      addressType: string("What the addresses are.", ["IPv4", "IPv6", "FQDN"]),
      endpoints: array(
        "The addresses.",
        object(
          "io.k8s.api.discovery.v1.Endpoint",
          "An address and its state.",
          {
            addresses: array("Addresses of this endpoint.", string("")),
            conditions: open(
              "io.k8s.api.discovery.v1.EndpointConditions",
              "Whether it is ready, serving, terminating.",
            ),
            deprecatedTopology: open("map[string]string", "Not used any more."),
            hints: open("io.k8s.api.discovery.v1.EndpointHints", "For whom it is meant."),
            hostname: string("Its hostname."),
            nodeName: string("The node that it is on."),
            targetRef: open("io.k8s.api.core.v1.ObjectReference", "The pod that it is."),
            zone: string("The zone that it is in."),
          },
          ["addresses"],
        ),
      ),
      ports: array(
        "The ports of all of them.",
        open("io.k8s.api.discovery.v1.EndpointPort", "A port."),
      ),
    },
    ["addressType", "endpoints"],
  ),
  columns: [
    nameColumn,
    { name: "ADDRESSTYPE", cell: (o) => o.addressType },
    {
      name: "PORTS",
      cell: (o) => (o.ports?.length ? some(o.ports.map((p) => String(p.port))) : "<unset>"),
    },
    {
      name: "ENDPOINTS",
      cell: (o) => some((o.endpoints ?? []).flatMap((e) => e.addresses)) || "<unset>",
    },
    ageColumn,
  ],
});
