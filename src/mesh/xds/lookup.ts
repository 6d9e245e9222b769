import { SysError } from "../../base/errno.ts";
import type { Process } from "../../host/process.ts";
import {
  addressesOf,
  candidates,
  fromHosts,
  parseHostAddress,
  type ResolveError,
  type ResolverConfig,
  resolverConfig,
} from "../../host/resolv.ts";
import { ownerOf } from "../../net/socket/owner.ts";
import { UdpSock } from "../../net/udp/sock.ts";
import { SEC, type Timer, type Wakeable } from "../../sim/sim.ts";
import { type DnsMessage, decodeDns, dnsQuery, encodeDns, NXDOMAIN } from "../../wire/dns.ts";

/** Who asked for the addresses of a name. */
export interface LookupOwner {
  resolved(found: readonly number[] | ResolveError): void;
}

/**
 * getaddrinfo for programs that may not block: /etc/hosts, then the name servers of /etc/resolv.conf,
 * each name of the search list in turn; A and AAAA go out together (glibc: resolv/res_send.c).
 */
export class HostLookup implements Wakeable {
  process: Process;
  owner: LookupOwner;
  config: ResolverConfig;
  names: string[];
  attempt = 0;
  server = 0;
  queries: DnsMessage[] = [];
  answers = new Map<string, DnsMessage>();
  sock: UdpSock | null = null;
  timer: Timer | null = null;
  worst: ResolveError = "EAI_NONAME";

  constructor(process: Process, name: string, owner: LookupOwner) {
    this.process = process;
    this.owner = owner;
    this.config = resolverConfig(process.machine);
    this.names = candidates(this.config, name);
    const literal = parseHostAddress(name);
    const known = literal === null ? fromHosts(process.machine, name)?.addresses : [literal];
    if (known) process.sim.after(0, this, "known", known);
    else process.sim.after(0, this, "ask");
  }

  wake(reason: string, arg: unknown): void {
    if (reason === "known") return this.owner.resolved(arg as number[]);
    if (reason === "ask") return this.ask();
    if (reason === "timeout") return this.nextServer();
    if (this.sock) this.receive(this.sock);
  }

  ask(): void {
    const { process, config } = this;
    const rng = process.sim.rng(`dns/${process.netns.id}`);
    const name = this.names[0] ?? "";
    this.queries = ["A", "AAAA"].map((type) => dnsQuery(rng.below(65536), name, type));
    this.answers.clear();
    const sock = new UdpSock(process.netns, ownerOf(process));
    this.sock = sock;
    try {
      sock.connect(config.servers[this.server] ?? 0, 53);
      for (const query of this.queries) sock.sendTo(encodeDns(query));
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      return this.nextServer();
    }
    sock.readable.add(this);
    const share = this.attempt > 0 ? config.servers.length : 1;
    const patience = Math.max(1, Math.floor((config.timeout * 2 ** this.attempt) / share));
    this.timer = process.sim.after(patience * SEC, this, "timeout");
  }

  receive(sock: UdpSock): void {
    try {
      for (let datagram = sock.recvFrom(); datagram; datagram = sock.recvFrom()) {
        const answer = decodeDns(datagram.data);
        const query = this.queries.find(({ id }) => id === answer?.id);
        const type = query?.questions[0]?.type;
        if (answer?.response && type && answer.questions[0]?.type === type)
          this.answers.set(type, answer);
      }
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      return this.nextServer();
    }
    if (this.answers.size < this.queries.length) sock.readable.add(this);
    else this.judge();
  }

  judge(): void {
    const answer = this.answers.get("A");
    if (!answer || (answer.rcode !== 0 && answer.rcode !== NXDOMAIN)) return this.nextServer();
    this.rest();
    const found =
      answer.rcode === NXDOMAIN ? "EAI_NONAME" : addressesOf(answer, this.names[0] ?? "");
    if (typeof found !== "string") return this.owner.resolved(found.addresses);
    if (found === "EAI_NODATA") this.worst = found;
    this.names.shift();
    this.attempt = 0;
    this.server = 0;
    if (this.names.length) this.ask();
    else this.owner.resolved(this.worst);
  }

  /** Nobody answers: asking for another name would not help, asking somebody else may. */
  nextServer(): void {
    this.rest();
    this.server++;
    if (this.server >= this.config.servers.length) {
      this.server = 0;
      this.attempt++;
    }
    if (this.attempt < this.config.attempts) this.ask();
    else this.owner.resolved("EAI_AGAIN");
  }

  rest(): void {
    this.timer?.cancel();
    this.timer = null;
    this.sock?.close();
    this.sock = null;
  }
}
