import type { Metadata } from "../../grpc/metadata.ts";
import type { Store } from "../../kube/store.ts";
import type { ServiceAccountTokens } from "../../kube/tokens.ts";
import type { TlsConnection } from "../../tls/connection.ts";
import { uriNames } from "../../tls/x509/certificate.ts";
import { podOf, spiffeId } from "./registry.ts";

/** Whom the agents' tokens are for. */
export const TOKEN_AUDIENCE = "istio-ca";

/** Who calls. */
export interface Caller {
  identities: string[];
  /** Where a token said it. */
  pod: { namespace: string; name: string; uid: string; serviceAccount: string } | null;
}

/**
 * Who calls over TLS: by a verified certificate, else by a token of Kubernetes (istio:
 * pkg/security/authentication.go; security/pkg/server/ca/authenticate). Else why nobody is believed:
 * that is for istiod's log, not for the caller.
 */
export function authenticate(
  tls: TlsConnection,
  metadata: Metadata,
  tokens: ServiceAccountTokens,
  trustDomain: string,
): Caller | string {
  const [leaf] = tls.peerCertificates;
  if (leaf && tls.verification?.error === null) {
    const identities = uriNames(leaf);
    if (identities.length) return { identities, pod: null };
  }
  const token = byToken(metadata, tokens, trustDomain);
  if (typeof token !== "string") return token;
  const certificate = "Authenticator ClientCertAuthenticator: no verified chain is found";
  return `${certificate}; Authenticator KubeJWTAuthenticator: ${token}`;
}

function byToken(
  metadata: Metadata,
  tokens: ServiceAccountTokens,
  trustDomain: string,
): Caller | string {
  const extraction = "target JWT extraction error";
  const values = metadata.filter(([name]) => name === "authorization").map(([, value]) => value);
  if (values.length === 0) return `${extraction}: no HTTP authorization header exists`;
  const bearer = values.find((value) => value.startsWith("Bearer "));
  if (!bearer) return `${extraction}: no bearer token exists in HTTP authorization header`;
  const review = tokens.review(bearer.slice("Bearer ".length), [TOKEN_AUDIENCE]);
  const failed = 'failed to validate the JWT from cluster "Kubernetes"';
  if (review.error)
    return `${failed}: the service account authentication returns an error: ${review.error}`;
  if (!review.user) return `${failed}: the token is not authenticated`;
  const { namespace, serviceAccount, pod } = review.user;
  return {
    identities: [spiffeId(trustDomain, namespace, serviceAccount)],
    pod: { namespace, serviceAccount, ...pod },
  };
}

/** CA_TRUSTED_NODE_ACCOUNTS, as istiod's chart sets it for ambient. */
const TRUSTED_NODE_ACCOUNTS: readonly string[] = ["istio-system/ztunnel", "kube-system/ztunnel"];

/**
 * May a node's proxy have a certificate of this identity? Why not, or "" (istio:
 * security/pkg/server/ca/node_auth.go, authenticateImpersonation).
 */
export function authorizeNode(store: Store, caller: Caller, identity: string): string {
  const { pod } = caller;
  const account = `${pod?.namespace ?? ""}/${pod?.serviceAccount ?? ""}`;
  if (!pod || !TRUSTED_NODE_ACCOUNTS.includes(account))
    return `caller (${account}) is not allowed to impersonate`;
  const wanted = /^spiffe:\/\/[^/]+\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(identity);
  if (!wanted) return `failed to validate impersonated identity ${identity}`;
  const here = podOf(store, pod.namespace, pod.name);
  if (!here) return `pod ${pod.namespace}/${pod.name} not found`;
  if (here.uid !== pod.uid) return `pod found, but UID does not match: ${here.uid} vs ${pod.uid}`;
  if (here.serviceAccount !== pod.serviceAccount)
    return `pod found, but ServiceAccount does not match: ${here.serviceAccount} vs ${pod.serviceAccount}`;
  const [, namespace = "", serviceAccount = ""] = wanted;
  const runs = store
    .list("Pod", namespace)
    .map(({ metadata }) => podOf(store, namespace, metadata.name))
    .some((one) => one?.node === here.node && one.serviceAccount === serviceAccount);
  return runs
    ? ""
    : `no instances of "${namespace}/${serviceAccount}" found on node "${here.node}"`;
}
