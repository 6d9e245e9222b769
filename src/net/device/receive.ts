import { Ev } from "../../sim/trace.ts";
import { sameMac } from "../../wire/address.ts";
import { u16 } from "../../wire/bytes.ts";
import {
  ETH_HLEN,
  ETH_P_8021AD,
  ETH_P_8021Q,
  ETH_P_ARP,
  ETH_P_IP,
  ETH_P_IPV6,
  Ethernet,
  VLAN_HLEN,
} from "../../wire/ethernet.ts";
import { ipRcv } from "../ipv4/input.ts";
import { drop } from "../kernel.ts";
import { arpRcv } from "../neigh/arp.ts";
import type { Skb } from "../skb.ts";
import type { NetDevice } from "./device.ts";

/**
 * A frame came in by `dev`: everything begins here (linux: net/core/dev.c,
 * __netif_receive_skb_core; net/ethernet/eth.c, eth_type_trans). skb.head is at the MAC header.
 */
export function netifReceive(dev: NetDevice, skb: Skb): void {
  const ns = dev.ns;
  skb.dev = dev;
  skb.iif = dev;
  skb.mac = skb.head;
  ns.trace.emit(Ev.RX, ns.id, skb.id, dev.ifindex, skb.length);
  if (!dev.up) return drop(ns, skb, "DEV_DOWN");
  if (dev.headerLength === 0) {
    skb.protocol = ETH_P_IP;
    skb.pktType = "HOST";
  } else {
    if (!Ethernet.check(skb.data, skb.mac, skb.tail)) return drop(ns, skb, "PKT_TOO_SMALL");
    const eth = new Ethernet(skb.data, skb.mac);
    skb.protocol = eth.type;
    if (eth.toGroup) skb.pktType = eth.toBroadcast ? "BROADCAST" : "MULTICAST";
    else if (!sameMac(skb.data, skb.mac, dev.mac)) skb.pktType = "OTHERHOST";
    // What goes round loopback stays what it was (linux: eth_skb_pkt_type).
    else if (!dev.isLoopback) skb.pktType = "HOST";
  }
  dev.stats.rxPackets++;
  // A veth counts what its peer sent, header and all (linux: drivers/net/veth.c, veth_xmit).
  dev.stats.rxBytes += dev.kind === "veth" ? skb.length : skb.length - dev.headerLength;
  for (let i = 0; i < dev.taps.length; i++) dev.taps[i]?.packet(dev, skb, false);
  for (let i = 0; i < ns.taps.length; i++) ns.taps[i]?.packet(dev, skb, false);
  if (isTagged(skb) && untag(dev, skb)) return;
  const handler = dev.rxHandler;
  if (handler) return handler.handleFrame(dev, skb);
  deliverUp(dev, skb);
}

function isTagged(skb: Skb): boolean {
  return skb.protocol === ETH_P_8021Q || skb.protocol === ETH_P_8021AD;
}

/**
 * To the VLAN device whose tag it has, before bridges see it (linux: net/8021q/vlan_core.c,
 * vlan_do_receive). False: there is none.
 */
export function untag(dev: NetDevice, skb: Skb): boolean {
  const vid = u16(skb.data, skb.mac + ETH_HLEN) & 0xfff;
  const vlan = dev.vlans.get((skb.protocol << 16) | vid);
  if (!vlan) return false;
  strip(skb);
  netifReceive(vlan, skb);
  return true;
}

function strip(skb: Skb): void {
  skb.data.copyWithin(skb.mac + VLAN_HLEN, skb.mac, skb.mac + 12);
  skb.mac += VLAN_HLEN;
  skb.head = skb.mac;
}

/** To the protocol that the EtherType names. */
export function deliverUp(dev: NetDevice, skb: Skb): void {
  const ns = dev.ns;
  if (isTagged(skb)) {
    // A VLAN of nobody's; only a priority, without a VLAN, is no tag to speak of.
    if (u16(skb.data, skb.mac + ETH_HLEN) & 0xfff) return drop(ns, skb, "OTHERHOST");
    strip(skb);
    skb.protocol = u16(skb.data, skb.mac + 12);
  }
  skb.head = skb.mac + (dev.headerLength === 0 ? 0 : ETH_HLEN);
  skb.network = skb.head;
  if (skb.protocol === ETH_P_IP) return ipRcv(ns, skb, dev);
  if (skb.protocol === ETH_P_ARP) return arpRcv(ns, skb, dev);
  if (skb.protocol !== ETH_P_IPV6) dev.stats.rxDropped++;
  drop(ns, skb, "NO_PTYPE");
}
