import { formatIpv4 } from "../../wire/address.ts";

const UNREACHABLE = [
  "Destination Net Unreachable",
  "Destination Host Unreachable",
  "Destination Protocol Unreachable",
  "Destination Port Unreachable",
  "",
  "Source Route Failed",
  "Destination Net Unknown",
  "Destination Host Unknown",
  "Source Host Isolated",
  "Destination Net Prohibited",
  "Destination Host Prohibited",
  "Destination Net Unreachable for Type of Service",
  "Destination Host Unreachable for Type of Service",
  "Packet filtered",
  "Precedence Violation",
  "Precedence Cutoff",
];

/** What ping says of an ICMP error (iputils: ping/ping.c, pr_icmph). */
export function icmpText(type: number, code: number, info: number): string {
  if (type === 3)
    return code === 4
      ? `Frag needed and DF set (mtu = ${info})`
      : (UNREACHABLE[code] ?? `Dest Unreachable, Bad Code: ${code}`);
  if (type === 4) return "Source Quench";
  if (type === 5) {
    const what = ["Redirect Network", "Redirect Host", "Redirect Type of Service and Network"][
      code
    ];
    return `${what ?? "Redirect"}(New nexthop: ${formatIpv4(info)})`;
  }
  if (type === 11)
    return code === 0
      ? "Time to live exceeded"
      : code === 1
        ? "Frag reassembly time exceeded"
        : `Time exceeded, Bad Code: ${code}`;
  if (type === 12) return `Parameter problem: pointer = ${info}`;
  return `Bad ICMP type: ${type}`;
}
