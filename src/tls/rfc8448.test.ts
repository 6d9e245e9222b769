import { describe, expect, it } from "vitest";
import { RETRY, SIMPLE } from "../../test/vectors/rfc8448.ts";
import { concatBytes } from "../base/text.ts";
import type { Bytes } from "../wire/bytes.ts";
import { TlsClient } from "./client.ts";
import { CERTIFICATE_VERIFY } from "./message.ts";
import { RECORD_HEADER } from "./record.ts";

function bytes(hex: string): Bytes {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}
function hex(data: Bytes): string {
  return Buffer.from(data).toString("hex");
}

/** Our client in the place of the RFC's: with its hellos and keys, and its ear for RSA. */
class TracedClient extends TlsClient {
  hellos: Bytes[] = [];

  override sendHello(): void {
    // The constructor's hello comes before there are fields of ours.
    const hello = this.hellos?.shift();
    if (hello) this.transcript.push(hello.subarray(RECORD_HEADER));
  }

  override checkExtensions(): void {}

  override handshakeMessage(type: number, body: Bytes, message: Bytes): void {
    // Signed with RSA-PSS, which we do not verify.
    if (type === CERTIFICATE_VERIFY) this.next("finished", message);
    else super.handshakeMessage(type, body, message);
  }
}

function traced(keys: string[], hellos: Bytes[], keyLog: string[]): TracedClient {
  const random = Uint8Array.from(hellos[0]!.subarray(11, 43));
  const scripted = [random, ...keys.map(bytes)];
  const client = new TracedClient({
    random: { bytes: () => scripted.shift()! },
    now: Date.UTC(2018, 0, 1),
    verifyPeer: false,
    compatibility: false,
    serverName: "server",
    suites: ["TLS_AES_128_GCM_SHA256"],
    keyLog,
  });
  client.hellos = hellos;
  client.sendHello();
  return client;
}

describe("the traces of RFC 8448", () => {
  it("section 3: every record of a simple handshake, byte for byte", () => {
    const keyLog: string[] = [];
    const client = traced([SIMPLE.clientKey], [bytes(SIMPLE.clientHello)], keyLog);
    client.receive(bytes(SIMPLE.serverHello));
    client.receive(bytes(SIMPLE.serverFlight));
    expect([client.state, client.failure]).toEqual(["open", ""]);
    expect(hex(client.takeOutput())).toBe(SIMPLE.clientFinished);
    const random = SIMPLE.clientHello.slice(22, 86);
    const logged = Object.entries(SIMPLE.secrets).map(([name, s]) => `${name} ${random} ${s}`);
    expect(keyLog).toEqual(logged);

    client.receive(bytes(SIMPLE.ticket));
    const data = Uint8Array.from({ length: 50 }, (_, i) => i);
    client.send(data);
    expect(hex(client.takeOutput())).toBe(SIMPLE.clientData);
    client.receive(bytes(SIMPLE.serverData));
    expect(client.takeReceived()).toEqual(data);
    client.close();
    expect(hex(client.takeOutput())).toBe(SIMPLE.clientClose);
    client.receive(bytes(SIMPLE.serverClose));
    expect(client.state).toBe("closed");
  });

  it("section 5: a retry request for P-256, with a cookie", () => {
    const padding = new Uint8Array(RETRY.secondHelloPadding);
    const second = concatBytes([bytes(RETRY.secondHello), padding]);
    const hellos = [bytes(RETRY.firstHello), second];
    const client = traced([RETRY.firstKey, RETRY.secondKey], hellos, []);
    client.receive(bytes(RETRY.retryRequest));
    expect([client.retried, client.cookie?.length, client.failure]).toEqual([true, 114, ""]);
    client.receive(bytes(RETRY.serverHello));
    client.receive(bytes(RETRY.serverFlight));
    expect([client.state, client.group]).toEqual(["open", "secp256r1"]);
    expect(hex(client.takeOutput())).toBe(RETRY.clientFinished);
  });
});
