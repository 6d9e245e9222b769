import { Bridge } from "../../../net/device/bridge.ts";
import type { NetDevice } from "../../../net/device/device.ts";
import { ALL_ZERO, VxlanDevice, type VxlanRemote } from "../../../net/device/vxlan.ts";
import { NetlinkError } from "../../../net/netlink.ts";
import { formatIpv4, formatMac, parseIpv4, parseMac } from "../../../wire/address.ts";
import type { Json } from "../../lib/json-writer.ts";
import { type IpContext, IpError, pick, print, type Words } from "../ip/context.ts";
import { unsigned } from "../ip/parse.ts";

type State = "permanent" | "static" | "reachable";
type Verb = "add" | "append" | "replace" | "delete";

/** `bridge fdb …` (iproute2: bridge/fdb.c) */
export function bridgeFdb(ctx: IpContext, words: Words): void {
  const verb = words.done ? "show" : words.next();
  const command = pick(verb, [
    "add",
    "append",
    "replace",
    "delete",
    "get",
    "show",
    "lst",
    "list",
    "flush",
    "help",
  ]);
  switch (command) {
    case "add":
    case "append":
    case "replace":
    case "delete":
      return modify(ctx, words, command);
    case "get":
      return get(ctx, words);
    case "show":
    case "lst":
    case "list":
      return show(ctx, words);
    case "help":
      throw new IpError(USAGE, 255);
  }
  throw new IpError(`Command "${verb}" is unknown, try "bridge fdb help".\n`, 255);
}

/** One entry as it is shown. */
interface Shown {
  mac: string;
  dev: NetDevice;
  remote: VxlanRemote | null;
  master: Bridge | null;
  state: State;
  updated: number;
  vlans: boolean;
}

interface Filter {
  bridge: NetDevice | null;
  port: NetDevice | null;
  vlan: number | null;
  state: string | null;
}

function show(ctx: IpContext, words: Words): void {
  const filter: Filter = { bridge: null, port: null, vlan: null, state: null };
  while (!words.done) {
    const word = words.next();
    if (word === "br") {
      const name = words.value();
      filter.bridge = ctx.ns.byName.get(name) ?? missing(`bridge device "${name}"`);
    } else if (word === "brport" || word === "dev") {
      const name = words.value();
      filter.port = ctx.ns.byName.get(name) ?? missing(`device "${name}"`);
    } else if (word === "vlan") filter.vlan = unsigned(words.value());
    else if (word === "state") filter.state = stateName(words.value());
    else if (word === "dynamic") filter.state = "dynamic";
  }
  print(ctx);
  for (const dev of ctx.ns.devices.values())
    for (const entry of entriesOf(dev)) showEntry(ctx, entry, filter);
}

function stateName(word: string): string | null {
  if (word === "all") return null;
  return word === "noarp" ? "static" : word;
}

function missing(what: string): never {
  throw new IpError(`Cannot find ${what}\n`, 255);
}

/**
 * What the kernel's dump gives for a device: for a port the bridge's entries and then its own, for
 * a bridge the other way round; the newest first (linux: rtnl_fdb_dump, br_fdb_dump).
 */
function* entriesOf(dev: NetDevice): Generator<Shown> {
  if (dev instanceof Bridge) {
    yield* ownEntries(dev);
    yield* bridgeEntries(dev, dev);
    return;
  }
  if (dev.master instanceof Bridge) yield* bridgeEntries(dev, dev.master);
  yield* ownEntries(dev);
}

const BARE = { remote: null, master: null, state: "permanent", updated: 0 } as const;

function* bridgeEntries(dev: NetDevice, bridge: Bridge): Generator<Shown> {
  for (const entry of [...bridge.fdb.values()].reverse()) {
    if (entry.port !== dev || !bridge.find(entry.mac)) continue;
    const state = entry.local ? "permanent" : entry.permanent ? "static" : "reachable";
    const vlans = entry.local || entry.byUser;
    const { mac, updated } = entry;
    yield { ...BARE, dev, mac, master: bridge, state, updated, vlans };
  }
}

function* ownEntries(dev: NetDevice): Generator<Shown> {
  const bare = { ...BARE, dev, vlans: false };
  if (dev instanceof VxlanDevice) {
    for (const [mac, { remotes, state, updated }] of dev.fdb)
      if (dev.lookup(mac))
        for (const remote of remotes) yield { ...bare, mac, remote, state, updated };
    return;
  }
  if (dev.isLoopback) return;
  for (const mac of dev.unicast) yield { ...bare, mac };
  // Each device that is up hears 224.0.0.1, and a bridge that snoops 224.0.0.106.
  if (dev.up) yield { ...bare, mac: "01:00:5e:00:00:01" };
  if (dev.up && dev instanceof Bridge) yield { ...bare, mac: "01:00:5e:00:00:6a" };
}

function showEntry(ctx: IpContext, entry: Shown, filter: Filter): void {
  const { bridge, port, vlan, state } = filter;
  if (bridge && entry.dev !== bridge && entry.dev.master !== bridge) return;
  if (port && entry.dev !== port) return;
  if (state === "dynamic" ? entry.state === "permanent" : state && state !== entry.state) return;
  if (vlan === null) showLine(ctx, entry, 0, port !== null);
  if (entry.vlans && (vlan === null || vlan === 1)) showLine(ctx, entry, 1, port !== null);
}

function showLine(ctx: IpContext, entry: Shown, vlan: number, named: boolean): void {
  print(
    ctx,
    () => entryLine(ctx, entry, vlan, named),
    () => entryJson(ctx, entry, vlan, named),
  );
}

function entryJson(ctx: IpContext, entry: Shown, vlan: number, named: boolean): Json {
  const { remote } = entry;
  const ago = Math.floor((ctx.ns.sim.now - entry.updated) / 1e9);
  return {
    mac: entry.mac,
    ...(named ? {} : { ifname: entry.dev.name }),
    ...(remote?.ip ? { dst: formatIpv4(remote.ip) } : {}),
    ...(vlan ? { vlan } : {}),
    ...(remote?.port ? { port: remote.port } : {}),
    ...(remote?.vni ? { vni: remote.vni } : {}),
    ...(remote?.ifindex ? { viaIf: ctx.ns.devices.get(remote.ifindex)?.name ?? "?" } : {}),
    ...(ctx.statistics && (entry.master || remote) ? { used: ago, updated: ago } : {}),
    flags: entry.master ? [] : ["self"],
    ...(entry.master ? { master: entry.master.name } : {}),
    state: entry.state === "reachable" ? "" : entry.state,
  };
}

function entryLine(ctx: IpContext, entry: Shown, vlan: number, named: boolean): string {
  let text = `${entry.mac} `;
  if (!named) text += `dev ${entry.dev.name} `;
  const { remote } = entry;
  if (remote?.ip) text += `dst ${formatIpv4(remote.ip)} `;
  if (vlan) text += `vlan ${vlan} `;
  if (remote?.port) text += `port ${remote.port} `;
  if (remote?.vni) text += `vni ${remote.vni} `;
  if (remote?.ifindex) text += `via ${ctx.ns.devices.get(remote.ifindex)?.name ?? "?"} `;
  if (ctx.statistics && (entry.master || entry.remote)) {
    const ago = Math.floor((ctx.ns.sim.now - entry.updated) / 1e9);
    text += `used ${ago}/${ago} `;
  }
  text += entry.master ? `master ${entry.master.name} ` : "self ";
  return `${text}${entry.state === "reachable" ? "" : entry.state}\n`;
}

interface Request {
  mac: string;
  dev: NetDevice;
  dst: VxlanRemote;
  self: boolean;
  master: boolean;
  state: State;
}

function parse(ctx: IpContext, words: Words): Request {
  let dev: string | null = null;
  let mac: string | null = null;
  let self = false;
  let master = false;
  let state: State = "permanent";
  const dst: VxlanRemote = { ip: 0, port: 0, vni: 0, ifindex: 0 };
  while (!words.done) {
    const word = words.next();
    if (word === "dev") dev = words.value();
    else if (word === "dst") {
      const text = words.value();
      const ip = parseIpv4(text);
      if (ip === null)
        throw new IpError(`Error: any valid address is expected rather than "${text}".\n`, 1);
      dst.ip = ip;
    } else if (word === "port") dst.port = unsigned(words.value(), 65535) ?? invalid("port");
    else if (word === "vni") dst.vni = unsigned(words.value(), 0xffffff) ?? invalid("vni");
    else if (word === "via") {
      const name = words.value();
      dst.ifindex = ctx.ns.byName.get(name)?.ifindex ?? missing(`device "${name}"`);
    } else if (word === "vlan" || word === "src_vni" || word === "nhid") words.value();
    else if (word === "self") self = true;
    else if (word === "master") master = true;
    else if (word === "local" || word === "permanent") state = "permanent";
    else if (word === "temp" || word === "static") state = "static";
    else if (word === "dynamic") state = "reachable";
    else if (["router", "extern_learn", "use", "sticky"].includes(word)) continue;
    else {
      if (mac !== null)
        throw new IpError(`Error: either "to" is duplicate, or "${word}" is a garbage.\n`, 255);
      mac = word === "to" ? words.value() : word;
    }
  }
  if (dev === null || mac === null)
    throw new IpError("Device and address are required arguments.\n", 255);
  const bytes = parseMac(mac);
  if (!bytes) throw new IpError(`Invalid mac address ${mac}\n`, 255);
  const device = ctx.ns.byName.get(dev) ?? missing(`device "${dev}"`);
  return { mac: formatMac(bytes), dev: device, dst, self: self || !master, master, state };
}

function invalid(what: string): never {
  throw new IpError(`Error: invalid ${what}\n`, 255);
}

function modify(ctx: IpContext, words: Words, verb: Verb): void {
  const request = parse(ctx, words);
  const { dev } = request;
  if (request.master) {
    if (!(dev.master instanceof Bridge)) throw new NetlinkError("EOPNOTSUPP");
    inBridge(dev.master, dev, request, verb);
  }
  if (!request.self) return;
  if (dev instanceof VxlanDevice) inVxlan(dev, request, verb);
  else if (dev instanceof Bridge) inBridge(dev, dev, request, verb);
  else ofDevice(dev, request, verb);
}

/** linux: net/bridge/br_fdb.c, fdb_add_entry, br_fdb_delete */
function inBridge(bridge: Bridge, port: NetDevice, request: Request, verb: Verb): void {
  const { mac, state } = request;
  const known = bridge.find(mac);
  if (verb === "delete") {
    if (known?.port !== port) throw new NetlinkError("ENOENT");
    bridge.fdb.delete(mac);
    return;
  }
  if (known && verb === "add") throw new NetlinkError("EEXIST");
  bridge.fdb.set(mac, {
    mac,
    port,
    local: state === "permanent",
    permanent: state !== "reachable",
    updated: bridge.ns.sim.now,
    byUser: true,
  });
}

/** linux: drivers/net/vxlan/vxlan_core.c, vxlan_fdb_update, __vxlan_fdb_delete */
function inVxlan(dev: VxlanDevice, request: Request, verb: Verb): void {
  const { mac, dst, state } = request;
  const known = dev.lookup(mac);
  const group = mac === ALL_ZERO || (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;
  const same = (one: VxlanRemote): boolean =>
    one.ip === dst.ip && (one.port || dev.port) === (dst.port || dev.port);
  if (verb === "delete") {
    if (!known) throw new NetlinkError("ENOENT");
    if (dst.ip && !known.remotes.some(same)) return;
    if (dst.ip && known.remotes.length > 1)
      known.remotes = known.remotes.filter((one) => !same(one));
    else dev.fdb.delete(mac);
    return;
  }
  if (!dst.ip) throw new NetlinkError("EINVAL");
  if (!known) {
    dev.fdb.set(mac, { remotes: [dst], state, updated: dev.ns.sim.now });
    return;
  }
  if (verb === "add") throw new NetlinkError("EEXIST");
  known.state = state;
  known.updated = dev.ns.sim.now;
  if (verb === "replace") {
    if (group) throw new NetlinkError("EOPNOTSUPP");
    known.remotes = [dst];
  } else if (group && !known.remotes.some(same)) known.remotes.push(dst);
}

/** linux: net/core/rtnetlink.c, ndo_dflt_fdb_add, ndo_dflt_fdb_del */
function ofDevice(dev: NetDevice, request: Request, verb: Verb): void {
  const { mac } = request;
  if (dev.isLoopback)
    throw new NetlinkError(
      "EINVAL",
      `FDB ${verb === "delete" ? "delete" : "add"} only supported for Ethernet devices`,
    );
  if (request.state !== "permanent" && verb !== "delete")
    throw new NetlinkError("EINVAL", "FDB only supports static addresses");
  const at = dev.unicast.indexOf(mac);
  if (verb === "delete") {
    if (at < 0) throw new NetlinkError("ENOENT");
    dev.unicast.splice(at, 1);
  } else if (at < 0) dev.unicast.push(mac);
  else if (verb === "add") throw new NetlinkError("EEXIST");
}

function get(ctx: IpContext, words: Words): void {
  let bridge: NetDevice | null = null;
  let dev: NetDevice | null = null;
  let mac: string | null = null;
  while (!words.done) {
    const word = words.next();
    if (word === "br") {
      const name = words.value();
      bridge = ctx.ns.byName.get(name) ?? missing(`bridge device "${name}"`);
    } else if (word === "dev" || word === "brport") {
      const name = words.value();
      dev = ctx.ns.byName.get(name) ?? missing(`device "${name}"`);
    } else if (word === "self" || word === "master" || word === "dynamic") continue;
    else if (word === "vlan" || word === "vni") words.value();
    else mac = word === "to" ? words.value() : word;
  }
  const bytes = mac === null ? null : parseMac(mac);
  if (mac === null) throw new IpError("No address specified\n", 255);
  if (!bytes) throw new IpError(`Invalid mac address ${mac}\n`, 255);
  bridge ??= dev?.master ?? null;
  if (!(bridge instanceof Bridge))
    throw new IpError(
      dev ? "Error: Device is not a bridge port.\n" : "Error: No device specified.\n",
      254,
    );
  const entry = bridge.find(formatMac(bytes));
  if (!entry) throw new IpError("Error: Fdb entry not found.\n", 254);
  const shown = [...entriesOf(entry.port)].find(
    (one) => one.mac === entry.mac && one.master === bridge,
  );
  print(ctx);
  if (shown) showLine(ctx, shown, 0, false);
}

const USAGE = `Usage: bridge fdb { add | append | del | replace } ADDR dev DEV
              [ self ] [ master ] [ use ] [ router ] [ extern_learn ]
              [ sticky ] [ local | static | dynamic ] [ vlan VID ]
              { [ dst IPADDR ] [ port PORT] [ vni VNI ] | [ nhid NHID ] }
\t       [ via DEV ] [ src_vni VNI ]
       bridge fdb [ show [ br BRDEV ] [ brport DEV ] [ vlan VID ]
              [ state STATE ] [ dynamic ] ]
       bridge fdb get [ to ] LLADDR [ br BRDEV ] { brport | dev } DEV
              [ vlan VID ] [ vni VNI ] [ self ] [ master ] [ dynamic ]
`;
