import type { NetDevice } from "../../../net/device/device.ts";
import {
  addRoute,
  defaultScope,
  deleteRoute,
  type NextHopSpec,
  type RouteFilter,
  type RouteVerb,
} from "../../../net/fib/admin.ts";
import { forgetPaths } from "../../../net/fib/exception.ts";
import { ROUTE_TYPES, type Route, type RouteType } from "../../../net/fib/route.ts";
import { routeText } from "../../../net/fib/text.ts";
import { maskOf } from "../../../wire/address.ts";
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

import { routeGet } from "./route-get.ts";

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
  if (command === "get") return routeGet(ctx, words);
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
      if (flush) forgetPaths(ctx.ns);
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
