/** An object identifier with the names that OpenSSL prints: short (in names), long (elsewhere). */
interface ObjectName {
  short: string;
  long: string;
}

const TABLE: Readonly<Record<string, readonly [short: string, long: string]>> = {
  "1.2.840.10045.2.1": ["id-ecPublicKey", "id-ecPublicKey"],
  "1.2.840.10045.3.1.7": ["prime256v1", "prime256v1"],
  "1.3.132.0.34": ["secp384r1", "secp384r1"],
  "1.2.840.10045.4.3.2": ["ecdsa-with-SHA256", "ecdsa-with-SHA256"],
  "1.2.840.10045.4.3.3": ["ecdsa-with-SHA384", "ecdsa-with-SHA384"],
  "1.2.840.10045.4.3.4": ["ecdsa-with-SHA512", "ecdsa-with-SHA512"],
  "1.3.101.112": ["ED25519", "ED25519"],
  "1.2.840.113549.1.1.1": ["rsaEncryption", "rsaEncryption"],
  "1.2.840.113549.1.1.11": ["RSA-SHA256", "sha256WithRSAEncryption"],
  "1.2.840.113549.1.1.12": ["RSA-SHA384", "sha384WithRSAEncryption"],
  "1.2.840.113549.1.1.13": ["RSA-SHA512", "sha512WithRSAEncryption"],
  "1.2.840.113549.1.9.14": ["extReq", "X509v3 Extension Request"],
  "1.2.840.113549.1.9.1": ["emailAddress", "emailAddress"],
  "2.5.4.3": ["CN", "commonName"],
  "2.5.4.5": ["serialNumber", "serialNumber"],
  "2.5.4.6": ["C", "countryName"],
  "2.5.4.7": ["L", "localityName"],
  "2.5.4.8": ["ST", "stateOrProvinceName"],
  "2.5.4.10": ["O", "organizationName"],
  "2.5.4.11": ["OU", "organizationalUnitName"],
  "0.9.2342.19200300.100.1.25": ["DC", "domainComponent"],
  "2.5.29.14": ["subjectKeyIdentifier", "X509v3 Subject Key Identifier"],
  "2.5.29.15": ["keyUsage", "X509v3 Key Usage"],
  "2.5.29.17": ["subjectAltName", "X509v3 Subject Alternative Name"],
  "2.5.29.18": ["issuerAltName", "X509v3 Issuer Alternative Name"],
  "2.5.29.19": ["basicConstraints", "X509v3 Basic Constraints"],
  "2.5.29.30": ["nameConstraints", "X509v3 Name Constraints"],
  "2.5.29.31": ["crlDistributionPoints", "X509v3 CRL Distribution Points"],
  "2.5.29.32": ["certificatePolicies", "X509v3 Certificate Policies"],
  "2.5.29.32.0": ["anyPolicy", "X509v3 Any Policy"],
  "2.5.29.35": ["authorityKeyIdentifier", "X509v3 Authority Key Identifier"],
  "2.5.29.37": ["extendedKeyUsage", "X509v3 Extended Key Usage"],
  "2.5.29.37.0": ["anyExtendedKeyUsage", "Any Extended Key Usage"],
  "1.3.6.1.5.5.7.1.1": ["authorityInfoAccess", "Authority Information Access"],
  "1.3.6.1.5.5.7.48.1": ["OCSP", "OCSP"],
  "1.3.6.1.5.5.7.48.2": ["caIssuers", "CA Issuers"],
  "2.16.840.1.113730.1.13": ["nsComment", "Netscape Comment"],
  "1.3.6.1.5.5.7.3.1": ["serverAuth", "TLS Web Server Authentication"],
  "1.3.6.1.5.5.7.3.2": ["clientAuth", "TLS Web Client Authentication"],
  "1.3.6.1.5.5.7.3.3": ["codeSigning", "Code Signing"],
  "1.3.6.1.5.5.7.3.4": ["emailProtection", "E-mail Protection"],
  "1.3.6.1.5.5.7.3.8": ["timeStamping", "Time Stamping"],
  "1.3.6.1.5.5.7.3.9": ["OCSPSigning", "OCSP Signing"],
};

const BY_SHORT: ReadonlyMap<string, string> = new Map(
  Object.entries(TABLE).map(([dotted, [short]]) => [short, dotted]),
);

/** How OpenSSL calls an object; the dotted form where it has no name here. */
export function objectName(dotted: string): ObjectName {
  const [short, long] = TABLE[dotted] ?? [dotted, dotted];
  return { short, long };
}

/** The dotted form of a short name ("CN", "serverAuth"); a dotted form is itself. */
export function objectId(short: string): string {
  return BY_SHORT.get(short) ?? short;
}

export const EC_PUBLIC_KEY = "1.2.840.10045.2.1";
export const PRIME256V1 = "1.2.840.10045.3.1.7";
export const ECDSA_SHA256 = "1.2.840.10045.4.3.2";
export const ECDSA_SHA384 = "1.2.840.10045.4.3.3";
export const ECDSA_SHA512 = "1.2.840.10045.4.3.4";
export const ED25519 = "1.3.101.112";
export const RSA_ENCRYPTION = "1.2.840.113549.1.1.1";
export const EXTENSION_REQUEST = "1.2.840.113549.1.9.14";
export const SUBJECT_KEY_ID = "2.5.29.14";
export const KEY_USAGE = "2.5.29.15";
export const SUBJECT_ALT_NAME = "2.5.29.17";
export const ISSUER_ALT_NAME = "2.5.29.18";
export const NAME_CONSTRAINTS = "2.5.29.30";
export const CRL_DISTRIBUTION_POINTS = "2.5.29.31";
export const CERTIFICATE_POLICIES = "2.5.29.32";
export const AUTHORITY_INFO_ACCESS = "1.3.6.1.5.5.7.1.1";
export const CPS_QUALIFIER = "1.3.6.1.5.5.7.2.1";
export const NETSCAPE_COMMENT = "2.16.840.1.113730.1.13";
export const BASIC_CONSTRAINTS = "2.5.29.19";
export const AUTHORITY_KEY_ID = "2.5.29.35";
export const EXTENDED_KEY_USAGE = "2.5.29.37";
export const ANY_EXTENDED_KEY_USAGE = "2.5.29.37.0";
export const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
export const CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
