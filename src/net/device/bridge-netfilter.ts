import { ETH_HLEN, ETH_P_IP } from "../../wire/ethernet.ts";
import { Ipv4 } from "../../wire/ipv4.ts";
import { drop } from "../kernel.ts";
import { nfHook } from "../netfilter/hook.ts";
import type { Skb } from "../skb.ts";
import type { Bridge } from "./bridge.ts";
import type { NetDevice } from "./device.ts";

/** Does iptables see this frame that a bridge has in hand? (linux: net.bridge.bridge-nf-call-iptables) */
function isSeen(bridge: Bridge, skb: Skb): boolean {
  return (
    skb.protocol === ETH_P_IP &&
    bridge.ns.sysctl.values.get("net/bridge/bridge-nf-call-iptables") !== "0"
  );
}

/**
 * PREROUTING for a frame that came in by a port, before the bridge looks at its addresses
 * (linux: net/bridge/br_netfilter_hooks.c, br_nf_pre_routing). False: it went no further.
 */
export function brNfPreRouting(bridge: Bridge, port: NetDevice, skb: Skb): boolean {
  if (!isSeen(bridge, skb)) return true;
  const { ns } = bridge;
  skb.network = skb.mac + ETH_HLEN;
  if (!Ipv4.check(skb.data, skb.network, skb.tail) || !skb.ip.checksumValid) {
    drop(ns, skb, "IP_INHDR");
    return false;
  }
  const { ip } = skb;
  skb.tail = ip.end;
  skb.transport = ip.payload;
  skb.physIn = port;
  skb.bridged = true;
  const { dst } = ip;
  const { pktType } = skb;
  if (pktType === "OTHERHOST") skb.pktType = "HOST";
  if (nfHook(ns, "PREROUTING", skb, bridge, null) !== "ACCEPT") return false;
  skb.pktType = pktType;
  // Its destination is another now: that is for routing to say, as if it had been sent to us.
  if (skb.ip.dst !== dst) {
    skb.data.set(bridge.mac, skb.mac);
    skb.pktType = "HOST";
  }
  return true;
}

/** FORWARD and POSTROUTING for a frame from one port to another (linux: br_nf_forward_ip, br_nf_post_routing). */
export function brNfForward(bridge: Bridge, skb: Skb, to: NetDevice): boolean {
  if (!skb.bridged) return true;
  skb.physOut = to;
  return (
    nfHook(bridge.ns, "FORWARD", skb, bridge, bridge) === "ACCEPT" &&
    nfHook(bridge.ns, "POSTROUTING", skb, null, bridge) === "ACCEPT"
  );
}
