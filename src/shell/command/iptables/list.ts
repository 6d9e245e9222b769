import type { NameService } from "../../../net/netfilter/extension.ts";
import { protocolName } from "../../../net/netfilter/names.ts";
import { addressText, maskText } from "../../../net/netfilter/option.ts";
import type { InterfaceMatch, Rule } from "../../../net/netfilter/table.ts";

/** How -L was asked to print (iptables: FMT_*). */
export interface ListFormat {
  numeric: boolean;
  verbose: boolean;
  /** -x: counters in full. */
  exact: boolean;
  lineNumbers: boolean;
  names: NameService;
}

/** A counter in a column: 5 places and a unit, or 8 places with -x (libxtables: xtables_print_num). */
function count(number: number, exact: boolean, padded = true): string {
  const pad = (text: string, width: number): string => (padded ? text.padStart(width) : text);
  if (exact) return `${pad(String(number), 8)} `;
  if (number <= 99999) return `${pad(String(number), 5)} `;
  let rest = number;
  for (const unit of ["K", "M", "G"]) {
    rest = Math.floor((rest + 500) / 1000);
    if (rest <= 9999) return `${pad(String(rest), 4)}${unit} `;
  }
  rest = Math.floor((rest + 500) / 1000);
  return `${pad(String(rest), 4)}T `;
}

interface Listed {
  name: string;
  policy: string | null;
  packets: number;
  bytes: number;
}

/** "Chain INPUT (policy ACCEPT)" and the line of headings. */
export function chainHeader(chain: Listed, references: number, format: ListFormat): string {
  let text = `Chain ${chain.name}`;
  if (chain.policy === null) text += ` (${references} references)\n`;
  else {
    text += ` (policy ${chain.policy}`;
    if (format.verbose) {
      // These are never padded, unlike those of rules.
      const packets = count(chain.packets, format.exact, false);
      text += ` ${packets}packets, ${count(chain.bytes, format.exact, false)}bytes`;
    }
    text += ")\n";
  }
  if (format.lineNumbers) text += "num  ";
  if (format.verbose) text += format.exact ? "    pkts      bytes " : " pkts bytes ";
  text += "target     prot opt";
  if (format.verbose) text += " in     out    ";
  return `${text} source               destination         \n`;
}

function place(address: number, mask: number, format: ListFormat): string {
  if (mask === 0 && !format.numeric) return "anywhere";
  return addressText(address, format.numeric, format.names) + maskText(mask);
}

function device(want: InterfaceMatch, numeric: boolean): string {
  const name = want.name + (want.wildcard ? "+" : "");
  return (want.invert ? "!" : "") + (name || (numeric ? "*" : "any"));
}

function targetName(rule: Rule): string {
  const { target } = rule;
  if (target.kind === "verdict") return target.verdict;
  if (target.kind === "jump") return target.chain;
  if (target.kind === "none") return "";
  return target.extension.listName ?? target.extension.name;
}

function tail(rule: Rule, format: ListFormat): string {
  let text = rule.target.kind === "jump" && rule.target.goto ? "[goto] " : "";
  for (const { extension, info } of rule.matches)
    text += extension.print(info, format.numeric, format.names);
  if (rule.target.kind === "extension")
    text += rule.target.extension.print(rule.target.info, format.numeric, format.names);
  return text;
}

function fragmentText(rule: Rule): string {
  if (rule.fragment === null) return "--";
  return rule.fragment ? "-f" : "!f";
}

/** One rule as -L lists it (iptables: print_firewall). */
export function ruleLine(rule: Rule, number: number, format: ListFormat): string {
  let text = format.lineNumbers ? `${String(number).padEnd(4)} ` : "";
  if (format.verbose) text += count(rule.packets, format.exact) + count(rule.bytes, format.exact);
  text += `${targetName(rule).padEnd(9)} `;
  const protocol = format.numeric ? null : protocolName(rule.protocol);
  text += `${rule.protocolInvert ? "!" : " "}${(protocol ?? String(rule.protocol)).padEnd(4)} `;
  text += `${fragmentText(rule)} `;
  if (format.verbose)
    text += ` ${device(rule.in, format.numeric).padEnd(6)} ${device(rule.out, format.numeric).padEnd(6)} `;
  text += `${rule.srcInvert ? "!" : " "}${place(rule.src, rule.srcMask, format).padEnd(19)} `;
  text += `${rule.dstInvert ? "!" : " "}${place(rule.dst, rule.dstMask, format).padEnd(19)} `;
  return `${text}${tail(rule, format)}\n`;
}

/** A rule as `-v -A` tells it while adding (iptables: FMT_PRINT_RULE). */
export function spokenRule(rule: Rule, names: NameService): string {
  const format = { numeric: true, verbose: true, exact: true, lineNumbers: false, names };
  const protocol = protocolName(rule.protocol, true);
  return (
    `${targetName(rule)} ${rule.protocolInvert ? "!" : " "}${protocol ?? rule.protocol} ` +
    `opt ${fragmentText(rule)} in ${device(rule.in, true)} out ${device(rule.out, true)} ` +
    `${rule.srcInvert ? "!" : " "}${place(rule.src, rule.srcMask, format)} ` +
    `${rule.dstInvert ? "!" : " "}-> ${place(rule.dst, rule.dstMask, format)}` +
    `  ${tail(rule, format)}\n`
  );
}
