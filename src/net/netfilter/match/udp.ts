import { u16 } from "../../../wire/bytes.ts";
import { IPPROTO_UDP } from "../../../wire/ipv4.ts";
import { UDP_HLEN } from "../../../wire/udp.ts";
import { defineMatch } from "../extension.ts";
import { not, parsePortRange, rangeText, value } from "../option.ts";
import { portsText } from "../ports.ts";

interface UdpInfo {
  src: [number, number];
  srcInvert: boolean;
  dst: [number, number];
  dstInvert: boolean;
}

export default defineMatch<UdpInfo>({
  name: "udp",
  linux: "net/netfilter/xt_tcpudp.c",
  help:
    "udp match options:\n" +
    "[!] --source-port port[:port]        source port, or range (also --sport)\n" +
    "[!] --destination-port port[:port]   destination port, or range (also --dport)\n",
  protocol: IPPROTO_UDP,
  options: [
    { name: "source-port", alias: "sport", args: 1, invert: true },
    { name: "destination-port", alias: "dport", args: 1, invert: true },
  ],
  parse(options) {
    const info: UdpInfo = {
      src: [0, 0xffff],
      srcInvert: false,
      dst: [0, 0xffff],
      dstInvert: false,
    };
    for (const option of options)
      if (option.name === "source-port") {
        info.src = parsePortRange("udp", option.name, value(option));
        info.srcInvert = option.invert;
      } else {
        info.dst = parsePortRange("udp", option.name, value(option));
        info.dstInvert = option.invert;
      }
    return info;
  },
  save(info) {
    let text = "";
    if (info.src[0] !== 0 || info.src[1] !== 0xffff)
      text += `${not(info.srcInvert)} --sport ${rangeText(...info.src)}`;
    if (info.dst[0] !== 0 || info.dst[1] !== 0xffff)
      text += `${not(info.dstInvert)} --dport ${rangeText(...info.dst)}`;
    return text;
  },
  print: (info, numeric) =>
    ` udp${portsText("spt", info.src, info.srcInvert, "udp", numeric)}` +
    portsText("dpt", info.dst, info.dstInvert, "udp", numeric),
  matches(info, skb, par) {
    if (par.fragOffset !== 0) return false;
    if (skb.tail - par.thoff < UDP_HLEN) {
      par.hotDrop = true;
      return false;
    }
    const sport = u16(skb.data, par.thoff);
    const dport = u16(skb.data, par.thoff + 2);
    return (
      (sport >= info.src[0] && sport <= info.src[1]) !== info.srcInvert &&
      (dport >= info.dst[0] && dport <= info.dst[1]) !== info.dstInvert
    );
  },
  examples: [
    ["-p udp --dport 53", "-p udp -m udp --dport 53"],
    ["-p udp -m udp ! --sport 1:2", "-p udp -m udp ! --sport 1:2"],
    ["-m udp --dport 53", null],
  ],
});
