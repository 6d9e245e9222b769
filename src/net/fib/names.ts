/** The names that iproute2 gives to numbers (/etc/iproute2/rt_tables, rt_scopes, rt_protos). */
export const TABLES: Record<string, number> = { local: 255, main: 254, default: 253 };
const TABLE_NAMES: Record<number, string> = { 255: "local", 254: "main", 253: "default" };

export function tableName(id: number): string {
  return TABLE_NAMES[id] ?? String(id);
}

export const SCOPES: Record<string, number> = {
  global: 0,
  universe: 0,
  site: 200,
  link: 253,
  host: 254,
  nowhere: 255,
};

export function scopeName(value: number): string {
  if (value === 0) return "global";
  if (value === 200) return "site";
  if (value === 253) return "link";
  if (value === 254) return "host";
  return value === 255 ? "nowhere" : String(value);
}

/** /etc/iproute2/rt_protos */
export const PROTOCOLS: Record<string, number> = {
  unspec: 0,
  redirect: 1,
  kernel: 2,
  boot: 3,
  static: 4,
  gated: 8,
  ra: 9,
  mrt: 10,
  zebra: 11,
  bird: 12,
  dnrouted: 13,
  xorp: 14,
  ntk: 15,
  dhcp: 16,
  keepalived: 18,
  babel: 42,
  bgp: 186,
  isis: 187,
  ospf: 188,
  rip: 189,
  eigrp: 192,
};

export function protocolName(value: number): string {
  for (const [name, number] of Object.entries(PROTOCOLS)) if (number === value) return name;
  return String(value);
}

/** IP protocols that `ip rule … ipproto` has names for. */
export const IP_PROTOCOLS: Record<string, number> = {
  icmp: 1,
  tcp: 6,
  udp: 17,
  sctp: 132,
  esp: 50,
  gre: 47,
};
