import { parseIpv4 } from "../../../../../wire/address.ts";

/** What may stand in a policy's lists; each answers what is wrong (istio: pkg/config/security/security.go). */

export function emptyValues(key: string, values: readonly string[]): string[] {
  return values.includes("") ? [`empty value not allowed, found in ${key}`] : [];
}

/** netip.ParseAddr's error for what is no address; null when it is one. IPv6 is taken as it is. */
function addressError(text: string): string | null {
  if (text.includes(":") || parseIpv4(text) !== null) return null;
  const fail = (why: string): string => `ParseAddr(${JSON.stringify(text)}): ${why}`;
  if (!/^[\d.]+$/.test(text)) {
    const at = text.search(/[^\d.]/);
    return /^\d/.test(text) && text.includes(".")
      ? fail(`unexpected character (at ${JSON.stringify(text.slice(at))})`)
      : fail("unable to parse IP");
  }
  const parts = text.split(".");
  if (parts.includes("")) return fail("IPv4 field must have at least one digit");
  if (parts.some((part) => part.length > 1 && part.startsWith("0")))
    return fail("IPv4 field has octet with leading zero");
  if (parts.some((part) => Number(part) > 255)) return fail("IPv4 field has value >255");
  return fail(parts.length < 4 ? "IPv4 address too short" : "IPv4 address too long");
}

export function ipErrors(values: readonly string[]): string[] {
  return values.flatMap((value) => {
    const slash = value.lastIndexOf("/");
    if (slash < 0) return addressError(value) ? [`bad IP address (${value})`] : [];
    const bits = value.slice(slash + 1);
    const fail = (why: string): string[] => [
      `bad CIDR range (${value}): netip.ParsePrefix(${JSON.stringify(value)}): ${why}`,
    ];
    const wrong = addressError(value.slice(0, slash));
    if (wrong) return fail(wrong);
    if (!/^(0|[1-9]\d*)$/.test(bits)) return fail(`bad bits after slash: ${JSON.stringify(bits)}`);
    return Number(bits) > (value.includes(":") ? 128 : 32)
      ? fail("prefix length out of range")
      : [];
  });
}

export function portErrors(values: readonly string[]): string[] {
  return values.flatMap((value) => {
    const parsing = `strconv.ParseUint: parsing ${JSON.stringify(value)}`;
    if (!/^\d+$/.test(value)) return [`bad port (${value}): ${parsing}: invalid syntax`];
    if (Number(value) >= 2 ** 32) return [`bad port (${value}): ${parsing}: value out of range`];
    return Number(value) > 65535 ? [`bad port (${value}): <nil>`] : [];
  });
}

function wildcards(key: string, values: readonly string[]): string[] {
  const empty = emptyValues(key, values);
  if (empty.length) return empty;
  for (const value of values) {
    const count = value.split("*").length - 1;
    const found = `found in ${key}: ${JSON.stringify(value)}`;
    if (count > 1) return [`at most one wildcard is allowed, ${found}`];
    if (count === 1 && !value.startsWith("*") && !value.endsWith("*"))
      return [`wildcard is only allowed at the start or end, ${found}`];
  }
  return [];
}

export function trustDomains(key: string, values: readonly string[]): string[] {
  const wrong = wildcards(key, values);
  if (wrong.length) return wrong;
  const odd = values.find((value) => value.includes("/"));
  return odd === undefined
    ? []
    : [`trust domain must not contain '/', found in ${key}: ${JSON.stringify(odd)}`];
}

export function serviceAccounts(key: string, values: readonly string[]): string[] {
  if (values.length > 16) return ["may not have more than 16 values"];
  const format = "expected format 'serviceAccount' or 'namespace/serviceAccount', found";
  for (const value of values) {
    const quoted = JSON.stringify(value);
    if (value === "") return emptyValues(key, values);
    if (value.includes("*")) return [`wildcard not allowed, found in ${key}`];
    const parts = value.split("/");
    if (parts.length > 2) return [`${format} ${quoted} in ${key}`];
    if (value.length > 320)
      return [`value cannot exceed 320 characters, found ${quoted} in ${key}`];
    if (parts[0] === "") return [`${format} empty namespace ${quoted} in ${key}`];
    if (parts[1] === "") return [`${format} empty serviceAccount ${quoted} in ${key}`];
  }
  return [];
}

export function pathTemplates(key: string, paths: readonly string[]): string[] {
  for (const path of paths) {
    const templated = path.includes("{*}") || path.includes("{**}");
    const bare = path.replace(/^\/+|\/+$/g, "");
    const fail = (why: string): string[] => [
      `invalid or unsupported path ${bare}, found in ${key}. ${why}`,
    ];
    let any = false;
    for (const part of bare.split("/")) {
      if (part === "{*}" || part === "{**}") {
        if (any) return fail("{**} is not the last operator");
        any = part === "{**}";
        continue;
      }
      if (/[{}]/.test(part)) return fail("Contains '{' or '}' beyond a supported path template");
      if (templated && !/^[a-zA-Z0-9\-._~%!$&'()+,;:@=]+$/.test(part))
        return fail(`Contains segment ${part} with invalid string literal`);
    }
  }
  return [];
}

function mapKey(key: string): string[] {
  const open = key.indexOf("[");
  const fine = key.endsWith("]") && open > 0 && open < key.length - 2;
  return fine ? [] : [`bad key (${key}): should have format a[b]`];
}

const PLAIN = [
  "source.namespace",
  "source.principal",
  "request.auth.principal",
  "request.auth.audiences",
  "request.auth.presenter",
  "connection.sni",
];

/** A condition's key and its values. */
export function attributeErrors(key: string, values: readonly string[]): string[] {
  const empty = emptyValues(key, values);
  if (empty.length) return empty;
  if (/^(request\.headers|request\.auth\.claims|experimental\.envoy\.filters\.)/.test(key))
    return mapKey(key);
  if (["source.ip", "remote.ip", "destination.ip"].includes(key)) return ipErrors(values);
  if (PLAIN.includes(key)) return [];
  if (key === "source.serviceAccount") return serviceAccounts(key, values);
  if (key === "source.trustDomain") return wildcards(key, values);
  if (key === "destination.port") return portErrors(values);
  if (key === "destination.namespace")
    return [`attribute ${key} is replaced by the metadata.namespace`];
  if (key.startsWith("destination.labels"))
    return [`attribute ${key} is replaced by the workload selector`];
  if (key === "destination.name" || key === "destination.user")
    return [`deprecated attribute ${key}: only supported in v1alpha1`];
  return [`unknown attribute: ${key}`];
}
