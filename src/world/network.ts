import type { Machine } from "../host/machine.ts";
import { addAddress, setLink } from "../net/device/admin.ts";
import type { NetDevice } from "../net/device/device.ts";
import { Nic, type Segment } from "../net/device/nic.ts";
import { Veth } from "../net/device/veth.ts";
import { addRoute } from "../net/fib/admin.ts";
import {
  type Route,
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_UNIVERSE,
  RT_TABLE_MAIN,
} from "../net/fib/route.ts";
import type { NetNs } from "../net/netns.ts";
import { maskOf, parseIpv4, parsePrefix } from "../wire/address.ts";
import type { NodeSpec } from "./spec.ts";

function ip(text: string): number {
  const value = parseIpv4(text);
  if (value === null) throw new Error(`not an IPv4 address: ${text}`);
  return value;
}

function route(
  ns: NetNs,
  dst: number,
  length: number,
  dev: NetDevice,
  fields: Partial<Pick<Route, "scope" | "prefSrc">> & { gateway?: number } = {},
): void {
  addRoute(
    ns,
    {
      table: RT_TABLE_MAIN,
      type: "unicast",
      dst,
      length,
      tos: 0,
      scope: fields.scope ?? (fields.gateway ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK),
      protocol: 3,
      priority: 0,
      prefSrc: fields.prefSrc ?? 0,
      nexthops: [{ dev, gateway: fields.gateway ?? 0, onlink: false, weight: 1 }],
      metrics: {},
    },
    "add",
  );
}

/** A node's card on the segment, its address, and forwarding. */
export function connectNode(machine: Machine, spec: NodeSpec, segment: Segment, mtu: number): void {
  const ns = machine.netns;
  setLink(ns.loopback, true);
  const nic = new Nic("eth0");
  nic.mac = machine.kernel.randomMac();
  nic.mtu = mtu;
  ns.register(nic);
  segment.plug(nic);
  nic.qdisc = "mq";
  const address = parsePrefix(spec.address);
  if (!address) throw new Error(`not an address: ${spec.address}`);
  setLink(nic, true);
  addAddress(nic, {
    local: address.address,
    peer: address.address,
    prefixLength: address.length,
    broadcast: (address.address | ~maskOf(address.length)) >>> 0,
    scope: 0,
    label: "eth0",
  });
  ns.sysctl.values.set("net/ipv4/ip_forward", "1");
  for (const conf of [ns.sysctl.all, ns.sysctl.defaults, ...ns.sysctl.devices.values()])
    conf.forwarding = 1;
}

/** How a node reaches the pods of another: through that node. */
export function routeToNode(machine: Machine, other: NodeSpec): void {
  const cidr = parsePrefix(other.podCidr);
  const address = parsePrefix(other.address);
  const dev = machine.netns.byName.get("eth0");
  if (cidr && address && dev)
    route(machine.netns, cidr.address, cidr.length, dev, { gateway: address.address });
}

/**
 * What the CNI plugin ("ptp", as on GKE) does for a pod: a veth pair, the pod's address on its end,
 * the gateway's on the host's, a host route there, and everything through the gateway here.
 */
export function connectPod(
  node: Machine,
  pod: NetNs,
  spec: { ip: string; gateway: string; cidr: string; veth: string; mtu: number },
): void {
  const host = node.netns;
  const address = ip(spec.ip);
  const gateway = ip(spec.gateway);
  const cidr = parsePrefix(spec.cidr);
  const length = cidr?.length ?? 24;
  setLink(pod.loopback, true);
  const [outside, inside] = Veth.pair(spec.veth, "eth0");
  outside.mtu = spec.mtu;
  inside.mtu = spec.mtu;
  inside.mac = node.kernel.randomMac();
  outside.mac = node.kernel.randomMac();
  pod.register(inside);
  host.register(outside);
  pod.nsidOf(host);
  host.nsidOf(pod);
  setLink(outside, true);
  setLink(inside, true);
  addAddress(outside, {
    local: gateway,
    peer: gateway,
    prefixLength: 32,
    broadcast: null,
    scope: 0,
    label: outside.name,
  });
  addAddress(inside, {
    local: address,
    peer: address,
    prefixLength: length,
    broadcast: (address | ~maskOf(length)) >>> 0,
    scope: 0,
    label: "eth0",
  });
  // The connected route is replaced by one through the gateway: neighbours are behind the node.
  const connected = pod.fib.table(RT_TABLE_MAIN).at((address & maskOf(length)) >>> 0, length)[0];
  if (connected) pod.fib.removeRoute(connected);
  route(pod, gateway, 32, inside, { prefSrc: address });
  route(pod, (address & maskOf(length)) >>> 0, length, inside, { gateway, prefSrc: address });
  route(pod, 0, 0, inside, { gateway });
  route(host, address, 32, outside, { scope: RT_SCOPE_HOST });
}
