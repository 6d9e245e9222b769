import { set16 } from "../../wire/bytes.ts";
import { ETH_P_8021Q, VLAN_HLEN } from "../../wire/ethernet.ts";
import type { Skb } from "../skb.ts";
import { NetDevice } from "./device.ts";
import { xmitFrame } from "./transmit.ts";

/**
 * One VLAN of another device: what it sends gets a tag, what comes in with its tag is its
 * (linux: net/8021q/vlan_dev.c). `receive.ts` finds it by `lower.vlans`.
 */
export class VlanDevice extends NetDevice {
  readonly kind = "vlan";
  lower: NetDevice;
  vid: number;
  /** 802.1Q, or 802.1ad for the outer tag of two. */
  protocol: number;
  reorderHeader = true;
  /** It stays up and down by itself. */
  looseBinding = false;

  constructor(name: string, lower: NetDevice, vid: number, protocol = ETH_P_8021Q) {
    super(name);
    this.lower = lower;
    this.vid = vid;
    this.protocol = protocol;
    this.mac = lower.mac;
    this.mtu = lower.mtu;
    this.minMtu = 0;
    this.multicast = lower.multicast;
  }

  get key(): number {
    return vlanKey(this.protocol, this.vid);
  }

  override get carrier(): boolean {
    return this.lower.up && this.lower.carrier;
  }

  override xmit(skb: Skb): void {
    const at = skb.push(VLAN_HLEN);
    skb.data.copyWithin(at, at + VLAN_HLEN, at + VLAN_HLEN + 12);
    set16(skb.data, at + 12, this.protocol);
    set16(skb.data, at + 14, this.vid);
    xmitFrame(this.ns, skb, this.lower);
  }

  /** linux: net/8021q/vlan_dev.c, vlan_dev_change_rx_flags */
  override setPromiscuity(change: 1 | -1, tell = true): void {
    const before = this.promisc > 0;
    super.setPromiscuity(change, tell);
    if (this.promisc > 0 !== before) this.lower.setPromiscuity(change);
  }

  override uninit(): void {
    this.lower.vlans.delete(this.key);
  }
}

/** Under what a device keeps a VLAN of its own. */
export function vlanKey(protocol: number, vid: number): number {
  return (protocol << 16) | vid;
}
