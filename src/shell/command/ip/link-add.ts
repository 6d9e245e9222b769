import { setLink, setMtu } from "../../../net/device/admin.ts";
import { Bridge } from "../../../net/device/bridge.ts";
import type { NetDevice } from "../../../net/device/device.ts";
import { Dummy } from "../../../net/device/dummy.ts";
import { GeneveDevice } from "../../../net/device/geneve.ts";
import { Veth } from "../../../net/device/veth.ts";
import { VlanDevice, vlanKey } from "../../../net/device/vlan.ts";
import { VxlanDevice } from "../../../net/device/vxlan.ts";
import { flow } from "../../../net/fib/route.ts";
import { NetlinkError } from "../../../net/netlink.ts";
import type { NetNs } from "../../../net/netns.ts";
import { parseMac } from "../../../wire/address.ts";
import { ETH_P_8021AD, ETH_P_8021Q } from "../../../wire/ethernet.ts";
import { type IpContext, IpError, invalidArgument, matches, type Words } from "./context.ts";
import { address, unsigned } from "./parse.ts";

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

export function namespaceByName(ctx: IpContext, name: string): NetNs {
  const ns = ctx.p.machine.kernel.named.get(name);
  if (ns) return ns;
  if (/^\d+$/.test(name)) {
    const process = ctx.p.machine.processes.get(Number(name));
    if (process) return process.netns;
    throw new NetlinkError("ESRCH");
  }
  return invalidArgument(`Invalid "netns" value\n`, name);
}

export function mtuOf(text: string): number {
  return unsigned(text) ?? invalidArgument('Invalid "mtu" value\n', text);
}

export function macOf(text: string): Uint8Array {
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
  if (f.mac) dev.mac = f.mac;
  else if (!(dev instanceof VlanDevice)) dev.mac = ctx.p.machine.kernel.randomMac();
  if (f.mtu !== null) setMtu(dev, f.mtu);
  if (f.txqueuelen !== null) dev.txqueuelen = f.txqueuelen;
  if (f.ns.byName.has(dev.name)) throw new NetlinkError("EEXIST");
}

/** `ip link add` (iproute2: iplink_parse, the kinds' own parse_opt) */
export function addLink(ctx: IpContext, words: Words): void {
  const f = fields(ctx, words);
  if (words.done) throw new IpError('Not enough information: "type" argument is required\n', 255);
  words.next();
  const kind = words.value();
  switch (kind) {
    case "veth":
      return addVeth(ctx, words, f);
    case "dummy":
      refuseTaken(f);
      return register(ctx, new Dummy(f.name || freeName(f.ns, "dummy")), f);
    case "bridge": {
      refuseTaken(f);
      const bridge = new Bridge(f.name || freeName(f.ns, "bridge"));
      bridge.macGiven = f.mac !== null;
      while (!words.done) words.next();
      return register(ctx, bridge, f);
    }
    case "geneve":
      return addGeneve(ctx, words, f);
    case "vxlan":
      return addVxlan(ctx, words, f);
    case "vlan":
      return addVlan(ctx, words, f);
  }
  throw new NetlinkError("EOPNOTSUPP", "Unknown device type");
}

/** What the kernel looks at first, once the command is understood. */
function refuseTaken(f: LinkFields): void {
  if (f.name !== "" && f.ns.byName.has(f.name)) throw new NetlinkError("EEXIST");
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
  refuseTaken(f);
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
  if (words.done)
    throw new NetlinkError("EINVAL", "Not enough attributes provided to perform the operation");
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
    else throw new IpError(`geneve: unknown command "${word}"?\n${GENEVE_USAGE}`, 1);
  }
  if (id === null) throw new IpError("geneve: missing virtual network identifier\n", 1);
  if (remote === null) throw new IpError("geneve: remote link partner not specified\n", 1);
  refuseTaken(f);
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
  refuseTaken(f);
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

/** iproute2: ip/iplink_vlan.c; linux: net/8021q/vlan_netlink.c */
function addVlan(ctx: IpContext, words: Words, f: LinkFields): void {
  let id: number | null = null;
  let protocol = ETH_P_8021Q;
  let reorder = true;
  let loose = false;
  const onOff = (name: string): boolean => {
    const text = words.value();
    if (text === "on" || text === "off") return text === "on";
    throw new IpError(
      `Error: argument of "${name}" must be one of "on", "off", not "${text}"\n`,
      255,
    );
  };
  while (!words.done) {
    const word = words.next();
    if (matches(word, "protocol")) {
      const text = words.value();
      const known = { "802.1q": ETH_P_8021Q, "802.1ad": ETH_P_8021AD }[text.toLowerCase()];
      protocol = known ?? invalidArgument("protocol is invalid", text);
    } else if (matches(word, "id")) {
      const text = words.value();
      id = unsigned(text, 65535) ?? invalidArgument("id is invalid", text);
    } else if (matches(word, "reorder_hdr")) reorder = onOff(word);
    else if (matches(word, "loose_binding")) loose = onOff(word);
    else if (["gvrp", "mvrp", "bridge_binding"].includes(word)) onOff(word);
    else throw new IpError(`vlan: unknown command "${word}"?\n${VLAN_USAGE}`, 1);
  }
  const lower = f.link === null ? null : f.ns.byName.get(f.link);
  if (lower === undefined) throw new IpError(`Cannot find device "${f.link}"\n`, 255);
  refuseTaken(f);
  if (id === null) throw new NetlinkError("EINVAL", "8021q: VLAN properties not specified");
  if (id > 4094) throw new NetlinkError("ERANGE", "8021q: Invalid VLAN id");
  if (lower === null) throw new NetlinkError("EINVAL", "8021q: link not specified");
  if (lower.isLoopback)
    throw new NetlinkError("EOPNOTSUPP", "8021q: VLANs not supported on device");
  if (lower.vlans.has(vlanKey(protocol, id)))
    throw new NetlinkError("EEXIST", "8021q: VLAN device already exists");
  const dev = new VlanDevice(f.name || freeName(f.ns, "vlan"), lower, id, protocol);
  dev.reorderHeader = reorder;
  dev.looseBinding = loose;
  register(ctx, dev, f);
  lower.vlans.set(dev.key, dev);
}

const VLAN_USAGE = `Usage: ... vlan id VLANID
\t\t[ protocol VLANPROTO ]
\t\t[ reorder_hdr { on | off } ]
\t\t[ gvrp { on | off } ]
\t\t[ mvrp { on | off } ]
\t\t[ loose_binding { on | off } ]
\t\t[ bridge_binding { on | off } ]
\t\t[ ingress-qos-map QOS-MAP ]
\t\t[ egress-qos-map QOS-MAP ]

VLANID := 0-4095
VLANPROTO: [ 802.1Q | 802.1ad ]
QOS-MAP := [ QOS-MAP ] QOS-MAPPING
QOS-MAPPING := FROM:TO
`;

const GENEVE_USAGE = `Usage: ... geneve id VNI
\t\tremote ADDR
\t\t[ ttl TTL ]
\t\t[ tos TOS ]
\t\t[ df DF ]
\t\t[ flowlabel LABEL ]
\t\t[ dstport PORT ]
\t\t[ [no]external ]
\t\t[ [no]udpcsum ]
\t\t[ [no]udp6zerocsumtx ]
\t\t[ [no]udp6zerocsumrx ]
\t\t[ innerprotoinherit ]

Where:\tVNI   := 0-16777215
\tADDR  := IP_ADDRESS
\tTOS   := { NUMBER | inherit }
\tTTL   := { 1..255 | auto | inherit }
\tDF    := { unset | set | inherit }
\tLABEL := 0-1048575
`;
