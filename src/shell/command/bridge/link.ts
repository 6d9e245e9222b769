import { Bridge, PORT_STATES, type PortConf, type PortFlag } from "../../../net/device/bridge.ts";
import type { NetDevice } from "../../../net/device/device.ts";
import { Veth } from "../../../net/device/veth.ts";
import { NetlinkError } from "../../../net/netlink.ts";
import type { Json } from "../../lib/json-writer.ts";
import { type IpContext, IpError, pick, print, type Words } from "../ip/context.ts";
import { flags } from "../ip/device-text.ts";
import { unsigned } from "../ip/parse.ts";

/** In the order of `bridge -d link` (iproute2: bridge/link.c, print_protinfo). */
const SHOWN: readonly [PortFlag | null, string][] = [
  ["hairpin", ""],
  ["guard", ""],
  ["root_block", ""],
  ["fastleave", ""],
  ["learning", ""],
  ["flood", ""],
  ["mcast_flood", ""],
  ["bcast_flood", ""],
  [null, "mcast_router 1 "],
  ["mcast_to_unicast", ""],
  ["neigh_suppress", ""],
  ["vlan_tunnel", ""],
  ["isolated", ""],
  ["locked", ""],
];

/** `bridge link …` (iproute2: bridge/link.c) */
export function bridgeLink(ctx: IpContext, words: Words): void {
  const verb = words.done ? "show" : words.next();
  const command = pick(verb, ["set", "change", "show", "lst", "list", "help"]);
  if (command === "set" || command === "change") return set(ctx, words);
  if (command === "show" || command === "lst" || command === "list") return show(ctx, words);
  if (command === "help") throw new IpError(USAGE, 255);
  throw new IpError(`Command "${verb}" is unknown, try "bridge link help".\n`, 255);
}

function show(ctx: IpContext, words: Words): void {
  let only: string | null = null;
  while (!words.done) {
    const word = words.next();
    if (word === "dev") only = words.value();
  }
  if (only !== null && !ctx.ns.byName.has(only))
    throw new IpError(`Cannot find device "${only}"\n`, 255);
  print(ctx);
  for (const dev of ctx.ns.devices.values()) {
    if (only !== null && dev.name !== only) continue;
    const { master } = dev;
    const conf = master instanceof Bridge ? master.portConf.get(dev) : undefined;
    if (!(master instanceof Bridge) || !conf) continue;
    print(
      ctx,
      () => line(ctx, dev, master, conf),
      () => json(ctx, dev, master, conf),
    );
  }
}

/** The tool looks for the peer's index in this namespace, whoever has it here. */
function linkOf(ctx: IpContext, dev: NetDevice): { other: string; list: string[] } {
  const list = flags(dev).split(",");
  if (!(dev instanceof Veth) || !dev.peer) return { other: "", list };
  const other = ctx.ns.devices.get(dev.peer.ifindex);
  return {
    other: other?.name ?? `if${dev.peer.ifindex}`,
    list: [...list.filter((flag) => flag !== "M-DOWN"), ...(other?.up ? [] : ["M-DOWN"])],
  };
}

function line(ctx: IpContext, dev: NetDevice, bridge: Bridge, conf: PortConf): string {
  const { other, list } = linkOf(ctx, dev);
  const name = other ? `${dev.name}@${other}` : dev.name;
  const state = PORT_STATES[bridge.stateOf(dev)] ?? "disabled";
  let text = `${dev.ifindex}: ${name}: <${list.join(",")}> mtu ${dev.mtu} master ${bridge.name} state ${state} priority ${conf.priority} cost ${conf.cost} `;
  if (!ctx.details) return `${text}\n`;
  text += `${ctx.oneline ? "\\" : "\n"}    `;
  for (const [flag, words] of SHOWN)
    text += flag === null ? words : `${flag} ${conf.flags[flag] ? "on" : "off"} `;
  return `${text}\n`;
}

function json(ctx: IpContext, dev: NetDevice, bridge: Bridge, conf: PortConf): Json {
  const { other, list } = linkOf(ctx, dev);
  const more = SHOWN.map(([flag]) =>
    flag === null ? ["mcast_router", 1] : [flag, conf.flags[flag]],
  );
  return {
    ifindex: dev.ifindex,
    ...(other ? { link: other } : {}),
    ifname: dev.name,
    flags: list,
    mtu: dev.mtu,
    master: bridge.name,
    state: PORT_STATES[bridge.stateOf(dev)] ?? "disabled",
    priority: conf.priority,
    cost: conf.cost,
    ...(ctx.details ? Object.fromEntries(more) : {}),
  };
}

function onOff(name: string, text: string): boolean {
  if (text !== "on" && text !== "off")
    throw new IpError(
      `Error: argument of "${name}" must be one of "off", "on", not "${text}"\n`,
      234,
    );
  return text === "on";
}

function set(ctx: IpContext, words: Words): void {
  let name = "";
  const changes: ((conf: PortConf) => void)[] = [];
  let state: number | null = null;
  while (!words.done) {
    const word = words.next();
    const flag = SHOWN.find(([one]) => one === word)?.[0];
    if (word === "dev") name = words.value();
    else if (flag) {
      const on = onOff(flag, words.value());
      changes.push((conf) => {
        conf.flags[flag] = on;
      });
    } else if (word === "cost" || word === "priority") {
      const value = unsigned(words.value()) ?? 0;
      changes.push((conf) => {
        conf[word] = value;
      });
    } else if (word === "state") {
      const text = words.value();
      const known = PORT_STATES.indexOf(text.toLowerCase() as (typeof PORT_STATES)[number]);
      state = unsigned(text, 4) ?? (known >= 0 ? known : null);
      if (state === null) throw new IpError("Error: invalid STP port state\n", 255);
    } else if (["mcast_router", "backup_port", "learning_sync", "hwmode"].includes(word))
      words.value();
    else if (["self", "master", "nobackup_port"].includes(word)) continue;
    else throw new IpError(USAGE, 255);
  }
  if (name === "") throw new IpError("Device is a required argument.\n", 255);
  const dev = ctx.ns.byName.get(name);
  if (!dev) throw new IpError(`Cannot find bridge device "${name}"\n`, 255);
  const conf = dev.master instanceof Bridge ? dev.master.portConf.get(dev) : undefined;
  if (!conf) throw new NetlinkError("EOPNOTSUPP");
  if (state !== null) {
    if (!dev.up || !dev.carrier) throw new NetlinkError("ENETDOWN");
    conf.state = state;
  }
  for (const change of changes) change(conf);
}

const USAGE = `Usage: bridge link set dev DEV [ cost COST ] [ priority PRIO ] [ state STATE ]
                               [ guard {on | off} ]
                               [ hairpin {on | off} ]
                               [ fastleave {on | off} ]
                               [ root_block {on | off} ]
                               [ learning {on | off} ]
                               [ learning_sync {on | off} ]
                               [ flood {on | off} ]
                               [ mcast_router MULTICAST_ROUTER ]
                               [ mcast_flood {on | off} ]
                               [ bcast_flood {on | off} ]
                               [ mcast_to_unicast {on | off} ]
                               [ neigh_suppress {on | off} ]
                               [ vlan_tunnel {on | off} ]
                               [ isolated {on | off} ]
                               [ locked {on | off} ]
                               [ hwmode {vepa | veb} ]
                               [ backup_port DEVICE ] [ nobackup_port ]
                               [ self ] [ master ]
       bridge link show [dev DEV]
`;
