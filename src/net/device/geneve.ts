import { ETH_P_TEB, type GeneveOption, Geneve as Header } from "../../wire/geneve.ts";
import { UDP_HLEN } from "../../wire/udp.ts";
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

/** Outer IPv4 + UDP + Geneve + inner Ethernet (linux: drivers/net/geneve.c, GENEVE_IPV4_HLEN). */
const OVERHEAD = 50;

/** Ethernet in Geneve in UDP (RFC 8926; linux: drivers/net/geneve.c). */
export class GeneveDevice extends NetDevice implements UdpTunnel {
  readonly kind = "geneve";
  vni: number;
  remote: number;
  port: number;
  ttl = 0;
  tos = 0;
  udpChecksum = false;
  options: GeneveOption[] = [];
  sock: TunnelSock | null = null;

  constructor(name: string, vni: number, remote: number, port: number) {
    super(name);
    this.vni = vni;
    this.remote = remote;
    this.port = port;
    this.maxMtu = 65535 - OVERHEAD;
  }

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
    const header = new Uint8Array(Header.lengthOf(this.options));
    Header.write(header, 0, { vni: this.vni, protocol: ETH_P_TEB, options: this.options });
    tunnelXmit(this, skb, {
      remote: this.remote,
      local: 0,
      port: this.port,
      header,
      ttl: this.ttl,
      tos: this.tos,
      checksum: this.udpChecksum,
      dontFragment: false,
      kind: 0,
      vni: this.vni,
    });
  }

  receiveOuter(skb: Skb): boolean {
    const at = skb.transport + UDP_HLEN;
    if (!Header.check(skb.data, at, skb.tail)) return false;
    const header = new Header(skb.data, at);
    if (header.vni !== this.vni || skb.ip.src !== this.remote || header.protocol !== ETH_P_TEB)
      return false;
    tunnelReceive(this, skb, at + header.headerLength, 0, this.vni);
    return true;
  }

  /** The device's MTU: what is left of the path to the remote (linux: geneve_link_config). */
  static mtuFor(lower: number): number {
    return lower - OVERHEAD;
  }
}
