import { u16 } from "../../../wire/bytes.ts";
import { ICMP_HLEN, Icmp } from "../../../wire/icmp.ts";
import { IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP, IPV4_HLEN, Ipv4 } from "../../../wire/ipv4.ts";
import { defragDisable, defragEnable } from "../../conntrack/core.ts";
import { setMark } from "../../mark.ts";
import type { Skb } from "../../skb.ts";
import { tcpLookup, udpLookup } from "../../socket/lookup.ts";
import type { Sock } from "../../socket/sock.ts";
import { defineMatch, type XtParam } from "../extension.ts";
import { given } from "../option.ts";

interface SocketInfo {
  transparent: boolean;
  noWildcard: boolean;
  restoreMark: boolean;
}

function save(info: SocketInfo): string {
  return (
    (info.transparent ? " --transparent" : "") +
    (info.noWildcard ? " --nowildcard" : "") +
    (info.restoreMark ? " --restore-skmark" : "")
  );
}

/** linux: net/ipv4/netfilter/nf_socket_ipv4.c, nf_sk_lookup_slow_v4 */
function lookup(skb: Skb, par: XtParam): Sock | null {
  const ip = skb.ip;
  if (skb.tail - par.thoff < 4 || par.fragOffset !== 0) return null;
  if (ip.protocol === IPPROTO_ICMP) return lookupQuoted(skb, par);
  const sport = u16(skb.data, par.thoff);
  const dport = u16(skb.data, par.thoff + 2);
  if (ip.protocol === IPPROTO_TCP) return tcpLookup(par.ns, ip.src, sport, ip.dst, dport, par.in);
  if (ip.protocol === IPPROTO_UDP) return udpLookup(par.ns, ip.src, sport, ip.dst, dport, par.in);
  return null;
}

/** An error is for who has sent the packet that it quotes (linux: extract_icmp4_fields). */
function lookupQuoted(skb: Skb, par: XtParam): Sock | null {
  const inner = par.thoff + ICMP_HLEN;
  if (skb.tail - inner < IPV4_HLEN || !Icmp.isError(new Icmp(skb.data, par.thoff).type))
    return null;
  const quoted = new Ipv4(skb.data, inner);
  const at = quoted.payload;
  if (skb.tail - at < 4) return null;
  const find =
    quoted.protocol === IPPROTO_TCP
      ? tcpLookup
      : quoted.protocol === IPPROTO_UDP
        ? udpLookup
        : null;
  const [ours, theirs] = [u16(skb.data, at), u16(skb.data, at + 2)];
  return find?.(par.ns, quoted.dst, theirs, quoted.src, ours, par.in) ?? null;
}

export default defineMatch<SocketInfo>({
  name: "socket",
  linux: "net/netfilter/xt_socket.c",
  help:
    "socket match options:\n" +
    "  --transparent      only a socket with IP_TRANSPARENT\n" +
    "  --nowildcard       also a listener that is bound to no address\n" +
    "  --restore-skmark   give the packet the socket's mark\n",
  hooks: ["PREROUTING", "INPUT"],
  options: [
    { name: "transparent", args: 0, invert: false },
    { name: "nowildcard", args: 0, invert: false },
    { name: "restore-skmark", args: 0, invert: false },
  ],
  parse: (options) => ({
    transparent: given(options, "transparent") !== undefined,
    noWildcard: given(options, "nowildcard") !== undefined,
    restoreMark: given(options, "restore-skmark") !== undefined,
  }),
  save,
  print: (info) => ` socket${save(info)}`,
  matches(info, skb, par) {
    const sk = skb.sk && skb.sk.ns === par.ns ? skb.sk : lookup(skb, par);
    if (!sk) return false;
    // A listener on 0.0.0.0 is nobody's in particular, unless --nowildcard takes it.
    const wildcard = !info.noWildcard && sk.src === 0;
    if (wildcard || (info.transparent && !sk.transparent)) return false;
    if (info.restoreMark) setMark(par.ns, skb, sk.mark);
    return true;
  },
  attach: (_info, ns) => defragEnable(ns),
  detach: (_info, ns) => defragDisable(ns),
  examples: [
    ["-m socket", "-m socket"],
    ["-m socket --restore-skmark --transparent", "-m socket --transparent --restore-skmark"],
    ["-m socket ! --transparent", null],
  ],
});
