import { MSEC, SEC, type Timer } from "../../sim/sim.ts";
import { Ev } from "../../sim/trace.ts";
import { isLoopback, MAC_BROADCAST, sameMac } from "../../wire/address.ts";
import type { Bytes } from "../../wire/bytes.ts";
import { ETH_P_IP } from "../../wire/ethernet.ts";
import { ICMP_DEST_UNREACH, ICMP_HOST_UNREACH } from "../../wire/icmp.ts";
import type { NetDevice } from "../device/device.ts";
import { devQueueXmit } from "../device/transmit.ts";
import { icmpSend } from "../ipv4/icmp.ts";
import { drop } from "../kernel.ts";
import type { NetNs } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { arpSolicit } from "./arp.ts";
import { ProxyQueue } from "./proxy.ts";

/** linux: include/uapi/linux/neighbour.h, NUD_* */
export type NeighState =
  | "NONE"
  | "INCOMPLETE"
  | "REACHABLE"
  | "STALE"
  | "DELAY"
  | "PROBE"
  | "FAILED"
  | "NOARP"
  | "PERMANENT";

/** One neighbour (linux: struct neighbour). */
export class Neighbour {
  ip: number;
  dev: NetDevice;
  state: NeighState = "NONE";
  mac: Bytes = new Uint8Array(6);
  /** Times in ns: last confirmed, last used, last changed. */
  confirmed = 0;
  used = 0;
  updated = 0;
  probes = 0;
  queue: Skb[] = [];
  timer: Timer | null = null;
  proxy = false;
  /** `extern_learn`, `managed` … of ip neigh. */
  router = false;

  constructor(ip: number, dev: NetDevice) {
    this.ip = ip;
    this.dev = dev;
  }

  /** A link address is known (NUD_VALID). */
  get valid(): boolean {
    return this.state !== "NONE" && this.state !== "INCOMPLETE" && this.state !== "FAILED";
  }
}

/** What a queue of packets that wait for one neighbour holds (unres_qlen_bytes / truesize, roughly). */
const QUEUE_LENGTH = 101;

/** Link addresses of neighbours (linux: net/core/neighbour.c with net/ipv4/arp.c). */
export class NeighTable {
  ns: NetNs;
  entries = new Map<string, Neighbour>();
  /** Questions that are answered for others, and wait for that. */
  proxyQueue: ProxyQueue;
  /** `ip neigh add proxy`. */
  proxies: { ip: number; dev: NetDevice | null }[] = [];

  constructor(ns: NetNs) {
    this.ns = ns;
    this.proxyQueue = new ProxyQueue(ns);
  }

  key(ip: number, dev: NetDevice): string {
    return `${dev.ifindex}/${ip}`;
  }

  find(ip: number, dev: NetDevice): Neighbour | undefined {
    return this.entries.get(this.key(ip, dev));
  }

  create(ip: number, dev: NetDevice): Neighbour {
    const entry = new Neighbour(ip, dev);
    entry.updated = this.ns.sim.now;
    entry.used = this.ns.sim.now;
    // As if it was confirmed long ago (linux: ___neigh_create).
    entry.confirmed =
      entry.used - 2 * this.ns.sysctl.neigh(dev.name, "base_reachable_time_ms") * MSEC;
    // linux: net/ipv4/arp.c, arp_constructor
    const broadcast = this.ns.fib.addressType(ip) === "broadcast";
    if (dev.noArp || isLoopback(ip) || broadcast) {
      entry.state = "NOARP";
      entry.mac = dev.noArp || !broadcast ? dev.mac : MAC_BROADCAST;
    }
    this.entries.set(this.key(ip, dev), entry);
    return entry;
  }

  remove(entry: Neighbour): void {
    entry.timer?.cancel();
    this.entries.delete(this.key(entry.ip, entry.dev));
    this.ns.rtnl.neigh(entry, true);
    for (const skb of entry.queue) drop(this.ns, skb, "NEIGH_DEAD");
    entry.queue = [];
  }

  /** The device went down or away: its neighbours go (linux: neigh_ifdown). */
  forgetDevice(dev: NetDevice, keepPermanent: boolean): void {
    for (const entry of [...this.entries.values()])
      if (entry.dev === dev && !(keepPermanent && entry.state === "PERMANENT")) this.remove(entry);
  }

  /** Send `skb` to the neighbour with this address, resolving it first (linux: neigh_output). */
  output(skb: Skb, dev: NetDevice, ip: number): void {
    const entry = this.find(ip, dev) ?? this.create(ip, dev);
    entry.used = this.ns.sim.now;
    if (entry.state === "STALE") this.enter(entry, "DELAY");
    if (entry.valid) return devQueueXmit(this.ns, skb, dev, entry.mac, ETH_P_IP);
    const trace = this.ns.trace;
    if (entry.queue.length >= QUEUE_LENGTH)
      drop(this.ns, entry.queue.shift() as Skb, "NEIGH_QUEUEFULL");
    entry.queue.push(skb);
    trace.emitBytes(
      Ev.NEIGH,
      this.ns.id,
      skb.id,
      skb.data,
      skb.network,
      skb.tail,
      dev.ifindex,
      ip,
      1,
    );
    this.probe(entry, skb);
  }

  /** Ask for its link address, unless that is on its way (linux: neigh_event_send). */
  probe(entry: Neighbour, about: Skb | null): void {
    if (entry.state === "INCOMPLETE") return;
    entry.probes = 0;
    this.enter(entry, "INCOMPLETE");
    this.solicit(entry, about);
  }

  enter(entry: Neighbour, state: NeighState): void {
    const sim = this.ns.sim;
    const changed = entry.state !== state;
    entry.state = state;
    if (changed && state !== "INCOMPLETE" && state !== "DELAY") this.ns.rtnl.neigh(entry);
    entry.updated = sim.now;
    entry.timer?.cancel();
    entry.timer = null;
    const sysctl = this.ns.sysctl;
    if (state === "REACHABLE") {
      entry.confirmed = sim.now;
      // Between half and one and a half of the base (RFC 4861 §6.3.2).
      const base = sysctl.neigh(entry.dev.name, "base_reachable_time_ms") * MSEC;
      const time = base / 2 + sim.rng("neigh").below(1000) * (base / 1000);
      entry.timer = sim.after(time, this, "reachable", entry);
    } else if (state === "DELAY") {
      entry.probes = 0;
      entry.timer = sim.after(
        sysctl.neigh(entry.dev.name, "delay_first_probe_time") * SEC,
        this,
        "delay",
        entry,
      );
    } else if (state === "PROBE" || state === "INCOMPLETE") {
      entry.timer = sim.after(
        sysctl.neigh(entry.dev.name, "retrans_time_ms") * MSEC,
        this,
        "retrans",
        entry,
      );
    }
  }

  solicit(entry: Neighbour, about: Skb | null): void {
    entry.probes++;
    this.ns.trace.emit(Ev.NEIGH, this.ns.id, about?.id ?? 0, entry.dev.ifindex, entry.ip, 2);
    arpSolicit(this.ns, entry, about);
  }

  /** linux: net/core/neighbour.c, neigh_timer_handler */
  wake(reason: string, arg: unknown): void {
    const entry = arg as Neighbour;
    if (reason === "reachable") {
      // Confirmed again meanwhile (by TCP's progress, say)? Then it stays.
      if (entry.state === "REACHABLE") this.enter(entry, "STALE");
      return;
    }
    if (reason === "delay") {
      if (entry.confirmed > entry.updated) return this.enter(entry, "REACHABLE");
      this.enter(entry, "PROBE");
      return this.solicit(entry, null);
    }
    const limit = this.ns.sysctl.neigh(
      entry.dev.name,
      entry.state === "PROBE" ? "ucast_solicit" : "mcast_solicit",
    );
    if (entry.probes < limit) {
      this.enter(entry, entry.state);
      return this.solicit(entry, entry.queue[0] ?? null);
    }
    this.fail(entry);
  }

  /** Nobody answered: every waiting packet's sender is told (linux: arp_error_report, ipv4_link_failure). */
  fail(entry: Neighbour): void {
    this.enter(entry, "FAILED");
    const waiting = entry.queue;
    entry.queue = [];
    for (const skb of waiting) {
      this.ns.trace.emit(Ev.NEIGH, this.ns.id, skb.id, entry.dev.ifindex, entry.ip, 4);
      icmpSend(this.ns, skb, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0);
      drop(this.ns, skb, "NEIGH_FAILED");
    }
  }

  /** We learned (or heard again) the link address of a neighbour (linux: neigh_update). */
  update(entry: Neighbour, mac: Bytes, state: NeighState, override: boolean): void {
    if (entry.state === "PERMANENT" || entry.state === "NOARP") return;
    const same = entry.valid && sameMac(mac, 0, entry.mac);
    if (entry.valid && !same && !override) return;
    if (
      same &&
      state === "STALE" &&
      (entry.state === "REACHABLE" || entry.state === "DELAY" || entry.state === "PROBE")
    )
      return;
    entry.mac = mac;
    if (entry.state === state && !same) this.ns.rtnl.neigh(entry);
    this.enter(entry, state);
    const waiting = entry.queue;
    entry.queue = [];
    for (const skb of waiting) {
      this.ns.trace.emit(Ev.NEIGH, this.ns.id, skb.id, entry.dev.ifindex, entry.ip, 0);
      skb.head = skb.network;
      devQueueXmit(this.ns, skb, entry.dev, entry.mac, ETH_P_IP);
    }
  }

  /** The other side made progress: it is there (linux: neigh_confirm). */
  confirm(ip: number, dev: NetDevice): void {
    const entry = this.find(ip, dev);
    if (entry) entry.confirmed = this.ns.sim.now;
  }
}
