import type { InetAddress, NetDevice } from "./device/device.ts";
import type { Route } from "./fib/route.ts";
import type { FibRule } from "./fib/rule.ts";
import type { Neighbour } from "./neigh/table.ts";

/** What changed, as the kernel tells those who listen on a route socket (linux: include/uapi/linux/rtnetlink.h, RTM_*). */
export type RtnlMessage =
  | { kind: "link"; dev: NetDevice; gone: boolean; settling: boolean }
  | { kind: "address"; dev: NetDevice; address: InetAddress; gone: boolean }
  | { kind: "route"; route: Route; gone: boolean }
  | { kind: "rule"; rule: FibRule; gone: boolean }
  | { kind: "neigh"; entry: Neighbour; gone: boolean }
  | { kind: "netconf"; dev: NetDevice; gone: boolean };

export interface RtnlListener {
  /** Called while it is so: what is to be said of it must be read now. */
  rtnlMessage(message: RtnlMessage): void;
}

/** Who listens in a namespace (linux: net/core/rtnetlink.c, rtnl_notify). */
export class Rtnl {
  listeners: RtnlListener[] = [];

  tell(message: RtnlMessage): void {
    for (const listener of this.listeners) listener.rtnlMessage(message);
  }

  /** `settling`: the carrier is there and the state has not followed yet. */
  link(dev: NetDevice, gone = false, settling = false): void {
    if (this.listeners.length) this.tell({ kind: "link", dev, gone, settling });
  }

  address(dev: NetDevice, address: InetAddress, gone = false): void {
    if (this.listeners.length) this.tell({ kind: "address", dev, address, gone });
  }

  route(route: Route, gone = false): void {
    if (this.listeners.length) this.tell({ kind: "route", route, gone });
  }

  rule(rule: FibRule, gone = false): void {
    if (this.listeners.length) this.tell({ kind: "rule", rule, gone });
  }

  neigh(entry: Neighbour, gone = false): void {
    if (this.listeners.length) this.tell({ kind: "neigh", entry, gone });
  }

  netconf(dev: NetDevice, gone = false): void {
    if (this.listeners.length) this.tell({ kind: "netconf", dev, gone });
  }
}
