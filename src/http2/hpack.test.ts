import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { utf8 } from "../base/text.ts";
import { type Field, HpackDecoder, HpackEncoder } from "./hpack.ts";
import { huffmanDecode, huffmanEncode } from "./huffman.ts";

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));
}
function hex(data: Uint8Array): string {
  return Buffer.from(data).toString("hex");
}

/** RFC 7541 appendix C.3 to C.6: blocks of one connection after the other, and their tables' sizes. */
const AUTHORITY: Field = [":authority", "www.example.com"];
const REQUESTS: Field[][] = [
  [[":method", "GET"], [":scheme", "http"], [":path", "/"], AUTHORITY],
  [
    [":method", "GET"],
    [":scheme", "http"],
    [":path", "/"],
    AUTHORITY,
    ["cache-control", "no-cache"],
  ],
  [
    [":method", "GET"],
    [":scheme", "https"],
    [":path", "/index.html"],
    AUTHORITY,
    ["custom-key", "custom-value"],
  ],
];
const COOKIE = "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1";
const LOCATION: Field = ["location", "https://www.example.com"];
const RESPONSES: Field[][] = [
  [
    [":status", "302"],
    ["cache-control", "private"],
    ["date", "Mon, 21 Oct 2013 20:13:21 GMT"],
    LOCATION,
  ],
  [
    [":status", "307"],
    ["cache-control", "private"],
    ["date", "Mon, 21 Oct 2013 20:13:21 GMT"],
    LOCATION,
  ],
  [
    [":status", "200"],
    ["cache-control", "private"],
    ["date", "Mon, 21 Oct 2013 20:13:22 GMT"],
    LOCATION,
    ["content-encoding", "gzip"],
    ["set-cookie", COOKIE],
  ],
];
const EXAMPLES: [string, number, Field[][], string[], number[]][] = [
  [
    "C.3: requests",
    4096,
    REQUESTS,
    [
      "828684410f7777772e6578616d706c652e636f6d",
      "828684be58086e6f2d6361636865",
      "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
    ],
    [57, 110, 164],
  ],
  [
    "C.4: requests with Huffman",
    4096,
    REQUESTS,
    [
      "828684418cf1e3c2e5f23a6ba0ab90f4ff",
      "828684be5886a8eb10649cbf",
      "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
    ],
    [57, 110, 164],
  ],
  [
    "C.5: responses",
    256,
    RESPONSES,
    [
      "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e1768747470733a2f2f7777772e6578616d706c652e636f6d",
      "4803333037c1c0bf",
      "88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31",
    ],
    [222, 222, 215],
  ],
  [
    "C.6: responses with Huffman",
    256,
    RESPONSES,
    [
      "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3",
      "4883640effc1c0bf",
      "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
    ],
    [222, 222, 215],
  ],
];

describe("HPACK", () => {
  for (const [name, size, lists, blocks, sizes] of EXAMPLES) {
    it(`decodes RFC 7541 appendix ${name}`, () => {
      const decoder = new HpackDecoder(size);
      blocks.forEach((block, i) => {
        expect(decoder.decode(bytes(block))).toEqual(lists[i]);
        expect(decoder.table.size).toBe(sizes[i]);
      });
    });
    if (name.includes("Huffman"))
      it(`encodes it`, () => {
        const encoder = new HpackEncoder();
        encoder.table.resize(size);
        lists.forEach((list, i) => {
          expect(hex(encoder.encode(list))).toBe(blocks[i]);
          expect(encoder.table.size).toBe(sizes[i]);
        });
      });
  }

  it("decodes C.2, every way to write a field", () => {
    for (const [block, field, size] of [
      ["400a637573746f6d2d6b65790d637573746f6d2d686561646572", ["custom-key", "custom-header"], 55],
      ["040c2f73616d706c652f70617468", [":path", "/sample/path"], 0],
      ["100870617373776f726406736563726574", ["password", "secret"], 0],
      ["82", [":method", "GET"], 0],
    ] as const) {
      const decoder = new HpackDecoder();
      expect(decoder.decode(bytes(block))).toEqual([field]);
      expect(decoder.table.size).toBe(size);
    }
  });

  it("keeps secrets out of the tables of whoever is between", () => {
    const encoder = new HpackEncoder();
    const block = encoder.encode([["authorization", "Bearer x"]]);
    expect([block[0], encoder.table.size]).toEqual([0x1f, 0]);
    expect(new HpackDecoder().decode(block)).toEqual([["authorization", "Bearer x"]]);
  });

  it("tells the decoder of a smaller table, even when it grew again", () => {
    const encoder = new HpackEncoder();
    const decoder = new HpackDecoder();
    decoder.decode(encoder.encode([["a", "b"]]));
    encoder.limit(0);
    encoder.limit(100);
    const block = encoder.encode([["a", "b"]]);
    expect(hex(block.subarray(0, 3))).toBe("203f45");
    expect(decoder.decode(block)).toEqual([["a", "b"]]);
    expect([decoder.table.max, decoder.table.size]).toEqual([100, 34]);
  });

  it("refuses what is malformed, as an error of the connection", () => {
    for (const block of [
      "80", // index 0
      "be", // an entry that is not there
      "3fe21f", // a table larger than allowed
      "8220", // a size after a field
      "41", // no value
      "4105ff", // a string that is cut short
      "ffffffffffffffffff7f", // a number without end
      "4182ffff", // eight or more bits of padding, of which EOS
      "418100", // padding of zeros
    ])
      expect(() => new HpackDecoder().decode(bytes(block)), block).toThrow(/./);
  });

  it("gives back every list, block after block, in tables of any size", () => {
    const name = fc.stringMatching(/^[a-z-]{1,12}$/);
    const field = fc.tuple(name, fc.string({ maxLength: 60 }));
    fc.assert(
      fc.property(fc.array(fc.array(field)), fc.array(fc.nat(5000)), (lists, sizes) => {
        const encoder = new HpackEncoder();
        const decoder = new HpackDecoder();
        lists.forEach((list, i) => {
          const size = sizes[i];
          if (size !== undefined) encoder.limit(size);
          expect(decoder.decode(encoder.encode(list))).toEqual(list);
          expect(decoder.table).toEqual(encoder.table);
        });
      }),
    );
  });
});

describe("the Huffman code", () => {
  it("gives back all octets", () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    expect(huffmanDecode(huffmanEncode(all))).toEqual(all);
    fc.assert(
      fc.property(fc.uint8Array(), (data) => {
        expect(huffmanDecode(huffmanEncode(data))).toEqual(data);
      }),
    );
  });

  it("is that of RFC 7541 appendix B", () => {
    expect(hex(huffmanEncode(utf8("www.example.com")))).toBe("f1e3c2e5f23a6ba0ab90f4ff");
    expect(hex(huffmanEncode(Uint8Array.of(0)))).toBe("ffc7");
    expect(hex(huffmanEncode(Uint8Array.of(10)))).toBe("fffffff3");
    expect(hex(huffmanEncode(Uint8Array.of(249)))).toBe("ffffffef");
  });
});
