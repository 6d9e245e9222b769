/** RFC 792, RFC 950, RFC 1256: names that ipset has for type and code. */
const NAMES: readonly (readonly [string, number, number])[] = [
  ["echo-reply", 0, 0],
  ["pong", 0, 0],
  ["network-unreachable", 3, 0],
  ["host-unreachable", 3, 1],
  ["protocol-unreachable", 3, 2],
  ["port-unreachable", 3, 3],
  ["fragmentation-needed", 3, 4],
  ["source-route-failed", 3, 5],
  ["network-unknown", 3, 6],
  ["host-unknown", 3, 7],
  ["network-prohibited", 3, 9],
  ["host-prohibited", 3, 10],
  ["TOS-network-unreachable", 3, 11],
  ["TOS-host-unreachable", 3, 12],
  ["communication-prohibited", 3, 13],
  ["host-precedence-violation", 3, 14],
  ["precedence-cutoff", 3, 15],
  ["source-quench", 4, 0],
  ["network-redirect", 5, 0],
  ["host-redirect", 5, 1],
  ["TOS-network-redirect", 5, 2],
  ["TOS-host-redirect", 5, 3],
  ["echo-request", 8, 0],
  ["ping", 8, 0],
  ["router-advertisement", 9, 0],
  ["router-solicitation", 10, 0],
  ["ttl-zero-during-transit", 11, 0],
  ["ttl-zero-during-reassembly", 11, 1],
  ["ip-header-bad", 12, 0],
  ["required-option-missing", 12, 1],
  ["timestamp-request", 13, 0],
  ["timestamp-reply", 14, 0],
  ["address-mask-request", 17, 0],
  ["address-mask-reply", 18, 0],
];

/** type << 8 | code as a name, or "type/code". */
export function icmpText(port: number): string {
  const known = NAMES.find(([, type, code]) => port === ((type << 8) | code));
  return known ? known[0] : `${port >> 8}/${port & 255}`;
}

/** A name, or "type/code". */
export function parseIcmp(text: string): number | null {
  const known = NAMES.find(([name]) => name === text);
  if (known) return (known[1] << 8) | known[2];
  const found = /^(\d+)\/(\d+)$/.exec(text);
  const [type, code] = [Number(found?.[1]), Number(found?.[2])];
  return type <= 255 && code <= 255 ? (type << 8) | code : null;
}
