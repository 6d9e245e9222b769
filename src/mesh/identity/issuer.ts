import type { Status } from "../../grpc/status.ts";
import type { Certificate } from "../../tls/x509/certificate.ts";
import type { PrivateKey } from "../../tls/x509/key.ts";

/** What an issuer has answered: the leaf and what leads to the root, and the roots to believe in. */
export interface Issued {
  chain: Certificate[];
  roots: Certificate[];
  /** Where the issuer made the key itself (SPIRE's agent does): then the request's counts for nothing. */
  key?: PrivateKey;
}

/** Who has asked an issuer. */
export interface IssuerOwner {
  issued(id: string, answer: Issued | Status): void;
}

/** Whoever signs workloads' certificates: istiod, or another behind the same interface. */
export interface Issuer {
  /** Ask for a certificate of `id` for the key of the request (PEM); the owner hears of it later. */
  request(id: string, csr: string, owner: IssuerOwner): void;
  stop(): void;
}
