import { isMulticast } from "../../../wire/address.ts";
import { flow } from "../../fib/route.ts";
import { defineMatch } from "../extension.ts";
import { given } from "../option.ts";

interface RpfilterInfo {
  loose: boolean;
  validmark: boolean;
  acceptLocal: boolean;
  invert: boolean;
}

function text(info: RpfilterInfo, prefix: string): string {
  return (
    (info.loose ? ` ${prefix}loose` : "") +
    (info.validmark ? ` ${prefix}validmark` : "") +
    (info.acceptLocal ? ` ${prefix}accept-local` : "") +
    (info.invert ? ` ${prefix}invert` : "")
  );
}

export default defineMatch<RpfilterInfo>({
  name: "rpfilter",
  linux: "net/ipv4/netfilter/ipt_rpfilter.c",
  help:
    "rpfilter match options:\n" +
    "    --loose          the way back may use any device\n" +
    "    --validmark      look for the way back with the packet's mark\n" +
    "    --accept-local   our own addresses may come from outside\n" +
    "    --invert         match what fails\n",
  tables: ["raw", "mangle"],
  hooks: ["PREROUTING"],
  options: [
    { name: "loose", args: 0, invert: false },
    { name: "validmark", args: 0, invert: false },
    { name: "accept-local", args: 0, invert: false },
    { name: "invert", args: 0, invert: false },
  ],
  parse: (options) => ({
    loose: given(options, "loose") !== undefined,
    validmark: given(options, "validmark") !== undefined,
    acceptLocal: given(options, "accept-local") !== undefined,
    invert: given(options, "invert") !== undefined,
  }),
  save: (info) => text(info, "--"),
  print: (info) => ` rpfilter${text(info, "")}`,
  matches(info, skb, par) {
    const dev = par.in;
    if (!dev || dev.isLoopback || skb.pktType === "LOOPBACK") return !info.invert;
    const ip = skb.ip;
    if (isMulticast(ip.dst) && ip.src === 0) return (ip.dst >>> 8 === 0xe00000) !== info.invert;
    const plain = !isMulticast(ip.dst) && ip.dst !== 0 && ip.dst !== 0xffffffff;
    const found = par.ns.fib.lookup(
      flow({
        dst: ip.src,
        src: plain ? ip.dst : 0,
        iif: par.ns.loopback.ifindex,
        mark: info.validmark ? skb.mark : 0,
        tos: ip.tos & 0x1c,
      }),
    );
    const right = found.type === "unicast" || (found.type === "local" && info.acceptLocal);
    const back = info.loose || (found.route?.nexthops.some((hop) => hop.dev === dev) ?? false);
    return (right && found.route !== null && back) !== info.invert;
  },
  examples: [
    ["-m rpfilter", "-m rpfilter"],
    ["-m rpfilter --invert --loose", "-m rpfilter --loose --invert"],
    ["-m rpfilter --tight", null],
  ],
});
