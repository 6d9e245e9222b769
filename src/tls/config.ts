import type { GroupName } from "./group.ts";
import type { SuiteName } from "./suite.ts";
import type { Certificate } from "./x509/certificate.ts";
import type { PrivateKey, RandomSource } from "./x509/key.ts";
import type { ExpectedName, SignatureCache } from "./x509/verify.ts";

/** What one side proves itself with: its certificate first, then those that lead to a root. */
export interface Identity {
  chain: readonly Certificate[];
  key: PrivateKey;
}

/** Lines of a key log (SSLKEYLOGFILE, RFC 9850): an array of them is one. */
export type KeyLog = string[] | { add(line: string): void };

/** What both sides may be told. It is kept by reference: share one among many connections. */
export interface TlsConfig {
  random: RandomSource;
  /** Certificates are judged at this time: ms since 1970. */
  now: number;
  identity?: Identity | null;
  /** Roots that the peer's chain may lead to. */
  anchors?: readonly Certificate[];
  /** Whom the peer must be. */
  expected?: ExpectedName;
  /** False: what is wrong with the peer's chain is kept in `verification`, and we go on. */
  verifyPeer?: boolean;
  alpn?: readonly string[];
  /** In order of preference. */
  suites?: readonly SuiteName[];
  groups?: readonly GroupName[];
  keyLog?: KeyLog | null;
  /** Signatures of certificates that were found good before. */
  signatures?: SignatureCache | null;
  /** Contents of protected records are padded to a multiple of this (RFC 8446 §5.4). */
  padding?: number;
  /** No record holds more than this; 16384 by default and at most. */
  maxFragment?: number;
}

export interface ClientConfig extends TlsConfig {
  /** For server_name; unless `expected` says otherwise, also whom the certificate must name. */
  serverName?: string;
  /** For which groups a key is sent at once; by default the first of `groups`. */
  keyShares?: readonly GroupName[];
  /** Look like TLS 1.2 to what is between (RFC 8446 appendix D.4); by default yes. */
  compatibility?: boolean;
}

export interface ServerConfig extends TlsConfig {
  identity: Identity;
  /** Whether clients are asked for a certificate, and must have one. */
  clientCertificate?: "none" | "request" | "require";
  /** Put a cookie into a HelloRetryRequest and demand it back. */
  retryCookie?: boolean;
}

export const DEFAULT_GROUPS: readonly GroupName[] = ["x25519", "secp256r1"];
