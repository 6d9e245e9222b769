import { ROUTE_TYPES } from "../../fib/route.ts";
import { defineMatch, XtRefused, XtUsageError } from "../extension.ts";
import { given, not, value } from "../option.ts";

/** RTN_* by number; the last has no route type of ours. */
const TYPES = [...ROUTE_TYPES.map((type) => type.toUpperCase()), "XRESOLVE"];

function parseTypes(text: string): number {
  let mask = 0;
  const words = text.split(",");
  for (let i = 0; i < words.length; i++) {
    const word = (words[i] as string).toUpperCase();
    const type = word === "" ? -1 : TYPES.findIndex((name) => name.startsWith(word));
    const rest = words.slice(i).join(",");
    if (type < 0)
      throw new XtUsageError(
        i < words.length - 1 ? `addrtype: bad type \`${rest}'` : `addrtype: bad type "${rest}"`,
      );
    mask |= 1 << type;
  }
  return mask;
}

function typesText(mask: number): string {
  return TYPES.filter((_, i) => mask & (1 << i)).join(",");
}

interface AddrtypeInfo {
  src: number;
  srcInvert: boolean;
  dst: number;
  dstInvert: boolean;
  limit: "in" | "out" | null;
}

export default defineMatch<AddrtypeInfo>({
  name: "addrtype",
  linux: "net/netfilter/xt_addrtype.c",
  help:
    "Address type match options:\n" +
    "[!] --src-type type[,...]      what the source address is to us\n" +
    "[!] --dst-type type[,...]      what the destination address is to us\n" +
    "    --limit-iface-in           only on the device that it came in by\n" +
    "    --limit-iface-out          only on the device that it goes out by\n" +
    `Valid types: ${TYPES.join(" ")}\n`,
  options: [
    { name: "src-type", args: 1, invert: true },
    { name: "dst-type", args: 1, invert: true },
    { name: "limit-iface-in", args: 0, invert: false },
    { name: "limit-iface-out", args: 0, invert: false },
  ],
  parse(options) {
    const src = given(options, "src-type");
    const dst = given(options, "dst-type");
    const info: AddrtypeInfo = {
      src: src ? parseTypes(value(src)) : 0,
      srcInvert: src?.invert ?? false,
      dst: dst ? parseTypes(value(dst)) : 0,
      dstInvert: dst?.invert ?? false,
      limit: given(options, "limit-iface-in")
        ? "in"
        : given(options, "limit-iface-out")
          ? "out"
          : null,
    };
    if (!src && !dst) throw new XtUsageError("addrtype: you must specify --src-type or --dst-type");
    if (given(options, "limit-iface-in") && given(options, "limit-iface-out"))
      throw new XtUsageError(
        'addrtype: option "--limit-iface-in" cannot be used together with "--limit-iface-out".\n',
      );
    return info;
  },
  save: (info) =>
    (info.src ? `${not(info.srcInvert)} --src-type ${typesText(info.src)}` : "") +
    (info.dst ? `${not(info.dstInvert)} --dst-type ${typesText(info.dst)}` : "") +
    (info.limit ? ` --limit-iface-${info.limit}` : ""),
  print: (info) =>
    " ADDRTYPE match" +
    (info.src ? ` src-type ${info.srcInvert ? "!" : ""}${typesText(info.src)}` : "") +
    (info.dst ? ` dst-type ${info.dstInvert ? "!" : ""}${typesText(info.dst)}` : "") +
    (info.limit ? ` limit-${info.limit}` : ""),
  check(info, place) {
    const early = place.hooks.some((hook) => hook === "PREROUTING" || hook === "INPUT");
    const late = place.hooks.some((hook) => hook === "POSTROUTING" || hook === "OUTPUT");
    if (info.limit === "out" && early)
      throw new XtRefused(
        "xt_addrtype: output interface limitation not valid in PREROUTING and INPUT",
      );
    if (info.limit === "in" && late)
      throw new XtRefused(
        "xt_addrtype: input interface limitation not valid in POSTROUTING and OUTPUT",
      );
  },
  matches(info, skb, par) {
    const dev = (info.limit === "in" ? par.in : info.limit === "out" ? par.out : null) ?? undefined;
    const ip = skb.ip;
    const is = (mask: number, address: number): boolean =>
      (mask & (1 << ROUTE_TYPES.indexOf(par.ns.fib.addressType(address, dev)))) !== 0;
    if (info.src && is(info.src, ip.src) === info.srcInvert) return false;
    return !info.dst || is(info.dst, ip.dst) !== info.dstInvert;
  },
  examples: [
    ["-m addrtype --dst-type LOCAL", "-m addrtype --dst-type LOCAL"],
    ["-m addrtype ! --src-type local,broadcast", "-m addrtype ! --src-type LOCAL,BROADCAST"],
    ["-m addrtype --src-type nonsense", null],
    ["-m addrtype", null],
  ],
});
