import type { NetDevice } from "../../../net/device/device.ts";
import type { Neighbour, NeighState } from "../../../net/neigh/table.ts";
import { NetlinkError } from "../../../net/netlink.ts";
import { formatIpv4, formatMac, maskOf, parseMac } from "../../../wire/address.ts";
import { findDevice, type IpContext, IpError, pick, print, type Words } from "./context.ts";
import { neighbourJson } from "./json.ts";
import { address, prefix } from "./parse.ts";

const STATES: Record<string, NeighState> = {
  permanent: "PERMANENT",
  reachable: "REACHABLE",
  noarp: "NOARP",
  none: "NONE",
  stale: "STALE",
  incomplete: "INCOMPLETE",
  delay: "DELAY",
  probe: "PROBE",
  failed: "FAILED",
};

/** `ip neigh …` (iproute2: ip/ipneigh.c) */
export function ipNeigh(ctx: IpContext, words: Words): void {
  const verb = words.done ? "show" : words.next();
  const command = pick(verb, [
    "add",
    "change",
    "replace",
    "delete",
    "get",
    "show",
    "lst",
    "list",
    "flush",
  ]);
  if (command === "show" || command === "lst" || command === "list") return show(ctx, words, false);
  if (command === "flush") {
    if (words.done) throw new IpError("Flush requires arguments.\n", 1);
    return show(ctx, words, true);
  }
  if (command === "get") return get(ctx, words);
  if (command === "add" || command === "change" || command === "replace" || command === "delete")
    return modify(ctx, words, command);
  throw new IpError(`Command "${verb}" is unknown, try "ip neigh help".\n`, 255);
}

function modify(ctx: IpContext, words: Words, verb: "add" | "change" | "replace" | "delete"): void {
  let dev: string | null = null;
  let ip: number | null = null;
  let mac: Uint8Array | null = null;
  let state: NeighState = "PERMANENT";
  let proxy = false;
  while (!words.done) {
    const word = words.next();
    if (word === "dev") dev = words.value();
    else if (word === "lladdr") {
      const text = words.value();
      mac = parseMac(text);
      if (!mac) throw new IpError(`"${text}" is invalid lladdr.\n`, 1);
    } else if (word === "nud") {
      const text = words.value();
      const known = STATES[text];
      if (!known) throw new IpError(`Error: argument "${text}" is wrong: nud state is bad\n`, 255);
      state = known;
    } else if (word === "proxy") {
      proxy = true;
      ip = address(words.value());
    } else if (word === "router" || word === "extern_learn") continue;
    else ip = address(word === "to" ? words.value() : word);
  }
  if (dev === null || ip === null)
    throw new IpError("Device and destination are required arguments.\n", 255);
  const device = findDevice(ctx, dev);
  const table = ctx.ns.neigh;
  if (proxy) {
    const at = table.proxies.findIndex((p) => p.ip === ip && p.dev === device);
    if (verb === "delete") {
      if (at < 0) throw new NetlinkError("ENOENT");
      table.proxies.splice(at, 1);
    } else if (at < 0) table.proxies.push({ ip, dev: device });
    return;
  }
  const known = table.find(ip, device);
  if (verb === "delete") {
    if (!known || known.state === "NOARP") throw new NetlinkError("ENOENT");
    known.state = "FAILED";
    ctx.ns.rtnl.neigh(known);
    table.remove(known);
    return;
  }
  if (known && verb === "add") throw new NetlinkError("EEXIST");
  if (!known && verb === "change") throw new NetlinkError("ENOENT");
  const entry = known ?? table.create(ip, device);
  if (mac) entry.mac = mac;
  entry.state = "STALE";
  if (mac) table.update(entry, mac, state, true);
  if (state === "STALE") ctx.ns.rtnl.neigh(entry);
  if (state === "PERMANENT" || state === "NOARP" || state === "FAILED") table.enter(entry, state);
}

/** `ip neigh get`: one entry, known or not. */
function get(ctx: IpContext, words: Words): void {
  let ip: number | null = null;
  let dev: NetDevice | null = null;
  while (!words.done) {
    const word = words.next();
    if (word === "dev") dev = findDevice(ctx, words.value());
    else ip = address(word === "to" ? words.value() : word);
  }
  if (ip === null || dev === null)
    throw new IpError("Device and address are required arguments.\n", 255);
  const entry = ctx.ns.neigh.find(ip, dev);
  if (!entry) throw new NetlinkError("ENOENT", "Neighbour entry not found");
  showEntry(ctx, entry, false);
}

function show(ctx: IpContext, words: Words, flush: boolean): void {
  let dev: NetDevice | null = null;
  let to: { address: number; length: number } | null = null;
  let state: NeighState | null = null;
  let proxy = false;
  let all = false;
  while (!words.done) {
    const word = words.next();
    if (word === "dev") {
      const name = words.value();
      dev = findDevice(ctx, name);
    } else if (word === "nud") {
      const text = words.value();
      all = text === "all";
      state = STATES[text] ?? null;
    } else if (word === "proxy") proxy = true;
    else if (word === "unused" || word === "all") continue;
    else to = prefix(word === "to" ? words.value() : word);
  }
  const table = ctx.ns.neigh;
  if (!flush) print(ctx);
  if (proxy) {
    for (const p of table.proxies)
      print(
        ctx,
        () => `${formatIpv4(p.ip)}${p.dev ? ` dev ${p.dev.name}` : ""} proxy \n`,
        () => ({ dst: formatIpv4(p.ip), ...(p.dev ? { dev: p.dev.name } : {}), proxy: null }),
      );
    return;
  }
  for (const entry of [...table.entries.values()].reverse()) {
    if (dev && entry.dev !== dev) continue;
    if (to && ((entry.ip ^ to.address) & maskOf(to.length)) !== 0) continue;
    if (state ? entry.state !== state : !all && (entry.state === "NOARP" || entry.state === "NONE"))
      continue;
    if (!flush) showEntry(ctx, entry, dev !== null);
    else if (entry.state !== "PERMANENT" && entry.state !== "NOARP") table.remove(entry);
  }
}

function showEntry(ctx: IpContext, entry: Neighbour, named: boolean): void {
  print(
    ctx,
    () => neighbourLine(ctx, entry, named),
    () => neighbourJson(ctx, entry, named),
  );
}

export function neighbourLine(ctx: IpContext, entry: Neighbour, named: boolean): string {
  let text = `${formatIpv4(entry.ip)} `;
  if (!named) text += `dev ${entry.dev.name} `;
  if (entry.valid) text += `lladdr ${formatMac(entry.mac)} `;
  if (ctx.statistics) {
    const ago = (at: number): number => Math.floor((ctx.ns.sim.now - at) / 1e9);
    text += `used ${ago(entry.used)}/${ago(entry.confirmed)}/${ago(entry.updated)} probes ${entry.probes} `;
  }
  return `${text}${entry.state} \n`;
}
