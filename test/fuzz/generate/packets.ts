import { formatIpv4 } from "../../../src/wire/address.ts";
import { fromHex, toHex } from "../bytes.ts";
import { type FuzzFrame, type FuzzPacket, PORTS, peerMac, routerMac } from "../state.ts";
import type { Dice } from "./dice.ts";
import { ethernet, fragments, type IpFields, icmp, ipv4, tcp, udp } from "./frame.ts";
import { ALL_HOSTS, farHostsOf, hostsOf, NEIGHBOURS, ODD, OWN, SERVICES } from "./plan.ts";

const FIN = 1;
const SYN = 2;
const RST = 4;
const PSH = 8;
const ACK = 16;
const URG = 32;
const MSS = [2, 4, 5, 180];
const SYN_OPTIONS = [
  [],
  MSS,
  [...MSS, 1, 3, 3, 7],
  [...MSS, 4, 2, 8, 10, 0, 0, 0, 9, 0, 0, 0, 0, 1, 3, 3, 2],
  [2, 4, 2, 0, 1, 1, 4, 2],
];
const IP_OPTIONS = [
  [1, 1, 1, 0],
  [0x94, 4, 0, 0],
  [7, 7, 4, 0, 0, 0, 0, 0],
  [68, 8, 9, 0, 1, 2, 3, 4],
  [68, 8, 9, 0xf1, 1, 2, 3, 4],
  [7, 11, 8, 1, 1, 1, 1, 0, 0, 0, 0, 1],
  [0x83, 7, 4, 10, 1, 0, 2, 0],
  [1, 0x44, 40, 5],
];

const UNKNOWN = [33, 132, 136];

/** One side of a conversation, to go on from. */
interface Flow {
  port: number;
  src: string;
  dst: string;
  protocol: number;
  sport: number;
  dport: number;
  seq: number;
  ack: number;
}

/** Makes frames one after the other, some of them answers to what the emulator sent. */
export class Traffic {
  dice: Dice;
  sport = 20000;
  id = 1;
  flows: Flow[] = [];
  sent: FuzzPacket[] = [];
  /** What left the router, newest last. */
  seen: FuzzFrame[] = [];
  /** Fragments that are still to be sent. */
  waiting: FuzzPacket[] = [];

  constructor(dice: Dice) {
    this.dice = dice;
  }

  next(): FuzzPacket {
    const { dice } = this;
    const packet =
      (this.waiting.length && dice.chance(70) ? this.waiting.shift() : null) ?? this.make();
    this.sent.push(packet);
    return packet;
  }

  make(): FuzzPacket {
    const { dice } = this;
    const kind = dice.weighted({
      fresh: 30,
      on: 14,
      answer: 30,
      error: 12,
      again: 4,
      fragments: 5,
      odd: 9,
    });
    const made =
      kind === "on"
        ? this.goOn()
        : kind === "answer"
          ? this.answer()
          : kind === "error"
            ? this.error()
            : kind === "again"
              ? (this.sent.at(-1 - dice.below(20)) ?? null)
              : kind === "fragments"
                ? this.pieces()
                : kind === "odd"
                  ? this.odd()
                  : null;
    return made ?? this.fresh();
  }

  data(): Uint8Array {
    const { dice } = this;
    const text = dice.pick(["", "payload", "GET / HTTP/1.1", "abc"]);
    const length = dice.pick([text.length, text.length, 20, 33, 500, dice.chance(20) ? 1400 : 8]);
    return Uint8Array.from({ length }, (_, i) => text.charCodeAt(i) || i & 255);
  }

  /** Who sends and to whom: mostly through the router, at times to it. */
  ends(): { port: number; src: string; dst: string } {
    const { dice } = this;
    const port = dice.below(PORTS);
    const src = dice.chance(75)
      ? dice.pick(hostsOf(port))
      : dice.pick(dice.chance(70) ? farHostsOf(port) : ALL_HOSTS);
    const dst = dice.weighted({ host: 66, own: 26, odd: 4 });
    return { port, src, dst: dice.pick(dst === "host" ? ALL_HOSTS : dst === "own" ? OWN : ODD) };
  }

  frame(port: number, fields: IpFields, what: string): FuzzPacket {
    const { dice } = this;
    const packet = ipv4({
      tos: dice.chance(12) ? dice.pick([0x10, 0x08, 0x04, 0x28, 0xb8, 0x02, 0xff]) : 0,
      ttl: dice.chance(10) ? dice.pick([1, 2, 3, 255, 0, 63]) : 64,
      id: this.id++,
      fragment: dice.chance(35) ? 0x4000 : 0,
      ...(dice.chance(3) && { options: dice.pick(IP_OPTIONS) }),
      ...fields,
    });
    return { port, hex: ethernet(routerMac(port), this.mac(port, fields.src), packet), what };
  }

  mac(port: number, src: string): string {
    return NEIGHBOURS.find((n) => n.port === port && n.address === src)?.mac ?? peerMac(port);
  }

  fresh(): FuzzPacket {
    const { dice } = this;
    const { port, src, dst } = this.ends();
    const protocol = dice.pick([6, 6, 6, 17, 17, 17, 1, 1, dice.pick([47, 89, 4, 253])]);
    const flow: Flow = {
      port,
      src,
      dst,
      protocol,
      sport: dice.chance(6) ? dice.pick([...SERVICES, 0, 700]) : this.sport++,
      dport: dice.chance(90) ? dice.pick(SERVICES) : dice.pick([0, 1, 65535, 3000, 3001, 79]),
      seq: dice.below(4) ? 1000 * this.id : 0xfffffff0,
      ack: 0,
    };
    const known = this.flows.at(-1 - dice.below(3));
    // The same client elsewhere, or another client of the same service.
    if (known && dice.chance(10)) flow.dst = known.dst;
    if (known && dice.chance(8)) flow.sport = known.sport;
    this.flows.push(flow);
    return this.segment(
      flow,
      protocol === 6
        ? dice.chance(85)
          ? SYN
          : dice.pick([ACK, SYN | ACK, RST, FIN | ACK, 0, SYN | FIN, ACK | PSH | URG])
        : 0,
      "new",
    );
  }

  /** A packet of a flow; for TCP, its numbers move on. */
  segment(flow: Flow, flags: number, what: string): FuzzPacket {
    const { dice } = this;
    const { src, dst, port, protocol, sport, dport } = flow;
    let payload: Uint8Array;
    if (protocol === 6) {
      const data = flags & (SYN | RST) && !dice.chance(4) ? new Uint8Array(0) : this.data();
      payload = tcp(src, dst, {
        sport,
        dport,
        seq: flow.seq,
        ack: flags & ACK ? flow.ack : 0,
        flags,
        window: dice.chance(90) ? 64240 : dice.pick([0, 1, 500, 65535]),
        options: flags & SYN ? dice.pick(SYN_OPTIONS) : [],
        data,
      });
      flow.seq = (flow.seq + data.length + (flags & SYN ? 1 : 0) + (flags & FIN ? 1 : 0)) >>> 0;
    } else if (protocol === 17) payload = udp(src, dst, sport, dport, this.data(), !dice.chance(8));
    else if (protocol === 1)
      payload = icmp(
        what === "answer" ? 0 : dice.chance(92) ? 8 : dice.pick([0, 13, 15, 17, 9, 10, 40]),
        0,
        (sport << 16) | 1,
        this.data(),
      );
    else payload = this.data();
    return this.frame(
      port,
      { src, dst, protocol, payload },
      `${what} ${protocol} ${src}:${sport} > ${dst}:${dport}`,
    );
  }

  goOn(): FuzzPacket | null {
    const { dice } = this;
    const flow = this.flows.at(-1 - dice.below(8));
    if (!flow) return null;
    return this.segment(flow, this.flagsOn(), "more");
  }

  flagsOn(): number {
    return this.dice.pick([ACK, ACK, ACK | PSH, ACK | PSH, FIN | ACK, RST, RST | ACK, SYN]);
  }

  /** Something that the router sent on, as its receiver sees it. */
  received(): { port: number; ip: Uint8Array; src: string; dst: string; header: number } | null {
    const { dice } = this;
    const frame = this.seen.at(-1 - dice.below(8));
    if (!frame) return null;
    const bytes = fromHex(frame.hex);
    if (bytes.length < 34 || bytes[12] !== 8 || bytes[13] !== 0) return null;
    const ip = bytes.slice(14);
    const view = new DataView(ip.buffer);
    return {
      port: frame.port,
      ip,
      src: formatIpv4(view.getUint32(12)),
      dst: formatIpv4(view.getUint32(16)),
      header: ((ip[0] as number) & 15) * 4,
    };
  }

  /** What whoever got a packet would say to it, or nearly. */
  answer(): FuzzPacket | null {
    const { dice } = this;
    const got = this.received();
    if (!got) return null;
    const view = new DataView(got.ip.buffer, got.header);
    const protocol = got.ip[9] as number;
    const flow: Flow = {
      port: got.port,
      src: got.dst,
      dst: got.src,
      protocol,
      sport: 0,
      dport: 0,
      seq: 5000,
      ack: 0,
    };
    if (protocol === 1) {
      if (view.byteLength < 8 || view.getUint8(0) !== 8) return null;
      flow.sport = view.getUint16(4);
    } else {
      if (view.byteLength < 8) return null;
      flow.sport = view.getUint16(2);
      flow.dport = view.getUint16(0);
    }
    let flags = 0;
    if (protocol === 6) {
      if (view.byteLength < 20) return null;
      const theirs = view.getUint8(13);
      const length = got.ip.length - got.header - (view.getUint8(12) >> 4) * 4;
      flow.seq = view.getUint32(8) || 7000 + this.id;
      flow.ack =
        (view.getUint32(4) +
          Math.max(length, 0) +
          (theirs & SYN ? 1 : 0) +
          (theirs & FIN ? 1 : 0)) >>>
        0;
      flags = theirs & SYN && !(theirs & ACK) ? SYN | ACK : this.flagsOn();
      if (theirs & SYN && dice.chance(10)) flags = RST | ACK;
      if (dice.chance(5)) flow.seq = (flow.seq + dice.pick([100000, -100000, 1])) >>> 0;
    }
    this.flows.push(flow);
    return this.segment(flow, flags, "answer");
  }

  /** An ICMP error about something that the router sent on. */
  error(): FuzzPacket | null {
    const { dice } = this;
    const got = this.received();
    if (!got) return null;
    const [type, code, rest] = dice.pick([
      [3, 0, 0],
      [3, 1, 0],
      [3, 3, 0],
      [3, 4, 1000],
      [3, 13, 0],
      [11, 0, 0],
      [11, 1, 0],
      [12, 0, 0x14000000],
      [4, 0, 0],
      [5, 1, 0x0a000003],
    ] as const);
    const quoted = got.ip.slice(
      0,
      dice.pick([got.header + 8, got.header + 8, 548, got.header + 20, got.header + 4]),
    );
    const src = dice.chance(60) ? got.dst : dice.pick(hostsOf(got.port));
    return this.frame(
      got.port,
      {
        src,
        dst: got.src,
        protocol: 1,
        payload: icmp(type, code, rest, quoted),
        tos: dice.pick([0, 0xc0]),
      },
      `error ${type}/${code}`,
    );
  }

  /** A datagram in pieces, in some order, some of them missing or twice. */
  pieces(): FuzzPacket {
    const { dice } = this;
    const { port, src, dst } = this.ends();
    const protocol = dice.pick([17, 17, 1, 6]);
    const data = Uint8Array.from({ length: dice.pick([60, 200, 1600]) }, (_, i) => i & 255);
    const dport = dice.pick(SERVICES);
    const payload =
      protocol === 17
        ? udp(src, dst, this.sport++, dport, data)
        : protocol === 1
          ? icmp(8, 0, (this.sport++ << 16) | 1, data)
          : tcp(src, dst, { sport: this.sport++, dport, seq: 1, ack: 0, flags: SYN, data });
    const cuts =
      data.length > 1000
        ? dice.pick([[70], [130], [50, 100]])
        : dice.pick([[3], [2, 5], [1], [2, 4, 6], [20]]);
    const fields: IpFields = {
      src,
      dst,
      protocol,
      payload,
      id: this.id++,
      ttl: dice.chance(90) ? 64 : 1,
    };
    const all = fragments(fields, cuts).map((packet, i) => ({
      port,
      hex: ethernet(routerMac(port), this.mac(port, src), packet),
      what: `fragment ${i} ${protocol} ${src} > ${dst}:${dport}`,
    }));
    const order = dice.weighted({ same: 6, back: 2, lost: 1, twice: 1 });
    const queue =
      order === "back"
        ? all.reverse()
        : order === "lost"
          ? all.slice(1)
          : order === "twice"
            ? [all[0] as FuzzPacket, ...all]
            : all;
    this.waiting.push(...queue.slice(1));
    return queue[0] as FuzzPacket;
  }

  /** What a host should not send, but somebody does. */
  odd(): FuzzPacket {
    const { dice } = this;
    const { port, src, dst } = this.ends();
    const kind = dice.weighted({ source: 4, group: 4, other: 1, bytes: 8, tail: 2, arp: 2 });
    if (kind === "arp") return this.arp(port, src);
    const plain = (from: string, to: string) =>
      udp(from, to, this.sport++, dice.pick(SERVICES), this.data());
    if (kind === "source") {
      const from = dice.pick([...ODD, ...OWN, ...ALL_HOSTS]);
      return this.frame(
        port,
        { src: from, dst, protocol: 17, payload: plain(from, dst) },
        `source ${from} > ${dst}`,
      );
    }
    const made = this.frame(
      port,
      { src, dst, protocol: 17, payload: plain(src, dst) },
      `odd ${kind} ${src} > ${dst}`,
    );
    if (kind === "tail") return { ...made, hex: made.hex + "00".repeat(dice.between(1, 30)) };
    if (kind === "bytes") return this.spoilt(made);
    const mac = kind === "other" ? "020000009999" : dice.pick(["ffffffffffff", "01005e000001"]);
    return { ...made, hex: mac + made.hex.slice(12) };
  }

  /** Somebody asks who has an address: the router's, its own, somebody's. */
  arp(port: number, src: string): FuzzPacket {
    const { dice } = this;
    const target = dice.pick([...OWN, ...OWN, src, dice.pick(ALL_HOSTS), `10.${port}.0.8`]);
    const sender = dice.chance(85) ? src : dice.pick(["0.0.0.0", ...OWN]);
    const mac = this.mac(port, src).replaceAll(":", "");
    const bytes = (text: string) => Uint8Array.from(text.split("."), Number);
    const packet = `0001080006040001${mac}${toHex(bytes(sender))}000000000000${toHex(bytes(target))}`;
    const to = dice.chance(80) ? "ffffffffffff" : routerMac(port).replaceAll(":", "");
    return { port, hex: `${to}${mac}0806${packet}`, what: `arp ${target} tell ${sender}` };
  }

  /** A frame with a few wrong bytes; its header's checksum mostly made right again. */
  spoilt(packet: FuzzPacket): FuzzPacket {
    const { dice } = this;
    const base = dice.chance(60) ? dice.pick(this.sent.length ? this.sent : [packet]) : packet;
    const bytes = fromHex(base.hex);
    for (let n = dice.between(1, 3); n > 0; n--)
      bytes[14 + dice.below(Math.min(bytes.length - 14, dice.pick([20, 40, 60])))] = dice.pick([
        0,
        1,
        255,
        dice.below(256),
      ]);
    const ip = bytes.slice(14);
    // DCCP, SCTP and UDP-Lite are not among what we know.
    if (UNKNOWN.includes(ip[9] as number)) ip[9] = 253;
    const header = ((ip[0] as number) & 15) * 4;
    if (dice.chance(75) && header >= 20 && header <= ip.length) {
      ip[10] = 0;
      ip[11] = 0;
      let sum = 0;
      for (let i = 0; i < header; i += 2) sum += ((ip[i] as number) << 8) | (ip[i + 1] as number);
      while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
      ip[10] = (~sum >> 8) & 255;
      ip[11] = ~sum & 255;
    }
    const cut = dice.chance(10) ? dice.below(ip.length) + 1 : ip.length;
    return {
      port: base.port,
      hex: base.hex.slice(0, 28) + Buffer.from(ip.subarray(0, cut)).toString("hex"),
      what: `spoilt: ${base.what}`,
    };
  }
}
