import { Absent } from "../../sim/part.ts";
import type { NetNs } from "../netns.ts";
import type { Skb } from "../skb.ts";
import type { Hook, XtParam } from "./extension.ts";
import type { HookEntry } from "./hook.ts";
import type { Chain, Rule, Table } from "./table.ts";

/** What is needed only where there are rules. */
export interface WithRules {
  /** A rule as iptables-save prints it. */
  text(chain: string, rule: Rule): string;
  /** What hangs into the hooks for the nat table. */
  natHooks(): { hook: Hook; entry: HookEntry }[];
  /** A packet under `-j TRACE` meets a rule, or the end of a chain. */
  trace(
    ns: NetNs,
    skb: Skb,
    par: XtParam,
    table: Table,
    chain: Chain,
    index: number,
    rule: Rule | null,
  ): void;
}

/** It comes with the commands that make rules, so it is no state of a world. */
const installed: WithRules[] = [];

export function installWithRules(one: WithRules): void {
  if (!installed.includes(one)) installed.push(one);
}

/** Throws Absent. */
export function withRules(): WithRules {
  const [found] = installed;
  if (!found) throw new Absent("netfilter");
  return found;
}
