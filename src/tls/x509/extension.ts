import { fromUtf8, utf8 } from "../../base/text.ts";
import { formatIpv4 } from "../../wire/address.ts";
import { type Bytes, u32 } from "../../wire/bytes.ts";
import {
  BIT_STRING,
  BOOLEAN,
  bitString,
  boolean,
  context,
  DerError,
  DerReader,
  der,
  INTEGER,
  implicit,
  integer,
  OCTET_STRING,
  octetString,
  oid,
  SEQUENCE,
  sequence,
  UTF8_STRING,
} from "./der.ts";
import { type Name, readName } from "./name.ts";
import {
  AUTHORITY_KEY_ID,
  BASIC_CONSTRAINTS,
  EXTENDED_KEY_USAGE,
  KEY_USAGE,
  objectId,
  SUBJECT_ALT_NAME,
  SUBJECT_KEY_ID,
} from "./oid.ts";

/** An extension as it stands in a certificate or a request (RFC 5280 §4.2). */
export interface Extension {
  oid: string;
  critical: boolean;
  value: Bytes;
}

/** The kinds of GeneralName (RFC 5280 §4.2.1.6) that have a text. */
export type GeneralName =
  | { kind: "dns" | "uri" | "email" | "ip" | "rid"; value: string }
  | { kind: "dir"; name: Name }
  /** `value` is that of a UTF8String, null for what has no text. */
  | { kind: "other"; oid: string; value: string | null };

/** RFC 5280 §4.2.1.3, by bit number, in OpenSSL's words. */
export const KEY_USAGES = [
  "Digital Signature",
  "Non Repudiation",
  "Key Encipherment",
  "Data Encipherment",
  "Key Agreement",
  "Certificate Sign",
  "CRL Sign",
  "Encipher Only",
  "Decipher Only",
] as const;
export type KeyUsage = (typeof KEY_USAGES)[number];

/** What the extensions say that verification, or a reader, wants to know; null where they are absent. */
export interface Constraints {
  basic: { ca: boolean; pathLength: number | null } | null;
  keyUsage: KeyUsage[] | null;
  /** Dotted. */
  extendedKeyUsage: string[] | null;
  alternativeNames: GeneralName[];
  subjectKeyId: Bytes | null;
  authorityKeyId: Bytes | null;
  /** A critical extension that is not among these (RFC 5280 §4.2: reject). */
  unknownCritical: string | null;
}

export function readExtensions(reader: DerReader): Extension[] {
  const list = reader.enter(SEQUENCE);
  const extensions: Extension[] = [];
  while (!list.done) {
    const one = list.enter(SEQUENCE);
    const type = one.oid();
    const critical = one.peek() === BOOLEAN ? one.boolean() : false;
    const value = one.content(OCTET_STRING);
    one.finish();
    if (extensions.some((e) => e.oid === type)) throw new DerError("twice the same extension");
    extensions.push({ oid: type, critical, value });
  }
  return extensions;
}

export function encodeExtensions(extensions: readonly Extension[]): Bytes {
  return sequence(
    ...extensions.map((e) =>
      sequence(oid(e.oid), ...(e.critical ? [boolean(true)] : []), octetString(e.value)),
    ),
  );
}

function text(bytes: Bytes): string {
  return String.fromCharCode(...bytes);
}

/** OpenSSL's form: groups in capitals, nothing shortened. */
function ipText(bytes: Bytes): string {
  if (bytes.length === 4) return formatIpv4(u32(bytes, 0));
  if (bytes.length !== 16) throw new DerError("address");
  const groups = Array.from({ length: 8 }, (_, i) => (bytes[2 * i]! << 8) | bytes[2 * i + 1]!);
  return groups.map((group) => group.toString(16).toUpperCase()).join(":");
}

/** The next name, of whatever kind. */
export function readGeneralName(names: DerReader): GeneralName {
  const tag = names.peek();
  if (tag === context(0)) {
    const other = names.enter();
    const type = other.oid();
    const value = other.enter(context(0));
    const utf8Text = value.peek() === UTF8_STRING ? fromUtf8(value.content(UTF8_STRING)) : null;
    return { kind: "other", oid: type, value: utf8Text };
  }
  if (tag === context(4)) return { kind: "dir", name: readName(names.enter()) };
  const value = names.enter().rest();
  if (tag === implicit(1)) return { kind: "email", value: text(value) };
  if (tag === implicit(2)) return { kind: "dns", value: text(value) };
  if (tag === implicit(6)) return { kind: "uri", value: text(value) };
  if (tag === implicit(7)) return { kind: "ip", value: ipText(value) };
  if (tag === implicit(8)) return { kind: "rid", value: new DerReader(der(0x06, value)).oid() };
  return { kind: "other", oid: "", value: null };
}

function readKeyUsage(value: DerReader): KeyUsage[] {
  const [unused = 0, ...octets] = value.content(BIT_STRING);
  if (unused > 7) throw new DerError("unused bits");
  return KEY_USAGES.filter((_, bit) => ((octets[bit >> 3] ?? 0) << (bit & 7)) & 0x80);
}

/** Decode the extensions that we know; a malformed one is a DerError. */
export function readConstraints(extensions: readonly Extension[]): Constraints {
  const found: Constraints = {
    basic: null,
    keyUsage: null,
    extendedKeyUsage: null,
    alternativeNames: [],
    subjectKeyId: null,
    authorityKeyId: null,
    unknownCritical: null,
  };
  for (const { oid: type, critical, value } of extensions) {
    const outer = new DerReader(value);
    if (type === BASIC_CONSTRAINTS) {
      const inner = outer.enter(SEQUENCE);
      const ca = inner.peek() === BOOLEAN ? inner.boolean() : false;
      found.basic = { ca, pathLength: inner.peek() === INTEGER ? inner.number() : null };
      inner.finish();
    } else if (type === KEY_USAGE) found.keyUsage = readKeyUsage(outer);
    else if (type === EXTENDED_KEY_USAGE) {
      const inner = outer.enter(SEQUENCE);
      found.extendedKeyUsage = [];
      while (!inner.done) found.extendedKeyUsage.push(inner.oid());
    } else if (type === SUBJECT_ALT_NAME) {
      const inner = outer.enter(SEQUENCE);
      while (!inner.done) found.alternativeNames.push(readGeneralName(inner));
    } else if (type === SUBJECT_KEY_ID) found.subjectKeyId = outer.content(OCTET_STRING);
    else if (type === AUTHORITY_KEY_ID) {
      const inner = outer.enter(SEQUENCE);
      if (inner.peek() === implicit(0)) found.authorityKeyId = inner.enter().rest();
      inner.rest();
    } else {
      if (critical) found.unknownCritical ??= type;
      outer.rest();
    }
    outer.finish();
  }
  return found;
}

/** The extensions of a certificate or request to be made. */
export interface ExtensionFields {
  ca?: boolean;
  pathLength?: number;
  keyUsage?: readonly KeyUsage[];
  /** Short names or dotted: "serverAuth". */
  extendedKeyUsage?: readonly string[];
  alternativeNames?: readonly { kind: "dns" | "uri" | "email" | "ip"; value: string }[];
  /** RFC 5280 §4.1.2.6: critical when the subject is empty. */
  alternativeNamesCritical?: boolean;
}

function ipOctets(value: string): Bytes {
  if (!value.includes(":")) return Uint8Array.from(value.split(".").map(Number));
  const [head = "", tail] = value.split("::");
  const left = head ? head.split(":") : [];
  const right = tail ? tail.split(":") : [];
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  return Uint8Array.from(
    [...left, ...Array<string>(zeros).fill("0"), ...right].flatMap((group) => {
      const word = Number.parseInt(group, 16);
      return [word >> 8, word & 0xff];
    }),
  );
}

const NAME_TAGS = { email: 1, dns: 2, uri: 6, ip: 7 } as const;

function encodeKeyUsage(usages: readonly KeyUsage[]): Bytes {
  const octets = new Uint8Array(2);
  let last = 0;
  for (const usage of usages) {
    const bit = KEY_USAGES.indexOf(usage);
    octets[bit >> 3]! |= 0x80 >> (bit & 7);
    last = Math.max(last, bit);
  }
  // X.690 §11.2.2: a named bit list ends in its last 1.
  return bitString(octets.subarray(0, (last >> 3) + 1), 7 - (last & 7));
}

export function makeExtensions(fields: ExtensionFields): Extension[] {
  const extensions: Extension[] = [];
  if (fields.keyUsage?.length)
    extensions.push({ oid: KEY_USAGE, critical: true, value: encodeKeyUsage(fields.keyUsage) });
  if (fields.extendedKeyUsage?.length)
    extensions.push({
      oid: EXTENDED_KEY_USAGE,
      critical: false,
      value: sequence(...fields.extendedKeyUsage.map((usage) => oid(objectId(usage)))),
    });
  if (fields.ca !== undefined)
    extensions.push({
      oid: BASIC_CONSTRAINTS,
      critical: true,
      value: sequence(
        ...(fields.ca ? [boolean(true)] : []),
        ...(fields.pathLength === undefined ? [] : [integer(fields.pathLength)]),
      ),
    });
  if (fields.alternativeNames?.length)
    extensions.push({
      oid: SUBJECT_ALT_NAME,
      critical: fields.alternativeNamesCritical ?? false,
      value: sequence(
        ...fields.alternativeNames.map(({ kind, value }) =>
          der(implicit(NAME_TAGS[kind]), kind === "ip" ? ipOctets(value) : utf8(value)),
        ),
      ),
    });
  return extensions;
}
