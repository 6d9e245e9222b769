import { maskOf, parsePrefix } from "../../wire/address.ts";
import type {
  IpBlock,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from "../api/networking.ts";
import type { FieldError } from "../kind.ts";

const CIDR = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
const PORT = "must be between 1 and 65535, inclusive";

type Add = (field: string, message: string) => void;

/** k8s.io/apimachinery/pkg/util/validation, IsValidPortName. */
function portNameProblems(name: string): string[] {
  const problems: string[] = [];
  if (name.length > 15) problems.push("must be no more than 15 characters");
  if (!/^[-a-z0-9]+$/.test(name))
    problems.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  if (!/[a-z]/.test(name)) problems.push("must contain at least one letter (a-z)");
  if (name.includes("--")) problems.push("must not contain consecutive hyphens");
  if (/^-|-$/.test(name)) problems.push("must not begin or end with a hyphen");
  return problems;
}

function outside(port: number): boolean {
  return port < 1 || port > 65535;
}

function portErrors({ protocol, port, endPort }: NetworkPolicyPort, at: string, add: Add): void {
  if (protocol !== undefined && !["TCP", "UDP", "SCTP"].includes(protocol))
    add(
      `${at}.protocol`,
      `Unsupported value: "${protocol}": supported values: "SCTP", "TCP", "UDP"`,
    );
  if (port === undefined) {
    if (endPort !== undefined)
      add(
        `${at}.endPort`,
        `Invalid value: ${endPort}: may not be specified when \`port\` is not specified`,
      );
  } else if (typeof port === "number") {
    if (outside(port)) add(`${at}.port`, `Invalid value: ${port}: ${PORT}`);
    if (endPort === undefined) return;
    if (endPort < port)
      add(`${at}.endPort`, `Invalid value: ${port}: must be greater than or equal to \`port\``);
    if (outside(endPort)) add(`${at}.endPort`, `Invalid value: ${endPort}: ${PORT}`);
  } else {
    if (endPort !== undefined)
      add(
        `${at}.endPort`,
        `Invalid value: ${endPort}: may not be specified when \`port\` is non-numeric`,
      );
    for (const problem of portNameProblems(port))
      add(`${at}.port`, `Invalid value: "${port}": ${problem}`);
  }
}

function blockErrors({ cidr, except = [] }: IpBlock, at: string, add: Add): void {
  if (!cidr) return add(`${at}.cidr`, "Required value");
  const whole = cidr.includes("/") ? parsePrefix(cidr) : null;
  if (!whole) return add(`${at}.cidr`, `Invalid value: "${cidr}": ${CIDR}`);
  except.forEach((text, i) => {
    const part = text.includes("/") ? parsePrefix(text) : null;
    const mask = maskOf(whole.length);
    if (!part) add(`${at}.except[${i}]`, `Invalid value: "${text}": ${CIDR}`);
    else if (((part.address ^ whole.address) & mask) !== 0 || whole.length >= part.length)
      add(`${at}.except[${i}]`, `Invalid value: "${text}": must be a strict subset of \`cidr\``);
  });
}

function peerErrors(peer: NetworkPolicyPeer, at: string, add: Add): void {
  const { podSelector, namespaceSelector, ipBlock } = peer;
  const peers = [podSelector, namespaceSelector, ipBlock].filter((one) => one !== undefined);
  if (ipBlock) blockErrors(ipBlock, `${at}.ipBlock`, add);
  if (peers.length === 0) add(at, "Required value: must specify a peer");
  else if (peers.length > 1 && ipBlock)
    add(at, "Forbidden: may not specify both ipBlock and another peer");
}

/** What is wrong with a policy (kubernetes: pkg/apis/networking/validation, ValidateNetworkPolicySpec). */
export function networkPolicyErrors({ spec }: NetworkPolicy): FieldError[] {
  const errors: FieldError[] = [];
  const add: Add = (field, message) => {
    errors.push({ field, message });
  };
  const rule = (
    at: string,
    side: "from" | "to",
    peers: readonly NetworkPolicyPeer[] = [],
    ports: readonly NetworkPolicyPort[] = [],
  ): void => {
    ports.forEach((port, k) => {
      portErrors(port, `${at}.ports[${k}]`, add);
    });
    peers.forEach((peer, k) => {
      peerErrors(peer, `${at}.${side}[${k}]`, add);
    });
  };
  spec.ingress?.forEach(({ from, ports }, i) => {
    rule(`spec.ingress[${i}]`, "from", from, ports);
  });
  spec.egress?.forEach(({ to, ports }, i) => {
    rule(`spec.egress[${i}]`, "to", to, ports);
  });
  const types = spec.policyTypes ?? [];
  if (types.length > 2) {
    const list = types.map((type) => `"${type}"`).join(", ");
    add(
      "spec.policyTypes",
      `Invalid value: []networking.PolicyType{${list}}: may not specify more than two policyTypes`,
    );
    return errors;
  }
  types.forEach((type, i) => {
    if (type !== "Ingress" && type !== "Egress")
      add(
        `spec.policyTypes[${i}]`,
        `Unsupported value: "${type}": supported values: "Egress", "Ingress"`,
      );
  });
  return errors;
}
