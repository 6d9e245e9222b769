import { describe, expect, it } from "vitest";
import {
  connect,
  crookedClient,
  crookedServer,
  meshConfigs,
  NOW,
  PAGE,
  Pki,
  pump,
  SLEEP,
  type Tamper,
} from "../../test/tls/kit.ts";
import { concatBytes } from "../base/text.ts";
import type { Bytes } from "../wire/bytes.ts";
import type { AlertName } from "./alert.ts";
import { TlsClient } from "./client.ts";
import { n16, Reader, vec8, vec16, vec24 } from "./codec.ts";
import type { ServerConfig } from "./config.ts";
import { encodeRetryRequest } from "./hello.ts";
import {
  CERTIFICATE,
  CERTIFICATE_REQUEST,
  CERTIFICATE_VERIFY,
  CLIENT_HELLO,
  ENCRYPTED_EXTENSIONS,
  Ext,
  encodeExtensions,
  FINISHED,
  type HelloExtension,
  KEY_UPDATE,
  message,
  readExtensions,
  SERVER_HELLO,
} from "./message.ts";
import {
  ALERT,
  APPLICATION_DATA,
  CHANGE_CIPHER_SPEC,
  HANDSHAKE,
  plainRecord,
  protect,
} from "./record.ts";
import { TlsServer } from "./server.ts";

const pki = new Pki("ed25519");
const base = meshConfigs(pki);
const NOTHING = new Uint8Array(0);

/** A hello taken apart, so that a part can be changed. */
interface Hello {
  head: Bytes;
  sessionId: Bytes;
  /** Of a client: suites and compression methods. Of a server: the suite and the method. */
  suites: Bytes;
  compression: Bytes;
  extensions: HelloExtension[];
}

function changeHello(whole: Bytes, change: (hello: Hello) => void): Bytes {
  const type = whole[0]!;
  const client = type === CLIENT_HELLO;
  const reader = new Reader(whole.subarray(4));
  const hello: Hello = {
    head: Uint8Array.from(reader.take(34)),
    sessionId: reader.vector8(),
    suites: client ? reader.vector16() : reader.take(2),
    compression: client ? reader.vector8() : reader.take(1),
    extensions: readExtensions(reader),
  };
  change(hello);
  return message(
    type,
    hello.head,
    vec8(hello.sessionId),
    client ? vec16(hello.suites) : hello.suites,
    client ? vec8(hello.compression) : hello.compression,
    encodeExtensions(hello.extensions),
  );
}

function onHello(type: number, change: (hello: Hello) => void): Tamper {
  return (found, whole) => (found === type ? changeHello(whole, change) : whole);
}
function without(type: number): (hello: Hello) => void {
  return (hello) => {
    hello.extensions = hello.extensions.filter((e) => e.type !== type);
  };
}
function replacing(type: number, data: Bytes): (hello: Hello) => void {
  return (hello) => {
    without(type)(hello);
    hello.extensions.push({ type, data });
  };
}
/** Another body for a type of message. */
function body(type: number, change: (body: Bytes) => Bytes): Tamper {
  return (found, whole) => (found === type ? message(type, change(whole.subarray(4))) : whole);
}
function flipLast(bytes: Bytes): Bytes {
  const copy = Uint8Array.from(bytes);
  copy[copy.length - 1]! ^= 1;
  return copy;
}
function x25519Share(key: Bytes): Bytes {
  return concatBytes([n16(0x1d), vec16(key)]);
}

describe("what a client does wrong, in the words of RFC 8446", () => {
  const hello = (change: (hello: Hello) => void): Tamper => onHello(CLIENT_HELLO, change);
  const cases: [string, AlertName, Tamper][] = [
    ["a hello that is cut short", "decode_error", body(CLIENT_HELLO, (b) => b.subarray(0, 60))],
    [
      "a hello with a byte too much",
      "decode_error",
      body(CLIENT_HELLO, (b) => concatBytes([b, n16(0)])),
    ],
    [
      "a session id of 33 bytes",
      "decode_error",
      hello((h) => {
        h.sessionId = new Uint8Array(33);
      }),
    ],
    [
      "no cipher suites",
      "decode_error",
      hello((h) => {
        h.suites = NOTHING;
      }),
    ],
    [
      "an extension that is cut short",
      "decode_error",
      hello(replacing(Ext.supportedGroups, n16(2))),
    ],
    ["an empty ALPN name", "decode_error", hello(replacing(Ext.alpn, vec16(vec8())))],
    [
      "an extension twice",
      "illegal_parameter",
      hello((h) => {
        h.extensions.push(h.extensions[0]!);
      }),
    ],
    [
      "compression",
      "illegal_parameter",
      hello((h) => {
        h.compression = Uint8Array.of(1, 0);
      }),
    ],
    ["no supported_versions", "protocol_version", hello(without(Ext.supportedVersions))],
    [
      "SSL 3.0",
      "protocol_version",
      body(CLIENT_HELLO, (b) => concatBytes([n16(0x300), b.subarray(2)])),
    ],
    [
      "TLS 1.2 alone",
      "protocol_version",
      hello(replacing(Ext.supportedVersions, vec8(n16(0x303)))),
    ],
    ["no key_share", "missing_extension", hello(without(Ext.keyShare))],
    ["no supported_groups", "missing_extension", hello(without(Ext.supportedGroups))],
    ["no signature_algorithms", "missing_extension", hello(without(Ext.signatureAlgorithms))],
    ["a PSK without modes", "missing_extension", hello(replacing(Ext.preSharedKey, n16(0)))],
    [
      "a PSK before the end",
      "illegal_parameter",
      hello((h) => {
        h.extensions.unshift({ type: Ext.preSharedKey, data: n16(0) });
      }),
    ],
    [
      "two keys of a group",
      "illegal_parameter",
      hello(
        replacing(
          Ext.keyShare,
          vec16(x25519Share(new Uint8Array(32)), x25519Share(new Uint8Array(32))),
        ),
      ),
    ],
    [
      "a key of a group that it has not",
      "illegal_parameter",
      hello(replacing(Ext.supportedGroups, vec16(n16(0x17)))),
    ],
    [
      "a key that is too short",
      "illegal_parameter",
      hello(replacing(Ext.keyShare, vec16(x25519Share(new Uint8Array(31).fill(9))))),
    ],
    [
      "a key of small order",
      "illegal_parameter",
      hello(replacing(Ext.keyShare, vec16(x25519Share(new Uint8Array(32))))),
    ],
    [
      "a point off its curve",
      "illegal_parameter",
      hello(replacing(Ext.keyShare, vec16(n16(0x17), vec16(new Uint8Array(65).fill(4))))),
    ],
    [
      "no suite that we have",
      "handshake_failure",
      hello((h) => {
        h.suites = n16(0x1304);
      }),
    ],
    [
      "no group that we have",
      "handshake_failure",
      hello((h) => {
        replacing(Ext.supportedGroups, vec16(n16(0x18)))(h);
        replacing(Ext.keyShare, vec16())(h);
      }),
    ],
    [
      "no signature that we make",
      "handshake_failure",
      hello(replacing(Ext.signatureAlgorithms, vec16(n16(0x403)))),
    ],
    [
      "no protocol that we speak",
      "no_application_protocol",
      hello(replacing(Ext.alpn, vec16(vec8(Uint8Array.of(0x33))))),
    ],
    [
      "another message first",
      "unexpected_message",
      (_, whole) => concatBytes([Uint8Array.of(FINISHED), whole.subarray(1)]),
    ],
    [
      "a certificate with a context",
      "illegal_parameter",
      body(CERTIFICATE, (b) => concatBytes([vec8(n16(1)), b.subarray(1)])),
    ],
    [
      "a certificate that is none",
      "bad_certificate",
      body(CERTIFICATE, () => concatBytes([vec8(), vec24(vec24(n16(0x3001)), n16(0))])),
    ],
    [
      "an empty certificate",
      "decode_error",
      body(CERTIFICATE, () => concatBytes([vec8(), vec24(vec24(), n16(0))])),
    ],
    [
      "an extension nobody asked for",
      "unsupported_extension",
      body(CERTIFICATE, (b) => {
        const copy = Uint8Array.from(b);
        return concatBytes([vec8(), vec24(copy.subarray(4, -2), n16(4), n16(5), n16(0))]);
      }),
    ],
    ["another signature", "decrypt_error", body(CERTIFICATE_VERIFY, flipLast)],
    [
      "a signature of another kind",
      "illegal_parameter",
      body(CERTIFICATE_VERIFY, (b) => concatBytes([n16(0x403), b.subarray(2)])),
    ],
    ["a finished that is wrong", "decrypt_error", body(FINISHED, flipLast)],
    [
      "a finished that is too long",
      "decode_error",
      body(FINISHED, (b) => concatBytes([b, n16(0)])),
    ],
  ];
  for (const [what, alert, tamper] of cases)
    it(`${what}: ${alert}`, () => {
      const client = crookedClient(base.client, tamper);
      const server = new TlsServer(base.server);
      pump(client, server);
      expect([server.alertSent, server.failure]).toEqual([alert, expect.stringMatching(/./)]);
      expect([client.alertReceived, client.state, server.state]).toEqual([
        alert,
        "failed",
        "failed",
      ]);
    });
});

describe("what a server does wrong, in the words of RFC 8446", () => {
  const hello = (change: (hello: Hello) => void): Tamper => onHello(SERVER_HELLO, change);
  const retry =
    (group: "x25519" | "secp256r1" | null): Tamper =>
    (type, whole) =>
      type === SERVER_HELLO
        ? encodeRetryRequest(
            new Reader(whole.subarray(38)).vector8(),
            "TLS_AES_256_GCM_SHA384",
            group,
            null,
          )
        : whole;
  const extensions = (type: number, ...list: HelloExtension[]): Tamper =>
    body(type, (b) =>
      concatBytes([
        type === CERTIFICATE_REQUEST ? b.subarray(0, 1) : NOTHING,
        encodeExtensions(list),
      ]),
    );
  const cases: [string, AlertName, Tamper][] = [
    ["a hello that is cut short", "decode_error", body(SERVER_HELLO, (b) => b.subarray(0, 40))],
    ["no supported_versions", "protocol_version", hello(without(Ext.supportedVersions))],
    [
      "a version that was not offered",
      "illegal_parameter",
      hello(replacing(Ext.supportedVersions, n16(0x305))),
    ],
    [
      "a suite that was not offered",
      "illegal_parameter",
      hello((h) => {
        h.suites = n16(0x1304);
      }),
    ],
    [
      "compression",
      "illegal_parameter",
      hello((h) => {
        h.compression = Uint8Array.of(1);
      }),
    ],
    [
      "another session id",
      "illegal_parameter",
      hello((h) => {
        h.sessionId = flipLast(h.sessionId);
      }),
    ],
    ["no key_share", "missing_extension", hello(without(Ext.keyShare))],
    [
      "a key of another group",
      "illegal_parameter",
      hello(replacing(Ext.keyShare, concatBytes([n16(0x17), vec16(new Uint8Array(65))]))),
    ],
    [
      "a key that is none",
      "illegal_parameter",
      hello(replacing(Ext.keyShare, x25519Share(new Uint8Array(32)))),
    ],
    [
      "an extension that was not offered",
      "unsupported_extension",
      hello(replacing(0xfafa, NOTHING)),
    ],
    [
      "ALPN in the hello",
      "illegal_parameter",
      hello(replacing(Ext.alpn, vec16(vec8(Uint8Array.of(1))))),
    ],
    ["a retry that changes nothing", "illegal_parameter", retry(null)],
    ["a retry for a key that it has", "illegal_parameter", retry("x25519")],
    [
      "an extension not offered, encrypted",
      "unsupported_extension",
      extensions(ENCRYPTED_EXTENSIONS, { type: 28, data: n16(99) }),
    ],
    [
      "a key, encrypted",
      "illegal_parameter",
      extensions(ENCRYPTED_EXTENSIONS, { type: Ext.keyShare, data: NOTHING }),
    ],
    [
      "a protocol that was not offered",
      "illegal_parameter",
      extensions(ENCRYPTED_EXTENSIONS, { type: Ext.alpn, data: vec16(vec8(Uint8Array.of(1))) }),
    ],
    [
      "two protocols",
      "illegal_parameter",
      extensions(ENCRYPTED_EXTENSIONS, {
        type: Ext.alpn,
        data: vec16(vec8(n16(0x6832)), vec8(n16(0x6832))),
      }),
    ],
    ["a request without algorithms", "missing_extension", extensions(CERTIFICATE_REQUEST)],
    [
      "a request with half an authority",
      "decode_error",
      extensions(
        CERTIFICATE_REQUEST,
        { type: Ext.signatureAlgorithms, data: vec16(n16(0x403)) },
        { type: Ext.certificateAuthorities, data: vec16(n16(9), n16(9)) },
      ),
    ],
    ["no certificate", "decode_error", body(CERTIFICATE, () => concatBytes([vec8(), vec24()]))],
    [
      "no message of certificates",
      "unexpected_message",
      (type, whole) => (type === CERTIFICATE ? NOTHING : whole),
    ],
    ["another signature", "decrypt_error", body(CERTIFICATE_VERIFY, flipLast)],
    ["a finished that is wrong", "decrypt_error", body(FINISHED, flipLast)],
    [
      "a key update in the handshake",
      "unexpected_message",
      (type, whole) => (type === FINISHED ? message(KEY_UPDATE, Uint8Array.of(0)) : whole),
    ],
    [
      "more after its hello in the same record",
      "unexpected_message",
      (type, whole) => (type === SERVER_HELLO ? concatBytes([whole, Uint8Array.of(8)]) : whole),
    ],
    [
      "a message of 16 MB",
      "illegal_parameter",
      (type, whole) => (type === CERTIFICATE ? Uint8Array.of(11, 255, 255, 255) : whole),
    ],
  ];
  for (const [what, alert, tamper] of cases)
    it(`${what}: ${alert}`, () => {
      const client = new TlsClient(base.client);
      pump(client, crookedServer(base.server, tamper));
      expect([client.alertSent, client.state, client.failure]).toEqual([
        alert,
        "failed",
        expect.stringMatching(/./),
      ]);
    });

  it("a second retry: unexpected_message", () => {
    let retries = 0;
    const server = crookedServer({ ...base.server, groups: ["secp256r1"] }, (type, whole) =>
      type === SERVER_HELLO && retries++ > 0
        ? encodeRetryRequest(
            new Reader(whole.subarray(38)).vector8(),
            "TLS_AES_256_GCM_SHA384",
            "x25519",
            null,
          )
        : whole,
    );
    const client = new TlsClient(base.client);
    pump(client, server);
    expect([retries, client.alertSent]).toEqual([2, "unexpected_message"]);
  });

  it("another suite after a retry: illegal_parameter", () => {
    let hellos = 0;
    const server = crookedServer({ ...base.server, groups: ["secp256r1"] }, (type, whole) =>
      type === SERVER_HELLO && hellos++ > 0
        ? changeHello(whole, (h) => {
            h.suites = n16(0x1301);
          })
        : whole,
    );
    const client = new TlsClient(base.client);
    pump(client, server);
    expect([hellos, client.alertSent]).toEqual([2, "illegal_parameter"]);
  });

  for (const [what, change] of [
    [
      "random",
      (h: Hello) => {
        h.head[9]! ^= 1;
      },
    ],
    [
      "suites",
      (h: Hello) => {
        h.suites = h.suites.subarray(2);
      },
    ],
    [
      "session id",
      (h: Hello) => {
        h.sessionId = flipLast(h.sessionId);
      },
    ],
    ["protocols", replacing(Ext.alpn, vec16(vec8(n16(0x6832)), vec8(n16(0x6833))))],
    ["keys", replacing(Ext.keyShare, vec16(x25519Share(new Uint8Array(32).fill(9))))],
  ] as const)
    it(`a second client hello with other ${what}: illegal_parameter`, () => {
      let hellos = 0;
      const client = crookedClient(base.client, (type, whole) =>
        type === CLIENT_HELLO && hellos++ > 0 ? changeHello(whole, change) : whole,
      );
      const suites = ["TLS_AES_128_GCM_SHA256"] as const;
      const server = new TlsServer({ ...base.server, suites, groups: ["secp256r1"] });
      pump(client, server);
      expect([hellos, server.alertSent]).toEqual([2, "illegal_parameter"]);
    });

  it("a second client hello without the cookie: missing_extension; with another: illegal_parameter", () => {
    for (const [change, alert] of [
      [without(Ext.cookie), "missing_extension"],
      [replacing(Ext.cookie, vec16(new Uint8Array(32))), "illegal_parameter"],
    ] as const) {
      let hellos = 0;
      const client = crookedClient(base.client, (type, whole) =>
        type === CLIENT_HELLO && hellos++ > 0 ? changeHello(whole, change) : whole,
      );
      const server = new TlsServer({ ...base.server, retryCookie: true });
      pump(client, server);
      expect([hellos, server.alertSent]).toEqual([2, alert]);
    }
  });
});

describe("certificates that are not accepted", () => {
  const other = new Pki("ed25519", 42);
  const client = (identity: ServerConfig["identity"] | null) => ({ ...base.client, identity });
  const cases: [string, AlertName, Parameters<typeof client>[0]][] = [
    ["none", "certificate_required", null],
    ["of another root", "unknown_ca", other.leaf(SLEEP)],
    ["expired", "certificate_expired", pki.leaf(SLEEP, { notBefore: NOW - 5e9, days: -1 })],
    ["not valid yet", "certificate_expired", pki.leaf(SLEEP, { notBefore: NOW + 60_000 })],
    ["of another trust domain", "bad_certificate", pki.leaf("spiffe://other.local/ns/a/sa/b")],
    [
      "for servers only",
      "unsupported_certificate",
      pki.leaf(SLEEP, { extendedKeyUsage: ["serverAuth"] }),
    ],
    [
      "not for signatures",
      "unsupported_certificate",
      pki.leaf(SLEEP, { keyUsage: ["Key Encipherment"] }),
    ],
    ["signed by a leaf", "unknown_ca", signedByLeaf()],
    ["whose key is another's", "decrypt_error", { ...pki.leaf(SLEEP), key: pki.root.key }],
  ];
  function signedByLeaf() {
    const middle = pki.leaf(PAGE);
    const leaf = pki.leaf(SLEEP, { by: { certificate: middle.chain[0]!, key: middle.key } });
    return { ...leaf, chain: [...leaf.chain, ...middle.chain] };
  }
  for (const [what, alert, identity] of cases)
    it(`${what}: ${alert}`, () => {
      const pair = connect(client(identity), base.server);
      expect([pair.server.alertSent, pair.client.alertReceived]).toEqual([alert, alert]);
    });

  it("are gone on with where that is wanted, and the fault is known", () => {
    const config = { ...base.server, verifyPeer: false };
    const pair = connect(client(other.leaf(SLEEP)), config);
    expect([pair.server.state, pair.server.verification?.error]).toEqual(["open", "no-issuer"]);
  });

  it("none is fine where one is only asked for", () => {
    const config = { ...base.server, clientCertificate: "request" as const };
    const pair = connect(client(null), config);
    expect([pair.server.state, pair.client.state, pair.server.peerCertificates]).toEqual([
      "open",
      "open",
      [],
    ]);
  });
});

describe("records that are not accepted", () => {
  const open = () => connect(base.client, base.server);
  const rejected = (bytes: Bytes): AlertName | null => {
    const server = new TlsServer(base.server);
    server.receive(bytes);
    return server.alertSent;
  };

  it("what is no TLS at all: unexpected_message", () => {
    expect(rejected(new TextEncoder().encode("GET / HTTP/1.1\r\n"))).toBe("unexpected_message");
  });
  it("one that is too long: record_overflow", () => {
    expect(rejected(Uint8Array.of(HANDSHAKE, 3, 1, 0x40, 1))).toBe("record_overflow");
    expect(rejected(Uint8Array.of(APPLICATION_DATA, 3, 3, 0x41, 1))).toBe("record_overflow");
  });
  it("data, or a change_cipher_spec, before any hello: unexpected_message", () => {
    expect(rejected(plainRecord(APPLICATION_DATA, n16(1), 0x303))).toBe("unexpected_message");
    expect(rejected(plainRecord(CHANGE_CIPHER_SPEC, Uint8Array.of(1), 0x303))).toBe(
      "unexpected_message",
    );
  });
  it("handshake of no length: unexpected_message; alerts of another: decode_error", () => {
    expect(rejected(plainRecord(HANDSHAKE, NOTHING, 0x303))).toBe("unexpected_message");
    expect(rejected(plainRecord(ALERT, NOTHING, 0x303))).toBe("unexpected_message");
    expect(rejected(plainRecord(ALERT, Uint8Array.of(2), 0x303))).toBe("decode_error");
  });
  it("one that was changed on the way, or comes twice: bad_record_mac", () => {
    for (const change of [flipLast, (bytes: Bytes) => concatBytes([bytes, bytes])]) {
      const { client, server } = open();
      client.send(n16(7));
      server.receive(change(client.takeOutput()));
      expect(server.alertSent).toBe("bad_record_mac");
    }
  });
  it("one without protection when there are keys: unexpected_message", () => {
    const { server } = open();
    server.receive(plainRecord(ALERT, Uint8Array.of(1, 0), 0x303));
    expect([server.alertSent, server.peerClosed]).toEqual(["unexpected_message", false]);
  });
  it("a change_cipher_spec when all is done: unexpected_message", () => {
    const { client } = open();
    client.receive(plainRecord(CHANGE_CIPHER_SPEC, Uint8Array.of(1), 0x303));
    expect(client.alertSent).toBe("unexpected_message");
  });
  for (const [what, alert, type, content] of [
    ["of zeros only", "unexpected_message", 0, NOTHING],
    [
      "with a key update to something unknown",
      "illegal_parameter",
      HANDSHAKE,
      message(KEY_UPDATE, Uint8Array.of(2)),
    ],
    ["with a key update that is too long", "decode_error", HANDSHAKE, message(KEY_UPDATE, n16(1))],
    [
      "that goes on after a key update",
      "unexpected_message",
      HANDSHAKE,
      concatBytes([message(KEY_UPDATE, Uint8Array.of(0)), n16(1)]),
    ],
    ["with a second hello", "unexpected_message", HANDSHAKE, message(CLIENT_HELLO, n16(1))],
    [
      "that asks for a certificate later",
      "unexpected_message",
      HANDSHAKE,
      message(CERTIFICATE_REQUEST, vec8(), vec16()),
    ],
    ["with an unknown type", "unexpected_message", 99, n16(1)],
  ] as const)
    it(`a protected one ${what}: ${alert}`, () => {
      const { client, server } = open();
      server.writeRecord(type, content);
      client.receive(server.takeOutput());
      expect(client.alertSent).toBe(alert);
      server.receive(client.takeOutput());
      expect(server.alertReceived).toBe(alert);
    });
  it("a protected one of more than 16384 bytes: record_overflow", () => {
    const { client, server } = open();
    const long = new Uint8Array(16_385);
    client.receive(protect(server.writeKeys!, APPLICATION_DATA, long.subarray(1)));
    expect(client.takeReceived().length).toBe(16_384);
    client.receive(protect(server.writeKeys!, APPLICATION_DATA, long));
    expect(client.alertSent).toBe("record_overflow");
  });
  it("data between the pieces of a message: unexpected_message", () => {
    const { client, server } = open();
    server.writeRecord(HANDSHAKE, Uint8Array.of(KEY_UPDATE, 0));
    server.send(n16(1));
    client.receive(server.takeOutput());
    expect(client.alertSent).toBe("unexpected_message");
  });
});
