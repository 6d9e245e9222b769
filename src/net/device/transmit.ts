import { Ev } from "../../sim/trace.ts";
import { MAC_ZERO } from "../../wire/address.ts";
import type { Bytes } from "../../wire/bytes.ts";
import { ETH_HLEN, Ethernet } from "../../wire/ethernet.ts";
import { drop } from "../kernel.ts";
import type { NetNs } from "../netns.ts";
import type { Skb } from "../skb.ts";
import type { NetDevice } from "./device.ts";

/** Put the link header on and send (linux: net/core/dev.c, dev_queue_xmit; dev_hard_header). */
export function devQueueXmit(
  ns: NetNs,
  skb: Skb,
  dev: NetDevice,
  dst: Bytes | null,
  type: number,
): void {
  if (dev.headerLength) {
    const at = skb.push(ETH_HLEN);
    Ethernet.write(skb.data, at, dst ?? MAC_ZERO, dev.mac, type);
  }
  skb.protocol = type;
  xmitFrame(ns, skb, dev);
}

/** Send a frame whose link header is there: what bridges do. */
export function xmitFrame(ns: NetNs, skb: Skb, dev: NetDevice): void {
  const { root } = dev.qdiscs;
  if (root && dev.up) return root.enqueue(ns, skb);
  startXmit(ns, skb, dev);
}

/** Out of the device now, past whatever queues it (linux: net/core/dev.c, dev_hard_start_xmit). */
export function startXmit(ns: NetNs, skb: Skb, dev: NetDevice): void {
  skb.mac = skb.head;
  skb.dev = dev;
  ns.trace.emitBytes(Ev.TX, ns.id, skb.id, skb.data, skb.head, skb.tail, dev.ifindex);
  if (!dev.up) {
    dev.stats.txDropped++;
    return drop(ns, skb, "DEV_DOWN");
  }
  for (let i = 0; i < dev.taps.length; i++) dev.taps[i]?.packet(dev, skb, true);
  for (let i = 0; i < ns.taps.length; i++) ns.taps[i]?.packet(dev, skb, true);
  dev.stats.txPackets++;
  // The loopback has taken the header off by then (linux: drivers/net/loopback.c, loopback_xmit).
  dev.stats.txBytes += dev.isLoopback ? skb.length - dev.headerLength : skb.length;
  dev.xmit(skb);
}

/**
 * What a packet leaves behind when it goes to another device's input (linux: net/core/skbuff.c,
 * skb_scrub_packet): its route, its connection, and, in another namespace, its mark.
 */
export function scrub(skb: Skb, from: NetNs, to: NetNs): void {
  skb.route = null;
  skb.ct = null;
  skb.ctinfo = 0;
  skb.template = null;
  skb.nfTrace = false;
  skb.sk = null;
  skb.skAssigned = false;
  skb.pktType = "HOST";
  skb.physIn = null;
  skb.physOut = null;
  skb.bridged = false;
  skb.forwarded = false;
  skb.fragMaxSize = 0;
  skb.forgetPieces();
  skb.fragDf = false;
  skb.ignoreDf = false;
  skb.options = null;
  skb.summed = false;
  skb.sumRight = false;
  if (from === to) return;
  skb.mark = 0;
  skb.priority = 0;
  from.trace.emit(Ev.SCRUB, to.id, skb.id, 0);
}
