import { hex } from "../../base/text.ts";
import { formatIpv4 } from "../../wire/address.ts";
import { IP_PROTOCOLS, protocolName, scopeName, tableName } from "./names.ts";
import type { Route } from "./route.ts";
import type { FibRule } from "./rule.ts";

/** One rule (iproute2: print_rule). */
export function ruleText(
  r: FibRule,
  resolved: boolean,
  known: (device: string) => boolean = () => true,
): string {
  let out = `${r.invert ? "not " : ""}from ${r.srcLength ? formatIpv4(r.src) + (r.srcLength < 32 ? `/${r.srcLength}` : "") : "all"}`;
  if (r.dstLength) out += ` to ${formatIpv4(r.dst)}${r.dstLength < 32 ? `/${r.dstLength}` : ""}`;
  if (r.tos) out += ` tos 0x${hex(r.tos, 2)}`;
  if (r.mark || r.markMask)
    out += ` fwmark ${markText(r.mark)}${r.markMask === 0xffffffff ? "" : `/${markText(r.markMask)}`}`;
  const there = (name: string): string => (known(name) ? name : `${name} [detached]`);
  if (r.iif) out += ` iif ${there(r.iif)}`;
  if (r.oif) out += ` oif ${there(r.oif)}`;
  if (r.uids) out += ` uidrange ${r.uids[0]}-${r.uids[1]}`;
  if (r.protocol) {
    const name = Object.entries(IP_PROTOCOLS).find(([, number]) => number === r.protocol)?.[0];
    out += ` ipproto ${name ?? `ipproto-${r.protocol}`}`;
  }
  const range = (p: [number, number]): string => (p[0] === p[1] ? String(p[0]) : `${p[0]}-${p[1]}`);
  if (r.srcPorts) out += ` sport ${range(r.srcPorts)}`;
  if (r.dstPorts) out += ` dport ${range(r.dstPorts)}`;
  if (r.action === "lookup") {
    out += ` lookup ${tableName(r.table)}`;
    if (r.suppressPrefixLength >= 0) out += ` suppress_prefixlength ${r.suppressPrefixLength}`;
    if (r.suppressGroup >= 0)
      out += ` suppress_ifgroup ${r.suppressGroup === 0 ? "default" : r.suppressGroup}`;
  } else if (r.action === "goto") out += ` goto ${r.target}${resolved ? "" : " [unresolved]"}`;
  else out += ` ${r.action}`;
  if (r.origin !== 2 && r.origin !== 3 && r.origin !== 0) out += ` proto ${protocolName(r.origin)}`;
  return out;
}

/** In the order of their numbers (linux: include/uapi/linux/rtnetlink.h, RTAX_*). */
export const METRICS = [
  "mtu",
  "window",
  "rtt",
  "rttvar",
  "ssthresh",
  "cwnd",
  "advmss",
  "reordering",
  "hoplimit",
  "initcwnd",
  "features",
  "rto_min",
  "initrwnd",
  "quickack",
];

/** One route (iproute2: print_route). What the filter says already is not said again. */
export function routeText(
  route: Route,
  filter: {
    dev?: unknown;
    via?: number | null;
    table?: number | "all" | null;
    protocol?: number | null;
  } = {},
  ctx?: { details: boolean },
): string {
  let text = "";
  if (route.type !== "unicast" || ctx?.details) text += `${route.type} `;
  text +=
    route.length === 0
      ? "default "
      : `${formatIpv4(route.dst)}${route.length < 32 ? `/${route.length}` : ""} `;
  if (route.tos) text += `tos 0x${hex(route.tos, 2)} `;
  const single = route.nexthops.length === 1 ? route.nexthops[0] : undefined;
  if (single) {
    if (single.gateway && (filter.via === null || filter.via === undefined))
      text += `via ${formatIpv4(single.gateway)} `;
    if (!filter.dev) text += `dev ${single.dev.name} `;
  }
  if (filter.table === "all" && route.table !== 254) text += `table ${tableName(route.table)} `;
  const said = filter.protocol !== null && filter.protocol !== undefined;
  if ((route.protocol !== 3 && !said) || ctx?.details)
    text += `proto ${protocolName(route.protocol)} `;
  if (route.scope !== 0 || ctx?.details) text += `scope ${scopeName(route.scope)} `;
  if (route.prefSrc) text += `src ${formatIpv4(route.prefSrc)} `;
  if (route.priority) text += `metric ${route.priority} `;
  if (single?.onlink) text += "onlink ";
  if (single && !single.dev.carrier && single.dev.up) text += "linkdown ";
  for (const name of METRICS)
    if (route.metrics[name] !== undefined) text += `${name} ${route.metrics[name]} `;
  if (route.nexthops.length > 1) {
    text += "\n";
    for (const hop of route.nexthops)
      text += `\tnexthop ${hop.gateway ? `via ${formatIpv4(hop.gateway)} ` : ""}dev ${hop.dev.name} weight ${hop.weight} ${hop.onlink ? "onlink " : ""}\n`;
    return text;
  }
  return `${text}\n`;
}

/** As printf's %#x has it: nothing before a zero. */
export function markText(mark: number): string {
  return mark ? `0x${hex(mark)}` : "0";
}
