import { u16 } from "../../../wire/bytes.ts";
import { defineMatch, type GivenOption, XtUsageError } from "../extension.ts";
import { not, parsePort, portText, value } from "../option.ts";

/** linux: include/uapi/linux/netfilter/xt_multiport.h, XT_MULTI_PORTS; a range takes two places */
const MAX_PORTS = 15;
const TRANSPORTS: Record<number, string> = {
  6: "tcp",
  17: "udp",
  33: "dccp",
  132: "sctp",
  136: "udplite",
};

interface MultiportInfo {
  side: "sports" | "dports" | "ports";
  ranges: [number, number][];
  transport: string;
  invert: boolean;
}

function transportOf(option: GivenOption): string {
  const transport = TRANSPORTS[option.protocol];
  if (!option.protocolInverted && transport !== undefined) return transport;
  throw new XtUsageError(
    option.protocolInverted || option.protocol !== 0
      ? "multiport only works with TCP, UDP, UDPLITE, SCTP and DCCP"
      : "multiport needs `-p tcp', `-p udp', `-p udplite', `-p sctp' or `-p dccp'",
  );
}

function parsePorts(text: string, transport: string): [number, number][] {
  const ranges: [number, number][] = [];
  let places = 0;
  for (const word of text.split(",")) {
    const colon = word.indexOf(":");
    if (places >= MAX_PORTS || (colon >= 0 && places === MAX_PORTS - 1))
      throw new XtUsageError("too many ports specified");
    if (colon < 0) {
      const port = parsePort(word, transport);
      ranges.push([port, port]);
      places++;
      continue;
    }
    const min = parsePort(word.slice(0, colon), transport);
    const max = parsePort(word.slice(colon + 1), transport);
    if (min >= max) throw new XtUsageError("invalid portrange specified");
    ranges.push([min, max]);
    places += 2;
  }
  return ranges;
}

function portsText(info: MultiportInfo, numeric: boolean): string {
  const one = (port: number): string => portText(port, info.transport, numeric);
  return info.ranges
    .map(([min, max]) => (min === max ? one(min) : `${one(min)}:${one(max)}`))
    .join(",");
}

const EXCLUSIVE = ["source-ports", "destination-ports", "ports"];

export default defineMatch<MultiportInfo>({
  name: "multiport",
  linux: "net/netfilter/xt_multiport.c",
  help:
    "multiport match options:\n" +
    "[!] --source-ports port[,port:port...]        source ports (also --sports)\n" +
    "[!] --destination-ports port[,port:port...]   destination ports (also --dports)\n" +
    "[!] --ports port[,port:port...]               either\n",
  options: [
    { name: "source-ports", alias: "sports", args: 1, invert: true, excludes: EXCLUSIVE },
    { name: "destination-ports", alias: "dports", args: 1, invert: true, excludes: EXCLUSIVE },
    { name: "ports", args: 1, invert: true, excludes: EXCLUSIVE },
  ],
  parse([option]) {
    if (!option) throw new XtUsageError("multiport expection an option");
    const transport = transportOf(option);
    const side =
      option.name === "ports" ? "ports" : option.name === "source-ports" ? "sports" : "dports";
    return { side, ranges: parsePorts(value(option), transport), transport, invert: option.invert };
  },
  save: (info) => `${not(info.invert)} --${info.side} ${portsText(info, true)}`,
  print: (info, numeric) =>
    ` multiport ${info.side} ${info.invert ? " !" : ""}${portsText(info, numeric)}`,
  matches(info, skb, par) {
    if (par.fragOffset !== 0) return false;
    if (skb.tail - par.thoff < 4) {
      par.hotDrop = true;
      return false;
    }
    const src = u16(skb.data, par.thoff);
    const dst = u16(skb.data, par.thoff + 2);
    let found = false;
    for (const [min, max] of info.ranges) {
      if (info.side !== "dports" && src >= min && src <= max) found = true;
      if (info.side !== "sports" && dst >= min && dst <= max) found = true;
    }
    return found !== info.invert;
  },
  examples: [
    [
      "-p tcp -m multiport --dports 80,443,8000:8080",
      "-p tcp -m multiport --dports 80,443,8000:8080",
    ],
    ["-p udp -m multiport ! --ports 53", "-p udp -m multiport ! --ports 53"],
    ["-m multiport --dports 80", null],
    ["-p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16", null],
  ],
});
