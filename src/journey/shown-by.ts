import type { DROP_REASONS } from "../net/drop.ts";
import type { Step } from "./story.ts";

type Reason = (typeof DROP_REASONS)[number];

/** What is behind a drop, where nothing more exact is known. */
const GENERAL: Partial<Record<Reason, string>> = {
  NETFILTER_DROP: "iptables-save -c",
  NO_SOCKET: "ss -tuln",
  IP_RPFILTER: "sysctl -a | grep rp_filter",
  IP_LOCAL_SOURCE: "sysctl -a | grep accept_local",
  IP_INNOROUTES: "ip route show table all",
  IP_INADDRERRORS: "sysctl net.ipv4.ip_forward",
  IP_OUTNOROUTES: "ip route show table all",
  IP_LOCALNET: "sysctl -a | grep route_localnet",
  NEIGH_FAILED: "ip neigh",
  PKT_TOO_BIG: "ip link",
  BLACKHOLE: "ip route show table all",
  PROHIBIT: "ip route show table all",
  DEV_DOWN: "ip link",
  TUNNEL_LOOP: "ip -d link",
  GENEVE_VNI_NOT_FOUND: "ip -d link",
};

/** The settings of a device that count together with those of all. */
function setting(name: string, device: string): string {
  return `sysctl net.ipv4.conf.all.${name} net.ipv4.conf.${device.replaceAll(".", "/")}.${name}`;
}

/**
 * The command that shows why a packet died, to be typed where it did: of the very rule, policy, table or
 * device that decided. `steps`: what happened to it there. "" when there is none.
 */
export function shownBy(drop: Step, steps: readonly Step[]): string {
  const reason = String(drop.facts.reason) as Reason;
  const last = (...kinds: Step["kind"][]): Step["facts"] =>
    steps.findLast(({ kind }) => kinds.includes(kind))?.facts ?? {};
  const { device } = last("in");
  switch (reason) {
    case "NETFILTER_DROP": {
      const { table, chain, rule, verdict } = last("rule", "policy");
      if (verdict !== "DROP") break;
      return `iptables -t ${table} -nvL ${chain}${rule ? ` ${rule}` : ""}`;
    }
    case "IP_RPFILTER":
      if (device) return setting("rp_filter", String(device));
      break;
    case "IP_LOCAL_SOURCE":
      if (device) return setting("accept_local", String(device));
      break;
    case "IP_LOCALNET":
      if (device) return setting("route_localnet", String(device));
      break;
    case "BLACKHOLE":
    case "PROHIBIT": {
      const { table } = last("route");
      if (table) return `ip route show table ${table}`;
      break;
    }
    case "NEIGH_FAILED": {
      const { device: asked } = last("neigh");
      if (asked) return `ip neigh show dev ${asked}`;
      break;
    }
  }
  return GENERAL[reason] ?? "";
}
