import type { Machine } from "../host/machine.ts";
import { tableName } from "../net/fib/names.ts";
import type { NetNs } from "../net/netns.ts";
import { peek } from "../shell/peek.ts";
import type { World } from "./world.ts";

/*
 * The tables of a namespace, in the words of the tools that print them: each section is what its
 * command would say at this moment.
 */

/** What of a namespace's tables is looked at. */
export type StateTopic = "rules" | "routing" | "connections" | "sets" | "sockets" | "devices";

export interface StateRow {
  kind: "head" | "line";
  /** Two rows of the same key are the same row, at another moment. */
  key: string;
  text: string;
  packets?: number;
  bytes?: number;
  /** The display filter of the packets that met it; "" when none says that. */
  filter: string;
}

/** What one command says of a namespace. */
export interface StateSection {
  title: string;
  command: string;
  rows: StateRow[];
}

/** What a device has counted, and the rules and routes that speak of it. */
export interface DeviceNote {
  rxPackets: number;
  rxBytes: number;
  txPackets: number;
  txBytes: number;
  /** The table, and the rule or route. */
  mentions: { where: string; text: string }[];
}

/** Every topic there is. */
export const TOPICS: readonly StateTopic[] = [
  "rules",
  "routing",
  "connections",
  "sets",
  "sockets",
  "devices",
];

interface Place {
  machine: Machine;
  netns: NetNs;
}

/** A network namespace by its number, with a machine that is in its kernel; null when it is gone. */
export function placeOf(world: World, ns: number): Place | null {
  for (const machine of world.machines.values())
    if (machine.netns.id === ns) return { machine, netns: machine.netns };
  for (const machine of world.machines.values())
    for (const netns of machine.kernel.namespaces) if (netns.id === ns) return { machine, netns };
  return null;
}

type Reader = (text: string, title: string) => StateRow[];

/** Lines as they are; what stands in them says whether they are the same. */
const plain: Reader = (text) =>
  text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => ({ kind: "line", key: line, text: line.trimEnd(), filter: "" }));

/** The first line is the head of the columns. */
const headed: Reader = (text) =>
  plain(text, "").map((row, i) => (i === 0 ? { ...row, kind: "head" } : row));

const quoted = (text: string): string => `"${text.replace(/["\\]/g, "\\$&")}"`;

/** iptables-save -c: counters apart, for they change with each packet. */
const rules: Reader = (text, title) => {
  const rows: StateRow[] = [];
  for (const line of text.split("\n")) {
    const chain = /^:(\S+) (\S+) \[(\d+):(\d+)\]$/.exec(line);
    const rule = /^\[(\d+):(\d+)\] (-A .*)$/.exec(line);
    const [, first = "", second = ""] = chain ?? rule ?? [];
    if (chain) {
      // A chain of one's own has no policy, and its counters say nothing.
      const policy = second === "-" ? {} : { packets: Number(chain[3]), bytes: Number(chain[4]) };
      const words = second === "-" ? first : `${first} (policy ${second})`;
      const filter = `table == ${title} and chain == ${quoted(first)}`;
      rows.push({ kind: "head", key: `:${words}`, text: words, filter, ...policy });
    } else if (rule)
      rows.push({
        kind: "line",
        key: rule[3] ?? "",
        text: rule[3] ?? "",
        filter: `table == ${title} and rule == ${quoted(rule[3] ?? "")}`,
        packets: Number(first),
        bytes: Number(second),
      });
  }
  return underChains(rows);
};

/** Rules under the chain that they are in, instead of after all the chains. */
function underChains(rows: StateRow[]): StateRow[] {
  const chains = rows.filter((row) => row.kind === "head");
  return chains.flatMap((chain) => {
    const name = chain.text.split(" ")[0];
    return [chain, ...rows.filter((row) => row.kind === "line" && row.text.split(" ")[1] === name)];
  });
}

/** conntrack -L: what a timer and the counters say is not what tells entries apart. */
const connections: Reader = (text) =>
  plain(text, "").map((row) => {
    const [, protocol = "", src = "", port = ""] =
      /^(tcp|udp)\s.*?src=(\S+) .*?sport=(\d+)/.exec(row.text) ?? [];
    return {
      ...row,
      key: row.text.replace(/^(\S+\s+\d+) \d+/, "$1").replace(/ (packets|bytes|use)=\d+/g, ""),
      filter: protocol ? `${protocol}.port == ${port} and ip.addr == ${src}` : "",
    };
  });

/** ip neigh: the state of an entry comes and goes. */
const neighbours: Reader = (text) =>
  plain(text, "").map((row) => ({ ...row, key: row.text.replace(/ [A-Z]+\s*$/, "") }));

interface Source {
  title: string;
  command: string;
  read: Reader;
}

/** In the order in which a packet meets them at a hook. */
const TABLES = ["raw", "mangle", "nat", "filter", "security"] as const;

const SOURCES: Record<StateTopic, (ns: NetNs) => Source[]> = {
  rules: (ns) =>
    TABLES.filter((table) => ns.netfilter.tables.has(table)).map((table) => ({
      title: table,
      command: `iptables-save -c -t ${table}`,
      read: rules,
    })),
  routing: (ns) => [
    { title: "rules", command: "ip rule", read: plain },
    ...[...ns.fib.tables.values()]
      .sort((a, b) => order(a.id) - order(b.id))
      .map(({ id }) => tableName(id))
      .map((name) => ({
        title: `table ${name}`,
        command: `ip route show table ${name}`,
        read: plain,
      })),
  ],
  connections: () => [{ title: "conntrack", command: "conntrack -L", read: connections }],
  sets: (ns) =>
    [...ns.ipsets.byName.keys()].map((name) => ({
      title: name,
      command: `ipset list ${name}`,
      read: plain,
    })),
  sockets: () => [
    { title: "listening", command: "ss -tulnp", read: headed },
    { title: "connected", command: "ss -tunp", read: headed },
  ],
  devices: () => [
    { title: "addresses", command: "ip -br addr", read: plain },
    { title: "links", command: "ip -br link", read: plain },
    { title: "neighbours", command: "ip neigh", read: neighbours },
  ],
};

/** Tables of one's own first, the ones that every namespace has after them. */
function order(table: number): number {
  return table >= 253 ? 1000 - table + 1000 : table;
}

/** What a namespace's tables say about `topic`; none when the namespace is gone. */
export function sectionsOf(world: World, ns: number, topic: StateTopic): StateSection[] {
  const place = placeOf(world, ns);
  if (!place) return [];
  const { machine, netns } = place;
  return SOURCES[topic](netns).map(({ title, command, read }) => ({
    title,
    command,
    rows: read(peek(machine, netns, command.split(" ")), title),
  }));
}

/** Where a device's name stands: rules and routes that speak of it, and what it has counted. */
export function noteOf(world: World, ns: number, ifindex: number): DeviceNote | null {
  const place = placeOf(world, ns);
  const device = [...(place?.netns.devices.values() ?? [])].find((one) => one.ifindex === ifindex);
  if (!place || !device) return null;
  const named = new RegExp(`(^|\\s)${device.name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(\\s|$)`);
  const mentions = (["rules", "routing"] as const).flatMap((topic) =>
    sectionsOf(world, ns, topic).flatMap(({ title, rows }) =>
      rows
        .filter((row) => row.kind === "line" && named.test(row.text))
        .map((row) => ({
          where: topic === "rules" ? title : title.replace(/^table /, ""),
          text: row.text,
        })),
    ),
  );
  const { rxPackets, rxBytes, txPackets, txBytes } = device.stats;
  return { rxPackets, rxBytes, txPackets, txBytes, mentions };
}
