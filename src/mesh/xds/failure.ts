import { type Errno, errnoNumber, strerror } from "../../base/errno.ts";
import { RESOLVE_ERRORS, type ResolveError } from "../../host/resolv.ts";
import type { Ending } from "../http2-socket.ts";

/** Why there is no connection (any more). */
export type ChannelFailure =
  | { stage: "lookup"; error: ResolveError }
  | { stage: "timeout" }
  /** `verification`: what is wrong with the server's certificate (x509/verify.ts), "" for nothing. */
  | (Ending & { verification: string });

function goErrno(errno: Errno): string {
  return strerror(errno).toLowerCase();
}

/** As Go's gRPC words it (grpc-go: clientconn.go, internal/transport). */
export function goError(failure: ChannelFailure): string {
  switch (failure.stage) {
    case "lookup":
      return `connection error: desc = "transport: Error while dialing dial tcp: lookup ${RESOLVE_ERRORS[failure.error].toLowerCase()}"`;
    case "timeout":
      return 'connection error: desc = "transport: Error while dialing dial tcp: i/o timeout"';
    case "connect":
      return `connection error: desc = "transport: Error while dialing dial tcp: connect: ${failure.errno ? goErrno(failure.errno) : "connection refused"}"`;
    case "handshake":
      return `connection error: desc = "transport: authentication handshake failed: ${goTls(failure)}"`;
    case "open":
      return goClosed(failure);
  }
}

/** grpc-go: internal/transport/http2_client.go, Close */
function goClosed({ text, errno, goneAway }: Ending): string {
  if (text) return text;
  const why = errno ? `read tcp: read: ${goErrno(errno)}` : "EOF";
  const before = goneAway ? ", received prior goaway: code: NO_ERROR, debug data: " : "";
  return `closing transport due to: connection error: desc = "error reading from server: ${why}"${before}`;
}

/** go: crypto/x509, verify.go */
function goTls({ verification, text, errno }: Ending & { verification: string }): string {
  if (verification === "expired" || verification === "not-yet-valid")
    return "x509: certificate has expired or is not yet valid";
  if (verification === "hostname")
    return "x509: certificate is valid for another name, not the one that was asked for";
  if (verification) return "x509: certificate signed by unknown authority";
  if (errno) return goErrno(errno);
  return text || "EOF";
}

/** As Rust's words it: what stands behind "source:" (hyper, rustls). */
export function rustError(failure: ChannelFailure): { message: string; source: string } {
  const connect = (source: string) => ({ message: "client error (Connect)", source });
  const os = (errno: Errno): string => `${strerror(errno)} (os error ${errnoNumber(errno)})`;
  switch (failure.stage) {
    case "lookup":
      return connect(
        `dns error: failed to lookup address information: ${RESOLVE_ERRORS[failure.error]}`,
      );
    case "timeout":
      return connect("tcp connect error: deadline has elapsed");
    case "connect":
      return connect(`tcp connect error: ${os(failure.errno ?? "ECONNREFUSED")}`);
    case "handshake":
      return connect(rustTls(failure));
    case "open":
      return {
        message: "client error (SendRequest)",
        source: "connection error: stream closed because of a broken pipe",
      };
  }
}

/** rustls: error.rs, CertificateError */
function rustTls({ verification, text, errno }: Ending & { verification: string }): string {
  if (verification === "expired") return "invalid peer certificate: Expired";
  if (verification === "not-yet-valid") return "invalid peer certificate: NotValidYet";
  if (verification === "hostname") return "invalid peer certificate: NotValidForName";
  if (verification === "signature") return "invalid peer certificate: BadSignature";
  if (verification) return "invalid peer certificate: UnknownIssuer";
  if (errno) return `${strerror(errno)} (os error ${errnoNumber(errno)})`;
  return text || "tls handshake eof";
}
