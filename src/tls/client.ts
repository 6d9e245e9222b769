import { parseIpv4 } from "../wire/address.ts";
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
import { Reader } from "./codec.ts";
import { type ClientConfig, DEFAULT_GROUPS, type Identity } from "./config.ts";
import { TlsConnection } from "./connection.ts";
import { agree, type GroupName, groupName, type KeyShare, makeKeyShare } from "./group.ts";
import { encodeClientHello, readServerHello, type ServerHello } from "./hello.ts";
import {
  CERTIFICATE,
  CERTIFICATE_REQUEST,
  CERTIFICATE_VERIFY,
  ENCRYPTED_EXTENSIONS,
  Ext,
  extension,
  FINISHED,
  type HelloExtension,
  NEW_SESSION_TICKET,
  readAlpn,
  readExtensions,
  SERVER_HELLO,
  TLS12,
  TLS13,
  whole,
} from "./message.ts";
import { deriveHandshakeSecrets, deriveTrafficSecrets } from "./secrets.ts";
import { SUITES, type SuiteName, suiteName } from "./suite.ts";
import type { ExpectedName } from "./x509/verify.ts";

/** Which message comes next (RFC 8446 appendix A.1). */
type Phase =
  | "server hello"
  | "encrypted extensions"
  | "certificate or request"
  | "certificate"
  | "certificate verify"
  | "finished";

/** The client of TLS 1.3 (RFC 8446), without I/O. Its first flight is in the output at once. */
export class TlsClient extends TlsConnection {
  config: ClientConfig;
  suites: readonly SuiteName[];
  groups: readonly GroupName[];
  random: Bytes;
  sessionId: Bytes;
  keyShares: KeyShare[];
  cookie: Bytes | null = null;
  /** A HelloRetryRequest has come: there is no second. */
  retried = false;
  /** The server has asked for a certificate: what it can verify. */
  requested: number[] | null = null;
  /** Names of the authorities that it knows, in DER (certificate_authorities). */
  authorities: Bytes[] = [];

  constructor(config: ClientConfig) {
    super("client", config, "server hello" satisfies Phase);
    this.config = config;
    this.suites = config.suites ?? (Object.keys(SUITES) as SuiteName[]);
    this.groups = config.groups ?? DEFAULT_GROUPS;
    const { random } = config;
    this.random = Uint8Array.from(random.bytes(32));
    this.clientRandom = this.random;
    const compatible = config.compatibility ?? true;
    this.sessionId = Uint8Array.from(compatible ? random.bytes(32) : []);
    const shares = config.keyShares ?? this.groups.slice(0, 1);
    this.keyShares = shares.map((group) => makeKeyShare(group, random));
    this.sendHello();
  }

  sendHello(): void {
    this.sendMessage(
      encodeClientHello({
        random: this.random,
        sessionId: this.sessionId,
        suites: this.suites,
        groups: this.groups,
        keyShares: this.keyShares,
        alpn: this.config.alpn ?? [],
        serverName: this.hostName,
        cookie: this.cookie,
      }),
    );
    this.flushFlight();
  }

  override handshakeMessage(type: number, body: Bytes, message: Bytes): void {
    const phase = this.phase as Phase | "open";
    if (phase === "open" && type === NEW_SESSION_TICKET) return ignoreTicket(body);
    if (phase === "server hello" && type === SERVER_HELLO) this.serverHello(body, message);
    else if (phase === "encrypted extensions" && type === ENCRYPTED_EXTENSIONS)
      this.encryptedExtensions(body, message);
    else if (phase === "certificate or request" && type === CERTIFICATE_REQUEST)
      this.certificateRequest(body, message);
    else if (/^certificate( or request)?$/.test(phase) && type === CERTIFICATE)
      this.certificate(body, message);
    else if (phase === "certificate verify" && type === CERTIFICATE_VERIFY) {
      receiveCertificateVerify(this, body);
      this.next("finished", message);
    } else if (phase === "finished" && type === FINISHED) this.finished(body, message);
    else throw new Fatal("unexpected_message", `message ${type} while waiting for ${phase}`);
  }

  next(phase: Phase, message: Bytes): void {
    this.transcript.push(message);
    this.phase = phase;
  }

  serverHello(body: Bytes, message: Bytes): void {
    const hello = readServerHello(body);
    if (hello.version === null || hello.legacyVersion !== TLS12)
      throw new Fatal("protocol_version", "server does not speak TLS 1.3");
    if (hello.version !== TLS13)
      throw new Fatal("illegal_parameter", "server chose a version that was not offered");
    if (hello.compression !== 0) throw new Fatal("illegal_parameter", "server wants compression");
    if (String(hello.sessionId) !== String(this.sessionId))
      throw new Fatal("illegal_parameter", "session id is not echoed");
    const suite = suiteName(hello.suite);
    if (!suite || !this.suites.includes(suite))
      throw new Fatal("illegal_parameter", "server chose a suite that was not offered");
    if (this.cipherSuite && this.cipherSuite !== suite)
      throw new Fatal("illegal_parameter", "server chose another suite after its retry request");
    const allowed: number[] = [Ext.supportedVersions, Ext.keyShare];
    if (hello.retry) allowed.push(Ext.cookie);
    this.checkExtensions(hello.extensions, allowed);
    this.cipherSuite = suite;
    if (hello.retry) this.retry(hello, message);
    else this.agreed(hello, message);
  }

  /** RFC 8446 §4.2: a response to what was not offered, or in the wrong message, is a fault. */
  checkExtensions(extensions: readonly HelloExtension[], allowed: readonly number[]): void {
    const offered: number[] = [
      Ext.supportedGroups,
      Ext.signatureAlgorithms,
      Ext.supportedVersions,
      Ext.keyShare,
    ];
    if (this.hostName) offered.push(Ext.serverName);
    if (this.config.alpn?.length) offered.push(Ext.alpn);
    for (const { type } of extensions) {
      // A cookie is the one that a server may bring up by itself (§4.2.2).
      if (allowed.includes(type) && (offered.includes(type) || type === Ext.cookie)) continue;
      if (offered.includes(type))
        throw new Fatal("illegal_parameter", `extension ${type} does not belong here`);
      throw new Fatal("unsupported_extension", `extension ${type} was not offered`);
    }
  }

  /** RFC 8446 §4.1.4. */
  retry(hello: ServerHello, message: Bytes): void {
    if (this.retried) throw new Fatal("unexpected_message", "second retry request");
    this.retried = true;
    const { selectedGroup, cookie } = hello;
    if (selectedGroup === null && cookie === null)
      throw new Fatal("illegal_parameter", "retry request that changes nothing");
    if (selectedGroup !== null) {
      const group = groupName(selectedGroup);
      if (!group || !this.groups.includes(group))
        throw new Fatal("illegal_parameter", "server wants a group that was not offered");
      if (this.keyShares.some((share) => share.group === group))
        throw new Fatal("illegal_parameter", "server wants a group whose key it has");
      this.keyShares = [makeKeyShare(group, this.config.random)];
    }
    this.cookie = cookie;
    this.hashFirstHello();
    this.transcript.push(message);
    if (this.partial.length)
      throw new Fatal("unexpected_message", "handshake data after a retry request");
    if (this.sessionId.length) {
      this.changeCipherSpecDue = true;
      this.flushChangeCipherSpec();
    }
    this.sendHello();
  }

  agreed(hello: ServerHello, message: Bytes): void {
    const { keyShare } = hello;
    if (!keyShare) throw new Fatal("missing_extension", "server hello without a key");
    const ours = this.keyShares.find((share) => share.group === groupName(keyShare.group));
    if (!ours) throw new Fatal("illegal_parameter", "server's key is of a group without ours");
    const shared = agree(ours, keyShare.key);
    if (!shared) throw new Fatal("illegal_parameter", "server's key is no point of its group");
    this.group = ours.group;
    this.keyShares = [];
    this.next("encrypted extensions", message);
    const secrets = deriveHandshakeSecrets(this, shared);
    this.setReadKeys(this.keysOf(secrets.server));
    this.writeKeys = this.keysOf(secrets.client);
    this.changeCipherSpecDue = !this.retried && this.sessionId.length > 0;
  }

  encryptedExtensions(body: Bytes, message: Bytes): void {
    const reader = new Reader(body);
    const extensions = readExtensions(reader);
    reader.finish();
    this.checkExtensions(extensions, [Ext.serverName, Ext.supportedGroups, Ext.alpn]);
    const alpn = extension(extensions, Ext.alpn);
    if (alpn) {
      const [name = "", ...others] = whole(alpn, readAlpn);
      if (others.length || !this.config.alpn?.includes(name))
        throw new Fatal("illegal_parameter", "server chose a protocol that was not offered");
      this.alpn = name;
    }
    this.next("certificate or request", message);
  }

  certificateRequest(body: Bytes, message: Bytes): void {
    const reader = new Reader(body);
    const context = reader.vector8();
    const extensions = readExtensions(reader);
    reader.finish();
    if (context.length)
      throw new Fatal("illegal_parameter", "request with a context in the handshake");
    const schemes = extension(extensions, Ext.signatureAlgorithms);
    if (!schemes) throw new Fatal("missing_extension", "request without signature algorithms");
    this.requested = whole(schemes, (r) => r.numbers16(2));
    const names = extension(extensions, Ext.certificateAuthorities);
    const list = names ? new Reader(whole(names, (r) => r.vector16(3))) : null;
    while (list?.left) this.authorities.push(list.vector16(1));
    this.next("certificate", message);
  }

  certificate(body: Bytes, message: Bytes): void {
    const chain = receiveCertificate(body);
    if (chain.length === 0) throw new Fatal("decode_error", "server has no certificate");
    this.peerCertificates = chain;
    verifyPeer(this, chain, this.expected);
    this.next("certificate verify", message);
  }

  /** RFC 6066 §3: an address is no name for server_name. */
  get hostName(): string {
    const { serverName = "" } = this.config;
    return parseIpv4(serverName) === null ? serverName : "";
  }

  get expected(): ExpectedName {
    const { expected, serverName } = this.config;
    if (expected) return expected;
    if (this.hostName) return { dnsName: this.hostName };
    return serverName ? { ipAddress: serverName } : {};
  }

  /** Who we say that we are, when we were asked and can. */
  get identity(): Identity | null {
    const { identity } = this.config;
    return identity && this.requested && canAuthenticate(identity, this.requested)
      ? identity
      : null;
  }

  finished(body: Bytes, message: Bytes): void {
    const { secrets } = this;
    if (!secrets) throw new Error("tls: finished without secrets");
    receiveFinished(this, body, secrets.server);
    this.transcript.push(message);
    deriveTrafficSecrets(this, secrets);
    this.setReadKeys(this.keysOf(secrets.serverTraffic));
    const { identity } = this;
    if (this.requested) sendCertificate(this, identity, new Uint8Array(0));
    if (identity) sendCertificateVerify(this, identity);
    sendFinished(this, secrets.client);
    this.flushFlight();
    this.writeKeys = this.keysOf(secrets.clientTraffic);
    this.open();
  }
}

/** RFC 8446 §4.6.1: well-formed or not we never resume, but malformed ones are a fault. */
function ignoreTicket(body: Bytes): void {
  const reader = new Reader(body);
  reader.take(8);
  reader.vector8();
  reader.vector16(1);
  readExtensions(reader);
  reader.finish();
}
