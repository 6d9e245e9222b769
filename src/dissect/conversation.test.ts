import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Ipv4 } from "../wire/ipv4.ts";
import { Tcp, TH_ACK, TH_SYN } from "../wire/tcp.ts";
import { Conversations } from "./conversation.ts";
import type { Dissection, Field } from "./tree.ts";

/** A TCP segment between two ports, without Ethernet around it. */
function segment(seq: number, data: string | Uint8Array, flags = TH_ACK, ports = [4000, 80]) {
  const bytes = typeof data === "string" ? Uint8Array.from(data, (c) => c.charCodeAt(0)) : data;
  const packet = new Uint8Array(40 + bytes.length);
  const [srcPort = 0, dstPort = 0] = ports;
  Ipv4.write(packet, 0, {
    tos: 0,
    totalLength: packet.length,
    id: 1,
    fragment: 0,
    ttl: 64,
    protocol: 6,
    src: 1,
    dst: 2,
  });
  packet.set(bytes, 40);
  const fields = { srcPort, dstPort, seq, ack: 0, flags, window: 1, src: 1, dst: 2 };
  Tcp.write(packet, 20, packet.length, { ...fields, options: new Uint8Array(0) });
  return packet;
}

const titles = ({ layers }: Dissection) => layers.map((layer) => layer.title.split(",")[0]);

function every(fields: readonly Field[], check: (field: Field) => void): void {
  for (const field of fields) {
    check(field);
    every(field.fields, check);
  }
}

/** Fields point at bytes that are there. */
function wellFormed({ layers, sources }: Dissection): void {
  for (const layer of layers)
    every(layer.fields, ({ at, length, name }) => {
      const size = sources[layer.source]?.bytes.length ?? -1;
      expect([name, at >= 0 && length >= 0 && at + length <= size]).toEqual([name, true]);
    });
}

const request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

describe("conversations", () => {
  it("read a request where it stands", () => {
    const reader = new Conversations();
    reader.push(segment(9, "", TH_SYN), false);
    expect(titles(reader.push(segment(10, request), false)).at(-1)).toBe(
      "Hypertext Transfer Protocol",
    );
  });

  it("read records that segments cut where they like, in whatever order they come", () => {
    // A Client Hello's record header promises ten bytes; they come in three segments, the last first.
    const record = Uint8Array.of(22, 3, 3, 0, 10, 8, 0, 0, 6, 0, 4, 0, 16, 0, 0);
    const reader = new Conversations();
    reader.push(segment(9, "", TH_SYN), false);
    reader.push(segment(10, record.subarray(0, 3)), false);
    expect(titles(reader.push(segment(17, record.subarray(7)), false)).at(-1)).toBe(
      "Data (8 bytes)",
    );
    const last = reader.push(segment(13, record.subarray(3, 7)), false);
    expect(titles(last)).toContain("TLS Handshake: Encrypted Extensions");
    expect(last.sources.map((source) => source.name)).toEqual(["Frame", "Reassembled TLS record"]);
    wellFormed(last);
  });

  it("do not read again what was sent again", () => {
    const reader = new Conversations();
    const record = Uint8Array.of(21, 3, 3, 0, 2, 1, 0);
    const hello = Uint8Array.of(22, 3, 3, 0, 4, 20, 0, 0, 0);
    reader.push(segment(10, hello), false);
    expect(titles(reader.push(segment(19, record), false)).at(-1)).toBe("TLS Alert: close_notify");
    expect(titles(reader.push(segment(19, record), false)).at(-1)).toBe("Data (7 bytes)");
  });

  it("take whatever comes", () => {
    const start = fc.constantFrom<number[]>(
      [],
      [22, 3, 1],
      [0x50, 0x52, 0x49],
      [23, 3, 3, 0, 20],
      [22, 3, 3, 0, 60, 1, 0, 0, 56, 3, 3],
      [22, 3, 3, 0, 60, 11, 0, 0, 56, 0, 0, 0, 52, 0, 0, 49, 0x30],
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(start, fc.uint8Array({ maxLength: 80 }), fc.nat(200), fc.boolean()), {
          maxLength: 12,
        }),
        (pieces) => {
          const reader = new Conversations();
          for (const [head, tail, seq, back] of pieces) {
            const data = Uint8Array.from([...head, ...tail]);
            wellFormed(
              reader.push(segment(seq, data, TH_ACK, back ? [80, 4000] : [4000, 80]), false),
            );
            wellFormed(reader.push(data));
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  it("take frames whose bytes were changed", () => {
    const kinds = [
      [8, 0, 0x45, 0, 0, 60, 0, 0, 0, 0, 64, 17, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 0, 99, 0, 53, 0, 40],
      [
        8, 0, 0x45, 0, 0, 60, 0, 0, 0, 0, 64, 17, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 0, 99, 0x17, 0xc1,
        0, 40,
      ],
      [8, 0, 0x45, 0, 0, 60, 0, 0, 0, 0, 64, 1, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3],
      [8, 0, 0x45, 0, 0, 60, 0, 0, 0, 0, 64, 6, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2],
      [8, 6, 0, 1, 8, 0, 6, 4],
      [0x81, 0, 0, 5],
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...kinds),
        fc.uint8Array({ minLength: 0, maxLength: 70 }),
        (kind, rest) => {
          const frame = Uint8Array.from([...new Array(12).fill(2), ...kind, ...rest]);
          wellFormed(new Conversations().push(frame));
        },
      ),
      { numRuns: 2000 },
    );
  });
});
