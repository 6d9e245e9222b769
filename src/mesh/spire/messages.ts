import type { GrpcMethod } from "../../grpc/method.ts";
import type { Bytes } from "../../wire/bytes.ts";

/** The services of a SPIRE server that agents use, and their messages (spire-api-sdk). */

const SERVER = "/spire.api.server";

export const ATTEST_AGENT: GrpcMethod = {
  path: `${SERVER}.agent.v1.Agent/AttestAgent`,
  clientStreams: true,
  serverStreams: true,
};
export const GET_AUTHORIZED_ENTRIES: GrpcMethod = {
  path: `${SERVER}.entry.v1.Entry/GetAuthorizedEntries`,
  clientStreams: false,
  serverStreams: false,
};
export const BATCH_NEW_X509_SVID: GrpcMethod = {
  path: `${SERVER}.svid.v1.SVID/BatchNewX509SVID`,
  clientStreams: false,
  serverStreams: false,
};
export const GET_BUNDLE: GrpcMethod = {
  path: `${SERVER}.bundle.v1.Bundle/GetBundle`,
  clientStreams: false,
  serverStreams: false,
};

export interface SpiffeId {
  trustDomain: string;
  path: string;
}

export interface Selector {
  type: string;
  value: string;
}

/** A registration entry: who has which selectors, on the node of which parent, is whom. */
export interface Entry {
  id: string;
  spiffeId: SpiffeId;
  parentId: SpiffeId;
  selectors: Selector[];
  /** s; 0: the server's default. */
  x509SvidTtl: number;
  revisionNumber: bigint;
}

export interface X509Svid {
  certChain: Bytes[];
  id?: SpiffeId;
  /** s since 1970 */
  expiresAt: bigint;
}

export interface AttestAgentRequest {
  step:
    | {
        case: "params";
        value: { data?: { type: string; payload: Bytes }; params?: { csr: Bytes } };
      }
    | { case: "challengeResponse"; value: Bytes }
    | { case: undefined };
}

export interface AttestAgentResponse {
  step:
    | { case: "result"; value: { svid?: X509Svid; reattestable: boolean } }
    | { case: "challenge"; value: Bytes }
    | { case: undefined };
}

export interface BatchNewX509SvidRequest {
  params: { entryId: string; csr: Bytes }[];
}

export interface BatchNewX509SvidResponse {
  results: { status?: { code: number; message: string }; svid?: X509Svid }[];
}

export interface Bundle {
  trustDomain: string;
  x509Authorities: { asn1: Bytes }[];
}

export function spiffeIdText({ trustDomain, path }: SpiffeId): string {
  return `spiffe://${trustDomain}${path}`;
}

/** Null for what is no SPIFFE ID (spiffe: standards/SPIFFE-ID.md, section 2). */
export function parseSpiffeId(text: string): SpiffeId | null {
  const found = /^spiffe:\/\/([a-z0-9._-]+)((?:\/[A-Za-z0-9._-]+)*)$/.exec(text);
  return found ? { trustDomain: found[1] ?? "", path: found[2] ?? "" } : null;
}

/** Does everybody with these selectors match, who has at least the entry's own? */
export function matchesEntry(entry: Entry, selectors: readonly Selector[]): boolean {
  return entry.selectors.every((wanted) =>
    selectors.some(({ type, value }) => type === wanted.type && value === wanted.value),
  );
}
