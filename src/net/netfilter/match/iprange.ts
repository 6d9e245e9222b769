import { formatIpv4 } from "../../../wire/address.ts";
import { defineMatch, XtUsageError } from "../extension.ts";
import { given, not, numericAddress, value } from "../option.ts";

interface Range {
  min: number;
  max: number;
  invert: boolean;
}

function parseRange(
  text: string,
  option: string,
  warnings: string[],
): { min: number; max: number } {
  const dash = text.indexOf("-");
  const parts = dash < 0 ? [text, text] : [text.slice(0, dash), text.slice(dash + 1)];
  const [min = 0, max = 0] = parts.map((part) => {
    const address = numericAddress(part);
    if (address === null)
      throw new XtUsageError(`iprange: Bad value for "--${option}" option: "${part}"`);
    return address;
  });
  if (min > max) warnings.push(`xt_iprange: range ${text} is reversed and will never match`);
  return { min, max };
}

function rangeText(label: string, range: Range | null): string {
  if (!range) return "";
  return `${not(range.invert)}${label} ${formatIpv4(range.min)}-${formatIpv4(range.max)}`;
}

export default defineMatch<{ src: Range | null; dst: Range | null }>({
  name: "iprange",
  linux: "net/netfilter/xt_iprange.c",
  help:
    "iprange match options:\n" +
    "[!] --src-range ip[-ip]    the source address is one of these\n" +
    "[!] --dst-range ip[-ip]    the destination address is one of these\n",
  options: [
    { name: "src-range", args: 1, invert: true },
    { name: "dst-range", args: 1, invert: true },
  ],
  parse(options, context) {
    const range = (name: string): Range | null => {
      const option = given(options, name);
      if (!option) return null;
      return { ...parseRange(value(option), name, context.warnings), invert: option.invert };
    };
    if (options.length === 0)
      throw new XtUsageError("iprange match: You must specify `--src-range' or `--dst-range'");
    return { src: range("src-range"), dst: range("dst-range") };
  },
  save: (info) => rangeText(" --src-range", info.src) + rangeText(" --dst-range", info.dst),
  print: (info) =>
    (info.src ? ` source IP range${rangeText("", info.src)}` : "") +
    (info.dst ? ` destination IP range${rangeText("", info.dst)}` : ""),
  matches(info, skb) {
    const ip = skb.ip;
    const { src, dst } = info;
    if (src && (ip.src >= src.min && ip.src <= src.max) === src.invert) return false;
    return !dst || (ip.dst >= dst.min && ip.dst <= dst.max) !== dst.invert;
  },
  examples: [
    ["-m iprange --src-range 1.1.1.1-1.1.1.10", "-m iprange --src-range 1.1.1.1-1.1.1.10"],
    ["-m iprange ! --dst-range 2.2.2.2", "-m iprange ! --dst-range 2.2.2.2-2.2.2.2"],
    ["-m iprange", null],
  ],
});
