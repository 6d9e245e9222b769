import { describe, expect, it } from "vitest";
import { drain, Pair } from "./pair.test-kit.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array): string => new TextDecoder().decode(data);

describe("tcp handshake and close", () => {
  it("opens as Linux does: options, windows, and an ACK at once", () => {
    const pair = new Pair();
    const listener = pair.listener();
    const client = pair.client();
    pair.run();
    expect(pair.recorder.take()).toEqual([
      "> [S] 0 win 64240 <mss 1460,sackOK,TS,wscale 7>",
      "< [S.] 0 ack 1 win 65160 <mss 1460,sackOK,TS,wscale 7>",
      "> [.] ack 1 win 502",
    ]);
    expect(client.state).toBe("ESTABLISHED");
    const server = listener.accept();
    expect(server?.state).toBe("ESTABLISHED");
    expect(listener.accept()).toBeNull();
  });

  it("carries data both ways, then closes with four segments", () => {
    const pair = new Pair();
    const { client, server } = pair.established();
    expect(client.send(bytes("hello\n"))).toBe(6);
    pair.run();
    expect(text(drain(server))).toBe("hello\n");
    server.send(bytes("world\n"));
    pair.run();
    expect(text(drain(client))).toBe("world\n");
    client.close();
    pair.run(1);
    expect(server.recv(10)).toBe("EOF");
    server.close();
    pair.run(100);
    expect(pair.recorder.take()).toEqual([
      "> [P.] 1:7 ack 1 win 502",
      "< [.] ack 7 win 510",
      "< [P.] 1:7 ack 7 win 510",
      "> [.] ack 7 win 502",
      "> [F.] 7 ack 7 win 502",
      "< [F.] 7 ack 8 win 510",
      "> [.] ack 8 win 502",
    ]);
    expect([...pair.a.sockets.all].map((s) => (s as typeof client).state)).toEqual(["TIME-WAIT"]);
    expect(pair.b.sockets.all.size).toBe(1);
    pair.run(61_000);
    expect(pair.a.sockets.all.size).toBe(0);
    expect(pair.a.sockets.tcp.connected.size).toBe(0);
    expect(pair.a.sockets.tcp.buckets.size).toBe(0);
  });

  it("refuses a connection to a port that nobody listens on", () => {
    const pair = new Pair();
    const client = pair.client(81);
    pair.run();
    expect(pair.recorder.take()).toEqual([
      "> [S] 0 win 64240 <mss 1460,sackOK,TS,wscale 7>",
      "< [R.] 0 ack 1 win 0",
    ]);
    expect(client.takeError()).toBe("ECONNREFUSED");
    expect(client.state).toBe("CLOSED");
  });
});
