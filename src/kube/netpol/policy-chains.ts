import { namedPortSet, peerSet, policyChain, targetSet } from "./names.ts";
import type { NamedPort, PolicyInfo, PortMatch, RuleInfo } from "./policies.ts";
import type { IpSets } from "./sets.ts";

const ANY: PortMatch = { protocol: "", port: "", endPort: "" };

/** What the policies need: their chains, and sets of those whom they name. */
export class PolicyChains {
  sets: IpSets;
  version: string;
  /** Names of what is in use after this sync. */
  chains = new Set<string>();
  used = new Set<string>();
  /** Lines for iptables-restore. */
  lines: string[] = [];

  constructor(sets: IpSets, version: string) {
    this.sets = sets;
    this.version = version;
  }

  /** kube-router: pkg/controllers/netpol/policy.go, syncNetworkPolicyChains. */
  add(policy: PolicyInfo): void {
    const chain = policyChain(policy, this.version);
    this.lines.push(`:${chain}`);
    this.chains.add(chain);
    if (policy.type !== "egress") {
      const targets = targetSet(policy, "DST");
      this.use(targets, policy.targets);
      policy.ingress.forEach((rule, i) => {
        this.ingress(policy, chain, targets, rule, i);
      });
    }
    if (policy.type !== "ingress") {
      const targets = targetSet(policy, "SRC");
      this.use(targets, policy.targets);
      policy.egress.forEach((rule, i) => {
        this.egress(policy, chain, targets, rule, i);
      });
    }
  }

  use(set: string, ips: readonly string[], type: "hash:ip" | "hash:net" = "hash:ip"): void {
    this.used.add(set);
    this.sets.refreshIps(set, ips, type);
  }

  named(
    policy: PolicyInfo,
    way: "ingress" | "egress",
    index: number,
    { namedPorts }: RuleInfo,
    rule: (set: string, port: NamedPort) => void,
    type: "hash:ip" | "hash:net" = "hash:ip",
  ): void {
    namedPorts.forEach((port, i) => {
      const set = namedPortSet(policy, way, index, i);
      this.use(set, port.ips, type);
      rule(set, port);
    });
  }

  ingress(policy: PolicyInfo, chain: string, targets: string, rule: RuleInfo, index: number): void {
    const who = `${policy.name} namespace ${policy.namespace}`;
    if (rule.pods.length) {
      const comment = `rule to ACCEPT traffic from source pods to dest pods selected by policy name ${who}`;
      const sources = peerSet(policy, "ingress", index, "pod");
      this.use(sources, rule.pods);
      for (const port of rule.ports) this.append(chain, comment, sources, targets, port);
      this.named(policy, "ingress", index, rule, (set, port) => {
        this.append(chain, comment, sources, set, port);
      });
      if (rule.ports.length === 0 && rule.namedPorts.length === 0)
        this.append(chain, comment, sources, targets, ANY);
    }
    if (rule.allPeers) {
      const comment = `rule to ACCEPT traffic from all sources to dest pods selected by policy name: ${who}`;
      for (const port of rule.ports) this.append(chain, comment, "", targets, port);
      this.named(policy, "ingress", index, rule, (set, port) => {
        this.append(chain, comment, "", set, port);
      });
      if (rule.allPorts) this.append(chain, comment, "", targets, ANY);
    }
    if (rule.blocks.length) {
      const comment = `rule to ACCEPT traffic from specified ipBlocks to dest pods selected by policy name: ${who}`;
      const sources = this.blocks(policy, "ingress", index, rule);
      for (const port of rule.ports) this.append(chain, comment, sources, targets, port);
      this.named(
        policy,
        "ingress",
        index,
        rule,
        (set, port) => {
          this.append(chain, comment, sources, set, port);
        },
        "hash:net",
      );
      if (rule.allPorts) this.append(chain, comment, sources, targets, ANY);
    }
  }

  egress(policy: PolicyInfo, chain: string, targets: string, rule: RuleInfo, index: number): void {
    const who = `${policy.name} namespace ${policy.namespace}`;
    if (rule.pods.length) {
      const comment = `rule to ACCEPT traffic from source pods to dest pods selected by policy name ${who}`;
      const peers = peerSet(policy, "egress", index, "pod");
      this.use(peers, rule.pods);
      for (const port of rule.ports) this.append(chain, comment, targets, peers, port);
      this.named(policy, "egress", index, rule, (set, port) => {
        this.append(chain, comment, targets, set, port);
      });
      if (rule.ports.length === 0 && rule.namedPorts.length === 0)
        this.append(chain, comment, targets, peers, ANY);
    }
    if (rule.allPeers) {
      const comment = `rule to ACCEPT traffic from source pods to all destinations selected by policy name: ${who}`;
      for (const port of [...rule.ports, ...rule.namedPorts])
        this.append(chain, comment, targets, "", port);
      if (rule.allPorts) this.append(chain, comment, targets, "", ANY);
    }
    if (rule.blocks.length) {
      const comment = `rule to ACCEPT traffic from source pods to specified ipBlocks selected by policy name: ${who}`;
      const peers = this.blocks(policy, "egress", index, rule);
      // Named ports of addresses that are no pods are nobody's.
      for (const port of rule.ports) this.append(chain, comment, targets, peers, port);
      if (rule.allPorts) this.append(chain, comment, targets, peers, ANY);
    }
  }

  blocks(policy: PolicyInfo, way: "ingress" | "egress", index: number, rule: RuleInfo): string {
    const set = peerSet(policy, way, index, "ipblock");
    this.used.add(set);
    this.sets.refresh(set, "hash:net", rule.blocks);
    return set;
  }

  /** Two rules: what matches is marked as allowed, and what matches and is marked goes back (appendRuleToPolicyChain). */
  append(chain: string, comment: string, src: string, dst: string, match: PortMatch): void {
    const { protocol, port, endPort } = match;
    const words = [`-A ${chain} -m comment --comment "${comment}"`];
    if (src) words.push(`-m set --match-set ${src} src`);
    if (dst) words.push(`-m set --match-set ${dst} dst`);
    if (protocol) words.push(`-p ${protocol}`);
    if (port) words.push(`--dport ${port}${endPort ? `:${endPort}` : ""}`);
    const rule = words.join(" ");
    this.lines.push(
      `${rule} -j MARK --set-xmark 0x10000/0x10000`,
      `${rule} -m mark --mark 0x10000/0x10000 -j RETURN`,
    );
  }
}
