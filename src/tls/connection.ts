import { concatBytes } from "../base/text.ts";
import { type Bytes, u24 } from "../wire/bytes.ts";
import { ALERTS, type AlertName, alertLevel, alertName, Fatal } from "./alert.ts";
import type { TlsConfig } from "./config.ts";
import type { GroupName } from "./group.ts";
import { hashOf, nextTrafficKeys, type TrafficKeys, trafficKeys } from "./key-schedule.ts";
import { KEY_UPDATE, MESSAGE_HASH, message, TLS12 } from "./message.ts";
import {
  ALERT,
  APPLICATION_DATA,
  CHANGE_CIPHER_SPEC,
  HANDSHAKE,
  MAX_FRAGMENT,
  plainRecord,
  protect,
  RECORD_HEADER,
  RecordReader,
  type TlsRecord,
  unprotect,
} from "./record.ts";
import type { HandshakeSecrets } from "./secrets.ts";
import type { SuiteName } from "./suite.ts";
import type { Certificate } from "./x509/certificate.ts";
import type { Verification } from "./x509/verify.ts";

/** No message of ours or of an honest peer is longer; OpenSSL's limit for certificates is 100 kB. */
const MAX_MESSAGE = 1 << 17;
/** RFC 8446 §5.5: AES-GCM keys protect up to 2^24.5 full records. */
const RECORDS_PER_KEY = 2 ** 24;

/**
 * What client and server have in common (RFC 8446 §4.6.3, §5, §6): records in and out, alerts, key
 * updates, the ends of both directions. Bytes from the peer never throw: they end in `failed`.
 */
export abstract class TlsConnection {
  role: "client" | "server";
  settings: TlsConfig;
  state: "handshake" | "open" | "closed" | "failed" = "handshake";
  /** The message that is awaited. */
  phase: string;
  alertSent: AlertName | null = null;
  alertReceived: AlertName | `alert ${number}` | null = null;
  /** Why it failed, in words. */
  failure = "";
  /** The peer has said close_notify: nothing more comes from it. */
  peerClosed = false;
  closeSent = false;

  peerCertificates: Certificate[] = [];
  verification: Verification | null = null;
  /** The signature scheme of the peer's CertificateVerify; 0 when it sent none. */
  peerScheme = 0;
  /** Bytes of the transport, from the peer and for it. */
  bytesRead = 0;
  bytesWritten = 0;
  cipherSuite: SuiteName | null = null;
  group: GroupName | null = null;
  /** The protocol of ALPN, "" when none was agreed on. */
  alpn = "";

  records = new RecordReader();
  /** The start of a handshake message whose end has not come. */
  partial: Bytes = new Uint8Array(0);
  output: Bytes[] = [];
  received: Bytes[] = [];
  /** What `send` was given before the connection was open. */
  pending: Bytes[] = [];
  /** Handshake messages that go into a record together. */
  flight: Bytes[] = [];
  transcript: Bytes[] = [];
  secrets: HandshakeSecrets | null = null;
  readKeys: TrafficKeys | null = null;
  writeKeys: TrafficKeys | null = null;
  clientRandom: Bytes = new Uint8Array(0);
  /** RFC 8446 appendix D.4: a ChangeCipherSpec goes before the next protected record. */
  changeCipherSpecDue = false;
  /** The peer wants us to change keys. */
  keyUpdateDue = false;
  /** Bytes of refused early data that may still come (RFC 8446 §4.2.10). */
  earlyDataLeft = 0;

  constructor(role: "client" | "server", settings: TlsConfig, phase: string) {
    this.role = role;
    this.settings = settings;
    this.phase = phase;
  }

  /** A whole handshake message: `type`, its body, and the body with its header. */
  abstract handshakeMessage(type: number, body: Bytes, whole: Bytes): void;

  /** Bytes from the peer, in pieces of any size. */
  receive(bytes: Bytes): void {
    if (!this.reading) return;
    this.records.push(bytes);
    this.bytesRead += bytes.length;
    this.guarded(() => {
      while (this.reading) {
        const record = this.records.next();
        if (!record) break;
        this.record(record);
      }
      if (this.keyUpdateDue && this.state === "open" && !this.closeSent) this.updateKeys(false);
    });
  }

  /** The transport has ended. Without a close_notify before it, data may be missing (RFC 8446 §6.1). */
  receiveEnd(): void {
    if (!this.reading) return;
    this.state = "failed";
    this.failure = "unexpected eof while reading";
    this.forget();
  }

  /** Data for the peer; kept until the handshake is done. False when it cannot be sent any more. */
  send(bytes: Bytes): boolean {
    if (this.closeSent || this.state === "closed" || this.state === "failed") return false;
    if (bytes.length === 0) return true;
    if (this.state === "handshake") this.pending.push(new Uint8Array(bytes));
    else this.write(APPLICATION_DATA, bytes);
    return true;
  }

  /** Nothing more comes from us; what the peer sends is still received. */
  close(): void {
    if (this.closeSent || this.state === "closed" || this.state === "failed") return;
    this.sendAlert("close_notify");
    this.closeSent = true;
    if (this.state === "handshake" || this.peerClosed) this.finish();
  }

  /** New keys for what we send; `ask` the peer to do the same (RFC 8446 §4.6.3). */
  updateKeys(ask: boolean): void {
    if (!this.writeKeys || this.state !== "open" || this.closeSent) return;
    this.keyUpdateDue = false;
    this.write(HANDSHAKE, message(KEY_UPDATE, Uint8Array.of(ask ? 1 : 0)));
    this.writeKeys = nextTrafficKeys(this.writeKeys);
  }

  /** Records for the transport. */
  takeOutput(): Bytes {
    if (this.output.length === 0) return new Uint8Array(0);
    const bytes = concatBytes(this.output);
    this.output = [];
    this.bytesWritten += bytes.length;
    return bytes;
  }

  /** Data from the peer. */
  takeReceived(): Bytes {
    if (this.received.length === 0) return new Uint8Array(0);
    const bytes = concatBytes(this.received);
    this.received = [];
    return bytes;
  }

  get reading(): boolean {
    return !this.peerClosed && (this.state === "handshake" || this.state === "open");
  }

  /** Run what may find fault with the peer's bytes. */
  guarded(step: () => void): void {
    try {
      step();
    } catch (error) {
      if (!(error instanceof Fatal)) throw error;
      this.fail(error.alert, error.message);
    }
  }

  fail(alert: AlertName, reason: string): void {
    this.flight = [];
    // RFC 8446 §6.1: nothing follows our close_notify.
    if (!this.closeSent) this.sendAlert(alert);
    this.state = "failed";
    this.alertSent = alert;
    this.failure = reason;
    this.forget();
  }

  sendAlert(alert: AlertName): void {
    this.flushFlight();
    this.write(ALERT, Uint8Array.of(alertLevel(alert), ALERTS[alert]));
    this.alertSent = alert;
  }

  /** Closed both ways. */
  finish(): void {
    this.state = "closed";
    this.forget();
  }

  /** Nothing of the handshake, and no key, is needed any more. */
  forget(): void {
    this.records = new RecordReader();
    this.partial = new Uint8Array(0);
    this.pending = [];
    this.flight = [];
    this.transcript = [];
    this.secrets = null;
    this.readKeys = null;
    this.writeKeys = null;
  }

  // Records in.

  record(bytes: Bytes): void {
    const record: TlsRecord = { type: bytes[0]!, fragment: bytes.subarray(RECORD_HEADER) };
    if (record.type === CHANGE_CIPHER_SPEC) return this.changeCipherSpec(record.fragment);
    const keys = this.readKeys;
    if (!keys) {
      if (record.type !== APPLICATION_DATA) return this.content(record);
      if (!this.skipsEarlyData(record.fragment))
        throw new Fatal("unexpected_message", "application data before the handshake");
      return;
    }
    if (record.type !== APPLICATION_DATA) {
      // A client that could not use our ServerHello has no keys to say so with.
      const early = this.role === "server" && this.state === "handshake" && keys.sequence === 0;
      if (early && record.type === ALERT) return this.content(record);
      throw new Fatal("unexpected_message", "unprotected record after the keys were agreed on");
    }
    const inner = unprotect(keys, bytes);
    if (inner) {
      this.earlyDataLeft = 0;
      this.content(inner);
    } else if (!this.skipsEarlyData(record.fragment))
      throw new Fatal("bad_record_mac", "record does not authenticate");
  }

  skipsEarlyData(fragment: Bytes): boolean {
    if (this.earlyDataLeft < fragment.length) return false;
    this.earlyDataLeft -= fragment.length;
    return true;
  }

  /** RFC 8446 §5: dropped while a handshake goes on, an error at any other time. */
  changeCipherSpec(fragment: Bytes): void {
    const begun = this.role === "client" || this.clientRandom.length > 0;
    const harmless = fragment.length === 1 && fragment[0] === 1 && this.partial.length === 0;
    if (this.state !== "handshake" || !begun || !harmless)
      throw new Fatal("unexpected_message", "unexpected change_cipher_spec");
  }

  content({ type, fragment }: TlsRecord): void {
    if (type === ALERT) return this.alert(fragment);
    if (type === HANDSHAKE) return this.handshake(fragment);
    if (type !== APPLICATION_DATA || this.state !== "open" || this.partial.length > 0)
      throw new Fatal("unexpected_message", `unexpected content of type ${type}`);
    if (fragment.length) this.received.push(fragment);
  }

  alert(fragment: Bytes): void {
    const [, number = 0] = fragment;
    if (fragment.length === 0) throw new Fatal("unexpected_message", "empty alert");
    if (fragment.length !== 2) throw new Fatal("decode_error", "alert is not two bytes");
    const name = alertName(number);
    // RFC 8446 §6.1: a close_notify follows it.
    if (name === "user_canceled") return;
    this.alertReceived = name;
    if (name === "close_notify") {
      this.peerClosed = true;
      this.records = new RecordReader();
      if (this.state === "handshake") this.failure = "peer closed during the handshake";
      if (this.state === "handshake" || this.closeSent) this.finish();
      return;
    }
    this.state = "failed";
    this.failure = `received alert ${name}`;
    this.forget();
  }

  handshake(fragment: Bytes): void {
    if (fragment.length === 0) throw new Fatal("unexpected_message", "empty handshake record");
    this.partial = this.partial.length ? concatBytes([this.partial, fragment]) : fragment;
    while (this.partial.length >= 4 && this.reading) {
      const length = u24(this.partial, 1);
      if (length > MAX_MESSAGE) throw new Fatal("illegal_parameter", "excessive message size");
      if (this.partial.length < 4 + length) break;
      const whole = this.partial.subarray(0, 4 + length);
      this.partial = this.partial.subarray(4 + length);
      const type = whole[0]!;
      const body = whole.subarray(4);
      if (type === KEY_UPDATE) this.keyUpdate(body);
      else this.handshakeMessage(type, body, whole);
    }
    // What is left of a record that was read should not keep the record.
    if (this.partial.length === 0) this.partial = new Uint8Array(0);
  }

  keyUpdate(body: Bytes): void {
    if (this.state !== "open" || !this.readKeys)
      throw new Fatal("unexpected_message", "key_update during the handshake");
    if (body.length !== 1) throw new Fatal("decode_error", "key_update is not one byte");
    const [request = 0] = body;
    if (request > 1) throw new Fatal("illegal_parameter", "key_update asks for something unknown");
    this.setReadKeys(nextTrafficKeys(this.readKeys));
    if (request === 1) this.keyUpdateDue = true;
  }

  /** RFC 8446 §5.1: a message does not go on over a change of keys. */
  setReadKeys(keys: TrafficKeys): void {
    if (this.partial.length > 0)
      throw new Fatal("unexpected_message", "handshake data after a change of keys");
    this.readKeys = keys;
  }

  // Records out.

  /** Content in as many records as it needs, protected where there are keys. */
  write(type: number, content: Bytes): void {
    const limit = Math.min(this.settings.maxFragment ?? MAX_FRAGMENT, MAX_FRAGMENT);
    let at = 0;
    do {
      this.writeRecord(type, content.subarray(at, at + limit));
      at += limit;
    } while (at < content.length);
  }

  writeRecord(type: number, fragment: Bytes): void {
    const keys = this.writeKeys;
    if (!keys) {
      // RFC 8446 §5.1: what comes before the first answer may look like TLS 1.0.
      const first = this.role === "client" && this.transcript.length <= 1 && type === HANDSHAKE;
      this.output.push(plainRecord(type, fragment, first ? 0x0301 : TLS12));
      return;
    }
    this.flushChangeCipherSpec();
    const multiple = this.settings.padding ?? 1;
    const padded = Math.min(Math.ceil(fragment.length / multiple) * multiple, MAX_FRAGMENT);
    this.output.push(protect(keys, type, fragment, padded - fragment.length));
    if (keys.sequence >= RECORDS_PER_KEY && type === APPLICATION_DATA) this.updateKeys(false);
  }

  flushChangeCipherSpec(): void {
    if (!this.changeCipherSpecDue) return;
    this.changeCipherSpecDue = false;
    this.output.push(plainRecord(CHANGE_CIPHER_SPEC, Uint8Array.of(1), TLS12));
  }

  /** A handshake message of ours, into the transcript and into the flight. */
  sendMessage(whole: Bytes): void {
    this.transcript.push(whole);
    this.flight.push(whole);
  }

  flushFlight(): void {
    if (this.flight.length === 0) return;
    const content = concatBytes(this.flight);
    this.flight = [];
    this.write(HANDSHAKE, content);
  }

  // Secrets.

  /** The hash of all messages so far. */
  transcriptHash(): Bytes {
    return hashOf(this.suite, this.transcript);
  }

  /** The suite, once it is agreed on. */
  get suite(): SuiteName {
    if (!this.cipherSuite) throw new Error("tls: no suite yet");
    return this.cipherSuite;
  }

  /** RFC 8446 §4.4.1: a first ClientHello is in the transcript as its hash. */
  hashFirstHello(): void {
    const hash = hashOf(this.suite, this.transcript);
    this.transcript = [message(MESSAGE_HASH, hash)];
  }

  keysOf(secret: Bytes): TrafficKeys {
    return trafficKeys(this.suite, secret);
  }

  /** The handshake is done: what was to be sent goes out. */
  open(): void {
    this.state = "open";
    this.phase = "open";
    this.secrets = null;
    this.transcript = [];
    const { pending } = this;
    this.pending = [];
    if (pending.length) this.write(APPLICATION_DATA, concatBytes(pending));
  }
}
