import {
  type Conntrack,
  IPS_ASSURED,
  IPS_DST_NAT,
  IPS_SEEN_REPLY,
  IPS_SRC_NAT,
} from "../../../net/conntrack/entry.ts";
import { zoneId } from "../../../net/conntrack/zone.ts";
import { maskOf, parsePrefix } from "../../../wire/address.ts";

/** What an entry must be like: each a test that is data. */
interface Filter {
  protocol: number | null;
  addresses: { which: "src" | "dst"; dir: 0 | 1; address: number; mask: number }[];
  ports: { which: "srcPort" | "dstPort"; dir: 0 | 1; port: number; mask?: number }[];
  mark: { value: number; mask: number } | null;
  state: string | null;
  nat: ("src" | "dst" | "any")[];
  status: string[];
  /** What the zone must be in both directions, in the original's, in the reply's. */
  zones: { dirs: readonly (0 | 1)[]; id: number }[];
}

export interface Given {
  /** "" for none. */
  command: string;
  table: string;
  filter: Filter;
  output: string[];
  events: string[];
}

/** Wrong use: its message, after which the tool points at its help. */
export class Usage extends Error {}

/** `name`: what it is called in complaints, the first long form. */
interface Option {
  letter: string;
  long: readonly string[];
  argument: "none" | "required" | "optional";
  /** Only after -p with one of these. */
  protocols?: readonly number[];
}

function option(
  letter: string,
  long: string,
  argument: Option["argument"],
  protocols?: readonly number[],
): Option {
  return { letter, long: long.split(" "), argument, ...(protocols ? { protocols } : {}) };
}

const PORTS = [6, 17, 132, 33, 136];

/** conntrack-tools: src/conntrack.c, original_opts, and what extensions/libct_proto_*.c add after -p. */
const OPTIONS: readonly Option[] = [
  option("L", "dump", "optional"),
  option("D", "delete", "optional"),
  option("F", "flush", "optional"),
  option("C", "count", "optional"),
  option("E", "event", "optional"),
  option("G", "get", "optional"),
  option("S", "stats", "none"),
  option("h", "help", "none"),
  option("V", "version", "none"),
  option("s", "src orig-src", "required"),
  option("d", "dst orig-dst", "required"),
  option("r", "reply-src", "required"),
  option("q", "reply-dst", "required"),
  option("p", "protonum proto", "required"),
  option("m", "mark", "required"),
  option("u", "status", "required"),
  option("e", "event-mask", "required"),
  option("f", "family", "required"),
  option("o", "output", "required"),
  option("w", "zone", "required"),
  option("", "orig-zone", "required"),
  option("", "reply-zone", "required"),
  option("b", "buffer-size", "required"),
  option("n", "src-nat", "optional"),
  option("g", "dst-nat", "optional"),
  option("j", "any-nat", "optional"),
  option("", "sport orig-port-src", "required", PORTS),
  option("", "dport orig-port-dst", "required", PORTS),
  option("", "reply-port-src", "required", PORTS),
  option("", "reply-port-dst", "required", PORTS),
  option("", "state", "required", [6, 132, 33]),
  option("", "icmp-type", "required", [1]),
  option("", "icmp-code", "required", [1]),
  option("", "icmp-id", "required", [1]),
];
const COMMANDS = "LDFCEGShV";
const PROTOCOLS: Record<string, number> = {
  icmp: 1,
  tcp: 6,
  udp: 17,
  dccp: 33,
  gre: 47,
  sctp: 132,
  udplite: 136,
};
const STATUS = [
  "ASSURED",
  "SEEN_REPLY",
  "UNSET",
  "FIXED_TIMEOUT",
  "EXPECTED",
  "OFFLOAD",
  "HW_OFFLOAD",
];
const OUTPUT = ["timestamp", "extended", "id", "ktimestamp", "labels", "userspace", "save"];
const EVENTS = ["ALL", "NEW", "UPDATES", "DESTROY"];
const TABLES = ["conntrack", "expect", "dying", "unconfirmed"];

/** One option with its argument; what is left of a cluster of letters waits in `rest`. */
class Reader {
  argv: readonly string[];
  at = 1;
  rest = "";
  protocol: number | null = null;

  constructor(argv: readonly string[]) {
    this.argv = argv;
  }

  known(): Option[] {
    return OPTIONS.filter(
      ({ protocols }) =>
        !protocols || (this.protocol !== null && protocols.includes(this.protocol)),
    );
  }

  next(): { option: Option; argument: string | null } | null {
    if (this.rest === "") {
      const word = this.argv[this.at++];
      if (word === undefined) return null;
      if (word.startsWith("--") && word.length > 2) return this.long(word);
      if (!word.startsWith("-") || word === "-") return this.next();
      this.rest = word.slice(1);
    }
    const letter = this.rest.charAt(0);
    this.rest = this.rest.slice(1);
    const found = this.known().find((one) => one.letter === letter);
    if (!found) throw new Usage(`unknown option \`-${letter}'`);
    let argument: string | null = null;
    if (found.argument !== "none" && this.rest) {
      // What is attached to a command is nobody's.
      argument = COMMANDS.includes(letter) ? null : this.rest;
      this.rest = "";
    } else if (found.argument === "required") argument = this.required(`-${letter}`);
    else if (found.argument === "optional") argument = this.optional();
    return { option: found, argument };
  }

  long(word: string): { option: Option; argument: string | null } {
    const [name = "", given] = word.slice(2).split(/=(.*)/s);
    const known = this.known();
    const found =
      known.find(({ long }) => long.includes(name)) ??
      known.find(({ long }) => long.some((one) => one.startsWith(name)));
    if (!found) throw new Usage(`unknown option \`${word}'`);
    if (given !== undefined) return { option: found, argument: given };
    if (found.argument === "required") return { option: found, argument: this.required(word) };
    return { option: found, argument: found.argument === "optional" ? this.optional() : null };
  }

  required(word: string): string {
    const argument = this.argv[this.at++];
    if (argument === undefined) throw new Usage(`option \`${word}' requires an argument`);
    return argument;
  }

  /** The next word, when it cannot be an option. */
  optional(): string | null {
    const word = this.argv[this.at];
    if (word === undefined || /^[-!]/.test(word)) return null;
    this.at++;
    return word;
  }
}

/** Words of a list that is separated by commas. */
function list(text: string, known: readonly string[]): string[] {
  return text.split(",").map((word) => {
    const found = known.find((one) => one.toLowerCase() === word.toLowerCase());
    if (!found) throw new Usage(`Bad parameter \`${word}'`);
    return found;
  });
}

/** strtoul, which reads what it can. */
function number(text: string): number {
  const digits = /^\s*(0[xX][0-9a-fA-F]+|\d+)/.exec(text)?.[1];
  return digits === undefined ? 0 : Number(digits);
}

export function parse(argv: readonly string[]): Given {
  const filter: Filter = {
    protocol: null,
    addresses: [],
    ports: [],
    mark: null,
    state: null,
    nat: [],
    status: [],
    zones: [],
  };
  const given: Given = { command: "", table: "conntrack", filter, output: [], events: [] };
  const reader = new Reader(argv);
  let filtered = "";
  for (let found = reader.next(); found; found = reader.next()) {
    const { option: one } = found;
    const text = found.argument ?? "";
    if (one.letter && COMMANDS.includes(one.letter)) {
      if (given.command) throw new Usage("Invalid commands combination");
      given.command = `-${one.letter}`;
      if (found.argument === null) continue;
      if (!TABLES.includes(text)) throw new Usage(`unknown type \`${text}'`);
      given.table = text;
      continue;
    }
    filtered ||= one.long[0] as string;
    take(given, reader, one.long[0] as string, text);
  }
  if (!given.command && filtered)
    throw new Usage(`Illegal option \`--${filtered}' with this command`);
  if (given.command === "-G") checkGet(filter);
  return given;
}

function take(given: Given, reader: Reader, name: string, text: string): void {
  const { filter } = given;
  const address = (which: "src" | "dst", dir: 0 | 1): void => {
    // inet_aton: of an address with fewer parts the last one stands at its end.
    const parts = text.split(".");
    const missing = /^[\d.]+$/.test(text) ? Math.max(0, 4 - parts.length) : 0;
    const loose = [...parts.slice(0, -1), ...Array(missing).fill("0"), ...parts.slice(-1)].join(
      ".",
    );
    const prefix = parsePrefix(loose);
    if (!prefix) throw new Usage(`Invalid IP address \`${text}'`);
    filter.addresses.push({ which, dir, address: prefix.address, mask: maskOf(prefix.length) });
  };
  const port = (which: "srcPort" | "dstPort", dir: 0 | 1, shift = 0, mask?: number): void => {
    const value = number(text) << shift;
    filter.ports.push({ which, dir, port: value, ...(mask === undefined ? {} : { mask }) });
  };
  const zone = (...dirs: (0 | 1)[]): void => {
    filter.zones.push({ dirs, id: number(text) & 0xffff });
  };
  const act: Record<string, () => void> = {
    src: () => address("src", 0),
    dst: () => address("dst", 0),
    "reply-src": () => address("src", 1),
    "reply-dst": () => address("dst", 1),
    sport: () => port("srcPort", 0),
    dport: () => port("dstPort", 0),
    "reply-port-src": () => port("srcPort", 1),
    "reply-port-dst": () => port("dstPort", 1),
    "icmp-type": () => port("dstPort", 0, 8, 0xff00),
    "icmp-code": () => port("dstPort", 0, 0, 0xff),
    "icmp-id": () => port("srcPort", 0),
    zone: () => zone(0, 1),
    "orig-zone": () => zone(0),
    "reply-zone": () => zone(1),
    protonum() {
      const known = PROTOCOLS[text];
      if (known === undefined) throw new Usage(`\`${text}' unsupported protocol`);
      filter.protocol = known;
      reader.protocol = known;
    },
    mark() {
      const [value = "", mask] = text.split("/");
      filter.mark = { value: number(value), mask: mask === undefined ? 0xffffffff : number(mask) };
    },
    state() {
      const states =
        "NONE SYN_SENT SYN_RECV ESTABLISHED FIN_WAIT CLOSE_WAIT LAST_ACK TIME_WAIT CLOSE LISTEN";
      if (!states.split(" ").includes(text)) throw new Usage(`unknown TCP state \`${text}'`);
      filter.state = text;
    },
    status: () => filter.status.push(...list(text, STATUS)),
    "event-mask": () => given.events.push(...list(text, EVENTS)),
    output: () => given.output.push(...list(text, OUTPUT)),
    "src-nat": () => filter.nat.push("src"),
    "dst-nat": () => filter.nat.push("dst"),
    "any-nat": () => filter.nat.push("any"),
    family() {
      if (text !== "ipv4" && text !== "ipv6") throw new Usage(`\`${text}' unsupported protocol`);
    },
  };
  act[name]?.();
}

/** `-G` wants a whole tuple. */
function checkGet(filter: Filter): void {
  if (filter.protocol === null)
    throw new Usage("You need to supply the `--protonum' option for this command");
  if (filter.addresses.length < 2) throw new Usage("you have to specify `--src' and `--dst'");
  if (PORTS.includes(filter.protocol) && filter.ports.length < 2)
    throw new Usage("you have to specify `--sport' and `--dport'");
}

export function fits(ct: Conntrack, f: Filter): boolean {
  if (f.protocol !== null && ct.tuples[0].protocol !== f.protocol) return false;
  for (const a of f.addresses)
    if ((ct.tuples[a.dir][a.which] & a.mask) >>> 0 !== (a.address & a.mask) >>> 0) return false;
  for (const { dir, which, port, mask } of f.ports)
    if ((ct.tuples[dir][which] & (mask ?? 0xffff)) !== port) return false;
  if (f.mark && (ct.mark & f.mark.mask) >>> 0 !== f.mark.value) return false;
  if (f.state && ct.tcp?.state !== f.state) return false;
  for (const { dirs, id } of f.zones)
    if (dirs.some((dir) => zoneId(ct.zone, dir) !== id)) return false;
  if (f.status.includes("ASSURED") && !(ct.status & IPS_ASSURED)) return false;
  if (f.status.includes("SEEN_REPLY") && !(ct.status & IPS_SEEN_REPLY)) return false;
  const bits = { src: IPS_SRC_NAT, dst: IPS_DST_NAT, any: IPS_SRC_NAT | IPS_DST_NAT };
  return f.nat.every((kind) => (ct.status & bits[kind]) !== 0);
}
