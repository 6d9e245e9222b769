import { addAddress, deleteAddress } from "../../../net/device/admin.ts";
import type { InetAddress, NetDevice } from "../../../net/device/device.ts";
import { setLifetime } from "../../../net/device/lifetime.ts";
import { scopeName } from "../../../net/fib/names.ts";
import { NetlinkError } from "../../../net/netlink.ts";
import { formatIpv4, isLoopback, maskOf } from "../../../wire/address.ts";
import type { Json } from "../../lib/json-writer.ts";
import {
  findDevice,
  type IpContext,
  IpError,
  invalidArgument,
  matches,
  pick,
  print,
  type Words,
} from "./context.ts";
import {
  briefLink,
  displayName,
  isDeprecated,
  linkHeader,
  secondsLeft,
  state,
  statistics,
} from "./device-text.ts";
import { addressJson, briefLinkJson, linkJson } from "./json.ts";
import { address, prefix, scope, unsigned } from "./parse.ts";

/** `ip address …` (iproute2: ip/ipaddress.c) */
export function ipAddress(ctx: IpContext, words: Words): void {
  if (words.done) return show(ctx, words, false);
  const verb = words.next();
  const command = pick(verb, [
    "add",
    "change",
    "replace",
    "delete",
    "show",
    "list",
    "lst",
    "flush",
    "help",
  ]);
  if (command === "add" || command === "change" || command === "replace")
    return change(ctx, words, command);
  if (command === "delete") return change(ctx, words, "delete");
  if (command === "show" || command === "list" || command === "lst") return show(ctx, words, false);
  if (command === "flush") return flush(ctx, words);
  throw new IpError(`Command "${verb}" is unknown, try "ip address help".\n`, 255);
}

function change(ctx: IpContext, words: Words, verb: "add" | "change" | "replace" | "delete"): void {
  let local: { address: number; length: number } | null = null;
  let peer: { address: number; length: number } | null = null;
  let dev: string | null = null;
  let broadcast: string | null = null;
  let label: string | null = null;
  let wantedScope: number | null = null;
  let noPrefixRoute = false;
  let wildcard = "";
  let lifetime: { valid: number | null; preferred: number | null } | null = null;
  while (!words.done) {
    const word = words.next();
    if (word === "peer" || word === "remote") peer = prefix(words.value());
    else if (matches(word, "broadcast") || word === "brd") broadcast = words.value();
    else if (word === "dev") dev = words.value();
    else if (word === "label") label = words.value();
    else if (word === "scope") {
      const text = words.value();
      wantedScope = scope(text);
      if (wantedScope === null) invalidArgument("invalid scope value.", text);
    } else if (word === "noprefixroute") noPrefixRoute = true;
    else if (matches(word, "valid_lft") || matches(word, "preferred_lft")) {
      const text = words.value();
      const seconds = text === "forever" ? null : unsigned(text);
      if (seconds === null && text !== "forever")
        invalidArgument(
          `${matches(word, "valid_lft") ? "valid_lft" : "preferred_lft"} value`,
          text,
        );
      lifetime ??= { valid: null, preferred: null };
      lifetime[matches(word, "valid_lft") ? "valid" : "preferred"] = seconds;
    } else if (word === "metric") words.value();
    else if (word === "nodad" || word === "home" || word === "mngtmpaddr" || word === "autojoin")
      continue;
    else {
      const text = word === "local" ? words.value() : word;
      if (local)
        throw new IpError(`Error: either "local" is duplicate, or "${text}" is a garbage.\n`, 255);
      local = prefix(text);
      if (!text.includes("/")) wildcard = text;
    }
  }
  if (dev === null) throw new IpError('Not enough information: "dev" argument is required.\n', 1);
  if (label && !label.startsWith(dev))
    throw new IpError(`"dev" (${dev}) must match "label" (${label}).\n`, 255);
  const device = findDevice(ctx, dev);
  const own = local ?? { address: 0, length: 32 };
  const length = peer ? peer.length : own.length;
  if (verb === "delete") {
    const gone = device.addresses.find(
      (a) =>
        a.local === own.address &&
        (!peer || a.peer === peer.address) &&
        (own.length === 32 || a.prefixLength === own.length) &&
        (label === null || a.label === label),
    );
    if (wildcard && !peer)
      ctx.err += `Warning: Executing wildcard deletion to stay compatible with old scripts.
         Explicitly specify the prefix length (${wildcard}/32) to avoid this warning.
         This special behaviour is likely to disappear in further releases,
         fix your scripts!\n`;
    if (!gone) throw new NetlinkError("EADDRNOTAVAIL", "ipv4: Address not found");
    return deleteAddress(device, gone);
  }
  if (lifetime?.valid === 0) throw new IpError("valid_lft is zero\n", 1);
  if (lifetime && (lifetime.valid ?? Infinity) < (lifetime.preferred ?? Infinity))
    throw new IpError("preferred_lft is greater than valid_lft\n", 1);
  const mask = maskOf(length);
  const remote = peer?.address ?? own.address;
  const spec = {
    local: own.address,
    peer: remote,
    prefixLength: length,
    broadcast:
      broadcast === null
        ? null
        : broadcast === "+"
          ? (remote | ~mask) >>> 0
          : broadcast === "-"
            ? (remote & mask) >>> 0
            : address(broadcast),
    scope: wantedScope ?? (isLoopback(own.address) ? 254 : 0),
    label: label ?? device.name,
    noPrefixRoute,
  };
  const same = device.addresses.find(
    (a) => a.local === spec.local && a.prefixLength === length && a.peer === spec.peer,
  );
  if (verb !== "add" && same) {
    same.broadcast = spec.broadcast ?? same.broadcast;
    setLifetime(device, same, lifetime?.valid ?? null, lifetime?.preferred ?? null);
    return;
  }
  if (verb === "change") throw new NetlinkError("EADDRNOTAVAIL", "ipv4: Address not found");
  if (same) throw new NetlinkError("EEXIST", "ipv4: Address already assigned");
  const added = addAddress(device, spec);
  if (lifetime) setLifetime(device, added, lifetime.valid, lifetime.preferred);
}

function flush(ctx: IpContext, words: Words): void {
  let dev: NetDevice | null = null;
  let to: { address: number; length: number } | null = null;
  let wantedScope: number | null = null;
  while (!words.done) {
    const word = words.next();
    if (word === "to") to = prefix(words.value());
    else if (word === "scope") wantedScope = scope(words.value());
    else dev = findDevice(ctx, word === "dev" ? words.value() : word);
  }
  if (!dev && !to && wantedScope === null) throw new IpError("Flush requires arguments.\n", 1);
  for (const device of dev ? [dev] : [...ctx.ns.devices.values()])
    for (const a of [...device.addresses]) {
      if (to && ((a.local ^ to.address) & maskOf(to.length)) !== 0) continue;
      if (wantedScope !== null && a.scope !== wantedScope) continue;
      if (device.addresses.includes(a)) deleteAddress(device, a);
    }
}

interface Filter {
  dev: NetDevice | null;
  up: boolean;
  master: NetDevice | null;
  kind: string | null;
  to: { address: number; length: number } | null;
  scope: number | null;
  label: string | null;
}

/** `ip address show` and `ip link show`: the same listing with or without addresses. */
export function show(ctx: IpContext, words: Words, link: boolean): void {
  const filter: Filter = {
    dev: null,
    up: false,
    master: null,
    kind: null,
    to: null,
    scope: null,
    label: null,
  };
  while (!words.done) {
    const word = words.next();
    if (word === "up") filter.up = true;
    else if (word === "to") {
      filter.to = prefix(words.value());
      // A prefix is of a family, and then so is the listing.
      if (ctx.family === "any") ctx.family = "inet";
    } else if (word === "scope") filter.scope = scope(words.value());
    else if (word === "label") filter.label = words.value();
    else if (word === "type") filter.kind = words.value();
    else if (word === "group") words.value();
    else if (word === "master") {
      const name = words.value();
      filter.master = ctx.ns.byName.get(name) ?? null;
      if (!filter.master) throw new IpError(`Device "${name}" does not exist.\n`, 255);
    } else {
      const name = word === "dev" ? words.value() : word;
      filter.dev = ctx.ns.byName.get(name) ?? null;
      if (!filter.dev) throw new IpError(`Device "${name}" does not exist.\n`, 1);
    }
  }
  print(ctx);
  for (const dev of [...ctx.ns.devices.values()].sort((a, b) => a.ifindex - b.ifindex)) {
    if (filter.dev && dev !== filter.dev) continue;
    if (filter.master && dev.master !== filter.master) continue;
    // The kernel's dump has it and ip leaves it out: of its object the braces stay.
    if ((filter.up && !dev.up) || (filter.kind !== null && dev.kind !== filter.kind)) {
      if (ctx.json) print(ctx, undefined, () => ({}));
      continue;
    }
    const addresses = ctx.family === "inet6" ? [] : dev.addresses.filter((a) => wanted(a, filter));
    if (!link && (filter.to || filter.scope !== null || filter.label) && addresses.length === 0)
      continue;
    if (!link && ctx.family === "inet" && addresses.length === 0) continue;
    if (!link && ctx.family === "inet6") continue;
    print(
      ctx,
      () => (link ? linkText(ctx, dev) : addressText(ctx, dev, addresses)),
      () => json(ctx, dev, link, filter),
    );
  }
}

function json(ctx: IpContext, dev: NetDevice, link: boolean, filter: Filter): Json {
  return {
    ...(ctx.brief ? briefLinkJson(dev, link) : linkJson(ctx, dev, link)),
    ...(link
      ? {}
      : { addr_info: dev.addresses.map((a) => (wanted(a, filter) ? addressJson(ctx, a) : {})) }),
  };
}

function wanted(a: InetAddress, filter: Filter): boolean {
  if (filter.to && ((a.local ^ filter.to.address) & maskOf(filter.to.length)) !== 0) return false;
  if (filter.scope !== null && a.scope !== filter.scope) return false;
  return filter.label === null || a.label === filter.label;
}

function linkText(ctx: IpContext, dev: NetDevice): string {
  if (ctx.brief) return briefLink(dev);
  const text = linkHeader(ctx, dev, true) + (ctx.statistics ? statistics(dev) : "");
  return ctx.oneline ? `${text.replace(/\\$/, "").replace(/\n/g, "\\")}\n` : text;
}

function addressText(ctx: IpContext, dev: NetDevice, addresses: InetAddress[]): string {
  if (ctx.brief) {
    const list = addresses.map((a) => `${bare(a)} `).join("");
    return `${displayName(dev).padEnd(16)} ${state(dev).padEnd(14)} ${list}\n`;
  }
  if (ctx.oneline)
    return addresses
      .map((a) => `${dev.ifindex}: ${dev.name}    ${inetLine(ctx, a)}\\${lifetimeLine(ctx, a)}`)
      .join("");
  // With -4 only the first line: the link's own is of another family.
  const full = linkHeader(ctx, dev, false);
  const head = ctx.family === "inet" ? `${full.split("\n")[0]}\n` : full;
  return (
    head +
    (ctx.statistics ? statistics(dev) : "") +
    addresses.map((a) => `    ${inetLine(ctx, a)}\n${lifetimeLine(ctx, a)}`).join("")
  );
}

function bare(a: InetAddress): string {
  return a.peer === a.local
    ? `${formatIpv4(a.local)}/${a.prefixLength}`
    : `${formatIpv4(a.local)} peer ${formatIpv4(a.peer)}/${a.prefixLength}`;
}

export function lifetimeLine(ctx: IpContext, a: InetAddress): string {
  const left = (until: number | null): string => {
    const seconds = secondsLeft(ctx, until);
    return seconds === null ? "forever" : `${seconds}sec`;
  };
  return `       valid_lft ${left(a.validUntil)} preferred_lft ${left(a.preferredUntil)}\n`;
}

export function inetLine(ctx: IpContext, a: InetAddress): string {
  let text = `inet ${bare(a)}`;
  if (a.broadcast !== null) text += ` brd ${formatIpv4(a.broadcast)}`;
  text += ` scope ${scopeName(a.scope)}`;
  if (a.secondary) text += " secondary";
  if (isDeprecated(ctx, a)) text += " deprecated";
  if (a.validUntil !== null) text += " dynamic";
  if (a.noPrefixRoute) text += " noprefixroute";
  return `${text} ${a.label}`;
}
