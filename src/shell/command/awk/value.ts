/** A text that looks like a number and came from outside: it compares as one (POSIX "numeric string"). */
export class NumericText {
  text: string;
  number: number;

  constructor(text: string, number: number) {
    this.text = text;
    this.number = number;
  }
}

export type Value = number | string | NumericText | undefined;

const NUMBER = /^\s*[-+]?(\d+\.?\d*([eE][-+]?\d+)?|\.\d+([eE][-+]?\d+)?)\s*$/;

/** What a field, FS-split piece, getline or -v gives. */
export function fromInput(text: string): Value {
  return NUMBER.test(text) ? new NumericText(text, Number(text)) : text;
}

export function toNumber(value: Value): number {
  if (typeof value === "number") return value;
  if (value === undefined) return 0;
  if (typeof value !== "string") return value.number;
  const match = /^\s*([-+]?(\d+\.?\d*([eE][-+]?\d+)?|\.\d+([eE][-+]?\d+)?))/.exec(value);
  return match ? Number(match[1]) : 0;
}

export function toBoolean(value: Value): boolean {
  if (typeof value === "number") return value !== 0;
  if (value === undefined) return false;
  return typeof value === "string" ? value !== "" : value.number !== 0;
}

export function isNumeric(value: Value): boolean {
  return typeof value !== "string";
}
