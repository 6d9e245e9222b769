import { SEC } from "../../sim/sim.ts";
import { formatMac } from "../../wire/address.ts";
import { UDP_HLEN } from "../../wire/udp.ts";
import { Vxlan as Header, VXLAN_HLEN } from "../../wire/vxlan.ts";
import { drop } from "../kernel.ts";
import type { Skb } from "../skb.ts";
import { NetDevice } from "./device.ts";
import {
  joinTunnelSock,
  leaveTunnelSock,
  type TunnelSock,
  tunnelReceive,
  tunnelXmit,
  type UdpTunnel,
} from "./tunnel.ts";

/** Where a MAC address is reached (linux: struct vxlan_rdst); 0: as the device has it. */
export interface VxlanRemote {
  ip: number;
  port: number;
  vni: number;
  ifindex: number;
}

/** linux: struct vxlan_fdb */
export interface VxlanFdb {
  remotes: VxlanRemote[];
  /** NUD_*: permanent; static does not age either; reachable was learned, or may be forgotten. */
  state: "permanent" | "static" | "reachable";
  updated: number;
}

export const ALL_ZERO = "00:00:00:00:00:00";
const AGEING = 300 * SEC;

/** Ethernet in VXLAN in UDP (RFC 7348; linux: drivers/net/vxlan/). */
export class VxlanDevice extends NetDevice implements UdpTunnel {
  readonly kind = "vxlan";
  vni: number;
  port: number;
  local = 0;
  ttl = 0;
  tos = 0;
  learning = true;
  lower: NetDevice | null = null;
  fdb = new Map<string, VxlanFdb>();
  sock: TunnelSock | null = null;

  constructor(name: string, vni: number, remote: number, port: number) {
    super(name);
    this.vni = vni;
    this.port = port;
    this.remote = remote;
    if (remote) {
      const all = { ip: remote, port: 0, vni: 0, ifindex: 0 };
      this.fdb.set(ALL_ZERO, { remotes: [all], state: "permanent", updated: 0 });
    }
  }

  /** The one it was made with, as `ip -d link` shows it. */
  remote: number;

  override get operState(): string {
    return this.up ? "UNKNOWN" : "DOWN";
  }

  override opened(): void {
    this.sock = joinTunnelSock(this.ns, this.port, this);
  }

  override stopped(): void {
    if (this.sock) leaveTunnelSock(this.sock, this);
    this.sock = null;
  }

  override xmit(skb: Skb): void {
    const mac = formatMac(skb.data, skb.head);
    const group = ((skb.data[skb.head] as number) & 1) === 1;
    const known = group && !this.fdb.has(mac) ? undefined : this.lookup(mac);
    const remotes = (known ?? this.fdb.get(ALL_ZERO))?.remotes ?? [];
    if (remotes.length === 0) {
      this.stats.txDropped++;
      return drop(this.ns, skb, "NO_PTYPE");
    }
    remotes.forEach((remote, i) => {
      const copy = i < remotes.length - 1 ? this.ns.kernel.cloneSkb(this.ns, skb) : skb;
      const header = new Uint8Array(VXLAN_HLEN);
      const vni = remote.vni || this.vni;
      Header.write(header, 0, vni);
      tunnelXmit(this, copy, {
        remote: remote.ip,
        local: this.local,
        port: remote.port || this.port,
        header,
        ttl: this.ttl,
        tos: this.tos,
        checksum: false,
        dontFragment: false,
        kind: 1,
        vni,
      });
    });
  }

  lookup(mac: string): VxlanFdb | undefined {
    const entry = this.fdb.get(mac);
    if (entry?.state !== "reachable" || entry.updated + AGEING > this.ns.sim.now) return entry;
    this.fdb.delete(mac);
    return undefined;
  }

  receiveOuter(skb: Skb): boolean {
    const at = skb.transport + UDP_HLEN;
    if (!Header.check(skb.data, at, skb.tail)) return false;
    if (new Header(skb.data, at).vni !== this.vni) return false;
    const inner = at + VXLAN_HLEN;
    if (skb.tail - inner < 14) return false;
    if (this.learning) {
      const mac = formatMac(skb.data, inner + 6);
      const known = this.fdb.get(mac);
      if (known === undefined || known.state === "reachable") {
        const from = { ip: skb.ip.src, port: 0, vni: 0, ifindex: 0 };
        this.fdb.set(mac, { remotes: [from], state: "reachable", updated: this.ns.sim.now });
      }
    }
    tunnelReceive(this, skb, inner, 1, this.vni);
    return true;
  }
}
