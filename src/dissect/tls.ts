import { ALERTS } from "../tls/alert.ts";
import { groupName } from "../tls/group.ts";
import { suiteName } from "../tls/suite.ts";
import { readCertificate, uriNames } from "../tls/x509/certificate.ts";
import { nameText } from "../tls/x509/name.ts";
import { type Bytes, u8, u16, u24 } from "../wire/bytes.ts";
import { type Field, hex, hexBytes, type Layer, Tree, text } from "./tree.ts";

const CONTENT: Readonly<Record<number, string>> = {
  20: "Change Cipher Spec",
  21: "Alert",
  22: "Handshake",
  23: "Application Data",
};
const MESSAGES: Readonly<Record<number, string>> = {
  1: "Client Hello",
  2: "Server Hello",
  4: "New Session Ticket",
  8: "Encrypted Extensions",
  11: "Certificate",
  13: "Certificate Request",
  15: "Certificate Verify",
  20: "Finished",
  24: "Key Update",
};
const EXTENSIONS: Readonly<Record<number, string>> = {
  0: "server_name",
  10: "supported_groups",
  13: "signature_algorithms",
  16: "application_layer_protocol_negotiation",
  42: "early_data",
  43: "supported_versions",
  44: "cookie",
  45: "psk_key_exchange_modes",
  47: "certificate_authorities",
  51: "key_share",
};
const SCHEMES: Readonly<Record<number, string>> = {
  1027: "ecdsa_secp256r1_sha256",
  1283: "ecdsa_secp384r1_sha384",
  2052: "rsa_pss_rsae_sha256",
  2055: "ed25519",
};
const ALERT_NAMES = new Map<number, string>(
  Object.entries(ALERTS).map(([name, number]) => [number, name]),
);
const VERSIONS: Readonly<Record<number, string>> = {
  769: "TLS 1.0",
  771: "TLS 1.2",
  772: "TLS 1.3",
};

export function contentType(type: number): string {
  return `${CONTENT[type] ?? "Unknown"} (${type})`;
}

function version(value: number): string {
  return `${VERSIONS[value] ?? "Unknown"} (${hex(value, 4)})`;
}

function suite(value: number): string {
  return `${suiteName(value) ?? "Unknown"} (${hex(value, 4)})`;
}

function group(value: number): string {
  return `${groupName(value) ?? "Unknown"} (${hex(value, 4)})`;
}

function scheme(value: number): string {
  return `${SCHEMES[value] ?? "Unknown"} (${hex(value, 4)})`;
}

/** RFC 8446 §5.1: the header of a record at `at`, and where it ends. */
export function recordHeader(tree: Tree, at: number): number {
  tree.u8("tls.record.content_type", "Content Type", at, contentType);
  tree.u16("tls.record.version", "Version", at + 1, version);
  return at + 5 + tree.u16("tls.record.length", "Length", at + 3);
}

/** RFC 8446 §6. */
export function alert(buf: Bytes, at: number, end: number, source: number): Layer {
  const tree = new Tree(buf);
  let what = "";
  if (end - at >= 2) {
    tree.u8("tls.alert_message.level", "Level", at, (n) => (n === 1 ? "Warning (1)" : "Fatal (2)"));
    what = ALERT_NAMES.get(u8(buf, at + 1)) ?? "unknown";
    tree.u8("tls.alert_message.desc", "Description", at + 1, (n) => `${what} (${n})`);
  }
  const title = `TLS Alert: ${what}`;
  return { protocol: "tls", title, source, at, length: end - at, fields: tree.fields };
}

/** The handshake messages of a record's content (RFC 8446 §4), a layer each. */
export function handshake(buf: Bytes, from: number, end: number, source: number): Layer[] {
  const layers: Layer[] = [];
  for (let at = from; at + 4 <= end; ) {
    const type = u8(buf, at);
    const stop = at + 4 + u24(buf, at + 1);
    const name = MESSAGES[type] ?? "Unknown";
    const tree = new Tree(buf);
    tree.u8("tls.handshake.type", "Handshake Type", at, (n) => `${name} (${n})`);
    tree.u24("tls.handshake.length", "Length", at + 1);
    // One that goes on in the next record is named, and not read.
    if (stop <= end) body(tree, type, at + 4, stop);
    const length = Math.min(stop, end) - at;
    layers.push({
      protocol: "tls",
      title: `TLS Handshake: ${name}`,
      source,
      at,
      length,
      fields: tree.fields,
    });
    at = stop;
  }
  return layers;
}

function body(tree: Tree, type: number, at: number, end: number): void {
  const { buf } = tree;
  switch (type) {
    case 1:
    case 2:
      return hello(tree, type === 1, at, end);
    case 8:
      if (end - at >= 2) extensions(tree, type, at, end);
      return;
    case 11:
      return certificates(tree, at, end);
    case 13:
      if (end - at < 3) return;
      return extensions(tree, type, at + 1 + u8(buf, at), end);
    case 15:
      if (end - at < 4) return;
      tree.u16("tls.handshake.sig_hash_alg", "Signature Algorithm", at, scheme);
      tree.bytes("tls.handshake.client_cert_vrfy.sig", "Signature", at + 4, end - at - 4);
      return;
    case 20:
      tree.bytes("tls.handshake.verify_data", "Verify Data", at, end - at);
      return;
    case 24:
      if (end > at) tree.u8("tls.handshake.key_update.request_update", "Key Update Request", at);
  }
}

/** RFC 8446 §4.1.2 and §4.1.3. */
function hello(tree: Tree, isClient: boolean, at: number, end: number): void {
  const { buf } = tree;
  if (end - at < 38) return;
  tree.u16("tls.handshake.version", "Version", at, version);
  tree.bytes("tls.handshake.random", "Random", at + 2, 32);
  const id = u8(buf, at + 34);
  tree.u8("tls.handshake.session_id_length", "Session ID Length", at + 34);
  if (id) tree.bytes("tls.handshake.session_id", "Session ID", at + 35, id);
  let next = at + 35 + id;
  if (isClient) {
    if (next + 2 > end) return;
    const length = tree.u16("tls.handshake.cipher_suites_length", "Cipher Suites Length", next);
    if (next + 2 + length > end) return;
    const all = tree.add(
      "tls.handshake.ciphersuites",
      "Cipher Suites",
      next + 2,
      length,
      `${length / 2} suites`,
    );
    const inside = tree.inside(all);
    for (let i = next + 2; i + 2 <= next + 2 + length; i += 2)
      inside.u16("tls.handshake.ciphersuite", "Cipher Suite", i, suite);
    next += 2 + length;
    if (next >= end) return;
    next += 1 + u8(buf, next);
  } else {
    if (next + 3 > end) return;
    tree.u16("tls.handshake.ciphersuite", "Cipher Suite", next, suite);
    next += 3;
  }
  if (next + 2 <= end) extensions(tree, isClient ? 1 : 2, next, end);
}

/** RFC 8446 §4.2. */
function extensions(tree: Tree, message: number, from: number, end: number): void {
  const { buf } = tree;
  const stop = Math.min(from + 2 + u16(buf, from), end);
  tree.u16("tls.handshake.extensions_length", "Extensions Length", from);
  for (let at = from + 2; at + 4 <= stop; ) {
    const type = u16(buf, at);
    const length = u16(buf, at + 2);
    if (at + 4 + length > stop) return;
    const name = EXTENSIONS[type] ?? "unknown";
    const field = tree.add("tls.handshake.extension", `Extension: ${name}`, at, 4 + length, "");
    const inside = tree.inside(field);
    inside.u16("tls.handshake.extension.type", "Type", at, (n) => `${name} (${n})`);
    inside.u16("tls.handshake.extension.len", "Length", at + 2);
    if (length) extension(inside, field, type, message, at + 4, at + 4 + length);
    at += 4 + length;
  }
}

function extension(
  tree: Tree,
  field: Field,
  type: number,
  message: number,
  at: number,
  end: number,
): void {
  const { buf } = tree;
  const list = (from: number, name: string, label: string, show: (n: number) => string): void => {
    const values: string[] = [];
    for (let i = from; i + 2 <= end; i += 2) values.push(show(tree.u16(name, label, i, show)));
    field.value = values.join(", ");
  };
  switch (type) {
    case 0: {
      if (end - at < 5) return;
      field.value = text(buf.subarray(at + 5, end));
      tree.add(
        "tls.handshake.extensions_server_name",
        "Server Name",
        at + 5,
        end - at - 5,
        field.value,
      );
      return;
    }
    case 10:
      return list(at + 2, "tls.handshake.extensions_supported_group", "Supported Group", group);
    case 13:
      return list(at + 2, "tls.handshake.sig_hash_alg", "Signature Algorithm", scheme);
    case 16: {
      const names: string[] = [];
      for (let i = at + 2; i < end; ) {
        const length = u8(buf, i);
        const name = text(buf.subarray(i + 1, Math.min(i + 1 + length, end)));
        tree.add("tls.handshake.extensions_alpn_str", "ALPN Next Protocol", i + 1, length, name);
        names.push(name);
        i += 1 + length;
      }
      field.value = names.join(", ");
      return;
    }
    case 43:
      return list(
        message === 1 ? at + 1 : at,
        "tls.handshake.extensions.supported_version",
        "Supported Version",
        version,
      );
    case 51: {
      const names: string[] = [];
      for (let i = message === 1 ? at + 2 : at; i + 4 <= end; ) {
        const length = u16(buf, i + 2);
        if (i + 4 + length > end) break;
        names.push(group(tree.u16("tls.handshake.extensions_key_share_group", "Group", i, group)));
        tree.bytes(
          "tls.handshake.extensions_key_share_key_exchange",
          "Key Exchange",
          i + 4,
          length,
        );
        i += 4 + length;
      }
      field.value = names.join(", ");
      return;
    }
    default:
      field.value = hexBytes(buf.subarray(at, end));
  }
}

/** RFC 8446 §4.4.2, and what each certificate says of itself (RFC 5280). */
function certificates(tree: Tree, from: number, end: number): void {
  const { buf } = tree;
  let at = from + 1 + u8(buf, from);
  if (at + 3 > end) return;
  tree.u24("tls.handshake.certificates_length", "Certificates Length", at);
  at += 3;
  while (at + 3 <= end) {
    const length = u24(buf, at);
    const start = at + 3;
    if (start + length + 2 > end) return;
    const der = buf.subarray(start, start + length);
    const certificate = readCertificate(der);
    const names = certificate ? uriNames(certificate) : [];
    const subject = names[0] ?? (certificate ? nameText(certificate.subject) : "malformed");
    const field = tree.add("tls.handshake.certificate", "Certificate", start, length, subject);
    if (certificate) {
      const inside = tree.inside(field);
      for (const name of names) {
        const where = find(der, name);
        inside.add(
          "x509ce.uniformResourceIdentifier",
          "URI name",
          start + where,
          name.length,
          name,
        );
      }
      const serial = find(der, certificate.serial);
      const digits = hexBytes(certificate.serial);
      inside.add(
        "x509af.serialNumber",
        "Serial number",
        start + serial,
        certificate.serial.length,
        digits,
      );
      inside.add("x509af.issuer", "Issuer", start, length, nameText(certificate.issuer));
      const date = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
      inside.add("x509af.notBefore", "Valid from", start, length, date(certificate.notBefore));
      inside.add("x509af.notAfter", "Valid until", start, length, date(certificate.notAfter));
    }
    at = start + length + 2 + u16(buf, start + length);
  }
}

/** Where a text or bytes stand first. */
function find(buf: Bytes, wanted: string | Bytes): number {
  const bytes =
    typeof wanted === "string" ? Uint8Array.from(wanted, (c) => c.charCodeAt(0)) : wanted;
  for (let at = 0; at + bytes.length <= buf.length; at++)
    if (bytes.every((byte, i) => buf[at + i] === byte)) return at;
  return 0;
}
