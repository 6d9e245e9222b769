import { XtUsageError } from "./extension.ts";

/** strtoul's grammar with base 0: decimal, 0x…, 0…; null when it is not one, or exceeds `max`. */
export function parseUnsigned(text: string, max = 0xffffffff): number | null {
  let value: number;
  if (/^0[xX][0-9a-fA-F]+$/.test(text)) value = Number.parseInt(text.slice(2), 16);
  else if (/^0[0-7]*$/.test(text)) value = Number.parseInt(text, 8);
  else if (/^[1-9]\d*$/.test(text)) value = Number(text);
  else return null;
  return value <= max ? value : null;
}

/** `value[/mask]`, both 32 bits; the mask is all ones when absent (libxtables: xtables_parse_mark_mask). */
export function parseValueMask(extension: string, option: string, text: string): { value: number; mask: number } {
  const [first = "", second, ...rest] = text.split("/");
  const value = parseUnsigned(first);
  const mask = second === undefined ? 0xffffffff : parseUnsigned(second);
  if (value === null || mask === null || rest.length)
    throw new XtUsageError(`${extension}: bad value for option "${option}", or out of range (0-4294967295).`);
  return { value, mask };
}
