import { maskOf } from "../../wire/address.ts";
import type { NetNs } from "../netns.ts";
import type { Flow } from "./route.ts";

export type RuleAction = "lookup" | "goto" | "nop" | "blackhole" | "unreachable" | "prohibit";

/** An `ip rule` entry (linux: struct fib_rule, fib4_rule). Never changes once it is in the list. */
export interface FibRule {
  /** Unique in the world; the trace points at it. */
  id: number;
  priority: number;
  invert: boolean;
  src: number;
  srcLength: number;
  dst: number;
  dstLength: number;
  tos: number;
  mark: number;
  /** 0: do not look at the mark. */
  markMask: number;
  iif: string;
  oif: string;
  protocol: number;
  srcPorts: [number, number] | null;
  dstPorts: [number, number] | null;
  uids: [number, number] | null;
  action: RuleAction;
  table: number;
  /** Priority that `goto` jumps to. */
  target: number;
  suppressPrefixLength: number;
  suppressGroup: number;
  /** RTPROT_* of who added it; 2 (kernel) for the first three. */
  origin: number;
}

/** Why a rule was passed over, or what came of it: what the trace keeps. */
export const RULE_OUTCOMES = [
  "used",
  "from",
  "to",
  "tos",
  "fwmark",
  "iif",
  "oif",
  "ipproto",
  "sport",
  "dport",
  "uidrange",
  "no route in the table",
  "goto",
  "throw",
  "suppressed",
  "nop",
  "not",
  "unresolved goto",
] as const;
export type RuleOutcome = (typeof RULE_OUTCOMES)[number];

export function rule(fields: Partial<FibRule> & { id: number; priority: number }): FibRule {
  return {
    invert: false,
    src: 0,
    srcLength: 0,
    dst: 0,
    dstLength: 0,
    tos: 0,
    mark: 0,
    markMask: 0,
    iif: "",
    oif: "",
    protocol: 0,
    srcPorts: null,
    dstPorts: null,
    uids: null,
    action: "lookup",
    table: 0,
    target: 0,
    suppressPrefixLength: -1,
    suppressGroup: -1,
    origin: 3,
    ...fields,
  };
}

/** The selector that does not fit, or null. (linux: net/core/fib_rules.c fib_rule_match, net/ipv4/fib_rules.c fib4_rule_match) */
function mismatch(ns: NetNs, r: FibRule, key: Flow): RuleOutcome | null {
  if (r.iif && ns.byName.get(r.iif)?.ifindex !== key.iif) return "iif";
  if (r.oif && ns.byName.get(r.oif)?.ifindex !== key.oif) return "oif";
  if (r.markMask && ((r.mark ^ key.mark) & r.markMask) !== 0) return "fwmark";
  if (r.uids && (key.uid < r.uids[0] || key.uid > r.uids[1])) return "uidrange";
  if (r.srcLength && ((key.src ^ r.src) & maskOf(r.srcLength)) !== 0) return "from";
  if (r.dstLength && ((key.dst ^ r.dst) & maskOf(r.dstLength)) !== 0) return "to";
  if (r.tos && r.tos !== key.tos) return "tos";
  if (r.protocol && r.protocol !== key.protocol) return "ipproto";
  if (r.srcPorts && (key.srcPort < r.srcPorts[0] || key.srcPort > r.srcPorts[1])) return "sport";
  if (r.dstPorts && (key.dstPort < r.dstPorts[0] || key.dstPort > r.dstPorts[1])) return "dport";
  return null;
}

/** Null when the rule applies to `key`; else why it does not. */
export function ruleMiss(ns: NetNs, r: FibRule, key: Flow): RuleOutcome | null {
  const miss = mismatch(ns, r, key);
  if (!r.invert) return miss;
  return miss === null ? "not" : null;
}
