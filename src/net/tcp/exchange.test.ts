import { describe, expect, it } from "vitest";
import { SysError } from "../../base/errno.ts";
import { A, B, drain, Pair } from "./pair.test-kit.ts";
import { TcpSock } from "./sock.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array): string => new TextDecoder().decode(data);

function pattern(length: number): Uint8Array {
  const out = new Uint8Array(length);
  for (let i = 0; i < length; i++) out[i] = (i * 7 + (i >> 8)) & 255;
  return out;
}

/** Write all of `data`, reading what arrives, until it is there or `ms` have passed. */
function transfer(
  pair: Pair,
  from: TcpSock,
  to: TcpSock,
  data: Uint8Array,
  ms = 600_000,
): Uint8Array {
  const got: Uint8Array[] = [];
  let have = 0;
  let at = 0;
  const end = pair.sim.now + ms * 1e6;
  while (have < data.length && pair.sim.now < end) {
    if (at < data.length) at += from.send(data.subarray(at, at + 65536));
    for (;;) {
      const part = to.recv(1 << 20);
      if (typeof part === "string") break;
      got.push(part);
      have += part.length;
    }
    if (!pair.sim.step(end)) break;
  }
  const all = new Uint8Array(have);
  let put = 0;
  for (const part of got) {
    all.set(part, put);
    put += part.length;
  }
  return all;
}

function errnoOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof SysError) return error.code;
    throw error;
  }
  return "none";
}

describe("tcp: what goes wrong", () => {
  it("sends a SYN again each second for five, then after 2, 4 … and gives up after 131", () => {
    const pair = new Pair();
    pair.wireA.lose = new Set(Array.from({ length: 20 }, (_, i) => i + 1));
    const client = pair.client();
    pair.run(130_000);
    expect(pair.recorder.take().length).toBe(11);
    expect(client.state).toBe("SYN-SENT");
    pair.run(2_000);
    expect(client.state).toBe("CLOSED");
    expect(client.takeError()).toBe("ETIMEDOUT");
  });

  it("sends a SYN-ACK again when it was lost", () => {
    const pair = new Pair();
    pair.listener();
    pair.wireB.lose.add(1);
    const client = pair.client();
    pair.run(1500);
    expect(client.state).toBe("ESTABLISHED");
  });

  it("probes the tail, then retransmits by timeout with backoff", () => {
    const pair = new Pair();
    const { client } = pair.established();
    const from = pair.wireA.sent;
    pair.wireA.lose = new Set(Array.from({ length: 40 }, (_, i) => from + i + 1));
    const start = pair.sim.now;
    client.send(bytes("x"));
    const times: number[] = [];
    let seen = pair.recorder.lines.length;
    while (pair.sim.now < start + 10e9 && pair.sim.step()) {
      if (pair.recorder.lines.length === seen) continue;
      seen = pair.recorder.lines.length;
      times.push(Math.round((pair.sim.now - start) / 1e7) * 10);
    }
    expect(times.slice(0, 6)).toEqual([200, 410, 810, 1630, 3260, 6530]);
  });

  it("gives an established connection up after tcp_retries2", () => {
    const pair = new Pair();
    const { client } = pair.established();
    pair.wireA.loss = 1000;
    client.send(bytes("x"));
    pair.run(900_000);
    expect(client.state).toBe("ESTABLISHED");
    pair.run(200_000);
    expect(errnoOf(() => client.recv(10))).toBe("ETIMEDOUT");
  });

  it("recovers one lost segment by SACK without waiting for a timeout", () => {
    const pair = new Pair();
    const { client, server } = pair.established();
    pair.wireA.lose.add(pair.wireA.sent + 3);
    const data = pattern(14_480);
    client.send(data);
    pair.run(5);
    expect(drain(server)).toEqual(data);
    const lines = pair.recorder.take();
    expect(lines.filter((line) => line.includes("sack"))).not.toEqual([]);
    expect(client.totalRetrans).toBe(1);
  });

  it("recovers without SACK after three duplicates", () => {
    const pair = new Pair();
    pair.b.sysctl.values.set("net/ipv4/tcp_sack", "0");
    const { client, server } = pair.established();
    pair.wireA.lose.add(pair.wireA.sent + 3);
    const data = pattern(14_480);
    client.send(data);
    pair.run(5);
    expect(drain(server)).toEqual(data);
    expect(client.totalRetrans).toBe(1);
  });

  it("resets when it is closed with unread data", () => {
    const pair = new Pair();
    const { client, server } = pair.established();
    client.send(bytes("unread"));
    pair.run();
    server.close();
    pair.run();
    expect(pair.recorder.take().at(-1)).toMatch(/^< \[R\.\] 1 ack 7/);
    expect(errnoOf(() => client.recv(10))).toBe("ECONNRESET");
    expect(client.recv(10)).toBe("EOF");
    expect(errnoOf(() => client.send(bytes("x")))).toBe("EPIPE");
  });

  it("answers data after close with a reset", () => {
    const pair = new Pair();
    const { client, server } = pair.established();
    server.close();
    pair.run();
    client.send(bytes("too late"));
    pair.run();
    expect(pair.recorder.take().at(-1)).toMatch(/^< \[R\]/);
    expect(errnoOf(() => client.send(bytes("x")))).toBe("EPIPE");
  });

  it("stops at a closed window, probes it, and goes on when it opens", () => {
    const pair = new Pair();
    const { client, server } = pair.established();
    const data = pattern(400_000);
    let at = client.send(data);
    for (let i = 0; i < 50; i++) {
      pair.run(100);
      at += client.send(data.subarray(at));
    }
    const lines = pair.recorder.take();
    expect(lines.some((line) => line.startsWith("<") && line.endsWith("win 0"))).toBe(true);
    expect(client.xmitKind).toBe("probe");
    let have = drain(server).length;
    pair.run(5);
    expect(client.sndWnd).toBeGreaterThan(0);
    for (let i = 0; i < 100 && have < data.length; i++) {
      at += client.send(data.subarray(at));
      pair.run(20);
      have += drain(server).length;
    }
    expect(have).toBe(data.length);
  });

  it("drops the handshake's last ACK when nobody accepts", () => {
    const pair = new Pair();
    const listener = pair.listener(80, 0);
    pair.client();
    pair.run();
    const second = pair.client();
    pair.run();
    expect(listener.accepted.length).toBe(1);
    expect(second.state).toBe("SYN-SENT");
    expect(pair.b.mib.TcpExtListenOverflows).toBe(1);
    listener.accept();
    pair.run(1100);
    expect(second.state).toBe("ESTABLISHED");
  });

  it("connects two sockets that open at the same time", () => {
    const pair = new Pair();
    const left = new TcpSock(pair.a);
    left.bind(0, 1000);
    const right = new TcpSock(pair.b);
    right.bind(0, 2000);
    pair.established(99);
    left.connect(B, 2000);
    right.connect(A, 1000);
    pair.run(50);
    expect([left.state, right.state]).toEqual(["ESTABLISHED", "ESTABLISHED"]);
    left.send(bytes("hi"));
    pair.run();
    expect(text(drain(right))).toBe("hi");
  });

  it("goes through CLOSING when both close at once", () => {
    const pair = new Pair();
    const { client, server } = pair.established();
    client.close();
    server.close();
    pair.run();
    const states = [...pair.a.sockets.all, ...pair.b.sockets.all].map((s) => (s as TcpSock).state);
    expect(states.sort()).toEqual(["LISTEN", "TIME-WAIT", "TIME-WAIT"]);
  });

  it("keeps a closed socket in FIN-WAIT-2 for a minute", () => {
    const pair = new Pair();
    const { client } = pair.established();
    client.close();
    // The peer's program may close too: the ACK waits 40 ms for that.
    pair.run(50);
    expect([...pair.a.sockets.all].map((s) => (s as TcpSock).state)).toEqual(["FIN-WAIT-2"]);
    pair.run(61_000);
    expect(pair.a.sockets.all.size).toBe(0);
  });

  it("reads to the end after shutdown(write)", () => {
    const pair = new Pair();
    const { client, server } = pair.established();
    client.send(bytes("ping"));
    client.shutdown("write");
    pair.run();
    expect(pair.recorder.take()[0]).toMatch(/\[P\.\]/);
    expect(text(drain(server))).toBe("ping");
    server.send(bytes("pong"));
    server.close();
    pair.run();
    expect(text(drain(client))).toBe("pong");
    expect(client.recv(1)).toBe("EOF");
  });

  it("challenges an inexact RST within the window", () => {
    const pair = new Pair();
    const { client, server } = pair.established();
    server.rcvNxt = (server.rcvNxt - 5) >>> 0;
    server.rcvWup = server.rcvNxt;
    client.abort();
    pair.run();
    expect(pair.b.mib.TcpExtTCPChallengeACK).toBe(1);
    // The challenge met nobody, so an exact reset followed.
    expect(pair.recorder.take().map((line) => line.slice(0, 6))).toEqual([
      "> [R.]",
      "< [.] ",
      "> [R] ",
    ]);
    expect(server.state).toBe("CLOSED");
  });

  it("sends smaller segments after 'fragmentation needed'", () => {
    const pair = new Pair();
    const { client, server } = pair.established();
    pair.a.pmtu.set(B, { mtu: 1000, expires: 1e15 });
    client.icmpError(3, 4, 1000);
    const data = pattern(5000);
    client.send(data);
    pair.run(5);
    expect(pair.recorder.take()[0]).toBe("> [.] 1:949 ack 1 win 502");
    expect(drain(server)).toEqual(data);
  });

  it("keeps a quiet connection alive, and ends it when nobody answers", () => {
    const pair = new Pair();
    const { client } = pair.established();
    client.setKeepAlive(true, 10, 2, 3);
    pair.run(25_000);
    expect(pair.recorder.take()).toEqual([
      "> [.] ack 1 win 502",
      "< [.] ack 1 win 510",
      "> [.] ack 1 win 502",
      "< [.] ack 1 win 510",
    ]);
    pair.wireA.loss = 1000;
    pair.run(40_000);
    expect(client.takeError()).toBe("ETIMEDOUT");
  });

  it("holds a small segment back while another is unacknowledged, unless TCP_NODELAY", () => {
    for (const noDelay of [false, true]) {
      const pair = new Pair();
      const { client } = pair.established();
      client.setNoDelay(noDelay);
      client.send(bytes("a"));
      client.send(bytes("b"));
      client.send(bytes("c"));
      const sent = pair.recorder.take();
      expect(sent.length).toBe(noDelay ? 3 : 1);
    }
  });
});

describe("tcp under fire", () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    "seed %i: loss, reordering and duplication never corrupt",
    (seed) => {
      const pair = new Pair(seed);
      const { client, server } = pair.established();
      for (const wire of [pair.wireA, pair.wireB]) {
        wire.loss = 50;
        wire.reorder = 100;
        wire.duplicate = 50;
      }
      const data = pattern(300_000 + seed * 1000);
      const got = transfer(pair, client, server, data);
      expect(got.length).toBe(data.length);
      expect(got.every((byte, i) => byte === data[i])).toBe(true);
      client.close();
      for (let i = 0; i < 100 && server.recv(1) !== "EOF"; i++) pair.run(1000);
      server.close();
      pair.run(400_000);
      const left = [...pair.a.sockets.all, ...pair.b.sockets.all].map((s) => (s as TcpSock).state);
      expect(left).toEqual(["LISTEN"]);
    },
  );

  it("moves bulk data", () => {
    const pair = new Pair();
    pair.sim.trace.on = false;
    const { client, server } = pair.established();
    const data = pattern(20_000_000);
    const got = transfer(pair, client, server, data);
    expect(got.length).toBe(data.length);
    expect(client.totalRetrans).toBe(0);
  });
});
