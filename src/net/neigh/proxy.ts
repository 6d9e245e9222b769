import { MSEC, type Wakeable } from "../../sim/sim.ts";
import type { NetDevice } from "../device/device.ts";
import { drop } from "../kernel.ts";
import type { NetNs } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { arpProcess } from "./arp.ts";

/** proxy_delay is in hundredths of a second (USER_HZ), ns. */
const TICK = 10 * MSEC;

/** linux: net/core/neighbour.c, pneigh_enqueue and neigh_proxy_process */
export class ProxyQueue implements Wakeable {
  ns: NetNs;
  /** How many wait, by device. */
  waiting = new Map<NetDevice, number>();

  constructor(ns: NetNs) {
    this.ns = ns;
  }

  enqueue(skb: Skb, dev: NetDevice): void {
    const { sim, sysctl } = this.ns;
    const waiting = this.waiting.get(dev) ?? 0;
    if (waiting > sysctl.neigh(dev.name, "proxy_qlen")) return drop(this.ns, skb, "ARP_IGNORED");
    this.waiting.set(dev, waiting + 1);
    const longest = sysctl.neigh(dev.name, "proxy_delay") * TICK;
    const delay = Math.floor((sim.rng("neigh/proxy").u32() / 2 ** 32) * longest);
    sim.after(delay, this, "proxy", { skb, dev });
  }

  wake(_reason: string, arg: unknown): void {
    const { skb, dev } = arg as { skb: Skb; dev: NetDevice };
    this.waiting.set(dev, (this.waiting.get(dev) ?? 1) - 1);
    if (dev.ns === this.ns && dev.up) arpProcess(this.ns, skb, dev, true);
    else drop(this.ns, skb, "DEV_DOWN");
  }
}
