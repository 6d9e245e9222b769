import { describe, expect, it } from "vitest";
import { type DnsMessage, decodeDns, dnsQuery, dnsResponse, encodeDns, formatIpv6 } from "./dns.ts";

describe("dns", () => {
  it("writes a query as glibc does", () => {
    const bytes = encodeDns(dnsQuery(0x1234, "a.bc", "A"));
    expect([...bytes]).toEqual([
      0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 97, 2, 98, 99, 0, 0, 1, 0, 1,
    ]);
  });

  it("reads what it writes, with compression", () => {
    const query = dnsQuery(7, "www.example.com", "A");
    const answer: DnsMessage = {
      ...dnsResponse(query),
      answers: [
        { name: "www.example.com.", type: "CNAME", ttl: 30, data: "web.example.com." },
        { name: "web.example.com.", type: "A", ttl: 5, data: "10.0.0.7" },
        { name: "web.example.com.", type: "AAAA", ttl: 5, data: "fd00::1:0:2" },
        { name: "x.example.com.", type: "SRV", ttl: 1, data: "0 100 53 web.example.com." },
        { name: "x.example.com.", type: "TXT", ttl: 1, data: '"one two" "three"' },
        { name: "x.example.com.", type: "MX", ttl: 1, data: "10 mail.example.com." },
        { name: "x.example.com.", type: "TYPE65", ttl: 1, data: "\\# 2 00FF" },
      ],
      authority: [
        {
          name: "example.com.",
          type: "SOA",
          ttl: 9,
          data: "ns.example.com. me.example.com. 1 2 3 4 5",
        },
      ],
      edns: { udpSize: 1232, cookie: "0123456789abcdef" },
    };
    const bytes = encodeDns(answer);
    expect(bytes.length).toBeLessThan(310);
    expect(decodeDns(bytes)).toEqual(answer);
  });

  it("says no to broken messages", () => {
    const whole = encodeDns({ ...dnsQuery(7, "www.example.com", "A") });
    for (let n = 0; n < whole.length; n++) expect(decodeDns(whole.subarray(0, n))).toBeNull();
    const loop = whole.slice();
    loop[12] = 0xc0;
    loop[13] = 12;
    expect(decodeDns(loop)).toBeNull();
  });

  it("shortens IPv6 addresses by RFC 5952", () => {
    const of = (...groups: number[]): string =>
      formatIpv6(Uint8Array.from(groups.flatMap((g) => [g >> 8, g & 255])), 0);
    expect(of(0, 0, 0, 0, 0, 0, 0, 1)).toBe("::1");
    expect(of(0, 0, 0, 0, 0, 0, 0, 0)).toBe("::");
    expect(of(0xfe80, 0, 0, 0, 0, 0, 0, 0)).toBe("fe80::");
    expect(of(0xfd00, 0, 0, 1, 0, 0, 0, 2)).toBe("fd00:0:0:1::2");
    expect(of(1, 0, 3, 4, 5, 6, 7, 8)).toBe("1:0:3:4:5:6:7:8");
  });
});
