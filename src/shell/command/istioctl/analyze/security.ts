import type { Condition, KubeObject } from "../../../../kube/api/meta.ts";

/** Policies of security.istio.io as somebody wrote them: nothing is certain of what stands in a file. */

export const AUTHORIZATION_POLICY = "AuthorizationPolicy.security.istio.io";
export const PEER_AUTHENTICATION = "PeerAuthentication.security.istio.io";

export interface Selector {
  matchLabels?: Record<string, string>;
}

export interface TargetRef {
  group?: string;
  kind?: string;
  name?: string;
  namespace?: string;
}

export interface Rule {
  from?: { source?: Record<string, string[] | undefined> }[];
  to?: { operation?: Record<string, string[] | undefined> }[];
  when?: { key?: string; values?: string[]; notValues?: string[] }[];
}

export interface AuthorizationPolicy extends KubeObject {
  spec?: {
    selector?: Selector;
    targetRef?: TargetRef;
    targetRefs?: TargetRef[];
    action?: string;
    provider?: { name?: string };
    rules?: (Rule | null)[];
  };
  status?: { conditions?: Condition[] };
}

export interface PeerAuthentication extends KubeObject {
  spec?: {
    selector?: Selector;
    mtls?: { mode?: string };
    portLevelMtls?: Record<string, { mode?: string }>;
  };
}

/** A list, or nothing of what is none. */
export function list<T>(value: readonly T[] | undefined | null): readonly T[] {
  return Array.isArray(value) ? value : [];
}

export function strings(value: unknown): readonly string[] {
  return list(value as unknown[]).filter((item): item is string => typeof item === "string");
}
