import type { Process } from "../../host/process.ts";
import { readText } from "../../host/resolv.ts";
import type { ClientConfig, KeyLog } from "../../tls/config.ts";
import type { SuiteName } from "../../tls/suite.ts";
import { certificatesFromPem } from "../../tls/x509/certificate.ts";
import type { SignatureCache } from "../../tls/x509/verify.ts";

/** Where agents find what they prove themselves to istiod with, and whom they believe. */
export const TOKEN_PATH = "/var/run/secrets/tokens/istio-token";
export const ROOT_PATH = "/var/run/secrets/istio/root-cert.pem";

/** Go's order, where the processor has AES (crypto/tls: defaultCipherSuitesTLS13). */
export const GO_SUITES: readonly SuiteName[] = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
];

/** What a program's connections to istiod have in common. */
export interface Upstream {
  process: Process;
  /** "istiod.istio-system.svc" */
  host: string;
  port: number;
  keyLog: KeyLog;
  signatures: SignatureCache;
}

/** A client of istiod's: the name and the root are verified, the token goes with each call. */
export function istiodTls({ process, host, keyLog, signatures }: Upstream): ClientConfig {
  const { sim, machine } = process;
  return {
    suites: GO_SUITES,
    signatures,
    random: sim.rng("tls"),
    now: sim.epoch + Math.floor(sim.now / 1e6),
    anchors: certificatesFromPem(readText(machine, ROOT_PATH)),
    serverName: host,
    alpn: ["h2"],
    keyLog,
  };
}

export function istioToken(process: Process): string {
  return readText(process.machine, TOKEN_PATH).trim();
}
