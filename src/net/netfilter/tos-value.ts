import { hex } from "../../base/text.ts";
import { XtUsageError } from "./extension.ts";
import { strtoul } from "./number.ts";

/** RFC 1349 §4 */
const NAMES: readonly (readonly [string, number])[] = [
  ["Minimize-Delay", 0x10],
  ["Maximize-Throughput", 0x08],
  ["Maximize-Reliability", 0x04],
  ["Minimize-Cost", 0x02],
  ["Normal-Service", 0x00],
];
/** What a name is about: the four bits of RFC 1349, and the two below them. */
const NAME_MASK = 0x3f;

/** `value[/mask]` or a name (libxtables: xtopt_parse_tosmask). */
export function parseTos(text: string): { value: number; mask: number } {
  const first = strtoul(text, 0, 255);
  if (!first) {
    const known = NAMES.find(([name]) => name.toLowerCase() === text.toLowerCase());
    if (!known) throw new XtUsageError(`Symbolic name "${text}" is unknown`);
    return { value: known[1], mask: NAME_MASK };
  }
  if (first.rest === "") return { value: first.value, mask: 0xff };
  const second = first.rest.startsWith("/") ? strtoul(first.rest.slice(1), 0, 255) : null;
  if (second?.rest !== "") throw new XtUsageError(`Illegal value: "${text}"`);
  return { value: first.value, mask: second.value };
}

export function tosName(value: number, mask: number): string | null {
  return mask === NAME_MASK ? (NAMES.find(([, known]) => known === value)?.[0] ?? null) : null;
}

export function byteText(value: number): string {
  return `0x${hex(value, 2)}`;
}

export const TOS_NAMES_HELP = NAMES.map(([name, value]) => `  ${byteText(value)} ${name}\n`).join(
  "",
);
