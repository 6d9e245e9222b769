import type { Bytes } from "../../wire/bytes.ts";
import { encodeJson } from "../proto/codec.ts";

/**
 * Resources as they were written for the last push and for this one: most do not change from one to the
 * next (istio: pilot/pkg/model/xds_cache.go).
 */
export class XdsCache {
  before = new Map<string, Bytes>();
  now = new Map<string, Bytes>();

  /** A push begins: what the last one did not ask for goes. */
  turn(): void {
    this.before = this.now;
    this.now = new Map();
  }

  /** The bytes of a message given by its JSON form. */
  encode(message: string, json: object): Bytes {
    const key = `${message} ${JSON.stringify(json)}`;
    const bytes = this.now.get(key) ?? this.before.get(key) ?? encodeJson(message, json);
    this.now.set(key, bytes);
    return bytes;
  }
}
