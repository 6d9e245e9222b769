import type { Dice } from "./dice.ts";
import { ALL_HOSTS, MARKS, MASKED, NEIGHBOURS, NETWORKS, OWN, SERVICES } from "./plan.ts";
import type { SetName } from "./sets.ts";

/** Where a rule stands, as far as matches and targets care. */
export interface Place {
  table: string;
  /** The base chains from which the rule's chain may be reached. */
  hooks: string[];
  sets: SetName[];
}

const DEVICES = ["eth0", "eth1", "eth2", "eth+", "lo"];
const FLAGS = ["SYN", "ACK", "FIN", "RST", "PSH", "URG"];

/** `-p` and what it makes possible. */
export function protocolPart(dice: Dice): { text: string; protocol: string } {
  const protocol = dice.weighted({ "": 9, tcp: 6, udp: 5, icmp: 4, "47": 1, "!": 1 });
  if (protocol === "") return { text: "", protocol };
  if (protocol === "!") return { text: ` ! -p ${dice.pick(["tcp", "udp", "icmp"])}`, protocol: "" };
  return { text: ` -p ${protocol}${own(dice, protocol)}`, protocol };
}

/** The protocol's own options. */
function own(dice: Dice, protocol: string): string {
  let text = "";
  if (protocol === "tcp" || protocol === "udp") {
    if (dice.chance(45)) text += ` ${dice.not()}--dport ${portRange(dice)}`;
    if (dice.chance(12))
      text += ` ${dice.not()}--sport ${dice.pick(["20000:20010", "1024:", ":1023", String(dice.pick(SERVICES))])}`;
  }
  if (protocol === "tcp" && dice.chance(30))
    text += dice.chance(40)
      ? ` ${dice.not()}--syn`
      : ` ${dice.not()}--tcp-flags ${dice.some(FLAGS, 1, 4).join(",")} ${dice.chance(20) ? "NONE" : dice.some(FLAGS, 1, 2).join(",")}`;
  if (protocol === "tcp" && dice.chance(8))
    text += ` ${dice.not()}--tcp-option ${dice.pick([2, 3, 4, 8])}`;
  if (protocol === "icmp" && dice.chance(50))
    text += ` ${dice.not()}--icmp-type ${dice.pick(["8", "0", "3", "3/1", "3/3", "11", "echo-request", "any", "5", "3/4"])}`;
  if (text && protocol !== "47") return ` -m ${protocol}${text}`;
  return text;
}

function portRange(dice: Dice): string {
  return dice.chance(75)
    ? String(dice.pick(SERVICES))
    : dice.pick(["50:100", ":443", "8080:", "0:65535"]);
}

/** Addresses and devices. */
export function addressPart(dice: Dice, place: Place): string {
  let text = "";
  if (dice.chance(22)) text += ` ${dice.not()}-s ${dice.pick([...NETWORKS, ...ALL_HOSTS, ...OWN])}`;
  if (dice.chance(22)) text += ` ${dice.not()}-d ${dice.pick([...NETWORKS, ...ALL_HOSTS, ...OWN])}`;
  const input = place.hooks.every((hook) => ["PREROUTING", "INPUT", "FORWARD"].includes(hook));
  const output = place.hooks.every((hook) => ["POSTROUTING", "OUTPUT", "FORWARD"].includes(hook));
  if (input && dice.chance(20)) text += ` ${dice.not()}-i ${dice.pick(DEVICES)}`;
  if (output && dice.chance(20)) text += ` ${dice.not()}-o ${dice.pick(DEVICES)}`;
  if (dice.chance(3)) text += ` ${dice.not(40)}-f`;
  return text;
}

const SET_OPTIONS = [
  "--return-nomatch",
  "! --update-counters",
  "! --update-subcounters",
  "--packets-gt 1",
  "--packets-lt 3",
  "! --packets-eq 0",
  "--bytes-gt 100",
];

type Make = (dice: Dice, place: Place, protocol: string) => string | null;
const STATES = ["NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED", "SNAT", "DNAT"];
const TYPES = [
  "UNICAST",
  "LOCAL",
  "BROADCAST",
  "MULTICAST",
  "BLACKHOLE",
  "UNREACHABLE",
  "PROHIBIT",
  "UNSPEC",
  "THROW",
];
const early = ["PREROUTING", "INPUT", "FORWARD"];

/**
 * The sets that rules there may name. A copy (TEE) has no Ethernet header of its own: pskb_copy leaves
 * out the headroom, and a set that looks for the hardware address on the way out reads what that memory
 * held before, say the header of the netlink message with which ipset added an element (09 06 05 00).
 */
export function setsAt(place: Place): SetName[] {
  const header = place.hooks.every((hook) => early.includes(hook));
  return place.sets.filter(({ mac }) => header || !mac);
}

/** Each match: null where it cannot stand. */
const MATCHES: Record<string, Make> = {
  mark: (dice) => `mark ${dice.not()}--mark ${dice.pick([...MARKS, ...MASKED])}`,
  connmark: (dice) => `connmark ${dice.not()}--mark ${dice.pick([...MARKS, ...MASKED])}`,
  state: (dice) => `state ${dice.not()}--state ${dice.some(STATES.slice(0, 5), 1, 3).join(",")}`,
  ctstate: (dice) => `conntrack ${dice.not()}--ctstate ${dice.some(STATES, 1, 3).join(",")}`,
  ctmore: (dice) => {
    const more = dice.weighted({ status: 3, dir: 2, proto: 1, orig: 2, reply: 2, port: 2 });
    if (more === "status")
      return `conntrack ${dice.not()}--ctstatus ${dice.some(["NONE", "EXPECTED", "SEEN_REPLY", "ASSURED", "CONFIRMED"], 1, 2).join(",")}`;
    if (more === "dir") return `conntrack --ctdir ${dice.pick(["ORIGINAL", "REPLY"])}`;
    if (more === "proto") return `conntrack ${dice.not()}--ctproto ${dice.pick([6, 17, 1])}`;
    if (more === "port")
      return `conntrack --ctproto ${dice.pick([6, 17])} ${dice.not()}--ct${dice.pick(["orig", "repl"])}${dice.pick(["srcport", "dstport"])} ${dice.pick([String(dice.pick(SERVICES)), "20000:20010"])}`;
    return `conntrack ${dice.not()}--ct${more === "orig" ? "orig" : "repl"}${dice.pick(["src", "dst"])} ${dice.pick([...NETWORKS, ...ALL_HOSTS])}`;
  },
  set: (dice, place) => {
    const usable = setsAt(place);
    if (!usable.length) return null;
    const set = dice.pick(usable);
    const flags = dice.times(set.dimensions, () => dice.pick(["src", "dst"])).join(",");
    const extra = dice.chance(25) ? ` ${dice.pick(SET_OPTIONS)}` : "";
    return `set ${dice.not()}--match-set ${set.name} ${flags}${extra}`;
  },
  addrtype: (dice, place) => {
    const limit =
      place.hooks.every((hook) => ["PREROUTING", "INPUT"].includes(hook)) && dice.chance(25)
        ? " --limit-iface-in"
        : "";
    return `addrtype ${dice.not()}--${dice.pick(["src", "dst"])}-type ${dice.some(TYPES, 1, 2).join(",")}${limit}`;
  },
  multiport: (dice, _, protocol) =>
    protocol === "tcp" || protocol === "udp"
      ? `multiport ${dice.not()}--${dice.pick(["dports", "ports", "sports"])} ${dice.pick(["22,80,443", "53,8080:9000", "20000:20050,53", "1:65535"])}`
      : null,
  iprange: (dice) =>
    `iprange ${dice.not()}--${dice.pick(["src", "dst"])}-range ${dice.pick(["10.0.0.2-10.0.0.3", "10.0.0.3-10.1.0.2", "192.168.0.0-192.168.1.255", "0.0.0.0-10.255.255.255"])}`,
  length: (dice) =>
    `length ${dice.not()}--length ${dice.pick(["40", "28:60", "84", ":100", "1000:"])}`,
  dscp: (dice) => `dscp ${dice.not()}--dscp ${dice.pick(["0x00", "0x04", "0x0a", "0x2e"])}`,
  tos: (dice) =>
    `tos ${dice.not()}--tos ${dice.pick(["0x10", "0x00/0xff", "0x08/0x3f", "0x04/0x1c"])}`,
  ttl: (dice) =>
    `ttl ${dice.pick(["--ttl-eq 64", "! --ttl-eq 64", "--ttl-lt 3", "--ttl-gt 63", "--ttl-gt 1"])}`,
  u32: (dice) =>
    `u32 --u32 "${dice.pick(["0>>22&0x3C@0>>16=80,443", "6&0xFF=6", "4&0x3FFF=0", "0&0xFFFF=40:100", "16=0x0a010002", "0>>22&0x3C@12>>26&0x3C@0=1:9", "8>>24=64", "6&0xFF=17&&0>>22&0x3C@0&0xFFFF=53", "100=0"])}"`,
  mac: (dice, place) =>
    place.hooks.every((hook) => early.includes(hook))
      ? `mac ${dice.not()}--mac-source ${dice.pick(NEIGHBOURS).mac}`
      : null,
  pkttype: (dice) =>
    `pkttype ${dice.not()}--pkt-type ${dice.pick(["unicast", "broadcast", "multicast"])}`,
  statistic: (dice) => {
    const every = dice.between(2, 4);
    return `statistic --mode nth --every ${every} --packet ${dice.below(every)}`;
  },
  limit: (dice) => `limit --limit 1/hour --limit-burst ${dice.between(1, 6)}`,
  tcpmss: (dice, _, protocol) =>
    protocol === "tcp"
      ? `tcpmss ${dice.not()}--mss ${dice.pick(["1460", "0:1400", "536:65535"])}`
      : null,
  string: (dice) =>
    `string --string ${dice.pick(["GET", "abc", "payload"])} --algo ${dice.pick(["bm", "kmp"])}${dice.chance(30) ? " --to 60" : ""}`,
  rpfilter: (dice, place) =>
    place.hooks.every((hook) => hook === "PREROUTING") &&
    (place.table === "raw" || place.table === "mangle")
      ? `rpfilter${dice.chance(30) ? " --loose" : ""}${dice.chance(30) ? " --validmark" : ""}${dice.chance(30) ? " --accept-local" : ""}${dice.chance(40) ? " --invert" : ""}`
      : null,
  quota: (dice) => `quota ${dice.not()}--quota ${dice.pick([100, 500, 2000])}`,
  connbytes: (dice) =>
    `connbytes ${dice.not()}--connbytes ${dice.pick(["1:3", "2:", ":100", "100:1000"])} --connbytes-dir ${dice.pick(["original", "reply", "both"])} --connbytes-mode ${dice.pick(["packets", "bytes", "avgpkt"])}`,
  recent: (dice) =>
    `recent ${dice.weighted({ "--set": 3, "--rcheck": 2, "--update": 2, "--remove": 1, "! --rcheck": 1 })} --name ${dice.pick(["r0", "r1"])} --r${dice.pick(["source", "dest"])}`,
  hashlimit: (dice) =>
    `hashlimit --hashlimit-${dice.pick(["upto", "above"])} 1/hour --hashlimit-burst ${dice.between(1, 4)} --hashlimit-mode ${dice.pick(["srcip", "dstip", "srcip,dstport", "dstip,dstport"])} --hashlimit-name h${dice.below(1000)}`,
  comment: () => 'comment --comment "a comment"',
  socket: (dice, place) =>
    place.hooks.every((hook) => ["PREROUTING", "INPUT"].includes(hook)) &&
    place.table === "mangle" &&
    dice.chance(30)
      ? "socket"
      : null,
};

/** The tables keep their state for so long that packets see it; they cost more than they find. */
const RARE = new Set(["quota", "connbytes", "recent", "hashlimit", "string", "comment", "socket"]);

export function matchPart(dice: Dice, place: Place, protocol: string): string {
  let text = "";
  const count = dice.pick([0, 0, 1, 1, 1, 2]);
  for (let i = 0; i < count; i++) {
    const name = dice.pick(Object.keys(MATCHES));
    if (RARE.has(name) && dice.chance(50)) continue;
    const made = (MATCHES[name] as Make)(dice, place, protocol);
    if (made) text += ` -m ${made}`;
  }
  return text;
}
