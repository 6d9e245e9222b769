import type { Dictionary } from "../base/words.ts";
import { DROP_REASONS } from "../net/drop.ts";
import { Sock } from "../net/socket/sock.ts";
import type { TcpSock } from "../net/tcp/sock.ts";
import { CAUSES, Ev, type Trace, type TraceEvent } from "../sim/trace.ts";
import { formatIpv4 } from "../wire/address.ts";
import { ARP_REQUEST, Arp } from "../wire/arp.ts";
import { ETH_P_ARP, ETH_P_IP, Ethernet } from "../wire/ethernet.ts";
import { Icmp } from "../wire/icmp.ts";
import { IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP, Ipv4 } from "../wire/ipv4.ts";
import { Tcp, TH_ACK, TH_FIN, TH_PUSH, TH_RST, TH_SYN } from "../wire/tcp.ts";
import { Udp } from "../wire/udp.ts";
import { payloadWhat } from "./payload.ts";
import type { Journey, PacketHead, PacketSummary } from "./story.ts";

const NOBODY: PacketHead = { protocol: "", src: "", dst: "", srcPort: 0, dstPort: 0 };

/** What the packet in a frame is: the first look of a story. */
export function describeFrame(frame: Uint8Array): { head: PacketHead; what: string } {
  if (!Ethernet.check(frame, 0, frame.length)) return { head: NOBODY, what: "" };
  const eth = new Ethernet(frame, 0);
  if (eth.type === ETH_P_ARP && Arp.check(frame, 14, frame.length)) {
    const arp = new Arp(frame, 14);
    const head = {
      ...NOBODY,
      protocol: "ARP",
      src: formatIpv4(arp.senderIp),
      dst: formatIpv4(arp.targetIp),
    };
    const what =
      arp.operation === ARP_REQUEST ? `who has ${head.dst}` : `${head.src} is at ${eth.src}`;
    return { head, what };
  }
  return eth.type === ETH_P_IP ? describePacket(frame, 14) : { head: NOBODY, what: "" };
}

/** The same for a packet whose IPv4 header is at `at`. */
function describePacket(frame: Uint8Array, at: number): { head: PacketHead; what: string } {
  if (!Ipv4.check(frame, at, frame.length)) return { head: NOBODY, what: "" };
  const ip = new Ipv4(frame, at);
  const head: PacketHead = {
    protocol: `IP ${ip.protocol}`,
    src: formatIpv4(ip.src),
    dst: formatIpv4(ip.dst),
    srcPort: 0,
    dstPort: 0,
  };
  if (ip.fragmentOffset) return { head, what: `fragment at ${ip.fragmentOffset}` };
  if (ip.protocol === IPPROTO_TCP && Tcp.check(frame, ip.payload, ip.end)) {
    const tcp = new Tcp(frame, ip.payload);
    head.protocol = "TCP";
    head.srcPort = tcp.srcPort;
    head.dstPort = tcp.dstPort;
    const said = payloadWhat(frame, tcp.payload, Math.min(ip.end, frame.length));
    return { head, what: `${tcpWhat(tcp, ip.end - tcp.payload)}${said ? ` ${said}` : ""}` };
  }
  if (ip.protocol === IPPROTO_UDP && Udp.check(frame, ip.payload, ip.end)) {
    const udp = new Udp(frame, ip.payload);
    head.protocol = "UDP";
    head.srcPort = udp.srcPort;
    head.dstPort = udp.dstPort;
    return { head, what: `${udp.length - 8} bytes` };
  }
  if (ip.protocol === IPPROTO_ICMP && Icmp.check(frame, ip.payload, ip.end)) {
    const icmp = new Icmp(frame, ip.payload);
    head.protocol = "ICMP";
    if (icmp.type === 8 || icmp.type === 0) {
      head.srcPort = icmp.id;
      head.dstPort = icmp.id;
      return { head, what: `echo ${icmp.type === 8 ? "request" : "reply"} ${icmp.seq}` };
    }
    return { head, what: `type ${icmp.type} code ${icmp.code}` };
  }
  return { head, what: "" };
}

function tcpWhat(tcp: Tcp, length: number): string {
  const names: string[] = [];
  if (tcp.flags & TH_SYN) names.push("SYN");
  if (tcp.flags & TH_FIN) names.push("FIN");
  if (tcp.flags & TH_RST) names.push("RST");
  if (tcp.flags & TH_PUSH) names.push("PSH");
  if (tcp.flags & TH_ACK) names.push("ACK");
  return `${names.join(",")}${length ? ` ${length} bytes` : ""}`;
}

/** Which packets belong together: sets that are merged when something ties them. */
class Groups {
  parent = new Map<string, string>();
  /** What belongs to a set from now on goes to its successor; what was in it stays. */
  successor = new Map<string, string>();
  /** The stream that the packets of a tunnel carry, by its set. */
  stream = new Map<string, number>();

  /** The way there is made shorter for the next who asks. */
  root(key: string): string {
    let at = key;
    let up = this.parent.get(at);
    while (up !== undefined && up !== at) {
      const above = this.parent.get(up);
      if (above === undefined || above === up) return up;
      this.parent.set(at, above);
      at = above;
      up = this.parent.get(at);
    }
    return at;
  }

  /** The set to which `key` adds now. */
  live(key: string): string {
    let at = this.root(key);
    for (let next = this.successor.get(at); next; next = this.successor.get(at))
      at = this.root(next);
    return at;
  }

  tie(a: string, b: string): void {
    const ra = this.live(a);
    const rb = this.live(b);
    if (ra === rb) return;
    this.parent.set(rb, ra);
    const stream = this.stream.get(rb);
    if (stream !== undefined && !this.stream.has(ra)) this.stream.set(ra, stream);
  }

  /**
   * From now on `key` carries another stream: a tunnel that many share is one journey for each. Both
   * of its ends say so; streams are numbered upwards (RFC 9113 §5.1.1).
   */
  carries(key: string, stream: number): void {
    const set = this.live(key);
    const before = this.stream.get(set);
    if (before === undefined) this.stream.set(set, stream);
    else if (stream > before) {
      const next = `${key} stream ${stream}`;
      this.successor.set(set, next);
      this.stream.set(next, stream);
    }
  }
}

/** A packet as far as it has been followed; its events become words when somebody looks. */
interface Draft extends PacketSummary {
  group: string;
  /** Tunnels that it is inside of now: the outer connection is not its own. */
  depth: number;
  /** Whom the socket that sent it talks to, "" for nobody: NAT may have changed it before any device saw it. */
  wanted: string;
  /** Numbers of its events. */
  events: number[];
}

/** Packets kept: older ones go, as their events do. */
const KEEP = 20_000;

/**
 * Reads the trace as it grows and knows of each packet what became of it; tell.ts tells its story. It has
 * no effect on the machines: it may be made anew at any time from what the trace still holds.
 */
export class JourneyReader {
  trace: Trace;
  /** In which stories are told, where that is not English. */
  dictionary: Dictionary;
  /** The next event to read. */
  next: number;
  stories = new Map<number, Draft>();
  groups = new Groups();

  constructor(trace: Trace, from = trace.first, dictionary: Dictionary = {}) {
    this.trace = trace;
    this.dictionary = dictionary;
    this.next = from;
  }

  /** Read what is new. Answers the packets about which there is something new. */
  read(): Set<number> {
    const touched = new Set<number>();
    this.next = Math.max(this.next, this.trace.first);
    for (; this.next < this.trace.next; this.next++) {
      const e = this.trace.event(this.next);
      if (!e) continue;
      if (e.kind === Ev.JOIN) {
        this.join(e.args[0] ?? 0, e.args[1] ?? 0, e.args[2] ?? 0);
        continue;
      }
      if (e.skb === 0) continue;
      this.event(e);
      touched.add(e.skb);
    }
    for (const [key, story] of this.stories) {
      if (story.last >= this.trace.first && this.stories.size <= KEEP) break;
      this.stories.delete(key);
    }
    return touched;
  }

  /** Which of the two is the tunnel is not said: a stream that is not new to it changes nothing. */
  join(a: number, b: number, stream: number): void {
    const [down, up] = [`socket ${a}`, `socket ${b}`];
    if (stream)
      for (const key of [down, up])
        if (this.groups.stream.has(this.groups.live(key))) this.groups.carries(key, stream);
    this.groups.tie(down, up);
    if (stream) this.groups.carries(down, stream);
  }

  draft(e: TraceEvent): Draft {
    const known = this.stories.get(e.skb);
    if (known) return known;
    const made: Draft = {
      skb: e.skb,
      parent: 0,
      cause: "",
      at: e.at,
      head: NOBODY,
      what: "",
      socket: 0,
      end: "",
      reason: "",
      first: e.n,
      last: e.n,
      group: `packet ${e.skb}`,
      depth: 0,
      wanted: "",
      events: [],
    };
    this.stories.set(e.skb, made);
    return made;
  }

  event(e: TraceEvent): void {
    const story = this.draft(e);
    story.last = e.n;
    if (e.kind === Ev.SCRUB || e.kind === Ev.VERDICT) return;
    story.events.push(e.n);
    const a = e.args[0] ?? 0;
    switch (e.kind) {
      case Ev.SKB:
        story.parent = a;
        story.cause = CAUSES[e.args[1] ?? 0] ?? "";
        story.socket = e.args[2] ?? 0;
        if (story.socket) this.tieSocket(story, story.socket);
        story.wanted = this.peer(story.socket);
        break;
      case Ev.TX:
      case Ev.NEIGH:
        if (story.head === NOBODY) this.look(story, e);
        break;
      case Ev.CT:
        if (story.depth === 0) this.groups.tie(story.group, `ct ${a}`);
        break;
      case Ev.ENCAP:
        story.depth++;
        break;
      case Ev.DECAP:
        story.depth--;
        break;
      case Ev.SOCK:
        // Socket 0 is the kernel itself: what it takes has nothing in common.
        if (story.depth === 0 && a !== 0) this.tieSocket(story, a);
        story.end = "delivered";
        break;
      case Ev.DROP:
        if (story.head === NOBODY) this.look(story, e);
        // It has died before it had an IP header: only who sent it knows where it was going.
        if (story.head === NOBODY && story.socket) story.head = this.headOf(story.socket);
        story.end = "dropped";
        story.reason = DROP_REASONS[a] ?? "NOT_SPECIFIED";
        break;
      default:
    }
  }

  /** The first frame says what the packet is; what it belongs to follows from its addresses. */
  look(story: Draft, e: TraceEvent): void {
    const bytes = this.trace.bytesOf(e.n);
    if (!bytes) return;
    const { head, what } = e.kind === Ev.TX ? describeFrame(bytes) : describePacket(bytes, 0);
    story.head = head;
    story.what = what;
    const a = `${head.src}:${head.srcPort}`;
    const b = `${head.dst}:${head.dstPort}`;
    const pair = a < b ? `${a} ${b}` : `${b} ${a}`;
    if (head.protocol && head.protocol !== "ARP")
      this.groups.tie(story.group, `${head.protocol} ${pair}`);
  }

  tieSocket(story: Draft, id: number): void {
    const sock = this.trace.catalogue.sockets.get(id);
    // What a listener gets and sends has its port in common, and nothing else.
    if (sock instanceof Sock && sock.protocol === IPPROTO_TCP) {
      const { backlog, state } = sock as TcpSock;
      if (backlog > 0 || state === "LISTEN") return;
    }
    this.groups.tie(story.group, `socket ${id}`);
  }

  /** The other end of a connected socket. */
  peer(id: number): string {
    const sock = this.trace.catalogue.sockets.get(id);
    return sock instanceof Sock && sock.dst ? `${formatIpv4(sock.dst)}:${sock.dstPort}` : "";
  }

  headOf(id: number): PacketHead {
    const sock = this.trace.catalogue.sockets.get(id);
    if (!(sock instanceof Sock) || sock.protocol !== IPPROTO_TCP) return NOBODY;
    const { src, srcPort, dst, dstPort } = sock;
    return { protocol: "TCP", src: formatIpv4(src), srcPort, dst: formatIpv4(dst), dstPort };
  }

  /** Journeys, newest first: each a connection or a lone packet. */
  journeys(limit = 200): Journey[] {
    const found = new Map<string, Journey>();
    for (const story of this.stories.values()) {
      if (story.head === NOBODY) continue;
      const root = this.groups.root(story.group);
      let journey = found.get(root);
      if (!journey) {
        const { head } = story;
        const port = (n: number): string => (n && head.protocol !== "ICMP" ? `:${n}` : "");
        journey = {
          id: story.skb,
          at: story.at,
          title:
            head.protocol === "ARP"
              ? story.what
              : `${head.src}${port(head.srcPort)} → ${story.wanted || `${head.dst}${port(head.dstPort)}`}`,
          protocol: head.protocol,
          packets: [],
          dropped: "",
        };
        found.set(root, journey);
      }
      journey.packets.push(story.skb);
      // Nothing is amiss with what only a listener saw.
      const overheard = story.cause === "clone" && story.reason === "OTHERHOST";
      // Nor with a question to everybody, whoever asks it.
      const asked =
        story.cause === "arp" || (story.cause === "socket" && story.head.protocol === "ARP");
      if (story.end === "dropped" && !asked && !overheard) journey.dropped ||= story.reason;
    }
    return [...found.values()].sort((x, y) => y.at - x.at || y.id - x.id).slice(0, limit);
  }
}
