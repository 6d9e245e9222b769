import { u8, u16 } from "../../../wire/bytes.ts";
import {
  ICMP_DEST_UNREACH,
  ICMP_HOST_ANO,
  ICMP_HOST_UNREACH,
  ICMP_NET_ANO,
  ICMP_NET_UNREACH,
  ICMP_PKT_FILTERED,
  ICMP_PORT_UNREACH,
  ICMP_PROT_UNREACH,
} from "../../../wire/icmp.ts";
import { IPPROTO_GRE, IPPROTO_TCP, IPPROTO_UDP } from "../../../wire/ipv4.ts";
import { icmpSend } from "../../ipv4/icmp.ts";
import type { Skb } from "../../skb.ts";
import { checksumRight } from "../checksum.ts";
import { defineTarget, type XtParam, XtRefused, XtUsageError } from "../extension.ts";
import { value } from "../option.ts";
import { sendReset } from "../reset.ts";

/** Name, short name, ICMP code (-1: a TCP reset); in the kernel's order. */
const KINDS: readonly (readonly [string, string, number])[] = [
  ["icmp-net-unreachable", "net-unreach", ICMP_NET_UNREACH],
  ["icmp-host-unreachable", "host-unreach", ICMP_HOST_UNREACH],
  ["icmp-proto-unreachable", "proto-unreach", ICMP_PROT_UNREACH],
  ["icmp-port-unreachable", "port-unreach", ICMP_PORT_UNREACH],
  ["icmp-net-prohibited", "net-prohib", ICMP_NET_ANO],
  ["icmp-host-prohibited", "host-prohib", ICMP_HOST_ANO],
  ["tcp-reset", "tcp-rst", -1],
  ["icmp-admin-prohibited", "admin-prohib", ICMP_PKT_FILTERED],
];

/**
 * Only what came in whole is answered; other protocols than those with a sum of their own are taken
 * to have one over everything (linux: net/ipv4/netfilter/nf_reject_ipv4.c, nf_send_unreach).
 */
function sendUnreach(skb: Skb, code: number, par: XtParam): void {
  const ip = skb.ip;
  if (ip.fragmentOffset) return;
  const known = skb.sumRight || !hasSum(skb, ip.protocol, ip.payload, ip.end);
  if (!known && !checksumRight(skb, par.hook, ip.protocol)) return;
  icmpSend(par.ns, skb, ICMP_DEST_UNREACH, code, 0);
}

/** linux: nf_reject_verify_csum */
function hasSum(skb: Skb, protocol: number, at: number, end: number): boolean {
  if (UNSUMMED.includes(protocol)) return false;
  if (protocol === IPPROTO_GRE) return end - at >= 4 && (u8(skb.data, at) & 0x80) !== 0;
  return protocol !== IPPROTO_UDP || end - at < 8 || u16(skb.data, at + 6) !== 0;
}

/** DCCP, ESP, AH, SCTP, UDP-Lite. */
const UNSUMMED = [33, 50, 51, 132, 136];

export default defineTarget<{ kind: string; code: number }>({
  name: "REJECT",
  linux: "net/ipv4/netfilter/ipt_REJECT.c",
  help: `REJECT target options:\n--reject-with type    what to answer:\n${KINDS.map(([name]) => `    ${name}\n`).join("")}`,
  tables: ["filter"],
  hooks: ["INPUT", "FORWARD", "OUTPUT"],
  options: [{ name: "reject-with", args: 1, invert: false }],
  parse([option], context) {
    if (!option) return { kind: "icmp-port-unreachable", code: ICMP_PORT_UNREACH };
    const text = value(option).toLowerCase();
    const found = KINDS.find(([name, short]) => name.startsWith(text) || short.startsWith(text));
    if (found) return { kind: found[0], code: found[2] };
    if ("echo-reply".startsWith(text) || "echoreply".startsWith(text))
      context.warnings.push("--reject-with echo-reply no longer supported");
    throw new XtUsageError(`unknown reject type "${value(option)}"`);
  },
  save: (info) => ` --reject-with ${info.kind}`,
  print: (info) => ` reject-with ${info.kind}`,
  check(info, { rule }) {
    if (info.code === -1 && (rule.protocol !== IPPROTO_TCP || rule.protocolInvert))
      throw new XtRefused("ipt_REJECT: TCP_RESET invalid for non-tcp");
  },
  apply(info, skb, par) {
    if (info.code === -1) sendReset(par.ns, skb, par.hook);
    else sendUnreach(skb, info.code, par);
    return "DROP";
  },
  examples: [
    ["-j REJECT", "-j REJECT --reject-with icmp-port-unreachable"],
    [
      "-j REJECT --reject-with icmp-net-unreachable",
      "-j REJECT --reject-with icmp-net-unreachable",
    ],
    ["-p tcp -j REJECT --reject-with tcp-reset", "-p tcp -j REJECT --reject-with tcp-reset"],
    ["-j REJECT --reject-with tcp-reset", null],
    ["-j REJECT --reject-with nothing", null],
  ],
});
