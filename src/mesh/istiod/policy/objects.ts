import type { Condition, KubeObject } from "../../../kube/api/meta.ts";

/** security.istio.io: the fields that istiod goes by. */

export interface Source {
  principals?: string[];
  notPrincipals?: string[];
  requestPrincipals?: string[];
  notRequestPrincipals?: string[];
  namespaces?: string[];
  notNamespaces?: string[];
  serviceAccounts?: string[];
  notServiceAccounts?: string[];
  ipBlocks?: string[];
  notIpBlocks?: string[];
  remoteIpBlocks?: string[];
  notRemoteIpBlocks?: string[];
}

export interface Operation {
  hosts?: string[];
  notHosts?: string[];
  ports?: string[];
  notPorts?: string[];
  methods?: string[];
  notMethods?: string[];
  paths?: string[];
  notPaths?: string[];
}

export interface When {
  key: string;
  values?: string[];
  notValues?: string[];
}

export interface PolicyRule {
  from?: { source?: Source }[];
  to?: { operation?: Operation }[];
  when?: When[];
}

export interface WorkloadSelector {
  matchLabels?: Record<string, string>;
}

export interface AuthorizationPolicy extends KubeObject {
  kind: "AuthorizationPolicy";
  spec?: {
    selector?: WorkloadSelector;
    targetRef?: object;
    targetRefs?: object[];
    action?: "ALLOW" | "DENY" | "AUDIT" | "CUSTOM";
    rules?: PolicyRule[];
  };
  status?: { conditions?: (Condition & { observedGeneration?: string })[] };
}

export type MtlsMode = "UNSET" | "DISABLE" | "PERMISSIVE" | "STRICT";

export interface PeerAuthentication extends KubeObject {
  kind: "PeerAuthentication";
  spec?: {
    selector?: WorkloadSelector;
    mtls?: { mode?: MtlsMode };
    /** By the container's port. */
    portLevelMtls?: Record<string, { mode?: MtlsMode }>;
  };
}

/** What the store has them under. */
export const AUTHORIZATION_POLICY = "AuthorizationPolicy.security.istio.io";
export const PEER_AUTHENTICATION = "PeerAuthentication.security.istio.io";

/** istiod's own namespace: policies in it are for the whole mesh. */
export const ROOT_NAMESPACE = "istio-system";
