import { moveDevice, renameDevice, setLink } from "../../../net/device/admin.ts";
import { Bridge } from "../../../net/device/bridge.ts";
import type { NetDevice } from "../../../net/device/device.ts";
import { Dummy } from "../../../net/device/dummy.ts";
import { GeneveDevice } from "../../../net/device/geneve.ts";
import { Veth } from "../../../net/device/veth.ts";
import { VxlanDevice } from "../../../net/device/vxlan.ts";
import { flow } from "../../../net/fib/route.ts";
import { NetlinkError } from "../../../net/netlink.ts";
import type { NetNs } from "../../../net/netns.ts";
import { parseMac } from "../../../wire/address.ts";
import { show } from "./address.ts";
import {
  findDevice,
  type IpContext,
  IpError,
  incomplete,
  invalidArgument,
  matches,
  pick,
  type Words,
} from "./context.ts";
import { address, unsigned } from "./parse.ts";

/** `ip link …` (iproute2: ip/iplink.c) */
export function ipLink(ctx: IpContext, words: Words): void {
  if (words.done) return show(ctx, words, true);
  const verb = words.next();
  const command = pick(verb, ["add", "set", "change", "replace", "delete", "show", "list", "lst"]);
  if (command === "add") return add(ctx, words);
  if (command === "set" || command === "change") return set(ctx, words);
  if (command === "delete") return remove(ctx, words);
  if (command === "show" || command === "list" || command === "lst") return show(ctx, words, true);
  throw new IpError(`Command "${verb}" is unknown, try "ip link help".\n`, 255);
}

/** What stands before `type KIND`, or before the end for a peer. */
interface LinkFields {
  name: string;
  mac: Uint8Array | null;
  mtu: number | null;
  up: boolean;
  ns: NetNs;
  link: string | null;
  ifindex: number | undefined;
  txqueuelen: number | null;
}

function namespaceByName(ctx: IpContext, name: string): NetNs {
  const ns = ctx.p.machine.kernel.named.get(name);
  if (ns) return ns;
  if (/^\d+$/.test(name)) {
    const process = ctx.p.machine.processes.get(Number(name));
    if (process) return process.netns;
    throw new NetlinkError("ESRCH");
  }
  return invalidArgument(`Invalid "netns" value\n`, name);
}

function mtuOf(text: string): number {
  return unsigned(text) ?? invalidArgument('Invalid "mtu" value\n', text);
}

function macOf(text: string): Uint8Array {
  const mac = parseMac(text);
  if (!mac) throw new IpError(`"${text}" is invalid lladdr.\n`, 1);
  return mac;
}

function fields(ctx: IpContext, words: Words): LinkFields {
  const f: LinkFields = {
    name: "",
    mac: null,
    mtu: null,
    up: false,
    ns: ctx.ns,
    link: null,
    ifindex: undefined,
    txqueuelen: null,
  };
  while (!words.done && words.peek() !== "type") {
    const word = words.next();
    if (word === "up") f.up = true;
    else if (word === "mtu") f.mtu = mtuOf(words.value());
    else if (matches(word, "address")) f.mac = macOf(words.value());
    else if (word === "netns") f.ns = namespaceByName(ctx, words.value());
    else if (word === "link") f.link = words.value();
    else if (word === "index") f.ifindex = unsigned(words.value()) ?? undefined;
    else if (word === "txqueuelen" || word === "qlen" || word === "txqlen")
      f.txqueuelen = unsigned(words.value());
    else if (word === "numtxqueues" || word === "numrxqueues") words.value();
    else if (word === "dev" || word === "name") f.name = words.value();
    else if (f.name === "") f.name = word;
    else throw new IpError(`Error: either "dev" is duplicate, or "${word}" is a garbage.\n`, 255);
  }
  if (f.name.length > 15) throw new NetlinkError("ERANGE", "Attribute failed policy validation");
  return f;
}

/** A name that is free: "veth0", "veth1" … for `%d`. */
function freeName(ns: NetNs, stem: string): string {
  for (let i = 0; ; i++) if (!ns.byName.has(`${stem}${i}`)) return `${stem}${i}`;
}

function settle(ctx: IpContext, dev: NetDevice, f: LinkFields): void {
  dev.mac = f.mac ?? ctx.p.machine.kernel.randomMac();
  if (f.mtu !== null) checkMtu(dev, f.mtu);
  if (f.mtu !== null) dev.mtu = f.mtu;
  if (f.txqueuelen !== null) dev.txqueuelen = f.txqueuelen;
  if (f.ns.byName.has(dev.name)) throw new NetlinkError("EEXIST");
}

function checkMtu(dev: NetDevice, mtu: number): void {
  if (mtu < dev.minMtu) throw new NetlinkError("EINVAL", "mtu less than device minimum");
  if (dev.maxMtu > 0 && mtu > dev.maxMtu)
    throw new NetlinkError("EINVAL", "mtu greater than device maximum");
}

function add(ctx: IpContext, words: Words): void {
  const f = fields(ctx, words);
  if (words.done) throw new IpError('Not enough information: "type" argument is required\n', 255);
  words.next();
  const kind = words.value();
  if (f.name !== "" && f.ns.byName.has(f.name)) throw new NetlinkError("EEXIST");
  switch (kind) {
    case "veth":
      return addVeth(ctx, words, f);
    case "dummy":
      return register(ctx, new Dummy(f.name || freeName(f.ns, "dummy")), f);
    case "bridge": {
      const bridge = new Bridge(f.name || freeName(f.ns, "bridge"));
      bridge.macGiven = f.mac !== null;
      while (!words.done) words.next();
      return register(ctx, bridge, f);
    }
    case "geneve":
      return addGeneve(ctx, words, f);
    case "vxlan":
      return addVxlan(ctx, words, f);
  }
  throw new NetlinkError("EOPNOTSUPP", "Unknown device type");
}

function register(ctx: IpContext, dev: NetDevice, f: LinkFields): void {
  settle(ctx, dev, f);
  f.ns.register(dev, f.ifindex);
  if (f.up) setLink(dev, true);
}

/** The peer is made first, so it has the lower index (linux: veth_newlink). */
function addVeth(ctx: IpContext, words: Words, f: LinkFields): void {
  let other: LinkFields | null = null;
  if (!words.done && matches(words.peek(), "peer")) {
    words.next();
    other = fields(ctx, words);
  } else if (!words.done) {
    throw new IpError(`veth: unknown command "${words.peek()}"?\n`, 255);
  }
  const peerFields: LinkFields = other ?? { ...f, name: "", mac: null, up: false };
  if (peerFields.mtu === null) peerFields.mtu = f.mtu;
  const peerName = peerFields.name || freeName(peerFields.ns, "veth");
  const [dev, peer] = Veth.pair(f.name || "", peerName);
  settle(ctx, peer, peerFields);
  peerFields.ns.register(peer, peerFields.ifindex);
  if (dev.name === "") dev.name = freeName(f.ns, "veth");
  settle(ctx, dev, f);
  f.ns.register(dev, f.ifindex);
  // `link-netnsid`: each namespace gets a number for the other now.
  if (f.ns !== peerFields.ns) {
    f.ns.nsidOf(peerFields.ns);
    peerFields.ns.nsidOf(f.ns);
  }
  if (peerFields.up) setLink(peer, true);
  if (f.up) setLink(dev, true);
}

function vni(text: string): number {
  const value = unsigned(text, 0xffffff);
  return value ?? invalidArgument("invalid id", text);
}

/** The MTU below: of the device on the way to the remote (linux: geneve_link_config, vxlan_dev_configure). */
function lowerMtu(ns: NetNs, remote: number): number {
  return ns.fib.lookup(flow({ dst: remote, iif: ns.loopback.ifindex })).hop?.dev.mtu ?? 1500;
}

function addGeneve(ctx: IpContext, words: Words, f: LinkFields): void {
  let id: number | null = null;
  let remote: number | null = null;
  let port = 6081;
  let ttl = 0;
  let tos = 0;
  let checksum = false;
  while (!words.done) {
    const word = words.next();
    if (word === "id" || word === "vni") id = vni(words.value());
    else if (word === "remote") remote = address(words.value());
    else if (word === "dstport")
      port = unsigned(words.value(), 65535) ?? invalidArgument("dstport", word);
    else if (word === "ttl" || word === "hoplimit") {
      const text = words.value();
      ttl =
        text === "auto" ? 0 : (unsigned(text, 255) ?? invalidArgument("TTL must be <= 255", text));
    } else if (word === "tos" || word === "dsfield") tos = unsigned(words.value(), 255) ?? 0;
    else if (word === "udpcsum") checksum = true;
    else if (word === "noudpcsum") checksum = false;
    else if (/^(no)?udp6zerocsum[rt]x$/.test(word)) continue;
    else throw new IpError(`geneve: unknown command "${word}"?\n`, 255);
  }
  if (id === null) throw new IpError("geneve: missing virtual network identifier\n", 1);
  if (remote === null) throw new IpError("geneve: remote link partner not specified\n", 1);
  for (const dev of f.ns.devices.values())
    if (dev instanceof GeneveDevice && dev.vni === id && dev.remote === remote && dev.port === port)
      throw new NetlinkError("EBUSY");
  const dev = new GeneveDevice(f.name || freeName(f.ns, "geneve"), id, remote, port);
  dev.ttl = ttl;
  dev.tos = tos;
  dev.udpChecksum = checksum;
  dev.mtu = GeneveDevice.mtuFor(lowerMtu(f.ns, remote));
  register(ctx, dev, f);
}

function addVxlan(ctx: IpContext, words: Words, f: LinkFields): void {
  let id: number | null = null;
  let remote = 0;
  let local = 0;
  let port = 8472;
  let ttl = 0;
  let learning = true;
  let lower: NetDevice | null = null;
  while (!words.done) {
    const word = words.next();
    if (word === "id" || word === "vni") id = vni(words.value());
    else if (word === "remote" || word === "group") remote = address(words.value());
    else if (word === "local") local = address(words.value());
    else if (word === "dstport") port = unsigned(words.value(), 65535) || 8472;
    else if (word === "dev") {
      const below = words.value();
      lower = ctx.ns.byName.get(below) ?? null;
      if (!lower) throw new IpError(`Cannot find device "${below}"\n`, 255);
    } else if (word === "ttl" || word === "hoplimit") {
      const text = words.value();
      ttl =
        text === "auto" ? 0 : (unsigned(text, 255) ?? invalidArgument("TTL must be <= 255", text));
    } else if (word === "learning") learning = true;
    else if (word === "nolearning") learning = false;
    else if (word === "tos" || word === "ageing" || word === "maxaddress") words.value();
    else if (/^(no)?(udpcsum|udp6zerocsum[rt]x|proxy|rsc|l2miss|l3miss)$/.test(word)) continue;
    else throw new IpError(`vxlan: unknown command "${word}"?\n`, 255);
  }
  if (id === null) throw new IpError("vxlan: missing virtual network identifier\n", 1);
  for (const dev of f.ns.devices.values())
    if (dev instanceof VxlanDevice && dev.vni === id && dev.port === port)
      throw new NetlinkError("EEXIST", "A VXLAN device with the specified VNI already exists");
  const dev = new VxlanDevice(f.name || freeName(f.ns, "vxlan"), id, remote, port);
  dev.local = local;
  dev.ttl = ttl;
  dev.learning = learning;
  dev.lower = lower;
  if (lower) {
    dev.mtu = lower.mtu - 50;
    for (const { remotes } of dev.fdb.values())
      for (const one of remotes) one.ifindex = lower.ifindex;
  }
  register(ctx, dev, f);
}

function remove(ctx: IpContext, words: Words): void {
  let name = "";
  while (!words.done) {
    const word = words.next();
    if (word === "type") words.value();
    else name = word === "dev" ? words.value() : word;
  }
  if (name === "") incomplete();
  const dev = findDevice(ctx, name);
  if (dev.kind === "") throw new NetlinkError("EOPNOTSUPP");
  ctx.ns.deleteDevice(dev);
}

function set(ctx: IpContext, words: Words): void {
  if (words.done) throw new IpError('Not enough information: "dev" argument is required.\n', 255);
  const first = words.next();
  const dev = findDevice(ctx, first === "dev" ? words.value() : first);
  // Everything is parsed before anything is done, as one netlink message does it.
  let up: boolean | null = null;
  let name: string | null = null;
  let ns: NetNs | null = null;
  let master: NetDevice | null | undefined;
  let arp: boolean | null = null;
  let promisc: boolean | null = null;
  let multicast: boolean | null = null;
  let allmulti: boolean | null = null;
  while (!words.done) {
    const word = words.next();
    if (word === "up") up = true;
    else if (word === "down") up = false;
    else if (word === "mtu") {
      const mtu = mtuOf(words.value());
      checkMtu(dev, mtu);
      dev.mtu = mtu;
    } else if (word === "name") name = words.value();
    else if (word === "netns") ns = namespaceByName(ctx, words.value());
    else if (matches(word, "address")) {
      const mac = macOf(words.value());
      if ((mac[0] as number) & 1) throw new NetlinkError("EADDRNOTAVAIL");
      dev.mac = mac;
      if (dev instanceof Bridge) {
        dev.macGiven = true;
        dev.keepOwnEntry();
      }
    } else if (word === "master" || word === "vrf") {
      const text = words.value();
      const bridge = ctx.ns.byName.get(text) ?? null;
      if (!bridge) invalidArgument("Device does not exist\n", text);
      if (!(bridge instanceof Bridge)) throw new NetlinkError("EOPNOTSUPP");
      if (dev instanceof Bridge)
        throw new NetlinkError("ELOOP", "Can not enslave a bridge to a bridge");
      master = bridge;
    } else if (word === "nomaster") master = null;
    else if (word === "arp") arp = words.value() === "on";
    else if (word === "promisc") promisc = words.value() === "on";
    else if (word === "multicast") multicast = words.value() === "on";
    else if (word === "allmulticast") allmulti = words.value() === "on";
    else if (word === "txqueuelen" || word === "qlen" || word === "txqlen")
      dev.txqueuelen = unsigned(words.value()) ?? dev.txqueuelen;
    else if (word === "group") dev.group = unsigned(words.value()) ?? 0;
    else if (word === "alias") dev.alias = words.value();
    else if (word === "type") {
      words.value();
      while (!words.done) setKind(dev, words);
    } else throw new IpError(`Error: either "dev" is duplicate, or "${word}" is a garbage.\n`, 255);
  }
  if (arp !== null) dev.noArp = !arp;
  if (multicast !== null) dev.multicast = multicast;
  if (allmulti !== null && allmulti !== dev.userAllmulti) {
    dev.userAllmulti = allmulti;
    dev.allmulti += allmulti ? 1 : -1;
  }
  if (promisc !== null && promisc !== dev.userPromisc) {
    dev.userPromisc = promisc;
    dev.promisc += promisc ? 1 : -1;
  }
  if (ns) moveDevice(dev, ns, name ?? dev.name);
  else if (name !== null && name !== dev.name) renameDevice(dev, name);
  if (master !== undefined) {
    if (dev.master instanceof Bridge) dev.master.removePort(dev);
    if (master instanceof Bridge) master.addPort(dev);
  }
  if (up !== null) setLink(dev, up);
}

function setKind(dev: NetDevice, words: Words): void {
  const word = words.next();
  if (dev instanceof Bridge && word === "ageing_time") {
    dev.ageing = Number(words.value()) * 1e7;
    return;
  }
  if (!words.done) words.next();
}
