import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Arp } from "./arp.ts";
import { adjust16, finish, sum } from "./checksum.ts";
import { Ethernet } from "./ethernet.ts";
import { Geneve } from "./geneve.ts";
import { Icmp } from "./icmp.ts";
import { Ipv4 } from "./ipv4.ts";
import { Tcp } from "./tcp.ts";
import { Udp } from "./udp.ts";
import { Vxlan } from "./vxlan.ts";

const numRuns = Number(process.env.FC_RUNS ?? 100);
const u8 = fc.nat(0xff);
const u16 = fc.nat(0xffff);
const u32 = fc.nat(0xffffffff);
const ipFields = fc.record({
  tos: u8,
  totalLength: fc.integer({ min: 20, max: 1500 }),
  id: u16,
  fragment: u16,
  ttl: u8,
  protocol: u8,
  src: u32,
  dst: u32,
});

describe("checksum", () => {
  it("is that of RFC 1071's example", () => {
    const data = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
    expect(finish(sum(data, 0, 8))).toBe(~0xddf2 & 0xffff);
  });

  it("of an odd number of bytes takes the last as the high half of a word", () => {
    expect(finish(sum(Uint8Array.of(0x12), 0, 1))).toBe(~0x1200 & 0xffff);
  });

  it("adjusted for a word is that of the whole computed anew", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 24, maxLength: 24 }), u16, (data, word) => {
        // At 0 the checksum of the rest; one word of the rest changes.
        data.set([0, 0]);
        const first = finish(sum(data, 0, 24));
        data.set([first >> 8, first & 255]);
        const old = ((data[10] as number) << 8) | (data[11] as number);
        adjust16(data, 0, old, word);
        data.set([word >> 8, word & 255], 10);
        expect(finish(sum(data, 0, 24))).toBe(0);
      }),
      { numRuns },
    );
  });
});

describe("headers", () => {
  it("IPv4: what is written is read, and every setter keeps the checksum", () => {
    fc.assert(
      fc.property(ipFields, u8, u8, u32, u32, (fields, tos, ttl, src, dst) => {
        const buf = new Uint8Array(40);
        const ip = Ipv4.write(buf, 7, fields);
        const { tos: t, totalLength, id, fragment, ttl: l, protocol, src: s, dst: d } = ip;
        expect({ tos: t, totalLength, id, fragment, ttl: l, protocol, src: s, dst: d }).toEqual(
          fields,
        );
        expect(ip.checksumValid).toBe(true);
        ip.tos = tos;
        ip.ttl = ttl;
        ip.src = src;
        ip.dst = dst;
        expect([ip.tos, ip.ttl, ip.src, ip.dst, ip.checksumValid]).toEqual([
          tos,
          ttl,
          src,
          dst,
          true,
        ]);
      }),
      { numRuns },
    );
  });

  const payload = fc.uint8Array({ maxLength: 61 });

  it("UDP: ports and addresses may change, the checksum stays right; none stays none", () => {
    fc.assert(
      fc.property(payload, u16, u16, u32, u32, fc.boolean(), (data, a, b, src, dst, checksum) => {
        const buf = new Uint8Array(8 + data.length);
        buf.set(data, 8);
        Udp.write(buf, 0, buf.length, { srcPort: a, dstPort: b, src, dst, checksum });
        const udp = new Udp(buf, 0);
        expect(Udp.check(buf, 0, buf.length)).toBe(true);
        expect([udp.srcPort, udp.dstPort, udp.length]).toEqual([a, b, buf.length]);
        expect(udp.checksum === 0).toBe(!checksum);
        udp.srcPort = b;
        udp.dstPort = a;
        udp.addressChanged(src, dst);
        udp.addressChanged(dst, src);
        expect(udp.checksumValid(src, dst)).toBe(true);
        expect(udp.checksum === 0).toBe(!checksum);
        if (checksum && data.length) {
          buf[8] = ((buf[8] as number) + 1) & 255;
          expect(udp.checksumValid(src, dst)).toBe(false);
        }
      }),
      { numRuns },
    );
  });

  it("TCP: ports and addresses may change, the checksum stays right", () => {
    fc.assert(
      fc.property(payload, u16, u16, u32, u32, (data, a, b, src, dst) => {
        const options = Uint8Array.of(2, 4, 5, 180, 1, 3, 3, 7);
        const buf = new Uint8Array(28 + data.length);
        buf.set(data, 28);
        const fields = {
          srcPort: a,
          dstPort: b,
          seq: src,
          ack: dst,
          flags: 0x12,
          window: a,
          options,
        };
        Tcp.write(buf, 0, buf.length, { ...fields, src, dst });
        const tcp = new Tcp(buf, 0);
        expect(Tcp.check(buf, 0, buf.length)).toBe(true);
        expect([tcp.srcPort, tcp.dstPort, tcp.seq, tcp.ack, tcp.flags, tcp.window]).toEqual([
          a,
          b,
          src,
          dst,
          0x12,
          a,
        ]);
        expect(tcp.options).toEqual({ mss: 1460, windowScale: 7 });
        tcp.srcPort = b;
        tcp.dstPort = a;
        tcp.addressChanged(src, a);
        expect(tcp.checksumValid(a, dst, buf.length)).toBe(true);
      }),
      { numRuns },
    );
  });

  it("Geneve and VXLAN: the VNI of 24 bits, and where the inner frame begins", () => {
    fc.assert(
      fc.property(fc.nat(0xffffff), (vni) => {
        const buf = new Uint8Array(16);
        Vxlan.write(buf, 0, vni);
        expect(Vxlan.check(buf, 0, 16)).toBe(true);
        expect(new Vxlan(buf, 0).vni).toBe(vni);
      }),
      { numRuns },
    );
    // Version 0, one option of one word: class 0x0102, type 0x80.
    const buf = Uint8Array.of(2, 0x40, 0x65, 0x58, 0, 3, 0xe9, 0, 1, 2, 0x80, 1, 9, 8, 7, 6);
    expect(Geneve.check(buf, 0, 16)).toBe(true);
    const geneve = new Geneve(buf, 0);
    expect([geneve.vni, geneve.headerLength, geneve.critical]).toEqual([1001, 16, true]);
    expect(geneve.options).toEqual([
      { class: 0x0102, type: 0x80, data: Uint8Array.of(9, 8, 7, 6) },
    ]);
    expect(Geneve.check(buf, 0, 15)).toBe(false);
  });

  it("whatever the bytes are, a check answers, and what it lets through can be read", () => {
    const views = [Ethernet, Arp, Ipv4, Udp, Tcp, Icmp, Geneve, Vxlan];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 90 }), fc.nat(20), (data, off) => {
        for (const View of views) {
          if (!View.check(data, off, data.length)) continue;
          const view = new View(data, off);
          // Every getter of the header, by its name.
          for (const name of Object.getOwnPropertyNames(View.prototype)) {
            const getter = Object.getOwnPropertyDescriptor(View.prototype, name)?.get;
            const value = getter?.call(view);
            if (name === "payload" || name === "end")
              expect(value).toBeLessThanOrEqual(data.length);
          }
        }
      }),
      { numRuns: numRuns * 20 },
    );
  });
});
