import type { NetDevice } from "../../../net/device/device.ts";
import { betterWay } from "../../../net/fib/exception.ts";
import { ipRouteInput } from "../../../net/fib/input.ts";
import { tableName } from "../../../net/fib/names.ts";
import { ipRouteOutput } from "../../../net/fib/output.ts";
import { flow, RouteError, type RouteResult } from "../../../net/fib/route.ts";
import { routeText } from "../../../net/fib/text.ts";
import { NetlinkError } from "../../../net/netlink.ts";
import { Skb } from "../../../net/skb.ts";
import { formatIpv4 } from "../../../wire/address.ts";
import { Ipv4 } from "../../../wire/ipv4.ts";
import type { Json } from "../../lib/json-writer.ts";
import { findDevice, type IpContext, IpError, print, type Words } from "./context.ts";
import { routeJson } from "./json.ts";
import { prefix, unsigned } from "./parse.ts";

/** `ip route get`: what routing would say, for a packet from here or (with iif) one that comes in. */
export function routeGet(ctx: IpContext, words: Words): void {
  const ns = ctx.ns;
  const key = flow({});
  let iif: NetDevice | null = null;
  let oif: NetDevice | null = null;
  let fibmatch = false;
  let dst: number | null = null;
  let uid = ctx.p.uid;
  while (!words.done) {
    const word = words.next();
    if (word === "from") key.src = prefix(words.value()).address;
    else if (word === "tos" || word === "dsfield")
      key.tos = unsigned(`0x${words.value().replace(/^0x/, "")}`, 255) ?? 0;
    else if (word === "iif") iif = findDevice(ctx, words.value());
    else if (word === "oif" || word === "dev") oif = findDevice(ctx, words.value());
    else if (word === "mark") key.mark = unsigned(words.value()) ?? 0;
    else if (word === "uid") uid = Number(words.value());
    else if (word === "ipproto") key.protocol = { tcp: 6, udp: 17, icmp: 1 }[words.value()] ?? 0;
    else if (word === "sport") key.srcPort = Number(words.value());
    else if (word === "dport") key.dstPort = Number(words.value());
    else if (word === "fibmatch") fibmatch = true;
    else if (word === "notify" || word === "connected") continue;
    else dst = prefix(word === "to" ? words.value() : word).address;
  }
  if (dst === null) throw new IpError("need at least a destination address\n", 1);
  key.dst = dst;
  key.uid = uid;
  if (oif) key.oif = oif.ifindex;
  let result: RouteResult;
  if (iif) {
    const packet = probe(key, iif);
    const routed = ipRouteInput(ns, packet, iif);
    if (typeof routed === "string") throw new NetlinkError("EINVAL");
    if (routed.error !== null) throw new NetlinkError(routed.error);
    result = routed;
  } else {
    const routed = ipRouteOutput(ns, key);
    if (routed instanceof RouteError) throw new NetlinkError(routed.errno);
    result = routed;
  }
  if (fibmatch) {
    const { route } = result;
    if (!route) throw new NetlinkError("EHOSTUNREACH");
    print(
      ctx,
      () => routeText(route, {}, ctx),
      () => routeJson(ctx, route),
    );
    return;
  }
  const type = result.type;
  const tableId = result.route?.table ?? 254;
  // Until there is a rule of somebody's own, local and main are looked up as one (fib_trie_unmerge).
  const merged = !ns.fib.customRules && tableId === 255;
  const cache: string[] = [];
  if (
    type === "local" ||
    (!iif && result.dev.isLoopback) ||
    type === "broadcast" ||
    // Of the groups everybody is in that of all systems.
    (type === "multicast" && key.dst === 0xe0000001)
  )
    cache.push("local");
  if (result.redirect) cache.push("redirect");
  if (type === "broadcast") cache.push("brd");
  if (type === "multicast") cache.push("mc");
  const hop = result.route?.nexthops.find(({ dev }) => dev === result.dev);
  const way = hop && betterWay(ns, hop, key.dst);
  if (way) cache.push("redirected");
  const path = iif ? undefined : ns.pmtu.get(key.dst);
  const learned = path && path.expires > ns.sim.now ? path : undefined;
  const until = learned?.expires ?? way?.expires;
  const expires = until === undefined ? null : Math.floor((until - ns.sim.now) / 1e9);
  const mtu = learned?.mtu ?? result.mtu;
  // Each fact with its name in JSON and its text; null is no fact of this answer.
  const facts: ([name: string, value: Json, text: string] | null)[] = [
    type === "unicast" ? null : ["type", type, `${type} `],
    ["dst", formatIpv4(key.dst), `${formatIpv4(key.dst)} `],
    key.src ? ["from", formatIpv4(key.src), `from ${formatIpv4(key.src)} `] : null,
    result.route?.tos
      ? ["tos", tosText(result.route.tos), `tos ${tosText(result.route.tos)} `]
      : null,
    result.gateway
      ? ["gateway", formatIpv4(result.gateway), `via ${formatIpv4(result.gateway)} `]
      : null,
    ["dev", result.dev.name, `dev ${result.dev.name} `],
    tableId !== 254 && result.route && !merged
      ? ["table", tableName(tableId), `table ${tableName(tableId)} `]
      : null,
    !iif && !key.src ? ["prefsrc", formatIpv4(result.src), `src ${formatIpv4(result.src)} `] : null,
    // The flag of a multicast route is the same bit (RTCF_MULTICAST, RTM_F_OFFLOAD_FAILED).
    type === "multicast" && !iif
      ? ["flags", ["rt_offload_failed"], "rt_offload_failed "]
      : ["flags", [], ""],
    key.mark ? ["mark", key.mark, `mark ${markText(key.mark)} `] : null,
    iif ? null : ["uid", uid, `uid ${uid} `],
    ["cache", cache, `\n    cache ${cache.length ? `<${cache.join(",")}> ` : ""}`],
    expires === null ? null : ["expires", expires, `expires ${expires}sec `],
    mtu ? ["metrics", [{ mtu }], `mtu ${mtu} `] : null,
    iif ? ["iif", iif.name, `iif ${iif.name} `] : null,
  ];
  const given = facts.filter((fact) => fact !== null);
  print(
    ctx,
    () => `${given.map(([, , text]) => text).join("")}\n`,
    () => Object.fromEntries(given.map(([name, value]) => [name, value])),
  );
}

function tosText(tos: number): string {
  return `0x${tos.toString(16).padStart(2, "0")}`;
}

function markText(mark: number): string {
  return mark >= 16 ? `0x${mark.toString(16)}` : String(mark);
}

/** A packet that is only asked about: no id, so nothing of it gets into the trace's stories. */
function probe(key: ReturnType<typeof flow>, iif: NetDevice): Skb {
  const skb = new Skb(0, new Uint8Array(64), 0, 40);
  skb.network = 0;
  skb.mark = key.mark;
  skb.dev = iif;
  Ipv4.write(skb.data, 0, {
    tos: key.tos,
    totalLength: 40,
    id: 0,
    fragment: 0,
    ttl: 64,
    protocol: key.protocol || 17,
    src: key.src,
    dst: key.dst,
  });
  return skb;
}
