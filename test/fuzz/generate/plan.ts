import { PORTS } from "../state.ts";

/** The addresses of the little world that every state is about: 10.P.0.0/24 is on the device ethP. */

/** The hosts of each link; the router is .1. */
const HOSTS = [2, 3, 4, 9];

/** Networks behind a host of each link: 192.168.P.0/24. */
const FAR = [5, 6, 77];

const ports = Array.from({ length: PORTS }, (_, port) => port);

export interface Neighbour {
  port: number;
  address: string;
  mac: string;
}

/** Who is plugged in; the router knows their MAC addresses for good. */
export const NEIGHBOURS: readonly Neighbour[] = ports.flatMap((port) =>
  [...HOSTS, 200, 201].map((host) => ({
    port,
    address: `10.${port}.0.${host}`,
    mac: `02:00:00:0${port}:00:${host.toString(16).padStart(2, "0")}`,
  })),
);

export function hostsOf(port: number): string[] {
  return HOSTS.map((host) => `10.${port}.0.${host}`);
}

export function farHostsOf(port: number): string[] {
  return FAR.map((host) => `192.168.${port}.${host}`);
}

export const ALL_HOSTS = ports.flatMap((port) => [...hostsOf(port), ...farHostsOf(port)]);

/** What the router is called. */
export const OWN = ports.map((port) => `10.${port}.0.1`);

/** Networks that hold some of these, of several lengths. */
export const NETWORKS = [
  "0.0.0.0/0",
  "10.0.0.0/8",
  "10.0.0.0/24",
  "10.1.0.0/24",
  "10.2.0.0/24",
  "10.0.0.0/30",
  "10.1.0.2/31",
  "192.168.0.0/16",
  "192.168.0.0/24",
  "192.168.1.0/24",
  "192.168.2.0/24",
  "192.168.1.4/30",
  "128.0.0.0/1",
];

/** Destination ports that both rules and packets use. */
export const SERVICES = [22, 53, 80, 443, 8080, 9000];

/** Marks that both rules and packets use, with masks. */
export const MARKS = ["0x1", "0x2", "0x10", "0x3", "0x0", "0xff", "0x80000000"];
export const MASKED = ["0x1/0x1", "0x0/0x1", "0x10/0xf0", "0x2/0x3", "0x0/0xff", "0x1/0xff"];

/** An address that something here has, or not. */
export const ODD = [
  "127.0.0.1",
  "127.5.5.5",
  "0.0.0.0",
  "0.0.0.9",
  "255.255.255.255",
  "224.0.0.1",
  "224.0.0.251",
  "239.1.2.3",
  "240.0.0.1",
  "10.0.0.255",
  "10.1.0.255",
  "10.0.0.0",
  "10.2.0.0",
  "8.8.8.8",
  "169.254.1.1",
];
