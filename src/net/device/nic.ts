import { SEC, USEC } from "../../sim/sim.ts";
import { formatMac, sameMac } from "../../wire/address.ts";
import { VLAN_HLEN } from "../../wire/ethernet.ts";
import { drop } from "../kernel.ts";
import type { Skb } from "../skb.ts";
import { NetDevice } from "./device.ts";
import { netifReceive } from "./receive.ts";
import { scrub } from "./transmit.ts";

/** What a cable between machines does to packets. */
export interface LinkSpec {
  /** One way, in ns. */
  delay: number;
  /** Bits per second; 0: no limit. */
  rate: number;
  /** Share of packets lost, 0..1. */
  loss: number;
  /** The largest IP packet that its switches take; 0: any. Nobody is told of what they do not take. */
  mtu: number;
}

export const DEFAULT_LINK: LinkSpec = { delay: 100 * USEC, rate: 0, loss: 0, mtu: 0 };

/** What machines are plugged into: a switch, which knows behind which port a station is. */
export class Segment {
  name: string;
  ports: Nic[] = [];
  /** Stations that are not a port's own card: bridged ones. */
  stations = new Map<string, Nic>();
  link: LinkSpec;
  /** When the wire is free again, for `rate`. */
  busyUntil = 0;

  constructor(name: string, link: LinkSpec = DEFAULT_LINK) {
    this.name = name;
    this.link = { ...link };
  }

  /** Where a frame goes: to everybody, unless it is known behind which port the station is. */
  portsFor(skb: Skb): readonly Nic[] {
    if ((skb.data[skb.head] as number) & 1) return this.ports;
    const own = this.ports.find((port) => sameMac(skb.data, skb.head, port.mac));
    const port = own ?? this.stations.get(formatMac(skb.data, skb.head));
    return port ? [port] : this.ports;
  }

  plug(nic: Nic): void {
    this.ports.push(nic);
    nic.segment = this;
  }

  unplug(nic: Nic): void {
    this.ports = this.ports.filter((port) => port !== nic);
    for (const [mac, port] of this.stations) if (port === nic) this.stations.delete(mac);
    nic.segment = null;
  }
}

/** A network card on a segment: how packets go from one machine's kernel to another's. */
export class Nic extends NetDevice {
  readonly kind = "";
  segment: Segment | null = null;

  override get carrier(): boolean {
    return this.segment !== null;
  }

  override xmit(skb: Skb): void {
    const segment = this.segment;
    const ns = this.ns;
    if (!segment) return drop(ns, skb, "DEV_DOWN");
    if (segment.link.loss && ns.sim.rng(`loss/${segment.name}`).u32() / 2 ** 32 < segment.link.loss)
      return drop(ns, skb, "LINK_LOSS");
    if (segment.link.mtu && skb.length > segment.link.mtu + this.headerLength + VLAN_HLEN)
      return drop(ns, skb, "PKT_TOO_BIG");
    let leaves = ns.sim.now;
    if (segment.link.rate) {
      leaves =
        Math.max(leaves, segment.busyUntil) + Math.ceil((skb.length * 8 * SEC) / segment.link.rate);
      segment.busyUntil = leaves;
    }
    if (!sameMac(skb.data, skb.head + 6, this.mac))
      segment.stations.set(formatMac(skb.data, skb.head + 6), this);
    const behind = segment.portsFor(skb);
    const others = behind.filter((port) => port !== this && port.up && port.wants(skb));
    others.forEach((port, i) => {
      const copy = i < others.length - 1 ? ns.kernel.cloneSkb(port.ns, skb) : skb;
      scrub(copy, ns, port.ns);
      ns.sim.at(leaves + segment.link.delay, port, "rx", copy);
    });
    if (others.length === 0) drop(ns, skb, "OTHERHOST");
  }

  /** A card passes on what is for it or for all; in promiscuous mode, whatever comes. */
  wants(skb: Skb): boolean {
    const toGroup = ((skb.data[skb.head] as number) & 1) === 1;
    return toGroup || this.promisc > 0 || sameMac(skb.data, skb.head, this.mac);
  }

  wake(_reason: string, arg: unknown): void {
    netifReceive(this, arg as Skb);
  }
}
