import type { Process, Run } from "../../../host/process.ts";
import type { NetDevice } from "../../../net/device/device.ts";
import { Veth } from "../../../net/device/veth.ts";
import { routeText } from "../../../net/fib/text.ts";
import type { RtnlListener, RtnlMessage } from "../../../net/rtnl.ts";
import { WaitQueue } from "../../../sim/wait.ts";
import { formatMac } from "../../../wire/address.ts";
import { inetLine, lifetimeLine } from "./address.ts";
import { type IpContext, IpError, invalidArgument, matches, type Words } from "./context.ts";
import { displayName, flags, linkNetns, state } from "./device-text.ts";
import { neighbourLine } from "./neigh.ts";
import { ruleLine } from "./rule.ts";

type Kind = RtnlMessage["kind"];

/** By what `ip monitor` calls them (iproute2: ip/ipmonitor.c, do_ipmonitor). */
const OBJECTS: readonly [string, Kind | null][] = [
  ["link", "link"],
  ["address", "address"],
  ["route", "route"],
  ["mroute", null],
  ["prefix", null],
  ["neighbor", "neigh"],
  ["neighbour", "neigh"],
  ["netconf", "netconf"],
  ["rule", "rule"],
  ["nsid", null],
  ["nexthop", null],
  ["stats", null],
];
const ALL: readonly Kind[] = ["link", "address", "route", "rule", "neigh", "netconf"];
const LABELS: Record<Kind, string> = {
  link: "LINK",
  address: "ADDR",
  route: "ROUTE",
  rule: "RULE",
  neigh: "NEIGH",
  netconf: "NETCONF",
};

/** What a message says; lines as iproute2's print functions of each object have them. */
function text(ctx: IpContext, message: RtnlMessage): string {
  const deleted = message.gone ? "Deleted " : "";
  switch (message.kind) {
    case "link":
      return deleted + linkText(ctx, message.dev, message.settling);
    case "address": {
      const { dev, address } = message;
      const end = ctx.oneline ? "\\" : "\n";
      const line = `${dev.ifindex}: ${dev.name}    ${inetLine(ctx, address)}`;
      return `${deleted}${line}${end}${lifetimeLine(ctx, address)}`;
    }
    case "route":
      return deleted + routeText(message.route, { table: "all" }, ctx);
    case "rule":
      return `${deleted}${ruleLine(ctx, message.rule)}\n`;
    case "neigh":
      return deleted + neighbourLine(ctx, message.entry, false);
    case "netconf":
      return deleted + netconfText(ctx, message);
  }
}

function linkText(ctx: IpContext, dev: NetDevice, settling: boolean): string {
  const list = flags(dev);
  const name = dev instanceof Veth && !dev.peer?.ns ? `${dev.name}@NONE` : displayName(dev);
  const master = dev.master ? ` master ${dev.master.name}` : "";
  const now = settling ? "LOWERLAYERDOWN" : state(dev);
  const link = dev.isLoopback ? "loopback" : "ether";
  const broadcast = dev.isLoopback ? "00:00:00:00:00:00" : "ff:ff:ff:ff:ff:ff";
  return (
    `${dev.ifindex}: ${name}: <${settling ? "NO-CARRIER," : ""}${list}> mtu ${dev.mtu} qdisc ${dev.qdisc}${master} state ${now} group ${dev.group === 0 ? "default" : dev.group} ` +
    `${ctx.oneline ? "\\" : "\n"}    link/${link} ${formatMac(dev.mac)} brd ${broadcast}${linkNetns(ctx, dev)}\n`
  );
}

function netconfText(ctx: IpContext, { dev, gone }: { dev: NetDevice; gone: boolean }): string {
  if (gone) return `inet ${dev.name} \n`;
  const { sysctl } = ctx.ns;
  const onOff = (name: string): string => (dev.conf[name as "forwarding"] ? "on" : "off");
  const filter = ["off", "strict", "loose"][sysctl.max(dev.conf, "rp_filter")] ?? "off";
  return `inet ${dev.name} forwarding ${onOff("forwarding")} rp_filter ${filter} mc_forwarding off proxy_neigh ${onOff("proxy_arp")} ignore_routes_with_linkdown ${onOff("ignore_routes_with_linkdown")} \n`;
}

/** Gathers lines as things happen. */
class Monitor implements RtnlListener {
  ctx: IpContext;
  kinds: readonly Kind[];
  labels: boolean;
  only: NetDevice | null;
  lines: string[] = [];
  ready = new WaitQueue();

  constructor(ctx: IpContext, kinds: readonly Kind[], labels: boolean, only: NetDevice | null) {
    this.ctx = ctx;
    this.kinds = kinds;
    this.labels = labels;
    this.only = only;
  }

  rtnlMessage(message: RtnlMessage): void {
    if (!this.kinds.includes(message.kind)) return;
    if (this.only && "dev" in message && message.dev !== this.only) return;
    const label = this.labels ? `[${LABELS[message.kind]}]` : "";
    this.lines.push(label + text(this.ctx, message));
    this.ready.wakeAll(this.ctx.ns.sim);
  }
}

/** `ip monitor [OBJECT …]`: until it is stopped. */
export function* ipMonitor(p: Process, ctx: IpContext, words: Words): Run {
  const kinds: Kind[] = [];
  let named = false;
  let labels = false;
  let only: NetDevice | null = null;
  while (!words.done) {
    const word = words.next();
    if (word === "dev") {
      const name = words.value();
      only = ctx.ns.byName.get(name) ?? null;
      if (!only) invalidArgument("Device does not exist\n", name);
      continue;
    }
    if (word === "label") labels = true;
    else if (word === "all") labels = true;
    else {
      const found = OBJECTS.find(([name]) => matches(word, name));
      if (!found) throw new IpError(`Argument "${word}" is unknown, try "ip monitor help".\n`, 255);
      named = true;
      if (found[1]) kinds.push(found[1]);
    }
  }
  const monitor = new Monitor(ctx, named ? kinds : ALL, labels, only);
  const { rtnl } = ctx.ns;
  rtnl.listeners.push(monitor);
  try {
    for (;;) {
      const lines = monitor.lines.splice(0);
      if (lines.length) yield* p.out(lines.join(""));
      else yield { on: [monitor.ready], until: Number.POSITIVE_INFINITY };
    }
  } finally {
    rtnl.listeners = rtnl.listeners.filter((other) => other !== monitor);
  }
}
