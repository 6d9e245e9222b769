import { formatIpv4 } from "../../../wire/address.ts";
import {
  type Conntrack,
  entryOf,
  IPS_ASSURED,
  IPS_CONFIRMED,
  IPS_EXPECTED,
  IPS_SEEN_REPLY,
} from "../../conntrack/entry.ts";
import { IP_CT_IS_REPLY } from "../../skb.ts";
import {
  defineMatch,
  type GivenOption,
  type NameService,
  type XtContext,
  XtUsageError,
} from "../extension.ts";
import { parseProtocol } from "../names.ts";
import { parseOptionRange } from "../number.ts";
import {
  addressText,
  given,
  maskText,
  not,
  parseHostMask,
  parsePortRange,
  rangeText,
  value,
} from "../option.ts";
import { CT_STATES, parseStates, stateBit, statesText } from "../state.ts";

const STATUSES: readonly (readonly [string, number])[] = [
  ["EXPECTED", IPS_EXPECTED],
  ["SEEN_REPLY", IPS_SEEN_REPLY],
  ["ASSURED", IPS_ASSURED],
  ["CONFIRMED", IPS_CONFIRMED],
];

function parseStatuses(text: string): number {
  let mask = 0;
  const words = text.split(",");
  for (let i = 0; i < words.length; i++) {
    const word = (words[i] as string).toUpperCase();
    const known = STATUSES.find(([name]) => name.startsWith(word));
    if (word === "" || !(known || "NONE".startsWith(word)))
      throw new XtUsageError(`Bad ctstatus "${words.slice(i).join(",")}"`);
    if (!"NONE".startsWith(word)) mask |= known?.[1] ?? 0;
  }
  return mask;
}

interface Asked<T> {
  value: T;
  invert: boolean;
}

interface Address {
  address: number;
  mask: number;
}

/** Which tuple, and which end of it. */
const ADDRESSES = [
  ["ctorigsrc", 0, "src"],
  ["ctorigdst", 0, "dst"],
  ["ctreplsrc", 1, "src"],
  ["ctrepldst", 1, "dst"],
] as const;
const PORTS = [
  ["ctorigsrcport", 0, "srcPort"],
  ["ctorigdstport", 0, "dstPort"],
  ["ctreplsrcport", 1, "srcPort"],
  ["ctrepldstport", 1, "dstPort"],
] as const;

interface ConntrackInfo {
  states: Asked<number> | null;
  protocol: Asked<number> | null;
  /** In the order of ADDRESSES. */
  addresses: (Asked<Address> | null)[];
  ports: (Asked<[number, number]> | null)[];
  status: Asked<number> | null;
  expires: Asked<[number, number]> | null;
  /** "ORIGINAL" or "REPLY" */
  direction: 0 | 1 | null;
}

function asked<T>(
  options: readonly GivenOption[],
  name: string,
  parse: (text: string) => T,
): Asked<T> | null {
  const option = given(options, name);
  return option ? { value: parse(value(option)), invert: option.invert } : null;
}

function text(
  info: ConntrackInfo,
  prefix: string,
  numeric: boolean,
  names: NameService | null,
): string {
  let out = "";
  const put = <T>(
    name: string,
    ask: Asked<T> | null | undefined,
    words: (asked: T) => string,
  ): void => {
    if (ask) out += `${not(ask.invert)} ${prefix}${name} ${words(ask.value)}`;
  };
  const addressWords = ({ address, mask }: Address): string => {
    if (!numeric && address === 0) return "anywhere";
    const shown = names ? addressText(address, numeric, names) : formatIpv4(address);
    return shown + maskText(mask);
  };
  put("ctstate", info.states, statesText);
  put("ctproto", info.protocol, String);
  ADDRESSES.forEach(([name], i) => {
    put(name, info.addresses[i], addressWords);
  });
  PORTS.forEach(([name], i) => {
    put(name, info.ports[i], (range) => rangeText(...range));
  });
  put("ctstatus", info.status, (mask) => {
    const words = STATUSES.filter(([, bit]) => mask & bit).map(([name]) => name);
    return words.join(",") || "NONE";
  });
  put("ctexpire", info.expires, (range) => rangeText(...range));
  if (info.direction !== null) out += ` ${prefix}ctdir ${info.direction ? "REPLY" : "ORIGINAL"}`;
  return out;
}

/** linux: xt_conntrack.c, conntrack_mt, after the state */
function entryMatches(info: ConntrackInfo, ct: Conntrack, ctinfo: number, now: number): boolean {
  if (info.direction !== null && (ctinfo >= IP_CT_IS_REPLY ? 1 : 0) !== info.direction)
    return false;
  const original = ct.tuples[0];
  if (info.protocol && (original.protocol === info.protocol.value) === info.protocol.invert)
    return false;
  for (let i = 0; i < 4; i++) {
    const address = info.addresses[i];
    const [, tuple, end] = ADDRESSES[i] as (typeof ADDRESSES)[number];
    if (address) {
      const same = ((ct.tuples[tuple][end] ^ address.value.address) & address.value.mask) === 0;
      if (same === address.invert) return false;
    }
    const port = info.ports[i];
    const [, portTuple, portEnd] = PORTS[i] as (typeof PORTS)[number];
    if (port) {
      const is = ct.tuples[portTuple][portEnd];
      if ((is >= port.value[0] && is <= port.value[1]) === port.invert) return false;
    }
  }
  if (info.status && ((ct.status & info.status.value) !== 0) === info.status.invert) return false;
  if (info.expires) {
    const left = Math.max(0, Math.floor((ct.expires - now) / 1e9));
    const [min, max] = info.expires.value;
    if ((left >= min && left <= max) === info.expires.invert) return false;
  }
  return true;
}

export default defineMatch<ConntrackInfo>({
  name: "conntrack",
  linux: "net/netfilter/xt_conntrack.c",
  help:
    "conntrack match options:\n" +
    `[!] --ctstate ${CT_STATES.join(",")}\n` +
    "[!] --ctproto proto\n" +
    "[!] --ctorigsrc, --ctorigdst, --ctreplsrc, --ctrepldst address[/mask]\n" +
    "[!] --ctorigsrcport, --ctorigdstport, --ctreplsrcport, --ctrepldstport port[:port]\n" +
    "[!] --ctstatus NONE,EXPECTED,SEEN_REPLY,ASSURED,CONFIRMED\n" +
    "[!] --ctexpire seconds[:seconds]\n" +
    "    --ctdir {ORIGINAL|REPLY}\n",
  needsConntrack: true,
  options: [
    { name: "ctstate", args: 1, invert: true },
    { name: "ctproto", args: 1, invert: true },
    ...ADDRESSES.map(([name]) => ({ name, args: 1, invert: true }) as const),
    { name: "ctstatus", args: 1, invert: true },
    { name: "ctexpire", args: 1, invert: true },
    ...PORTS.map(([name]) => ({ name, args: 1, invert: true }) as const),
    { name: "ctdir", args: 1, invert: false },
  ],
  parse(options, context: XtContext) {
    if (options.length === 0) throw new XtUsageError("conntrack: At least one option is required");
    const direction = given(options, "ctdir");
    const way = direction ? value(direction).toUpperCase() : "";
    if (direction && way !== "ORIGINAL" && way !== "REPLY")
      throw new XtUsageError(`conntrack: Bad value for "--ctdir" option: "${value(direction)}"`);
    return {
      states: asked(options, "ctstate", (text) => parseStates(text, "ctstate")),
      protocol: asked(options, "ctproto", (text) => {
        const protocol = parseProtocol(text);
        if (protocol === null) throw new XtUsageError(`unknown protocol "${text}" specified`);
        return protocol;
      }),
      addresses: ADDRESSES.map(([name]) =>
        asked(options, name, (text) => parseHostMask("conntrack", name, text, context)),
      ),
      ports: PORTS.map(([name]) =>
        asked(options, name, (text) => parsePortRange("conntrack", name, text)),
      ),
      status: asked(options, "ctstatus", parseStatuses),
      expires: asked(options, "ctexpire", (text) => {
        const [min = 0, max = min] = parseOptionRange("conntrack", "ctexpire", text, 0xffffffff);
        return [min, max];
      }),
      direction: direction ? (way === "REPLY" ? 1 : 0) : null,
    };
  },
  save: (info) => text(info, "--", true, null),
  print: (info, numeric, names) => text(info, "", numeric, names),
  matches(info, skb, par) {
    if (info.states && ((info.states.value & stateBit(skb)) !== 0) === info.states.invert)
      return false;
    const ct = entryOf(skb);
    if (ct === null) return info.states !== null;
    return entryMatches(info, ct, skb.ctinfo, par.ns.sim.now);
  },
  examples: [
    ["-m conntrack --ctstate NEW,ESTABLISHED", "-m conntrack --ctstate NEW,ESTABLISHED"],
    ["-m conntrack ! --ctstate INVALID", "-m conntrack ! --ctstate INVALID"],
    ["-m conntrack --ctproto tcp", "-m conntrack --ctproto 6"],
    ["-m conntrack --ctorigdst 10.0.0.0/8", "-m conntrack --ctorigdst 10.0.0.0/8"],
    ["-m conntrack --ctrepldstport 1:7", "-m conntrack --ctrepldstport 1:7"],
    ["-m conntrack --ctdir reply", "-m conntrack --ctdir REPLY"],
    ["-m conntrack --ctstate wrong", null],
    ["-m conntrack", null],
  ],
});
