import { SysError } from "../base/errno.ts";
import type { Process, Run } from "../host/process.ts";
import {
  addressesOf,
  candidates,
  fromHosts,
  parseHostAddress,
  type Resolved,
  type ResolveError,
  type ResolverConfig,
  readText,
  resolverConfig,
} from "../host/resolv.ts";
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

/** Files, then DNS (nsswitch.conf: `hosts: files dns`), as getaddrinfo does. */
export function* lookupHost(p: Process, name: string): Run<Resolved | ResolveError> {
  const literal = parseHostAddress(name);
  if (literal !== null) return { addresses: [literal], canonical: name, aliases: [] };
  const known = fromHosts(p.machine, name);
  if (known) return known;
  if (name === "" || !isDnsName(name)) return "EAI_NONAME";
  const config = resolverConfig(p.machine);
  let worst: ResolveError = "EAI_NONAME";
  for (const candidate of candidates(config, name)) {
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

/** The name of an address, from /etc/hosts or by a PTR query; null when it has none (getnameinfo). */
export function* lookupAddress(p: Process, address: number): Run<string | null> {
  for (const line of readText(p.machine, "/etc/hosts").split("\n")) {
    const [text, name] = line.replace(/#.*$/, "").trim().split(/\s+/);
    if (text && name && parseIpv4(text) === address) return name;
  }
  if (readText(p.machine, "/etc/resolv.conf").trim() === "") return null;
  const config = resolverConfig(p.machine);
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
