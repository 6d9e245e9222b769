import type { Bytes } from "../wire/bytes.ts";
import { ETH_P_8021AD, ETH_P_8021Q, ETH_P_ARP, ETH_P_IP } from "../wire/ethernet.ts";
import { ETH_P_TEB, GENEVE_PORT } from "../wire/geneve.ts";
import { IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP } from "../wire/ipv4.ts";
import type { Tcp } from "../wire/tcp.ts";
import { VXLAN_PORT } from "../wire/vxlan.ts";
import { dns } from "./dns.ts";
import { icmp, ipv4, quotedIp } from "./ip.ts";
import { arp, ethernet, vlan } from "./link.ts";
import { tcp, udp } from "./transport.ts";
import { hexBytes, type Layer, Tree } from "./tree.ts";
import { geneve, vxlan } from "./tunnel.ts";

/** What the headers of a frame are, and what is left for who knows its conversation. */
export interface FrameHeaders {
  layers: Layer[];
  /** The innermost TCP segment, its data, and what tells its connection from others. */
  segment: { tcp: Tcp; src: number; dst: number; path: string; at: number; end: number } | null;
}

/** Every header of a frame, through tunnels to the innermost; bytes that nobody knows are data. */
export function frameHeaders(buf: Bytes, withEthernet = true): FrameHeaders {
  const found: FrameHeaders = { layers: [], segment: null };
  if (withEthernet) link(found, buf, 0, buf.length, "");
  else network(found, buf, ETH_P_IP, 0, buf.length, "");
  return found;
}

function data(found: FrameHeaders, buf: Bytes, at: number, end: number): void {
  if (end <= at) return;
  const tree = new Tree(buf);
  tree.add("data.data", "Data", at, end - at, hexBytes(buf.subarray(at, end)));
  const title = `Data (${end - at} bytes)`;
  found.layers.push({
    protocol: "data",
    title,
    source: 0,
    at,
    length: end - at,
    fields: tree.fields,
  });
}

function link(found: FrameHeaders, buf: Bytes, at: number, end: number, path: string): void {
  const outer = ethernet(buf, at, end);
  if (!outer) return data(found, buf, at, end);
  found.layers.push(outer.layer);
  let { type } = outer;
  let next = at + outer.layer.length;
  while (type === ETH_P_8021Q || type === ETH_P_8021AD) {
    const tag = vlan(buf, next, end);
    if (!tag) return data(found, buf, next, end);
    found.layers.push(tag.layer);
    next += tag.layer.length;
    type = tag.type;
  }
  network(found, buf, type, next, end, path);
}

function network(
  found: FrameHeaders,
  buf: Bytes,
  type: number,
  at: number,
  end: number,
  path: string,
): void {
  if (type === ETH_P_ARP) {
    const layer = arp(buf, at, end);
    if (layer) found.layers.push(layer);
    return layer ? undefined : data(found, buf, at, end);
  }
  const header = type === ETH_P_IP ? ipv4(buf, at, end) : null;
  if (!header) return data(found, buf, at, end);
  const { layer, ip } = header;
  found.layers.push(layer);
  const next = ip.payload;
  const stop = ip.end;
  // Only the first piece of a datagram has a header behind this one.
  if (ip.fragmentOffset) return data(found, buf, next, stop);
  if (ip.protocol === IPPROTO_ICMP) {
    const message = icmp(buf, next, stop);
    if (!message) return data(found, buf, next, stop);
    found.layers.push(message.layer);
    if (message.quoted !== null) found.layers.push(quotedIp(buf, message.quoted, stop));
    return;
  }
  if (ip.protocol === IPPROTO_TCP) {
    const segment = tcp(buf, next, stop, ip);
    if (!segment) return data(found, buf, next, stop);
    found.layers.push(segment.layer);
    const at = segment.tcp.payload;
    found.segment = { tcp: segment.tcp, src: ip.src, dst: ip.dst, path, at, end: stop };
    return;
  }
  if (ip.protocol === IPPROTO_UDP) {
    const datagram = udp(buf, next, stop, ip);
    if (!datagram) return data(found, buf, next, stop);
    found.layers.push(datagram.layer);
    const { srcPort, dstPort, payload } = datagram.udp;
    return application(found, buf, srcPort, dstPort, payload, datagram.udp.end, path);
  }
  data(found, buf, next, stop);
}

function application(
  found: FrameHeaders,
  buf: Bytes,
  from: number,
  to: number,
  at: number,
  end: number,
  path: string,
): void {
  if (to === GENEVE_PORT) {
    const header = geneve(buf, at, end);
    if (header) {
      found.layers.push(header.layer);
      const next = at + header.layer.length;
      if (header.protocol === ETH_P_TEB) return link(found, buf, next, end, `${path}geneve/`);
      return network(found, buf, header.protocol, next, end, `${path}geneve/`);
    }
  } else if (to === VXLAN_PORT) {
    const layer = vxlan(buf, at, end);
    if (layer) {
      found.layers.push(layer);
      return link(found, buf, at + layer.length, end, `${path}vxlan/`);
    }
  } else if (from === 53 || to === 53 || from === 15053 || to === 15053) {
    const layer = dns(buf, at, end);
    if (layer) {
      found.layers.push(layer);
      return;
    }
  }
  data(found, buf, at, end);
}
