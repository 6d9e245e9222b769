import { Ev } from "../../sim/trace.ts";
import type { NetDevice } from "../device/device.ts";
import type { NetNs } from "../netns.ts";
import type { Skb } from "../skb.ts";
import type { Hook, TargetVerdict, Verdict, XtParam } from "./extension.ts";
import {
  ASKS_DEVICES,
  ASKS_DST,
  ASKS_FRAGMENT,
  ASKS_PROTOCOL,
  ASKS_SRC,
  type Chain,
  type InterfaceMatch,
  type MatchInstance,
  type Rule,
  type Table,
} from "./table.ts";
import { withRules } from "./with-rules.ts";

/** Why a rule did not match, as the trace keeps it: one of these, or 16 + index of the match. */
export const MISS_REASONS = [
  "",
  "source",
  "destination",
  "in-interface",
  "out-interface",
  "protocol",
  "fragment",
];
const MISS_SRC = 1;
const MISS_DST = 2;
const MISS_IN = 3;
const MISS_OUT = 4;
const MISS_PROTOCOL = 5;
const MISS_FRAGMENT = 6;
const MISS_MATCH = 16;

/** What a matching rule came to, as the trace keeps it. */
export const ANSWERS = ["CONTINUE", "ACCEPT", "DROP", "RETURN", "JUMP", "GOTO", "STOLEN"] as const;

/** Different reasons that fit into one MISS event: four per int, in the last three ints. */
export const MISSES_PER_EVENT = 12;

const NOWHERE = "";

function nameMatches(want: InterfaceMatch, dev: NetDevice | null): boolean {
  if (want.name === "" && !want.wildcard) return true;
  const name = dev === null ? NOWHERE : dev.name;
  const same = want.wildcard ? name.startsWith(want.name) : name === want.name;
  return same !== want.invert;
}

/**
 * Collects the rules that did not match until one does, so that a miss costs next to nothing. Any
 * number of neighbours that failed for the same reason are one event; else the reasons are kept one
 * by one, up to MISSES_PER_EVENT.
 */
export class Misses {
  first = 0;
  count = 0;
  /** The reason of all so far; 0: there are several, in `reasons`. */
  same = 0;
  reasons = new Uint8Array(MISSES_PER_EVENT);

  /** Rule `at` failed for a reason that is not the run's. Answers the reason of the run that it is in now. */
  turn(ns: NetNs, skb: Skb, table: Table, chain: Chain, at: number, why: number): number {
    if (this.count === 0 || this.count >= MISSES_PER_EVENT) {
      this.flush(ns, skb, table, chain);
      this.first = at;
      this.count = 1;
      this.same = why;
      return why;
    }
    if (this.same !== 0) this.reasons.fill(this.same, 0, this.count);
    this.same = 0;
    this.reasons[this.count++] = why;
    return 0;
  }

  flush(ns: NetNs, skb: Skb, table: Table, chain: Chain): void {
    const { count, reasons, same } = this;
    if (count === 0) return;
    // A run's one reason stands where the first of several would.
    let packed0 = same;
    let packed1 = 0;
    let packed2 = 0;
    for (let i = 0; same === 0 && i < count; i++) {
      const why = (reasons[i] as number) << ((i & 3) * 8);
      if (i < 4) packed0 |= why;
      else if (i < 8) packed1 |= why;
      else packed2 |= why;
    }
    ns.trace.emit(
      Ev.MISS,
      ns.id,
      skb.id,
      table.id,
      chain.index,
      this.first,
      same === 0 ? count : -count,
      packed0,
      packed1,
      packed2,
    );
    this.count = 0;
  }
}

/** May the rule's head match? 0, else why not. (linux: net/ipv4/netfilter/ip_tables.c, ip_packet_match) */
function headMiss(rule: Rule, par: XtParam, src: number, dst: number, protocol: number): number {
  const asks = rule.asks;
  if (asks & ASKS_SRC && (((src ^ rule.src) & rule.srcMask) !== 0) !== rule.srcInvert)
    return MISS_SRC;
  if (asks & ASKS_DST && (((dst ^ rule.dst) & rule.dstMask) !== 0) !== rule.dstInvert)
    return MISS_DST;
  if (asks & ASKS_DEVICES) {
    if (!nameMatches(rule.in, par.in)) return MISS_IN;
    if (!nameMatches(rule.out, par.out)) return MISS_OUT;
  }
  if (asks & ASKS_PROTOCOL && (rule.protocol !== protocol) !== rule.protocolInvert)
    return MISS_PROTOCOL;
  if (asks & ASKS_FRAGMENT && (par.fragOffset !== 0) !== rule.fragment) return MISS_FRAGMENT;
  return 0;
}

/** Do the matches after the first match? 0, else why not. */
function laterMiss(matches: readonly MatchInstance[], skb: Skb, par: XtParam): number {
  for (let i = 1; i < matches.length; i++) {
    const match = matches[i] as MatchInstance;
    if (!match.extension.matches(match.info, skb, par)) return MISS_MATCH + i;
  }
  return 0;
}

/**
 * The first rule from `from` on that matches; the chain's length when none does. Where a match has set
 * `par.hotDrop` it means nothing. This is the loop in which a packet spends its time.
 */
function firstMatching(
  ns: NetNs,
  table: Table,
  chain: Chain,
  from: number,
  skb: Skb,
  par: XtParam,
  src: number,
  dst: number,
  protocol: number,
): number {
  const { misses } = ns.netfilter;
  const { rules } = chain;
  // The reason that all of the run share (0: it has several), and from where it is not yet counted.
  let run = 0;
  let since = from;
  let at = from;
  misses.count = 0;
  for (; at < rules.length; at++) {
    const rule = rules[at] as Rule;
    let why = rule.asks === 0 ? 0 : headMiss(rule, par, src, dst, protocol);
    if (why === 0) {
      const first = rule.firstMatch;
      if (first === null) break;
      if (!first.matches(rule.firstInfo, skb, par)) why = MISS_MATCH;
      else {
        why = laterMiss(rule.matches, skb, par);
        if (why === 0) break;
      }
    }
    if (why !== run) {
      misses.count += at - since;
      run = misses.turn(ns, skb, table, chain, at, why);
      since = at + 1;
    }
    if (par.hotDrop) {
      at++;
      break;
    }
  }
  if (misses.count !== 0) {
    misses.count += at - since;
    misses.flush(ns, skb, table, chain);
  }
  return at;
}

/**
 * Walk a table for a packet (linux: net/ipv4/netfilter/ip_tables.c, ipt_do_table). A jump remembers
 * where to go on; RETURN and the end of a user chain go back there; the end of a base chain is its
 * policy.
 */
export function iptDoTable(
  ns: NetNs,
  table: Table,
  hook: Hook,
  skb: Skb,
  input: NetDevice | null,
  output: NetDevice | null,
): Verdict {
  const base = table.byName.get(hook);
  if (!base) return "ACCEPT";
  const ip = skb.ip;
  const trace = ns.trace;
  const protocol = ip.protocol;
  let length = ip.totalLength;
  let src = ip.src;
  let dst = ip.dst;
  const par: XtParam = {
    ns,
    hook,
    table: table.name,
    in: input,
    out: output,
    thoff: ip.payload,
    fragOffset: ip.fragmentOffset,
    hotDrop: false,
  };
  // Where jumps came from; most packets meet none.
  let callers: { chain: Chain; next: number }[] | null = null;
  let chain = base;
  let at = 0;
  for (;;) {
    at = firstMatching(ns, table, chain, at, skb, par, src, dst, protocol);
    if (par.hotDrop) return "DROP";
    const rule = chain.rules[at];
    if (rule === undefined) {
      const caller = callers?.pop();
      if (skb.nfTrace && chain !== base) withRules().trace(ns, skb, par, table, chain, at, null);
      if (caller) {
        chain = caller.chain;
        at = caller.next;
        continue;
      }
      // A user chain entered by goto from a base chain ends in the base chain's policy.
      return policy(ns, table, base, skb, par, length);
    }
    rule.packets++;
    rule.bytes += length;
    if (skb.nfTrace) withRules().trace(ns, skb, par, table, chain, at, rule);
    const target = rule.target;
    let answer: TargetVerdict;
    if (target.kind === "jump") {
      const next = table.byName.get(target.chain) as Chain;
      trace.emit(
        Ev.RULE,
        ns.id,
        skb.id,
        table.id,
        chain.index,
        at,
        target.goto ? 5 : 4,
        next.index,
      );
      if (!target.goto) {
        callers ??= [];
        callers.push({ chain, next: at + 1 });
      }
      chain = next;
      at = 0;
      continue;
    }
    if (target.kind === "none") answer = "CONTINUE";
    else if (target.kind === "verdict")
      answer = target.verdict === "QUEUE" ? "DROP" : target.verdict;
    else {
      const seen = trace.next;
      answer = target.extension.apply(target.info, skb, par);
      // The target's own events (MARK, NAT …) come after the rule that caused them in the story;
      // the number of them says which are its.
      trace.emit(
        Ev.RULE,
        ns.id,
        skb.id,
        table.id,
        chain.index,
        at,
        answerCode(answer),
        trace.next - seen,
      );
      if (answer === "CONTINUE") {
        const now = skb.ip;
        src = now.src;
        dst = now.dst;
        length = now.totalLength;
        at++;
        continue;
      }
    }
    if (target.kind !== "extension")
      trace.emit(Ev.RULE, ns.id, skb.id, table.id, chain.index, at, answerCode(answer), 0);
    if (answer === "CONTINUE") {
      at++;
      continue;
    }
    if (answer !== "RETURN") return answer;
    const caller = callers?.pop();
    if (!caller) return policy(ns, table, base, skb, par, length);
    chain = caller.chain;
    at = caller.next;
  }
}

function answerCode(answer: TargetVerdict): number {
  if (answer === "CONTINUE") return 0;
  if (answer === "ACCEPT") return 1;
  if (answer === "DROP") return 2;
  if (answer === "RETURN") return 3;
  return 6;
}

function policy(
  ns: NetNs,
  table: Table,
  base: Chain,
  skb: Skb,
  par: XtParam,
  length: number,
): Verdict {
  if (skb.nfTrace) withRules().trace(ns, skb, par, table, base, base.rules.length, null);
  base.packets++;
  base.bytes += length;
  const verdict = base.policy ?? "ACCEPT";
  ns.trace.emit(Ev.POLICY, ns.id, skb.id, table.id, base.index, verdict === "ACCEPT" ? 1 : 0);
  return verdict;
}
