import { WaitQueue } from "../../sim/wait.ts";
import type { NetDevice, Tap } from "../device/device.ts";
import type { NetNs } from "../netns.ts";
import type { Skb } from "../skb.ts";

/** A captured frame, as recvfrom on a packet socket gives it. */
export interface CapturedFrame {
  at: number;
  skb: number;
  device: string;
  ifindex: number;
  /** PACKET_HOST 0, BROADCAST 1, MULTICAST 2, OTHERHOST 3, OUTGOING 4 */
  packetType: number;
  data: Uint8Array;
  /** The frame's whole length, before `snaplen` cut it. */
  length: number;
  linkHeader: number;
}

const TYPES = ["HOST", "BROADCAST", "MULTICAST", "OTHERHOST", "OUTGOING"];

/** AF_PACKET: what tcpdump opens (linux: net/packet/af_packet.c, packet_rcv). */
export class PacketSock implements Tap {
  ns: NetNs;
  /** Null: all devices. */
  dev: NetDevice | null;
  snaplen: number;
  /** It wants what is for others as well (PACKET_MR_PROMISC). */
  promiscuous: boolean;
  frames: CapturedFrame[] = [];
  dropped = 0;
  readable = new WaitQueue();

  constructor(ns: NetNs, dev: NetDevice | null, snaplen: number, promiscuous = false) {
    this.ns = ns;
    this.dev = dev;
    this.snaplen = snaplen;
    this.promiscuous = promiscuous;
    if (promiscuous) dev?.setPromiscuity(1);
    (dev ?? ns).taps.push(this);
  }

  packet(dev: NetDevice, skb: Skb, out: boolean): void {
    if (this.frames.length > 50_000) {
      this.dropped++;
      return;
    }
    const from = skb.mac;
    const length = skb.tail - from;
    this.frames.push({
      at: this.ns.sim.now,
      skb: skb.id,
      device: dev.name,
      ifindex: dev.ifindex,
      packetType: out ? 4 : TYPES.indexOf(skb.pktType),
      data: skb.data.slice(from, from + Math.min(length, this.snaplen)),
      length,
      linkHeader: dev.headerLength,
    });
    this.readable.wakeAll(this.ns.sim);
  }

  close(): void {
    const owner = this.dev ?? this.ns;
    owner.taps = owner.taps.filter((tap) => tap !== this);
    const { dev } = this;
    // Who listened to a device that has gone meanwhile owes it nothing.
    if (this.promiscuous && dev?.ns.devices.get(dev.ifindex) === dev) dev.setPromiscuity(-1);
  }
}
