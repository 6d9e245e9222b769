import type { Endpoints } from "../api/core.ts";
import { DescribeWriter } from "../describe/writer.ts";
import { defineKind } from "../kind.ts";
import { array, open } from "../schema.ts";
import { ageColumn, firstFew, nameColumn } from "./cells.ts";
import { kindSchema } from "./meta-schema.ts";

/** "10.4.3.15:9080,…" (kubernetes: pkg/printers/internalversion, formatEndpoints). */
export function endpointsText({ subsets = [] }: Pick<Endpoints, "subsets">, name?: string): string {
  const all = subsets.flatMap(({ addresses = [], ports = [] }) =>
    ports.length
      ? ports
          .filter((port) => name === undefined || (port.name ?? "") === name)
          .flatMap((port) => addresses.map(({ ip }) => `${ip}:${port.port}`))
      : addresses.map(({ ip }) => ip),
  );
  return all.length ? firstFew(all) : "<none>";
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
  columns: [nameColumn, { name: "ENDPOINTS", cell: (o) => endpointsText(o) }, ageColumn],
  hasStatus: false,
  describe(o) {
    const w = new DescribeWriter();
    w.head(o);
    w.labels("Labels", o.metadata.labels);
    w.annotations("Annotations", o.metadata.annotations);
    w.write(0, "Subsets:");
    for (const { addresses = [], notReadyAddresses = [], ports = [] } of o.subsets ?? []) {
      w.write(1, `Addresses:\t${addresses.map((a) => a.ip).join(",") || "<none>"}`);
      w.write(1, `NotReadyAddresses:\t${notReadyAddresses.map((a) => a.ip).join(",") || "<none>"}`);
      if (ports.length) {
        w.write(1, "Ports:");
        w.write(2, "Name\tPort\tProtocol");
        w.write(2, "----\t----\t--------");
        for (const p of ports) w.write(2, `${p.name || "<unset>"}\t${p.port}\t${p.protocol}`);
      }
      w.write(0, "");
    }
    return w.text;
  },
});
