import { hex } from "../../../base/text.ts";
import { Ev } from "../../../sim/trace.ts";
import { formatIpv4 } from "../../../wire/address.ts";
import { u8, u16 } from "../../../wire/bytes.ts";
import { IPPROTO_TCP, IPPROTO_UDP } from "../../../wire/ipv4.ts";
import { TH_ACK, TH_FIN, TH_RST, TH_SYN } from "../../../wire/tcp.ts";
import { defragDisable, defragEnable } from "../../conntrack/core.ts";
import type { NetDevice } from "../../device/device.ts";
import { setMark } from "../../mark.ts";
import { tcpLookupEstablished, tcpLookupListener, udpLookup } from "../../socket/lookup.ts";
import type { Sock } from "../../socket/sock.ts";
import { defineTarget, XtRefused } from "../extension.ts";
import { parseValueMask } from "../number.ts";
import { given, parseHost, parsePortName, value } from "../option.ts";

interface TproxyInfo {
  port: number;
  /** 0: the address that the packet came in for, or the device's. */
  address: number;
  mark: number;
  mask: number;
}

/** linux: include/net/netfilter/nf_tproxy.h, nf_tproxy_laddr4 */
function localAddress(wanted: number, dev: NetDevice | null, daddr: number): number {
  if (wanted) return wanted;
  return dev?.addresses.find((address) => !address.secondary)?.local ?? daddr;
}

/** A TCP connection that is over but for its last segments. */
function isTimeWait(sk: Sock): boolean {
  return sk.protocol === IPPROTO_TCP && "state" in sk && sk.state === "TIME-WAIT";
}

export default defineTarget<TproxyInfo>({
  name: "TPROXY",
  linux: "net/netfilter/xt_TPROXY.c",
  help:
    "TPROXY target options:\n" +
    "  --on-port port               hand it to the socket on this port; 0: its own\n" +
    "  --on-ip ip                   and on this address\n" +
    "  --tproxy-mark value[/mask]   and mark it\n",
  tables: ["mangle"],
  hooks: ["PREROUTING"],
  options: [
    { name: "on-port", args: 1, invert: false, required: true },
    { name: "on-ip", args: 1, invert: false },
    { name: "tproxy-mark", args: 1, invert: false },
  ],
  parse(options, context) {
    const port = given(options, "on-port");
    const address = given(options, "on-ip");
    const mark = given(options, "tproxy-mark");
    const parsed = mark
      ? parseValueMask("TPROXY", "tproxy-mark", value(mark))
      : { value: 0, mask: 0 };
    return {
      port: port ? parsePortName(value(port)) : 0,
      address: address ? parseHost(value(address), context) : 0,
      mark: parsed.value,
      mask: parsed.mask,
    };
  },
  save: (info) =>
    ` --on-port ${info.port} --on-ip ${formatIpv4(info.address)} --tproxy-mark 0x${hex(info.mark)}/0x${hex(info.mask)}`,
  print: (info) =>
    ` TPROXY redirect ${formatIpv4(info.address)}:${info.port} mark 0x${hex(info.mark)}/0x${hex(info.mask)}`,
  attach: (_info, ns) => defragEnable(ns),
  detach: (_info, ns) => defragDisable(ns),
  check(_info, { rule }) {
    const fits = rule.protocol === IPPROTO_TCP || rule.protocol === IPPROTO_UDP;
    if (!fits || rule.protocolInvert)
      throw new XtRefused("xt_TPROXY: Can be used only with -p tcp or -p udp");
  },
  apply(info, skb, par) {
    const { ns, thoff } = par;
    const ip = skb.ip;
    if (par.fragOffset !== 0 || skb.tail - thoff < 8) return "DROP";
    const sport = u16(skb.data, thoff);
    const dport = u16(skb.data, thoff + 2);
    const address = localAddress(info.address, par.in, ip.dst);
    const port = info.port || dport;
    let sk: Sock | null;
    if (ip.protocol === IPPROTO_TCP) {
      // First, a connection that is already under way: it keeps its own addresses.
      sk = tcpLookupEstablished(ns, ip.src, sport, ip.dst, dport, par.in);
      const flags = skb.tail - thoff > 13 ? u8(skb.data, thoff + 13) : 0;
      const opening = (flags & (TH_SYN | TH_RST | TH_ACK | TH_FIN)) === TH_SYN;
      if (sk && isTimeWait(sk) && opening) {
        // nf_tproxy_handle_time_wait4: a new SYN is for the listener, and the old entry makes room.
        const listener = tcpLookupListener(ns, address, port, par.in, ip.src, sport);
        if (listener) {
          sk.close();
          sk = listener;
        }
      }
      sk ??= tcpLookupListener(ns, address, port, par.in, ip.src, sport);
    } else {
      const connected = udpLookup(ns, ip.src, sport, ip.dst, dport, par.in);
      sk = connected && connected.dst !== 0 && connected.src !== 0 ? connected : null;
      if (!sk) {
        const bound = udpLookup(ns, ip.src, sport, address, port, par.in);
        sk = bound && bound.dst === 0 ? bound : null;
      }
    }
    if (!sk?.transparent) return "DROP";
    setMark(ns, skb, ((skb.mark & ~info.mask) ^ info.mark) >>> 0);
    skb.sk = sk;
    skb.skAssigned = true;
    ns.trace.emit(Ev.TPROXY, ns.id, skb.id, sk.id, address, port);
    return "ACCEPT";
  },
  examples: [
    [
      "-p tcp -j TPROXY --on-port 15001 --on-ip 127.0.0.1 --tproxy-mark 0x400/0xfff",
      "-p tcp -j TPROXY --on-port 15001 --on-ip 127.0.0.1 --tproxy-mark 0x400/0xfff",
    ],
    [
      "-p udp -j TPROXY --on-port 53",
      "-p udp -j TPROXY --on-port 53 --on-ip 0.0.0.0 --tproxy-mark 0x0/0x0",
    ],
    ["-j TPROXY --on-port 80", null],
    ["-p tcp -j TPROXY", null],
  ],
});
