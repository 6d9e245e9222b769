import { Ev } from "../../sim/trace.ts";
import type { NetDevice } from "../device/device.ts";
import { ipRouteMeHarder } from "../ipv4/output.ts";
import { drop } from "../kernel.ts";
import type { NetNs } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { iptDoTable, Misses } from "./evaluate.ts";
import { HOOK_NUMBER, type Hook, type TableName, type Verdict } from "./extension.ts";
import type { HashlimitTable } from "./hashlimit-table.ts";
import type { RecentList } from "./recent-list.ts";
import { TABLE_HOOKS, Table } from "./table.ts";
import { withRules } from "./with-rules.ts";

/** linux: include/uapi/linux/netfilter_ipv4.h, enum nf_ip_hook_priorities */
export const PRIORITY = {
  DEFRAG: -400,
  RAW: -300,
  CONNTRACK: -200,
  MANGLE: -150,
  NAT_DST: -100,
  FILTER: 0,
  SECURITY: 50,
  NAT_SRC: 100,
  CONNTRACK_CONFIRM: 0x7fffffff,
} as const;

/** Everything registered at one hook is one of these, sorted by priority: one table, not five functions. */
export interface HookEntry {
  priority: number;
  /** Shown in pictures: "mangle", "conntrack". */
  name: string;
  run(ns: NetNs, skb: Skb, hook: Hook, input: NetDevice | null, output: NetDevice | null): Verdict;
}

/** An iptables table at one of its hooks. */
class TableEntry implements HookEntry {
  priority: number;
  name: TableName;

  constructor(name: TableName, priority: number) {
    this.name = name;
    this.priority = priority;
  }

  run(ns: NetNs, skb: Skb, hook: Hook, input: NetDevice | null, output: NetDevice | null): Verdict {
    const table = ns.netfilter.tables.get(this.name);
    if (!table) return "ACCEPT";
    if (this.name !== "mangle" || hook !== "OUTPUT")
      return iptDoTable(ns, table, hook, skb, input, output);
    // What routing looks at may change here: then it is asked again (linux: ipt_mangle_out).
    const { src, dst, tos } = skb.ip;
    const mark = skb.mark;
    const verdict = iptDoTable(ns, table, hook, skb, input, output);
    if (verdict !== "ACCEPT") return verdict;
    const ip = skb.ip;
    if (ip.src === src && ip.dst === dst && ip.tos === tos && skb.mark === mark) return verdict;
    return ipRouteMeHarder(ns, skb) ? verdict : "DROP";
  }
}

const TABLE_PRIORITY: Record<Exclude<TableName, "nat">, number> = {
  raw: PRIORITY.RAW,
  mangle: PRIORITY.MANGLE,
  filter: PRIORITY.FILTER,
  security: PRIORITY.SECURITY,
};

/** The netfilter state of a namespace: hooks and iptables tables. */
export class Netfilter {
  ns: NetNs;
  hooks: Record<Hook, HookEntry[]> = {
    PREROUTING: [],
    INPUT: [],
    FORWARD: [],
    OUTPUT: [],
    POSTROUTING: [],
  };
  /** Work space of `iptDoTable`: empty whenever a target (which may send packets) runs. */
  misses = new Misses();
  /** Tables that somebody has looked at: Linux makes them then (/proc/net/ip_tables_names). */
  tables = new Map<TableName, Table>();

  /** Lists that rules of several chains share by name: -m recent, -m hashlimit. */
  recent = new Map<string, RecentList>();
  hashlimits = new Map<string, HashlimitTable>();

  constructor(ns: NetNs) {
    this.ns = ns;
  }

  register(hook: Hook, entry: HookEntry): void {
    const entries = this.hooks[hook];
    let at = entries.length;
    while (at > 0 && (entries[at - 1] as HookEntry).priority > entry.priority) at--;
    entries.splice(at, 0, entry);
  }

  unregister(hook: Hook, entry: HookEntry): void {
    const at = this.hooks[hook].indexOf(entry);
    if (at >= 0) this.hooks[hook].splice(at, 1);
  }

  /** The table, registered with its hooks on first use (linux: xt_find_table_lock, table_init). */
  table(name: TableName): Table {
    const known = this.tables.get(name);
    if (known) return known;
    const table = Table.empty(this.ns, name);
    this.replace(table);
    if (name === "nat")
      for (const { hook, entry } of withRules().natHooks()) this.register(hook, entry);
    else {
      const entry = new TableEntry(name, TABLE_PRIORITY[name]);
      for (const hook of TABLE_HOOKS[name]) this.register(hook, entry);
    }
    return table;
  }

  /** A new version of a table takes effect at once and as a whole. */
  replace(table: Table): void {
    this.tables.set(table.name, table);
    this.ns.trace.catalogue.tables.set(table.id, table);
  }
}

/**
 * Run a hook (linux: include/linux/netfilter.h, nf_hook). Anything but ACCEPT means that the packet
 * is gone: dropped here with its reason, or stolen.
 */
export function nfHook(
  ns: NetNs,
  hook: Hook,
  skb: Skb,
  input: NetDevice | null,
  output: NetDevice | null,
): Verdict {
  const entries = ns.netfilter.hooks[hook];
  if (entries.length === 0) return "ACCEPT";
  const trace = ns.trace;
  const number = HOOK_NUMBER[hook];
  trace.emit(
    Ev.HOOK,
    ns.id,
    skb.id,
    number,
    input?.ifindex ?? 0,
    output?.ifindex ?? 0,
    skb.mark,
    skb.ct?.mark ?? 0,
  );
  for (let i = 0; i < entries.length; i++) {
    const verdict = (entries[i] as HookEntry).run(ns, skb, hook, input, output);
    if (verdict === "ACCEPT") continue;
    trace.emit(Ev.VERDICT, ns.id, skb.id, number, verdict === "DROP" ? 0 : 2, skb.mark);
    if (verdict === "DROP") drop(ns, skb, "NETFILTER_DROP");
    return verdict;
  }
  trace.emit(Ev.VERDICT, ns.id, skb.id, number, 1, skb.mark);
  return "ACCEPT";
}
