import type { Errno } from "../../base/errno.ts";
import { Ev } from "../../sim/trace.ts";
import { isLoopback, isMulticast, maskOf } from "../../wire/address.ts";
import type { NetDevice } from "../device/device.ts";
import type { NetNs } from "../netns.ts";
import {
  type Flow,
  flow,
  type NextHop,
  ROUTE_TYPES,
  type Route,
  type RouteType,
  RT_SCOPE_LINK,
  RT_TABLE_DEFAULT,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
  RTPROT_KERNEL,
} from "./route.ts";
import { type FibRule, RULE_OUTCOMES, type RuleOutcome, rule, ruleMiss } from "./rule.ts";
import { FibTable } from "./table.ts";

const ERROR_OF: Partial<Record<RouteType, Errno>> = {
  blackhole: "EINVAL",
  unreachable: "EHOSTUNREACH",
  prohibit: "EACCES",
};

const CODES: ReadonlyMap<RuleOutcome, number> = new Map(RULE_OUTCOMES.map((name, i) => [name, i]));
const TYPE_CODES: ReadonlyMap<RouteType, number> = new Map(ROUTE_TYPES.map((name, i) => [name, i]));

/** What a lookup found. `hop` is null for error types. */
export interface FibResult {
  type: RouteType;
  route: Route | null;
  hop: NextHop | null;
  table: number;
  error: Errno | null;
  /** RTN type of an error rule or route, for the drop reason. */
  rule: FibRule | null;
}

/** Routing tables and rules of a namespace. */
export class Fib {
  ns: NetNs;
  tables = new Map<number, FibTable>();
  /** Sorted by priority; equal priorities in the order of their adding. */
  rules: FibRule[] = [];
  /** Somebody changed the rules: input validation then always does the full check. */
  customRules = false;
  /** Somebody added a local route: so does it then (fib_has_custom_local_routes). */
  customLocalRoutes = false;
  /** Some rule asks for a protocol or ports of what comes in (fib_rules_require_fldissect). */
  looksInside = false;

  constructor(ns: NetNs) {
    this.ns = ns;
    this.addRule({ priority: 0, table: RT_TABLE_LOCAL, origin: RTPROT_KERNEL });
    this.addRule({ priority: 32766, table: RT_TABLE_MAIN, origin: RTPROT_KERNEL });
    this.addRule({ priority: 32767, table: RT_TABLE_DEFAULT, origin: RTPROT_KERNEL });
    this.customRules = false;
  }

  table(id: number): FibTable {
    let table = this.tables.get(id);
    if (!table) {
      table = new FibTable(id);
      this.tables.set(id, table);
    }
    return table;
  }

  addRule(fields: Partial<FibRule> & { priority: number }): FibRule {
    const added = rule({ ...fields, id: this.ns.kernel.ids.rule++ });
    let at = this.rules.length;
    while (at > 0 && (this.rules[at - 1] as FibRule).priority > added.priority) at--;
    this.rules.splice(at, 0, added);
    this.rulesChanged();
    this.ns.trace.catalogue.rules.set(added.id, added);
    return added;
  }

  removeRule(gone: FibRule): void {
    this.rules.splice(this.rules.indexOf(gone), 1);
    this.rulesChanged();
  }

  rulesChanged(): void {
    this.customRules = true;
    this.looksInside = this.rules.some(
      (r) => r.iif !== "lo" && (r.protocol || r.srcPorts || r.dstPorts),
    );
  }

  addRoute(fields: Omit<Route, "id">, at: "sorted" | "append" | "prepend" = "sorted"): Route {
    const route = { ...fields, id: this.ns.kernel.ids.route++ };
    this.table(route.table).add(route, at);
    this.ns.trace.catalogue.routes.set(route.id, route);
    if (route.type === "local" && route.protocol !== RTPROT_KERNEL) this.customLocalRoutes = true;
    return route;
  }

  removeRoute(route: Route): void {
    const table = this.tables.get(route.table);
    table?.remove(route);
  }

  /**
   * Rules in order, each a table to look into (linux: net/core/fib_rules.c, fib_rules_lookup).
   * `skb` is the packet on whose account we ask, 0 when nobody's story tells it.
   */
  lookup(key: Flow, skb = 0): FibResult {
    if (!this.customRules) return this.lookupMerged(key, skb);
    const ns = this.ns;
    const rules = this.rules;
    for (let i = 0; i < rules.length; i++) {
      const r = rules[i] as FibRule;
      const miss = ruleMiss(ns, r, key);
      if (miss !== null) {
        this.tell(skb, r, miss);
        continue;
      }
      if (r.action === "goto") {
        const next = rules.findIndex((other) => other.priority === r.target);
        this.tell(skb, r, next < 0 ? "unresolved goto" : "goto");
        if (next > i) i = next - 1;
        continue;
      }
      if (r.action === "nop") {
        this.tell(skb, r, "nop");
        continue;
      }
      if (r.action !== "lookup") {
        this.tell(skb, r, "used");
        return {
          type: r.action,
          route: null,
          hop: null,
          table: 0,
          error:
            r.action === "unreachable"
              ? "ENETUNREACH"
              : r.action === "prohibit"
                ? "EACCES"
                : "EINVAL",
          rule: r,
        };
      }
      const found = this.lookupTable(r.table, key);
      if (found === null) {
        this.tell(skb, r, "no route in the table");
        continue;
      }
      if (found.type === "throw") {
        this.tell(skb, r, "throw");
        continue;
      }
      if (found.error === null && found.route && this.suppressed(r, found.route, found.hop)) {
        this.tell(skb, r, "suppressed");
        continue;
      }
      this.tell(skb, r, "used");
      found.rule = r;
      return found;
    }
    return { type: "unspec", route: null, hop: null, table: 0, error: "ENETUNREACH", rule: null };
  }

  /**
   * Without rules of one's own the tables local and main are one: the longer prefix is asked first,
   * whichever of them it is in (linux: include/net/ip_fib.h, fib_lookup; fib_trie.c, fib_trie_table).
   */
  lookupMerged(key: Flow, skb: number): FibResult {
    const [local, main, last] = this.rules as [FibRule, FibRule, FibRule];
    const found = this.lookupTables(
      this.tables.get(RT_TABLE_LOCAL),
      this.tables.get(RT_TABLE_MAIN),
      key,
    );
    if (found?.table === RT_TABLE_LOCAL) {
      this.tell(skb, local, "used");
      found.rule = local;
      return found;
    }
    this.tell(skb, local, "no route in the table");
    if (found?.error === null) {
      this.tell(skb, main, "used");
      found.rule = main;
      return found;
    }
    const other = this.lookupTable(RT_TABLE_DEFAULT, key);
    const answer = other ?? found;
    if (answer === null || answer.type === "throw") {
      this.tell(skb, main, answer ? "throw" : "no route in the table");
      this.tell(skb, last, other ? "throw" : "no route in the table");
      return { type: "unspec", route: null, hop: null, table: 0, error: "ENETUNREACH", rule: null };
    }
    if (other) this.tell(skb, main, "no route in the table");
    answer.rule = other ? last : main;
    this.tell(skb, answer.rule, "used");
    return answer;
  }

  /** linux: net/ipv4/fib_rules.c, fib4_rule_suppress */
  suppressed(r: FibRule, route: Route, hop: NextHop | null): boolean {
    if (r.suppressPrefixLength >= 0 && route.length <= r.suppressPrefixLength) return true;
    return r.suppressGroup >= 0 && hop !== null && hop.dev.group === r.suppressGroup;
  }

  tell(skb: number, r: FibRule, outcome: RuleOutcome): void {
    if (skb) this.ns.trace.emit(Ev.FIBRULE, this.ns.id, skb, r.id, CODES.get(outcome), r.table);
  }

  /** The best route of one table (linux: net/ipv4/fib_trie.c, fib_table_lookup); null when none fits. */
  lookupTable(id: number, key: Flow): FibResult | null {
    const table = this.tables.get(id);
    return table ? this.lookupTables(table, undefined, key) : null;
  }

  /** The same of two tables as one; of equal prefixes, the first one's counts. */
  lookupTables(a: FibTable | undefined, b: FibTable | undefined, key: Flow): FibResult | null {
    const first = a?.lengths ?? [];
    const second = b?.lengths ?? [];
    for (let i = 0, j = 0; i < first.length || j < second.length; ) {
      const inFirst = j >= second.length || (first[i] ?? -1) >= (second[j] as number);
      const length = (inFirst ? first[i++] : second[j++]) as number;
      const table = (inFirst ? a : b) as FibTable;
      const list = table.byLength[length]?.get((key.dst & maskOf(length)) >>> 0);
      const found = list && this.lookupRoutes(list, table.id, key);
      if (found) return found;
    }
    return null;
  }

  /** linux: fib_table_lookup, what it does with one prefix's routes */
  lookupRoutes(list: Route[], id: number, key: Flow): FibResult | null {
    for (let j = 0; j < list.length; j++) {
      const route = list[j] as Route;
      if ((route.tos && route.tos !== key.tos) || route.scope < key.scope) continue;
      if (route.nexthops.length === 0)
        return {
          type: route.type,
          route,
          hop: null,
          table: id,
          error: route.type === "throw" ? "EAGAIN" : (ERROR_OF[route.type] ?? null),
          rule: null,
        };
      const hop = this.selectHop(route, key);
      if (hop) return { type: route.type, route, hop, table: id, error: null, rule: null };
    }
    return null;
  }

  /** A usable next hop: device up, the asked-for device; several are chosen among by a hash of the flow. */
  selectHop(route: Route, key: Flow): NextHop | null {
    let usable: NextHop[] | null = null;
    let first: NextHop | null = null;
    for (const hop of route.nexthops) {
      // Our own addresses are ours even when their device is down.
      if (!hop.dev.up && route.type !== "local") continue;
      if (!hop.dev.carrier && this.ns.sysctl.or(hop.dev.conf, "ignore_routes_with_linkdown"))
        continue;
      if (key.oif && hop.dev.ifindex !== key.oif) continue;
      if (!first) first = hop;
      else {
        usable ??= [first];
        usable.push(hop);
      }
    }
    if (!usable) return first;
    // net/ipv4/fib_semantics.c, fib_select_multipath: a layer 3 hash over the weights.
    let total = 0;
    for (const hop of usable) total += hop.weight;
    let pick = Math.imul(key.src ^ Math.imul(key.dst, 0x9e3779b1), 0x85ebca6b) >>> 8;
    pick %= total;
    for (const hop of usable) {
      pick -= hop.weight;
      if (pick < 0) return hop;
    }
    return first;
  }

  /** What kind of address is this here? (linux: net/ipv4/fib_frontend.c, inet_addr_type, local table) */
  addressType(address: number, dev?: NetDevice): RouteType {
    if (address === 0 || address === 0xffffffff) return "broadcast";
    if (isMulticast(address)) return "multicast";
    const found = this.localRoute(address);
    if (!found || found.error !== null) return "unicast";
    return dev && found.hop?.dev !== dev ? "unicast" : found.type;
  }

  /** The local table's route, which shares a trie with main until there are rules of one's own. */
  localRoute(address: number): FibResult | null {
    const local = this.tables.get(RT_TABLE_LOCAL);
    const main = this.customRules ? undefined : this.tables.get(RT_TABLE_MAIN);
    return this.lookupTables(local, main, flow({ dst: address }));
  }

  /** Does any device here have this address? */
  isLocal(address: number): boolean {
    return this.addressType(address) === "local";
  }

  /** The address that we send from, out of `dev` to `dst` (linux: net/ipv4/devinet.c, inet_select_addr). */
  selectAddress(dev: NetDevice, dst: number, scope: number): number {
    let chosen = 0;
    const localnet = this.ns.sysctl.or(dev.conf, "route_localnet");
    for (const a of dev.addresses) {
      if (a.secondary) continue;
      if (Math.min(a.scope, localnet && isLoopback(a.local) ? RT_SCOPE_LINK : a.scope) > scope)
        continue;
      if (!dst || ((dst ^ a.peer) & maskOf(a.prefixLength)) === 0) return a.local;
      if (!chosen) chosen = a.local;
    }
    if (chosen) return chosen;
    for (const other of this.ns.devices.values())
      for (const a of other.addresses)
        if (!a.secondary && a.scope !== RT_SCOPE_LINK && a.scope <= scope) return a.local;
    return 0;
  }

  /** The source address that a route gives (linux: fib_result_prefsrc). */
  preferredSource(found: FibResult, dst: number): number {
    const route = found.route;
    const hop = found.hop;
    if (!route || !hop) return 0;
    if (route.prefSrc) return route.prefSrc;
    return this.selectAddress(hop.dev, hop.gateway || dst, route.scope);
  }
}

/** The number of a route type in ROUTE_TYPES: what the trace keeps. */
export function routeTypeCode(type: RouteType): number {
  return TYPE_CODES.get(type) as number;
}
