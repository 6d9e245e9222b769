import { fill } from "../base/words.ts";
import { maskOf, parseIpv4, parsePrefix } from "../wire/address.ts";
import { type FilterWords, filterWords } from "./english.ts";
import type { PacketStory } from "./story.ts";

/*
 * Display filters over packets' stories: Wireshark's grammar (wireshark-filter(4)), its names for what
 * stands in headers, and names of our own for what the kernel decided.
 *
 *   tcp.port == 9080 and mark == 0x100
 *   drop.reason == "NETFILTER_DROP" or not device in {"eth0", "lo"}
 */

type Value = string | number;
type Operator = "==" | "!=" | "<" | "<=" | ">" | ">=" | "contains" | "in";

/** A filter, parsed. */
export type Filter =
  | { kind: "and" | "or"; left: Filter; right: Filter }
  | { kind: "not"; of: Filter }
  | { kind: "exists"; field: string }
  | { kind: "test"; field: string; operator: Operator; values: Value[] };

/** What is wrong with a filter, and where in it (a character's index). */
export interface FilterProblem {
  message: string;
  at: number;
}

/** Every name that can be asked for, with what it is: for completion and the help. */
export const FILTER_FIELDS: Readonly<Record<string, string>> = {
  ip: "any IPv4 packet",
  arp: "ARP",
  icmp: "ICMP",
  tcp: "TCP",
  udp: "UDP",
  dns: "UDP or TCP at port 53",
  tls: "a TLS record begins in it",
  http: "a line of HTTP/1 begins in it",
  "ip.addr": "an address, before or after NAT",
  "ip.src": "the source address",
  "ip.dst": "the destination address",
  "tcp.port": "a port of TCP",
  "tcp.srcport": "the source port of TCP",
  "tcp.dstport": "the destination port of TCP",
  "udp.port": "a port of UDP",
  "udp.srcport": "the source port of UDP",
  "udp.dstport": "the destination port of UDP",
  "tcp.flags.syn": "SYN is set",
  "tcp.flags.fin": "FIN is set",
  "tcp.flags.reset": "RST is set",
  device: "a device that it crossed",
  namespace: "a namespace that it was in",
  mark: "a firewall mark that it had",
  connmark: "a mark of its connection",
  hook: "a hook of netfilter that it passed",
  table: "a table of netfilter of which a rule matched",
  chain: "a chain of which a rule matched",
  rule: "the text of a rule that matched",
  verdict: "what a rule or policy said",
  route: "the route that was taken",
  "route.table": "the table that it was in",
  nat: "DNAT or SNAT",
  ct: "the state of its connection",
  vni: "the number of a tunnel",
  drop: "it was dropped",
  "drop.reason": "why it was dropped",
};

const ALIASES: Readonly<Record<string, Operator>> = {
  eq: "==",
  ne: "!=",
  lt: "<",
  le: "<=",
  gt: ">",
  ge: ">=",
  "==": "==",
  "!=": "!=",
  "<": "<",
  "<=": "<=",
  ">": ">",
  ">=": ">=",
  "=": "==",
  contains: "contains",
  in: "in",
};

interface Token {
  text: string;
  at: number;
  quoted: boolean;
}

class Problem extends Error {
  at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

function tokens(text: string, words: FilterWords): Token[] {
  const found: Token[] = [];
  const pattern = /\s+|"((?:[^"\\]|\\.)*)"|(&&|\|\||==|!=|<=|>=|[<>=!(){},])|[^\s"&|=!<>(){},]+/gy;
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(text);
    if (!match) throw new Problem(fill(words.unexpected, { token: text[at] ?? "" }), at);
    if (/^\s/.test(match[0])) continue;
    const quoted = match[1] !== undefined;
    found.push({ text: quoted ? (match[1] ?? "").replace(/\\(.)/g, "$1") : match[0], at, quoted });
  }
  return found;
}

class Parser {
  tokens: Token[];
  words: FilterWords;
  length: number;
  next = 0;

  constructor(text: string, words: FilterWords) {
    this.words = words;
    this.tokens = tokens(text, words);
    this.length = text.length;
  }

  get token(): Token | undefined {
    return this.tokens[this.next];
  }

  is(...words: string[]): boolean {
    const { token } = this;
    return token !== undefined && !token.quoted && words.includes(token.text);
  }

  fail(message: string): never {
    throw new Problem(message, this.token?.at ?? this.length);
  }

  whole(): Filter {
    const filter = this.or();
    if (this.token) this.fail(fill(this.words.unexpected, { token: this.token.text }));
    return filter;
  }

  or(): Filter {
    let left = this.and();
    while (this.is("or", "||")) {
      this.next++;
      left = { kind: "or", left, right: this.and() };
    }
    return left;
  }

  and(): Filter {
    let left = this.not();
    while (this.is("and", "&&")) {
      this.next++;
      left = { kind: "and", left, right: this.not() };
    }
    return left;
  }

  not(): Filter {
    if (!this.is("not", "!")) return this.primary();
    this.next++;
    return { kind: "not", of: this.not() };
  }

  primary(): Filter {
    if (this.is("(")) {
      this.next++;
      const inner = this.or();
      if (!this.is(")")) this.fail(fill(this.words.missing, { token: ")" }));
      this.next++;
      return inner;
    }
    const { token } = this;
    if (!token) this.fail(this.words.noField);
    const field = token.text;
    if (token.quoted || !(field in FILTER_FIELDS))
      this.fail(fill(this.words.notField, { token: field }));
    this.next++;
    const operator = this.token && !this.token.quoted ? ALIASES[this.token.text] : undefined;
    if (!operator) return { kind: "exists", field };
    this.next++;
    const values = operator === "in" ? this.set() : [this.value(field)];
    return { kind: "test", field, operator, values };
  }

  set(): Value[] {
    if (!this.is("{")) this.fail(fill(this.words.missing, { token: "{" }));
    this.next++;
    const values: Value[] = [];
    while (!this.is("}")) {
      values.push(this.value(""));
      if (this.is(",")) this.next++;
      else if (!this.is("}")) this.fail(fill(this.words.missing, { token: "}" }));
    }
    this.next++;
    return values;
  }

  value(field: string): Value {
    const { token } = this;
    if (!token || (!token.quoted && /^[(){},<>=!&|]/.test(token.text)))
      this.fail(this.words.noValue);
    if (field.startsWith("ip.") && !token.quoted && parsePrefix(token.text) === null)
      this.fail(fill(this.words.notAddress, { token: token.text }));
    this.next++;
    const isNumber = !token.quoted && /^(0x[0-9a-f]+|\d+)$/i.test(token.text);
    return isNumber ? Number(token.text) : token.text;
  }
}

/** A filter's text, understood; or what is wrong with it, in `words`. */
export function parseFilter(text: string, words = filterWords): Filter | FilterProblem {
  try {
    return new Parser(text, words).whole();
  } catch (error) {
    if (error instanceof Problem) return { message: error.message, at: error.at };
    throw error;
  }
}

export function isProblem(filter: Filter | FilterProblem): filter is FilterProblem {
  return "message" in filter;
}

/** Is it a filter at all, and not words to be looked for? */
export function looksLikeFilter(text: string): boolean {
  const words = text
    .trim()
    .split(/[\s()!]+/)
    .filter(Boolean);
  return /[=<>{}]|&&|\|\|/.test(text) || words.some((word) => word in FILTER_FIELDS);
}

/** What a packet has of each field. */
type Values = Map<string, Set<Value>>;

function valuesOf(story: PacketStory): Values {
  const values: Values = new Map();
  const add = (field: string, ...found: (Value | undefined)[]): void => {
    const set = values.get(field) ?? new Set<Value>();
    for (const one of found) if (one !== undefined) set.add(one);
    if (set.size) values.set(field, set);
  };
  const { head, what } = story;
  const protocol = head.protocol.toLowerCase();
  add(protocol, 1);
  if (protocol !== "arp") add("ip", 1);
  address(add, "src", head.src);
  address(add, "dst", head.dst);
  if (protocol === "tcp" || protocol === "udp") {
    ports(add, protocol, head.srcPort, head.dstPort);
    if (head.srcPort === 53 || head.dstPort === 53) add("dns", 1);
  }
  const flags = what.split(" ")[0]?.split(",") ?? [];
  if (flags.includes("SYN")) add("tcp.flags.syn", 1);
  if (flags.includes("FIN")) add("tcp.flags.fin", 1);
  if (flags.includes("RST")) add("tcp.flags.reset", 1);
  if (what.includes("TLS ")) add("tls", 1);
  if (what.includes("HTTP/1.")) add("http", 1);
  for (const leg of story.legs) {
    add("namespace", leg.namespace, leg.machine);
    for (const { kind, facts } of leg.steps)
      switch (kind) {
        case "in":
        case "out":
          add("device", facts.device);
          break;
        case "hook":
          add("hook", facts.hook);
          add("mark", numeric(facts.mark));
          add("connmark", numeric(facts.connmark));
          break;
        case "rule":
          add("table", facts.table);
          add("chain", facts.chain);
          add("rule", facts.text);
          add("verdict", facts.verdict);
          break;
        case "policy":
          add("verdict", facts.verdict);
          break;
        case "mark":
          add("mark", numeric(facts.mark));
          break;
        case "connmark":
          add("connmark", numeric(facts.connmark));
          break;
        case "conntrack":
          add("ct", facts.state);
          add("connmark", numeric(facts.connmark));
          break;
        case "nat": {
          add("nat", facts.nat);
          const [to = "", port = ""] = String(facts.to).split(":");
          const isDestination = facts.nat === "DNAT";
          address(add, isDestination ? "dst" : "src", to);
          if (protocol === "tcp" || protocol === "udp") {
            add(`${protocol}.port`, Number(port));
            add(`${protocol}.${isDestination ? "dst" : "src"}port`, Number(port));
          }
          break;
        }
        case "route":
          add("route", facts.text);
          add("route.table", facts.table);
          break;
        case "encap":
        case "decap":
          add("vni", facts.vni);
          add("device", facts.device);
          break;
        case "drop":
          add("drop", 1);
          add("drop.reason", facts.reason);
          break;
      }
  }
  if (story.end === "dropped") {
    add("drop", 1);
    add("drop.reason", story.reason);
  }
  return values;
}

function address(add: (field: string, value: Value) => void, end: string, text: string): void {
  if (!text) return;
  add(`ip.${end}`, text);
  add("ip.addr", text);
}

function ports(
  add: (field: string, ...values: Value[]) => void,
  protocol: string,
  from: number,
  to: number,
): void {
  add(`${protocol}.srcport`, from);
  add(`${protocol}.dstport`, to);
  add(`${protocol}.port`, from, to);
}

/** "0x100" as a number; a mark of 0 is one, too. */
function numeric(value: Value | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

function sameValue(has: Value, wanted: Value): boolean {
  if (typeof has === "number" || typeof wanted === "number") {
    const [a, b] = [Number(has), Number(wanted)];
    return Number.isNaN(a) || Number.isNaN(b) ? String(has) === String(wanted) : a === b;
  }
  if (wanted.includes("/")) {
    const prefix = parsePrefix(wanted);
    const ip = parseIpv4(has);
    if (prefix && ip !== null) return ((prefix.address ^ ip) & maskOf(prefix.length)) === 0;
  }
  return has.toLowerCase() === wanted.toLowerCase();
}

function holds(has: Value, operator: Operator, wanted: Value): boolean {
  switch (operator) {
    case "==":
    case "in":
      return sameValue(has, wanted);
    case "!=":
      return !sameValue(has, wanted);
    case "contains":
      return String(has).toLowerCase().includes(String(wanted).toLowerCase());
    case "<":
      return Number(has) < Number(wanted);
    case "<=":
      return Number(has) <= Number(wanted);
    case ">":
      return Number(has) > Number(wanted);
    case ">=":
      return Number(has) >= Number(wanted);
  }
}

function evaluate(filter: Filter, values: Values): boolean {
  switch (filter.kind) {
    case "and":
      return evaluate(filter.left, values) && evaluate(filter.right, values);
    case "or":
      return evaluate(filter.left, values) || evaluate(filter.right, values);
    case "not":
      return !evaluate(filter.of, values);
    case "exists":
      return values.has(filter.field);
    case "test": {
      const has = [...(values.get(filter.field) ?? [])];
      const { operator, values: wanted } = filter;
      // Wireshark 4: "!=" is true when all of a field's values differ, the others when any fits.
      if (operator === "!=")
        return has.length > 0 && has.every((one) => holds(one, operator, wanted[0] ?? ""));
      return has.some((one) => wanted.some((value) => holds(one, operator, value)));
    }
  }
}

/** Does the packet fit? */
export function matchesFilter(filter: Filter, story: PacketStory): boolean {
  return evaluate(filter, valuesOf(story));
}
