import { hex } from "../../base/text.ts";
import { XtUsageError } from "./extension.ts";

const UINT32 = 0xffffffff;

/**
 * strtoul with base 0: the number at the beginning of `text` (decimal, 0x…, 0…) and what follows
 * it; null when there is none, or it is outside [min, max] (libxtables: xtables_strtoul).
 */
export function strtoul(
  text: string,
  min = 0,
  max = UINT32,
): { value: number; rest: string } | null {
  const found = /^\s*\+?(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)/.exec(text);
  const digits = found?.[1];
  if (found === null || digits === undefined) return null;
  const value = /^0\d/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  if (value < min || value > max) return null;
  return { value, rest: text.slice(found[0].length) };
}

/** The same where nothing may follow. */
export function parseUnsigned(text: string, max = UINT32, min = 0): number | null {
  const found = strtoul(text, min, max);
  return found !== null && found.rest === "" ? found.value : null;
}

const UINT64 = 0xffffffffffffffffn;

/** 64 bits wide: counters of bytes. */
export function parseUnsigned64(text: string): bigint | null {
  const found = /^\s*\+?(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)$/.exec(text)?.[1];
  if (found === undefined) return null;
  const value = BigInt(/^0\d/.test(found) ? `0o${found.slice(1)}` : found);
  return value <= UINT64 ? value : null;
}

/** XTTYPE_UINT8 … XTTYPE_UINT32 (libxtables: xtopt_parse_int). */
export function parseOptionNumber(
  extension: string,
  option: string,
  text: string,
  min: number,
  max: number,
): number {
  const value = parseUnsigned(text, max, min);
  if (value === null)
    throw new XtUsageError(
      `${extension}: bad value for option "--${option}", or out of range (${min}-${max}).\n`,
    );
  return value;
}

/** XTTYPE_UINT*RC: `value` or `min:max`, where either may be absent (libxtables: xtopt_parse_mint). */
export function parseOptionRange(
  extension: string,
  option: string,
  text: string,
  max: number,
): number[] {
  const values: number[] = [];
  let rest = text;
  for (;;) {
    if (values.length === 2)
      throw new XtUsageError(
        `${extension}: Too many components for option "--${option}" (max: 2)\n`,
      );
    if (rest === "" || rest.startsWith(":")) values.push(values.length === 1 ? max : 0);
    else {
      const found = strtoul(rest, 0, max);
      if (found === null)
        throw new XtUsageError(
          `${extension}: bad value for option "--${option}" near "${rest}", or out of range (0-${max}).\n`,
        );
      if (found.rest !== "" && !found.rest.startsWith(":"))
        throw new XtUsageError(
          `${extension}: Argument to "--${option}" has unexpected characters near "${found.rest}".\n`,
        );
      values.push(found.value);
      rest = found.rest;
    }
    if (rest === "") return values;
    rest = rest.slice(1);
  }
}

/** `value[/mask]`, both 32 bits; the mask is all ones when absent (libxtables: xtables_parse_mark_mask). */
export function parseValueMask(
  extension: string,
  option: string,
  text: string,
): { value: number; mask: number } {
  const bad = (): XtUsageError =>
    new XtUsageError(
      `${extension}: bad integer value for option "--${option}", or out of range.\n`,
    );
  const garbage = (): XtUsageError =>
    new XtUsageError(`${extension}: trailing garbage after value for option "--${option}".\n`);
  const first = strtoul(text);
  if (first === null) throw bad();
  if (first.rest === "") return { value: first.value, mask: UINT32 };
  if (!first.rest.startsWith("/")) throw garbage();
  const second = strtoul(first.rest.slice(1));
  if (second === null) throw bad();
  if (second.rest !== "") throw garbage();
  return { value: first.value, mask: second.value };
}

/** ` 0x1/0xff`, or ` 0x1` under a full mask (libxtables: xtables_print_mark_mask). */
export function printValueMask(value: number, mask: number): string {
  return mask === UINT32 ? ` 0x${hex(value)}` : ` 0x${hex(value)}/0x${hex(mask)}`;
}
