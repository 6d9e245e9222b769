import { SysError } from "../base/errno.ts";
import { fromUtf8 } from "../base/text.ts";
import type { Process, Run } from "../host/process.ts";
import { ownerOf } from "../net/socket/owner.ts";
import { UdpSock } from "../net/udp/sock.ts";
import { SEC } from "../sim/sim.ts";
import { parseIpv4 } from "../wire/address.ts";
import {
  type DnsMessage,
  decodeDns,
  dnsQuery,
  encodeDns,
  isDnsName,
  NXDOMAIN,
} from "../wire/dns.ts";

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

function readFile(p: Process, path: string): string {
  try {
    return fromUtf8(p.machine.fs.readFile(path));
  } catch (error) {
    if (error instanceof SysError) return "";
    throw error;
  }
}

export function resolverConfig(p: Process): ResolverConfig {
  const config: ResolverConfig = { servers: [], search: [], ndots: 1, timeout: 5, attempts: 2 };
  for (const line of readFile(p, "/etc/resolv.conf").split("\n")) {
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
function fromHosts(p: Process, name: string): Resolved | null {
  const wanted = name.toLowerCase().replace(/\.$/, "");
  let found: Resolved | null = null;
  for (const line of readFile(p, "/etc/hosts").split("\n")) {
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

/** Files, then DNS (nsswitch.conf: `hosts: files dns`), as getaddrinfo does. */
export function* lookupHost(p: Process, name: string): Run<Resolved | ResolveError> {
  const literal = parseHostAddress(name);
  if (literal !== null) return { addresses: [literal], canonical: name, aliases: [] };
  const known = fromHosts(p, name);
  if (known) return known;
  if (name === "" || !isDnsName(name)) return "EAI_NONAME";
  const config = resolverConfig(p);
  const dots = name.split(".").length - 1;
  const absolute = name.endsWith(".");
  const searched = absolute ? [] : config.search.map((domain) => `${name}.${domain}`);
  const order = dots >= config.ndots || absolute ? [name, ...searched] : [...searched, name];
  let worst: ResolveError = "EAI_NONAME";
  for (const candidate of order) {
    const found = yield* askServers(p, config, candidate);
    if (typeof found !== "string") return found;
    if (found === "EAI_NODATA" || (found === "EAI_AGAIN" && worst === "EAI_NONAME")) worst = found;
    // Nobody answers: asking for another name would not help.
    if (found === "EAI_AGAIN") break;
  }
  return worst;
}

/** glibc: resolv/res_send.c; A and AAAA go out together from one socket, and both are waited for. */
function* askServers(
  p: Process,
  config: ResolverConfig,
  name: string,
): Run<Resolved | ResolveError> {
  const rng = p.sim.rng(`dns/${p.netns.id}`);
  const queries = ["A", "AAAA"].map((type) => dnsQuery(rng.below(65536), name, type));
  for (let attempt = 0; attempt < config.attempts; attempt++) {
    let timeout = config.timeout * 2 ** attempt;
    if (attempt > 0) timeout = Math.max(1, Math.floor(timeout / config.servers.length));
    for (const server of config.servers) {
      const answers = yield* exchange(p, server, queries, timeout * SEC);
      if (answers === null) continue;
      const answer = answers.get("A");
      if (!answer || (answer.rcode !== 0 && answer.rcode !== NXDOMAIN)) continue;
      if (answer.rcode === NXDOMAIN) return "EAI_NONAME";
      return addressesOf(answer, name);
    }
  }
  return "EAI_AGAIN";
}

/** Send all queries, collect all answers; null when it timed out or was refused. */
function* exchange(
  p: Process,
  server: number,
  queries: readonly DnsMessage[],
  timeout: number,
): Run<Map<string, DnsMessage> | null> {
  const answers = new Map<string, DnsMessage>();
  const until = p.sim.now + timeout;
  const sock = new UdpSock(p.netns, ownerOf(p));
  try {
    sock.connect(server, 53);
    for (const query of queries) sock.sendTo(encodeDns(query));
    while (answers.size < queries.length) {
      const datagram = sock.recvFrom();
      if (!datagram) {
        if (p.sim.now >= until) return null;
        yield* p.wait([sock.readable], until);
        continue;
      }
      const answer = decodeDns(datagram.data);
      const query = queries.find((q) => q.id === answer?.id);
      const type = query?.questions[0]?.type;
      if (answer?.response && type && answer.questions[0]?.type === type) answers.set(type, answer);
    }
    return answers;
  } catch (error) {
    if (error instanceof SysError) return null;
    throw error;
  } finally {
    sock.close();
  }
}

/** Follow CNAMEs to the addresses (glibc: getanswer_r). */
function addressesOf(answer: DnsMessage, name: string): Resolved | ResolveError {
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

/** The name of an address, from /etc/hosts or by a PTR query; null when it has none (getnameinfo). */
export function* lookupAddress(p: Process, address: number): Run<string | null> {
  for (const line of readFile(p, "/etc/hosts").split("\n")) {
    const [text, name] = line.replace(/#.*$/, "").trim().split(/\s+/);
    if (text && name && parseIpv4(text) === address) return name;
  }
  if (readFile(p, "/etc/resolv.conf").trim() === "") return null;
  const config = resolverConfig(p);
  const octets = [address & 255, (address >>> 8) & 255, (address >>> 16) & 255, address >>> 24];
  const id = p.sim.rng(`dns/${p.netns.id}`).below(65536);
  const query = dnsQuery(id, `${octets.join(".")}.in-addr.arpa`, "PTR");
  for (let attempt = 0; attempt < config.attempts; attempt++)
    for (const server of config.servers) {
      const answers = yield* exchange(p, server, [query], config.timeout * SEC);
      const answer = answers?.get("PTR");
      if (!answer) continue;
      const found = answer.answers.find((record) => record.type === "PTR");
      return found ? found.data.replace(/\.$/, "") : null;
    }
  return null;
}
