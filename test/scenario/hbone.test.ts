import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { concatBytes } from "../../src/base/text.ts";
import type { Ztunnel } from "../../src/mesh/ambient2022/ztunnel.ts";
import { CertificateAuthority } from "../../src/mesh/identity/authority.ts";
import { remember } from "../../src/sim/memento.ts";
import { MSEC } from "../../src/sim/sim.ts";
import { uriNames } from "../../src/tls/x509/certificate.ts";
import { makeName } from "../../src/tls/x509/name.ts";
import { makeRequest, requestToPem } from "../../src/tls/x509/request.ts";
import type { World } from "../../src/world/world.ts";
import { agentOf, makeWorld, runAt, watch } from "./kit.ts";

/** What the tunnel between the ztunnels is: mutual TLS between two identities, CONNECT within. */

let world: World;
beforeEach(() => {
  world = makeWorld("ambient-2022");
});

const agent = (name: string) => agentOf(world, name);
const ztunnel = (name: string): Ztunnel => agent(name).ztunnel;
/** The secret of a workload identity that a ztunnel holds. */
const secret = (name: string, identity: string) =>
  [...agent(name).secrets.held.values()].find(({ id }) => id.startsWith(`${identity}~`));
const ZTUNNEL_A = "ztunnel-rts54";
const ZTUNNEL_B = "ztunnel-z4qmh";
const NOW = Date.UTC(2022, 10, 21, 8);
const SLEEP = "spiffe://cluster.local/ns/default/sa/sleep";
const PRODUCTPAGE = "spiffe://cluster.local/ns/default/sa/bookinfo-productpage";
const URL = "http://10.8.14.226:9080/";

const curl = (flags = "") =>
  runAt(world, "sleep", `curl -s -o /dev/null -w '%{http_code}' ${flags} ${URL}`);

describe("HBONE", () => {
  it("joins the identities of the two workloads, each side having verified the other", () => {
    expect(curl().stdout).toBe("200");
    const [entry] = [...ztunnel(ZTUNNEL_A).pool.entries.values()];
    const [server] = [...ztunnel(ZTUNNEL_B).tunnels.keys()];
    const seen = (tls?: { peerCertificates: Parameters<typeof uriNames>[0][] }) =>
      tls?.peerCertificates.flatMap((certificate) => uriNames(certificate));
    expect(seen(entry?.tunnel?.tls)).toEqual([PRODUCTPAGE]);
    expect(seen(server?.tls)).toEqual([SLEEP]);
    expect([entry?.tunnel?.tls.alpn, server?.tls.alpn]).toEqual(["h2", "h2"]);
    expect(server?.tls.verification?.error).toBeNull();
  });

  it("carries later connections of the same identity to the same pod; each is a journey", () => {
    const { stories, reader } = watch(world, () => [curl().stdout, curl().stdout, curl().stdout]);
    const syn = (port: number) =>
      stories.filter((s) => s.what === "SYN" && s.head.dstPort === port).length;
    expect([syn(15008), syn(9080)]).toEqual([1, 6]);
    const journeys = reader.journeys().filter((j) => j.title.endsWith("10.8.14.226:9080"));
    expect(journeys).toHaveLength(3);
    for (const { packets } of journeys) {
      const ports = new Set(packets.map((skb) => reader.stories.get(skb)?.head.dstPort));
      expect([ports.has(9080), ports.has(15008)]).toEqual([true, true]);
    }
  });

  it("passes on who speaks first, and both ends of a conversation", () => {
    const script = "{ echo server first; cat; } | nc -l -p 7000 > /tmp/heard & sleep 1";
    runAt(world, "productpage", script);
    const out = runAt(
      world,
      "sleep",
      "{ sleep 1; echo client second; } | nc -N -w 3 10.4.3.20 7000",
    );
    expect(out.stdout).toBe("server first\n");
    expect(runAt(world, "productpage", "cat /tmp/heard").stdout).toBe("client second\n");
  });

  it("carries a megabyte unchanged", () => {
    runAt(world, "productpage", "nc -l -p 7000 > /tmp/got & sleep 0.1");
    runAt(world, "sleep", "seq 160000 > /tmp/sent; nc -N -w 5 10.4.3.20 7000 < /tmp/sent; sleep 1");
    const sum = (at: string, file: string) => runAt(world, at, `cksum < ${file}`).stdout;
    expect(sum("productpage", "/tmp/got")).toBe(sum("sleep", "/tmp/sent"));
    expect(runAt(world, "productpage", "wc -c < /tmp/got").stdout.trim()).toBe("1008895");
  });

  it("renews certificates at half of their life", () => {
    curl();
    const serial = () => secret(ZTUNNEL_A, SLEEP)?.leaf?.serial;
    const first = serial();
    world.sim.runUntil(world.sim.now + 11.9 * 3600 * 1000 * MSEC);
    expect(serial()).toBe(first);
    world.sim.runUntil(world.sim.now + 0.3 * 3600 * 1000 * MSEC);
    expect(serial()).not.toEqual(first);
    expect(curl().stdout).toBe("200");
  });

  it("is remembered with its world, and goes on the same from there", () => {
    curl();
    const { trace } = world.sim;
    const before = remember(world, trace.rings);
    const first = [curl().stdout, trace.next];
    before.restore();
    expect([curl().stdout, trace.next]).toEqual(first);
  });

  it("refuses a peer of another root; the client sees its connection end", () => {
    // As if the other cluster's authority had signed for sleep.
    const held = secret(ZTUNNEL_A, SLEEP);
    if (!held?.identity) throw new Error("no secret");
    const { key } = held.identity;
    const request = makeRequest({ subject: makeName([]) }, key);
    const other = new CertificateAuthority("cluster.local", world.sim.rng("other"), NOW);
    const forged = other.sign(requestToPem(request), SLEEP, 0, NOW);
    if ("code" in forged) throw new Error(forged.message);
    held.identity = { key, chain: [forged] };
    const { status, stdout } = curl("--max-time 5");
    expect(stdout).toBe("000");
    expect([52, 56]).toContain(status);
    const logs = runAt(world, "node-a", `kubectl logs -n istio-system ${ZTUNNEL_A}`).stdout;
    expect(logs.split("\n").filter((line) => line.includes(" UF "))).toHaveLength(2);
  });

  it("does not understand what is not TLS", () => {
    const pod = "10.4.3.14";
    const out = runAt(world, "node-b", `curl -sS --max-time 3 http://${pod}:15008/`);
    expect(out.status).not.toBe(0);
  });

  const tshark = spawnSync("tshark", ["--version"]).status === 0;
  if (!tshark) console.warn("hbone: no tshark here, the capture was not decrypted");
  it.skipIf(!tshark)("tshark decrypts it with our key log", { timeout: 60_000 }, () => {
    const { files } = watch(world, curl);
    const dir = mkdtempSync(join(tmpdir(), "hopscope-"));
    try {
      const [capture, keys] = [join(dir, "x.pcapng"), join(dir, "keys.log")];
      writeFileSync(
        capture,
        concatBytes(files.filter((f) => f.name === "node-b").map((f) => f.data)),
      );
      writeFileSync(keys, world.keyLog.map((line) => `${line}\n`).join(""));
      const fields = [
        "http2.headers.authority",
        "http2.headers.method",
        "http2.headers.status",
        "http2.data.data",
      ];
      const ran = spawnSync(
        "tshark",
        [
          "-r",
          capture,
          "-o",
          `tls.keylog_file:${keys}`,
          "-d",
          "tcp.port==15008,tls",
          "-Y",
          "http2",
          "-T",
          "fields",
          ...fields.flatMap((f) => ["-e", f]),
        ],
        { encoding: "utf8" },
      );
      const rows = ran.stdout.split("\n").map((line) => line.split("\t"));
      expect(rows.some((row) => row[0] === "10.4.3.20:9080" && row[1] === "CONNECT")).toBe(true);
      expect(rows.some((row) => row[2]?.includes("200"))).toBe(true);
      const data = rows.map((row) => Buffer.from(row[3] ?? "", "hex").toString()).join("");
      expect(data).toContain("GET / HTTP/1.1");
      expect(data).toContain("Simple Bookstore App");
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
