import type { NetDevice } from "../../../net/device/device.ts";
import {
  addRoute,
  defaultScope,
  deleteRoute,
  type NextHopSpec,
  type RouteFilter,
  type RouteVerb,
} from "../../../net/fib/admin.ts";
import { ipRouteInput } from "../../../net/fib/input.ts";
import { tableName } from "../../../net/fib/names.ts";
import { ipRouteOutput } from "../../../net/fib/output.ts";
import {
  flow,
  ROUTE_TYPES,
  type Route,
  RouteError,
  type RouteResult,
  type RouteType,
} from "../../../net/fib/route.ts";
import { routeText } from "../../../net/fib/text.ts";
import { NetlinkError } from "../../../net/netlink.ts";
import { Skb } from "../../../net/skb.ts";
import { formatIpv4, maskOf } from "../../../wire/address.ts";
import { Ipv4 } from "../../../wire/ipv4.ts";
import type { Json } from "../../lib/json-writer.ts";
import {
  duplicateArgument,
  findDevice,
  type IpContext,
  IpError,
  incomplete,
  invalidArgument,
  matches,
  pick,
  print,
  type Words,
} from "./context.ts";
import { routeJson } from "./json.ts";
import { address, prefix, protocol, scope, table, unsigned } from "./parse.ts";

const METRICS = [
  "mtu",
  "hoplimit",
  "advmss",
  "reordering",
  "rtt",
  "window",
  "cwnd",
  "initcwnd",
  "ssthresh",
  "initrwnd",
  "quickack",
  "rto_min",
];
const VERBS: Record<string, RouteVerb> = {
  add: "add",
  append: "append",
  prepend: "prepend",
  change: "change",
  replace: "replace",
};

/** `ip route …` (iproute2: ip/iproute.c) */
export function ipRoute(ctx: IpContext, words: Words): void {
  const verb = words.done ? "list" : words.next();
  const command = pick(verb, [
    "list",
    "show",
    "lst",
    "add",
    "change",
    "replace",
    "prepend",
    "append",
    "delete",
    "get",
    "flush",
    "save",
    "restore",
    "showdump",
    "test",
  ]);
  if (command === "list" || command === "show" || command === "lst") return list(ctx, words, false);
  if (command === "flush") return list(ctx, words, true);
  if (command === "get") return get(ctx, words);
  if (command === "delete") return modify(ctx, words, "delete");
  const way = VERBS[command ?? ""];
  if (way) return modify(ctx, words, way);
  throw new IpError(`Command "${verb}" is unknown, try "ip route help".\n`, 255);
}

interface Given {
  type: RouteType | null;
  dst: { address: number; length: number } | null;
  table: number | null;
  tos: number | null;
  scope: number | null;
  protocol: number | null;
  priority: number | null;
  prefSrc: number | null;
  hops: NextHopSpec[];
  metrics: Record<string, number>;
}

function routeType(word: string): RouteType | null {
  return (ROUTE_TYPES as readonly string[]).includes(word) && word !== "unspec"
    ? (word as RouteType)
    : null;
}

function parse(ctx: IpContext, words: Words): Given {
  const given: Given = {
    type: null,
    dst: null,
    table: null,
    tos: null,
    scope: null,
    protocol: null,
    priority: null,
    prefSrc: null,
    hops: [],
    metrics: {},
  };
  let gateway: number | null = null;
  let dev: NetDevice | null = null;
  let onlink = false;
  let sawHop = false;
  while (!words.done) {
    const word = words.next();
    if (word === "src") given.prefSrc = address(words.value());
    else if (word === "via") {
      const text = words.value();
      gateway = address(text === "inet" ? words.value() : text);
      sawHop = true;
    } else if (word === "from") words.value();
    else if (word === "tos" || matches(word, "dsfield")) {
      const text = words.value();
      given.tos =
        unsigned(text.startsWith("0x") ? text : `0x${text}`, 255) ??
        invalidArgument('"tos" value is invalid\n', text);
    } else if (matches(word, "metric") || matches(word, "priority") || word === "preference") {
      const text = words.value();
      given.priority = unsigned(text) ?? invalidArgument('"metric" value is invalid\n', text);
    } else if (word === "scope") {
      const text = words.value();
      given.scope = scope(text) ?? invalidArgument('"scope" value is invalid\n', text);
    } else if (METRICS.includes(word)) {
      let text = words.value();
      if (text === "lock") text = words.value();
      given.metrics[word] = unsigned(text) ?? invalidArgument(`"${word}" value is invalid\n`, text);
    } else if (matches(word, "protocol")) {
      const text = words.value();
      given.protocol = protocol(text) ?? invalidArgument('"protocol" value is invalid\n', text);
    } else if (matches(word, "table")) given.table = table(words.value());
    else if (word === "dev" || word === "oif") {
      dev = findDevice(ctx, words.value());
      sawHop = true;
    } else if (word === "onlink") onlink = true;
    else if (word === "pervasive") continue;
    else if (word === "nexthop") {
      given.hops.push(nextHop(ctx, words));
    } else {
      const type = given.dst === null ? routeType(word) : null;
      if (type) {
        given.type = type;
        continue;
      }
      const text = word === "to" ? words.value() : word;
      const also = word === "to" ? routeType(text) : null;
      if (also) {
        given.type = also;
        continue;
      }
      if (text === "help") throw new IpError("", 255);
      if (given.dst) duplicateArgument("to", text);
      given.dst = prefix(text);
    }
  }
  if (sawHop) given.hops.unshift({ dev, gateway: gateway ?? 0, onlink, weight: 1 });
  return given;
}

function nextHop(ctx: IpContext, words: Words): NextHopSpec {
  const hop: NextHopSpec = { dev: null, gateway: 0, onlink: false, weight: 1 };
  while (!words.done && words.peek() !== "nexthop") {
    const word = words.next();
    if (word === "via") hop.gateway = address(words.value());
    else if (word === "dev") hop.dev = findDevice(ctx, words.value());
    else if (word === "weight") hop.weight = unsigned(words.value(), 256) ?? 1;
    else if (word === "onlink") hop.onlink = true;
    else
      throw new IpError(`Error: "nexthop" or end of line is expected instead of "${word}"\n`, 255);
  }
  return hop;
}

function modify(ctx: IpContext, words: Words, verb: RouteVerb | "delete"): void {
  if (words.done) incomplete();
  const given = parse(ctx, words);
  const type = given.type ?? "unicast";
  const dst = given.dst ?? { address: 0, length: 0 };
  const local = type === "local" || type === "broadcast" || type === "nat" || type === "anycast";
  const tableId = given.table ?? (local ? 255 : 254);
  const hasGateway = given.hops.some((hop) => hop.gateway !== 0);
  if (verb === "delete") {
    const hop = given.hops[0];
    const filter: RouteFilter = { table: tableId, dst: dst.address, length: dst.length };
    if (given.type) filter.type = given.type;
    if (given.tos !== null) filter.tos = given.tos;
    if (given.scope !== null) filter.scope = given.scope;
    if (given.protocol !== null) filter.protocol = given.protocol;
    if (given.priority !== null) filter.priority = given.priority;
    if (given.prefSrc !== null) filter.prefSrc = given.prefSrc;
    if (hop?.dev) filter.dev = hop.dev;
    if (hop?.gateway) filter.gateway = hop.gateway;
    return deleteRoute(ctx.ns, filter);
  }
  const bare = ["blackhole", "unreachable", "prohibit", "throw"].includes(type);
  addRoute(
    ctx.ns,
    {
      table: tableId,
      type,
      dst: dst.address,
      length: dst.length,
      tos: given.tos ?? 0,
      scope: given.scope ?? (bare ? 0 : defaultScope(type, hasGateway || given.hops.length > 1)),
      protocol: given.protocol ?? 3,
      priority: given.priority ?? 0,
      prefSrc: given.prefSrc ?? 0,
      nexthops: given.hops,
      metrics: given.metrics,
    },
    verb,
  );
}

interface Filter {
  table: number | "all" | null;
  root: { address: number; length: number } | null;
  exact: { address: number; length: number } | null;
  match: { address: number; length: number } | null;
  dev: NetDevice | null;
  via: number | null;
  type: RouteType | null;
  scope: number | null;
  protocol: number | null;
  src: number | null;
}

function list(ctx: IpContext, words: Words, flush: boolean): void {
  const filter: Filter = {
    table: null,
    root: null,
    exact: null,
    match: null,
    dev: null,
    via: null,
    type: null,
    scope: null,
    protocol: null,
    src: null,
  };
  if (flush && words.done) throw new IpError('"ip route flush" requires arguments.\n', 1);
  while (!words.done) {
    const word = words.next();
    if (matches(word, "table")) {
      const text = words.value();
      filter.table = text === "all" ? "all" : table(text, "table id value is invalid");
    } else if (word === "cached" || word === "cache") {
      // There is no cache but what was learned of paths.
      if (flush) ctx.ns.pmtu.clear();
      return;
    } else if (word === "dev" || word === "oif" || word === "iif")
      filter.dev = findDevice(ctx, words.value());
    else if (word === "via") filter.via = address(words.value());
    else if (word === "src") filter.src = address(words.value());
    else if (word === "scope") filter.scope = scope(words.value());
    else if (matches(word, "protocol")) filter.protocol = protocol(words.value());
    else if (word === "type") filter.type = routeType(words.value());
    else if (routeType(word)) filter.type = routeType(word);
    else {
      let text = word === "to" ? words.value() : word;
      if (text === "root") filter.root = prefix(words.value());
      else if (text === "match") filter.match = prefix(words.value());
      else {
        if (text === "exact") text = words.value();
        filter.exact = prefix(text);
      }
    }
  }
  if (!flush) print(ctx);
  if (ctx.family === "inet6") return;
  const fib = ctx.ns.fib;
  const id = filter.table ?? 254;
  if (id !== "all" && id < 253 && !fib.tables.has(id) && !flush)
    throw new IpError("Error: ipv4: FIB table does not exist.\nDump terminated\n", 2);
  // The kernel walks its hash of 256 tables; main comes before local there, small ids before both.
  const tables =
    id === "all"
      ? [...fib.tables.values()].sort((a, b) => (a.id & 255) - (b.id & 255))
      : [fib.tables.get(id)];
  for (const routes of tables)
    for (const route of routes?.all() ?? []) {
      if (!fits(route, filter)) continue;
      if (flush) {
        fib.removeRoute(route);
        ctx.ns.rtnl.route(route, true);
      } else
        print(
          ctx,
          () => routeText(route, filter, ctx),
          () => routeJson(ctx, route, filter),
        );
    }
}

function inside(route: Route, p: { address: number; length: number }): boolean {
  return route.length >= p.length && ((route.dst ^ p.address) & maskOf(p.length)) === 0;
}

function fits(route: Route, f: Filter): boolean {
  if (f.exact && (route.length !== f.exact.length || route.dst !== f.exact.address)) return false;
  if (f.root && !inside(route, f.root)) return false;
  if (
    f.match &&
    !(
      route.length <= f.match.length && ((route.dst ^ f.match.address) & maskOf(route.length)) === 0
    )
  )
    return false;
  if (f.dev && !route.nexthops.some((hop) => hop.dev === f.dev)) return false;
  if (f.dev && route.nexthops.length > 1) return false;
  if (f.via !== null && (route.nexthops.length > 1 || route.nexthops[0]?.gateway !== f.via))
    return false;
  if (f.type && route.type !== f.type) return false;
  if (f.scope !== null && route.scope !== f.scope) return false;
  if (f.src !== null && route.prefSrc !== f.src) return false;
  return f.protocol === null || route.protocol === f.protocol;
}

/** `ip route get`: what routing would say, for a packet from here or (with iif) one that comes in. */
function get(ctx: IpContext, words: Words): void {
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
  const learned = iif ? undefined : ns.pmtu.get(key.dst);
  const expires =
    learned && learned.expires > ns.sim.now
      ? Math.floor((learned.expires - ns.sim.now) / 1e9)
      : null;
  const mtu = (expires === null ? undefined : learned?.mtu) ?? result.mtu;
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
