import { describe, expect, it } from "vitest";
import { payloadWhat } from "./payload.ts";

const text = (s: string) => payloadWhat(new TextEncoder().encode(s), 0, s.length);
const bytes = (...all: number[]) => payloadWhat(Uint8Array.from([9, ...all, 9]), 1, all.length + 1);

describe("what a segment's bytes say themselves", () => {
  it("names TLS records, and the hellos", () => {
    expect(bytes(22, 3, 1, 0, 5, 1, 0)).toBe("TLS Client Hello");
    expect(bytes(22, 3, 3, 0, 5, 2, 0)).toBe("TLS Server Hello");
    expect(bytes(22, 3, 3, 0, 5)).toBe("TLS Handshake");
    expect(bytes(23, 3, 3, 0, 5, 1)).toBe("TLS Application Data");
    expect(bytes(21, 3, 3)).toBe("TLS Alert");
  });
  it("quotes the first line of HTTP/1", () => {
    expect(text("GET / HTTP/1.1\r\nhost: x\r\n")).toBe("GET / HTTP/1.1");
    expect(text("HTTP/1.1 200 OK\r\n")).toBe("HTTP/1.1 200 OK");
  });
  it("says nothing of anything else", () => {
    expect(text("hello")).toBe("");
    expect(text("")).toBe("");
    expect(bytes(22, 4, 1)).toBe("");
    expect(text(`GET /${"x".repeat(100)} HTTP/1.1\r\n`)).toBe("");
    expect(bytes(71, 69, 0)).toBe("");
  });
});
