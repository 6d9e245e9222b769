import { formatIpv4, prefixOf } from "../../wire/address.ts";
import { protocolName } from "./names.ts";
import { not } from "./option.ts";
import type { InterfaceMatch, Rule } from "./table.ts";

/** "/24", or the mask itself when it has holes; always there (iptables: mask_to_str). */
function fullMask(mask: number): string {
  const length = prefixOf(mask);
  return length < 0 ? formatIpv4(mask) : String(length);
}

function address(letter: string, value: number, mask: number, invert: boolean): string {
  if (mask === 0 && value === 0 && !invert) return "";
  return `${not(invert)} -${letter} ${formatIpv4(value)}/${fullMask(mask)}`;
}

function device(letter: string, want: InterfaceMatch): string {
  if (want.name === "" && !want.wildcard) return "";
  // "+" alone is every device: nothing to say.
  if (want.name === "") return "";
  return `${not(want.invert)} -${letter} ${want.name}${want.wildcard ? "+" : ""}`;
}

/** The target, with a leading space; "" when there is none. */
export function targetText(rule: Rule): string {
  const target = rule.target;
  if (target.kind === "none") return "";
  if (target.kind === "verdict") return ` -j ${target.verdict}`;
  if (target.kind === "jump") return ` -${target.goto ? "g" : "j"} ${target.chain}`;
  return ` -j ${target.extension.name}${target.extension.save(target.info)}`;
}

/** Everything that the rule asks for, each part with a leading space. */
export function conditionsText(rule: Rule): string {
  let text = address("s", rule.src, rule.srcMask, rule.srcInvert);
  text += address("d", rule.dst, rule.dstMask, rule.dstInvert);
  text += device("i", rule.in) + device("o", rule.out);
  if (rule.protocol)
    text += `${not(rule.protocolInvert)} -p ${protocolName(rule.protocol) ?? rule.protocol}`;
  if (rule.fragment !== null) text += `${not(!rule.fragment)} -f`;
  for (const match of rule.matches)
    text += ` -m ${match.extension.name}${match.extension.save(match.info)}`;
  return text;
}

/** A rule as iptables-save and -S print it (iptables: print_rule4); `counters` are those of -S -v. */
export function ruleText(chain: string, rule: Rule, counters = false): string {
  const counts = counters ? ` -c ${rule.packets} ${rule.bytes}` : "";
  return `-A ${chain}${conditionsText(rule)}${counts}${targetText(rule)}`;
}
