import { PROTOCOLS, SCOPES, TABLES } from "../../../net/fib/names.ts";
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
    throw new IpError(`Error: inet address is expected rather than "${text}".\n`, 1, true);
  return value;
}

/** A prefix; "default", "any" and "all" are 0/0 (iproute2: get_prefix). */
export function prefix(text: string): Prefix {
  if (text === "default" || text === "any" || text === "all") return { address: 0, length: 0 };
  const [head = "", tail, ...rest] = text.split("/");
  const value = parseLoose(head);
  const length = tail === undefined ? 32 : /^\d{1,2}$/.test(tail) ? Number(tail) : -1;
  if (value === null || rest.length || length < 0 || length > 32)
    throw new IpError(`Error: any valid prefix is expected rather than "${text}".\n`, 1, true);
  return { address: value, length };
}

/** strtoul with base 0. */
export function unsigned(text: string, max = 0xffffffff): number | null {
  if (!/^(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)$/.test(text)) return null;
  const value = /^0[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number(text);
  return value <= max ? value : null;
}

export function table(text: string, complaint = '"table" value is invalid'): number {
  const id = TABLES[text] ?? unsigned(text);
  if (id === null || id === undefined) return invalidArgument(`${complaint}\n`, text);
  return id;
}

export function scope(text: string): number | null {
  return SCOPES[text] ?? unsigned(text, 255);
}

export function protocol(text: string): number | null {
  return PROTOCOLS[text] ?? unsigned(text, 255);
}
