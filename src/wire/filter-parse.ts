import { maskOf, parseIpv4, parseMac, parsePrefix } from "./address.ts";
import type { Dir, Expr, Filter } from "./filter.ts";
import {
  CONSTANTS,
  ETHER_PROTOCOLS,
  IP_PROTOCOLS,
  OTHER_PROTOCOLS,
  PORTS,
} from "./filter-names.ts";

/** libpcap's refusal: "syntax error" and its kind. */
export class FilterError extends Error {}

const NUMBER = /^(0x[0-9a-f]+|\d+)$/i;
const RELATIONS = ["=", "==", "!=", "<", ">", "<=", ">="];
/** Binary operators, the loosest first (libpcap: grammar.y). */
const OPERATORS = [["|", "^"], ["&"], ["<<", ">>"], ["+", "-"], ["*", "/", "%"]] as const;

/** Inside brackets a colon stands by itself; elsewhere it is part of an address. */
function tokens(text: string): string[] {
  const out: string[] = [];
  const outside = /\s*([\\A-Za-z0-9_.:/-]+|&&|\|\||[<>!=]=|<<|>>|[()[\]!<>=&|+*^%])/y;
  const inside = /\s*([A-Za-z0-9]+(?:-[a-z]+)*|<<|>>|[()[\]&|+*/^%:-])/y;
  let depth = 0;
  for (let at = 0; at < text.length; ) {
    const pattern = depth ? inside : outside;
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (!found) {
      if (text.slice(at).trim() === "") break;
      throw new FilterError("can't parse filter expression: syntax error");
    }
    const word = found[1] as string;
    if (word === "[") depth++;
    if (word === "]") depth--;
    out.push(word);
    at = pattern.lastIndex;
  }
  return out;
}

interface Qualifiers {
  dir: Dir;
  type: string;
  proto: string;
}

class Parser {
  words: string[];
  at = 0;
  /** Qualifiers of the last primitive: "port 80 or 443" repeats them. */
  last: Qualifiers | null = null;
  /** After `geneve` what follows asks of the packet within. */
  inner = false;
  /** Reading a file, where nobody knows which way a packet went. */
  savefile: boolean;

  constructor(text: string, savefile: boolean) {
    this.words = tokens(text);
    this.savefile = savefile;
  }

  peek(ahead = 0): string {
    return this.words[this.at + ahead] ?? "";
  }

  take(...words: string[]): boolean {
    if (!words.includes(this.peek())) return false;
    this.at++;
    return true;
  }

  fail(): never {
    throw new FilterError("can't parse filter expression: syntax error");
  }

  /** `and` and `or` are of the same strength, from left to right. */
  expression(): Filter {
    let a = this.not();
    for (;;) {
      if (this.take("and", "&&")) a = { kind: "and", a, b: this.not() };
      else if (this.take("or", "||")) a = { kind: "or", a, b: this.not() };
      else return a;
    }
  }

  not(): Filter {
    if (this.take("not", "!")) return { kind: "not", a: this.not() };
    if (this.peek() === "(" && !this.arithmeticAhead()) {
      this.at++;
      const within = this.expression();
      if (!this.take(")")) this.fail();
      return within;
    }
    const nested = this.inner;
    const filter = this.primitive();
    return nested ? { kind: "inner", a: filter } : filter;
  }

  /** "(tcp[13] & 2) != 0": a parenthesis that belongs to a number. */
  arithmeticAhead(): boolean {
    let depth = 0;
    for (let i = this.at; i < this.words.length; i++) {
      if (this.words[i] === "(") depth++;
      if (this.words[i] === ")" && --depth === 0) return isOperator(this.words[i + 1] ?? "");
    }
    return false;
  }

  primitive(): Filter {
    const word = this.peek();
    const arithmetic =
      this.peek(1) === "[" ||
      word === "len" ||
      word === "(" ||
      (NUMBER.test(word) && isOperator(this.peek(1)));
    if (arithmetic) return this.compare();
    switch (word) {
      case "":
        return this.fail();
      case "inbound":
      case "outbound":
        this.at++;
        if (this.savefile)
          throw new FilterError(
            "inbound/outbound not supported on Ethernet when reading savefiles",
          );
        return { kind: "direction", out: word === "outbound" };
      case "less":
      case "greater":
        this.at++;
        return { kind: "size", op: word === "less" ? "<=" : ">=", value: this.number() };
      case "ifname":
      case "on":
        this.at++;
        return { kind: "device", name: this.words[this.at++] ?? this.fail() };
      case "broadcast":
      case "multicast":
        this.at++;
        return { kind: "group", what: word };
      case "geneve": {
        this.at++;
        const vni = NUMBER.test(this.peek()) ? this.number() : null;
        this.inner = true;
        return { kind: "geneve", vni };
      }
      default:
        return this.qualified();
    }
  }

  number(): number {
    const word = this.words[this.at++] ?? "";
    const value = CONSTANTS[word] ?? (NUMBER.test(word) ? Number(word) : Number.NaN);
    if (Number.isNaN(value)) this.fail();
    return value;
  }

  qualifiers(): Qualifiers | null {
    let proto = "";
    let dir: Dir = "either";
    let type = "";
    const start = this.at;
    const first = this.peek();
    if (first === "ether" || first in ETHER_PROTOCOLS || first in IP_PROTOCOLS) {
      proto = first;
      this.at++;
    }
    const word = this.peek();
    if (word === "src" || word === "dst") {
      dir = word;
      this.at++;
      const joint = this.peek();
      const other = word === "src" ? "dst" : "src";
      if ((joint === "or" || joint === "and") && this.peek(1) === other) {
        dir = joint === "or" ? "either" : "both";
        this.at += 2;
      }
    }
    if (["host", "net", "port", "portrange", "proto"].includes(this.peek())) {
      type = this.peek();
      this.at++;
    }
    return this.at === start ? null : { proto, dir, type };
  }

  /** [proto] [dir] [type] id */
  qualified(): Filter {
    const given = this.qualifiers();
    const id = this.peek();
    if (given?.proto && given.type === "" && given.dir === "either") {
      if (given.proto === "ip" && this.take("multicast")) return { kind: "ip multicast" };
      if (given.proto === "ip" && this.take("broadcast")) return this.fail();
      if (given.proto === "ether" && (id === "broadcast" || id === "multicast")) {
        this.at++;
        return { kind: "group", what: id };
      }
      if (given.proto === "vlan" && NUMBER.test(id)) this.at++;
      else if (given.proto !== "ether") return bare(given.proto);
    }
    if (id === "" || ["and", "or", "not", "(", ")", "&&", "||", "!"].includes(id)) this.fail();
    // Without a word of its own it has those of the one before it.
    const own = given ?? this.last ?? { proto: "", dir: "either", type: "" };
    if (!given && !this.last && parsePrefix(id) === null) this.fail();
    this.at++;
    this.last = own;
    return this.make(own, id);
  }

  make({ proto, dir, type }: Qualifiers, id: string): Filter {
    if (type === "proto") return protocolFilter(this, proto, id);
    if (type === "port" || type === "portrange") {
      const [from = "", to = from] = type === "portrange" ? rangeOf(this, id) : [id];
      const low = portNumber(from);
      const protocol = IP_PROTOCOLS[proto] ?? 0;
      return { kind: "port", dir, low, high: portNumber(to), protocol };
    }
    if (proto in IP_PROTOCOLS || proto === "vlan")
      throw new FilterError(`'${proto}' modifier applied to host`);
    if (proto === "ether") {
      const mac = parseMac(id);
      if (!mac) throw new FilterError(`unknown ether host '${id}'`);
      return { kind: "mac", dir, mac };
    }
    const both = (a: Filter): Filter => (proto ? { kind: "and", a: bare(proto), b: a } : a);
    if (type === "net" || id.includes("/")) return both(this.net(dir, id));
    const address = parseIpv4(id);
    if (address !== null) return both({ kind: "address", dir, address, mask: 0xffffffff });
    if (/^[\d.]+$/.test(id)) {
      // "src net 10" without the word: a number alone is a net's first part.
      const parts = id.split(".");
      if (parts.length === 4) throw new FilterError(`invalid IPv4 address '${id}'`);
      return both(this.net(dir, id));
    }
    throw new FilterError(`unknown host '${id}'`);
  }

  net(dir: Dir, id: string): Filter {
    if (this.take("mask")) {
      const mask = parseIpv4(this.words[this.at++] ?? "") ?? this.fail();
      const address = parseIpv4(id) ?? this.fail();
      if (address & ~mask) throw new FilterError(`non-network bits set in "${id} mask"`);
      return { kind: "address", dir, address, mask };
    }
    const [network = "", length = ""] = id.split("/");
    const parts = network.split(".");
    const full = [...parts, "0", "0", "0"].slice(0, 4).join(".");
    const prefix = parsePrefix(`${full}/${length || parts.length * 8}`);
    if (!prefix) throw new FilterError(`unknown network '${id}'`);
    const mask = maskOf(prefix.length);
    if ((prefix.address & ~mask) !== 0) throw new FilterError(`non-network bits set in "${id}"`);
    return { kind: "address", dir, address: prefix.address, mask };
  }

  compare(): Filter {
    const a = this.arithmetic(0);
    const op = this.words[this.at++] ?? "";
    if (!RELATIONS.includes(op)) this.fail();
    return { kind: "compare", op: op === "=" ? "==" : op, a, b: this.arithmetic(0) };
  }

  arithmetic(level: number): Expr {
    const operators: readonly string[] | undefined = OPERATORS[level];
    if (!operators) return this.term();
    let a = this.arithmetic(level + 1);
    while (operators.includes(this.peek())) {
      const op = this.words[this.at++] as string;
      a = { kind: "op", op, a, b: this.arithmetic(level + 1) };
    }
    return a;
  }

  term(): Expr {
    if (this.take("(")) {
      const within = this.arithmetic(0);
      if (!this.take(")")) this.fail();
      return within;
    }
    if (this.take("len")) return { kind: "length" };
    if (this.peek(1) !== "[") return { kind: "number", value: this.number() };
    const proto = this.peek();
    if (proto !== "ether" && !(proto in ETHER_PROTOCOLS) && !(proto in IP_PROTOCOLS)) this.fail();
    this.at += 2;
    const at = this.arithmetic(0);
    const size = this.take(":") ? this.number() : 1;
    if (!this.take("]")) this.fail();
    if (![1, 2, 4].includes(size)) throw new FilterError("data size must be 1, 2, or 4");
    return { kind: "load", proto, at, size };
  }
}

function isOperator(word: string): boolean {
  return (
    RELATIONS.includes(word) ||
    OPERATORS.some((level) => (level as readonly string[]).includes(word))
  );
}

function bare(proto: string): Filter {
  const type = ETHER_PROTOCOLS[proto];
  return type === undefined
    ? { kind: "proto", protocol: IP_PROTOCOLS[proto] ?? 0 }
    : { kind: "ethertype", type };
}

function protocolFilter(parser: Parser, proto: string, id: string): Filter {
  const name = id.replace(/^\\/, "");
  if (proto === "ether") {
    const type = NUMBER.test(name) ? Number(name) : ETHER_PROTOCOLS[name];
    if (type === undefined) throw new FilterError(`unknown ether proto '${name}'`);
    return { kind: "ethertype", type };
  }
  // What is a word of the language needs a backslash to be a name.
  if (id === name && (name in IP_PROTOCOLS || name in ETHER_PROTOCOLS)) parser.fail();
  const protocol = NUMBER.test(name) ? Number(name) : (IP_PROTOCOLS[name] ?? OTHER_PROTOCOLS[name]);
  if (protocol === undefined) throw new FilterError(`unknown ip proto '${name}'`);
  return { kind: "proto", protocol };
}

function rangeOf(parser: Parser, id: string): string[] {
  const parts = id.split("-");
  if (parts.includes("")) parser.fail();
  return parts;
}

function portNumber(text: string): number {
  const value = PORTS[text] ?? (/^\d+$/.test(text) ? Number(text) : -1);
  if (value < 0) throw new FilterError(`unknown port '${text}'`);
  if (value > 65535) throw new FilterError(`illegal port number ${value} > 65535`);
  return value;
}

/** Compile an expression; empty matches everything. Throws FilterError. */
export function parseFilter(text: string, savefile = false): Filter {
  if (text.trim() === "") return { kind: "all" };
  const parser = new Parser(text, savefile);
  const filter = parser.expression();
  if (parser.peek() !== "") parser.fail();
  return filter;
}
