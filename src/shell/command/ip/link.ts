import { moveDevice, renameDevice, setLink, setMtu } from "../../../net/device/admin.ts";
import { Bridge } from "../../../net/device/bridge.ts";
import type { NetDevice } from "../../../net/device/device.ts";
import { NetlinkError } from "../../../net/netlink.ts";
import type { NetNs } from "../../../net/netns.ts";
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
import { addLink, macOf, mtuOf, namespaceByName } from "./link-add.ts";
import { unsigned } from "./parse.ts";

/** `ip link …` (iproute2: ip/iplink.c) */
export function ipLink(ctx: IpContext, words: Words): void {
  if (words.done) return show(ctx, words, true);
  const verb = words.next();
  const command = pick(verb, ["add", "set", "change", "replace", "delete", "show", "list", "lst"]);
  if (command === "add") return addLink(ctx, words);
  if (command === "set" || command === "change") return set(ctx, words);
  if (command === "delete") return remove(ctx, words);
  if (command === "show" || command === "list" || command === "lst") return show(ctx, words, true);
  throw new IpError(`Command "${verb}" is unknown, try "ip link help".\n`, 255);
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
  let mtu: number | null = null;
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
      mtu = mtuOf(words.value());
      setMtu(dev, mtu);
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
  const told = up === null && master === undefined && !ns && (name === null || name === dev.name);
  if (arp !== null) dev.noArp = !arp;
  if (multicast !== null) dev.multicast = multicast;
  if (allmulti !== null && allmulti !== dev.userAllmulti) {
    dev.userAllmulti = allmulti;
    dev.allmulti += allmulti ? 1 : -1;
  }
  if (promisc !== null && promisc !== dev.userPromisc) {
    dev.userPromisc = promisc;
    dev.setPromiscuity(promisc ? 1 : -1, false);
  }
  if (ns) moveDevice(dev, ns, name ?? dev.name);
  else if (name !== null && name !== dev.name) renameDevice(dev, name);
  if (master !== undefined) {
    if (dev.master instanceof Bridge) dev.master.removePort(dev);
    if (master instanceof Bridge) master.addPort(dev);
  }
  if (up !== null) setLink(dev, up);
  if (told && mtu === null) dev.ns.rtnl.link(dev);
}

function setKind(dev: NetDevice, words: Words): void {
  const word = words.next();
  if (dev instanceof Bridge && word === "ageing_time") {
    dev.ageing = Number(words.value()) * 1e7;
    return;
  }
  if (!words.done) words.next();
}
