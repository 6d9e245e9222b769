import type { NetNs } from "../../netns.ts";
import { BitmapIp, BitmapPort } from "./bitmap.ts";
import { BitmapIpMac } from "./bitmap-ip-mac.ts";
import type { CreateOptions, SetData } from "./data.ts";
import { HashData, type HashType } from "./hash.ts";
import { hashIp } from "./hash-ip.ts";
import { hashIpMac } from "./hash-ip-mac.ts";
import { hashIpMark } from "./hash-ip-mark.ts";
import { hashIpPort } from "./hash-ip-port.ts";
import { hashIpPortIp } from "./hash-ip-port-ip.ts";
import { hashIpPortNet } from "./hash-ip-port-net.ts";
import { hashMac } from "./hash-mac.ts";
import { hashNet } from "./hash-net.ts";
import { hashNetIface } from "./hash-net-iface.ts";
import { hashNetNet } from "./hash-net-net.ts";
import { hashNetPort } from "./hash-net-port.ts";
import { hashNetPortNet } from "./hash-net-port-net.ts";
import { ListSet } from "./list.ts";

const HASH_TYPES: readonly HashType[] = [
  hashIp,
  hashIpMac,
  hashIpMark,
  hashIpPort,
  hashIpPortIp,
  hashIpPortNet,
  hashMac,
  hashNet,
  hashNetIface,
  hashNetNet,
  hashNetPort,
  hashNetPortNet,
];

/** What may stand in an element of a type, by dimension. */
export const SET_TYPES: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>(
  [
    ["bitmap:ip", ["ip"]],
    ["bitmap:ip,mac", ["host", "mac?"]],
    ["bitmap:port", ["port"]],
    ...HASH_TYPES.map(({ name, parts }): [string, readonly string[]] => [name, parts]),
    ["list:set", ["set"]],
  ],
);

export function createSet(ns: NetNs, type: string, options: CreateOptions): SetData | null {
  if (type === "bitmap:ip") return new BitmapIp(ns, options);
  if (type === "bitmap:ip,mac") return new BitmapIpMac(ns, options);
  if (type === "bitmap:port") return new BitmapPort(ns, options);
  if (type === "list:set") return new ListSet(ns, options);
  const spec = HASH_TYPES.find(({ name }) => name === type);
  return spec ? new HashData(ns, options, spec) : null;
}
