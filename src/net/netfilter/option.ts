import { formatIpv4, maskOf, parseIpv4, prefixOf } from "../../wire/address.ts";
import { type GivenOption, type NameService, type XtContext, XtUsageError } from "./extension.ts";
import { serviceName, servicePort } from "./names.ts";
import { parseUnsigned } from "./number.ts";

/** The option called `name`, if it was given. */
export function given(options: readonly GivenOption[], name: string): GivenOption | undefined {
  for (const option of options) if (option.name === name) return option;
  return undefined;
}

/** Its first argument. */
export function value(option: GivenOption): string {
  return option.values[0] ?? "";
}

/** A dotted quad where missing parts are zero: "10.1" is 10.1.0.0 (libxtables: xtables_numeric_to_ipaddr). */
export function numericAddress(text: string): number | null {
  const parts = text.split(".");
  if (parts.length > 4) return null;
  let address = 0;
  for (let i = 0; i < 4; i++) {
    const part = parts[i];
    const octet = part === undefined ? 0 : parseUnsigned(part, 255);
    if (octet === null) return null;
    address = address * 256 + octet;
  }
  return address;
}

/** inet_aton, which getaddrinfo uses: "10.1" is 10.0.0.1. */
function aton(text: string): number | null {
  const parts = text.split(".");
  if (parts.length > 4) return null;
  let address = 0;
  for (let i = 0; i < parts.length; i++) {
    const last = i === parts.length - 1;
    const limit = last ? 2 ** (8 * (5 - parts.length)) - 1 : 255;
    const part = parseUnsigned(parts[i] ?? "", limit);
    if (part === null) return null;
    address = last ? address + part : address + part * 2 ** (24 - 8 * i);
  }
  return address;
}

/** XTTYPE_HOST: an address, or a name that has exactly one. */
export function parseHost(text: string, context: XtContext): number {
  const address = aton(text);
  if (address !== null) return address;
  const known = context.names.addresses(text);
  if (known.length > 1 && known.some((other) => other !== known[0]))
    throw new XtUsageError(`${text} resolves to more than one address\n`);
  if (known[0] !== undefined) return known[0];
  throw new XtUsageError("getaddrinfo: Name or service not known\n");
}

/** XTTYPE_PLENMASK: a prefix length, or a mask as an address; the mask, as a number. */
export function parsePrefixLength(extension: string, option: string, text: string): number {
  const length = parseUnsigned(text, 32);
  if (length !== null) return length;
  const mask = parseIpv4(text);
  if (mask !== null) return prefixOf(mask);
  throw new XtUsageError(
    `${extension}: bad value for option "--${option}", neither a valid network mask nor valid CIDR (0-32).\n`,
  );
}

/** XTTYPE_HOSTMASK: `address[/length]`. */
export function parseHostMask(
  extension: string,
  option: string,
  text: string,
  context: XtContext,
): { address: number; mask: number } {
  const slash = text.indexOf("/");
  if (slash < 0) return { address: parseHost(text, context), mask: 0xffffffff };
  const address = parseHost(text.slice(0, slash), context);
  return { address, mask: maskOf(parsePrefixLength(extension, option, text.slice(slash + 1))) };
}

/** XTTYPE_PORT: a number, or a service's name. */
export function parsePortName(text: string): number {
  const number = parseUnsigned(text);
  const port = number ?? servicePort(text);
  if (port === null) throw new XtUsageError(`Port "${text}" does not resolve to anything.\n`);
  return port & 0xffff;
}

/** XTTYPE_PORTRC: `port` or `port:port`, where either may be absent. */
export function parsePortRange(extension: string, option: string, text: string): [number, number] {
  const parts = text.split(":");
  if (parts.length > 2)
    throw new XtUsageError(`${extension}: Too many components for option "--${option}" (max: 2)\n`);
  const [first = "", second] = parts;
  const min = first === "" ? 0 : parsePortName(first);
  if (second === undefined) return [min, first === "" ? 0 : min];
  return [min, second === "" ? 0xffff : parsePortName(second)];
}

/** A port of a known protocol (libxtables: xtables_parse_port). */
export function parsePort(text: string, transport: string): number {
  const port = parseUnsigned(text, 65535) ?? servicePort(text, transport);
  if (port === null) throw new XtUsageError(`invalid port/service \`${text}' specified`);
  return port;
}

/** XTTYPE_ETHERMAC */
export function parseMacOption(text: string): Uint8Array {
  const parts = text.split(":");
  if (parts.length !== 6 || !parts.every((part) => /^[0-9a-fA-F]{1,2}$/.test(part)))
    throw new XtUsageError("Invalid MAC address specified.");
  return Uint8Array.from(parts, (part) => Number.parseInt(part, 16));
}

/** A port as -L shows it: by name where one is known, unless -n. */
export function portText(port: number, transport: string, numeric: boolean): string {
  return (numeric ? null : serviceName(port, transport)) ?? String(port);
}

/** `min` or `min:max`. */
export function rangeText(min: number, max: number): string {
  return min === max ? String(min) : `${min}:${max}`;
}

/** An address as -L shows it: by name where one is known, unless -n. */
export function addressText(address: number, numeric: boolean, names: NameService): string {
  return (numeric ? null : names.hostName(address)) ?? formatIpv4(address);
}

/** "/24", "" for a host, or the mask when it has holes (libxtables: xtables_ipmask_to_numeric). */
export function maskText(mask: number): string {
  const length = prefixOf(mask);
  if (length < 0) return `/${formatIpv4(mask)}`;
  return length === 32 ? "" : `/${length}`;
}

/** A word that iptables-restore reads back: quoted when it has to be (libxtables: xtables_save_string). */
export function quoted(text: string): string {
  return /^[\w-]+$/.test(text) ? ` ${text}` : ` "${text.replace(/["\\']/g, "\\$&")}"`;
}

/** " !" before an inverted option. */
export function not(invert: boolean): string {
  return invert ? " !" : "";
}
