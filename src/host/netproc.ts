import type { Errno } from "../base/errno.ts";
import type { NetNs } from "../net/netns.ts";

export function sysctlRead(_ns: NetNs, _key: string): string | null {
  return null;
}
export function sysctlWrite(_ns: NetNs, _key: string, _text: string): Errno | null {
  return "ENOENT";
}
export function sysctlList(_ns: NetNs, dir: string): string[] | null {
  return dir === "net" ? [] : null;
}
export function procNetList(_ns: NetNs): string[] {
  return [];
}
export function procNetRead(_ns: NetNs, _name: string): string | null {
  return null;
}
