import { MSEC, Sim } from "../../sim/sim.ts";
import { formatIpv4 } from "../../wire/address.ts";
import { IPPROTO_TCP } from "../../wire/ipv4.ts";
import { TH_ACK, TH_FIN, TH_PUSH, TH_RST, TH_SYN } from "../../wire/tcp.ts";
import { addAddress, setLink } from "../device/admin.ts";
import { NetDevice, type Tap } from "../device/device.ts";
import { netifReceive } from "../device/receive.ts";
import { scrub } from "../device/transmit.ts";
import { Ids, Kernel } from "../kernel.ts";
import type { NetNs } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { segmentOf } from "./segment.ts";
import { seqDiff } from "./seq.ts";
import { TcpSock } from "./sock.ts";

/** A cable with faults (smoltcp's FaultInjector): everything seeded. */
export class Wire extends NetDevice {
  readonly kind = "wire";
  peer!: Wire;
  delay = 50_000;
  /** Chances of 1000. */
  loss = 0;
  duplicate = 0;
  reorder = 0;
  /** The n-th IPv4 packets (from 1) sent from here that vanish. */
  lose = new Set<number>();
  sent = 0;

  override xmit(skb: Skb): void {
    const { sim } = this.ns;
    const rng = sim.rng("wire");
    const isIp = skb.data[skb.mac + 12] === 8 && skb.data[skb.mac + 13] === 0;
    if (isIp) this.sent++;
    if (isIp && (this.lose.has(this.sent) || rng.below(1000) < this.loss)) return;
    let delay = this.delay;
    if (rng.below(1000) < this.reorder) delay += rng.below(20) * this.delay;
    if (rng.below(1000) < this.duplicate)
      this.arrive(this.ns.kernel.cloneSkb(this.ns, skb), delay * 2);
    this.arrive(skb, delay);
  }

  arrive(skb: Skb, delay: number): void {
    skb.head = skb.mac >= 0 ? skb.mac : skb.head;
    scrub(skb, this.ns, this.peer.ns);
    this.ns.sim.after(delay, this.peer, "rx", skb);
  }

  wake(_reason: string, arg: unknown): void {
    netifReceive(this, arg as Skb);
  }
}

/** Writes down what passes, with relative sequence numbers, in tcpdump's manner. */
export class Recorder implements Tap {
  lines: string[] = [];
  first = new Map<string, number>();
  started: Sim;

  constructor(sim: Sim) {
    this.started = sim;
  }

  packet(dev: NetDevice, skb: Skb, out: boolean): void {
    const at = skb.mac + dev.headerLength;
    if (skb.data[skb.mac + 12] !== 8 || skb.data[at + 9] !== IPPROTO_TCP) return;
    const copy = skb.clone(0);
    copy.network = at;
    copy.transport = copy.ip.payload;
    copy.tail = copy.ip.end;
    const seg = segmentOf(copy);
    if (!seg) return;
    const ours = `${seg.src}:${seg.srcPort}`;
    const theirs = `${seg.dst}:${seg.dstPort}`;
    if (seg.flags & TH_SYN) this.first.set(ours, seg.seq);
    const seq = seqDiff(seg.seq, this.first.get(ours) ?? seg.seq);
    const ack = seqDiff(seg.ack, this.first.get(theirs) ?? seg.ack);
    const names: [number, string][] = [
      [TH_FIN, "F"],
      [TH_SYN, "S"],
      [TH_RST, "R"],
      [TH_PUSH, "P"],
      [TH_ACK, "."],
    ];
    const flags = names.map(([bit, name]) => (seg.flags & bit ? name : "")).join("");
    let line = `${out ? ">" : "<"} [${flags}]`;
    if (seg.length || seg.flags & (TH_SYN | TH_FIN | TH_RST))
      line += ` ${seq}${seg.length ? `:${seq + seg.length}` : ""}`;
    if (seg.flags & TH_ACK) line += ` ack ${ack}`;
    line += ` win ${seg.window}`;
    const { options } = seg;
    if (options.mss !== undefined)
      line += ` <mss ${options.mss}${options.sackPermitted ? ",sackOK" : ""}${options.timestamp ? ",TS" : ""}${options.windowScale === undefined ? "" : `,wscale ${options.windowScale}`}>`;
    if (options.sack) {
      const base = this.first.get(theirs) ?? 0;
      line += ` sack ${options.sack.map(([l, r]) => `{${seqDiff(l, base)}:${seqDiff(r, base)}}`).join("")}`;
    }
    this.lines.push(line);
  }

  /** What passed since the last time. */
  take(): string[] {
    return this.lines.splice(0);
  }
}

export const A = 0x0a000001;
export const B = 0x0a000002;

/** Two hosts with a cable between them, 10.0.0.1 and 10.0.0.2. */
export class Pair {
  sim: Sim;
  kernel: Kernel;
  a: NetNs;
  b: NetNs;
  wireA: Wire;
  wireB: Wire;
  recorder: Recorder;

  constructor(seed = 1, mtu = 1500) {
    this.sim = new Sim(seed, 1000);
    this.kernel = new Kernel(this.sim, new Ids(), "test");
    this.a = this.kernel.createNetns("a");
    this.b = this.kernel.createNetns("b");
    this.wireA = this.plug(this.a, A, mtu, 1);
    this.wireB = this.plug(this.b, B, mtu, 2);
    this.wireA.peer = this.wireB;
    this.wireB.peer = this.wireA;
    this.recorder = new Recorder(this.sim);
    this.wireA.taps.push(this.recorder);
  }

  plug(ns: NetNs, address: number, mtu: number, last: number): Wire {
    const wire = new Wire("eth0");
    wire.mtu = mtu;
    wire.mac = Uint8Array.of(2, 0, 0, 0, 0, last);
    ns.register(wire);
    setLink(ns.loopback, true);
    setLink(wire, true);
    addAddress(wire, {
      local: address,
      peer: address,
      prefixLength: 24,
      broadcast: null,
      scope: 0,
      label: "eth0",
    });
    return wire;
  }

  /** Let `ms` milliseconds pass. */
  run(ms = 10): void {
    this.sim.runUntil(this.sim.now + ms * MSEC);
  }

  listener(port = 80, backlog = 10): TcpSock {
    const sock = new TcpSock(this.b);
    sock.reuseAddr = true;
    sock.bind(0, port);
    sock.listen(backlog);
    return sock;
  }

  client(port = 80): TcpSock {
    const sock = new TcpSock(this.a);
    sock.connect(B, port);
    return sock;
  }

  /** Both ends of an established connection; what the handshake sent is forgotten. */
  established(port = 80): { client: TcpSock; server: TcpSock; listener: TcpSock } {
    const listener = this.listener(port);
    const client = this.client(port);
    this.run();
    const server = listener.accept();
    if (!server) throw new Error(`no connection to ${formatIpv4(B)}`);
    this.recorder.take();
    return { client, server, listener };
  }
}

/** Everything that can be read now. */
export function drain(sock: TcpSock): Uint8Array {
  const parts: number[] = [];
  for (;;) {
    const data = sock.recv(65536);
    if (typeof data === "string") return Uint8Array.from(parts);
    for (const byte of data) parts.push(byte);
  }
}
