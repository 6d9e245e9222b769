import { protocolName } from "../../../net/netfilter/names.ts";
import { MATCHES } from "../../../net/netfilter/registry.ts";
import type { ParsedCommand } from "./parsed.ts";

export const HELP = `iptables v1.8.9

Usage: iptables -[ACD] chain rule-specification [options]
       iptables -I chain [rulenum] rule-specification [options]
       iptables -R chain rulenum rule-specification [options]
       iptables -D chain rulenum [options]
       iptables -[LS] [chain [rulenum]] [options]
       iptables -[FZ] [chain] [options]
       iptables -[NX] chain
       iptables -E old-chain-name new-chain-name
       iptables -P chain target [options]
       iptables -h (print this help information)

Commands:
  -A chain, --append             a rule at the end
  -I chain [n], --insert         a rule at place n, first when not given
  -R chain n, --replace          rule n by another
  -D chain rule|n, --delete      a rule, by what it says or by number
  -C chain rule, --check         is there such a rule?
  -L [chain [n]], --list         as a table; -v with counters and devices, -n in numbers
  -S [chain [n]], --list-rules   as commands
  -F [chain], --flush            delete all rules
  -Z [chain [n]], --zero         counters to zero
  -N chain, --new-chain          a chain of your own
  -X [chain], --delete-chain     delete one of your own
  -E old new, --rename-chain
  -P chain target, --policy      what happens at the end of a built-in chain

Options:
  -t table                       filter (the default), nat, mangle, raw, security
[!] -p protocol, --protocol      by number or name
[!] -s address[/mask][,...]      where it comes from
[!] -d address[/mask][,...]      where it goes
[!] -i name[+], -o name[+]       the device that it came in by, goes out by
[!] -f                           second and further fragments
  -m match                       an extension; -m NAME -h tells its options
  -j target                      what to do: ACCEPT, DROP, RETURN, a chain, an extension
  -g chain                       go on there without coming back
  -c packets bytes               the rule's counters to begin with
  -n, -v, -x, --line-numbers     how to list
  -w [seconds]                   wait for the lock
  -V                             version
`;

/** `iptables -h`, and what the extensions named so far have to say. */
export function helpText(parsed: ParsedCommand): string {
  const named = parsed.matches.map((loaded) => loaded.extension.help);
  const protocol = MATCHES.get(protocolName(parsed.protocol) ?? "");
  if (named.length === 0 && parsed.protocol && protocol) named.push(protocol.help);
  if (parsed.target) named.unshift(parsed.target.extension.help);
  return HELP + named.map((text) => `\n${text}`).join("");
}
