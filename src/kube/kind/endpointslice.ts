import type { EndpointSlice } from "../api/discovery.ts";
import { DescribeWriter } from "../describe/writer.ts";
import { defineKind } from "../kind.ts";
import { array, object, open, string } from "../schema.ts";
import { ageColumn, firstFew, nameColumn } from "./cells.ts";
import { kindSchema } from "./meta-schema.ts";

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
      cell: (o) => (o.ports?.length ? firstFew(o.ports.map((p) => String(p.port))) : "<unset>"),
    },
    {
      name: "ENDPOINTS",
      cell: (o) => firstFew((o.endpoints ?? []).flatMap((e) => e.addresses)) || "<unset>",
    },
    ageColumn,
  ],
  describe(o) {
    const w = new DescribeWriter();
    w.head(o);
    w.labels("Labels", o.metadata.labels);
    w.annotations("Annotations", o.metadata.annotations);
    w.write(0, `AddressType:\t${o.addressType}`);
    if (o.ports?.length) {
      w.write(0, "Ports:");
      w.write(1, "Name\tPort\tProtocol");
      w.write(1, "----\t----\t--------");
      for (const p of o.ports) w.write(1, `${p.name || "<unset>"}\t${p.port}\t${p.protocol}`);
    } else w.write(0, "Ports: <unset>");
    w.write(0, o.endpoints?.length ? "Endpoints:" : "Endpoints: <none>");
    for (const e of o.endpoints ?? []) {
      w.write(1, `- Addresses:\t${e.addresses.join(", ")}`);
      w.write(2, "Conditions:");
      w.write(3, `Ready:\t${e.conditions?.ready ?? "<unset>"}`);
      w.write(2, "Hostname:\t<unset>");
      if (e.targetRef) w.write(2, `TargetRef:\t${e.targetRef.kind}/${e.targetRef.name}`);
      w.write(2, `NodeName:\t${e.nodeName ?? "<unset>"}`);
      w.write(2, "Zone:\t<unset>");
    }
    return w.text;
  },
  hasStatus: false,
});
