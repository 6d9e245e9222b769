import { type Errno, errnoNumber, strerror } from "../../base/errno.ts";

/** A metric's response_flags (ztunnel: src/proxy/metrics.rs, ResponseFlags). */
export type ResponseFlag =
  | "-"
  | "DENY"
  | "CONNECT"
  | "TLS_FAILURE"
  | "H2_HANDSHAKE_FAILURE"
  | "NETWORK_POLICY"
  | "IDENTITY_ERROR";

/** Why a connection ended badly: the access log's `error`, and the metric's flag. */
export interface ProxyError {
  text: string;
  flag: ResponseFlag;
}

/** As Rust's standard library prints an error of the system. */
export function osError(code: Errno): string {
  return `${strerror(code)} (os error ${errnoNumber(code)})`;
}

/** What a timeout of the runtime prints. */
export const DEADLINE = "deadline has elapsed";

export function policyRejection(why: string): ProxyError {
  return { text: `connection closed due to policy rejection: ${why}`, flag: "DENY" };
}

export const POLICY_CHANGE: ProxyError = {
  text: "connection closed due to policy change",
  flag: "DENY",
};
export const SELF_CALL: ProxyError = {
  text: "attempted recursive call to ourselves",
  flag: "CONNECT",
};
