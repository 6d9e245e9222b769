import type { Bytes } from "../../wire/bytes.ts";
import { KERN_INFO } from "../kernel.ts";
import type { NetNs } from "../netns.ts";
import type { Qdisc } from "../sched/qdisc.ts";
import type { Skb } from "../skb.ts";
import type { DeviceConf } from "../sysctl.ts";

/** An IPv4 address on a device (linux: struct in_ifaddr). */
export interface InetAddress {
  local: number;
  /** The peer of a point-to-point address; equals `local` otherwise. */
  peer: number;
  prefixLength: number;
  broadcast: number | null;
  /** RT_SCOPE_*: 0 global, 253 link, 254 host. */
  scope: number;
  label: string;
  secondary: boolean;
  noPrefixRoute: boolean;
  /** In ns of virtual time; null for ever. */
  validUntil: number | null;
  preferredUntil: number | null;
}

/** Who sees every packet of a device, as AF_PACKET sockets do (linux: struct packet_type). */
export interface Tap {
  /** `out`: on its way out (PACKET_OUTGOING). Bytes [skb.head, skb.tail) begin at the MAC header. */
  packet(dev: NetDevice, skb: Skb, out: boolean): void;
  /** The device that it sees has been taken down. */
  down?(): void;
}

/** Who takes frames before the protocols do: the bridge that a device is a port of. */
export interface RxHandler {
  handleFrame(port: NetDevice, skb: Skb): void;
}

export class DeviceStats {
  rxPackets = 0;
  rxBytes = 0;
  rxErrors = 0;
  rxDropped = 0;
  txPackets = 0;
  txBytes = 0;
  txErrors = 0;
  txDropped = 0;
  multicast = 0;
  collisions = 0;
}

/** A network device (linux: struct net_device). One subclass per kind, in device/. */
export abstract class NetDevice {
  /** `ip link add type KIND`; "" for hardware and loopback. */
  abstract readonly kind: string;
  ns!: NetNs;
  ifindex = 0;
  name: string;
  mac: Bytes = new Uint8Array(6);
  mtu = 1500;
  minMtu = 68;
  maxMtu = 65535;
  /** IFF_UP, as `ip link set up` leaves it. */
  up = false;
  /** How many want frames that are for others too (IFF_PROMISC while it is not 0). */
  promisc = 0;
  /** `ip link set promisc on`; a bridge port is promiscuous without showing it. */
  userPromisc = false;
  allmulti = 0;
  userAllmulti = false;
  noArp = false;
  /** IFF_MULTICAST */
  multicast = true;
  txqueuelen = 1000;
  qdisc = "noop";
  /** What was put there with `tc qdisc`; without it frames go at once, as `qdisc` names it. */
  qdiscs: { root: Qdisc | null; ingress: "ingress" | "clsact" | null } = {
    root: null,
    ingress: null,
  };
  group = 0;
  alias = "";
  addresses: InetAddress[] = [];
  conf!: DeviceConf;
  stats = new DeviceStats();
  taps: Tap[] = [];
  rxHandler: RxHandler | null = null;
  /** Addresses that it was told to take as well (`bridge fdb add … self`; linux: dev->uc). */
  unicast: string[] = [];
  /** The bridge that it is a port of. */
  master: NetDevice | null = null;
  /** VLAN devices upon it, as vlan.ts keys them (linux: vlan_info). */
  vlans = new Map<number, NetDevice>();
  /** How many bytes of link header: 14 for Ethernet. */
  headerLength = 14;

  constructor(name: string) {
    this.name = name;
  }

  get isLoopback(): boolean {
    return false;
  }

  /** Is there a carrier (LOWER_UP while up)? */
  get carrier(): boolean {
    return true;
  }

  /** `state UP|DOWN|UNKNOWN|LOWERLAYERDOWN` of ip link (RFC 2863 operational state). */
  get operState(): string {
    if (!this.up) return "DOWN";
    return this.carrier ? "UP" : "LOWERLAYERDOWN";
  }

  /**
   * One more, or one less, who wants every frame (linux: net/core/dev.c, dev_set_promiscuity). `tell`
   * whoever watches links, unless that is done for all that changes at once.
   */
  setPromiscuity(change: 1 | -1, tell = true): void {
    const before = this.promisc > 0;
    this.promisc += change;
    const now = this.promisc > 0;
    if (now !== before)
      this.ns.kernel.printk(
        `device ${this.name} ${now ? "entered" : "left"} promiscuous mode`,
        KERN_INFO,
      );
    if (tell) this.ns.rtnl.link(this);
  }

  /** ndo_start_xmit: the frame begins at skb.head. Takes the packet over. */
  abstract xmit(skb: Skb): void;

  /** ndo_open / ndo_stop; throws SysError when it cannot. */
  opened(): void {}
  stopped(): void {}
  /** The device is being deleted: what goes with it, no longer tied to it. */
  detach(): NetDevice[] {
    return [];
  }
  uninit(): void {}
}
