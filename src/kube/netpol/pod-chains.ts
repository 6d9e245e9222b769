import type { Pod } from "../api/pod.ts";
import { COMMON_CHAIN, DEFAULT_CHAIN, podChain, policyChain, TOP_CHAINS } from "./names.ts";
import type { PolicyInfo } from "./policies.ts";

const FORWARD = "KUBE-ROUTER-FORWARD";
const OUTPUT = "KUBE-ROUTER-OUTPUT";

/** Rules go before what the chain has. */
function policyRules(
  pod: { ip: string; chain: string },
  policies: readonly PolicyInfo[],
  version: string,
): string[] {
  const { ip, chain } = pod;
  const lines: string[] = [];
  const insert = (match: string, comment: string, end: string): number =>
    lines.push(`-I ${chain} 1 ${match}-m comment --comment "${comment}" ${end}`);
  const about = policies.filter((policy) => policy.targets.includes(ip));
  for (const policy of about) {
    const way = { both: "", ingress: `-d ${ip} `, egress: `-s ${ip} ` }[policy.type];
    insert(way, `run through nw policy ${policy.name}`, `-j ${policyChain(policy, version)}`);
  }
  // Where no policy is about a direction, everything may pass.
  if (!about.some(({ type }) => type !== "egress"))
    insert(`-d ${ip} `, "run through default ingress network policy chain", `-j ${DEFAULT_CHAIN}`);
  if (!about.some(({ type }) => type !== "ingress"))
    insert(`-s ${ip} `, "run through default egress network policy chain", `-j ${DEFAULT_CHAIN}`);
  insert(
    "",
    "rule to permit the traffic traffic to pods when source is the pod's local node",
    `-m addrtype --src-type LOCAL -d ${ip} -j ACCEPT`,
  );
  insert("", "common bi-directional traffic policy rules", `-j ${COMMON_CHAIN}`);
  return lines;
}

/**
 * A pod's own chain, and the way into it for all that goes to it or comes from it (kube-router:
 * pkg/controllers/netpol/pod.go, syncPodFirewallChains). Lines for iptables-restore.
 */
export function podRules(
  { metadata, status }: Pod,
  policies: readonly PolicyInfo[],
  version: string,
): { chain: string; lines: string[] } {
  const { name, namespace = "" } = metadata;
  const ip = status.podIP ?? "";
  const chain = podChain(namespace, name, version);
  const whose = `POD name:${name} namespace: ${namespace}`;
  const into = `-m comment --comment "rule to jump traffic destined to ${whose} to chain ${chain}" -d ${ip} -j ${chain}`;
  const out = `-m comment --comment "rule to jump traffic from ${whose} to chain ${chain}" -s ${ip} -j ${chain}`;
  const bridged = "-m physdev --physdev-is-bridged";
  const rejected = "-m mark ! --mark 0x10000/0x10000";
  return {
    chain,
    lines: [
      `:${chain}`,
      ...policyRules({ ip, chain }, policies, version),
      `-A ${FORWARD} ${into}`,
      `-A ${OUTPUT} ${into}`,
      `-A ${FORWARD} ${bridged} ${into}`,
      ...TOP_CHAINS.map(([, top]) => `-A ${top} ${out}`),
      `-A ${FORWARD} ${bridged} ${out}`,
      `-A ${chain} -m comment --comment "rule to log dropped traffic ${whose}" ${rejected} -j NFLOG --nflog-group 100 -m limit --limit 10/minute --limit-burst 10`,
      `-A ${chain} -m comment --comment "rule to REJECT traffic destined for ${whose}" ${rejected} -j REJECT`,
      `-A ${chain} -j MARK --set-mark 0/0x10000`,
      `-A ${chain} -m comment --comment "set mark to ACCEPT traffic that comply to network policies" -j MARK --set-mark 0x20000/0x20000`,
    ],
  };
}
