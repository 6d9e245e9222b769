import { type Errno, SysError } from "../../base/errno.ts";
import { WaitQueue } from "../../sim/wait.ts";
import { type Bytes, u16 } from "../../wire/bytes.ts";
import type { NetDevice, Tap } from "../device/device.ts";
import { devQueueXmit } from "../device/transmit.ts";
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

/** Of Ethernet's header: where the EtherType stands. */
const TYPE = 12;

/** AF_PACKET: what tcpdump and arping open (linux: net/packet/af_packet.c, packet_rcv). */
export class PacketSock implements Tap {
  ns: NetNs;
  /** Null: all devices. */
  dev: NetDevice | null;
  snaplen: number;
  /** It wants what is for others as well (PACKET_MR_PROMISC). */
  promiscuous: boolean;
  /** Bound to this EtherType: of that what comes in, and no more; null: all that comes and goes (ETH_P_ALL). */
  protocol: number | null = null;
  /** The pending error that the next call returns (SO_ERROR). */
  error: Errno | null = null;
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
    const { protocol } = this;
    if (protocol !== null && (out || u16(skb.data, skb.mac + TYPE) !== protocol)) return;
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

  /** linux: net/packet/af_packet.c, packet_notifier (NETDEV_DOWN) */
  down(): void {
    this.error = "ENETDOWN";
    this.readable.wakeAll(this.ns.sim);
  }

  /** The oldest frame; null: wait for `readable`. Throws SysError. */
  recv(): CapturedFrame | null {
    const { error } = this;
    this.error = null;
    if (error) throw new SysError(error);
    return this.frames.shift() ?? null;
  }

  /** One packet out of the device, below its link header (SOCK_DGRAM; linux: packet_snd). Throws SysError. */
  sendTo(data: Bytes, to: Bytes, protocol: number): void {
    const { ns, dev } = this;
    if (!dev || ns.devices.get(dev.ifindex) !== dev) throw new SysError("ENXIO");
    if (!dev.up) throw new SysError("ENETDOWN");
    if (data.length > dev.mtu) throw new SysError("EMSGSIZE");
    const skb = ns.kernel.newSkb(ns, data.length, "socket");
    skb.data.set(data, skb.head);
    devQueueXmit(ns, skb, dev, to, protocol);
  }

  close(): void {
    const owner = this.dev ?? this.ns;
    owner.taps = owner.taps.filter((tap) => tap !== this);
    const { dev } = this;
    // Who listened to a device that has gone meanwhile owes it nothing.
    if (this.promiscuous && dev?.ns.devices.get(dev.ifindex) === dev) dev.setPromiscuity(-1);
  }
}
