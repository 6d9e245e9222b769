import type { Errno } from "../base/errno.ts";
import { CONNTRACK_SYSCTLS } from "./conntrack/timeouts.ts";
import type { NetNs } from "./netns.ts";

/** The per-device IPv4 settings (linux: include/uapi/linux/ip.h, IPV4_DEVCONF_*), by their file names. */
export interface DeviceConf {
  [name: string]: number;
}

/** As a fresh namespace has them (linux: net/ipv4/devinet.c, ipv4_devconf, ipv4_devconf_dflt). */
const DEVICE_DEFAULTS: DeviceConf = {
  accept_local: 0,
  accept_redirects: 1,
  accept_source_route: 0,
  arp_accept: 0,
  arp_announce: 0,
  arp_evict_nocarrier: 1,
  arp_filter: 0,
  arp_ignore: 0,
  arp_notify: 0,
  bc_forwarding: 0,
  bootp_relay: 0,
  disable_policy: 0,
  disable_xfrm: 0,
  drop_gratuitous_arp: 0,
  drop_unicast_in_l2_multicast: 0,
  force_igmp_version: 0,
  forwarding: 0,
  igmpv2_unsolicited_report_interval: 10000,
  igmpv3_unsolicited_report_interval: 1000,
  ignore_routes_with_linkdown: 0,
  log_martians: 0,
  mc_forwarding: 0,
  medium_id: 0,
  promote_secondaries: 0,
  proxy_arp: 0,
  proxy_arp_pvlan: 0,
  route_localnet: 0,
  rp_filter: 0,
  secure_redirects: 1,
  send_redirects: 1,
  shared_media: 1,
  src_valid_mark: 0,
  tag: 0,
};

/** What the kernel takes; the rest takes any number. */
const RANGES: Record<string, [number, number]> = {
  "net/ipv4/ip_default_ttl": [1, 255],
  "net/ipv4/ip_local_port_range": [1, 65535],
  "net/ipv4/ip_unprivileged_port_start": [0, 65535],
  "net/ipv4/tcp_syn_linear_timeouts": [0, 127],
  "net/ipv4/tcp_syn_retries": [1, 127],
};

/** Read-only in /proc/sys. */
const READ_ONLY = new Set(["mc_forwarding"]);

/** Everything else of /proc/sys/net, as text, with the values of a fresh namespace. */
const DEFAULTS: Record<string, string> = {
  "net/bridge/bridge-nf-call-iptables": "0",
  "net/core/somaxconn": "4096",
  "net/ipv4/icmp_echo_ignore_all": "0",
  "net/ipv4/icmp_echo_ignore_broadcasts": "1",
  "net/ipv4/icmp_errors_use_inbound_ifaddr": "0",
  "net/ipv4/icmp_ignore_bogus_error_responses": "1",
  "net/ipv4/icmp_ratelimit": "1000",
  "net/ipv4/icmp_ratemask": "6168",
  "net/ipv4/ip_default_ttl": "64",
  "net/ipv4/ip_dynaddr": "0",
  "net/ipv4/ip_early_demux": "1",
  "net/ipv4/ip_forward": "0",
  "net/ipv4/ip_forward_update_priority": "1",
  "net/ipv4/ip_forward_use_pmtu": "0",
  "net/ipv4/ip_local_port_range": "32768\t60999",
  "net/ipv4/ip_local_reserved_ports": "",
  "net/ipv4/ip_no_pmtu_disc": "0",
  "net/ipv4/ip_nonlocal_bind": "0",
  "net/ipv4/ip_unprivileged_port_start": "1024",
  "net/ipv4/ipfrag_high_thresh": "4194304",
  "net/ipv4/ipfrag_low_thresh": "3145728",
  "net/ipv4/ipfrag_time": "30",
  "net/ipv4/ping_group_range": "1\t0",
  "net/ipv4/tcp_base_mss": "1024",
  "net/ipv4/tcp_congestion_control": "cubic",
  "net/ipv4/tcp_ecn": "2",
  "net/ipv4/tcp_fin_timeout": "60",
  "net/ipv4/tcp_fwmark_accept": "0",
  "net/ipv4/fwmark_reflect": "0",
  "net/ipv4/tcp_keepalive_intvl": "75",
  "net/ipv4/tcp_keepalive_probes": "9",
  "net/ipv4/tcp_keepalive_time": "7200",
  "net/ipv4/tcp_min_snd_mss": "48",
  "net/ipv4/tcp_mtu_probe_floor": "48",
  "net/ipv4/tcp_mtu_probing": "0",
  "net/ipv4/tcp_orphan_retries": "0",
  "net/ipv4/tcp_retries1": "3",
  "net/ipv4/tcp_retries2": "15",
  "net/ipv4/tcp_rmem": "4096\t131072\t6291456",
  "net/ipv4/tcp_sack": "1",
  "net/ipv4/tcp_syn_linear_timeouts": "4",
  "net/ipv4/tcp_syn_retries": "6",
  "net/ipv4/tcp_synack_retries": "5",
  "net/ipv4/tcp_syncookies": "1",
  "net/ipv4/tcp_timestamps": "1",
  "net/ipv4/tcp_tw_reuse": "2",
  "net/ipv4/tcp_window_scaling": "1",
  "net/ipv4/tcp_wmem": "4096\t16384\t4194304",
};

/** What each device has for its neighbours (linux: net/core/neighbour.c, neigh_sysctl_template; arp.c, arp_tbl). */
const NEIGH_DEFAULTS: Record<string, string> = {
  anycast_delay: "100",
  app_solicit: "0",
  base_reachable_time: "30",
  base_reachable_time_ms: "30000",
  delay_first_probe_time: "5",
  gc_stale_time: "60",
  interval_probe_time_ms: "5000",
  locktime: "100",
  mcast_resolicit: "0",
  mcast_solicit: "3",
  proxy_delay: "80",
  proxy_qlen: "64",
  retrans_time: "100",
  retrans_time_ms: "1000",
  ucast_solicit: "3",
  unres_qlen: "101",
  unres_qlen_bytes: "212992",
};
const NEIGH = "net/ipv4/neigh";
/** Settings that are one, by two names: the other, and how many of its units are one of this. */
const SAME_NEIGH: Record<string, [string, number]> = {
  base_reachable_time: ["base_reachable_time_ms", 1000],
  base_reachable_time_ms: ["base_reachable_time", 1 / 1000],
  retrans_time: ["retrans_time_ms", 10],
  retrans_time_ms: ["retrans_time", 1 / 10],
};

/** What scripts turn off or on in passing; there is no IPv6 here, as with `ipv6.disable_ipv6=1`. */
const IPV6_DEVICE_DEFAULTS: Record<string, string> = {
  accept_dad: "1",
  accept_ra: "1",
  autoconf: "1",
  disable_ipv6: "1",
  forwarding: "0",
};

/** Of these too: a change forgets routes and does nothing else (linux: ipv4_doint_and_flush). */
const FLUSHING = new Set([
  "disable_xfrm",
  "disable_policy",
  "promote_secondaries",
  "route_localnet",
  "drop_unicast_in_l2_multicast",
]);

/** Keys that take a number only (the rest keep their text). */
const NUMERIC = /^-?\d+$/;

/** Settings of a namespace: `conf/{all,default,DEV}/…` and the rest of /proc/sys/net. */
const IPV4 = "net/ipv4/";
/** Whole names by their ends: every packet asks, and putting names together costs more than looking. */
const PATHS = new Map(
  Object.keys(DEFAULTS)
    .filter((path) => path.startsWith(IPV4))
    .map((path) => [path.slice(IPV4.length), path]),
);

export class Sysctls {
  ns: NetNs;
  all: DeviceConf = { ...DEVICE_DEFAULTS };
  defaults: DeviceConf = { ...DEVICE_DEFAULTS };
  devices = new Map<string, DeviceConf>();
  /** Settings that somebody wrote for a device: a change of `default` leaves those alone. */
  written = new Set<string>();
  values = new Map<string, string>(Object.entries({ ...DEFAULTS, ...CONNTRACK_SYSCTLS }));

  /** A new namespace begins with the settings that the first one has by then (linux: devinet_init_net). */
  constructor(ns: NetNs) {
    this.ns = ns;
    const first = ns.kernel.inherits ? ns.kernel.init?.sysctl : undefined;
    if (first) {
      this.all = { ...first.all };
      this.defaults = { ...first.defaults };
      this.values.set("net/ipv4/ip_forward", String(first.all.forwarding));
    }
    this.setIpv6("all", IPV6_DEVICE_DEFAULTS);
    this.setIpv6("default", IPV6_DEVICE_DEFAULTS);
  }

  /** Only a machine's first namespace has neigh/default (linux: neigh_sysctl_register). */
  addNeighDefault(): void {
    const all = { ...NEIGH_DEFAULTS, gc_thresh1: "128", gc_thresh2: "512", gc_thresh3: "1024" };
    for (const [key, value] of Object.entries({ gc_interval: "30", ...all }))
      this.values.set(`${NEIGH}/default/${key}`, value);
  }

  /** neigh/NAME: as new, as `from` has it, or (null) gone. */
  private setNeigh(name: string, from: string | null): void {
    for (const [key, value] of Object.entries(NEIGH_DEFAULTS)) {
      const own = `${NEIGH}/${name}/${key}`;
      if (from === null) this.values.delete(own);
      else this.values.set(own, this.values.get(`${NEIGH}/${from}/${key}`) ?? value);
    }
  }

  /** What a device has for its neighbours. */
  neigh(device: string, name: string): number {
    return Number(this.values.get(`${NEIGH}/${device}/${name}`) ?? NEIGH_DEFAULTS[name] ?? 0);
  }

  /** conf/NAME of IPv6: as given, or (null) gone. */
  private setIpv6(name: string, conf: Record<string, string> | null): void {
    for (const key of Object.keys(IPV6_DEVICE_DEFAULTS))
      if (conf) this.values.set(`net/ipv6/conf/${name}/${key}`, conf[key] as string);
      else this.values.delete(`net/ipv6/conf/${name}/${key}`);
  }

  deviceConf(name: string): DeviceConf {
    if (!this.devices.has(name)) {
      this.setIpv6(name, IPV6_DEVICE_DEFAULTS);
      this.setNeigh(name, "default");
    }
    const conf = { ...this.defaults };
    this.devices.set(name, conf);
    return conf;
  }

  forgetDevice(name: string): void {
    this.devices.delete(name);
    for (const key of this.written)
      if (key.startsWith(`${name}/`) || key.startsWith(`${NEIGH}/${name}/`))
        this.written.delete(key);
    this.setIpv6(name, null);
    this.setNeigh(name, null);
  }

  /** With its first address a device's settings are its own (linux: ipv4_devconf_setall). */
  keepDevice(name: string): void {
    for (const key of Object.keys(DEVICE_DEFAULTS)) this.written.add(`${name}/${key}`);
  }

  renameDevice(from: string, to: string): void {
    const conf = this.devices.get(from);
    if (!conf) return;
    this.devices.delete(from);
    this.devices.set(to, conf);
    for (const key of [...this.written])
      if (key.startsWith(`${from}/`)) {
        this.written.delete(key);
        this.written.add(to + key.slice(from.length));
      }
    this.setIpv6(from, null);
    this.setIpv6(to, IPV6_DEVICE_DEFAULTS);
    this.setNeigh(to, from);
    this.setNeigh(from, null);
  }

  /** A whole number setting under net/ipv4/. */
  number(name: string): number {
    return Number(this.values.get(PATHS.get(name) ?? IPV4 + name) ?? 0);
  }

  /** Numbers of a setting that has several, such as ip_local_port_range. */
  numbers(name: string): number[] {
    return (this.values.get(`net/ipv4/${name}`) ?? "").split(/\s+/).map(Number);
  }

  text(name: string): string {
    return this.values.get(`net/ipv4/${name}`) ?? "";
  }

  conf(device: string): DeviceConf | undefined {
    if (device === "all") return this.all;
    if (device === "default") return this.defaults;
    return this.devices.get(device);
  }

  /** The setting that counts for a device: the larger of `all` and its own (IN_DEV_MAXCONF). */
  max(conf: DeviceConf, name: string): number {
    return Math.max(this.all[name] ?? 0, conf[name] ?? 0);
  }

  /** On when `all` or the device says so (IN_DEV_ORCONF). */
  or(conf: DeviceConf, name: string): boolean {
    return (this.all[name] ?? 0) !== 0 || (conf[name] ?? 0) !== 0;
  }

  /** On when `all` and the device say so (IN_DEV_ANDCONF). */
  and(conf: DeviceConf, name: string): boolean {
    return (this.all[name] ?? 0) !== 0 && (conf[name] ?? 0) !== 0;
  }
}

const CONF = "net/ipv4/conf";

/** Keys of a directory below /proc/sys; null when there is no such directory. */
export function sysctlList(ns: NetNs, dir: string): string[] | null {
  const path = dir.replace(/^\/+|\/+$/g, "");
  if (path === CONF) return ["all", "default", ...ns.sysctl.devices.keys()].sort();
  if (path.startsWith(`${CONF}/`))
    return ns.sysctl.conf(path.slice(CONF.length + 1)) ? Object.keys(DEVICE_DEFAULTS) : null;
  const keys = new Set<string>();
  const prefix = path === "" ? "" : `${path}/`;
  for (const key of ns.sysctl.values.keys())
    if (key.startsWith(prefix)) keys.add(key.slice(prefix.length).split("/", 1)[0] as string);
  if (path === "net/ipv4") keys.add("conf");
  return keys.size ? [...keys].sort() : null;
}

/** Is there such a directory? Asked for every part of every path, so it lists nothing. */
export function sysctlIsDirectory(ns: NetNs, path: string): boolean {
  if (path === "" || path === "net" || path === "net/ipv4" || path === CONF) return true;
  if (path.startsWith(`${CONF}/`)) return ns.sysctl.conf(path.slice(CONF.length + 1)) !== undefined;
  const prefix = `${path}/`;
  for (const key of ns.sysctl.values.keys()) if (key.startsWith(prefix)) return true;
  return false;
}

function confOf(ns: NetNs, key: string): { device: string; name: string; conf: DeviceConf } | null {
  const found = /^net\/ipv4\/conf\/(.+)\/([a-z0-9_]+)$/.exec(key);
  if (!found) return null;
  const [, device = "", name = ""] = found;
  const conf = ns.sysctl.conf(device);
  return conf && name in DEVICE_DEFAULTS ? { device, name, conf } : null;
}

/** The text of a key, without newline; null when there is no such key. */
export function sysctlRead(ns: NetNs, key: string): string | null {
  const device = confOf(ns, key);
  if (device) return String(device.conf[device.name]);
  if (key === "net/netfilter/nf_conntrack_count") return String(ns.conntrack.entries.size);
  return ns.sysctl.values.get(key) ?? null;
}

/** Write a key as `echo text > /proc/sys/key` does; an errno when the kernel refuses. */
export function sysctlWrite(ns: NetNs, key: string, text: string): Errno | null {
  const value = text.trim();
  const device = confOf(ns, key);
  if (device) {
    if (READ_ONLY.has(device.name)) return "EACCES";
    const first = value.split(/\s+/)[0] ?? "";
    if (!NUMERIC.test(first)) return "EINVAL";
    setDeviceConf(ns, device.device, device.name, Number(first));
    return null;
  }
  if (key === "net/netfilter/nf_conntrack_count") return "EACCES";
  const old = ns.sysctl.values.get(key);
  if (old === undefined) return "ENOENT";
  if (old === "" || !/^-?\d+(\s+-?\d+)*$/.test(old)) {
    ns.sysctl.values.set(key, value);
    return null;
  }
  const words = value.split(/\s+/);
  if (!words.every((word) => NUMERIC.test(word))) return "EINVAL";
  const count = old.split(/\s+/).length;
  const numbers = words.slice(0, count).map(Number);
  const [low = 0, high = 0] = RANGES[key] ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  if (numbers.some((n) => n < low || n > high)) return "EINVAL";
  if (key === "net/ipv4/ip_local_port_range" && (numbers[0] ?? 0) > (numbers[1] ?? 65535))
    return "EINVAL";
  ns.sysctl.values.set(key, words.slice(0, count).map(Number).join("\t"));
  if (key === "net/ipv4/ip_forward") setForwarding(ns, Number(words[0]) ? 1 : 0);
  if (key.startsWith(`${NEIGH}/`)) setNeighbours(ns, key, numbers[0] ?? 0);
  return null;
}

/** linux: net/core/neighbour.c, neigh_proc_update: what nobody wrote for a device follows the default */
function setNeighbours(ns: NetNs, key: string, value: number): void {
  const [device = "", name = ""] = key.slice(NEIGH.length + 1).split("/");
  const { values, written, devices } = ns.sysctl;
  const [other, factor] = SAME_NEIGH[name] ?? ["", 1];
  const both: [string, number][] = [[name, value]];
  if (other) both.push([other, Math.floor(value * factor)]);
  for (const [one, now] of both) {
    values.set(`${NEIGH}/${device}/${one}`, String(now));
    if (device !== "default") written.add(`${NEIGH}/${device}/${one}`);
    else
      for (const own of devices.keys())
        if (!written.has(`${NEIGH}/${own}/${one}`))
          values.set(`${NEIGH}/${own}/${one}`, String(now));
  }
}

/** linux: net/ipv4/devinet.c, devinet_conf_proc and devinet_sysctl_forward */
function setDeviceConf(ns: NetNs, device: string, name: string, value: number): void {
  const conf = ns.sysctl.conf(device) as DeviceConf;
  if (name === "forwarding" && device === "all") {
    setForwarding(ns, value ? 1 : 0);
    return;
  }
  const now = name === "forwarding" ? (value ? 1 : 0) : value;
  conf[name] = now;
  if (device !== "default") {
    ns.sysctl.written.add(`${device}/${name}`);
    return;
  }
  // Whether new devices forward says nothing of those that are there (devinet_sysctl_forward).
  if (name === "forwarding" || FLUSHING.has(name)) return;
  // linux: devinet_copy_dflt_conf
  for (const [other, own] of ns.sysctl.devices)
    if (!ns.sysctl.written.has(`${other}/${name}`)) own[name] = now;
}

/** `ip_forward` is the same setting as conf/all/forwarding, and sets every device's. */
function setForwarding(ns: NetNs, on: number): void {
  ns.sysctl.values.set("net/ipv4/ip_forward", String(on));
  // What is so already changes nothing; a router does not believe redirects (inet_forward_change).
  if (ns.sysctl.all.forwarding === on) return;
  ns.sysctl.all.accept_redirects = on ? 0 : 1;
  ns.sysctl.all.forwarding = on;
  ns.sysctl.defaults.forwarding = on;
  for (const conf of ns.sysctl.devices.values()) conf.forwarding = on;
}
