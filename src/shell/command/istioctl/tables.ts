import { tabwriter } from "../../../kube/text/tabwriter.ts";
import type {
  DumpedGateway,
  DumpedSecret,
  DumpedService,
  DumpedWorkload,
  ZtunnelDump,
} from "./dump.ts";

/** Rows with a heading, in columns; the last column is not padded. */
export function table(rows: readonly (readonly string[])[], padding = 1): string {
  return tabwriter(rows.map((row) => `${row.join("\t")}\n`).join(""), padding);
}

/** `ms` since 1970, to the second. */
export function rfc3339(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

export interface Filter {
  /** Of the thing itself. */
  namespace: string;
  name: string;
  address: string;
  node: string;
  direction: string;
  raw: boolean;
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The waypoint's name: of a service by its host name or an address of its. */
function waypoint(gateway: DumpedGateway | undefined, services: readonly DumpedService[]): string {
  if (!gateway) return "None";
  const { destination } = gateway;
  const found = services.find(
    (s) => `${s.namespace}/${s.hostname}` === destination || s.vips.includes(destination),
  );
  return found?.name ?? "NA";
}

export function workloadsOf(dump: ZtunnelDump, filter: Filter): DumpedWorkload[] {
  return dump.workloads
    .filter(
      (w) =>
        (!filter.namespace || same(w.namespace, filter.namespace)) &&
        (!filter.name || same(w.name, filter.name)) &&
        (!filter.address || w.workloadIps.some((ip) => same(ip, filter.address))) &&
        (!filter.node || same(w.node ?? "", filter.node)),
    )
    .sort(
      (a, b) =>
        compare(`${a.namespace}.${a.name}`, `${b.namespace}.${b.name}`) ||
        compare(a.node ?? "", b.node ?? ""),
    );
}

export function workloadTable(dump: ZtunnelDump, filter: Filter): string {
  const rows = workloadsOf(dump, filter).map((w) => [
    w.namespace,
    w.name,
    w.workloadIps.join(",") || (w.hostname ?? ""),
    w.node ?? "",
    waypoint(w.waypoint, dump.services),
    w.protocol,
  ]);
  return table([["NAMESPACE", "POD NAME", "ADDRESS", "NODE", "WAYPOINT", "PROTOCOL"], ...rows]);
}

export function servicesOf(dump: ZtunnelDump, filter: Filter): DumpedService[] {
  return dump.services
    .filter((s) => !filter.namespace || same(s.namespace, filter.namespace))
    .sort(
      (a, b) =>
        compare(a.namespace, b.namespace) ||
        compare(a.name, b.name) ||
        compare(a.hostname, b.hostname),
    );
}

export function serviceTable(dump: ZtunnelDump, filter: Filter): string {
  const healthy = new Set(dump.workloads.filter((w) => w.status === "Healthy").map((w) => w.uid));
  const rows = servicesOf(dump, filter).map((s) => {
    const endpoints = Object.values(s.endpoints);
    const good = endpoints.filter((e) => healthy.has(e.workloadUid)).length;
    return [
      s.namespace,
      s.name,
      s.vips.map((vip) => vip.split("/")[1] ?? "").join(","),
      waypoint(s.waypoint, dump.services),
      `${good}/${endpoints.length}`,
    ];
  });
  const head = ["NAMESPACE", "SERVICE NAME", "SERVICE VIP", "WAYPOINT", "ENDPOINTS"];
  return table([head, ...rows]);
}

export function policiesOf(dump: ZtunnelDump, filter: Filter): ZtunnelDump["policies"] {
  return dump.policies
    .filter((p) => !filter.namespace || same(p.namespace, filter.namespace))
    .sort((a, b) => compare(a.namespace, b.namespace) || compare(a.name, b.name));
}

export function policyTable(dump: ZtunnelDump, filter: Filter): string {
  const rows = policiesOf(dump, filter).map((p) => [p.namespace, p.name, p.action, p.scope]);
  return table([["NAMESPACE", "POLICY NAME", "ACTION", "SCOPE"], ...rows]);
}

/** `now` in ms since 1970. */
export function secretTable(secrets: readonly DumpedSecret[], now: number): string {
  const rows = secrets.flatMap(({ identity, state, certChain, rootCerts }) => {
    const status = state.startsWith("Unavailable") ? "Unavailable" : state;
    if (certChain.length === 0) return [[identity, "NA", status, "false", "NA", "NA", "NA"]];
    const row = (type: string, c: (typeof certChain)[number]): string[] => {
      const valid = now > Date.parse(c.validFrom) && now < Date.parse(c.expirationTime);
      const serial = BigInt(c.serialNumber).toString(16);
      return [identity, type, status, String(valid), serial, c.expirationTime, c.validFrom];
    };
    return [
      ...certChain.map((c, i) => row(i === 0 ? "Leaf" : "Intermediate", c)),
      ...rootCerts.map((c) => row("Root", c)),
    ];
  });
  const head = ["CERTIFICATE NAME", "TYPE", "STATUS", "VALID CERT", "SERIAL NUMBER", "NOT AFTER"];
  return table([[...head, "NOT BEFORE"], ...rows], 5);
}

export function statesOf(
  dump: ZtunnelDump,
  filter: Filter,
): ZtunnelDump["workloadState"][string][] {
  return Object.values(dump.workloadState)
    .filter(
      ({ info }) =>
        (!filter.namespace || info.namespace === filter.namespace) &&
        (!filter.name || same(info.name, filter.name)),
    )
    .sort(
      (a, b) => compare(a.info.namespace, b.info.namespace) || compare(a.info.name, b.info.name),
    );
}

export function connectionTable(dump: ZtunnelDump, filter: Filter): string {
  const names = new Map<string, string>();
  for (const w of dump.workloads) names.set(w.workloadIps[0] ?? "None", `${w.name}.${w.namespace}`);
  for (const s of dump.services) names.set(s.vips[0]?.split("/")[1] ?? "None", s.hostname);
  const look = (address: string): string => {
    const [, ip = "", port = ""] = /^(.*):(\d+)$/.exec(address) ?? [];
    const name = filter.raw ? undefined : names.get(ip);
    return name ? `${name}:${port}` : address;
  };
  const rows = statesOf(dump, filter).flatMap(({ info, connections }) => {
    const name = `${info.name}.${info.namespace}`;
    const inbound =
      filter.direction === "outbound"
        ? []
        : (connections?.inbound ?? []).map((c) => [
            name,
            "Inbound",
            look(c.actualDst),
            look(c.src),
            c.originalDst ?? "",
            c.protocol,
          ]);
    const outbound =
      filter.direction === "inbound"
        ? []
        : (connections?.outbound ?? []).map((c) => [
            name,
            "Outbound",
            look(c.src),
            look(c.actualDst),
            look(c.originalDst ?? ""),
            c.protocol,
          ]);
    return [...inbound, ...outbound];
  });
  const head = ["WORKLOAD", "DIRECTION", "LOCAL", "REMOTE", "REMOTE TARGET", "PROTOCOL"];
  return table([head, ...rows]);
}
