import type { Status } from "../../grpc/status.ts";
import type { Identity } from "../../tls/config.ts";
import { type Certificate, certificateToPem } from "../../tls/x509/certificate.ts";
import { issue, issueSelfSigned, randomSerial } from "../../tls/x509/issue.ts";
import { generateKey, type PrivateKey, type RandomSource } from "../../tls/x509/key.ts";
import { makeName } from "../../tls/x509/name.ts";
import { fromPem } from "../../tls/x509/pem.ts";
import { requestFromPem, verifyRequest } from "../../tls/x509/request.ts";

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;
/** istio: security/pkg/pki/ca: self-signed-ca-cert-ttl, workload-cert-ttl, max-workload-cert-ttl. */
const ROOT_TTL = 3650 * DAY;
const WORKLOAD_TTL = DAY;
const MAX_WORKLOAD_TTL = 90 * DAY;
/** What clocks may differ by. */
const CLOCK_SKEW = 2 * 60 * SECOND;

/** Go's time.Duration of whole seconds: "2160h0m0s". */
function duration(ms: number): string {
  const seconds = Math.round(ms / SECOND);
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h ? `${h}h${m}m${s}s` : m ? `${m}m${s}s` : `${s}s`;
}

/**
 * istiod's own certificate authority (istio: security/pkg/pki/ca, "self-signed Istio CA"): one root,
 * and for each workload a certificate whose only name is its SPIFFE identity. Times are ms since
 * 1970. It is what the Secret istio-ca-secret holds, so it outlives istiod.
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

  /** What the ConfigMap istio-ca-root-cert of every namespace holds. */
  get rootPem(): string {
    return certificateToPem(this.root);
  }

  /**
   * A certificate for who proves, by the request's signature, to have its key; the names in the
   * request do not count. That the caller may have this identity was checked before.
   */
  sign(csr: string, identity: string, ttl: number, now: number): Certificate | Status {
    const refused = (message: string): Status => ({
      code: "INVALID_ARGUMENT",
      message: `CSR signing error (${message})`,
    });
    if (fromPem(csr).length === 0)
      return refused("certificate signing request is not properly encoded");
    const request = requestFromPem(csr);
    const key = request?.publicKey.key;
    if (!request || !key) return refused("failed to parse X.509 certificate signing request");
    if (!verifyRequest(request))
      return refused(`x509: ${key.type === "p256" ? "ECDSA" : "Ed25519"} verification failure`);
    if (ttl > MAX_WORKLOAD_TTL)
      return refused(
        `requested TTL ${duration(ttl)} is greater than the max allowed TTL ${duration(MAX_WORKLOAD_TTL)}`,
      );
    return issue(
      {
        subject: makeName([]),
        publicKey: key,
        serial: randomSerial(this.random),
        notBefore: now - CLOCK_SKEW,
        notAfter: now + (ttl > 0 ? ttl : WORKLOAD_TTL),
        ca: false,
        keyUsage: ["Digital Signature", "Key Encipherment"],
        extendedKeyUsage: ["serverAuth", "clientAuth"],
        alternativeNames: [{ kind: "uri", value: identity }],
      },
      { certificate: this.root, key: this.key },
    );
  }

  /** What istiod itself serves with (istio: pilot/pkg/bootstrap/server.go, initDNSCerts). */
  serverIdentity(dnsNames: readonly string[], now: number): Identity {
    const key = generateKey("p256", this.random);
    const certificate = issue(
      {
        subject: makeName([]),
        publicKey: key.public,
        serial: randomSerial(this.random),
        notBefore: now - CLOCK_SKEW,
        notAfter: now + ROOT_TTL,
        ca: false,
        keyUsage: ["Digital Signature", "Key Encipherment"],
        extendedKeyUsage: ["serverAuth", "clientAuth"],
        alternativeNames: dnsNames.map((value) => ({ kind: "dns", value })),
      },
      { certificate: this.root, key: this.key },
    );
    return { chain: [certificate], key };
  }
}
