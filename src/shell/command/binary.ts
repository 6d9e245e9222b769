import type { Process, Run } from "../../host/process.ts";
import type { Command } from "../command.ts";
import { closeInput, openInput } from "../lib/input.ts";
import { getopt, type Parsed } from "../lib/options.ts";

/** Bytes shown as text: base64, hexdump, xxd, od. */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function encode(data: Uint8Array): string {
  let out = "";
  for (let i = 0; i < data.length; i += 3) {
    const [a = 0, b = 0, c = 0] = data.subarray(i, i + 3);
    const bits = (a << 16) | (b << 8) | c;
    const left = data.length - i;
    out += ALPHABET[bits >> 18];
    out += ALPHABET[(bits >> 12) & 63];
    out += left > 1 ? ALPHABET[(bits >> 6) & 63] : "=";
    out += left > 2 ? ALPHABET[bits & 63] : "=";
  }
  return out;
}

function decode(text: string): Uint8Array | null {
  const clean = text.replace(/\s/g, "");
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(clean) || clean.length % 4 !== 0) return null;
  const out: number[] = [];
  for (let i = 0; i < clean.length; i += 4) {
    const group = clean.slice(i, i + 4);
    let bits = 0;
    for (const c of group) bits = (bits << 6) | Math.max(0, ALPHABET.indexOf(c));
    out.push((bits >> 16) & 255);
    if (group[2] !== "=") out.push((bits >> 8) & 255);
    if (group[3] !== "=") out.push(bits & 255);
  }
  return Uint8Array.from(out);
}

/** All the bytes of the operands; null after telling why not. */
function* bytesOf(p: Process, tool: string, files: string[]): Run<Uint8Array | null> {
  const parts: number[] = [];
  for (const name of files.length ? files : ["-"]) {
    const fd = openInput(p, name);
    if (typeof fd === "string") {
      yield* p.err(`${tool}: ${name}: ${fd}\n`);
      return null;
    }
    for (const byte of yield* p.readAll(fd)) parts.push(byte);
    closeInput(p, fd);
  }
  return Uint8Array.from(parts);
}

const base64: Command = {
  name: "base64",
  summary: "base64 encode/decode data and print to standard output",
  group: "text",
  man: "base64 [-d] [-w COLUMNS] [FILE]\n\nEncode, or with -d decode; lines of 76 characters, or COLUMNS (0: one line).",
  *run(p, argv) {
    const options = getopt(argv, "diw:", { decode: "d", "wrap=": "w", "ignore-garbage": "i" });
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    const data = yield* bytesOf(p, "base64", options.operands);
    if (!data) return 1;
    if (options.has("d")) {
      const text = new TextDecoder().decode(data);
      const out = decode(options.has("i") ? text.replace(/[^A-Za-z0-9+/=]/g, "") : text);
      if (out) yield* p.write(1, out);
      else yield* p.err("base64: invalid input\n");
      return out ? 0 : 1;
    }
    const wrap = Number(options.get("w") ?? 76);
    const text = encode(data);
    if (wrap === 0) yield* p.out(text);
    else for (let i = 0; i < text.length; i += wrap) yield* p.out(`${text.slice(i, i + wrap)}\n`);
    return 0;
  },
};

const hex = (n: number, width: number) => n.toString(16).padStart(width, "0");
const shown = (byte: number) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : ".");

/** Rows of 16; a row like the one before is one star (hexdump, od). */
function dump(
  data: Uint8Array,
  offset: (n: number) => string,
  row: (bytes: Uint8Array) => string,
  all: boolean,
): string {
  let out = "";
  let before = "";
  let starred = false;
  for (let i = 0; i < data.length; i += 16) {
    const bytes = data.subarray(i, i + 16);
    const key = bytes.join(",");
    if (key === before && !all && bytes.length === 16) {
      if (!starred) out += "*\n";
      starred = true;
      continue;
    }
    starred = false;
    before = key;
    out += `${offset(i)}${row(bytes)}\n`;
  }
  return data.length ? `${out}${offset(data.length)}\n` : out;
}

function limited(data: Uint8Array, options: Parsed, skip: string, count: string): Uint8Array {
  const from = Number(options.get(skip) ?? 0);
  const length = options.get(count);
  return data.subarray(from, length === null ? undefined : from + Number(length));
}

const hexdump: Command = {
  name: "hexdump",
  aliases: ["hd"],
  summary: "display file contents in hexadecimal",
  group: "text",
  man: "hexdump [-C] [-n LENGTH] [-s SKIP] [-v] [FILE]...\n\n  -C   bytes and characters side by side",
  *run(p, argv) {
    const options = getopt(argv, "Cvn:s:x", { canonical: "C" });
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    const all = yield* bytesOf(p, "hexdump", options.operands);
    if (!all) return 1;
    const data = limited(all, options, "s", "n");
    if (options.has("C") || argv[0] === "hd") {
      const row = (bytes: Uint8Array) => {
        const cells = [...bytes].map((byte) => hex(byte, 2));
        const first = cells.slice(0, 8).join(" ");
        const second = cells.slice(8).join(" ");
        return `  ${first.padEnd(23)}  ${second.padEnd(23)}  |${[...bytes].map(shown).join("")}|`;
      };
      yield* p.out(dump(data, (n) => hex(n, 8), row, options.has("v")));
    } else {
      const row = (bytes: Uint8Array) => {
        let line = "";
        for (let i = 0; i < bytes.length; i += 2)
          line += ` ${hex((bytes[i] as number) | ((bytes[i + 1] ?? 0) << 8), 4)}`;
        return line.padEnd(40);
      };
      yield* p.out(dump(data, (n) => hex(n, 7), row, options.has("v")));
    }
    return 0;
  },
};

const xxd: Command = {
  name: "xxd",
  summary: "make a hex dump or do the reverse",
  group: "text",
  man: "xxd [-p] [-r] [-l LENGTH] [-s SKIP] [-c COLUMNS] [-g BYTES] [-u] [FILE]\n\n  -p plain hex   -r the reverse",
  *run(p, argv) {
    const options = getopt(argv, "prl:s:c:g:ui", {});
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    const all = yield* bytesOf(p, "xxd", options.operands.slice(0, 1));
    if (!all) return 2;
    if (options.has("r")) {
      const text = new TextDecoder().decode(all);
      const digits = options.has("p")
        ? text.replace(/[^0-9a-fA-F]/g, "")
        : text
            .split("\n")
            .map(
              (line) =>
                line
                  .replace(/^[^:]*: /, "")
                  .split("  ")[0]
                  ?.replace(/\s/g, "") ?? "",
            )
            .join("");
      const out = digits.match(/../g)?.map((pair) => Number.parseInt(pair, 16)) ?? [];
      yield* p.write(1, Uint8Array.from(out));
      return 0;
    }
    const data = limited(all, options, "s", "l");
    const skip = Number(options.get("s") ?? 0);
    const digits = (byte: number) => (options.has("u") ? hex(byte, 2).toUpperCase() : hex(byte, 2));
    const columns = Number(options.get("c") ?? (options.has("p") ? 30 : 16));
    const group = Number(options.get("g") ?? 2) || columns;
    for (let i = 0; i < data.length; i += columns) {
      const bytes = [...data.subarray(i, i + columns)];
      if (options.has("p")) {
        yield* p.out(`${bytes.map(digits).join("")}\n`);
        continue;
      }
      let cells = "";
      for (let j = 0; j < columns; j++) {
        cells += j < bytes.length ? digits(bytes[j] as number) : "  ";
        if ((j + 1) % group === 0) cells += " ";
      }
      yield* p.out(
        `${hex(skip + i, 8)}: ${cells.padEnd(Math.ceil(columns / group) * (group * 2 + 1))} ${bytes.map(shown).join("")}\n`,
      );
    }
    return 0;
  },
};

const NAMES: Record<number, string> = {
  0: "\\0",
  7: "\\a",
  8: "\\b",
  9: "\\t",
  10: "\\n",
  11: "\\v",
  12: "\\f",
  13: "\\r",
};

const od: Command = {
  name: "od",
  summary: "dump files in octal and other formats",
  group: "text",
  man: "od [-c] [-t x1|x2|o1|u1|c|a] [-A d|o|x|n] [-N LENGTH] [-j SKIP] [-v] [FILE]...\n\n  -c   characters",
  *run(p, argv) {
    const options = getopt(argv, "cbxdot:A:N:j:vw::", {
      "format=": "t",
      "address-radix=": "A",
      "read-bytes=": "N",
    });
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    const all = yield* bytesOf(p, "od", options.operands);
    if (!all) return 1;
    const data = limited(all, options, "j", "N");
    const skip = Number(options.get("j") ?? 0);
    const kind = options.has("c")
      ? "c"
      : (options.get("t") ??
        (options.has("b") ? "o1" : options.has("x") ? "x2" : options.has("d") ? "u2" : "o2"));
    const radix = options.get("A") ?? "o";
    const offset = (n: number) =>
      radix === "n"
        ? ""
        : radix === "d"
          ? String(n + skip).padStart(7, "0")
          : radix === "x"
            ? hex(n + skip, 6)
            : (n + skip).toString(8).padStart(7, "0");
    const size = Number(/\d$/.exec(kind)?.[0] ?? (kind === "c" || kind === "a" ? 1 : 4));
    const row = (bytes: Uint8Array) => {
      let line = "";
      for (let i = 0; i < bytes.length; i += size) {
        let value = 0;
        for (let j = size - 1; j >= 0; j--) value = value * 256 + (bytes[i + j] ?? 0);
        if (kind[0] === "c")
          line += (
            NAMES[value] ??
            (value >= 32 && value < 127
              ? String.fromCharCode(value)
              : value.toString(8).padStart(3, "0"))
          ).padStart(4);
        else if (kind[0] === "x") line += ` ${hex(value, size * 2)}`;
        else if (kind[0] === "o")
          line += ` ${value.toString(8).padStart(Math.ceil((size * 8) / 3), "0")}`;
        else line += ` ${String(value).padStart({ 1: 3, 2: 5, 4: 10 }[size] ?? 10)}`;
      }
      return line;
    };
    const text = dump(data, offset, row, options.has("v"));
    yield* p.out(
      radix === "n" ? text.replace(/\n\n$/, "\n") : data.length ? text : `${offset(0)}\n`,
    );
    return 0;
  },
};

export const binary: readonly Command[] = [base64, hexdump, od, xxd];
