import type { Bytes } from "../wire/bytes.ts";
import { Fatal } from "./alert.ts";
import {
  canAuthenticate,
  receiveCertificate,
  receiveCertificateVerify,
  receiveFinished,
  sendCertificate,
  sendCertificateVerify,
  sendFinished,
  verifyPeer,
} from "./auth.ts";
import { vec8, vec16 } from "./codec.ts";
import { DEFAULT_GROUPS, type ServerConfig } from "./config.ts";
import { TlsConnection } from "./connection.ts";
import { agree, GROUPS, type GroupName, makeKeyShare } from "./group.ts";
import {
  type ClientHello,
  encodeRetryRequest,
  encodeSchemes,
  encodeServerHello,
  readClientHello,
} from "./hello.ts";
import {
  CERTIFICATE,
  CERTIFICATE_REQUEST,
  CERTIFICATE_VERIFY,
  CLIENT_HELLO,
  ENCRYPTED_EXTENSIONS,
  Ext,
  encodeAlpn,
  encodeExtensions,
  FINISHED,
  type HelloExtension,
  message,
  TLS13,
} from "./message.ts";
import { deriveHandshakeSecrets, deriveTrafficSecrets } from "./secrets.ts";
import { SUITES, type SuiteName } from "./suite.ts";

/** Which message comes next (RFC 8446 appendix A.2). */
type Phase =
  | "client hello"
  | "second client hello"
  | "certificate"
  | "certificate verify"
  | "finished";

/** How much refused early data we read over: what a ticket of others usually allows. */
const MAX_EARLY_DATA = 16_384;

/** The server of TLS 1.3 (RFC 8446), without I/O: full handshakes only, no tickets. */
export class TlsServer extends TlsConnection {
  config: ServerConfig;
  suites: readonly SuiteName[];
  groups: readonly GroupName[];
  /** What the client calls us (server_name). */
  serverName = "";
  /** The first hello, when we asked for a second. */
  firstHello: ClientHello | null = null;
  cookie: Bytes | null = null;
  compatible = false;

  constructor(config: ServerConfig) {
    super("server", config, "client hello" satisfies Phase);
    this.config = config;
    this.suites = config.suites ?? (Object.keys(SUITES) as SuiteName[]);
    this.groups = config.groups ?? DEFAULT_GROUPS;
  }

  override handshakeMessage(type: number, body: Bytes, bytes: Bytes): void {
    const phase = this.phase as Phase | "open";
    if (/^(second )?client hello$/.test(phase) && type === CLIENT_HELLO) this.hello(body, bytes);
    else if (phase === "certificate" && type === CERTIFICATE) this.certificate(body, bytes);
    else if (phase === "certificate verify" && type === CERTIFICATE_VERIFY) {
      receiveCertificateVerify(this, body);
      this.next("finished", bytes);
    } else if (phase === "finished" && type === FINISHED) this.finished(body);
    else throw new Fatal("unexpected_message", `message ${type} while waiting for ${phase}`);
  }

  next(phase: Phase, bytes: Bytes): void {
    this.transcript.push(bytes);
    this.phase = phase;
  }

  hello(body: Bytes, bytes: Bytes): void {
    const hello = readClientHello(body);
    this.clientRandom = hello.random;
    if (!hello.versions.includes(TLS13))
      throw new Fatal("protocol_version", "client does not speak TLS 1.3");
    this.checkHello(hello);
    this.transcript.push(bytes);
    this.serverName = hello.serverName ?? "";
    this.cipherSuite = this.chooseSuite(hello);
    const group = this.chooseGroup(hello);
    const theirs = hello.keyShares?.find((share) => share.group === GROUPS[group]);
    if (this.firstHello) {
      this.checkSecondHello(this.firstHello, hello, group);
      this.earlyDataLeft = 0;
    } else {
      const early = hello.extensions.some((e) => e.type === Ext.earlyData);
      this.earlyDataLeft = early ? MAX_EARLY_DATA : 0;
      this.compatible = hello.sessionId.length > 0;
      if (!theirs || this.config.retryCookie) return this.retry(hello, group);
    }
    if (this.partial.length)
      throw new Fatal("unexpected_message", "handshake data after the client hello");
    this.negotiateAlpn(hello);
    this.answer(hello, group, theirs?.key ?? new Uint8Array(0));
  }

  /** RFC 8446 §4.1.2 and §9.2: what any hello must be. */
  checkHello(hello: ClientHello): void {
    if (hello.compression.length !== 1 || hello.compression[0] !== 0)
      throw new Fatal("illegal_parameter", "client wants compression");
    const { extensions, groups, keyShares, schemes } = hello;
    const psk = extensions.findIndex((e) => e.type === Ext.preSharedKey);
    if (psk >= 0 && psk !== extensions.length - 1)
      throw new Fatal("illegal_parameter", "pre_shared_key is not the last extension");
    if (psk >= 0 && !extensions.some((e) => e.type === Ext.pskKeyExchangeModes))
      throw new Fatal("missing_extension", "pre_shared_key without psk_key_exchange_modes");
    if (!groups || !keyShares || !schemes)
      throw new Fatal("missing_extension", "client hello lacks an extension of TLS 1.3");
    if (keyShares.some((share) => !groups.includes(share.group)))
      throw new Fatal("illegal_parameter", "key of a group that the client does not support");
  }

  chooseSuite(hello: ClientHello): SuiteName {
    const suite = this.suites.find((name) => hello.suites.includes(SUITES[name]));
    if (!suite) throw new Fatal("handshake_failure", "no common cipher suite");
    return suite;
  }

  /** The first of ours that the client has sent a key for; else one that costs a round trip. */
  chooseGroup(hello: ClientHello): GroupName {
    const sent = this.groups.find((name) =>
      hello.keyShares?.some((share) => share.group === GROUPS[name]),
    );
    const group = sent ?? this.groups.find((name) => hello.groups?.includes(GROUPS[name]));
    if (!group) throw new Fatal("handshake_failure", "no common group");
    return group;
  }

  /** RFC 8446 §4.1.4. */
  retry(hello: ClientHello, group: GroupName): void {
    if (this.partial.length)
      throw new Fatal("unexpected_message", "handshake data after the client hello");
    this.firstHello = hello;
    this.group = group;
    this.cookie = this.config.retryCookie ? Uint8Array.from(this.config.random.bytes(32)) : null;
    const sent = hello.keyShares?.some((share) => share.group === GROUPS[group]);
    this.hashFirstHello();
    // A group that the client has sent a key for may not be asked for.
    const asked = sent ? null : group;
    this.sendMessage(encodeRetryRequest(hello.sessionId, this.suite, asked, this.cookie));
    this.flushFlight();
    this.changeCipherSpecDue = this.compatible;
    this.flushChangeCipherSpec();
    this.phase = "second client hello" satisfies Phase;
  }

  /** RFC 8446 §4.1.2: what a second hello may change, and what it must. */
  checkSecondHello(first: ClientHello, second: ClientHello, group: GroupName): void {
    const same = (a: ArrayLike<number>, b: ArrayLike<number>): boolean => String(a) === String(b);
    const changed = [Ext.keyShare, Ext.cookie, Ext.earlyData, Ext.preSharedKey, 21] as number[];
    const others = (hello: ClientHello): string =>
      hello.extensions
        .filter((e) => !changed.includes(e.type))
        .map((e) => `${e.type}:${e.data}`)
        .join(";");
    if (
      !same(first.random, second.random) ||
      !same(first.sessionId, second.sessionId) ||
      !same(first.suites, second.suites) ||
      others(first) !== others(second) ||
      second.extensions.some((e) => e.type === Ext.earlyData)
    )
      throw new Fatal("illegal_parameter", "second client hello is not like the first");
    const sent = first.keyShares?.some((share) => share.group === GROUPS[group]);
    const [share, ...more] = second.keyShares ?? [];
    if (group !== this.group || (!sent && (share?.group !== GROUPS[group] || more.length)))
      throw new Fatal(
        "illegal_parameter",
        "second client hello has not the key that was asked for",
      );
    if (this.cookie && !second.cookie) throw new Fatal("missing_extension", "no cookie came back");
    if (this.cookie && !same(this.cookie, second.cookie ?? []))
      throw new Fatal("illegal_parameter", "another cookie came back");
    this.firstHello = null;
  }

  /** RFC 7301 §3.2. */
  negotiateAlpn(hello: ClientHello): void {
    const ours = this.config.alpn ?? [];
    if (!hello.alpn || ours.length === 0) return;
    const chosen = ours.find((name) => hello.alpn?.includes(name));
    if (chosen === undefined) throw new Fatal("no_application_protocol", "no common protocol");
    this.alpn = chosen;
  }

  /** Everything from ServerHello to Finished. */
  answer(hello: ClientHello, group: GroupName, key: Bytes): void {
    const { config } = this;
    const { identity } = config;
    if (!canAuthenticate(identity, hello.schemes ?? []))
      throw new Fatal("handshake_failure", "client cannot verify our certificate's kind of key");
    const retried = this.phase === ("second client hello" satisfies Phase);
    const share = makeKeyShare(group, config.random);
    const shared = agree(share, key);
    if (!shared) throw new Fatal("illegal_parameter", "client's key is no point of its group");
    this.group = group;
    const random = Uint8Array.from(config.random.bytes(32));
    this.sendMessage(encodeServerHello(random, hello.sessionId, this.suite, share));
    this.flushFlight();
    const secrets = deriveHandshakeSecrets(this, shared);
    this.changeCipherSpecDue = this.compatible && !retried;
    this.writeKeys = this.keysOf(secrets.server);
    this.setReadKeys(this.keysOf(secrets.client));

    const extensions: HelloExtension[] = [];
    if (this.alpn) extensions.push({ type: Ext.alpn, data: encodeAlpn([this.alpn]) });
    this.sendMessage(message(ENCRYPTED_EXTENSIONS, encodeExtensions(extensions)));
    const asks = (config.clientCertificate ?? "none") !== "none";
    if (asks) this.sendMessage(this.certificateRequest());
    sendCertificate(this, identity, new Uint8Array(0));
    sendCertificateVerify(this, identity);
    sendFinished(this, secrets.server);
    this.flushFlight();
    deriveTrafficSecrets(this, secrets);
    this.writeKeys = this.keysOf(secrets.serverTraffic);
    this.phase = (asks ? "certificate" : "finished") satisfies Phase;
  }

  /** RFC 8446 §4.3.2: what we can verify, and whose certificates we know. */
  certificateRequest(): Bytes {
    const extensions: HelloExtension[] = [{ type: Ext.signatureAlgorithms, data: encodeSchemes() }];
    const names = (this.config.anchors ?? []).map((anchor) => vec16(anchor.subject.der));
    if (names.length) extensions.push({ type: Ext.certificateAuthorities, data: vec16(...names) });
    return message(CERTIFICATE_REQUEST, vec8(), encodeExtensions(extensions));
  }

  certificate(body: Bytes, bytes: Bytes): void {
    const chain = receiveCertificate(body);
    this.peerCertificates = chain;
    if (chain.length === 0) {
      if (this.config.clientCertificate === "require")
        throw new Fatal("certificate_required", "client has no certificate");
      this.next("finished", bytes);
      return;
    }
    verifyPeer(this, chain, this.config.expected ?? {});
    this.next("certificate verify", bytes);
  }

  finished(body: Bytes): void {
    const { secrets } = this;
    if (!secrets) throw new Error("tls: finished without secrets");
    receiveFinished(this, body, secrets.client);
    this.setReadKeys(this.keysOf(secrets.clientTraffic));
    this.open();
  }
}
