/**
 * spiffe/spire-api-sdk proto/spire/api/types, server/agent/v1, server/entry/v1, server/svid/v1,
 * server/bundle/v1: what agents and servers say to each other, as far as ours do.
 */
export const SPIRE = `
package spire.api.types;
message SPIFFEID { string trust_domain = 1; string path = 2; }
message Selector { string type = 1; string value = 2; }
message Status { int32 code = 1; string message = 2; }
message AttestationData { string type = 1; bytes payload = 2; }
message X509SVID {
  repeated bytes cert_chain = 1;
  SPIFFEID id = 2;
  int64 expires_at = 3;
}
message X509Certificate { bytes asn1 = 1; bool tainted = 2; }
message Bundle {
  string trust_domain = 1;
  repeated X509Certificate x509_authorities = 2;
  int64 refresh_hint = 4;
  uint64 sequence_number = 5;
}
message Entry {
  string id = 1;
  SPIFFEID spiffe_id = 2;
  SPIFFEID parent_id = 3;
  repeated Selector selectors = 4;
  int32 x509_svid_ttl = 5;
  int64 revision_number = 11;
}

package spire.api.server.agent.v1;
message AgentX509SVIDParams { bytes csr = 1; }
message AttestAgentRequest {
  message Params {
    spire.api.types.AttestationData data = 1;
    AgentX509SVIDParams params = 2;
  }
  oneof step { Params params = 1; bytes challenge_response = 2; }
}
message AttestAgentResponse {
  message Result {
    spire.api.types.X509SVID svid = 1;
    bool reattestable = 2;
  }
  oneof step { Result result = 1; bytes challenge = 2; }
}

package spire.api.server.entry.v1;
message GetAuthorizedEntriesRequest {}
message GetAuthorizedEntriesResponse { repeated spire.api.types.Entry entries = 1; }

package spire.api.server.svid.v1;
message NewX509SVIDParams { string entry_id = 1; bytes csr = 2; }
message BatchNewX509SVIDRequest { repeated NewX509SVIDParams params = 1; }
message BatchNewX509SVIDResponse {
  message Result {
    spire.api.types.Status status = 1;
    spire.api.types.X509SVID svid = 2;
  }
  repeated Result results = 1;
}

package spire.api.server.bundle.v1;
message GetBundleRequest {}
`;
