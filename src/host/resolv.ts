import { SysError } from "../base/errno.ts";
import { fromUtf8 } from "../base/text.ts";
import { parseIpv4 } from "../wire/address.ts";
import type { DnsMessage } from "../wire/dns.ts";
import type { Machine } from "./machine.ts";

/*
 * What every program on a machine goes by when it looks a name up: /etc/hosts, /etc/resolv.conf, which
 * names are asked for in turn, and what an answer says. Asking itself is up to who asks.
 */

/** getaddrinfo's errors (glibc: gai_strerror). */
export const RESOLVE_ERRORS = {
  EAI_NONAME: "Name or service not known",
  EAI_AGAIN: "Temporary failure in name resolution",
  EAI_NODATA: "No address associated with hostname",
} as const;
export type ResolveError = keyof typeof RESOLVE_ERRORS;

export interface Resolved {
  addresses: number[];
  /** The name that the addresses belong to at last (h_name). */
  canonical: string;
  aliases: string[];
}

/** /etc/resolv.conf (resolv.conf(5)). */
export interface ResolverConfig {
  servers: number[];
  search: string[];
  ndots: number;
  /** Seconds. */
  timeout: number;
  attempts: number;
}

/** The text of a file; "" when there is none. */
export function readText(machine: Machine, path: string): string {
  try {
    return fromUtf8(machine.fs.readFile(path));
  } catch (error) {
    if (error instanceof SysError) return "";
    throw error;
  }
}

export function resolverConfig(machine: Machine): ResolverConfig {
  const config: ResolverConfig = { servers: [], search: [], ndots: 1, timeout: 5, attempts: 2 };
  for (const line of readText(machine, "/etc/resolv.conf").split("\n")) {
    const [key, ...words] = line
      .replace(/[#;].*$/, "")
      .trim()
      .split(/\s+/);
    if (key === "nameserver") {
      const address = parseIpv4(words[0] ?? "");
      if (address !== null && config.servers.length < 3) config.servers.push(address);
    } else if (key === "search" || key === "domain") config.search = words;
    else if (key === "options")
      for (const word of words) {
        const [name, value = ""] = word.split(":");
        if (name === "ndots") config.ndots = Math.min(Number(value), 15);
        else if (name === "timeout") config.timeout = Math.min(Math.max(Number(value), 1), 30);
        else if (name === "attempts") config.attempts = Math.min(Math.max(Number(value), 1), 5);
      }
  }
  if (config.servers.length === 0) config.servers.push(0x7f000001);
  return config;
}

/** An entry of /etc/hosts; only IPv4 ones. */
export function fromHosts(machine: Machine, name: string): Resolved | null {
  const wanted = name.toLowerCase().replace(/\.$/, "");
  let found: Resolved | null = null;
  for (const line of readText(machine, "/etc/hosts").split("\n")) {
    const [address, ...names] = line.replace(/#.*$/, "").trim().split(/\s+/);
    if (!address || !names.some((n) => n.toLowerCase() === wanted)) continue;
    const number = parseIpv4(address);
    if (number === null) continue;
    if (!found) found = { addresses: [], canonical: names[0] ?? name, aliases: names.slice(1) };
    found.addresses.push(number);
  }
  return found;
}

/** "10.0.0.1", "10.1" (inet_aton's short forms); null when it is no address. */
export function parseHostAddress(text: string): number | null {
  const parts = text.split(".");
  if (parts.length > 4 || !parts.every((part) => /^(0x[0-9a-f]+|\d+)$/i.test(part))) return null;
  const numbers = parts.map((part) =>
    /^0\d+$/.test(part) ? Number.parseInt(part, 8) : Number(part),
  );
  const last = numbers.pop() as number;
  if (numbers.some((n) => n > 255) || last >= 256 ** (4 - numbers.length)) return null;
  return numbers.reduce((sum, n, i) => sum + n * 256 ** (3 - i), last);
}

/** The names that are asked for in turn, until one is there (resolv.conf(5): search, ndots). */
export function candidates(config: ResolverConfig, name: string): string[] {
  const dots = name.split(".").length - 1;
  const absolute = name.endsWith(".");
  const searched = absolute ? [] : config.search.map((domain) => `${name}.${domain}`);
  return dots >= config.ndots || absolute ? [name, ...searched] : [...searched, name];
}

/** Follow CNAMEs to the addresses (glibc: getanswer_r). */
export function addressesOf(answer: DnsMessage, name: string): Resolved | ResolveError {
  let at = `${name.replace(/\.$/, "")}.`.toLowerCase();
  const aliases: string[] = [];
  for (let hops = 0; hops < 16; hops++) {
    const alias = answer.answers.find((r) => r.type === "CNAME" && r.name.toLowerCase() === at);
    if (!alias) break;
    aliases.push(at.replace(/\.$/, ""));
    at = alias.data.toLowerCase();
  }
  const found = answer.answers.filter((r) => r.type === "A" && r.name.toLowerCase() === at);
  if (found.length === 0) return "EAI_NODATA";
  const addresses = found.map((record) => parseIpv4(record.data) ?? 0);
  return { addresses, canonical: at.replace(/\.$/, ""), aliases };
}
