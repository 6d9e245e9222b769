import type { Identity, TlsConfig } from "../../tls/config.ts";
import type { TlsConnection } from "../../tls/connection.ts";
import { type Certificate, uriNames } from "../../tls/x509/certificate.ts";
import type { ExpectedName } from "../../tls/x509/verify.ts";

/** Who waits for the certificate of a workload. */
export interface CertificateWaiter {
  certified(identity: Identity): void;
  uncertified(why: string): void;
}

/** How the certificate of an identity stands. */
export interface CertificateState {
  identity: string;
  state: "Initializing" | "Available" | `Unavailable: ${string}`;
  /** The leaf first. */
  chain: readonly Certificate[];
  roots: readonly Certificate[];
}

/** Where certificates come from: istiod, SPIRE. */
export interface CertificateSource {
  trustDomain: string;
  /** Answers at once when it has one, else when it has got one. `workload`: the pod's uid. */
  request(id: string, waiter: CertificateWaiter, workload: string): void;
  /** Somebody will need it. */
  prefetch(id: string): void;
  /** Nobody needs it any more. */
  forget(id: string): void;
  /** A pod's proxy is no more. */
  workloadGone(workload: string): void;
  /** What it holds, for who looks. */
  states(): CertificateState[];
  /** Both ends of every tunnel: TLS 1.3, HTTP/2, the mesh's roots, our clock. */
  tlsConfig(): TlsConfig;
}

/** TLS alerts by rustls's names. */
function alertWord(name: string): string {
  if (name === "unknown_ca") return "UnknownCA";
  return name.replace(/(^|_)([a-z])/g, (_all, _gap, letter: string) => letter.toUpperCase());
}

function list(ids: readonly string[]): string {
  return ids.join(",");
}

/** Why a handshake failed, in rustls's words: as it is displayed, and as it is debugged. */
export function handshakeError(
  tls: TlsConnection,
  expected: ExpectedName,
): { display: string; debug: string } {
  const error = tls.verification?.error;
  if (error) {
    const inner = certificateError(tls, error, expected);
    return {
      display: `invalid peer certificate: ${inner}`,
      debug: `Custom { kind: InvalidData, error: InvalidCertificate(${inner}) }`,
    };
  }
  if (tls.alertReceived) {
    const word = alertWord(tls.alertReceived);
    return {
      display: `received fatal alert: ${word}`,
      debug: `Custom { kind: InvalidData, error: AlertReceived(${word}) }`,
    };
  }
  if (tls.failure === "unexpected eof while reading")
    return {
      display: "tls handshake eof",
      debug: 'Custom { kind: UnexpectedEof, error: "tls handshake eof" }',
    };
  if (tls.alertSent === "certificate_required")
    return {
      display: "peer sent no certificates",
      debug: "Custom { kind: InvalidData, error: NoCertificatesPresented }",
    };
  return {
    display: tls.failure,
    debug: `Custom { kind: InvalidData, error: General(${JSON.stringify(tls.failure)}) }`,
  };
}

function certificateError(tls: TlsConnection, error: string, expected: ExpectedName): string {
  const got = tls.peerCertificates.slice(0, 1).flatMap((certificate) => uriNames(certificate));
  const leaf = tls.peerCertificates[0];
  const now = Math.floor(tls.settings.now / 1000);
  switch (error) {
    case "identity":
      return expected.spiffeIds
        ? `Other(OtherError(identity verification error: peer did not present the expected SAN (${list(expected.spiffeIds)}), got ${list(got)}))`
        : `Other(OtherError(SanTrustDomainError("${expected.trustDomain}", [${list(got)}])))`;
    case "expired": {
      const end = Math.floor((leaf?.notAfter ?? 0) / 1000);
      return `certificate expired: verification time ${now} (UNIX), but certificate is not valid after ${end} (${now - end} seconds ago)`;
    }
    case "not-yet-valid": {
      const start = Math.floor((leaf?.notBefore ?? 0) / 1000);
      return `certificate not valid yet: verification time ${now} (UNIX), but certificate is not valid before ${start} (${start - now} seconds in future)`;
    }
    case "signature":
      return "BadSignature";
    case "purpose":
      return "InvalidPurpose";
    default:
      return "UnknownIssuer";
  }
}
