import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../base/text.ts";
import { matches } from "./filter.ts";
import { FilterError, parseFilter } from "./filter-parse.ts";
import { pcapHeader, pcapRecord, readPcap } from "./pcap.ts";
import { interfaceBlock, packetBlock, sectionHeader } from "./pcapng.ts";

const hex = (text: string) =>
  Uint8Array.from(text.replace(/\s/g, "").match(/../g) ?? [], (octet) =>
    Number.parseInt(octet, 16),
  );

/** Frames of a real capture (Linux 6.18, a veth pair). */
const ARP = hex(`ffffffffffff 020000000001 0806 0001 0800 06 04 0001
  020000000001 0a000001 000000000000 0a000002`);
const ECHO = hex(`020000000002 020000000001 0800 45000054 1c2e 4000 40 01 0a79 0a000001 0a000002
  0800 7d02 0001 0001 ${"00".repeat(56)}`);
const DNS = hex(`020000000002 020000000001 0800 45000021 0000 4000 40 11 26ca 0a000001 0a000002
  9c42 0035 000d 0000 6869 6869 0a`);
const frames = [ARP, ECHO, DNS];

describe("pcap", () => {
  it("what is written is read; a record that is cut off is left out", () => {
    const file = concatBytes([
      pcapHeader(1, 262144),
      ...frames.map((data, i) =>
        pcapRecord({ time: 1_600_000_000_000_000 + i, data, length: data.length }),
      ),
    ]);
    const read = readPcap(file);
    expect(read?.linkType).toBe(1);
    expect(read?.records.map((r) => r.data)).toEqual(frames);
    expect(read?.records.map((r) => r.time)).toEqual(
      [0, 1, 2].map((i) => 1_600_000_000_000_000 + i),
    );
    expect(readPcap(file.subarray(0, file.length - 1))?.records.length).toBe(2);
    expect(readPcap(file.subarray(0, 23))).toBeNull();
    expect(readPcap(new Uint8Array(100))).toBeNull();
  });
});

describe("pcapng", () => {
  const file = concatBytes([
    sectionHeader("Hopscope"),
    interfaceBlock({ name: "eth0", linkType: 1 }),
    packetBlock({
      interface: 0,
      time: 1_669_017_600_000_000_123n,
      data: ECHO,
      length: ECHO.length,
      direction: "out",
      comment: "nat/POSTROUTING rule 1: é",
    }),
  ]);

  it("is made of blocks of whole words that say their length twice", () => {
    const view = new DataView(file.buffer);
    const types: number[] = [];
    for (let at = 0; at < file.length; ) {
      const length = view.getUint32(at + 4, true);
      expect([length % 4, view.getUint32(at + length - 4, true)]).toEqual([0, length]);
      types.push(view.getUint32(at, true));
      at += length;
    }
    expect(types).toEqual([0x0a0d0d0a, 1, 6]);
  });

  const tshark = spawnSync("tshark", ["--version"]).status === 0;
  it.skipIf(!tshark)(
    "is read by tshark with its name, direction, comment and time",
    () => {
      const dir = mkdtempSync(join(tmpdir(), "hopscope-"));
      try {
        writeFileSync(join(dir, "x"), file);
        const fields = ["interface_name", "packet_flags_direction", "comment", "time_epoch"];
        const ran = spawnSync(
          "tshark",
          ["-r", join(dir, "x"), "-T", "fields", ...fields.flatMap((f) => ["-e", `frame.${f}`])],
          { encoding: "utf8" },
        );
        expect(ran.stdout).toBe(
          "eth0\t0x00000002\tnat/POSTROUTING rule 1: é\t1669017600.000000123\n",
        );
      } finally {
        rmSync(dir, { recursive: true });
      }
    },
    60_000,
  );
});

describe("filters", () => {
  const which = (filter: string) =>
    frames
      .map((data, i) => ({ data, i }))
      .filter(({ data }) =>
        matches(parseFilter(filter), { data, length: data.length, out: true, device: "v0" }),
      )
      .map(({ i }) => ["arp", "echo", "dns"][i])
      .join(" ");

  it.each([
    ["", "arp echo dns"],
    ["arp", "arp"],
    ["ip", "echo dns"],
    ["not ip", "arp"],
    ["icmp or udp port 53", "echo dns"],
    ["host 10.0.0.1", "arp echo dns"],
    ["src host 10.0.0.2", ""],
    ["dst net 10.0.0.0/24 and udp", "dns"],
    ["udp dst port 53", "dns"],
    ["portrange 40000-40010", "dns"],
    ["ether host 02:00:00:00:00:02", "echo dns"],
    ["broadcast", "arp"],
    ["ether broadcast", "arp"],
    ["ether proto 0x0806", "arp"],
    ["icmp[icmptype] = icmp-echo", "echo"],
    ["ip[8] = 64 and ip[9] = 17", "dns"],
    ["greater 90", "echo"],
    ["less 60", "arp dns"],
    ["(udp or arp) and not port 53", "arp"],
  ])("%s", (filter, expected) => {
    expect(which(filter)).toBe(expected);
  });

  it.each(["host", "port 99999", "net 10.0.0.1/8", "bogus", "( ip", "port 80 and", "ip["])(
    "%s is refused",
    (filter) => {
      expect(() => parseFilter(filter)).toThrow(FilterError);
    },
  );
});
