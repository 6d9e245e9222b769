import { concatBytes } from "../base/text.ts";
import { type Bytes, set8, set16, set24, set32, u8, u16, u24, u32 } from "../wire/bytes.ts";
import { Pieces } from "../wire/pieces.ts";

/*
 * RFC 9113 §4.1:
 *
 *   | length (24) | type (8) | flags (8) | R (1), stream identifier (31) | payload |
 */
export const FRAME_HEADER = 9;

export const DATA = 0;
export const HEADERS = 1;
export const PRIORITY = 2;
export const RST_STREAM = 3;
export const SETTINGS = 4;
export const PUSH_PROMISE = 5;
export const PING = 6;
export const GOAWAY = 7;
export const WINDOW_UPDATE = 8;
export const CONTINUATION = 9;

export const ACK = 0x1;
export const END_STREAM = 0x1;
export const END_HEADERS = 0x4;
export const PADDED = 0x8;
export const WITH_PRIORITY = 0x20;

/** RFC 9113 §3.4: what a client says before its first frame. */
export const PREFACE = Uint8Array.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (char) =>
  char.charCodeAt(0),
);

/** RFC 9113 §6.5.2. */
export const SETTING_IDS = {
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
  maxHeaderListSize: 6,
} as const;
export type SettingName = keyof typeof SETTING_IDS;

const SETTING_NAMES: ReadonlyMap<number, SettingName> = new Map(
  Object.entries(SETTING_IDS).map(([name, id]) => [id, name as SettingName]),
);

export interface Frame {
  type: number;
  flags: number;
  stream: number;
  payload: Bytes;
}

/** Bytes of a connection until they are whole frames. */
export class FrameReader extends Pieces {
  /** The next `count` bytes, taken; null when they are not all here. */
  take(count: number): Bytes | null {
    if (this.length < count) return null;
    let [all = new Uint8Array(0)] = this.pieces;
    if (all.length < count) all = this.join();
    const rest = all.subarray(count);
    if (rest.length) this.pieces[0] = rest;
    else this.pieces.shift();
    this.length -= count;
    return all.subarray(0, count);
  }

  /** The length of the payload at the front, -1 when not even that is here. */
  peekLength(): number {
    if (this.length < FRAME_HEADER) return -1;
    let [all = new Uint8Array(0)] = this.pieces;
    if (all.length < FRAME_HEADER) all = this.join();
    return u24(all, 0);
  }

  next(): Frame | null {
    const length = this.peekLength();
    const whole = length < 0 ? null : this.take(FRAME_HEADER + length);
    if (!whole) return null;
    return {
      type: u8(whole, 3),
      flags: u8(whole, 4),
      stream: u32(whole, 5) & 0x7fffffff,
      payload: whole.subarray(FRAME_HEADER),
    };
  }
}

export function encodeFrame(type: number, flags: number, stream: number, payload: Bytes): Bytes {
  const head = new Uint8Array(FRAME_HEADER);
  set24(head, 0, payload.length);
  set8(head, 3, type);
  set8(head, 4, flags);
  set32(head, 5, stream);
  return concatBytes([head, payload]);
}

export function n32(value: number): Bytes {
  const out = new Uint8Array(4);
  set32(out, 0, value);
  return out;
}

export function encodeSettings(settings: Partial<Record<SettingName, number>>): Bytes {
  const entries = Object.entries(settings) as [SettingName, number][];
  const out = new Uint8Array(6 * entries.length);
  entries.forEach(([name, value], i) => {
    set16(out, 6 * i, SETTING_IDS[name]);
    set32(out, 6 * i + 2, value);
  });
  return out;
}

/** RFC 9113 §6.5.2: an identifier that is not known is ignored. */
export function readSettings(payload: Bytes): [SettingName, number][] {
  const settings: [SettingName, number][] = [];
  for (let at = 0; at + 6 <= payload.length; at += 6) {
    const name = SETTING_NAMES.get(u16(payload, at));
    if (name) settings.push([name, u32(payload, at + 2)]);
  }
  return settings;
}
