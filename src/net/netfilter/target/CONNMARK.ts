import { hex } from "../../../base/text.ts";
import { connmarkSet } from "../../conntrack/core.ts";
import { entryOf } from "../../conntrack/entry.ts";
import { setMark } from "../../mark.ts";
import { defineTarget, XtUsageError } from "../extension.ts";
import { parseOptionNumber } from "../number.ts";
import { given, value } from "../option.ts";
import { markChangeText, parseMarkChange } from "./MARK.ts";

const MARKS = ["set-xmark", "set-mark", "and-mark", "or-mark", "xor-mark"];
const OPERATIONS = [...MARKS, "save-mark", "restore-mark"];
const ALL = 0xffffffff;

interface ConnmarkInfo {
  mode: "set" | "save" | "restore";
  ctmark: number;
  ctmask: number;
  nfmask: number;
  /** Bits to the left; negative to the right. */
  shift: number;
}

function shiftText(shift: number, prefix: string): string {
  if (shift === 0) return "";
  return ` ${prefix}${shift > 0 ? "left" : "right"}-shift-mark ${Math.abs(shift)}`;
}

function shifted(mark: number, bits: number): number {
  if (bits === 0) return mark;
  if (Math.abs(bits) > 31) return 0;
  return bits > 0 ? (mark << bits) >>> 0 : mark >>> -bits;
}

export default defineTarget<ConnmarkInfo>({
  name: "CONNMARK",
  linux: "net/netfilter/xt_connmark.c",
  help:
    "CONNMARK target options:\n" +
    "  --set-xmark value[/ctmask]    clear the bits of ctmask, XOR value into the connection's mark\n" +
    "  --set-mark value[/mask], --and-mark, --or-mark, --xor-mark bits\n" +
    "  --save-mark [--ctmask mask] [--nfmask mask]      from the packet to the connection\n" +
    "  --restore-mark [--ctmask mask] [--nfmask mask]   from the connection to the packet\n" +
    "  --mask mask                   both masks\n" +
    "  --left-shift-mark, --right-shift-mark bits\n",
  needsConntrack: true,
  options: [
    ...MARKS.map((name) => ({ name, args: 1, invert: false, excludes: OPERATIONS }) as const),
    { name: "save-mark", args: 0, invert: false, excludes: OPERATIONS },
    { name: "restore-mark", args: 0, invert: false, excludes: OPERATIONS },
    { name: "left-shift-mark", args: 1, invert: false },
    { name: "right-shift-mark", args: 1, invert: false },
    { name: "ctmask", args: 1, invert: false, excludes: ["mask"] },
    { name: "nfmask", args: 1, invert: false, excludes: ["mask"] },
    { name: "mask", args: 1, invert: false, excludes: ["ctmask", "nfmask"] },
  ],
  parse(options) {
    const info: ConnmarkInfo = { mode: "set", ctmark: 0, ctmask: ALL, nfmask: ALL, shift: 0 };
    const number = (name: string, max: number): number | null => {
      const option = given(options, name);
      return option ? parseOptionNumber("CONNMARK", name, value(option), 0, max) : null;
    };
    for (const option of options)
      if (option.name === "save-mark") info.mode = "save";
      else if (option.name === "restore-mark") info.mode = "restore";
      else if (MARKS.includes(option.name)) {
        const change = parseMarkChange("CONNMARK", option.name, value(option));
        info.ctmark = change.value;
        info.ctmask = change.mask;
      }
    const both = number("mask", ALL);
    info.ctmask = both ?? number("ctmask", ALL) ?? info.ctmask;
    info.nfmask = both ?? number("nfmask", ALL) ?? info.nfmask;
    info.shift = number("left-shift-mark", 32) ?? -(number("right-shift-mark", 32) ?? 0);
    if (!options.some((option) => OPERATIONS.includes(option.name)))
      throw new XtUsageError("CONNMARK target: No operation specified");
    return info;
  },
  save(info) {
    const shift = shiftText(info.shift, "--");
    if (info.mode === "set")
      return ` --set-xmark 0x${hex(info.ctmark)}/0x${hex(info.ctmask)}${shift}`;
    return ` --${info.mode}-mark --nfmask 0x${hex(info.nfmask)} --ctmask 0x${hex(info.ctmask)}${shift}`;
  },
  print(info) {
    const shift = shiftText(info.shift, "");
    if (info.mode === "set")
      return markChangeText("CONNMARK", { value: info.ctmark, mask: info.ctmask }) + shift;
    const { ctmask, nfmask } = info;
    const head = ` CONNMARK ${info.mode}`;
    if (ctmask === ALL && nfmask === ALL) return head + shift;
    if (ctmask === nfmask) return `${head} mask 0x${hex(ctmask)}${shift}`;
    const [first, second] = info.mode === "save" ? ["nfmask", "ctmask"] : ["ctmask", "nfmask"];
    const [a, b] = info.mode === "save" ? [nfmask, ctmask] : [ctmask, nfmask];
    return `${head} ${first} 0x${hex(a)} ${second} ~0x${hex(b)}${shift}`;
  },
  apply(info, skb, par) {
    const ct = entryOf(skb);
    if (!ct) return "CONTINUE";
    if (info.mode === "restore") {
      const mark = shifted((ct.mark & info.ctmask) >>> 0, info.shift);
      setMark(par.ns, skb, ((skb.mark & ~info.nfmask) ^ mark) >>> 0);
      return "CONTINUE";
    }
    const kept = ct.mark & ~info.ctmask;
    const mark =
      info.mode === "set"
        ? shifted((kept ^ info.ctmark) >>> 0, info.shift)
        : (kept ^ shifted((skb.mark & info.nfmask) >>> 0, info.shift)) >>> 0;
    if (mark !== ct.mark) connmarkSet(par.ns, skb, mark);
    return "CONTINUE";
  },
  examples: [
    ["-j CONNMARK --set-mark 0x111/0xfff", "-j CONNMARK --set-xmark 0x111/0xfff"],
    ["-j CONNMARK --save-mark", "-j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff"],
    [
      "-j CONNMARK --restore-mark --mask 0xf",
      "-j CONNMARK --restore-mark --nfmask 0xf --ctmask 0xf",
    ],
    ["-j CONNMARK --save-mark --restore-mark", null],
    ["-j CONNMARK", null],
  ],
});
