import { p256 } from "@noble/curves/nist.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { fromBase64Url, toBase64Url } from "../base/base64.ts";
import { fromUtf8, utf8 } from "../base/text.ts";
import type { Store } from "./store.ts";

/** kube-apiserver: --service-account-issuer, where nobody says otherwise. */
const ISSUER = "https://kubernetes.default.svc.cluster.local";
const ALGORITHM = "ES256";

interface Named {
  name: string;
  uid: string;
}

/** For whom a token is: a service account, as one pod that runs with it. */
export interface TokenSubject {
  namespace: string;
  serviceAccount: Named;
  pod: Named;
  /** In tokens since Kubernetes 1.30. */
  node?: Named;
}

/** What a token says (kubernetes: pkg/serviceaccount/claims.go). Times in s since 1970. */
interface Claims {
  aud: string[];
  exp: number;
  iat: number;
  nbf: number;
  iss: string;
  sub: string;
  "kubernetes.io": {
    namespace: string;
    serviceaccount: Named;
    pod: Named;
    node?: Named;
  };
}

/** The API server's answer to a TokenReview. */
export interface TokenReview {
  authenticated: boolean;
  /** Why not; "" where nobody knows such tokens. */
  error: string;
  user: { namespace: string; serviceAccount: string; pod: Named } | null;
}

function refused(error: string): TokenReview {
  const text = error && `[invalid bearer token, ${error}]`;
  return { authenticated: false, error: text, user: null };
}

/**
 * The API server's tokens of service accounts: JSON Web Tokens (RFC 7519) of one key, bound to a pod
 * (kubernetes: TokenRequest, TokenReview).
 */
export class ServiceAccountTokens {
  store: Store;
  secret: Uint8Array;
  public: Uint8Array;
  /** Tokens whose signature was found good, until they are reviewed no more. */
  verified = new Set<string>();

  constructor(store: Store) {
    this.store = store;
    const random = store.sim.rng("service account key");
    let secret = random.bytes(32);
    // One draw in 2^32 is not below P-256's order.
    while (!p256.utils.isValidSecretKey(secret)) secret = random.bytes(32);
    this.secret = secret;
    this.public = p256.getPublicKey(secret);
  }

  /** s since 1970, by the virtual clock. */
  get now(): number {
    const { sim } = this.store;
    return Math.floor(sim.epoch / 1000 + sim.now / 1e9);
  }

  /** A token for `audience`, good for `seconds`. */
  issue(subject: TokenSubject, audience: string, seconds: number): string {
    const { now } = this;
    const { namespace, serviceAccount, pod, node } = subject;
    const claims: Claims = {
      aud: [audience],
      exp: now + seconds,
      iat: now,
      iss: ISSUER,
      "kubernetes.io": {
        namespace,
        ...(node ? { node } : {}),
        pod,
        serviceaccount: serviceAccount,
      },
      nbf: now,
      sub: `system:serviceaccount:${namespace}:${serviceAccount.name}`,
    };
    const kid = toBase64Url(sha256(this.public));
    const signed = [{ alg: ALGORITHM, kid }, claims]
      .map((part) => toBase64Url(utf8(JSON.stringify(part))))
      .join(".");
    const token = `${signed}.${toBase64Url(p256.sign(utf8(signed), this.secret))}`;
    // What it has signed itself it need not verify.
    this.verified.add(token);
    return token;
  }

  /**
   * A token that a node asks for in the name of a pod (TokenRequest); null when that pod does not run
   * there with that account (kubernetes: plugin/pkg/admission/noderestriction).
   */
  request(
    node: string,
    namespace: string,
    account: string,
    pod: Named,
    audience: string,
    seconds: number,
  ): string | null {
    const found = this.store.get("Pod", pod.name, namespace);
    if (found?.metadata.uid !== pod.uid || found.spec.nodeName !== node) return null;
    if ((found.spec.serviceAccountName ?? "default") !== account) return null;
    const uid = this.store.get("ServiceAccount", account, namespace)?.metadata.uid ?? "";
    return this.issue(
      { namespace, serviceAccount: { name: account, uid }, pod },
      audience,
      seconds,
    );
  }

  /**
   * Whose token it is, when it is for one of the audiences
   * (kubernetes: pkg/serviceaccount/jwt.go, validator).
   */
  review(token: string, audiences: readonly string[]): TokenReview {
    const claims = claimsOf(token);
    // No authenticator of the API server claims a token of another issuer.
    if (claims?.iss !== ISSUER) return refused("");
    if (!this.isSigned(token)) return refused("square/go-jose: error in cryptographic primitive");
    if (!claims.aud.some((audience) => audiences.includes(audience))) {
      const list = (names: readonly string[]): string => names.map((n) => `"${n}"`).join(" ");
      return refused(
        `token audiences [${list(claims.aud)}] is invalid for the target audiences [${list(audiences)}]`,
      );
    }
    if (this.now > claims.exp) return refused("service account token has expired");
    if (this.now < claims.nbf) return refused("service account token is not valid yet");
    const { namespace, serviceaccount, pod } = claims["kubernetes.io"];
    if (!this.exists(namespace, pod)) return refused("service account token has been invalidated");
    return {
      authenticated: true,
      error: "",
      user: { namespace, serviceAccount: serviceaccount.name, pod },
    };
  }

  isSigned(token: string): boolean {
    if (this.verified.has(token)) return true;
    const at = token.lastIndexOf(".");
    const signature = fromBase64Url(token.slice(at + 1));
    if (signature?.length !== 64) return false;
    if (!p256.verify(signature, utf8(token.slice(0, at)), this.public)) return false;
    this.verified.add(token);
    return true;
  }

  /** The pod that a token is bound to is still there, and the same. */
  exists(namespace: string, { name, uid }: Named): boolean {
    return this.store.get("Pod", name, namespace)?.metadata.uid === uid;
  }
}

/** What a token says, signed or not; null when it is no token. */
function claimsOf(token: string): Claims | null {
  const [head = "", body = "", , more] = token.split(".");
  if (more !== undefined) return null;
  try {
    const text = (part: string): unknown => JSON.parse(fromUtf8(fromBase64Url(part) ?? utf8("")));
    const claims = text(body) as Claims;
    const { alg } = text(head) as { alg: string };
    const bound = claims["kubernetes.io"];
    const whole = Array.isArray(claims.aud) && bound?.pod && bound.serviceaccount;
    return alg === ALGORITHM && whole ? claims : null;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return null;
    throw error;
  }
}
