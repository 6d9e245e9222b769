import { errnoNumber, SysError, strerror } from "../../../base/errno.ts";
import { concatBytes, fromUtf8 } from "../../../base/text.ts";
import type { Process, Run } from "../../../host/process.ts";
import { RESOLVE_ERRORS } from "../../../host/resolv.ts";
import { ownerOf } from "../../../net/socket/owner.ts";
import { TcpSock } from "../../../net/tcp/sock.ts";
import { MSEC } from "../../../sim/sim.ts";
import { ALERTS, type AlertName } from "../../../tls/alert.ts";
import { TlsClient } from "../../../tls/client.ts";
import type { Identity } from "../../../tls/config.ts";
import {
  type Certificate,
  certificatesFromPem,
  certificateToPem,
} from "../../../tls/x509/certificate.ts";
import { DerReader } from "../../../tls/x509/der.ts";
import { privateKeyFromPem } from "../../../tls/x509/key.ts";
import { nameText, readName } from "../../../tls/x509/name.ts";
import { objectName } from "../../../tls/x509/oid.ts";
import { timeText } from "../../../tls/x509/text.ts";
import { CHAIN_ERRORS } from "../../../tls/x509/verify.ts";
import { parseIpv4 } from "../../../wire/address.ts";
import { connectTcp } from "../../lib/socket.ts";
import { lookupHost } from "../../resolve.ts";
import { alertError, schemesText } from "./names.ts";
import { OpensslError, readText } from "./support.ts";

/** What verification and the printing of a summary take: an alert may come meanwhile. */
const SUMMARY_COST = 2 * MSEC;
const CHUNK = 16384;
const LEAF_UNVERIFIED = [21, "unable to verify the first certificate"] as const;

interface Options {
  host: string;
  port: number;
  alpn: string[];
  serverName: string;
  showChain: boolean;
  isBrief: boolean;
  isQuiet: boolean;
  anchors: Certificate[];
  identity: Identity | null;
}

const VALUED = ["-connect", "-alpn", "-servername", "-cert", "-key", "-CAfile", "-host", "-port"];
const FLAGS = [
  "-showcerts",
  "-brief",
  "-quiet",
  "-tls1_3",
  "-noservername",
  "-ign_eof",
  "-no_ign_eof",
  "-4",
];

function parse(p: Process, args: readonly string[]): Options {
  const given = new Map<string, string>();
  for (let i = 0; i < args.length; i++) {
    const arg = (args[i] as string).replace(/^--/, "-");
    if (VALUED.includes(arg)) {
      const value = args[++i];
      if (value === undefined)
        throw new OpensslError(
          `s_client: Option ${arg} needs a value\ns_client: Use -help for summary.\n`,
        );
      given.set(arg, value);
    } else if (FLAGS.includes(arg)) given.set(arg, "");
    else if (arg.startsWith("-") || given.has("-connect"))
      throw new OpensslError(
        arg.startsWith("-")
          ? `s_client: Unknown option: ${arg}\ns_client: Use -help for summary.\n`
          : `s_client: Can't use both -connect and target\n`,
      );
    else given.set("-connect", arg);
  }
  const target =
    given.get("-connect") ?? `${given.get("-host") ?? "localhost"}:${given.get("-port") ?? 4433}`;
  const [, host = "", port = "4433"] = /^(.*?)(?::(\d+))?$/.exec(target) ?? [];
  const certificates = given.get("-cert");
  let identity: Identity | null = null;
  if (certificates !== undefined) {
    const chain = certificatesFromPem(readText(p, certificates, "client certificate"));
    const key = privateKeyFromPem(readText(p, given.get("-key") ?? certificates, "client key"));
    if (!key) throw new OpensslError("Could not read client certificate private key\n");
    identity = { chain, key };
  }
  const named = given.get("-servername") ?? (parseIpv4(host) === null ? host : "");
  const file = given.get("-CAfile");
  return {
    host,
    port: Number(port),
    alpn: given.get("-alpn")?.split(",") ?? [],
    serverName: given.has("-noservername") ? "" : named,
    showChain: given.has("-showcerts"),
    isBrief: given.has("-brief"),
    isQuiet: given.has("-quiet"),
    anchors: file === undefined ? [] : certificatesFromPem(readText(p, file, "CA certificates")),
    identity,
  };
}

/** The error queue of a connection that could not be made, and the line after it. */
function* notConnected(p: Process, lines: string[], errno: number): Run {
  for (const line of lines) yield* p.err(`${thread(p)}:error:${line}\n`);
  yield* p.err(`connect:errno=${errno}\n`);
  return 1;
}

/** OpenSSL names the thread whose error it is, in hexadecimal. */
function thread(p: Process): string {
  const number = (p.pid * 0x10001 + 0x4000).toString(16).toUpperCase().padStart(4, "0");
  return `80${number.slice(-8).padStart(8, "A")}7F0000`;
}

function chainText(tls: TlsClient, options: Options): string {
  const lines = ["---", "Certificate chain"];
  tls.peerCertificates.forEach((certificate, i) => {
    const { publicKey } = certificate;
    const bits = publicKey.key?.type === "ed25519" ? 253 : 256;
    lines.push(
      ` ${i} s:${nameText(certificate.subject)}`,
      `   i:${nameText(certificate.issuer)}`,
      `   a:PKEY: ${objectName(publicKey.algorithm).long}, ${bits} (bit); sigalg: ${objectName(certificate.signatureAlgorithm).long}`,
      `   v:NotBefore: ${timeText(certificate.notBefore)}; NotAfter: ${timeText(certificate.notAfter)}`,
    );
    if (options.showChain) lines.push(certificateToPem(certificate).trimEnd());
  });
  return `${lines.join("\n")}\n`;
}

/** The verdict on the peer's chain: number, words. */
function verdict(tls: TlsClient): readonly [number, string] {
  const error = tls.verification?.error ?? null;
  if (error === null) return [0, "ok"];
  if (error === "no-issuer" && tls.peerCertificates.length === 1) return LEAF_UNVERIFIED;
  return CHAIN_ERRORS[error];
}

/** openssl: apps/s_client.c, print_stuff; apps/lib/s_cb.c */
function summary(tls: TlsClient, options: Options): string {
  const [leaf] = tls.peerCertificates;
  const [number, words] = verdict(tls);
  const isEd25519 = leaf?.publicKey.key?.type === "ed25519";
  const lines: string[] = [];
  if (leaf) {
    lines.push("---", "Server certificate");
    if (!options.showChain) lines.push(certificateToPem(leaf).trimEnd());
    lines.push(`subject=${nameText(leaf.subject)}`, `issuer=${nameText(leaf.issuer)}`);
  } else lines.push("---", "no peer certificate available");
  lines.push("---");
  if (tls.authorities.length)
    lines.push(
      "Acceptable client certificate CA names",
      ...tls.authorities.map((der) => nameText(readName(new DerReader(der)))),
    );
  else lines.push("No client certificate CA names sent");
  if (tls.requested) {
    const schemes = schemesText(tls.requested);
    lines.push(
      `Requested Signature Algorithms: ${schemes}`,
      `Shared Requested Signature Algorithms: ${schemes}`,
    );
  }
  if (leaf) {
    if (!isEd25519) lines.push("Peer signing digest: SHA256");
    lines.push(`Peer signature type: ${isEd25519 ? "Ed25519" : "ECDSA"}`);
    lines.push(
      `Server Temp Key: ${tls.group === "x25519" ? "X25519, 253 bits" : "ECDH, prime256v1, 256 bits"}`,
    );
  }
  lines.push(
    "---",
    `SSL handshake has read ${tls.bytesRead} bytes and written ${tls.bytesWritten} bytes`,
    number === 0 ? "Verification: OK" : `Verification error: ${words}`,
    "---",
    tls.cipherSuite
      ? `New, TLSv1.3, Cipher is ${tls.cipherSuite}`
      : "New, (NONE), Cipher is (NONE)",
  );
  if (leaf) lines.push(`Server public key is ${isEd25519 ? 253 : 256} bit`);
  lines.push(
    "Secure Renegotiation IS NOT supported",
    "Compression: NONE",
    "Expansion: NONE",
    tls.alpn ? `ALPN protocol: ${tls.alpn}` : "No ALPN negotiated",
    "Early data was not sent",
    `Verify return code: ${number} (${words})`,
    "---",
  );
  return `${lines.join("\n")}\n`;
}

function* tellVerification(p: Process, tls: TlsClient, options: Options): Run<void> {
  if (!options.serverName) yield* p.err("Can't use SSL_get_servername\n");
  const chain = tls.verification?.chain ?? [];
  const [number, words] = verdict(tls);
  const at = (depth: number): string => {
    const certificate = chain[depth] ?? tls.peerCertificates[depth];
    return `depth=${depth} ${certificate ? nameText(certificate.subject) : ""}\n`;
  };
  const depth = tls.verification?.depth ?? 0;
  if (number === 21)
    for (const [n, text] of [CHAIN_ERRORS["no-issuer"], LEAF_UNVERIFIED])
      yield* p.err(`${at(0)}verify error:num=${n}:${text}\nverify return:1\n`);
  else if (number !== 0)
    yield* p.err(`${at(depth)}verify error:num=${number}:${words}\nverify return:1\n`);
  for (let i = number === 21 ? 0 : Math.max(chain.length - 1, 0); i >= 0; i--)
    yield* p.err(`${at(i)}verify return:1\n`);
}

/** Carries records between the socket and TLS. */
class Wire {
  sock: TcpSock;
  tls: TlsClient;
  output: Uint8Array = new Uint8Array(0);
  ended = false;

  constructor(sock: TcpSock, tls: TlsClient) {
    this.sock = sock;
    this.tls = tls;
  }

  /** Move what can be moved; whether anything was. Throws SysError when the connection broke. */
  pump(): boolean {
    let moved = false;
    const records = this.tls.takeOutput();
    if (records.length) this.output = concatBytes([this.output, records]);
    if (this.output.length) {
      const taken = this.sock.send(this.output);
      this.output = this.output.subarray(taken);
      moved ||= taken > 0;
    }
    if (this.ended) return moved;
    const data = this.sock.recv(CHUNK);
    if (data === "EAGAIN") return moved;
    if (data === "EOF") {
      this.ended = true;
      this.tls.receiveEnd();
    } else this.tls.receive(data);
    return true;
  }
}

function* talk(p: Process, wire: Wire, options: Options): Run {
  const { tls, sock } = wire;
  try {
    while (tls.state === "handshake" || wire.output.length) {
      if (!wire.pump() && tls.state === "handshake") yield* p.wait([sock.readable, sock.writable]);
      if (tls.state === "failed" || tls.state === "closed") break;
    }
    wire.pump();
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    yield* p.err(`write:errno=${errnoNumber(error.code)}\n`);
    tls.state = "failed";
  }
  const isOpen = tls.peerCertificates.length > 0;
  if (isOpen && !options.isBrief) yield* tellVerification(p, tls, options);
  if (options.isBrief) {
    if (isOpen) {
      const [number, words] = verdict(tls);
      const [leaf] = tls.peerCertificates;
      yield* p.err(
        `CONNECTION ESTABLISHED\nProtocol version: TLSv1.3\nCiphersuite: ${tls.cipherSuite}\n${tls.requested ? `Requested Signature Algorithms: ${schemesText(tls.requested)}\n` : ""}Peer certificate: ${leaf ? nameText(leaf.subject) : ""}\nHash used: SHA256\nSignature type: ECDSA\n${number ? `Verification error: ${words}` : "Verification: OK"}\nServer Temp Key: ${tls.group === "x25519" ? "X25519, 253 bits" : "ECDH, prime256v1, 256 bits"}\n`,
      );
    }
  } else if (!options.isQuiet) {
    yield* p.out("CONNECTED(00000003)\n");
    if (isOpen) yield* p.out(chainText(tls, options));
    yield* p.out(summary(tls, options));
  }
  if (!isOpen) return yield* noHandshake(p, tls);
  yield* p.sleep(SUMMARY_COST);
  return yield* conversation(p, wire, options);
}

/** What ended the handshake: an alert of the peer, or bytes that are no TLS. */
function* noHandshake(p: Process, tls: TlsClient): Run {
  const alert = tls.alertReceived;
  if (alert && alert in ALERTS) yield* p.err(alertError(alert as AlertName, thread(p)));
  else if (tls.alertSent)
    yield* p.err(
      `${thread(p)}:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../ssl/record/ssl3_record.c:350:\n`,
    );
  return 1;
}

/** Lines go to the server, what it says comes out; `Q` or the end of input ends it. */
function* conversation(p: Process, wire: Wire, options: Options): Run {
  const { tls, sock } = wire;
  const input = p.fds[0];
  try {
    for (;;) {
      const moved = wire.pump();
      const plain = tls.takeReceived();
      if (plain.length) yield* p.write(1, plain);
      const alert = tls.alertReceived;
      if (alert && alert !== "close_notify") {
        if (alert in ALERTS) yield* p.err(alertError(alert as AlertName, thread(p)));
        return 1;
      }
      if (tls.peerClosed || wire.ended || tls.state !== "open") {
        if (!options.isBrief) yield* p.out("closed\n");
        return tls.peerClosed ? 0 : 1;
      }
      if (moved) continue;
      const data = input ? input.read(CHUNK) : "EOF";
      if (data === "EOF") {
        if (options.isQuiet) {
          yield* p.wait([sock.readable]);
          continue;
        }
        yield* p.err("DONE\n");
        tls.close();
        wire.pump();
        return 0;
      }
      if (data === "EAGAIN") {
        yield* p.wait(input ? [sock.readable, input.readable] : [sock.readable]);
        continue;
      }
      if (fromUtf8(data).startsWith("Q") && !options.isQuiet) {
        yield* p.err("DONE\n");
        tls.close();
        wire.pump();
        return 0;
      }
      tls.send(data.slice());
    }
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    yield* p.err(`read:errno=${errnoNumber(error.code)}\n`);
    return 1;
  }
}

/** `openssl s_client` (openssl: apps/s_client.c), TLS 1.3 only. */
export function* sClient(p: Process, args: readonly string[]): Run {
  const options = parse(p, args);
  let address = parseIpv4(options.host);
  if (address === null) {
    const found = yield* lookupHost(p, options.host);
    if (typeof found === "string")
      return yield* notConnected(
        p,
        [
          `10080002:BIO routines:BIO_lookup_ex:system lib:../crypto/bio/bio_addr.c:746:${RESOLVE_ERRORS[found]}`,
        ],
        22,
      );
    address = found.addresses[0] as number;
  }
  const sock = new TcpSock(p.netns, ownerOf(p));
  try {
    const failed = yield* connectTcp(p, sock, address, options.port);
    if (failed) {
      const code = failed === "timeout" ? "ETIMEDOUT" : failed;
      const number = errnoNumber(code);
      const hex = (0x80000000 + number).toString(16).toUpperCase();
      return yield* notConnected(
        p,
        [
          `${hex}:system library:BIO_connect:${strerror(code)}:../crypto/bio/bio_sock2.c:117:calling connect()`,
          "10000067:BIO routines:BIO_connect:connect error:../crypto/bio/bio_sock2.c:119:",
        ],
        number,
      );
    }
    const { sim } = p;
    const tls = new TlsClient({
      random: sim.rng("openssl"),
      now: sim.epoch + Math.floor(sim.now / 1e6),
      identity: options.identity,
      anchors: options.anchors,
      verifyPeer: false,
      alpn: options.alpn,
      ...(options.serverName ? { serverName: options.serverName } : {}),
    });
    return yield* talk(p, new Wire(sock, tls), options);
  } finally {
    sock.close();
  }
}
