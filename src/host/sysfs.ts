import { SysError } from "../base/errno.ts";
import { fromUtf8, utf8 } from "../base/text.ts";
import { setMtu } from "../net/device/admin.ts";
import { Bridge } from "../net/device/bridge.ts";
import type { NetDevice } from "../net/device/device.ts";
import { Veth } from "../net/device/veth.ts";
import { VlanDevice } from "../net/device/vlan.ts";
import { NetlinkError } from "../net/netlink.ts";
import type { NetNs } from "../net/netns.ts";
import { formatMac } from "../wire/address.ts";
import type { Machine } from "./machine.ts";
import type { Mount, MountStat } from "./mount.ts";
import type { Process } from "./process.ts";

const DIRECTORY: MountStat = { kind: "directory", mode: 0o755 };

/** linux: include/uapi/linux/if.h, IFF_*: as the device has them, the bridge's promiscuity too */
function flags(dev: NetDevice): number {
  return (
    (dev.up ? 0x1 : 0) |
    (dev.isLoopback ? 0x8 : 0x2) |
    (dev.noArp ? 0x80 : 0) |
    (dev.promisc ? 0x100 : 0) |
    (dev.allmulti ? 0x200 : 0) |
    (dev.multicast ? 0x1000 : 0)
  );
}

function below(dev: NetDevice): number {
  if (dev instanceof Veth) return dev.peer?.ifindex ?? 0;
  return dev instanceof VlanDevice ? dev.lower.ifindex : dev.ifindex;
}

/** What is to be read of a device that is up only (linux: netif_running, else -EINVAL). */
function whileUp(dev: NetDevice, value: number): number {
  if (!dev.up) throw new SysError("EINVAL");
  return value;
}

/** linux: net/core/net-sysfs.c, net_class_attrs */
const FILES: Readonly<Record<string, (dev: NetDevice) => string | number>> = {
  addr_len: () => 6,
  address: (dev) => formatMac(dev.mac),
  broadcast: (dev) => (dev.isLoopback ? "00:00:00:00:00:00" : "ff:ff:ff:ff:ff:ff"),
  carrier: (dev) => whileUp(dev, Number(dev.carrier)),
  flags: (dev) => `0x${flags(dev).toString(16)}`,
  ifalias: (dev) => dev.alias,
  ifindex: (dev) => dev.ifindex,
  iflink: below,
  mtu: (dev) => dev.mtu,
  operstate: (dev) => dev.operState.toLowerCase(),
  tx_queue_len: (dev) => dev.txqueuelen,
  type: (dev) => (dev.isLoopback ? 772 : 1),
};

/** linux: net/core/net-sysfs.c, netstat_attrs */
const STATISTICS: Readonly<Record<string, (dev: NetDevice) => number>> = {
  collisions: ({ stats }) => stats.collisions,
  multicast: ({ stats }) => stats.multicast,
  rx_bytes: ({ stats }) => stats.rxBytes,
  rx_dropped: ({ stats }) => stats.rxDropped,
  rx_errors: ({ stats }) => stats.rxErrors,
  rx_packets: ({ stats }) => stats.rxPackets,
  tx_bytes: ({ stats }) => stats.txBytes,
  tx_dropped: ({ stats }) => stats.txDropped,
  tx_errors: ({ stats }) => stats.txErrors,
  tx_packets: ({ stats }) => stats.txPackets,
};

/** /sys/class/net: the devices of the network namespace of who asks. */
export class SysClassNet implements Mount {
  machine: Machine;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  private ns(p: Process | null): NetNs {
    return p?.netns ?? this.machine.netns;
  }

  stat(p: Process | null, path: string): MountStat | null {
    if (path === "") return DIRECTORY;
    const [name = "", what = "", more = "", ...rest] = path.split("/");
    const dev = this.ns(p).byName.get(name);
    if (!dev || rest.length) return null;
    if (what === "" || (what === "statistics" && more === "")) return DIRECTORY;
    if (what === "statistics") return more in STATISTICS ? { kind: "file", mode: 0o444 } : null;
    if (what === "bridge" && more === "") return dev instanceof Bridge ? DIRECTORY : null;
    if (what === "master" && more === "" && dev.master)
      return { kind: "symlink", mode: 0o777, target: `../${dev.master.name}` };
    if (more !== "" || !(what in FILES)) return null;
    return { kind: "file", mode: what === "mtu" ? 0o644 : 0o444 };
  }

  list(p: Process | null, path: string): string[] {
    const { byName } = this.ns(p);
    if (path === "") return [...byName.keys()];
    const [name = "", what = ""] = path.split("/");
    if (what === "statistics") return Object.keys(STATISTICS);
    const dev = byName.get(name);
    if (what === "bridge" || !dev) return [];
    const more = [
      ...(dev instanceof Bridge ? ["bridge"] : []),
      ...(dev.master ? ["master"] : []),
      "statistics",
    ];
    return [...Object.keys(FILES), ...more].sort();
  }

  read(p: Process | null, path: string): Uint8Array {
    const [name = "", what = "", more = ""] = path.split("/");
    const dev = this.ns(p).byName.get(name);
    const get = what === "statistics" ? STATISTICS[more] : FILES[what];
    if (!dev || !get) throw new SysError("ENOENT");
    return utf8(`${get(dev)}\n`);
  }

  write(p: Process | null, path: string, data: Uint8Array): void {
    const [name = "", what = ""] = path.split("/");
    const dev = this.ns(p).byName.get(name);
    if (!dev) throw new SysError("ENOENT");
    if (what !== "mtu") throw new SysError("EACCES");
    const text = fromUtf8(data).trim();
    if (!/^\d+$/.test(text)) throw new SysError("EINVAL");
    try {
      setMtu(dev, Number(text));
    } catch (error) {
      throw error instanceof NetlinkError ? new SysError(error.errno) : error;
    }
  }
}
