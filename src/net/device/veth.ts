import { drop } from "../kernel.ts";
import type { Skb } from "../skb.ts";
import { NetDevice } from "./device.ts";
import { SOFTIRQ_DELAY } from "./loopback.ts";
import { netifReceive } from "./receive.ts";
import { scrub } from "./transmit.ts";

const VLAN_HLEN = 4;

/** One end of a pair: what goes in here comes out there (linux: drivers/net/veth.c). */
export class Veth extends NetDevice {
  readonly kind = "veth";
  peer: Veth | null = null;

  override get carrier(): boolean {
    return this.peer?.up ?? false;
  }

  /** Whether something is below is told by its index, and that may be our own in its namespace (linux: link_watch.c, default_operstate). */
  override get operState(): string {
    if (!this.up) return "DOWN";
    if (this.carrier) return "UP";
    return this.peer && this.peer.ifindex !== this.ifindex ? "LOWERLAYERDOWN" : "DOWN";
  }

  override xmit(skb: Skb): void {
    const peer = this.peer;
    if (!peer?.up) {
      this.stats.txDropped++;
      return drop(this.ns, skb, "DEV_DOWN");
    }
    // The other side's size counts, with room for a VLAN's tag (linux: net/core/dev.c, is_skb_forwardable).
    if (skb.length > peer.mtu + peer.headerLength + VLAN_HLEN) {
      this.stats.txDropped++;
      return drop(this.ns, skb, "PKT_TOO_BIG");
    }
    scrub(skb, this.ns, peer.ns);
    this.ns.sim.after(SOFTIRQ_DELAY, peer, "rx", skb);
  }

  wake(_reason: string, arg: unknown): void {
    netifReceive(this, arg as Skb);
  }

  /** Deleting one end deletes the other. */
  override detach(): Veth[] {
    const peer = this.peer;
    this.peer = null;
    if (!peer) return [];
    peer.peer = null;
    return [peer];
  }

  static pair(a: string, b: string): [Veth, Veth] {
    const left = new Veth(a);
    const right = new Veth(b);
    left.qdisc = "noop";
    left.peer = right;
    right.peer = left;
    return [left, right];
  }
}
