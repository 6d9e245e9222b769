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

/** As tonic describes a code. */
export const STATUS_SENTENCES: Readonly<Record<StatusCode, string>> = {
  OK: "The operation completed successfully",
  CANCELLED: "The operation was cancelled",
  UNKNOWN: "Unknown error",
  INVALID_ARGUMENT: "Client specified an invalid argument",
  DEADLINE_EXCEEDED: "Deadline expired before operation could complete",
  NOT_FOUND: "Some requested entity was not found",
  ALREADY_EXISTS: "Some entity that we attempted to create already exists",
  PERMISSION_DENIED: "The caller does not have permission to execute the specified operation",
  RESOURCE_EXHAUSTED: "Some resource has been exhausted",
  FAILED_PRECONDITION: "The system is not in a state required for the operation's execution",
  ABORTED: "The operation was aborted",
  OUT_OF_RANGE: "Operation was attempted past the valid range",
  UNIMPLEMENTED: "Operation is not implemented or not supported",
  INTERNAL: "Internal error",
  UNAVAILABLE: "The service is currently unavailable",
  DATA_LOSS: "Unrecoverable data loss or corruption",
  UNAUTHENTICATED: "The request does not have valid authentication credentials",
};

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
