import { maskOf } from "../../wire/address.ts";
import { flushDeviceRoutes, flushSourceRoutes } from "../fib/admin.ts";
import {
  type Route,
  type RouteType,
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
  RTPROT_KERNEL,
} from "../fib/route.ts";
import { NetlinkError } from "../netlink.ts";
import type { NetNs } from "../netns.ts";
import { Bridge } from "./bridge.ts";
import type { InetAddress, NetDevice } from "./device.ts";
import { Veth } from "./veth.ts";
import { VlanDevice } from "./vlan.ts";

/** `ip link set DEV up|down` (linux: net/core/dev.c, dev_change_flags; net/ipv4/fib_frontend.c, fib_netdev_event). */
export function setLink(dev: NetDevice, up: boolean): void {
  if (dev.up === up) return;
  const ns = dev.ns;
  if (up) {
    if (dev instanceof VlanDevice && !dev.lower.up && !dev.looseBinding)
      throw new NetlinkError("ENETDOWN");
    dev.up = true;
    if (dev.qdisc === "noop") dev.qdisc = "noqueue";
    dev.opened();
    if (dev.isLoopback && dev.addresses.length === 0) {
      addAddress(dev, {
        local: 0x7f000001,
        peer: 0x7f000001,
        prefixLength: 8,
        broadcast: null,
        scope: RT_SCOPE_HOST,
        label: dev.name,
      });
      return;
    }
    const peer = dev instanceof Veth ? dev.peer : null;
    ns.rtnl.link(dev, false, peer?.up);
    for (const address of dev.addresses) addAddressRoutes(dev, address);
    for (const vlan of vlansOf(dev)) setLink(vlan, true);
    if (!peer?.up) return;
    // Both have a carrier now.
    ns.rtnl.link(dev);
    peer.ns.rtnl.link(peer);
    return;
  }
  for (const vlan of vlansOf(dev)) setLink(vlan, false);
  dev.up = false;
  dev.stopped();
  for (const tap of dev.taps) tap.down?.();
  ns.rtnl.link(dev);
  if (dev instanceof Veth && dev.peer?.up) dev.peer.ns.rtnl.link(dev.peer);
  flushDeviceRoutes(ns, dev, true);
  ns.neigh.forgetDevice(dev, false);
  if (dev.master instanceof Bridge)
    for (const [mac, entry] of dev.master.fdb)
      if (entry.port === dev && !entry.permanent) dev.master.fdb.delete(mac);
}

/** The VLANs that go up and down with a device (linux: net/8021q/vlan.c, vlan_device_event). */
function vlansOf(dev: NetDevice): VlanDevice[] {
  return [...dev.vlans.values()].filter(
    (vlan): vlan is VlanDevice => vlan instanceof VlanDevice && !vlan.looseBinding,
  );
}

/** `ip link set DEV mtu N` (linux: net/core/dev.c, dev_set_mtu): VLANs are never larger. */
export function setMtu(dev: NetDevice, mtu: number): void {
  if (mtu < dev.minMtu) throw new NetlinkError("EINVAL", "mtu less than device minimum");
  if (dev.maxMtu > 0 && mtu > dev.maxMtu)
    throw new NetlinkError("EINVAL", "mtu greater than device maximum");
  if (dev instanceof VlanDevice && mtu > dev.lower.mtu) throw new NetlinkError("ERANGE");
  dev.mtu = mtu;
  dev.ns?.rtnl.link(dev);
  if (dev instanceof Bridge) dev.mtuGiven = true;
  if (dev.master instanceof Bridge) dev.master.adjustMtu();
  for (const vlan of dev.vlans.values()) if (vlan.mtu > mtu) setMtu(vlan, mtu);
}

export type AddressSpec = Omit<
  InetAddress,
  "secondary" | "noPrefixRoute" | "validUntil" | "preferredUntil"
> &
  Partial<InetAddress>;

/** linux: net/ipv4/devinet.c, __inet_insert_ifa */
export function addAddress(dev: NetDevice, spec: AddressSpec): InetAddress {
  const address: InetAddress = {
    noPrefixRoute: false,
    validUntil: null,
    preferredUntil: null,
    ...spec,
    secondary: false,
  };
  const mask = maskOf(address.prefixLength);
  let place = 0;
  dev.addresses.forEach((other, i) => {
    if (!other.secondary && address.scope <= other.scope) place = i + 1;
    if (other.prefixLength !== address.prefixLength || ((other.peer ^ address.peer) & mask) !== 0)
      return;
    if (other.local === address.local) throw new NetlinkError("EEXIST", "Address already assigned");
    if (other.scope !== address.scope)
      throw new NetlinkError("EINVAL", "ipv4: Invalid scope value");
    address.secondary = true;
  });
  dev.addresses.splice(address.secondary ? dev.addresses.length : place, 0, address);
  dev.ns.rtnl.address(dev, address);
  addAddressRoutes(dev, address);
  dev.ns.sysctl.keepDevice(dev.name);
  return address;
}

function magic(
  dev: NetDevice,
  type: RouteType,
  dst: number,
  length: number,
  prefSrc: number,
): Omit<Route, "id"> {
  return {
    table: type === "unicast" ? RT_TABLE_MAIN : RT_TABLE_LOCAL,
    type,
    dst,
    length,
    tos: 0,
    scope: type === "local" ? RT_SCOPE_HOST : RT_SCOPE_LINK,
    protocol: RTPROT_KERNEL,
    priority: 0,
    prefSrc,
    nexthops: [{ dev, gateway: 0, onlink: false, weight: 1 }],
    metrics: {},
  };
}

/** linux: net/ipv4/devinet.c, inet_ifa_byprefix */
function primaryOf(dev: NetDevice, address: InetAddress): number {
  const mask = maskOf(address.prefixLength);
  const primary = dev.addresses.find(
    (a) =>
      !a.secondary &&
      a.prefixLength === address.prefixLength &&
      ((a.peer ^ address.peer) & mask) === 0,
  );
  return primary?.local ?? address.local;
}

/** The routes that an address brings along (linux: net/ipv4/fib_frontend.c, fib_add_ifaddr). */
function wantedRoutes(dev: NetDevice, address: InetAddress): Omit<Route, "id">[] {
  const mask = maskOf(address.prefixLength);
  const prefix = (address.peer & mask) >>> 0;
  // What goes to a secondary address is answered from its primary's, unless one says otherwise.
  const source = address.secondary ? primaryOf(dev, address) : address.local;
  const wanted = [magic(dev, "local", address.local, 32, source)];
  if (!dev.up) return wanted;
  if (address.broadcast !== null && address.broadcast !== 0xffffffff)
    wanted.push(magic(dev, "broadcast", address.broadcast, 32, source));
  if (
    prefix >>> 24 !== 0 &&
    !address.secondary &&
    (prefix !== address.local || address.prefixLength < 32)
  ) {
    const type = dev.isLoopback ? "local" : "unicast";
    if (!address.noPrefixRoute)
      wanted.push(magic(dev, type, prefix, address.prefixLength, address.local));
    if (address.prefixLength < 31)
      wanted.push(magic(dev, "broadcast", (prefix | ~mask) >>> 0, 32, address.local));
  }
  return wanted;
}

function sameRoute(a: Omit<Route, "id">, b: Route): boolean {
  return (
    a.table === b.table &&
    a.type === b.type &&
    a.dst === b.dst &&
    a.length === b.length &&
    a.prefSrc === b.prefSrc &&
    b.protocol === RTPROT_KERNEL &&
    a.nexthops[0]?.dev === b.nexthops[0]?.dev
  );
}

function addAddressRoutes(dev: NetDevice, address: InetAddress): void {
  const fib = dev.ns.fib;
  for (const route of wantedRoutes(dev, address)) {
    const there = fib.table(route.table).at(route.dst, route.length);
    if (!there.some((other) => sameRoute(route, other)))
      dev.ns.rtnl.route(fib.addRoute(route, "append"));
  }
}

/** `ip addr del` (linux: net/ipv4/devinet.c, __inet_del_ifa; fib_frontend.c, fib_del_ifaddr). */
export function deleteAddress(dev: NetDevice, gone: InetAddress): void {
  const ns = dev.ns;
  const mask = maskOf(gone.prefixLength);
  const at = dev.addresses.indexOf(gone);
  if (at < 0) throw new NetlinkError("EADDRNOTAVAIL");
  const family = gone.secondary
    ? []
    : dev.addresses.filter(
        (a) =>
          a.secondary &&
          a.prefixLength === gone.prefixLength &&
          ((a.peer ^ gone.peer) & mask) === 0,
      );
  const promote = ns.sysctl.or(dev.conf, "promote_secondaries");
  // The secondaries' routes name the primary: they go first, while it is known.
  for (const address of family) {
    dev.addresses.splice(dev.addresses.indexOf(address), 1);
    ns.rtnl.address(dev, address, true);
    removeAddressRoutes(dev, address);
  }
  dev.addresses.splice(dev.addresses.indexOf(gone), 1);
  ns.rtnl.address(dev, gone, true);
  removeAddressRoutes(dev, gone);
  if (family.length === 0 || !promote) return;
  dev.addresses.push(...family);
  (family[0] as InetAddress).secondary = false;
  for (const address of family) {
    ns.rtnl.address(dev, address);
    addAddressRoutes(dev, address);
  }
}

function removeAddressRoutes(dev: NetDevice, gone: InetAddress): void {
  const fib = dev.ns.fib;
  const still: Omit<Route, "id">[] = [];
  for (const other of dev.ns.devices.values())
    for (const address of other.addresses) still.push(...wantedRoutes(other, address));
  for (const route of wantedRoutes(dev, gone)) {
    if (still.some((other) => sameRoute(route, { ...other, id: 0 }))) continue;
    const there = fib
      .table(route.table)
      .at(route.dst, route.length)
      .find((other) => sameRoute(route, other));
    if (!there) continue;
    fib.removeRoute(there);
    dev.ns.rtnl.route(there, true);
  }
  const local = [...dev.ns.devices.values()].some((other) =>
    other.addresses.some((a) => a.local === gone.local),
  );
  if (!local) flushSourceRoutes(dev.ns, gone.local);
}

export function flushAddresses(dev: NetDevice): void {
  for (const address of [...dev.addresses])
    if (dev.addresses.includes(address)) deleteAddress(dev, address);
}

/** `ip link set DEV name NEW`: also while it is up (since Linux 6.2). */
export function renameDevice(dev: NetDevice, name: string): void {
  const ns = dev.ns;
  if (ns.byName.has(name)) throw new NetlinkError("EEXIST");
  ns.byName.delete(dev.name);
  ns.sysctl.renameDevice(dev.name, name);
  for (const address of dev.addresses) if (address.label === dev.name) address.label = name;
  dev.name = name;
  ns.byName.set(name, dev);
  ns.describe(dev);
  ns.rtnl.link(dev);
}

/** `ip link set DEV netns NS`: down, bare, with its index if that is free there (linux: dev_change_net_namespace). */
export function moveDevice(dev: NetDevice, to: NetNs, name = dev.name): void {
  const from = dev.ns;
  if (from === to) return;
  if (dev.isLoopback) throw new NetlinkError("EINVAL", "The interface netns is immutable");
  if (to.byName.has(name)) throw new NetlinkError("EEXIST");
  setLink(dev, false);
  if (dev.master instanceof Bridge) dev.master.removePort(dev);
  flushAddresses(dev);
  from.unregister(dev);
  dev.name = name;
  dev.qdisc = "noop";
  to.register(dev, dev.ifindex);
}
