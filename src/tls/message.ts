import { concatBytes, utf8 } from "../base/text.ts";
import type { Bytes } from "../wire/bytes.ts";
import { Fatal } from "./alert.ts";
import { n8, n16, Reader, vec8, vec16, vec24 } from "./codec.ts";

/** RFC 8446 §4: the handshake messages. */
export const CLIENT_HELLO = 1;
export const SERVER_HELLO = 2;
export const NEW_SESSION_TICKET = 4;
export const ENCRYPTED_EXTENSIONS = 8;
export const CERTIFICATE = 11;
export const CERTIFICATE_REQUEST = 13;
export const CERTIFICATE_VERIFY = 15;
export const FINISHED = 20;
export const KEY_UPDATE = 24;
export const MESSAGE_HASH = 254;

/** RFC 8446 §4.2, and the registry of IANA. */
export const Ext = {
  serverName: 0,
  supportedGroups: 10,
  signatureAlgorithms: 13,
  alpn: 16,
  preSharedKey: 41,
  earlyData: 42,
  supportedVersions: 43,
  cookie: 44,
  pskKeyExchangeModes: 45,
  certificateAuthorities: 47,
  keyShare: 51,
} as const;

export const TLS12 = 0x0303;
export const TLS13 = 0x0304;

/** RFC 8446 §4.2.3: what we sign and verify with. */
export const SCHEMES = { ecdsa_secp256r1_sha256: 0x0403, ed25519: 0x0807 } as const;

/** A message with its header. */
export function message(type: number, ...parts: Bytes[]): Bytes {
  return concatBytes([n8(type), vec24(...parts)]);
}

export interface HelloExtension {
  type: number;
  data: Bytes;
}

/** A list of extensions behind its length; each may be there once. */
export function readExtensions(reader: Reader): HelloExtension[] {
  const inner = new Reader(reader.vector16());
  const extensions: HelloExtension[] = [];
  while (inner.left) {
    const type = inner.u16();
    const data = inner.vector16();
    if (extensions.some((e) => e.type === type))
      throw new Fatal("illegal_parameter", `extension ${type} is there twice`);
    extensions.push({ type, data });
  }
  return extensions;
}

export function encodeExtensions(extensions: readonly HelloExtension[]): Bytes {
  return vec16(...extensions.flatMap((e) => [n16(e.type), vec16(e.data)]));
}

export function extension(extensions: readonly HelloExtension[], type: number): Reader | null {
  const found = extensions.find((e) => e.type === type);
  return found ? new Reader(found.data) : null;
}

/** Read the whole of an extension. */
export function whole<T>(reader: Reader, read: (reader: Reader) => T): T {
  const value = read(reader);
  reader.finish();
  return value;
}

/** RFC 7301 §3.1: ProtocolNameList. */
export function readAlpn(reader: Reader): string[] {
  const inner = new Reader(reader.vector16(2));
  const names: string[] = [];
  while (inner.left) names.push(String.fromCharCode(...inner.vector8(1)));
  return names;
}

export function encodeAlpn(names: readonly string[]): Bytes {
  return vec16(...names.map((name) => vec8(utf8(name))));
}

export interface CertificateEntry {
  der: Bytes;
  extensions: HelloExtension[];
}

/** RFC 8446 §4.4.2. */
export function readCertificateMessage(body: Bytes): {
  context: Bytes;
  entries: CertificateEntry[];
} {
  const reader = new Reader(body);
  const context = reader.vector8();
  const list = new Reader(reader.vector24());
  reader.finish();
  const entries: CertificateEntry[] = [];
  while (list.left) {
    const der = list.vector24(1);
    entries.push({ der, extensions: readExtensions(list) });
  }
  return { context, entries };
}

export function encodeCertificateMessage(context: Bytes, chain: readonly Bytes[]): Bytes {
  const entries = chain.flatMap((der) => [vec24(der), n16(0)]);
  return message(CERTIFICATE, vec8(context), vec24(...entries));
}

/** RFC 8446 §4.4.3: what a CertificateVerify signs. */
export function verifyContent(role: "client" | "server", hash: Bytes): Bytes {
  return concatBytes([
    new Uint8Array(64).fill(0x20),
    utf8(`TLS 1.3, ${role} CertificateVerify\0`),
    hash,
  ]);
}
