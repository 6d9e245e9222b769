import { fromUtf8, utf8 } from "../base/text.ts";
import type { Bytes } from "../wire/bytes.ts";
import { Fatal } from "./alert.ts";
import { n8, n16, Reader, vec8, vec16 } from "./codec.ts";
import { GROUPS, type GroupName, type KeyShare } from "./group.ts";
import {
  CLIENT_HELLO,
  Ext,
  encodeAlpn,
  encodeExtensions,
  extension,
  type HelloExtension,
  message,
  readAlpn,
  readExtensions,
  SCHEMES,
  SERVER_HELLO,
  TLS12,
  TLS13,
  whole,
} from "./message.ts";
import { SUITES, type SuiteName } from "./suite.ts";

/** RFC 8446 §4.1.3: the random of a HelloRetryRequest, the SHA-256 of that word. */
export const RETRY_RANDOM = Uint8Array.of(
  ...[0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8],
  ...[0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8],
  ...[0x33, 0x9c],
);

/** RFC 8446 §4.1.2, with what we understand of its extensions. */
export interface ClientHello {
  random: Bytes;
  sessionId: Bytes;
  suites: number[];
  compression: Bytes;
  extensions: HelloExtension[];
  versions: number[];
  /** Null where the extension is absent, as in each that follows. */
  groups: number[] | null;
  schemes: number[] | null;
  keyShares: { group: number; key: Bytes }[] | null;
  alpn: string[] | null;
  serverName: string | null;
  cookie: Bytes | null;
}

/** RFC 6066 §3: the one host_name of the list; other types are not known. */
function readServerName(reader: Reader): string {
  const list = new Reader(reader.vector16(1));
  let name: string | null = null;
  while (list.left) {
    const type = list.u8();
    const value = list.vector16(1);
    if (type === 0 && name !== null)
      throw new Fatal("illegal_parameter", "two host names in server_name");
    if (type === 0) name = fromUtf8(value);
  }
  return name ?? "";
}

function readKeyShares(reader: Reader): { group: number; key: Bytes }[] {
  const list = new Reader(reader.vector16());
  const shares: { group: number; key: Bytes }[] = [];
  while (list.left) {
    const group = list.u16();
    if (shares.some((share) => share.group === group))
      throw new Fatal("illegal_parameter", "two key shares of one group");
    shares.push({ group, key: list.vector16(1) });
  }
  return shares;
}

function readVersions(reader: Reader): number[] {
  const list = new Reader(reader.vector8(2));
  const versions: number[] = [];
  while (list.left) versions.push(list.u16());
  return versions;
}

export function readClientHello(body: Bytes): ClientHello {
  const reader = new Reader(body);
  const legacyVersion = reader.u16();
  // RFC 8446 appendix D.5.
  if (legacyVersion === 0x0300) throw new Fatal("protocol_version", "client speaks SSL 3.0");
  const random = reader.take(32);
  const sessionId = reader.vector8();
  if (sessionId.length > 32) throw new Fatal("decode_error", "session id is too long");
  const suites = reader.numbers16(2);
  const compression = reader.vector8(1);
  // Before TLS 1.3 a hello could end here.
  const extensions = reader.left ? readExtensions(reader) : [];
  reader.finish();
  const read = <T>(type: number, how: (reader: Reader) => T): T | null => {
    const found = extension(extensions, type);
    return found ? whole(found, how) : null;
  };
  return {
    random,
    sessionId,
    suites,
    compression,
    extensions,
    versions: read(Ext.supportedVersions, readVersions) ?? [legacyVersion],
    groups: read(Ext.supportedGroups, (r) => r.numbers16(2)),
    schemes: read(Ext.signatureAlgorithms, (r) => r.numbers16(2)),
    keyShares: read(Ext.keyShare, readKeyShares),
    alpn: read(Ext.alpn, readAlpn),
    serverName: read(Ext.serverName, readServerName),
    cookie: read(Ext.cookie, (r) => r.vector16(1)),
  };
}

/** What a client says of itself. */
export interface ClientHelloFields {
  random: Bytes;
  sessionId: Bytes;
  suites: readonly SuiteName[];
  groups: readonly GroupName[];
  keyShares: readonly KeyShare[];
  alpn: readonly string[];
  serverName: string;
  cookie: Bytes | null;
}

export function encodeClientHello(fields: ClientHelloFields): Bytes {
  const extensions: HelloExtension[] = [];
  const add = (type: number, data: Bytes): void => {
    extensions.push({ type, data });
  };
  if (fields.serverName) add(Ext.serverName, vec16(n8(0), vec16(utf8(fields.serverName))));
  add(Ext.supportedGroups, vec16(...fields.groups.map((group) => n16(GROUPS[group]))));
  add(Ext.signatureAlgorithms, encodeSchemes());
  if (fields.alpn.length) add(Ext.alpn, encodeAlpn(fields.alpn));
  add(Ext.supportedVersions, vec8(n16(TLS13)));
  if (fields.cookie) add(Ext.cookie, vec16(fields.cookie));
  const shares = fields.keyShares.flatMap((s) => [n16(GROUPS[s.group]), vec16(s.public)]);
  add(Ext.keyShare, vec16(...shares));
  return message(
    CLIENT_HELLO,
    n16(TLS12),
    fields.random,
    vec8(fields.sessionId),
    vec16(...fields.suites.map((suite) => n16(SUITES[suite]))),
    vec8(n8(0)),
    encodeExtensions(extensions),
  );
}

/** The body of signature_algorithms. */
export function encodeSchemes(): Bytes {
  return vec16(...Object.values(SCHEMES).map(n16));
}

/** RFC 8446 §4.1.3 and §4.1.4: both have one form. */
export interface ServerHello {
  retry: boolean;
  legacyVersion: number;
  random: Bytes;
  sessionId: Bytes;
  suite: number;
  compression: number;
  extensions: HelloExtension[];
  version: number | null;
  /** Of a ServerHello. */
  keyShare: { group: number; key: Bytes } | null;
  /** Of a HelloRetryRequest. */
  selectedGroup: number | null;
  cookie: Bytes | null;
}

export function readServerHello(body: Bytes): ServerHello {
  const reader = new Reader(body);
  const legacyVersion = reader.u16();
  const random = reader.take(32);
  const sessionId = reader.vector8();
  if (sessionId.length > 32) throw new Fatal("decode_error", "session id is too long");
  const suite = reader.u16();
  const compression = reader.u8();
  const extensions = reader.left ? readExtensions(reader) : [];
  reader.finish();
  const retry = random.every((octet, i) => octet === RETRY_RANDOM[i]);
  const read = <T>(type: number, how: (reader: Reader) => T): T | null => {
    const found = extension(extensions, type);
    return found ? whole(found, how) : null;
  };
  return {
    retry,
    legacyVersion,
    random,
    sessionId,
    suite,
    compression,
    extensions,
    version: read(Ext.supportedVersions, (r) => r.u16()),
    keyShare: retry ? null : read(Ext.keyShare, (r) => ({ group: r.u16(), key: r.vector16(1) })),
    selectedGroup: retry ? read(Ext.keyShare, (r) => r.u16()) : null,
    cookie: retry ? read(Ext.cookie, (r) => r.vector16(1)) : null,
  };
}

function encodeHello(
  random: Bytes,
  sessionId: Bytes,
  suite: SuiteName,
  extensions: readonly HelloExtension[],
): Bytes {
  return message(
    SERVER_HELLO,
    n16(TLS12),
    random,
    vec8(sessionId),
    n16(SUITES[suite]),
    n8(0),
    encodeExtensions([{ type: Ext.supportedVersions, data: n16(TLS13) }, ...extensions]),
  );
}

export function encodeServerHello(
  random: Bytes,
  sessionId: Bytes,
  suite: SuiteName,
  share: KeyShare,
): Bytes {
  const data = Uint8Array.from([...n16(GROUPS[share.group]), ...vec16(share.public)]);
  return encodeHello(random, sessionId, suite, [{ type: Ext.keyShare, data }]);
}

export function encodeRetryRequest(
  sessionId: Bytes,
  suite: SuiteName,
  group: GroupName | null,
  cookie: Bytes | null,
): Bytes {
  const extensions: HelloExtension[] = [];
  if (group) extensions.push({ type: Ext.keyShare, data: n16(GROUPS[group]) });
  if (cookie) extensions.push({ type: Ext.cookie, data: vec16(cookie) });
  return encodeHello(RETRY_RANDOM, sessionId, suite, extensions);
}
