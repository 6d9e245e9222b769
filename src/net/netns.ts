import type { Sim } from "../sim/sim.ts";
import type { Trace } from "../sim/trace.ts";
import { ConntrackTable } from "./conntrack/table.ts";
import { flushAddresses, setLink } from "./device/admin.ts";
import { Bridge } from "./device/bridge.ts";
import type { NetDevice, Tap } from "./device/device.ts";
import { AddressLifetimes } from "./device/lifetime.ts";
import { Loopback, LoopbackQueue } from "./device/loopback.ts";
import { Fib } from "./fib/fib.ts";
import { FragmentQueues } from "./ipv4/fragment.ts";
import type { RateLimit } from "./ipv4/icmp.ts";
import type { Kernel } from "./kernel.ts";
import { Mib } from "./mib.ts";
import { NeighTable } from "./neigh/table.ts";
import { Netfilter } from "./netfilter/hook.ts";
import { IpsetTable } from "./netfilter/ipset/set.ts";
import { Rtnl } from "./rtnl.ts";
import { SocketTable } from "./socket/table.ts";
import { Sysctls } from "./sysctl.ts";

/** A network namespace (linux: struct net): devices, routes, rules, sockets, netfilter, all its own. */
export class NetNs {
  kernel: Kernel;
  sim: Sim;
  trace: Trace;
  id: number;
  /** What we call it in pictures; `ip netns` names are the kernel's (`Kernel.named`). */
  label: string;
  devices = new Map<number, NetDevice>();
  byName = new Map<string, NetDevice>();
  nextIfindex = 1;
  sysctl: Sysctls;
  loopback: Loopback;
  fib: Fib;
  neigh: NeighTable;
  netfilter: Netfilter;
  ipsets: IpsetTable;
  conntrack: ConntrackTable;
  fragments: FragmentQueues;
  sockets: SocketTable;
  /** Packet sockets that listen on all devices. */
  taps: Tap[] = [];
  loopbackQueue: LoopbackQueue;
  rtnl = new Rtnl();
  addressLifetimes = new AddressLifetimes();
  mib = new Mib();
  /** Path MTUs that routers told us, by destination (linux: struct fib_nh_exception). */
  pmtu = new Map<number, { mtu: number; expires: number }>();
  icmpLimits = new Map<number, RateLimit>();
  ipId: number;
  /** The ids by which this namespace knows others (`link-netnsid`, `ip netns list`). */
  nsids: NetNs[] = [];

  constructor(kernel: Kernel, id: number, label: string) {
    this.kernel = kernel;
    this.sim = kernel.sim;
    this.trace = kernel.sim.trace;
    this.id = id;
    this.label = label;
    this.ipId = this.sim.rng(`ip-id/${id}`).below(65536);
    this.sysctl = new Sysctls(this);
    this.fib = new Fib(this);
    this.neigh = new NeighTable(this);
    this.netfilter = new Netfilter(this);
    this.ipsets = new IpsetTable(this);
    this.conntrack = new ConntrackTable(this);
    this.fragments = new FragmentQueues(this);
    this.sockets = new SocketTable(this);
    this.loopbackQueue = new LoopbackQueue();
    this.loopback = new Loopback("lo");
    this.register(this.loopback);
  }

  /** Give the device an index and a place here (linux: net/core/dev.c, register_netdevice). */
  register(dev: NetDevice, ifindex?: number): void {
    const free = ifindex !== undefined && !this.devices.has(ifindex);
    dev.ifindex = free ? ifindex : this.nextIfindex;
    while (this.devices.has(dev.ifindex)) dev.ifindex++;
    this.nextIfindex = Math.max(this.nextIfindex, dev.ifindex + 1);
    dev.ns = this;
    dev.conf = this.sysctl.deviceConf(dev.name);
    this.devices.set(dev.ifindex, dev);
    this.byName.set(dev.name, dev);
    this.describe(dev);
    this.rtnl.netconf(dev);
    this.rtnl.link(dev);
  }

  unregister(dev: NetDevice): void {
    this.rtnl.netconf(dev, true);
    dev.qdisc = "noop";
    this.rtnl.link(dev, true);
    this.devices.delete(dev.ifindex);
    this.byName.delete(dev.name);
    this.sysctl.forgetDevice(dev.name);
  }

  /** Take it down and away, with its addresses, routes, ports and peer (linux: unregister_netdevice). */
  deleteDevice(dev: NetDevice): void {
    if (this.devices.get(dev.ifindex) !== dev) return;
    for (const vlan of [...dev.vlans.values()]) vlan.ns.deleteDevice(vlan);
    const doomed = [dev, ...dev.detach()];
    for (const one of doomed) setLink(one, false);
    for (const one of doomed) {
      if (one.master instanceof Bridge) one.master.removePort(one);
      flushAddresses(one);
      one.ns.unregister(one);
      one.uninit();
    }
  }

  /** Tell the trace what this ifindex is called from now on. */
  describe(dev: NetDevice): void {
    this.trace.catalogue.devices.set(`${this.id}/${dev.ifindex}`, {
      name: dev.name,
      kind: dev.kind,
    });
  }

  /** The id by which this namespace knows `other`, given on first use (linux: peernet2id_alloc). */
  nsidOf(other: NetNs): number {
    const at = this.nsids.indexOf(other);
    if (at >= 0) return at;
    this.nsids.push(other);
    return this.nsids.length - 1;
  }

  /** The next IPv4 identification (linux: __ip_select_ident). */
  nextIpId(): number {
    this.ipId = (this.ipId + 1) & 0xffff;
    return this.ipId;
  }
}
