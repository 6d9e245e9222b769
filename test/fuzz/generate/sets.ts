import type { Dice } from "./dice.ts";
import { ALL_HOSTS, MARKS, NEIGHBOURS, NETWORKS, OWN, SERVICES } from "./plan.ts";

/** A set that rules can name, and how many dimensions it has. */
export interface SetName {
  name: string;
  type: string;
  dimensions: number;
  /** It looks at the hardware address. */
  mac: boolean;
}

const ADDRESSES = [...ALL_HOSTS, ...OWN];
/** What hash:net takes: no length 0. */
const NETS = NETWORKS.filter((net) => !net.endsWith("/0"));

type Part = (dice: Dice) => string;
const ip: Part = (dice) => dice.pick(ADDRESSES);
const net: Part = (dice) => dice.pick([...NETS, ...NETS, ...ADDRESSES]);
const port: Part = (dice) =>
  dice.chance(10)
    ? `icmp:${dice.pick(["echo-request", "0/0"])}`
    : `${dice.pick(["tcp", "udp", "tcp"])}:${dice.pick(SERVICES)}`;

const TYPES: Record<string, Part[]> = {
  "hash:ip": [ip],
  "hash:net": [net],
  "hash:ip,port": [ip, port],
  "hash:net,port": [net, port],
  "hash:ip,port,ip": [ip, port, ip],
  "hash:ip,port,net": [ip, port, net],
  "hash:net,net": [net, net],
  "hash:ip,mark": [ip, (dice) => dice.pick(MARKS)],
  "hash:net,iface": [net, (dice) => dice.pick(["eth0", "eth1", "eth2", "lo", "eth wildcard"])],
  "hash:net,port,net": [net, port, net],
  "hash:ip,mac": [ip, (dice) => dice.pick(NEIGHBOURS).mac],
  "hash:mac": [(dice) => dice.pick(NEIGHBOURS).mac],
  "bitmap:ip": [(dice) => `10.0.0.${dice.between(1, 9)}`],
  "bitmap:ip,mac": [
    (dice) => `10.0.0.${dice.between(1, 9)}`,
    (dice) => (dice.chance(60) ? dice.pick(NEIGHBOURS).mac : ""),
  ],
  "bitmap:port": [(dice) => String(dice.pick(SERVICES))],
};

function creation(dice: Dice, type: string): string {
  if (type.startsWith("bitmap:ip")) return " range 10.0.0.0/24";
  if (type === "bitmap:port") return " range 0-10000";
  return dice.chance(20) ? " hashsize 64" : "";
}

/** Of what types a kernel may have sets. */
export const SET_TYPES = [...Object.keys(TYPES)];

/** A few sets with entries, as `ipset restore` reads them; not of types that the judge has not. */
export function sets(
  dice: Dice,
  lacking: ReadonlySet<string>,
): { lines: string[]; names: SetName[] } {
  const lines: string[] = [];
  const names: SetName[] = [];
  const count = dice.chance(30) ? 0 : dice.between(1, 4);
  for (let i = 0; i < count; i++) {
    const type = dice.pick(Object.keys(TYPES).filter((name) => !lacking.has(name)));
    const parts = TYPES[type] as Part[];
    const name = `s${i}`;
    const counters = dice.chance(25) ? " counters" : "";
    const timeout = dice.chance(15) ? " timeout 600" : "";
    lines.push(`create ${name} ${type}${creation(dice, type)}${timeout}${counters}`);
    const taken = new Set<string>();
    for (let n = dice.between(1, 8); n > 0; n--) {
      const entry = parts
        .map((part) => part(dice))
        .filter(Boolean)
        .join(",");
      if (taken.has(entry)) continue;
      taken.add(entry);
      const nomatch = type.includes("net") && dice.chance(15) ? " nomatch" : "";
      lines.push(`add -exist ${name} ${entry}${nomatch}`);
    }
    names.push({ name, type, dimensions: parts.length, mac: type.includes("mac") });
  }
  if (names.length > 1 && dice.chance(25)) {
    lines.push("create l0 list:set");
    const members = dice.some(names, 1, 3);
    for (const { name } of members) lines.push(`add l0 ${name}`);
    names.push({
      name: "l0",
      type: "list:set",
      dimensions: Math.max(...names.map((n) => n.dimensions)),
      mac: members.some((n) => n.mac),
    });
  }
  return { lines, names };
}
