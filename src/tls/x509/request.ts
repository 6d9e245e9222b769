import type { Bytes } from "../../wire/bytes.ts";
import {
  bitString,
  context,
  DerError,
  DerReader,
  der,
  integer,
  oid,
  SEQUENCE,
  SET,
  sequence,
} from "./der.ts";
import {
  type Constraints,
  type Extension,
  type ExtensionFields,
  encodeExtensions,
  makeExtensions,
  readConstraints,
  readExtensions,
} from "./extension.ts";
import {
  encodePublicKey,
  type PrivateKey,
  type PublicKeyInfo,
  readPublicKeyInfo,
  readSignatureAlgorithm,
  sign,
  signatureOid,
  verify,
} from "./key.ts";
import { type Name, readName } from "./name.ts";
import { EXTENSION_REQUEST } from "./oid.ts";
import { fromPem, toPem } from "./pem.ts";

/** A request to be certified (PKCS#10, RFC 2986), read. */
export interface CertificateRequest extends Constraints {
  der: Bytes;
  /** The signed part. */
  info: Bytes;
  subject: Name;
  spki: Bytes;
  publicKey: PublicKeyInfo;
  /** Of the extension request (RFC 2985 §5.4.2). */
  extensions: Extension[];
  signatureAlgorithm: string;
  signature: Bytes;
}

/** A request for the key's certificate, signed by that key. */
export function makeRequest(
  fields: ExtensionFields & { subject: Name },
  key: PrivateKey,
): CertificateRequest {
  const extensions = makeExtensions(fields);
  const attribute = sequence(oid(EXTENSION_REQUEST), der(SET, encodeExtensions(extensions)));
  const info = sequence(
    integer(0),
    fields.subject.der,
    encodePublicKey(key.public),
    der(context(0), ...(extensions.length ? [attribute] : [])),
  );
  const algorithm = sequence(oid(signatureOid(key.type)));
  const request = readRequest(sequence(info, algorithm, bitString(sign(key, info))));
  if (!request) throw new Error("makeRequest: these fields make no request");
  return request;
}

function read(bytes: Bytes): CertificateRequest {
  const outer = new DerReader(bytes);
  const request = outer.enter(SEQUENCE);
  outer.finish();
  const info = request.whole(SEQUENCE);
  const signatureAlgorithm = readSignatureAlgorithm(request);
  const signature = request.bitString();
  request.finish();
  const fields = new DerReader(info).enter(SEQUENCE);
  if (fields.number() !== 0) throw new DerError("version");
  const subject = readName(fields);
  const spki = fields.whole(SEQUENCE);
  const publicKey = readPublicKeyInfo(spki);
  let extensions: Extension[] = [];
  // OpenSSL's parser wants the attributes, if only empty; others leave them out.
  const attributes = fields.done ? fields : fields.enter(context(0));
  while (!attributes.done) {
    const attribute = attributes.enter(SEQUENCE);
    const type = attribute.oid();
    const values = attribute.enter(SET);
    if (type === EXTENSION_REQUEST) extensions = readExtensions(values);
  }
  fields.finish();
  return {
    der: bytes,
    info,
    subject,
    spki,
    publicKey,
    extensions,
    signatureAlgorithm,
    signature,
    ...readConstraints(extensions),
  };
}

/** The request of some DER; null when that is none. */
export function readRequest(bytes: Bytes): CertificateRequest | null {
  try {
    return read(bytes);
  } catch (error) {
    if (error instanceof DerError) return null;
    throw error;
  }
}

/** Whether the request's signature is that of its key: who asks has it. */
export function verifyRequest(request: CertificateRequest): boolean {
  const { key } = request.publicKey;
  return key !== null && verify(key, request.signatureAlgorithm, request.info, request.signature);
}

export function requestFromPem(text: string): CertificateRequest | null {
  const block = fromPem(text).find((b) => /^(NEW )?CERTIFICATE REQUEST$/.test(b.label));
  return block ? readRequest(block.der) : null;
}

export function requestToPem(request: CertificateRequest): string {
  return toPem("CERTIFICATE REQUEST", request.der);
}
