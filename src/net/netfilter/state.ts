import { entryOf, IPS_DST_NAT, IPS_SRC_NAT } from "../conntrack/entry.ts";
import { IP_CT_IS_REPLY, IP_CT_UNTRACKED, type Skb } from "../skb.ts";
import { XtUsageError } from "./extension.ts";

/** As conntrack's state is spelled in rules, in the order in which it is printed. */
export const CT_STATES = [
  "INVALID",
  "NEW",
  "RELATED",
  "ESTABLISHED",
  "UNTRACKED",
  "SNAT",
  "DNAT",
] as const;
const BITS: Record<string, number> = {
  INVALID: 1,
  ESTABLISHED: 2,
  RELATED: 4,
  NEW: 8,
  UNTRACKED: 1 << 8,
  SNAT: 1 << 6,
  DNAT: 1 << 7,
};
/** The order in which a shortened word is looked up. */
const LOOKUP = ["INVALID", "NEW", "ESTABLISHED", "RELATED", "UNTRACKED", "SNAT", "DNAT"];

/** "NEW,ESTABLISHED" to bits; words may be shortened (libxt_conntrack.c). */
export function parseStates(text: string, option: "ctstate" | "state"): number {
  const known = option === "state" ? LOOKUP.slice(0, 5) : LOOKUP;
  let mask = 0;
  const words = text.split(",");
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    if (option === "state" && word === "" && i === words.length - 1)
      throw new XtUsageError(
        '"--state" requires a list of states with no spaces, e.g. ESTABLISHED,RELATED',
      );
    const name = word && known.find((candidate) => candidate.startsWith(word.toUpperCase()));
    if (!name) throw new XtUsageError(`Bad ${option} "${words.slice(i).join(",")}"`);
    mask |= BITS[name] as number;
  }
  return mask;
}

export function statesText(mask: number): string {
  return CT_STATES.filter((name) => mask & (BITS[name] as number)).join(",");
}

/** What a packet is to conntrack (linux: include/uapi/linux/netfilter/xt_conntrack.h, XT_CONNTRACK_STATE_BIT). */
export function stateBit(skb: Skb): number {
  const ct = entryOf(skb);
  if (ct === null) return skb.ctinfo === IP_CT_UNTRACKED ? (BITS.UNTRACKED as number) : 1;
  let bit = 1 << ((skb.ctinfo % IP_CT_IS_REPLY) + 1);
  if (ct.status & IPS_SRC_NAT) bit |= BITS.SNAT as number;
  if (ct.status & IPS_DST_NAT) bit |= BITS.DNAT as number;
  return bit;
}
