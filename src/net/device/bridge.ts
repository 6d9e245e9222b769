import { SEC } from "../../sim/sim.ts";
import { Ev } from "../../sim/trace.ts";
import { formatMac, sameMac } from "../../wire/address.ts";
import { ETH_P_8021AD, ETH_P_8021Q, VLAN_HLEN } from "../../wire/ethernet.ts";
import { drop } from "../kernel.ts";
import type { Skb } from "../skb.ts";
import { brNfForward, brNfPreRouting } from "./bridge-netfilter.ts";
import { NetDevice, type RxHandler } from "./device.ts";
import { deliverUp, untag } from "./receive.ts";
import { xmitFrame } from "./transmit.ts";

/** An entry of the forwarding database (linux: struct net_bridge_fdb_entry). */
export interface FdbEntry {
  mac: string;
  port: NetDevice;
  /** Ours: frames for it go up. */
  local: boolean;
  permanent: boolean;
  updated: number;
  /** Made with `bridge fdb`: it stands for the VLANs of its port as well. */
  byUser: boolean;
}

/** linux: include/uapi/linux/if_bridge.h, BR_STATE_* */
export const PORT_STATES = ["disabled", "listening", "learning", "forwarding", "blocking"] as const;
const BR_STATE_DISABLED = 0;
const BR_STATE_LEARNING = 2;
const BR_STATE_FORWARDING = 3;

/** What `bridge link set` sets (linux: struct net_bridge_port, BR_* flags). */
export class PortConf {
  priority = 32;
  cost = 2;
  /** Set by hand; null: as the link's own state has it. */
  state: number | null = null;
  flags: Record<PortFlag, boolean> = {
    hairpin: false,
    guard: false,
    root_block: false,
    fastleave: false,
    learning: true,
    flood: true,
    mcast_flood: true,
    bcast_flood: true,
    mcast_to_unicast: false,
    neigh_suppress: false,
    vlan_tunnel: false,
    isolated: false,
    locked: false,
  };
}

export type PortFlag =
  | "hairpin"
  | "guard"
  | "root_block"
  | "fastleave"
  | "learning"
  | "flood"
  | "mcast_flood"
  | "bcast_flood"
  | "mcast_to_unicast"
  | "neigh_suppress"
  | "vlan_tunnel"
  | "isolated"
  | "locked";

const LOCAL = { local: true, permanent: true, byUser: false };

/** A learning bridge without spanning tree (linux: net/bridge/). */
export class Bridge extends NetDevice implements RxHandler {
  readonly kind = "bridge";
  ports: NetDevice[] = [];
  portConf = new Map<NetDevice, PortConf>();
  fdb = new Map<string, FdbEntry>();
  ageing = 300 * SEC;

  override get carrier(): boolean {
    return this.ports.some((port) => port.up && port.carrier);
  }

  override get operState(): string {
    if (!this.up) return "DOWN";
    return this.carrier ? "UP" : "DOWN";
  }

  addPort(port: NetDevice): void {
    port.master = this;
    port.rxHandler = this;
    port.setPromiscuity(1, false);
    port.allmulti++;
    this.ports.push(port);
    this.portConf.set(port, new PortConf());
    this.ns.sysctl.deviceConf(port.name);
    const mac = formatMac(port.mac);
    this.fdb.set(mac, { ...LOCAL, mac, port, updated: this.ns.sim.now });
    this.chooseMac();
    this.adjustMtu();
    this.ns.rtnl.link(port);
  }

  removePort(port: NetDevice): void {
    port.master = null;
    port.rxHandler = null;
    port.setPromiscuity(-1, false);
    port.allmulti--;
    this.ports = this.ports.filter((other) => other !== port);
    this.portConf.delete(port);
    for (const [mac, entry] of this.fdb) if (entry.port === port) this.fdb.delete(mac);
    this.chooseMac();
    this.adjustMtu();
    this.ns.rtnl.link(port);
  }

  /** Without an address of its own a bridge takes the lowest of its ports (br_stp_recalculate_bridge_id). */
  chooseMac(): void {
    if (this.macGiven || this.ports.length === 0) return this.keepOwnEntry();
    const lowest = this.ports.map((port) => formatMac(port.mac)).sort()[0] as string;
    this.mac = Uint8Array.from(lowest.split(":"), (part) => Number.parseInt(part, 16));
    this.keepOwnEntry();
  }

  macGiven = false;
  /** Somebody has set it: it does not follow its ports any more (linux: BROPT_MTU_SET_BY_USER). */
  mtuGiven = false;

  /** The smallest of its ports' (linux: br_mtu_auto_adjust). */
  adjustMtu(): void {
    if (this.mtuGiven) return;
    const mtu = this.ports.length ? Math.min(...this.ports.map((port) => port.mtu)) : 1500;
    if (mtu === this.mtu) return;
    this.mtu = mtu;
    this.ns.rtnl.link(this);
  }

  /** Its own address is in the database too, unless a port has the same (br_fdb_change_mac_address). */
  keepOwnEntry(): void {
    const mac = formatMac(this.mac);
    for (const [old, entry] of this.fdb)
      if (entry.port === this && entry.local && !entry.byUser && old !== mac) this.fdb.delete(old);
    if (!this.fdb.get(mac)?.local)
      this.fdb.set(mac, { ...LOCAL, mac, port: this, updated: this.ns.sim.now });
  }

  /** linux: net/bridge/br_stp_if.c; without spanning tree a port forwards as soon as it has a carrier. */
  stateOf(port: NetDevice): number {
    if (!this.up || !port.up || !port.carrier) return BR_STATE_DISABLED;
    return this.portConf.get(port)?.state ?? BR_STATE_FORWARDING;
  }

  flag(port: NetDevice, flag: PortFlag): boolean {
    return this.portConf.get(port)?.flags[flag] ?? false;
  }

  /** linux: net/bridge/br_input.c, br_handle_frame_finish */
  handleFrame(port: NetDevice, skb: Skb): void {
    const ns = this.ns;
    if (!this.up) return drop(ns, skb, "DEV_DOWN");
    const state = this.stateOf(port);
    if (state !== BR_STATE_FORWARDING && state !== BR_STATE_LEARNING)
      return drop(ns, skb, "BRIDGE_NO_PORT");
    if (!brNfPreRouting(this, port, skb)) return;
    const source = formatMac(skb.data, skb.mac + 6);
    if (this.flag(port, "locked") && this.find(source)?.port !== port)
      return drop(ns, skb, "BRIDGE_NO_PORT");
    if (this.flag(port, "learning")) this.learn(port, source);
    if (state === BR_STATE_LEARNING) return drop(ns, skb, "BRIDGE_NO_PORT");
    const group = ((skb.data[skb.mac] as number) & 1) === 1;
    if (group) {
      const up = ns.kernel.cloneSkb(ns, skb);
      this.flood(skb, port);
      return this.passUp(up, port);
    }
    const entry = this.find(formatMac(skb.data, skb.mac));
    if (entry?.local || sameMac(skb.data, skb.mac, this.mac)) return this.passUp(skb, port);
    // Somebody listens on the bridge to what is for others.
    const up = this.promisc > 0 ? ns.kernel.cloneSkb(ns, skb) : null;
    if (!entry) this.flood(skb, port);
    else if (!this.deliverable(entry.port, port)) drop(ns, skb, "BRIDGE_NO_PORT");
    else {
      ns.trace.emit(Ev.BRIDGE, ns.id, skb.id, this.ifindex, port.ifindex, entry.port.ifindex);
      this.forward(skb, entry.port);
    }
    if (up) this.passUp(up, port);
  }

  learn(port: NetDevice, mac: string): void {
    const known = this.fdb.get(mac);
    if (known?.permanent) return;
    const byUser = known?.byUser ?? false;
    const updated = this.ns.sim.now;
    this.fdb.set(mac, { mac, port, local: false, permanent: false, updated, byUser });
  }

  /** linux: net/bridge/br_forward.c, should_deliver */
  deliverable(to: NetDevice, from: NetDevice | null): boolean {
    if (this.stateOf(to) !== BR_STATE_FORWARDING) return false;
    if (from === to) return this.flag(to, "hairpin");
    return from === null || !this.flag(from, "isolated") || !this.flag(to, "isolated");
  }

  find(mac: string): FdbEntry | null {
    const entry = this.fdb.get(mac);
    if (!entry) return null;
    if (!entry.permanent && entry.updated + this.ageing <= this.ns.sim.now) {
      this.fdb.delete(mac);
      return null;
    }
    return entry;
  }

  forward(skb: Skb, port: NetDevice): void {
    skb.head = skb.mac;
    if (!port.up) return drop(this.ns, skb, "DEV_DOWN");
    if (!brNfForward(this, skb, port)) return;
    // A bridge tells nobody that it is too large (linux: br_dev_queue_push_xmit, is_skb_forwardable).
    if (skb.length > port.mtu + port.headerLength + VLAN_HLEN)
      return drop(this.ns, skb, "PKT_TOO_BIG");
    xmitFrame(this.ns, skb, port);
  }

  flood(skb: Skb, from: NetDevice | null): void {
    const ns = this.ns;
    const first = skb.data[from ? skb.mac : skb.head] as number;
    const flag = !(first & 1) ? "flood" : first === 0xff ? "bcast_flood" : "mcast_flood";
    const ask = from !== null || flag === "flood";
    // The newest port is the first of its list (linux: net/bridge/br_if.c, br_add_if).
    const to = this.ports
      .filter((port) => this.deliverable(port, from) && (!ask || this.flag(port, flag)))
      .reverse();
    ns.trace.emit(Ev.BRIDGE, ns.id, skb.id, this.ifindex, from?.ifindex ?? 0, 0);
    if (to.length === 0) return drop(ns, skb, "BRIDGE_NO_PORT");
    to.forEach((port, i) => {
      const copy = i < to.length - 1 ? ns.kernel.cloneSkb(ns, skb) : skb;
      this.forward(copy, port);
    });
  }

  /** Up the stack, as if it came in by the bridge itself (linux: br_pass_frame_up). */
  passUp(skb: Skb, port: NetDevice): void {
    const ns = this.ns;
    ns.trace.emit(Ev.BRIDGE, ns.id, skb.id, this.ifindex, port.ifindex, -1);
    skb.head = skb.mac;
    skb.dev = this;
    skb.iif = this;
    skb.physIn = port;
    ns.trace.emit(Ev.RX, ns.id, skb.id, this.ifindex, skb.length);
    if (skb.pktType === "OTHERHOST" && sameMac(skb.data, skb.mac, this.mac)) skb.pktType = "HOST";
    if (this.find(formatMac(skb.data, skb.mac))?.local) skb.pktType = "HOST";
    this.stats.rxPackets++;
    this.stats.rxBytes += skb.length - 14;
    for (const tap of this.taps) tap.packet(this, skb, false);
    for (const tap of ns.taps) tap.packet(this, skb, false);
    if ((skb.protocol === ETH_P_8021Q || skb.protocol === ETH_P_8021AD) && untag(this, skb)) return;
    deliverUp(this, skb);
  }

  /** What the host sends through the bridge (linux: net/bridge/br_device.c, br_dev_xmit). */
  override xmit(skb: Skb): void {
    const group = ((skb.data[skb.head] as number) & 1) === 1;
    if (group) return this.flood(skb, null);
    const entry = this.find(formatMac(skb.data, skb.head));
    if (!entry || entry.local) return this.flood(skb, null);
    if (!this.deliverable(entry.port, null)) return drop(this.ns, skb, "BRIDGE_NO_PORT");
    this.ns.trace.emit(Ev.BRIDGE, this.ns.id, skb.id, this.ifindex, 0, entry.port.ifindex);
    this.forward(skb, entry.port);
  }

  override uninit(): void {
    for (const port of [...this.ports]) this.removePort(port);
  }
}
