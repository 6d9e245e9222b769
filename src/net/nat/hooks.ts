import { IPPROTO_ICMP } from "../../wire/ipv4.ts";
import type { Conntrack } from "../conntrack/entry.ts";
import type { NetDevice } from "../device/device.ts";
import { ipRouteMeHarder } from "../ipv4/output.ts";
import { iptDoTable } from "../netfilter/evaluate.ts";
import type { Hook, Verdict } from "../netfilter/extension.ts";
import { type HookEntry, PRIORITY } from "../netfilter/hook.ts";
import type { NetNs } from "../netns.ts";
import { IP_CT_IS_REPLY, IP_CT_NEW, IP_CT_RELATED, IP_CT_RELATED_REPLY, type Skb } from "../skb.ts";
import { manipOf, natIcmpReply, natInitialized, natNullBinding, natPacket } from "./nat.ts";

/**
 * The nat table at one hook: rules are asked for a connection's first packet only; the answer is
 * kept in the entry and applied to every packet (linux: nf_nat_core.c, nf_nat_inet_fn).
 */
export class NatEntry implements HookEntry {
  priority: number;
  name = "nat";

  constructor(priority: number) {
    this.priority = priority;
  }

  run(ns: NetNs, skb: Skb, hook: Hook, input: NetDevice | null, output: NetDevice | null): Verdict {
    const ct = skb.ct;
    if (ct === null) return "ACCEPT";
    const { dst } = skb.ip;
    const verdict = this.translate(ns, skb, ct, hook, input, output);
    if (verdict !== "ACCEPT") return verdict;
    if (hook === "PREROUTING" && skb.ip.dst !== dst) skb.route = null;
    if (hook === "OUTPUT" && redirected(skb, ct) && !ipRouteMeHarder(ns, skb)) return "DROP";
    return "ACCEPT";
  }

  translate(
    ns: NetNs,
    skb: Skb,
    ct: Conntrack,
    hook: Hook,
    input: NetDevice | null,
    output: NetDevice | null,
  ): Verdict {
    const info = skb.ctinfo;
    if (info === IP_CT_RELATED || info === IP_CT_RELATED_REPLY) {
      if (skb.ip.protocol === IPPROTO_ICMP) return natIcmpReply(ns, ct, skb, hook);
    }
    if (info === IP_CT_NEW || info === IP_CT_RELATED || info === IP_CT_RELATED_REPLY) {
      if (!natInitialized(ct, manipOf(hook))) {
        const table = ns.netfilter.tables.get("nat");
        if (table) {
          const verdict = iptDoTable(ns, table, hook, skb, input, output);
          if (verdict !== "ACCEPT") return verdict;
        }
        if (!natInitialized(ct, manipOf(hook))) natNullBinding(ns, ct, hook);
      }
    }
    return natPacket(ns, ct, skb, hook);
  }
}

/**
 * Is a destination of this direction another one than it seems? Then the packet's route is asked for
 * again, whether or not this packet had it (linux: nf_nat_proto.c, nf_nat_ipv4_local_fn).
 */
function redirected(skb: Skb, ct: Conntrack): boolean {
  const dir = skb.ctinfo >= IP_CT_IS_REPLY ? 1 : 0;
  return ct.tuples[dir].dst !== ct.tuples[(1 - dir) as 0].src;
}

/** linux: nf_nat_proto.c, nf_nat_ipv4_ops: destinations early, sources late. */
export function natHooks(): { hook: Hook; entry: HookEntry }[] {
  return [
    { hook: "PREROUTING", entry: new NatEntry(PRIORITY.NAT_DST) },
    { hook: "INPUT", entry: new NatEntry(PRIORITY.NAT_SRC) },
    { hook: "OUTPUT", entry: new NatEntry(PRIORITY.NAT_DST) },
    { hook: "POSTROUTING", entry: new NatEntry(PRIORITY.NAT_SRC) },
  ];
}
