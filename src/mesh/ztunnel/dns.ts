import { SysError } from "../../base/errno.ts";
import { concatBytes } from "../../base/text.ts";
import { TcpSock } from "../../net/tcp/sock.ts";
import { UdpSock } from "../../net/udp/sock.ts";
import { SEC, type Timer, type Wakeable } from "../../sim/sim.ts";
import { formatIpv4, parseIpv4 } from "../../wire/address.ts";
import {
  type DnsMessage,
  type DnsRecord,
  decodeDns,
  dnsResponse,
  encodeDns,
} from "../../wire/dns.ts";
import { PACKET_MARK } from "./dial.ts";
import type { PodProxy } from "./proxy.ts";
import type { Service } from "./state.ts";

export const DNS_PORT = 15053;
const LOOPBACK = 0x7f000001;
const TTL = 30;
const SERVFAIL = 2;
/** The library's patience with a name server, and how often it asks it. */
const TIMEOUT = 5 * SEC;
const ATTEMPTS = 2;

/** Who asked, so that the answer finds its way. */
interface Asker {
  protocol: "udp" | "tcp";
  reply(message: Uint8Array): void;
}

class UdpAsker implements Asker {
  protocol = "udp" as const;
  sock: UdpSock;
  local: number;
  address: number;
  port: number;

  constructor(sock: UdpSock, local: number, address: number, port: number) {
    this.sock = sock;
    this.local = local;
    this.address = address;
    this.port = port;
  }

  reply(message: Uint8Array): void {
    if (!this.sock.closed) this.sock.transmit(message, this.local, this.address, this.port);
  }
}

/** A client that asks over TCP: messages with their length before them (RFC 1035 §4.2.2). */
class TcpAsker implements Asker, Wakeable {
  protocol = "tcp" as const;
  dns: DnsProxy;
  sock: TcpSock;
  held: Uint8Array = new Uint8Array(0);
  out: Uint8Array = new Uint8Array(0);

  constructor(dns: DnsProxy, sock: TcpSock) {
    this.dns = dns;
    this.sock = sock;
    dns.proxy.sim.after(0, this, "ready");
  }

  wake(): void {
    try {
      this.step();
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      this.sock.close();
    }
  }

  step(): void {
    this.flush();
    for (;;) {
      const data = this.sock.recv(65536);
      if (data === "EAGAIN") break;
      if (data === "EOF") return this.sock.close();
      this.held = concatBytes([this.held, data]);
    }
    for (;;) {
      const [high = 0, low = 0] = this.held;
      const end = 2 + high * 256 + low;
      if (this.held.length < 2 || this.held.length < end) break;
      const message = this.held.slice(2, end);
      this.held = this.held.subarray(end);
      this.dns.asked(message, this);
    }
    this.sock.readable.add(this);
  }

  reply(message: Uint8Array): void {
    const length = Uint8Array.of(message.length >>> 8, message.length & 255);
    this.out = concatBytes([this.out, length, message]);
    if (!this.sock.closed) this.dns.proxy.sim.after(0, this, "ready");
  }

  flush(): void {
    if (this.out.length) this.out = this.out.subarray(this.sock.send(this.out));
    if (this.out.length) this.sock.writable.add(this);
  }
}

/** A question passed on to the cluster's name server, until it is answered. */
class Forwarded implements Wakeable {
  dns: DnsProxy;
  query: DnsMessage;
  asker: Asker;
  server: number;
  sock: UdpSock;
  timer: Timer;
  attempts = 1;

  constructor(dns: DnsProxy, query: DnsMessage, asker: Asker, server: number) {
    this.dns = dns;
    this.query = query;
    this.asker = asker;
    this.server = server;
    this.sock = new UdpSock(dns.proxy.ns, dns.proxy.owner);
    this.sock.mark = PACKET_MARK;
    this.timer = dns.proxy.sim.after(TIMEOUT, this, "timeout");
    this.sock.readable.add(this);
    this.send();
  }

  send(): void {
    try {
      this.sock.sendTo(encodeDns(this.query), this.server, 53);
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
    }
  }

  wake(reason: string): void {
    if (this.sock.closed) return;
    if (reason === "timeout") {
      if (this.attempts++ >= ATTEMPTS) return this.finish(null);
      this.timer = this.dns.proxy.sim.after(TIMEOUT, this, "timeout");
      return this.send();
    }
    try {
      for (let d = this.sock.recvFrom(); d; d = this.sock.recvFrom()) {
        const reply = decodeDns(d.data);
        if (reply?.response && reply.id === this.query.id) return this.finish(reply);
      }
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
    }
    this.sock.readable.add(this);
  }

  finish(reply: DnsMessage | null): void {
    this.timer.cancel();
    this.sock.close();
    this.dns.forwarded.delete(this);
    if (!reply) this.dns.count("istio_dns_upstream_failures", this.query, this.asker);
    this.asker.reply(encodeDns(reply ?? dnsResponse(this.query, SERVFAIL)));
  }
}

/**
 * The name server of one pod, to which its questions are redirected (ztunnel: src/dns/server.rs):
 * Services of the mesh are answered from what the control plane said, everything else is passed on.
 */
export class DnsProxy implements Wakeable {
  proxy: PodProxy;
  udp: UdpSock;
  tcp: TcpSock;
  forwarded = new Set<Forwarded>();

  constructor(proxy: PodProxy) {
    this.proxy = proxy;
    this.udp = new UdpSock(proxy.ns, proxy.owner);
    this.udp.mark = PACKET_MARK;
    this.udp.bind(LOOPBACK, DNS_PORT);
    this.udp.readable.add(this);
    this.tcp = new TcpSock(proxy.ns, proxy.owner);
    this.tcp.mark = PACKET_MARK;
    this.tcp.reuseAddr = true;
    this.tcp.bind(LOOPBACK, DNS_PORT);
    this.tcp.listen(1024);
    this.tcp.readable.add(this);
    proxy.ztunnel.log.write("info", "dns::server", "starting local DNS server", [
      ["address", `${formatIpv4(LOOPBACK)}:${DNS_PORT}`, "bare"],
      ["component", "dns"],
    ]);
  }

  wake(): void {
    if (this.udp.closed) return;
    for (let d = this.udp.recvFrom(); d; d = this.udp.recvFrom())
      this.asked(d.data, new UdpAsker(this.udp, d.localAddress, d.address, d.port));
    for (let sock = this.tcp.accept(); sock; sock = this.tcp.accept()) new TcpAsker(this, sock);
    this.udp.readable.add(this);
    this.tcp.readable.add(this);
  }

  asked(data: Uint8Array, asker: Asker): void {
    const query = decodeDns(data);
    const [question] = query?.questions ?? [];
    if (!query || query.response || !question) return;
    this.count("istio_dns_requests", query, asker);
    const isAddress = question.type === "A" || question.type === "AAAA";
    const match = isAddress ? this.find(question.name) : null;
    if (!match) return this.forward(query, asker);
    const reply = dnsResponse(query);
    reply.authoritative = true;
    const name = match.stripped ?? question.name;
    if (match.stripped)
      reply.answers.push({ name: question.name, type: "CNAME", ttl: TTL, data: match.stripped });
    if (question.type === "A") reply.answers.push(...this.addresses(match.service, name));
    // No address of the family: there is nothing to alias either.
    if (question.type === "AAAA") reply.answers = [];
    asker.reply(encodeDns(reply));
  }

  /** The service that a name means to our pod, and the name without the search domain that was tried. */
  find(name: string): { service: Service; stripped: string | null } | null {
    const { info, ztunnel } = this.proxy;
    const bare = name.replace(/\.$/, "").toLowerCase();
    const zone = ztunnel.clusterDomain;
    const searches = [`${info.namespace}.svc.${zone}`, `svc.${zone}`, zone];
    const stripped = searches
      .filter((domain) => bare.endsWith(`.${domain}`))
      .map((domain) => bare.slice(0, -domain.length - 1));
    for (const alias of [null, ...stripped])
      for (const full of expansions(alias ?? bare, info.namespace, zone)) {
        const service = ztunnel.state.serviceByHostname(full, info.namespace);
        if (service) return { service, stripped: alias === null ? null : `${alias}.` };
      }
    return null;
  }

  addresses(service: Service, name: string): DnsRecord[] {
    const { state } = this.proxy.ztunnel;
    const headless = [...service.endpoints.keys()].flatMap(
      (uid) => state.workloads.get(uid)?.workloadIps.slice(0, 1) ?? [],
    );
    const ips = service.vips.length ? service.vips : headless;
    return ips.map((ip) => ({ name, type: "A", ttl: TTL, data: formatIpv4(ip) }));
  }

  forward(query: DnsMessage, asker: Asker): void {
    this.count("istio_dns_upstream_requests", query, asker);
    const [, text = ""] = /^nameserver\s+(\S+)/m.exec(this.proxy.ztunnel.resolvConf) ?? [];
    const server = parseIpv4(text);
    if (server === null) asker.reply(encodeDns(dnsResponse(query, SERVFAIL)));
    else this.forwarded.add(new Forwarded(this, query, asker, server));
  }

  count(name: string, query: DnsMessage, asker: Asker): void {
    const { workload, ztunnel } = this.proxy;
    ztunnel.metrics.add(name, {
      request_query_type: query.questions[0]?.type.toLowerCase() ?? "unknown",
      request_protocol: asker.protocol,
      source_canonical_service: workload?.canonicalName ?? "unknown",
      source_canonical_revision: workload?.canonicalRevision ?? "unknown",
    });
  }

  stop(): void {
    this.udp.close();
    this.tcp.close();
    for (const one of [...this.forwarded]) one.finish(null);
  }
}

/** A name, and what it is short for in Kubernetes (ztunnel: to_kube_fqdns). */
function expansions(name: string, namespace: string, zone: string): string[] {
  const labels = name.split(".");
  const isSvc = labels.at(-1) === "svc";
  switch (labels.length) {
    case 1:
      return [name, `${name}.${namespace}.svc.${zone}`];
    case 2:
      return [name, `${name}.svc.${zone}`, `${name}.${namespace}.svc.${zone}`];
    case 3:
      return [name, ...(isSvc ? [`${name}.${zone}`] : []), `${name}.svc.${zone}`];
    case 4:
      return [name, ...(isSvc ? [`${name}.${zone}`] : [])];
    default:
      return [name];
  }
}
