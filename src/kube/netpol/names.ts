import { chainHash } from "../chain-hash.ts";

/*
 * How kube-router 2.9 names what it makes (pkg/controllers/netpol/policy.go, pod.go). Chains carry the
 * version of the sync that made them: each sync makes new ones, and the old ones go.
 */

const FAMILY = "IPv4";

export const TOP_CHAINS = [
  ["INPUT", "KUBE-ROUTER-INPUT"],
  ["FORWARD", "KUBE-ROUTER-FORWARD"],
  ["OUTPUT", "KUBE-ROUTER-OUTPUT"],
] as const;
export const DEFAULT_CHAIN = "KUBE-NWPLCY-DEFAULT";
export const COMMON_CHAIN = "KUBE-NWPLCY-COMMON";
export const POLICY_PREFIX = "KUBE-NWPLCY-";
export const POD_PREFIX = "KUBE-POD-FW-";
export const SET_PREFIXES = ["KUBE-SRC-", "KUBE-DST-"] as const;

export type Side = "SRC" | "DST";

export interface PolicyName {
  namespace: string;
  name: string;
}

export function policyChain({ namespace, name }: PolicyName, version: string): string {
  return POLICY_PREFIX + chainHash(namespace + name + version + FAMILY);
}

export function podChain(namespace: string, name: string, version: string): string {
  return POD_PREFIX + chainHash(namespace + name + version);
}

/** The pods that a policy is about. */
export function targetSet({ namespace, name }: PolicyName, side: Side): string {
  return `KUBE-${side}-${chainHash(namespace + name + FAMILY)}`;
}

/** Who a rule of a policy names: pods or blocks of addresses. */
export function peerSet(
  { namespace, name }: PolicyName,
  way: "ingress" | "egress",
  rule: number,
  what: "pod" | "ipblock",
): string {
  const side: Side = way === "ingress" ? "SRC" : "DST";
  return `KUBE-${side}-${chainHash(`${namespace}${name}${way}rule${rule}${FAMILY}${what}`)}`;
}

/** The pods that have a port of that name. */
export function namedPortSet(
  { namespace, name }: PolicyName,
  way: "ingress" | "egress",
  rule: number,
  port: number,
): string {
  return `KUBE-DST-${chainHash(`${namespace}${name}${way}rule${rule}${port}${FAMILY}namedport`)}`;
}
