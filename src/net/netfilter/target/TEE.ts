import { formatIpv4 } from "../../../wire/address.ts";
import { set16 } from "../../../wire/bytes.ts";
import { IP_DF, Ipv4 } from "../../../wire/ipv4.ts";
import { ipRouteOutput } from "../../fib/output.ts";
import { flow, RouteError } from "../../fib/route.ts";
import { ipLocalOut } from "../../ipv4/output.ts";
import { IP_CT_UNTRACKED } from "../../skb.ts";
import { defineTarget } from "../extension.ts";
import { addressText, given, parseHost, value } from "../option.ts";

export default defineTarget<{ gateway: number; oif: string }>({
  name: "TEE",
  linux: "net/netfilter/xt_TEE.c",
  help:
    "TEE target options:\n" +
    "  --gateway address    send a copy there\n" +
    "  --oif name           by this device\n",
  options: [
    { name: "gateway", args: 1, invert: false, required: true },
    { name: "oif", args: 1, invert: false },
  ],
  parse(options, context) {
    const gateway = given(options, "gateway");
    const oif = given(options, "oif");
    return {
      gateway: gateway ? parseHost(value(gateway), context) : 0,
      oif: oif ? value(oif).slice(0, 15) : "",
    };
  },
  save: (info) => ` --gateway ${formatIpv4(info.gateway)}${info.oif ? ` --oif ${info.oif}` : ""}`,
  print: (info, numeric, names) =>
    ` TEE gw:${addressText(info.gateway, numeric, names)}${info.oif ? ` oif=${info.oif}` : ""}`,
  /** linux: net/ipv4/netfilter/nf_dup_ipv4.c, nf_dup_ipv4 */
  apply(info, skb, par) {
    const { ns } = par;
    if (ns.kernel.duplicating) return "CONTINUE";
    const oif = info.oif ? (ns.byName.get(info.oif)?.ifindex ?? 0) : 0;
    const route = ipRouteOutput(ns, flow({ dst: info.gateway, oif, tos: skb.ip.tos & 0x1c }));
    if (route instanceof RouteError) return "CONTINUE";
    const copy = ns.kernel.cloneSkb(ns, skb);
    // What stands in front of the packet is not copied: its old Ethernet header is gone (pskb_copy).
    copy.mac = -1;
    copy.ct = null;
    copy.ctinfo = IP_CT_UNTRACKED;
    const { ip } = copy;
    set16(copy.data, ip.off + 6, ip.fragment | IP_DF);
    if (par.hook === "PREROUTING" || par.hook === "INPUT") ip.ttl -= 1;
    Ipv4.resize(copy.data, ip.off, ip.headerLength);
    copy.route = { ...route, gateway: route.gateway || info.gateway };
    ns.kernel.duplicating = true;
    ipLocalOut(ns, copy);
    ns.kernel.duplicating = false;
    copy.forgetPieces();
    return "CONTINUE";
  },
  examples: [
    ["-j TEE --gateway 1.1.1.1", "-j TEE --gateway 1.1.1.1"],
    ["-j TEE", null],
  ],
});
