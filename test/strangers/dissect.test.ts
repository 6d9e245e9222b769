import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Conversations } from "../../src/dissect/conversation.ts";
import type { Dissection, Field } from "../../src/dissect/tree.ts";
import { makeWorld, readPcapng, runAt, watch } from "../scenario/kit.ts";
import { has } from "./tools.ts";

/*
 * What the inspector says of each byte is what Wireshark says: the same names for the same bytes, in
 * every frame of a request through the mesh, as each device saw it.
 */

/** Names of ours for what Wireshark shows without one, or only in words. */
const OURS = [
  /^data\.data$/,
  /^dns\.((qry|resp)\.record|srv\.name)$/,
  /^geneve\.option\.length$/,
  /^http\.header$/,
  /^http2\.(header|magic|headers\..*)$/,
  /^tcp\.options\.(nop|wscale|mss|sack_perm|timestamp)$/,
  /^tls\.handshake\.extension$/,
  /^tls\.record\.content_type$/,
  /^x509/,
];

interface Stranger {
  names: Set<string>;
  text: string;
}

function strangerReads(pcap: string, keys: string): Stranger[] {
  const told = ["-o", `tls.keylog_file:${keys}`, "-d", "tcp.port==15008,tls", "-T", "pdml"];
  const { stdout } = spawnSync("tshark", ["-r", pcap, ...told], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  return stdout
    .split("<packet>")
    .slice(1)
    .map((text) => {
      const names = new Set<string>();
      for (const [, attributes = ""] of text.matchAll(/<(?:field|proto) ([^>]*)>/g)) {
        const of = (name: string) => new RegExp(`(?:^| )${name}="([^"]*)"`).exec(attributes)?.[1];
        names.add(`${of("name")} ${of("pos")}+${of("size")}`);
      }
      return { names, text };
    });
}

/** A classic capture file of Ethernet frames. */
function pcap(frames: readonly Uint8Array[]): Uint8Array {
  const head = new DataView(new ArrayBuffer(24));
  [0xa1b2c3d4, 0x00040002, 0, 0, 65535, 1].forEach((word, i) => {
    head.setUint32(4 * i, word, true);
  });
  const parts: Uint8Array[] = [new Uint8Array(head.buffer)];
  frames.forEach((frame, i) => {
    const record = new DataView(new ArrayBuffer(16));
    [i, 0, frame.length, frame.length].forEach((word, at) => {
      record.setUint32(4 * at, word, true);
    });
    parts.push(new Uint8Array(record.buffer), frame);
  });
  return Buffer.concat(parts);
}

function flat(fields: readonly Field[]): Field[] {
  return fields.flatMap((field) => [field, ...flat(field.fields)]);
}

describe.skipIf(!has("tshark"))("tshark and our dissectors", () => {
  const dir = mkdtempSync(join(tmpdir(), "hopscope-"));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  /** Frames by "namespace device", and the secrets. */
  const seen = new Map<string, Uint8Array[]>();
  let keyLog: string[] = [];

  beforeAll(() => {
    const world = makeWorld("ambient-2022");
    const { files } = watch(world, () => {
      runAt(world, "sleep", "curl -s productpage:9080/ >/dev/null; ping -c 1 10.4.3.20 >/dev/null");
      runAt(world, "sleep", "nc -w 1 -u 10.4.3.20 9999 </dev/null; ping -c 1 -t 1 10.4.3.20");
      runAt(world, "sleep", "dig +short SRV _http._tcp.productpage.default.svc.cluster.local");
    });
    keyLog = world.keyLog;
    writeFileSync(join(dir, "keys.log"), `${keyLog.join("\n")}\n`);
    for (const { name, data: bytes } of files)
      for (const { device, data } of readPcapng(bytes)) {
        const key = `${name} ${device}`;
        seen.set(key, [...(seen.get(key) ?? []), data]);
      }
  });

  it("give the same bytes the same names, in every frame at every device", () => {
    let compared = 0;
    const differences: string[] = [];
    for (const [place, frames] of seen) {
      const path = join(dir, "a.pcap");
      writeFileSync(path, pcap(frames));
      const stranger = strangerReads(path, join(dir, "keys.log"));
      expect(stranger).toHaveLength(frames.length);
      const reader = new Conversations();
      reader.keyLog.update(keyLog);
      frames.forEach((frame, i) => {
        const { layers } = reader.push(frame);
        // It does not look into what CONNECT carries.
        const shown = layers.filter(({ protocol, source }) => protocol !== "http" || source === 0);
        for (const field of shown.flatMap((layer) => flat(layer.fields))) {
          if (OURS.some((pattern) => pattern.test(field.name))) continue;
          compared++;
          const name = `${field.name} ${field.at}+${field.length}`;
          if (!stranger[i]?.names.has(name))
            differences.push(`${place} frame ${i + 1}: ${name} = ${field.value}`);
        }
      });
    }
    expect(differences.slice(0, 40)).toEqual([]);
    expect(compared).toBeGreaterThan(5000);
  });

  it("read the same request in the same tunnel", () => {
    const place = [...seen.keys()].find(
      (key) => key.startsWith("ztunnel-rts54") && key.endsWith("eth0"),
    );
    const reader = new Conversations();
    reader.keyLog.update(keyLog);
    const read: Dissection[] = (seen.get(place ?? "") ?? []).map((frame) => reader.push(frame));
    const titles = read.flatMap(({ layers }) => layers.map((layer) => layer.title));
    expect(titles.filter((title) => title.includes("CONNECT"))).toEqual([
      "HyperText Transfer Protocol 2, Stream: HEADERS, Stream ID: 1, CONNECT 10.4.3.20:9080",
    ]);
    expect(titles.filter((title) => title.startsWith("Hypertext"))).toEqual(
      expect.arrayContaining([
        "Hypertext Transfer Protocol, GET / HTTP/1.1",
        "Hypertext Transfer Protocol, HTTP/1.1 200 OK",
      ]),
    );
    const names = read
      .flatMap(({ layers }) => layers.flatMap((layer) => flat(layer.fields)))
      .filter((field) => field.name === "x509ce.uniformResourceIdentifier");
    expect(names.map((field) => field.value)).toEqual([
      "spiffe://cluster.local/ns/default/sa/bookinfo-productpage",
      "spiffe://cluster.local/ns/default/sa/sleep",
    ]);
  });
});
