import { isMulticast } from "../../../wire/address.ts";
import type { PacketType } from "../../skb.ts";
import { defineMatch, XtUsageError } from "../extension.ts";
import { not, value } from "../option.ts";

const TYPES: readonly (readonly [string, PacketType])[] = [
  ["unicast", "HOST"],
  ["broadcast", "BROADCAST"],
  ["multicast", "MULTICAST"],
  ["otherhost", "OTHERHOST"],
  ["bcast", "BROADCAST"],
  ["mcast", "MULTICAST"],
  ["host", "HOST"],
];

function typeText(type: PacketType): string {
  return TYPES.find(([, known]) => known === type)?.[0] ?? type;
}

export default defineMatch<{ type: PacketType; invert: boolean }>({
  name: "pkttype",
  linux: "net/netfilter/xt_pkttype.c",
  help: "pkttype match options:\n[!] --pkt-type {unicast|broadcast|multicast|otherhost}\n",
  options: [{ name: "pkt-type", args: 1, invert: true, required: true }],
  parse([option]) {
    const text = option ? value(option) : "";
    const known = TYPES.find(([name]) => name === text.toLowerCase());
    if (!known) throw new XtUsageError(`Bad packet type '${text}'`);
    return { type: known[1], invert: option?.invert ?? false };
  },
  save: (info) => `${not(info.invert)} --pkt-type ${typeText(info.type)}`,
  print: (info) => ` PKTTYPE ${info.invert ? "!" : ""}= ${typeText(info.type)}`,
  matches(info, skb) {
    let type = skb.pktType;
    // Of what we hear of ourselves, the address tells (linux: xt_pkttype.c).
    if (type === "LOOPBACK") type = isMulticast(skb.ip.dst) ? "MULTICAST" : "BROADCAST";
    return (type === info.type) !== info.invert;
  },
  examples: [
    ["-m pkttype --pkt-type unicast", "-m pkttype --pkt-type unicast"],
    ["-m pkttype ! --pkt-type bcast", "-m pkttype ! --pkt-type broadcast"],
    ["-m pkttype", null],
  ],
});
