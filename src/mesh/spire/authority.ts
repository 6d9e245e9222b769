import type { Identity } from "../../tls/config.ts";
import type { Certificate } from "../../tls/x509/certificate.ts";
import { issue, issueSelfSigned, randomSerial } from "../../tls/x509/issue.ts";
import { generateKey, type PrivateKey, type RandomSource } from "../../tls/x509/key.ts";
import { makeName } from "../../tls/x509/name.ts";
import { readRequest, verifyRequest } from "../../tls/x509/request.ts";
import type { Bytes } from "../../wire/bytes.ts";

const SECOND = 1000;
const HOUR = 3600 * SECOND;
/** spire: pkg/server/credtemplate/builder.go, where ca_ttl and default_x509_svid_ttl say nothing; ms */
export const CA_TTL = 24 * HOUR;
export const SVID_TTL = HOUR;
const NOT_BEFORE_CUSHION = 10 * SECOND;

interface Authority {
  certificate: Certificate;
  key: PrivateKey;
}

/** A serial number as a distinguished name has it: decimal. */
function decimal(serial: Bytes): string {
  let value = 0n;
  for (const octet of serial) value = (value << 8n) | BigInt(octet);
  return value.toString();
}

/**
 * A SPIRE server's own certificate authority, without one above it (spire: pkg/server/ca). The next
 * one is prepared when half of its life is over, and takes over when a sixth is left (pkg/server/ca/manager,
 * preparation and activation thresholds). Times are ms since 1970.
 */
export class SpireAuthority {
  trustDomain: string;
  caTtl: number;
  svidTtl: number;
  random: RandomSource;
  current: Authority;
  next: Authority | null = null;

  constructor(
    trustDomain: string,
    ttl: { ca: number; svid: number },
    random: RandomSource,
    now: number,
  ) {
    this.trustDomain = trustDomain;
    this.caTtl = ttl.ca;
    this.svidTtl = ttl.svid;
    this.random = random;
    this.current = this.make(now);
  }

  make(now: number): Authority {
    const key = generateKey("p256", this.random);
    const serial = randomSerial(this.random);
    const certificate = issueSelfSigned(
      {
        subject: makeName([
          ["C", "US"],
          ["O", "SPIFFE"],
          ["serialNumber", decimal(serial)],
        ]),
        serial,
        notBefore: now - NOT_BEFORE_CUSHION,
        notAfter: now + this.caTtl,
        ca: true,
        keyUsage: ["Certificate Sign", "CRL Sign"],
        alternativeNames: [{ kind: "uri", value: `spiffe://${this.trustDomain}` }],
      },
      key,
    );
    return { certificate, key };
  }

  /** The trust bundle: whom members of the domain believe. */
  get bundle(): Certificate[] {
    return [this.current, ...(this.next ? [this.next] : [])].map((one) => one.certificate);
  }

  /** Prepare the next authority, or let it take over, when it is time; has the bundle changed? */
  rotate(now: number): boolean {
    const { notBefore, notAfter } = this.current.certificate;
    const life = notAfter - notBefore;
    if (!this.next && now >= notAfter - life / 2) {
      this.next = this.make(now);
      return true;
    }
    if (!this.next || now < notAfter - life / 6) return false;
    this.current = this.next;
    this.next = null;
    return true;
  }

  /** An X509-SVID for the key of a request (DER); null when the request is none. `ttl` in s, 0: the default. */
  sign(csr: Bytes, id: string, ttl: number, now: number): Certificate | null {
    const request = readRequest(csr);
    const key = request?.publicKey.key;
    if (!request || !key || !verifyRequest(request)) return null;
    return this.issue(key, id, ttl, now);
  }

  issue(key: PrivateKey["public"], id: string, ttl: number, now: number): Certificate {
    const { certificate } = this.current;
    return issue(
      {
        subject: makeName([
          ["C", "US"],
          ["O", "SPIRE"],
        ]),
        publicKey: key,
        serial: randomSerial(this.random),
        notBefore: now - NOT_BEFORE_CUSHION,
        notAfter: Math.min(now + (ttl > 0 ? ttl * SECOND : this.svidTtl), certificate.notAfter),
        ca: false,
        keyUsage: ["Digital Signature", "Key Encipherment", "Key Agreement"],
        extendedKeyUsage: ["serverAuth", "clientAuth"],
        alternativeNames: [{ kind: "uri", value: id }],
        subjectKeyId: true,
      },
      this.current,
    );
  }

  /** What the server itself serves with. */
  serverIdentity(now: number): Identity {
    const key = generateKey("p256", this.random);
    const id = `spiffe://${this.trustDomain}/spire/server`;
    return { chain: [this.issue(key.public, id, 0, now)], key };
  }
}
