import { type NameService, XtUsageError } from "../../../net/netfilter/extension.ts";
import { parseUnsigned } from "../../../net/netfilter/number.ts";
import { numericAddress } from "../../../net/netfilter/option.ts";
import { maskOf } from "../../../wire/address.ts";

export interface MaskedAddress {
  address: number;
  mask: number;
}

export const ANYWHERE: MaskedAddress = { address: 0, mask: 0 };
const NETWORKS: Record<string, number> = {
  default: 0,
  loopback: 0x7f000000,
  "link-local": 0xa9fe0000,
};

function parseMask(text: string): number {
  const octets = text.split(".");
  if (octets.length === 4) {
    const mask = numericAddress(text);
    if (mask !== null) return mask;
  }
  const length = parseUnsigned(text, 32);
  if (length === null) throw new XtUsageError(`invalid mask \`${text}' specified`);
  return maskOf(length);
}

/** An address, a network, or all the addresses of a host. */
function parseHosts(text: string, names: NameService): number[] {
  const address = numericAddress(text) ?? NETWORKS[text];
  if (address !== undefined) return [address];
  const found = names.addresses(text);
  if (found.length === 0) throw new XtUsageError(`host/network \`${text}' not found`);
  return found;
}

/** The argument of -s or -d: `host[/mask][,…]` (libxtables: xtables_ipparse_multiple). */
export function parseAddresses(text: string, names: NameService): MaskedAddress[] {
  const out: MaskedAddress[] = [];
  for (const part of text.split(",")) {
    const word = part.trimStart();
    const slash = word.lastIndexOf("/");
    const mask = slash < 0 ? 0xffffffff : parseMask(word.slice(slash + 1));
    // Under an empty mask the name is not looked at: "any/0".
    const host = mask === 0 ? "0.0.0.0" : slash < 0 ? word : word.slice(0, slash);
    for (const address of parseHosts(host, names))
      out.push({ address: (address & mask) >>> 0, mask });
  }
  return out;
}
