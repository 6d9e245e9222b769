import { set16, set32 } from "../../wire/bytes.ts";
import type { TcpOptions } from "../../wire/tcp.ts";

/** linux: include/net/tcp.h, TCPOLEN_TSTAMP_ALIGNED */
export const TIMESTAMP_LENGTH = 12;

const NONE = new Uint8Array(0);

/** Bytes of the options of a SYN in Linux's order (net/ipv4/tcp_output.c, tcp_options_write). */
export function synOptions(o: TcpOptions): Uint8Array {
  const out = new Uint8Array(24);
  let at = 0;
  out[at] = 2;
  out[at + 1] = 4;
  set16(out, at + 2, o.mss ?? 536);
  at += 4;
  const stamp = o.timestamp;
  if (stamp) {
    // SACK-permitted takes the place of the two NOPs that would align the timestamp.
    out.set(o.sackPermitted ? [4, 2] : [1, 1], at);
    out[at + 2] = 8;
    out[at + 3] = 10;
    set32(out, at + 4, stamp.value);
    set32(out, at + 8, stamp.echo);
    at += 12;
  } else if (o.sackPermitted) {
    out.set([1, 1, 4, 2], at);
    at += 4;
  }
  if (o.windowScale !== undefined) {
    out.set([1, 3, 3, o.windowScale], at);
    at += 4;
  }
  return out.subarray(0, at);
}

/** Timestamp and SACK blocks of any other segment. */
export function segmentOptions(
  stamp: { value: number; echo: number } | undefined,
  sack: readonly (readonly [number, number])[],
): Uint8Array {
  if (!stamp && sack.length === 0) return NONE;
  const out = new Uint8Array(
    (stamp ? TIMESTAMP_LENGTH : 0) + (sack.length ? 4 + 8 * sack.length : 0),
  );
  let at = 0;
  if (stamp) {
    out[0] = 1;
    out[1] = 1;
    out[2] = 8;
    out[3] = 10;
    set32(out, 4, stamp.value);
    set32(out, 8, stamp.echo);
    at = TIMESTAMP_LENGTH;
  }
  if (sack.length) {
    out[at] = 1;
    out[at + 1] = 1;
    out[at + 2] = 5;
    out[at + 3] = 2 + 8 * sack.length;
    at += 4;
    for (const [left, right] of sack) {
      set32(out, at, left);
      set32(out, at + 4, right);
      at += 8;
    }
  }
  return out;
}

/** How many SACK blocks fit beside a timestamp into 40 bytes of options. */
export function maxSackBlocks(timestamps: boolean): number {
  return timestamps ? 3 : 4;
}
