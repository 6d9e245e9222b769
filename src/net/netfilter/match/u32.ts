import { hex } from "../../../base/text.ts";
import { u32 as read32 } from "../../../wire/bytes.ts";
import { defineMatch, XtUsageError } from "../extension.ts";
import { strtoul } from "../number.ts";
import { not } from "../option.ts";

/** linux: include/uapi/linux/netfilter/xt_u32.h, XT_U32_MAXSIZE */
const MAX = 10;

type Operator = "" | "&" | "<<" | ">>" | "@";

interface Test {
  location: { operator: Operator; number: number }[];
  values: [number, number][];
}

/** `location=value&&…` (libxt_u32.c, u32_parse). */
class Parser {
  text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  fail(words: string): XtUsageError {
    return new XtUsageError(`u32: at char ${this.at}: ${words}`);
  }

  space(): void {
    while (/\s/.test(this.text.charAt(this.at))) this.at++;
  }

  number(): number {
    const found = strtoul(this.text.slice(this.at));
    if (!found) throw this.fail("not a number or out of range");
    this.at = this.text.length - found.rest.length;
    return found.value;
  }

  operator(): Operator {
    const c = this.text.charAt(this.at);
    if (c === "&" || c === "@") {
      this.at++;
      return c;
    }
    if (c !== "<" && c !== ">") throw this.fail("operator expected");
    this.at++;
    if (this.text.charAt(this.at) !== c) throw this.fail(`a second '${c}' was expected`);
    this.at++;
    return c === "<" ? "<<" : ">>";
  }

  tests(): Test[] {
    const tests: Test[] = [];
    for (;;) {
      tests.push(this.test());
      if (tests.length > MAX) throw this.fail('too many "&&"s');
      if (this.at >= this.text.length) return tests;
    }
  }

  test(): Test {
    const test: Test = { location: [], values: [] };
    for (;;) {
      this.space();
      if (this.at >= this.text.length)
        throw new XtUsageError("u32: abrupt end of input after location specifier");
      if (this.text.charAt(this.at) === "=") {
        if (test.location.length === 0) throw this.fail("location spec missing");
        this.at++;
        break;
      }
      const operator = test.location.length ? this.operator() : "";
      test.location.push({ operator, number: this.number() });
      if (test.location.length > MAX) throw this.fail("too many operators");
    }
    for (;;) {
      this.space();
      if (this.at >= this.text.length) {
        if (test.values.length === 0)
          throw new XtUsageError("u32: test ended with no value specified");
        return test;
      }
      if (this.text.charAt(this.at) === "&") {
        this.at++;
        if (this.text.charAt(this.at) !== "&") throw this.fail("a second '&' was expected");
        if (test.values.length === 0) throw this.fail("value spec missing");
        this.at++;
        this.space();
        if (this.at >= this.text.length)
          throw new XtUsageError("u32: abrupt end of input after location specifier");
        return test;
      }
      if (test.values.length) {
        if (this.text.charAt(this.at) !== ",") throw this.fail('expected "," or "&&"');
        this.at++;
      }
      const min = this.number();
      this.space();
      let max = min;
      if (this.text.charAt(this.at) === ":") {
        this.at++;
        max = this.number();
      }
      test.values.push([min, max]);
      if (test.values.length > MAX) throw this.fail('too many ","s');
    }
  }
}

function text(tests: readonly Test[]): string {
  const one = (test: Test): string => {
    const location = test.location.map((step) => `${step.operator}0x${hex(step.number)}`).join("");
    const values = test.values
      .map(([min, max]) => (min === max ? `0x${hex(min)}` : `0x${hex(min)}:0x${hex(max)}`))
      .join(",");
    return `${location}=${values}`;
  };
  return ` "${tests.map(one).join("&&")}"`;
}

/** linux: xt_u32.c, u32_match_it */
function testMatches(test: Test, data: Uint8Array, start: number, end: number): boolean {
  let base = start;
  let value = 0;
  for (const { operator, number } of test.location) {
    if (operator === "&") value = (value & number) >>> 0;
    else if (operator === "<<") value = number > 31 ? 0 : (value << number) >>> 0;
    else if (operator === ">>") value = number > 31 ? 0 : value >>> number;
    else {
      if (operator === "@") base += value;
      const at = base + number;
      if (at < start || at + 4 > end) return false;
      value = read32(data, at);
    }
  }
  return test.values.some(([min, max]) => value >= min && value <= max);
}

export default defineMatch<{ tests: Test[]; invert: boolean }>({
  name: "u32",
  linux: "net/netfilter/xt_u32.c",
  help:
    "u32 match options:\n[!] --u32 tests\n" +
    "    tests := location=value[&&tests], value := range[,value], range := number[:number]\n" +
    "    location := number [operator number]..., operator := & << >> @\n",
  options: [{ name: "u32", args: 1, invert: true, required: true }],
  parse: ([option]) => ({
    tests: new Parser(option?.values[0] ?? "").tests(),
    invert: option?.invert ?? false,
  }),
  save: (info) => `${not(info.invert)} --u32${text(info.tests)}`,
  print: (info) => ` u32${not(info.invert)}${text(info.tests)}`,
  matches: (info, skb) =>
    info.tests.every((test) => testMatches(test, skb.data, skb.network, skb.tail)) !== info.invert,
  examples: [
    ["-m u32 --u32 0x0=0x0&&0x0=0x1", '-m u32 --u32 "0x0=0x0&&0x0=0x1"'],
    ["-m u32 --u32 6&0xFF=1", '-m u32 --u32 "0x6&0xff=0x1"'],
    ["-m u32 --u32 0x0", null],
  ],
});
