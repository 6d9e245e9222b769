import { type Errno, SysError } from "../../base/errno.ts";
import type { Process, Run } from "../../host/process.ts";
import type { TcpSock } from "../../net/tcp/sock.ts";

/** Connect and wait until it has worked, or has not: the errno, or "timeout" at `until`. */
export function* connectTcp(
  p: Process,
  sock: TcpSock,
  address: number,
  port: number,
  until = Number.POSITIVE_INFINITY,
): Run<Errno | "timeout" | null> {
  try {
    sock.connect(address, port);
  } catch (error) {
    if (error instanceof SysError) return error.code;
    throw error;
  }
  while (sock.isConnecting) {
    if (p.sim.now >= until) return "timeout";
    yield* p.wait([sock.writable], until);
  }
  return sock.takeError() ?? (sock.isConnected ? null : "ECONNREFUSED");
}

/** Write all of it; what is left over at `until`. Throws SysError. */
export function* sendAll(
  p: Process,
  sock: TcpSock,
  data: Uint8Array,
  until = Number.POSITIVE_INFINITY,
): Run<number> {
  let at = 0;
  while (at < data.length) {
    at += sock.send(data.subarray(at));
    if (at >= data.length || p.sim.now >= until) break;
    yield* p.wait([sock.writable], until);
  }
  return data.length - at;
}

/** What getservbyport knows (/etc/services), as far as anybody meets it here. */
const SERVICES: Readonly<Record<number, string>> = {
  20: "ftp-data",
  21: "ftp",
  22: "ssh",
  23: "telnet",
  25: "smtp",
  53: "domain",
  67: "bootps",
  68: "bootpc",
  69: "tftp",
  80: "http",
  110: "pop3",
  123: "ntp",
  143: "imap2",
  161: "snmp",
  389: "ldap",
  443: "https",
  514: "shell",
  993: "imaps",
  995: "pop3s",
  3306: "mysql",
  5432: "postgresql",
  6379: "redis",
  8080: "http-alt",
};

export function serviceName(port: number, protocol: "tcp" | "udp"): string | null {
  if (port === 514) return protocol === "tcp" ? "shell" : "syslog";
  return SERVICES[port] ?? null;
}

export function servicePort(name: string): number | null {
  const found = Object.entries(SERVICES).find(([, service]) => service === name);
  return found ? Number(found[0]) : null;
}
