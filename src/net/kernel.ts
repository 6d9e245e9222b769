import type { Sim } from "../sim/sim.ts";
import { CAUSES, type Cause, Ev } from "../sim/trace.ts";
import { WaitQueue } from "../sim/wait.ts";
import { ETH_P_IP } from "../wire/ethernet.ts";
import { type DropReason, dropCode } from "./drop.ts";
import { NetNs } from "./netns.ts";
import { HEADROOM, Skb } from "./skb.ts";
import type { Sock } from "./socket/sock.ts";

/** Numbers that must be unique in the whole world, because the trace uses them. */
export class Ids {
  netns = 1;
  skb = 1;
  sock = 1;
  conntrack = 1;
  table = 1;
  route = 1;
  rule = 1;
}

/** linux: include/linux/kern_levels.h */
const KERN_WARNING = 4;
export const KERN_INFO = 6;

/** A line of the kernel's log: time in ns, level, text. */
export interface KernelMessage {
  at: number;
  level: number;
  text: string;
}

/** Packets' bytes are cut from pages of this size: a buffer of its own for each is slow to make. */
const PAGE = 1 << 16;

/** One machine's kernel: its namespaces, its log, its clock. */
export class Kernel {
  sim: Sim;
  ids: Ids;
  /** The node's name. */
  name: string;
  namespaces: NetNs[] = [];
  /** `ip netns`: /run/netns/NAME. */
  named = new Map<string, NetNs>();
  init: NetNs;
  /** What `dmesg` shows, and how many lines there have ever been. */
  log: KernelMessage[] = [];
  logged = 0;
  /** Woken by each line: `dmesg -w` waits here. */
  logging = new WaitQueue();
  /** How many CPUs it has: the number of queues of a veth. */
  cpus = 2;
  /** The next handle that `tc qdisc add` gets when it names none (linux: qdisc_alloc_handle). */
  nextQdisc = 0x8001;
  /**
   * New namespaces take the first one's settings. Not so where the first one stands for a namespace that
   * somebody made on a machine of others, to try things out in.
   */
  inherits = false;
  /** As `uname -r` says. */
  release = "6.1.0-28-cloud-amd64";

  constructor(sim: Sim, ids: Ids, name: string) {
    this.sim = sim;
    this.ids = ids;
    this.name = name;
    this.init = this.createNetns(name);
  }

  /** A new network namespace with its own loopback, down (linux: net/core/net_namespace.c, copy_net_ns). */
  createNetns(label: string): NetNs {
    const ns = new NetNs(this, this.ids.netns++, label);
    this.namespaces.push(ns);
    this.sim.trace.catalogue.netns.set(ns.id, { name: label, machine: this.name });
    return ns;
  }

  /** The last name of a namespace is gone: its devices go home or away (linux: cleanup_net). */
  releaseNetns(ns: NetNs): void {
    for (const dev of [...ns.devices.values()]) if (dev !== ns.loopback) ns.deleteDevice(dev);
    this.namespaces = this.namespaces.filter((other) => other !== ns);
    for (const other of this.namespaces) other.nsids = other.nsids.filter((known) => known !== ns);
  }

  /** A locally administered unicast address (linux: eth_hw_addr_random). */
  randomMac(): Uint8Array {
    const mac = this.sim.rng("mac").bytes(6);
    mac[0] = ((mac[0] as number) & 0xfe) | 2;
    return mac;
  }

  /** An ICMP message is being sent: what goes wrong with it is told to nobody (icmp_xmit_lock). */
  icmpBusy = false;
  /** A copy of a packet is being sent: what comes of that is not copied (nf_skb_duplicated). */
  duplicating = false;
  page = new Uint8Array(PAGE);
  pageUsed = 0;

  /** Zeroed bytes for a packet, never given twice. */
  bytes(length: number): Uint8Array {
    if (length > PAGE / 8) return new Uint8Array(length);
    if (this.pageUsed + length > PAGE) {
      this.page = new Uint8Array(PAGE);
      this.pageUsed = 0;
    }
    const at = this.pageUsed;
    this.pageUsed += (length + 7) & ~7;
    return new Uint8Array(this.page.buffer, at, length);
  }

  /** A packet made here, `length` bytes from its network header on, all zero. */
  newSkb(ns: NetNs, length: number, cause: Cause, sk: Sock | null = null, parent = 0): Skb {
    const skb = new Skb(this.ids.skb++, this.bytes(HEADROOM + length), HEADROOM, HEADROOM + length);
    skb.network = HEADROOM;
    skb.sk = sk;
    skb.parent = parent;
    this.sim.trace.emit(Ev.SKB, ns.id, skb.id, parent, CAUSES.indexOf(cause), sk?.id ?? 0);
    return skb;
  }

  /**
   * What `skb` was for failed before Linux would have made one: it never was. Nothing else may have
   * happened since `newSkb`.
   */
  unmakeSkb(skb: Skb): void {
    this.sim.trace.takeBack(skb.id);
    if (this.ids.skb === skb.id + 1) this.ids.skb = skb.id;
  }

  /** A copy of `skb` as a packet of its own. */
  cloneSkb(ns: NetNs, skb: Skb): Skb {
    const copy = skb.clone(this.ids.skb++);
    this.sim.trace.emit(Ev.SKB, ns.id, copy.id, skb.id, CAUSES.indexOf("clone"));
    return copy;
  }

  /** linux: kernel/printk/printk.c; `level` is KERN_EMERG (0) to KERN_DEBUG (7). */
  printk(text: string, level = KERN_WARNING): void {
    this.log.push({ at: this.sim.now, level, text });
    this.logged++;
    if (this.log.length > 5000) this.log.splice(0, 1000);
    this.logging.wakeAll(this.sim);
  }
}

/** The end of a packet (linux: kfree_skb_reason). */
export function drop(ns: NetNs, skb: Skb, reason: DropReason): void {
  const { trace } = ns;
  const device = skb.dev?.ifindex ?? 0;
  // A packet that never got to a device has not shown its bytes: this is the last chance.
  if (skb.mac < 0 && skb.network >= 0 && skb.protocol === ETH_P_IP)
    trace.emitBytes(
      Ev.DROP,
      ns.id,
      skb.id,
      skb.data,
      skb.network,
      skb.tail,
      dropCode(reason),
      device,
    );
  else trace.emit(Ev.DROP, ns.id, skb.id, dropCode(reason), device);
}
