import { chainHash } from "../chain-hash.ts";
import { COMMON_CHAIN, DEFAULT_CHAIN, TOP_CHAINS } from "./names.ts";

const INPUT = "KUBE-ROUTER-INPUT";

/** Of KUBE-NWPLCY-COMMON: the words of a comment, as the rule has them, and the rest. */
const COMMON = [
  // The real one quotes these for a shell that is not there: the quotes are part of the comment.
  ['"rule to drop invalid state for pod"', "-m conntrack --ctstate INVALID -j DROP"],
  ['"rule for stateful firewall for pod"', "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"],
  ["allow icmp echo requests", "-p icmp --icmp-type echo-request -j ACCEPT"],
  [
    "allow icmp destination unreachable messages",
    "-p icmp --icmp-type destination-unreachable -j ACCEPT",
  ],
  ["allow icmp time exceeded messages", "-p icmp --icmp-type time-exceeded -j ACCEPT"],
] as const;

const MARKED = "rule to mark traffic matching a network policy";

/** Words of a rule, before its comment has its number. */
interface Positioned {
  chain: string;
  words: string[];
}

/** The comment's end by which the rule is found again (addUUIDForRuleSpec). */
function numbered({ chain, words }: Positioned): { words: string[]; uuid: string } {
  const uuid = chainHash(chain + words.join(""));
  const at = words.indexOf("--comment") + 1;
  return { words: words.with(at, `${words[at]} - ${uuid}`), uuid };
}

function quoted(words: readonly string[]): string {
  return words.map((word) => (/[ "]/.test(word) ? `'${word}'` : word)).join(" ");
}

/**
 * Commands that make what every sync needs and the node lacks: the chains at the head of the
 * built-in ones, what KUBE-ROUTER-INPUT leaves alone, and the chains that all pods' chains use
 * (kube-router: pkg/controllers/netpol/network_policy_controller.go, ensureTopLevelChains,
 * ensureDefaultNetworkPolicyChain, ensureCommonPolicyChain). `listing` is what `iptables -S` says.
 */
export function ensureCommands(
  listing: string,
  serviceRange: string,
  nodePorts: string,
): readonly string[] {
  const lines = listing.split("\n");
  const commands: string[] = [];
  const run = (text: string): number => commands.push(`iptables -t filter ${text} --wait`);
  const ensureChain = (chain: string): void => {
    if (!lines.includes(`-N ${chain}`)) run(`-N ${chain}`);
  };
  const ensureAt = (rule: Positioned, position: number): void => {
    const { words, uuid } = numbered(rule);
    const rules = lines.filter((line) => line.startsWith(`-A ${rule.chain} `));
    const found = rules.findIndex((line) => line.includes(uuid)) + 1;
    if (found === position) return;
    run(`-I ${rule.chain} ${position} ${quoted(words)}`);
    if (found > 0) run(`-D ${rule.chain} ${found + 1}`);
  };
  for (const [builtIn, chain] of TOP_CHAINS) {
    ensureChain(chain);
    const words = ["-m", "comment", "--comment", "kube-router netpol", "-j", chain];
    ensureAt({ chain: builtIn, words }, 1);
  }
  const range = "allow traffic to primary/secondary cluster IP range";
  ensureAt(
    {
      chain: INPUT,
      words: ["-m", "comment", "--comment", range, "-d", serviceRange, "-j", "RETURN"],
    },
    1,
  );
  ["tcp", "udp", "sctp"].forEach((protocol, i) => {
    const comment = `allow LOCAL ${protocol.toUpperCase()} traffic to node ports`;
    const words = [
      ...["-p", protocol, "-m", "comment", "--comment", comment, "-m", "addrtype"],
      ...["--dst-type", "LOCAL", "-m", "multiport", "--dports", nodePorts, "-j", "RETURN"],
    ];
    ensureAt({ chain: INPUT, words }, 2 + i);
  });
  ensureChain(DEFAULT_CHAIN);
  // Comments tell these rules apart; `-S` prints a quote in one with a backslash.
  const has = (chain: string, comment: string): boolean =>
    lines.some(
      (line) => line.startsWith(`-A ${chain} `) && line.includes(comment.replace(/"/g, '\\"')),
    );
  if (!has(DEFAULT_CHAIN, MARKED))
    run(`-A ${DEFAULT_CHAIN} -j MARK -m comment --comment '${MARKED}' --set-xmark 0x10000/0x10000`);
  ensureChain(COMMON_CHAIN);
  for (const [comment, rest] of COMMON)
    if (!has(COMMON_CHAIN, comment))
      run(`-A ${COMMON_CHAIN} -m comment --comment '${comment}' ${rest}`);
  return commands;
}
