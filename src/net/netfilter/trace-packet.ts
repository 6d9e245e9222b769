import type { NetNs } from "../netns.ts";
import type { Skb } from "../skb.ts";
import type { XtParam } from "./extension.ts";
import { LOG_IPOPT, LOG_TCPOPT, LOG_TCPSEQ, LOG_UID, logPacket } from "./log-line.ts";
import type { Chain, Rule, Table } from "./table.ts";

/** linux: NF_LOG_DEFAULT_MASK, and KERN_WARNING */
const FLAGS = LOG_TCPSEQ | LOG_TCPOPT | LOG_IPOPT | LOG_UID;
const LEVEL = 4;

/**
 * A packet that met `-j TRACE` tells of each rule that it matches (linux:
 * net/ipv4/netfilter/ip_tables.c, trace_packet). The end of a chain, `rule` null here, is a rule too;
 * and what asks nothing and gives a verdict passes for such an end, wherever it stands.
 */
export function traceRule(
  ns: NetNs,
  skb: Skb,
  par: XtParam,
  table: Table,
  chain: Chain,
  index: number,
  rule: Rule | null,
): void {
  const end = rule === null || isTail(rule);
  const comment = !end ? "rule" : chain.policy !== null ? "policy" : "return";
  const prefix = `TRACE: ${table.name}:${chain.name}:${comment}:${index + 1} `;
  logPacket(ns, skb, par.in, par.out, prefix, FLAGS, LEVEL);
}

function isTail(rule: Rule): boolean {
  return rule.target.kind === "verdict" && rule.asks === 0 && rule.matches.length === 0;
}
