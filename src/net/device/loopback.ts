import { USEC } from "../../sim/sim.ts";
import { ipRcv } from "../ipv4/input.ts";
import type { NetNs } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { NetDevice } from "./device.ts";
import { netifReceive } from "./receive.ts";

/** From one end to the other of a path inside a machine: a softirq later. */
export const SOFTIRQ_DELAY = 5 * USEC;

/** `lo` (linux: drivers/net/loopback.c). */
export class Loopback extends NetDevice {
  readonly kind = "";

  constructor(name: string) {
    super(name);
    this.mtu = 65536;
    this.minMtu = 0;
    this.maxMtu = 0;
    this.multicast = false;
  }

  override get isLoopback(): boolean {
    return true;
  }

  override get operState(): string {
    return this.up ? "UNKNOWN" : "DOWN";
  }

  /** The route goes along: what was "local" on the way out is delivered, not routed again. */
  override xmit(skb: Skb): void {
    skb.sk = null;
    this.ns.sim.after(SOFTIRQ_DELAY, this, "rx", skb);
  }

  wake(_reason: string, arg: unknown): void {
    netifReceive(this, arg as Skb);
  }
}

/** Packets that come in by the device that they were sent from, without having left. */
export class LoopbackQueue {
  wake(_reason: string, arg: unknown): void {
    const skb = arg as Skb;
    const dev = skb.dev as NetDevice;
    ipRcv(dev.ns, skb, dev);
  }
}

/** Our own broadcast comes back to us (linux: net/core/dev.c, dev_loopback_xmit). */
export function loopbackXmit(ns: NetNs, skb: Skb, dev: NetDevice): void {
  skb.head = skb.network;
  skb.dev = dev;
  skb.sk = null;
  skb.pktType = "LOOPBACK";
  ns.sim.after(SOFTIRQ_DELAY, ns.loopbackQueue, "rx", skb);
}
