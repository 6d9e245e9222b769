import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromBase64, toBase64 } from "../../base/base64.ts";
import { utf8 } from "../../base/text.ts";
import {
  DerError,
  DerReader,
  der,
  GENERALIZED_TIME,
  INTEGER,
  integer,
  OCTET_STRING,
  octetString,
  oid,
  readTime,
  time,
  UTC_TIME,
} from "./der.ts";
import { fromPem, toPem } from "./pem.ts";

const read = (...octets: number[]) => new DerReader(Uint8Array.from(octets));

describe("DER", () => {
  it("has one form for every length", () => {
    for (const length of [0, 1, 127, 128, 255, 256, 65535, 65536]) {
      const content = new Uint8Array(length).fill(7);
      expect(new DerReader(octetString(content)).content(OCTET_STRING)).toEqual(content);
    }
    const bad = [[4, 0x81, 1, 0], [4, 0x82, 0, 0x80], [4, 0x80, 0, 0], [4, 2, 0], [4], []];
    for (const octets of bad)
      expect(() => read(...octets).content(OCTET_STRING), String(octets)).toThrow(DerError);
  });

  it("has one form for every number, truth and name", () => {
    expect(integer(0)).toEqual(Uint8Array.of(INTEGER, 1, 0));
    expect(integer(128)).toEqual(Uint8Array.of(INTEGER, 2, 0, 128));
    expect(integer(Uint8Array.of(0, 0, 1))).toEqual(Uint8Array.of(INTEGER, 1, 1));
    for (const octets of [
      [2, 0],
      [2, 2, 0, 1],
      [2, 2, 255, 128],
    ])
      expect(() => read(...octets).integer(), String(octets)).toThrow(DerError);
    expect(() => read(2, 1, 255).number()).toThrow(DerError);
    expect(() => read(1, 1, 1).boolean()).toThrow(DerError);
    for (const octets of [
      [6, 0],
      [6, 1, 0x81],
      [6, 3, 42, 0x80, 1],
    ])
      expect(() => read(...octets).oid(), String(octets)).toThrow(DerError);
    expect(() => read(0x1f, 0).enter()).toThrow(DerError);
    expect(() => read(4, 0, 0).finish()).toThrow(DerError);
  });

  it("gives back every object identifier", () => {
    const arc = fc.nat(2 ** 31 - 1);
    fc.assert(
      fc.property(fc.nat(2), fc.nat(39), fc.array(arc, { maxLength: 8 }), (top, second, arcs) => {
        const text = [top, second, ...arcs].join(".");
        expect(new DerReader(oid(text)).oid()).toBe(text);
      }),
    );
  });

  it("writes times of this century short and those after 2049 long, and reads no others", () => {
    for (const [text, tag] of [
      ["2026-11-21T12:00:00Z", UTC_TIME],
      ["2049-12-31T23:59:59Z", UTC_TIME],
      ["2050-01-01T00:00:00Z", GENERALIZED_TIME],
      ["1999-02-28T00:00:00Z", UTC_TIME],
    ] as const) {
      const ms = Date.parse(text);
      expect(time(ms)[0]).toBe(tag);
      expect(readTime(new DerReader(time(ms + 999)))).toBe(ms);
    }
    for (const bad of [
      "261121120000",
      "261321120000Z",
      "260230120000Z",
      "261121240000Z",
      "20261121120000Z",
    ])
      expect(() => readTime(new DerReader(der(UTC_TIME, utf8(bad)))), bad).toThrow(DerError);
  });
});

describe("PEM", () => {
  it("gives back what it was given, and base64 is Node's", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
        expect(fromPem(`text before\n${toPem("X Y", bytes)}text after`)).toEqual([
          { label: "X Y", der: bytes },
        ]);
      }),
    );
  });

  it("leaves out what is no base64", () => {
    for (const bad of ["A", "AAA", "A===", "AA=A", "AA*A"]) expect(fromBase64(bad)).toBe(null);
    expect(fromPem("-----BEGIN A-----\nAAAA\n-----END B-----\n")).toEqual([]);
  });
});
