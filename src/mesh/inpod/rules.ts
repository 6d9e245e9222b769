/**
 * What captures a pod today (istio 1.30: cni/pkg/iptables/iptables.go, cni/pkg/iptables/testdata/default.golden):
 * rules and a route within the pod's own network namespace, and one rule on the node for probes.
 */

/** Source of the kubelet's probes, so that the pod can tell them (HOST_PROBE_SNAT_IP). */
export const PROBE_SNAT = "169.254.7.127";
/** The node's ipset of captured pods. */
export const PROBE_SET = "istio-inpod-probes-v4";

const LOCAL = "127.0.0.1/32";
const OURS = "0x539/0xfff";
const REMEMBERED = "0x111/0xfff";

export interface PodRules {
  /** Names are resolved by ztunnel, too. */
  dnsCapture: boolean;
  /** `ambient.istio.io/bypass-inbound-capture`: what comes in is left alone. */
  captureInbound: boolean;
}

/** Route and rule of a pod's namespace, and its tables, which are podTables. */
export function podScript(): string {
  return `ip route add local 0.0.0.0/0 dev lo table 100
ip rule add fwmark ${REMEMBERED} pref 32764 lookup 100
iptables-restore --noflush
`;
}

export function podTables({ dnsCapture, captureInbound }: PodRules): string {
  const inbound = captureInbound
    ? `-A ISTIO_PRERT -s ${PROBE_SNAT} -p tcp -m tcp -j ACCEPT
-A ISTIO_PRERT ! -d ${LOCAL} -p tcp ! --dport 15008 -m mark ! --mark ${OURS} -j REDIRECT --to-ports 15006
`
    : "";
  const dns = dnsCapture
    ? `-A ISTIO_OUTPUT ! -o lo -p udp -m mark ! --mark ${OURS} -m udp --dport 53 -j REDIRECT --to-port 15053
-A ISTIO_OUTPUT ! -d ${LOCAL} -p tcp --dport 53 -m mark ! --mark ${OURS} -j REDIRECT --to-ports 15053
`
    : "";
  const raw = dnsCapture
    ? `*raw
:ISTIO_PRERT - [0:0]
:ISTIO_OUTPUT - [0:0]
-A PREROUTING -j ISTIO_PRERT
-A OUTPUT -j ISTIO_OUTPUT
-A ISTIO_OUTPUT -p udp -m mark --mark ${OURS} -m udp --dport 53 -j CT --zone 1
-A ISTIO_PRERT -p udp -m mark ! --mark ${OURS} -m udp --sport 53 -j CT --zone 1
COMMIT
`
    : "";
  return `*mangle
:ISTIO_PRERT - [0:0]
:ISTIO_OUTPUT - [0:0]
-A PREROUTING -j ISTIO_PRERT
-A OUTPUT -j ISTIO_OUTPUT
-A ISTIO_PRERT -m mark --mark ${OURS} -j CONNMARK --set-xmark ${REMEMBERED}
-A ISTIO_OUTPUT -m connmark --mark ${REMEMBERED} -j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff
COMMIT
*nat
:ISTIO_PRERT - [0:0]
:ISTIO_OUTPUT - [0:0]
-A OUTPUT -j ISTIO_OUTPUT
-A PREROUTING -j ISTIO_PRERT
-A ISTIO_OUTPUT -d ${PROBE_SNAT} -p tcp -m tcp -j ACCEPT
${inbound}${dns}-A ISTIO_OUTPUT -p tcp -m mark --mark ${REMEMBERED} -j ACCEPT
-A ISTIO_OUTPUT ! -d ${LOCAL} -o lo -j ACCEPT
-A ISTIO_OUTPUT ! -d ${LOCAL} -p tcp -m mark ! --mark ${OURS} -j REDIRECT --to-ports 15001
COMMIT
${raw}`;
}

/** Undo it. What is not there is not missed. */
export function podCleanupScript(): string {
  const chains = [
    ["mangle", "PREROUTING", "ISTIO_PRERT"],
    ["mangle", "OUTPUT", "ISTIO_OUTPUT"],
    ["nat", "OUTPUT", "ISTIO_OUTPUT"],
    ["nat", "PREROUTING", "ISTIO_PRERT"],
    ["raw", "PREROUTING", "ISTIO_PRERT"],
    ["raw", "OUTPUT", "ISTIO_OUTPUT"],
  ];
  return `${chains.map(([table, from, to]) => `iptables -t ${table} -D ${from} -j ${to} 2>/dev/null\niptables -t ${table} -F ${to} 2>/dev/null\niptables -t ${table} -X ${to} 2>/dev/null\n`).join("")}ip rule del fwmark ${REMEMBERED} pref 32764 lookup 100
ip route del local 0.0.0.0/0 dev lo table 100
`;
}

/** The node's only part: probes of its own sockets to captured pods get an address that the pods know. */
export function hostScript(): string {
  return `ipset create ${PROBE_SET} hash:ip comment -exist
iptables -t nat -N ISTIO_POSTRT
iptables -t nat -I POSTROUTING 1 -j ISTIO_POSTRT
iptables -t nat -A ISTIO_POSTRT -m owner --socket-exists -p tcp -m set --match-set ${PROBE_SET} dst -j SNAT --to-source ${PROBE_SNAT}
`;
}

export function hostCleanupScript(): string {
  return `iptables -t nat -D POSTROUTING -j ISTIO_POSTRT
iptables -t nat -F ISTIO_POSTRT
iptables -t nat -X ISTIO_POSTRT
ipset destroy ${PROBE_SET}
`;
}
