/** RFC 9113 §7: every error code by its name. */
export const ERROR_CODES = {
  NO_ERROR: 0x0,
  PROTOCOL_ERROR: 0x1,
  INTERNAL_ERROR: 0x2,
  FLOW_CONTROL_ERROR: 0x3,
  SETTINGS_TIMEOUT: 0x4,
  STREAM_CLOSED: 0x5,
  FRAME_SIZE_ERROR: 0x6,
  REFUSED_STREAM: 0x7,
  CANCEL: 0x8,
  COMPRESSION_ERROR: 0x9,
  CONNECT_ERROR: 0xa,
  ENHANCE_YOUR_CALM: 0xb,
  INADEQUATE_SECURITY: 0xc,
  HTTP_1_1_REQUIRED: 0xd,
} as const;
export type ErrorName = keyof typeof ERROR_CODES;

const NAMES: ReadonlyMap<number, ErrorName> = new Map(
  Object.entries(ERROR_CODES).map(([name, code]) => [code, name as ErrorName]),
);

/** RFC 9113 §7: a code that nobody knows may be treated as INTERNAL_ERROR. */
export function errorName(code: number): ErrorName {
  return NAMES.get(code) ?? "INTERNAL_ERROR";
}

/**
 * The connection (RFC 9113 §5.4.1) or, with a stream, that stream (§5.4.2) ends with this code. Thrown
 * inside of this room only: `receive` catches it.
 */
export class Http2Error extends Error {
  code: ErrorName;
  stream: number;

  constructor(code: ErrorName, reason: string, stream = 0) {
    super(reason);
    this.code = code;
    this.stream = stream;
  }
}
