import { formatIpv4, parseIpv4 } from "../../wire/address.ts";
import type { NatRange } from "../nat/nat.ts";
import { type GivenOption, XtUsageError } from "./extension.ts";
import { servicePort } from "./names.ts";
import { strtoul } from "./number.ts";
import { value } from "./option.ts";

/** What a NAT rule says (linux: struct nf_nat_range2). */
export interface NatInfo {
  address: [number, number] | null;
  ports: [number, number] | null;
  /** --to-destination …:1000-2000/3000: port 1000 becomes 3000, and so on. */
  basePort: number | null;
  random: boolean;
  fully: boolean;
  persistent: boolean;
}

/** tcp, udp, dccp, sctp, icmp */
const WITH_PORTS = [6, 17, 33, 132, 1];

function parsePorts(text: string, option: GivenOption, info: NatInfo): void {
  if (!WITH_PORTS.includes(option.protocol))
    throw new XtUsageError("Need TCP, UDP, SCTP or DCCP with port specification");
  const first = strtoul(text, 0, 65535);
  if (!first) {
    const port = servicePort(text);
    if (port === null) throw new XtUsageError(`Port \`${text}' not valid`);
    info.ports = [port, port];
    return;
  }
  info.ports = [first.value, first.value];
  if (first.rest === "") return;
  if (first.rest.startsWith(":")) throw new XtUsageError("Invalid port:port syntax - use dash");
  if (!first.rest.startsWith("-"))
    throw new XtUsageError(`Garbage after port value: \`${first.rest}'`);
  const tail = first.rest.slice(1);
  const second = strtoul(tail, 0, 65535);
  if (!second) throw new XtUsageError(`Port \`${tail}' not valid`);
  if (second.value < first.value) throw new XtUsageError(`Port range \`${tail}' funky`);
  info.ports = [first.value, second.value];
  if (second.rest === "") return;
  if (!second.rest.startsWith("/"))
    throw new XtUsageError(`Garbage after port range: \`${second.rest}'`);
  const baseText = second.rest.slice(1);
  const base = strtoul(baseText, 1, 65535)?.value ?? servicePort(baseText);
  if (base === null) throw new XtUsageError(`Port \`${baseText}' not valid`);
  info.basePort = base;
}

function address(text: string): number {
  const parsed = parseIpv4(text);
  if (parsed === null) throw new XtUsageError(`Bad IP address "${text}"`);
  return parsed;
}

/** `[address[-address]][:port[-port[/base]]]` (libxt_NAT.c, parse_to). */
function parseTo(option: GivenOption, info: NatInfo): void {
  const text = value(option);
  if (text.includes("[")) throw new XtUsageError("Invalid address format");
  let colon = text.indexOf(":");
  if (colon >= 0 && text.includes(":", colon + 1)) colon = -1;
  if (colon >= 0) {
    parsePorts(text.slice(colon + 1), option, info);
    if (colon === 0) return;
  }
  const range = colon < 0 ? text : text.slice(0, colon);
  const dash = range.indexOf("-");
  const min = address(dash < 0 ? range : range.slice(0, dash));
  info.address = [min, dash < 0 ? min : address(range.slice(dash + 1))];
}

export function parseNat(options: readonly GivenOption[]): NatInfo {
  const info: NatInfo = {
    address: null,
    ports: null,
    basePort: null,
    random: false,
    fully: false,
    persistent: false,
  };
  for (const option of options)
    if (option.name === "random") info.random = true;
    else if (option.name === "random-fully") info.fully = true;
    else if (option.name === "persistent") info.persistent = true;
    else if (option.name === "to-ports") parsePorts(value(option), option, info);
    else parseTo(option, info);
  return info;
}

/** "10.0.0.1-10.0.0.9:80-90" and the flags, `label` before and `prefix` before each flag. */
export function natText(info: NatInfo, label: string, prefix: string, bareColon: boolean): string {
  let range = "";
  if (info.address) {
    const [min, max] = info.address;
    range = formatIpv4(min) + (max === min ? "" : `-${formatIpv4(max)}`);
  }
  if (info.ports) {
    const [min, max] = info.ports;
    range += `${bareColon || range ? ":" : ""}${min}${max === min ? "" : `-${max}`}`;
    if (info.basePort !== null) range += `/${info.basePort}`;
  }
  return (
    (range ? ` ${label}${range}` : "") +
    (info.random ? ` ${prefix}random` : "") +
    (info.fully ? ` ${prefix}random-fully` : "") +
    (info.persistent ? ` ${prefix}persistent` : "")
  );
}

/** What the kernel's NAT gets; `to` replaces the rule's address. */
export function natRange(info: NatInfo, to: number | null = null): NatRange {
  const [minAddress, maxAddress] = to === null ? (info.address ?? [0, 0]) : [to, to];
  const [minPort, maxPort] = info.ports ?? [0, 0];
  return {
    minAddress,
    maxAddress,
    minPort,
    maxPort,
    random: info.random || info.fully,
    persistent: info.persistent,
  };
}
