import { fromUtf8, utf8 } from "../../base/text.ts";
import type { Bytes } from "../../wire/bytes.ts";
import {
  DerReader,
  der,
  IA5_STRING,
  oid,
  PRINTABLE_STRING,
  SEQUENCE,
  SET,
  sequence,
  UTF8_STRING,
} from "./der.ts";
import { objectId, objectName } from "./oid.ts";

/** One attribute of a distinguished name. */
export interface NameAttribute {
  /** Dotted. */
  oid: string;
  value: string;
}

/** A distinguished name (RFC 5280 §4.1.2.4): its sets of attributes, and its DER for comparisons. */
export interface Name {
  der: Bytes;
  rdns: NameAttribute[][];
}

const BMP_STRING = 0x1e;

/** The types of DirectoryString; anything else is taken byte by byte. */
function stringValue(tag: number, content: Bytes): string {
  if (tag === UTF8_STRING) return fromUtf8(content);
  let text = "";
  if (tag === BMP_STRING)
    for (let i = 0; i + 1 < content.length; i += 2)
      text += String.fromCharCode((content[i]! << 8) | content[i + 1]!);
  else for (const octet of content) text += String.fromCharCode(octet);
  return text;
}

export function readName(reader: DerReader): Name {
  const bytes = reader.whole(SEQUENCE);
  const names = new DerReader(bytes).enter(SEQUENCE);
  const rdns: NameAttribute[][] = [];
  while (!names.done) {
    const set = names.enter(SET);
    const attributes: NameAttribute[] = [];
    while (!set.done) {
      const attribute = set.enter(SEQUENCE);
      const type = attribute.oid();
      const tag = attribute.peek();
      attributes.push({ oid: type, value: stringValue(tag, attribute.enter().rest()) });
      attribute.finish();
    }
    rdns.push(attributes);
  }
  return { der: bytes, rdns };
}

function attributeString(type: string, value: string): Bytes {
  // RFC 5280 appendix A: these two may be nothing else.
  const short = objectName(type).short;
  if (short === "C" || short === "serialNumber") return der(PRINTABLE_STRING, utf8(value));
  if (short === "DC" || short === "emailAddress") return der(IA5_STRING, utf8(value));
  return der(UTF8_STRING, utf8(value));
}

/** A name of attributes by their short names, one to a set: `[["O", "cluster.local"]]`. */
export function makeName(attributes: readonly (readonly [type: string, value: string])[]): Name {
  const rdns = attributes.map(([type, value]) => [{ oid: objectId(type), value }]);
  const sets = rdns.map((rdn) =>
    der(SET, ...rdn.map((a) => sequence(oid(a.oid), attributeString(a.oid, a.value)))),
  );
  return { der: sequence(...sets), rdns };
}

/** RFC 2253's escapes, as OpenSSL's ASN1_STRFLGS_ESC_2253 with quotes does them. */
function escaped(value: string): string {
  let text = "";
  for (const octet of utf8(value)) {
    const char = String.fromCharCode(octet);
    if (octet < 0x20 || octet >= 0x7f)
      text += `\\${octet.toString(16).toUpperCase().padStart(2, "0")}`;
    else if (char === '"' || char === "\\") text += `\\${char}`;
    else text += char;
  }
  return /[,+<>;]|^[ #]| $/.test(value) ? `"${text}"` : text;
}

/** One line as OpenSSL 3.0 prints it (XN_FLAG_ONELINE): `C = US, O = cluster.local`. */
export function nameText(name: Name): string {
  return name.rdns
    .map((rdn) => rdn.map((a) => `${objectName(a.oid).short} = ${escaped(a.value)}`).join(" + "))
    .join(", ");
}
