import type { NetDevice } from "../../device/device.ts";
import { defineMatch, XtRefused, XtUsageError } from "../extension.ts";
import { parseInterface } from "../interface.ts";
import { not, value } from "../option.ts";
import type { InterfaceMatch } from "../table.ts";

interface PhysdevInfo {
  in: InterfaceMatch | null;
  out: InterfaceMatch | null;
  /** true: it must be so; false: inverted. */
  isIn: boolean | null;
  isOut: boolean | null;
  isBridged: boolean | null;
}

function text(info: PhysdevInfo): string {
  const device = (name: string, want: InterfaceMatch | null): string =>
    want ? `${not(want.invert)} --physdev-${name} ${want.name}${want.wildcard ? "+" : ""}` : "";
  const is = (name: string, want: boolean | null): string =>
    want === null ? "" : `${not(!want)} --physdev-is-${name}`;
  return (
    is("in", info.isIn) +
    device("in", info.in) +
    is("out", info.isOut) +
    device("out", info.out) +
    is("bridged", info.isBridged)
  );
}

function fits(want: InterfaceMatch | null, dev: NetDevice | null): boolean {
  if (!want) return true;
  const name = dev?.name ?? "";
  return (want.wildcard ? name.startsWith(want.name) : name === want.name) !== want.invert;
}

export default defineMatch<PhysdevInfo>({
  name: "physdev",
  linux: "net/netfilter/xt_physdev.c",
  help:
    "physdev match options:\n" +
    "[!] --physdev-in name[+]      the bridge port that it came in by\n" +
    "[!] --physdev-out name[+]     the bridge port that it goes out by\n" +
    "[!] --physdev-is-in, [!] --physdev-is-out, [!] --physdev-is-bridged\n",
  options: [
    { name: "physdev-in", args: 1, invert: true },
    { name: "physdev-out", args: 1, invert: true },
    { name: "physdev-is-in", args: 0, invert: true },
    { name: "physdev-is-out", args: 0, invert: true },
    { name: "physdev-is-bridged", args: 0, invert: true },
  ],
  parse(options, context) {
    const info: PhysdevInfo = { in: null, out: null, isIn: null, isOut: null, isBridged: null };
    for (const option of options)
      if (option.name === "physdev-in")
        info.in = parseInterface(value(option), option.invert, context.warnings);
      else if (option.name === "physdev-out")
        info.out = parseInterface(value(option), option.invert, context.warnings);
      else if (option.name === "physdev-is-in") info.isIn = !option.invert;
      else if (option.name === "physdev-is-out") info.isOut = !option.invert;
      else info.isBridged = !option.invert;
    if (options.length === 0) throw new XtUsageError("PHYSDEV: no physdev option specified");
    return info;
  },
  save: text,
  print: (info) => ` PHYSDEV match${text(info)}`,
  check(info, place) {
    const asksOut = info.out !== null || info.isOut !== null;
    if (asksOut && info.isBridged !== true && place.hooks.includes("OUTPUT"))
      throw new XtRefused(
        "xt_physdev: --physdev-out and --physdev-is-out only supported in the FORWARD and POSTROUTING chains with bridged traffic",
      );
  },
  matches(info, skb) {
    const bridged = skb.physIn !== null && skb.physOut !== null;
    // Not from a bridge at all: only inverted questions hold.
    if (skb.physIn === null) {
      const none = info.isIn !== true && info.isOut !== true && info.isBridged !== true;
      return none && !(info.in && !info.in.invert) && !(info.out && !info.out.invert);
    }
    if (info.isBridged !== null && bridged !== info.isBridged) return false;
    if (info.isIn === false) return false;
    if (info.isOut !== null && (skb.physOut !== null) !== info.isOut) return false;
    if (!fits(info.in, skb.physIn)) return false;
    return fits(info.out, skb.physOut);
  },
  examples: [
    ["-m physdev --physdev-in eth0", "-m physdev --physdev-in eth0"],
    ["-m physdev ! --physdev-is-bridged", "-m physdev ! --physdev-is-bridged"],
    ["-m physdev", null],
  ],
});
