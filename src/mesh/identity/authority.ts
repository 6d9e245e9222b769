import type { Certificate } from "../../tls/x509/certificate.ts";
import { issue, issueSelfSigned, randomSerial } from "../../tls/x509/issue.ts";
import { generateKey, type PrivateKey, type RandomSource } from "../../tls/x509/key.ts";
import { makeName } from "../../tls/x509/name.ts";
import { type CertificateRequest, verifyRequest } from "../../tls/x509/request.ts";

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;
/** istio: security/pkg/pki/ca: self-signed-ca-cert-ttl, workload-cert-ttl, and what clocks may differ by. */
const ROOT_TTL = 3650 * DAY;
const WORKLOAD_TTL = DAY;
const CLOCK_SKEW = 2 * 60 * SECOND;

/** Why a request was not signed: the gRPC status and its message, as istiod answers. */
export interface Refusal {
  code: "UNAUTHENTICATED" | "INVALID_ARGUMENT";
  message: string;
}

/**
 * istiod's own certificate authority (istio: security/pkg/pki/ca, "self-signed Istio CA"): one root,
 * and for each workload a certificate whose only name is its SPIFFE identity. Times are ms since 1970.
 */
export class CertificateAuthority {
  trustDomain: string;
  random: RandomSource;
  key: PrivateKey;
  root: Certificate;

  constructor(trustDomain: string, random: RandomSource, now: number) {
    this.trustDomain = trustDomain;
    this.random = random;
    this.key = generateKey("p256", random);
    this.root = issueSelfSigned(
      {
        subject: makeName([["O", trustDomain]]),
        serial: randomSerial(random),
        notBefore: now,
        notAfter: now + ROOT_TTL,
        ca: true,
        keyUsage: ["Certificate Sign"],
      },
      this.key,
    );
  }

  /** The identity of a service account. */
  identity(namespace: string, serviceAccount: string): string {
    return `spiffe://${this.trustDomain}/ns/${namespace}/sa/${serviceAccount}`;
  }

  /**
   * A certificate for who proves, by the request's signature, to have its key. That the caller may
   * ask for this identity was checked before (see WorkloadSecrets).
   */
  sign(request: CertificateRequest, identity: string, now: number): Certificate | Refusal {
    const { key } = request.publicKey;
    if (!key || !verifyRequest(request))
      return {
        code: "INVALID_ARGUMENT",
        message: "CSR signing error (CSR verification failed: signature does not match)",
      };
    return issue(
      {
        subject: makeName([]),
        publicKey: key,
        serial: randomSerial(this.random),
        notBefore: now - CLOCK_SKEW,
        notAfter: now + WORKLOAD_TTL,
        ca: false,
        keyUsage: ["Digital Signature", "Key Encipherment"],
        extendedKeyUsage: ["serverAuth", "clientAuth"],
        alternativeNames: [{ kind: "uri", value: identity }],
      },
      { certificate: this.root, key: this.key },
    );
  }
}
