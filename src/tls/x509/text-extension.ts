import { fromUtf8, utf8 } from "../../base/text.ts";
import { formatIpv4 } from "../../wire/address.ts";
import { type Bytes, u32 } from "../../wire/bytes.ts";
import { context, DerError, DerReader, IA5_STRING, implicit, SEQUENCE } from "./der.ts";
import { type Extension, type GeneralName, readConstraints, readGeneralName } from "./extension.ts";
import type { Name } from "./name.ts";
import {
  AUTHORITY_INFO_ACCESS,
  AUTHORITY_KEY_ID,
  BASIC_CONSTRAINTS,
  CERTIFICATE_POLICIES,
  CPS_QUALIFIER,
  CRL_DISTRIBUTION_POINTS,
  EXTENDED_KEY_USAGE,
  ISSUER_ALT_NAME,
  KEY_USAGE,
  NAME_CONSTRAINTS,
  NETSCAPE_COMMENT,
  objectName,
  SUBJECT_ALT_NAME,
  SUBJECT_KEY_ID,
} from "./oid.ts";

/* Extensions as OpenSSL 3.0 prints them (openssl: crypto/x509/v3_prn.c, X509V3_EXT_print). */

function capitals(bytes: Bytes): string {
  return Array.from(bytes, (octet) => octet.toString(16).padStart(2, "0"))
    .join(":")
    .toUpperCase();
}

/** openssl: X509_NAME_oneline: what is not ASCII is \xHH, nothing else is escaped. */
function onelineName(name: Name): string {
  const escaped = (value: string): string =>
    Array.from(utf8(value), (octet) =>
      octet >= 0x20 && octet < 0x7f
        ? String.fromCharCode(octet)
        : `\\x${octet.toString(16).toUpperCase().padStart(2, "0")}`,
    ).join("");
  return name.rdns
    .flat()
    .map((a) => `/${objectName(a.oid).short}=${escaped(a.value)}`)
    .join("");
}

/** openssl: crypto/x509/v3_san.c, GENERAL_NAME_print. */
function generalNameText(name: GeneralName): string {
  if (name.kind === "dir") return `DirName:${onelineName(name.name)}`;
  if (name.kind === "other") return `othername: ${name.oid}::${name.value ?? "<unsupported>"}`;
  const labels = { dns: "DNS", uri: "URI", email: "email", ip: "IP Address", rid: "Registered ID" };
  return `${labels[name.kind]}:${name.value}`;
}

function generalNames(names: DerReader): string[] {
  const texts: string[] = [];
  while (!names.done) texts.push(generalNameText(readGeneralName(names)));
  return texts;
}

/** openssl: crypto/x509/v3_akid.c: the key alone has no label. */
function authorityKeyLines(value: Bytes): string[] {
  const fields = new DerReader(value).enter(SEQUENCE);
  const key = fields.peek() === implicit(0) ? capitals(fields.enter().rest()) : null;
  const issuer = fields.peek() === context(1) ? generalNames(fields.enter()) : [];
  const serial = fields.peek() === implicit(2) ? [`serial:${capitals(fields.enter().rest())}`] : [];
  const label = issuer.length || serial.length ? "keyid:" : "";
  return [...(key === null ? [] : [label + key]), ...issuer, ...serial];
}

/** openssl: crypto/x509/v3_ncons.c. */
function nameConstraintLines(value: Bytes): string[] {
  const fields = new DerReader(value).enter(SEQUENCE);
  const lines: string[] = [];
  for (const [tag, label] of [
    [context(0), "Permitted:"],
    [context(1), "Excluded:"],
  ] as const) {
    if (fields.peek() !== tag) continue;
    const trees = fields.enter();
    lines.push(label);
    while (!trees.done) lines.push(`  ${subtreeText(trees.enter(SEQUENCE))}`);
  }
  return lines;
}

function subtreeText(tree: DerReader): string {
  if (tree.peek() !== implicit(7)) return generalNameText(readGeneralName(tree));
  const range = tree.enter().rest();
  if (range.length !== 8) throw new DerError("range of addresses");
  return `IP:${formatIpv4(u32(range, 0))}/${formatIpv4(u32(range, 4))}`;
}

/** openssl: crypto/x509/v3_cpols.c. */
function policyLines(value: Bytes): string[] {
  const policies = new DerReader(value).enter(SEQUENCE);
  const lines: string[] = [];
  while (!policies.done) {
    const policy = policies.enter(SEQUENCE);
    lines.push(`Policy: ${objectName(policy.oid()).long}`);
    if (policy.done) continue;
    const qualifiers = policy.enter(SEQUENCE);
    while (!qualifiers.done) {
      const qualifier = qualifiers.enter(SEQUENCE);
      if (qualifier.oid() !== CPS_QUALIFIER) throw new DerError("another qualifier");
      lines.push(`  CPS: ${fromUtf8(qualifier.content(IA5_STRING))}`);
    }
  }
  return lines;
}

/** openssl: crypto/x509/v3_crld.c, for points that are full names. */
function distributionLines(value: Bytes): string[] {
  const points = new DerReader(value).enter(SEQUENCE);
  const lines: string[] = [];
  while (!points.done) {
    const names = points.enter(SEQUENCE).enter(context(0)).enter(context(0));
    lines.push("Full Name:", ...generalNames(names).map((text) => `  ${text}`));
  }
  return lines;
}

function accessLines(value: Bytes): string[] {
  const list = new DerReader(value).enter(SEQUENCE);
  const lines: string[] = [];
  while (!list.done) {
    const access = list.enter(SEQUENCE);
    const method = objectName(access.oid()).long;
    lines.push(`${method} - ${generalNameText(readGeneralName(access))}`);
  }
  return lines;
}

/** openssl: what has no printer is printed as far as it is printable. */
function rawText(bytes: Bytes): string {
  return Array.from(bytes, (octet) =>
    octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : ".",
  ).join("");
}

function knownLines(extension: Extension): string[] | null {
  const { oid: type, value } = extension;
  const known = readConstraints([{ ...extension, critical: false }]);
  switch (type) {
    case BASIC_CONSTRAINTS: {
      const { ca = false, pathLength = null } = known.basic ?? {};
      return [`CA:${ca ? "TRUE" : "FALSE"}${pathLength === null ? "" : `, pathlen:${pathLength}`}`];
    }
    case KEY_USAGE:
      return [(known.keyUsage ?? []).join(", ")];
    case EXTENDED_KEY_USAGE:
      return [(known.extendedKeyUsage ?? []).map((usage) => objectName(usage).long).join(", ")];
    case SUBJECT_ALT_NAME:
    case ISSUER_ALT_NAME:
      return [generalNames(new DerReader(value).enter(SEQUENCE)).join(", ")];
    case SUBJECT_KEY_ID:
      return [capitals(known.subjectKeyId ?? new Uint8Array(0))];
    case AUTHORITY_KEY_ID:
      return authorityKeyLines(value);
    case NAME_CONSTRAINTS:
      return nameConstraintLines(value);
    case CERTIFICATE_POLICIES:
      return policyLines(value);
    case CRL_DISTRIBUTION_POINTS:
      return distributionLines(value);
    case AUTHORITY_INFO_ACCESS:
      return accessLines(value);
    case NETSCAPE_COMMENT:
      return [fromUtf8(new DerReader(value).content(IA5_STRING))];
  }
  return null;
}

/** The lines of an extension's value. */
export function extensionText(extension: Extension): string[] {
  try {
    return knownLines(extension) ?? [rawText(extension.value)];
  } catch (error) {
    if (error instanceof DerError) return [rawText(extension.value)];
    throw error;
  }
}
