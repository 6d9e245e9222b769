import { defineTarget, XtUsageError } from "../extension.ts";
import { parseOptionNumber } from "../number.ts";
import { value } from "../option.ts";

const EXCLUSIVE = ["ttl-set", "ttl-dec", "ttl-inc"];
const WORDS = { set: "set to", dec: "decrement by", inc: "increment by" } as const;

export default defineTarget<{ mode: "set" | "dec" | "inc"; ttl: number }>({
  name: "TTL",
  linux: "net/netfilter/xt_HL.c",
  help: "TTL target options\n  --ttl-set value, --ttl-dec value, --ttl-inc value\n",
  tables: ["mangle"],
  options: EXCLUSIVE.map(
    (name) => ({ name, args: 1, invert: false, excludes: EXCLUSIVE }) as const,
  ),
  parse([option]) {
    if (!option) throw new XtUsageError("TTL: You must specify an action");
    const mode = option.name.slice(4) as "set" | "dec" | "inc";
    return {
      mode,
      ttl: parseOptionNumber("TTL", option.name, value(option), mode === "set" ? 0 : 1, 255),
    };
  },
  save: (info) => ` --ttl-${info.mode} ${info.ttl}`,
  print: (info) => ` TTL ${WORDS[info.mode]} ${info.ttl}`,
  apply(info, skb) {
    const ip = skb.ip;
    const wanted = { set: info.ttl, dec: ip.ttl - info.ttl, inc: ip.ttl + info.ttl }[info.mode];
    ip.ttl = Math.max(0, Math.min(255, wanted));
    return "CONTINUE";
  },
  examples: [
    ["-j TTL --ttl-set 42", "-j TTL --ttl-set 42"],
    ["-j TTL --ttl-inc 1", "-j TTL --ttl-inc 1"],
    ["-j TTL --ttl-dec 0", null],
    ["-j TTL", null],
  ],
});
