import { SEC } from "../../sim/sim.ts";
import { Ev } from "../../sim/trace.ts";
import { ICMP_HLEN, ICMP_TYPES, Icmp } from "../../wire/icmp.ts";
import {
  IPPROTO_GRE,
  IPPROTO_ICMP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV4_HLEN,
  Ipv4,
} from "../../wire/ipv4.ts";
import { Tcp } from "../../wire/tcp.ts";
import { Udp } from "../../wire/udp.ts";
import { checksumRight } from "../netfilter/checksum.ts";
import type { Hook, Verdict } from "../netfilter/extension.ts";
import { type HookEntry, PRIORITY } from "../netfilter/hook.ts";
import type { NetNs } from "../netns.ts";
import {
  IP_CT_ESTABLISHED,
  IP_CT_ESTABLISHED_REPLY,
  IP_CT_IS_REPLY,
  IP_CT_NEW,
  IP_CT_RELATED,
  IP_CT_RELATED_REPLY,
  IP_CT_UNTRACKED,
  type Skb,
} from "../skb.ts";
import { Conntrack, IPS_ASSURED, IPS_DYING, IPS_EXPECTED, IPS_SEEN_REPLY } from "./entry.ts";
import { type CtPacketVerdict, tcpPacket } from "./tcp.ts";
import { ctSetting } from "./timeouts.ts";
import { invertTuple, tupleOf } from "./tuple.ts";
import { zoneOf } from "./zone.ts";

/** ICMP queries that may begin an entry (linux: nf_conntrack_proto_icmp.c, valid_new). */
const ICMP_NEW = new Set([8, 13, 15, 17]);

/** linux: nf_conntrack_proto.c, ipv4_conntrack_ops */
class ConntrackIn implements HookEntry {
  priority = PRIORITY.CONNTRACK;
  name = "conntrack";
  run(ns: NetNs, skb: Skb, hook: Hook): Verdict {
    return conntrackIn(ns, skb, hook);
  }
}

class ConntrackConfirm implements HookEntry {
  priority = PRIORITY.CONNTRACK_CONFIRM;
  name = "conntrack confirm";
  run(ns: NetNs, skb: Skb): Verdict {
    return confirm(ns, skb);
  }
}

/** Fragments are put together before they can be tracked (linux: nf_defrag_ipv4.c). */
class Defrag implements HookEntry {
  priority = PRIORITY.DEFRAG;
  name = "defrag";
  run(ns: NetNs, skb: Skb, hook: Hook): Verdict {
    // What was seen before, through loopback, comes as it is.
    if (!skb.ip.isFragment || skb.ct || skb.ctinfo === IP_CT_UNTRACKED) return "ACCEPT";
    // A bridge would have to cut it again.
    if (skb.bridged) return "ACCEPT";
    const whole = ns.fragments.add(skb, hook === "OUTPUT" ? "CONNTRACK_OUT" : "CONNTRACK_IN");
    if (whole === null) return "STOLEN";
    // The same packet goes on, now with all of its bytes.
    skb.data = whole.data;
    skb.head = whole.head;
    skb.tail = whole.tail;
    skb.network = whole.network;
    skb.transport = whole.transport;
    skb.mac = whole.mac;
    skb.fragMaxSize = whole.fragMaxSize;
    skb.pieces = whole.pieces;
    skb.fragDf = whole.fragDf;
    skb.ignoreDf = true;
    skb.pktType = whole.pktType;
    skb.mark = whole.mark;
    return "ACCEPT";
  }
}

/** A rule that needs tracking came: the first switches it on (linux: nf_ct_netns_get). */
export function conntrackEnable(ns: NetNs): void {
  if (ns.conntrack.users++ > 0) return;
  defragEnable(ns);
  const entries = new ConntrackIn();
  const last = new ConntrackConfirm();
  for (const hook of ["PREROUTING", "OUTPUT"] as const) ns.netfilter.register(hook, entries);
  for (const hook of ["INPUT", "POSTROUTING"] as const) ns.netfilter.register(hook, last);
}

/** The last such rule went: packets are not tracked any more; entries run out (linux: nf_ct_netns_put). */
export function conntrackDisable(ns: NetNs): void {
  if (ns.conntrack.users === 0 || --ns.conntrack.users > 0) return;
  for (const entries of Object.values(ns.netfilter.hooks))
    for (const entry of [...entries])
      if (entry instanceof ConntrackIn || entry instanceof ConntrackConfirm)
        entries.splice(entries.indexOf(entry), 1);
  defragDisable(ns);
}

/** Somebody needs whole packets: tracking, or who looks for their sockets (linux: nf_defrag_ipv4_enable). */
export function defragEnable(ns: NetNs): void {
  if (ns.conntrack.defragUsers++ > 0) return;
  const defrag = new Defrag();
  for (const hook of ["PREROUTING", "OUTPUT"] as const) ns.netfilter.register(hook, defrag);
}

/** linux: nf_defrag_ipv4_disable */
export function defragDisable(ns: NetNs): void {
  if (ns.conntrack.defragUsers === 0 || --ns.conntrack.defragUsers > 0) return;
  for (const entries of Object.values(ns.netfilter.hooks))
    for (const entry of [...entries])
      if (entry instanceof Defrag) entries.splice(entries.indexOf(entry), 1);
}

/** The only writer of a connection's mark. */
export function connmarkSet(ns: NetNs, skb: Skb, mark: number): void {
  const ct = skb.ct;
  const now = mark >>> 0;
  if (skb.template) skb.template.mark = now;
  if (ct === null || ct.mark === now) return;
  ns.trace.emit(Ev.CTMARK, ns.id, skb.id, ct.mark, now, ct.id);
  ct.mark = now;
}

/** linux: nf_conntrack_core.c, nf_conntrack_in. An untrackable packet goes on without an entry: INVALID. */
function conntrackIn(ns: NetNs, skb: Skb, hook: Hook): Verdict {
  // Seen already (through loopback), or told not to look.
  if (skb.ct !== null || skb.ctinfo === IP_CT_UNTRACKED) return "ACCEPT";
  const { ip, template } = skb;
  if (template) {
    skb.template = null;
    skb.ctinfo = 0;
  }
  const zone = template ? zoneOf(template.zone, skb.mark) : 0;
  if (ip.protocol === IPPROTO_ICMP) {
    if (!Icmp.check(skb.data, ip.payload, ip.end) || !checked(ns, skb, hook)) return "ACCEPT";
    const { type } = new Icmp(skb.data, ip.payload);
    if (Icmp.isError(type)) relatedIcmp(ns, skb, zone);
    if (Icmp.isError(type) || type > ICMP_TYPES) return "ACCEPT";
  }
  for (let attempt = 0; attempt < 2; attempt++) {
    if (!resolve(ns, skb, zone)) return "ACCEPT";
    const ct = skb.ct as Conntrack | null;
    if (ct === null) return "ACCEPT";
    const verdict = track(ns, ct, skb, hook);
    if (verdict === "REPEAT") {
      skb.ct = null;
      skb.ctinfo = 0;
      continue;
    }
    if (verdict === "INVALID") {
      ns.conntrack.count("invalid");
      skb.ct = null;
      skb.ctinfo = 0;
      return "ACCEPT";
    }
    if (skb.ctinfo === IP_CT_ESTABLISHED_REPLY && !(ct.status & IPS_SEEN_REPLY)) {
      ct.status |= IPS_SEEN_REPLY;
      ns.conntrack.changed = true;
    }
    if (ns.conntrack.changed && ct.confirmed) ns.conntrack.tell("UPDATE", ct);
    ns.conntrack.changed = false;
    if (verdict !== "IGNORED") {
      const dir = skb.ctinfo >= IP_CT_IS_REPLY ? 1 : 0;
      ct.packets[dir]++;
      ct.bytes[dir] += ip.totalLength;
    }
    ns.trace.emit(Ev.CT, ns.id, skb.id, ct.id, skb.ctinfo, ct.confirmed ? 0 : 1, ct.mark);
    return "ACCEPT";
  }
  return "ACCEPT";
}

/** Find or make the entry (linux: resolve_normal_ct, init_conntrack). False: not trackable. */
function resolve(ns: NetNs, skb: Skb, zone: number): boolean {
  const tuple = tupleOf(skb.data, skb.network, skb.ip.end);
  if (tuple === null) return false;
  const found = ns.conntrack.find(tuple, zone);
  if (found) {
    const ct = found.ct;
    skb.ct = ct;
    if (found.dir === 1) skb.ctinfo = IP_CT_ESTABLISHED_REPLY;
    else if (ct.status & IPS_SEEN_REPLY) skb.ctinfo = IP_CT_ESTABLISHED;
    else skb.ctinfo = ct.status & IPS_EXPECTED ? IP_CT_RELATED : IP_CT_NEW;
    return true;
  }
  const reply = invertTuple(tuple);
  if (reply === null) return false;
  if (ns.conntrack.entries.size >= ctSetting(ns, "max")) {
    ns.kernel.printk("nf_conntrack: nf_conntrack: table full, dropping packet");
    return false;
  }
  const ct = new Conntrack(ns.kernel.ids.conntrack++, tuple, reply, ns.sim.now);
  ct.zone = zone;
  ct.announced = ns.conntrack.listeners.length > 0;
  skb.ct = ct;
  skb.ctinfo = IP_CT_NEW;
  return true;
}

/** The protocol's view (linux: nf_conntrack_handle_packet). */
function track(ns: NetNs, ct: Conntrack, skb: Skb, hook: Hook): CtPacketVerdict {
  const ip = skb.ip;
  const protocol = ct.tuples[0].protocol;
  if (protocol === IPPROTO_TCP) {
    if (!Tcp.check(skb.data, ip.payload, ip.end) || !checked(ns, skb, hook)) return "INVALID";
    return tcpPacket(ns, ct, skb, skb.ctinfo);
  }
  if (protocol === IPPROTO_UDP) {
    if (!Udp.check(skb.data, ip.payload, ip.end)) return "INVALID";
    if (new Udp(skb.data, ip.payload).checksum && !checked(ns, skb, hook)) return "INVALID";
    if (ct.status & IPS_SEEN_REPLY) {
      // A conversation, not a question and its answer: it lasts longer than two seconds.
      const stream = ns.sim.now - ct.started > 2 * SEC;
      ns.conntrack.refresh(ct, ctSetting(ns, stream ? "udp_timeout_stream" : "udp_timeout"));
      if (stream) ct.status |= IPS_ASSURED;
    } else ns.conntrack.refresh(ct, ctSetting(ns, "udp_timeout"));
    return "ACCEPT";
  }
  if (protocol === IPPROTO_ICMP) {
    if (!ct.confirmed && skb.ctinfo === IP_CT_NEW && !ICMP_NEW.has(ct.tuples[0].dstPort >> 8))
      return "INVALID";
    ns.conntrack.refresh(ct, ctSetting(ns, "icmp_timeout"));
    return "ACCEPT";
  }
  if (protocol === IPPROTO_GRE) {
    const both = ct.status & IPS_SEEN_REPLY;
    ns.conntrack.refresh(ct, ctSetting(ns, both ? "gre_timeout_stream" : "gre_timeout"));
    if (both) ct.status |= IPS_ASSURED;
    return "ACCEPT";
  }
  ns.conntrack.refresh(ct, ctSetting(ns, "generic_timeout"));
  return "ACCEPT";
}

/** What comes in with a wrong checksum belongs to no connection (nf_conntrack_checksum). */
function checked(ns: NetNs, skb: Skb, hook: Hook): boolean {
  if (hook !== "PREROUTING" || !ctSetting(ns, "checksum")) return true;
  return checksumRight(skb, hook, skb.ip.protocol);
}

/** An ICMP error belongs to the connection that it quotes (linux: nf_conntrack_inet_error). */
function relatedIcmp(ns: NetNs, skb: Skb, zone: number): void {
  const inner = skb.ip.payload + ICMP_HLEN;
  const end = skb.ip.end;
  if (end - inner < IPV4_HLEN || !innerHeader(skb, inner)) return;
  const tuple = tupleOf(skb.data, inner, end);
  if (!tuple) return;
  const answer = invertTuple(tuple);
  if (!answer) return;
  const found = ns.conntrack.find(answer, zone);
  if (!found) return;
  // Somebody else's quote (RFC 5508; linux: nf_conntrack_inet_error).
  if (found.ct.tuples[found.dir].dst !== skb.ip.dst) return;
  // Quoted in the original direction: the error goes the reply's way.
  skb.ct = found.ct;
  skb.ctinfo = found.dir === 1 ? IP_CT_RELATED_REPLY : IP_CT_RELATED;
  ns.trace.emit(Ev.CT, ns.id, skb.id, found.ct.id, skb.ctinfo, 0, found.ct.mark);
}

function innerHeader(skb: Skb, at: number): boolean {
  const ip = new Ipv4(skb.data, at);
  return ip.headerLength >= 20 && (skb.data[at] as number) >> 4 === 4;
}

/**
 * The packet made it through: its connection exists from now on (linux: __nf_conntrack_confirm).
 * Somebody else was first with the same tuple: this packet is dropped.
 */
function confirm(ns: NetNs, skb: Skb): Verdict {
  const ct = skb.ct;
  if (ct === null || ct.confirmed) return "ACCEPT";
  if (skb.ctinfo >= IP_CT_IS_REPLY && skb.ctinfo !== IP_CT_UNTRACKED) return "ACCEPT";
  if (ct.status & IPS_DYING) return "ACCEPT";
  if (([0, 1] as const).some((dir) => ns.conntrack.inDirection(ct.tuples[dir], ct.zone, dir))) {
    ns.conntrack.count("insert_failed");
    ns.conntrack.count("drop");
    return "DROP";
  }
  ns.conntrack.insert(ct);
  return "ACCEPT";
}
