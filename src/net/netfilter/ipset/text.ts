import { formatIpv4 } from "../../../wire/address.ts";
import { protocolName } from "../names.ts";
import type { Element } from "./data.ts";
import { icmpText } from "./icmp.ts";

/** "10.0.0.0/8", or the address alone of a host. */
export function netText(address: number, cidr: number): string {
  return cidr === 32 ? formatIpv4(address) : `${formatIpv4(address)}/${cidr}`;
}

/** "tcp:80", "icmp:echo-request" */
export function portText(e: Element): string {
  const protocol = protocolName(e.protocol) ?? String(e.protocol);
  return `${protocol}:${e.protocol === 1 ? icmpText(e.port) : e.port}`;
}
