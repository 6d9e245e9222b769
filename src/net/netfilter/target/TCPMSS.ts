import { set8, set16, u8, u16 } from "../../../wire/bytes.ts";
import { adjust16, adjust32 } from "../../../wire/checksum.ts";
import { IPPROTO_TCP } from "../../../wire/ipv4.ts";
import { TCP_HLEN, Tcp, TH_SYN } from "../../../wire/tcp.ts";
import { ipRouteOutput } from "../../fib/output.ts";
import { flow, RouteError } from "../../fib/route.ts";
import type { Skb } from "../../skb.ts";
import { defineTarget, type XtParam, XtRefused, XtUsageError } from "../extension.ts";
import { parseOptionNumber } from "../number.ts";
import { value } from "../option.ts";

const HEADERS = 40;
/** RFC 879 §3: what holds when a SYN says nothing. */
const DEFAULT_MSS = 536;

function mtuOf(route: { mtu: number; dev: { mtu: number } } | null): number {
  return route ? route.mtu || route.dev.mtu : 0xffff;
}

/** The smaller of the path's two directions (linux: xt_TCPMSS.c, tcpmss_reverse_mtu). */
function clampedMss(skb: Skb, par: XtParam): number {
  const back = ipRouteOutput(par.ns, flow({ dst: skb.ip.src, mark: skb.mark }));
  const mtu = Math.min(mtuOf(skb.route), back instanceof RouteError ? 0xffff : mtuOf(back));
  return mtu - HEADERS;
}

/** Put an MSS option before the others: the packet grows by four bytes. */
function insertMss(skb: Skb, at: number, mss: number): void {
  const data = new Uint8Array(skb.data.length + 4);
  data.set(skb.data.subarray(0, at + TCP_HLEN));
  data.set(skb.data.subarray(at + TCP_HLEN), at + TCP_HLEN + 4);
  skb.data = data;
  skb.tail += 4;
  const option = at + TCP_HLEN;
  set8(data, option, 2);
  set8(data, option + 1, 4);
  set16(data, option + 2, mss);
  const length = skb.tail - at;
  // The pseudo header's length, the option, and the data offset.
  adjust16(data, at + 16, length - 4, length);
  adjust32(data, at + 16, 0, (0x0204 << 16) | mss);
  const old = u16(data, at + 12);
  set8(data, at + 12, u8(data, at + 12) + 0x10);
  adjust16(data, at + 16, old, u16(data, at + 12));
  const total = skb.ip.totalLength;
  set16(data, skb.network + 2, total + 4);
  adjust16(data, skb.network + 10, total, total + 4);
}

/** linux: net/netfilter/xt_TCPMSS.c, tcpmss_mangle_packet */
function mangle(skb: Skb, at: number, mss: number): void {
  const { data } = skb;
  const end = at + (u8(data, at + 12) >> 4) * 4;
  for (let i = at + TCP_HLEN; i + 3 < end; ) {
    const kind = u8(data, i);
    if (kind === 0) break;
    if (kind === 2 && u8(data, i + 1) === 4) {
      const old = u16(data, i + 2);
      // Never larger than what was asked for.
      if (old <= mss) return;
      set16(data, i + 2, mss);
      // An option may stand at an odd place; the sum is over pairs from the header's start.
      if ((i - at) % 2 === 0) adjust16(data, at + 16, old, mss);
      else adjust16(data, at + 16, swap(old), swap(mss));
      return;
    }
    i += kind === 1 ? 1 : Math.max(u8(data, i + 1), 1);
  }
  if (skb.tail > end || end - at >= 60) return;
  insertMss(skb, at, Math.min(mss, DEFAULT_MSS));
}

function swap(word: number): number {
  return ((word & 255) << 8) | (word >> 8);
}

/** The rule must ask for SYN: a tcp match whose flags contain it. */
function asksForSyn(info: unknown): boolean {
  const tcp = info as { flags: number; flagsInvert: boolean };
  return (tcp.flags & TH_SYN) !== 0 && !tcp.flagsInvert;
}

export default defineTarget<{ mss: number | "pmtu" }>({
  name: "TCPMSS",
  linux: "net/netfilter/xt_TCPMSS.c",
  help:
    "TCPMSS target options, one of:\n" +
    "  --set-mss value        the maximum segment size of a SYN\n" +
    "  --clamp-mss-to-pmtu    what fits the path\n",
  protocol: IPPROTO_TCP,
  options: [
    { name: "set-mss", args: 1, invert: false },
    { name: "clamp-mss-to-pmtu", args: 0, invert: false },
  ],
  parse(options) {
    const last = options[options.length - 1];
    if (!last) throw new XtUsageError("TCPMSS target: At least one parameter is required");
    if (last.name === "clamp-mss-to-pmtu") return { mss: "pmtu" };
    return { mss: parseOptionNumber("TCPMSS", "set-mss", value(last), 0, 65535 - 20) };
  },
  save: (info) => (info.mss === "pmtu" ? " --clamp-mss-to-pmtu" : ` --set-mss ${info.mss}`),
  print: (info) => (info.mss === "pmtu" ? " TCPMSS clamp to PMTU" : ` TCPMSS set ${info.mss}`),
  check(info, place) {
    const early = place.hooks.some((hook) => hook === "PREROUTING" || hook === "INPUT");
    if (info.mss === "pmtu" && early)
      throw new XtRefused(
        "xt_TCPMSS: path-MTU clamping only supported in FORWARD, OUTPUT and POSTROUTING hooks",
      );
    const syn = place.rule.matches.some(
      (match) => match.extension.name === "tcp" && asksForSyn(match.info),
    );
    if (!syn) throw new XtRefused("xt_TCPMSS: Only works on TCP SYN packets");
  },
  apply(info, skb, par) {
    if (par.fragOffset !== 0) return "CONTINUE";
    if (!Tcp.check(skb.data, par.thoff, skb.tail)) return "DROP";
    // All of it is made writable (linux: skb_ensure_writable).
    skb.forgetPieces();
    const mss = info.mss === "pmtu" ? clampedMss(skb, par) : info.mss;
    if (mss > 0) mangle(skb, par.thoff, mss);
    return "CONTINUE";
  },
  examples: [
    [
      "-p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 42",
      "-p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 42",
    ],
    ["-p tcp -j TCPMSS --set-mss 42", null],
    ["-j TCPMSS", null],
  ],
});
