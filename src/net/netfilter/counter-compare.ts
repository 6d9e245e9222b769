import { type GivenOption, XtUsageError } from "./extension.ts";
import { parseUnsigned64 } from "./number.ts";
import { value } from "./option.ts";

/** How a rule compares an ipset element's counter (linux: struct ip_set_counter_match). */
export interface Compare {
  operation: "eq" | "ne" | "lt" | "gt";
  value: number;
}

/** --packets-eq, --packets-lt, --packets-gt, or those of bytes. */
export function parseCompare(options: readonly GivenOption[], counter: string): Compare | null {
  let compare: Compare | null = null;
  for (const option of options) {
    const operation = option.name.startsWith(`${counter}-`)
      ? option.name.slice(counter.length + 1)
      : "";
    if (operation !== "eq" && operation !== "lt" && operation !== "gt") continue;
    if (compare) throw new XtUsageError(`only one of the --${counter}-[eq|lt|gt] is allowed`);
    if (option.invert && operation !== "eq")
      throw new XtUsageError(`--${option.name} option cannot be inverted`);
    const number = parseUnsigned64(value(option));
    if (number === null) throw new XtUsageError(`Cannot parse ${value(option)} as a counter value`);
    compare = { operation: option.invert ? "ne" : operation, value: Number(number) };
  }
  return compare;
}

export function compareText(compare: Compare | null, counter: string, prefix: string): string {
  if (!compare) return "";
  const bang = compare.operation === "ne" ? " !" : "";
  const operation = compare.operation === "ne" ? "eq" : compare.operation;
  return `${bang} ${prefix}${counter}-${operation} ${compare.value}`;
}

export function matchesCounter(compare: Compare | null, counter: number): boolean {
  if (!compare) return true;
  if (compare.operation === "eq") return counter === compare.value;
  if (compare.operation === "ne") return counter !== compare.value;
  return compare.operation === "lt" ? counter < compare.value : counter > compare.value;
}
