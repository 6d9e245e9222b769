/** Words of libpcap's filter language and of /etc/protocols and /etc/services that stand for numbers. */

/** Offsets and values in `tcp[tcpflags] & tcp-syn`. */
export const CONSTANTS: Record<string, number> = {
  "tcp-fin": 1,
  "tcp-syn": 2,
  "tcp-rst": 4,
  "tcp-push": 8,
  "tcp-ack": 16,
  "tcp-urg": 32,
  "tcp-ece": 64,
  "tcp-cwr": 128,
  tcpflags: 13,
  icmptype: 0,
  icmpcode: 1,
  "icmp-echoreply": 0,
  "icmp-unreach": 3,
  "icmp-sourcequench": 4,
  "icmp-redirect": 5,
  "icmp-echo": 8,
  "icmp-routeradvert": 9,
  "icmp-routersolicit": 10,
  "icmp-timxceed": 11,
  "icmp-paramprob": 12,
  "icmp-tstamp": 13,
  "icmp-tstampreply": 14,
};

/** Protocols that are words of the language by themselves. */
export const IP_PROTOCOLS: Record<string, number> = {
  icmp: 1,
  igmp: 2,
  tcp: 6,
  udp: 17,
  esp: 50,
  ah: 51,
  pim: 103,
  vrrp: 112,
  sctp: 132,
};

/** Those that only `ip proto` knows. */
export const OTHER_PROTOCOLS: Record<string, number> = { ipip: 4, gre: 47, ospf: 89, ipencap: 4 };

export const ETHER_PROTOCOLS: Record<string, number> = {
  ip: 0x0800,
  arp: 0x0806,
  rarp: 0x8035,
  ip6: 0x86dd,
  vlan: 0x8100,
};

export const PORTS: Record<string, number> = {
  ftp: 21,
  ssh: 22,
  telnet: 23,
  smtp: 25,
  domain: 53,
  bootps: 67,
  bootpc: 68,
  tftp: 69,
  http: 80,
  ntp: 123,
  snmp: 161,
  bgp: 179,
  https: 443,
  syslog: 514,
  mysql: 3306,
  mdns: 5353,
  postgresql: 5432,
  "http-alt": 8080,
};
