/** A frame that comes in by the router's device `eth${port}`. */
export interface FuzzPacket {
  port: number;
  hex: string;
  /** What the generator meant by it: for people. */
  what: string;
}

/** A router's configuration, as texts that the real tools read, and the frames that it then gets. */
export interface FuzzState {
  /** What `generate` made it from; a shrunk state keeps its seed. */
  seed: string;
  /** KEY=VALUE of `sysctl -w`. */
  sysctl: string[];
  /** Lines of `ip -batch`. */
  ip: string[];
  /** Lines of `ipset restore`. */
  ipset: string[];
  /** Lines of `iptables-restore`. */
  iptables: string[];
  /** KEY=VALUE that are there only once connections are tracked. */
  tuning: string[];
  packets: FuzzPacket[];
}

/** A frame that left by the router's device `eth${port}`. */
export interface FuzzFrame {
  port: number;
  hex: string;
}

/** What a kernel made of a state. */
export interface Outcome {
  /** Status and messages of each loader. */
  loads: Record<Section, string>;
  /** What left the router, for each packet of the state. */
  frames: FuzzFrame[][];
  /** `iptables-save -c` */
  rules: string;
  /** `conntrack -L` */
  conntrack: string;
  /** `ipset save` */
  sets: string;
}

export const SECTIONS = ["sysctl", "ip", "ipset", "iptables", "tuning"] as const;
export type Section = (typeof SECTIONS)[number];

/** How many devices the router has, and which of them is called how. */
export const PORTS = 3;

/** The router's MAC address on a port, and that of what is plugged into it. */
export function routerMac(port: number): string {
  return `02:00:00:00:00:1${port}`;
}
export function peerMac(port: number): string {
  return `02:00:00:00:00:2${port}`;
}

/**
 * What each loader is called, and which text it reads. `ip` goes on after a mistake, so that one bad
 * line does not hide the rest.
 */
export const COMMANDS: Record<Section, string> = {
  sysctl: "sysctl -q -w",
  ip: "ip -force -batch -",
  ipset: "ipset restore",
  iptables: "iptables-restore",
  tuning: "sysctl -q -w",
};

export function textOf(lines: string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}
