import { type Prefix, parseIpv4 } from "../../../wire/address.ts";
import { IpError, invalidArgument } from "./context.ts";

/** iproute2's get_addr_1 for IPv4: one to four parts, the missing ones zero ("10.1" is 10.1.0.0). */
function parseLoose(text: string): number | null {
  const parts = text.split(".");
  if (parts.length > 4) return null;
  const padded = [...parts, "0", "0", "0"].slice(0, 4);
  if (!padded.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return null;
  return padded.reduce((value, part) => value * 256 + Number(part), 0);
}

/** An address: "inet address is expected rather than …". */
export function address(text: string): number {
  const value = parseIpv4(text) ?? (/^\d+(\.\d+){0,3}$/.test(text) ? parseLoose(text) : null);
  if (value === null)
    throw new IpError(`Error: inet address is expected rather than "${text}".\n`, 1);
  return value;
}

/** A prefix; "default", "any" and "all" are 0/0 (iproute2: get_prefix). */
export function prefix(text: string): Prefix {
  if (text === "default" || text === "any" || text === "all") return { address: 0, length: 0 };
  const [head = "", tail, ...rest] = text.split("/");
  const value = parseLoose(head);
  const length = tail === undefined ? 32 : /^\d{1,2}$/.test(tail) ? Number(tail) : -1;
  if (value === null || rest.length || length < 0 || length > 32)
    throw new IpError(`Error: any valid prefix is expected rather than "${text}".\n`, 1);
  return { address: value, length };
}

/** strtoul with base 0. */
export function unsigned(text: string, max = 0xffffffff): number | null {
  if (!/^(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)$/.test(text)) return null;
  const value = /^0[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number(text);
  return value <= max ? value : null;
}

const TABLES: Record<string, number> = { local: 255, main: 254, default: 253 };
const TABLE_NAMES: Record<number, string> = { 255: "local", 254: "main", 253: "default" };

export function table(text: string): number {
  const id = TABLES[text] ?? unsigned(text);
  if (id === null || id === undefined) return invalidArgument('"table" value is invalid\n', text);
  return id;
}

export function tableName(id: number): string {
  return TABLE_NAMES[id] ?? String(id);
}

const SCOPES: Record<string, number> = {
  global: 0,
  universe: 0,
  site: 200,
  link: 253,
  host: 254,
  nowhere: 255,
};

export function scope(text: string): number | null {
  return SCOPES[text] ?? unsigned(text, 255);
}

export function scopeName(value: number): string {
  if (value === 0) return "global";
  if (value === 200) return "site";
  if (value === 253) return "link";
  if (value === 254) return "host";
  return value === 255 ? "nowhere" : String(value);
}

/** /etc/iproute2/rt_protos */
const PROTOCOLS: Record<string, number> = {
  unspec: 0,
  redirect: 1,
  kernel: 2,
  boot: 3,
  static: 4,
  gated: 8,
  ra: 9,
  mrt: 10,
  zebra: 11,
  bird: 12,
  dnrouted: 13,
  xorp: 14,
  ntk: 15,
  dhcp: 16,
  keepalived: 18,
  babel: 42,
  bgp: 186,
  isis: 187,
  ospf: 188,
  rip: 189,
  eigrp: 192,
};

export function protocol(text: string): number | null {
  return PROTOCOLS[text] ?? unsigned(text, 255);
}

export function protocolName(value: number): string {
  for (const [name, number] of Object.entries(PROTOCOLS)) if (number === value) return name;
  return String(value);
}
