import { Http2Error } from "./error.ts";

/*
 * RFC 7541 appendix B: the code is canonical, so the lengths say all. Symbol 256 is EOS, thirty ones.
 */
const LENGTHS: readonly number[] = [
  ...[13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28],
  ...[28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28],
  ...[6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6],
  ...[5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10],
  ...[13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7],
  ...[7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6],
  ...[15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5],
  ...[6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28],
  ...[20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23],
  ...[24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24],
  ...[22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23],
  ...[21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23],
  ...[26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25],
  ...[19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27],
  ...[20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23],
  ...[26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30],
];
const EOS = 256;
const LONGEST = 30;

/** Symbols in the order of their codes. */
const SYMBOLS: readonly number[] = LENGTHS.map((_, symbol) => symbol).sort(
  (a, b) => LENGTHS[a]! - LENGTHS[b]! || a - b,
);

/** For each length: its first code, and where in SYMBOLS that code's symbol stands. */
const FIRST: readonly { code: number; at: number; count: number }[] = (() => {
  const table: { code: number; at: number; count: number }[] = [];
  let code = 0;
  let at = 0;
  for (let length = 0; length <= LONGEST; length++) {
    const count = LENGTHS.filter((l) => l === length).length;
    table.push({ code, at, count });
    code = (code + count) * 2;
    at += count;
  }
  return table;
})();

const CODES: readonly number[] = LENGTHS.map((length, symbol) => {
  const { code, at } = FIRST[length]!;
  return code + SYMBOLS.indexOf(symbol) - at;
});

/** How many octets the code of some octets takes. */
export function huffmanLength(bytes: Uint8Array): number {
  let bits = 0;
  for (const octet of bytes) bits += LENGTHS[octet]!;
  return Math.ceil(bits / 8);
}

/** RFC 7541 §5.2: the code of octets, filled up with ones. */
export function huffmanEncode(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(huffmanLength(bytes));
  let at = 0;
  // Bits that wait for an octet: never more than 7 and a code, so they are kept as a number.
  let held = 0;
  let count = 0;
  for (const octet of bytes) {
    held = held * 2 ** LENGTHS[octet]! + CODES[octet]!;
    count += LENGTHS[octet]!;
    while (count >= 8) {
      count -= 8;
      const unit = 2 ** count;
      out[at++] = Math.floor(held / unit);
      held %= unit;
    }
  }
  if (count > 0) out[at] = ((held + 1) << (8 - count)) - 1;
  return out;
}

export function huffmanDecode(bytes: Uint8Array): Uint8Array {
  const out: number[] = [];
  let code = 0;
  let length = 0;
  for (const octet of bytes)
    for (let bit = 7; bit >= 0; bit--) {
      code = code * 2 + ((octet >> bit) & 1);
      length++;
      const first = FIRST[length];
      if (!first) throw new Http2Error("COMPRESSION_ERROR", "no such Huffman code");
      const index = code - first.code;
      if (index >= first.count) continue;
      const symbol = SYMBOLS[first.at + index]!;
      if (symbol === EOS) throw new Http2Error("COMPRESSION_ERROR", "EOS in a string");
      out.push(symbol);
      code = 0;
      length = 0;
    }
  // RFC 7541 §5.2: padding is the start of EOS, and less than an octet.
  if (length > 7 || code !== 2 ** length - 1)
    throw new Http2Error("COMPRESSION_ERROR", "Huffman padding is wrong");
  return Uint8Array.from(out);
}
