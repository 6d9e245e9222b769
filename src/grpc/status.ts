import type { ErrorName } from "../http2/error.ts";

/** How a call ended (grpc: doc/statuscodes.md): every code by its name. */
export const STATUS_CODES = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;
export type StatusCode = keyof typeof STATUS_CODES;

/** The end of a call: what both sides know of it. */
export interface Status {
  code: StatusCode;
  message: string;
}

const NAMES = Object.keys(STATUS_CODES) as StatusCode[];

/** The name of a number; what nobody knows is UNKNOWN. */
export function statusName(number: number): StatusCode {
  return NAMES[number] ?? "UNKNOWN";
}

/** As Go's and Rust's libraries write it in their errors: "DeadlineExceeded". */
export function statusTitle(code: StatusCode): string {
  if (code === "OK") return "OK";
  return code
    .split("_")
    .map((word) => (word[0] ?? "") + word.slice(1).toLowerCase())
    .join("");
}

/** What a stream that was reset means for its call (grpc: doc/PROTOCOL-HTTP2.md, "Errors"). */
export function statusOfReset(code: ErrorName): StatusCode {
  switch (code) {
    case "REFUSED_STREAM":
      return "UNAVAILABLE";
    case "CANCEL":
      return "CANCELLED";
    case "ENHANCE_YOUR_CALM":
      return "RESOURCE_EXHAUSTED";
    case "INADEQUATE_SECURITY":
      return "PERMISSION_DENIED";
    case "STREAM_CLOSED":
    case "HTTP_1_1_REQUIRED":
      return "UNKNOWN";
    default:
      return "INTERNAL";
  }
}

/** What an answer that is not gRPC's means (grpc: doc/http-grpc-status-mapping.md). */
export function statusOfHttp(status: number): StatusCode {
  switch (status) {
    case 400:
      return "INTERNAL";
    case 401:
      return "UNAUTHENTICATED";
    case 403:
      return "PERMISSION_DENIED";
    case 404:
      return "UNIMPLEMENTED";
    case 429:
    case 502:
    case 503:
    case 504:
      return "UNAVAILABLE";
    default:
      return "UNKNOWN";
  }
}
