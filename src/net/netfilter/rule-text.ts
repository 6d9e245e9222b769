import type { Rule } from "./table.ts";

type Writer = (chain: string, rule: Rule) => string;

/** Who writes rules as text (save.ts): comes with what makes them, so it is no state of a world. */
const writers: Writer[] = [];

export function installRuleText(writer: Writer): void {
  if (!writers.includes(writer)) writers.push(writer);
}

/** A rule as iptables-save prints it. */
export function textOfRule(chain: string, rule: Rule): string {
  return writers[0]?.(chain, rule) ?? "";
}
