import { SysError, strerror } from "../../../base/errno.ts";
import type { Process, Run } from "../../../host/process.ts";
import { ownerOf } from "../../../net/socket/owner.ts";
import { TcpSock } from "../../../net/tcp/sock.ts";
import { MSEC } from "../../../sim/sim.ts";
import { formatIpv4, parseIpv4 } from "../../../wire/address.ts";
import { connectTcp } from "../../lib/socket.ts";
import { lookupHost } from "../../resolve.ts";
import { CurlError } from "./error.ts";
import type { CurlOptions } from "./options.ts";

/** Nanoseconds since the transfer began, as whole milliseconds. */
export function passedMs(p: Process, since: number): number {
  return Math.floor((p.sim.now - since) / MSEC);
}

/** An open connection and where it leads. */
export interface Connection {
  sock: TcpSock;
  number: number;
  key: string;
  host: string;
  address: number;
}

/** Looks up, connects, keeps connections for the next URL (lib/url.c, lib/connect.c). */
export class Connector {
  p: Process;
  options: CurlOptions;
  say: (text: string) => Run<void>;
  idle: Connection | null = null;
  next = 0;
  /** --resolve and what was looked up before. */
  cache = new Map<string, number[]>();

  constructor(p: Process, options: CurlOptions, say: (text: string) => Run<void>) {
    this.p = p;
    this.options = options;
    this.say = say;
  }

  *addResolves(): Run<void> {
    for (const entry of this.options.all("resolve")) {
      const found = /^\+?([^:]+):(\d+):(.+)$/.exec(entry);
      const addresses = found?.[3]?.split(",").map(parseIpv4) ?? [null];
      if (!found || addresses.includes(null))
        throw new CurlError(49, `Couldn't parse CURLOPT_RESOLVE entry '${entry}'`);
      this.cache.set(`${found[1]}:${found[2]}`.toLowerCase(), addresses as number[]);
      yield* this.say(`* Added ${found[1]}:${found[2]}:${found[3]} to DNS cache\n`);
    }
  }

  *addresses(host: string, port: number, proxy: boolean): Run<number[]> {
    const key = `${host}:${port}`.toLowerCase();
    const known = this.cache.get(key);
    if (known) {
      yield* this.say(`* Hostname ${host} was found in DNS cache\n`);
      return known;
    }
    const found = yield* lookupHost(this.p, host);
    if (typeof found === "string") {
      const text = proxy ? `Could not resolve proxy: ${host}` : `Could not resolve host: ${host}`;
      yield* this.say(`* ${text}\n* Closing connection ${this.next++}\n`);
      throw new CurlError(proxy ? 5 : 6, text);
    }
    this.cache.set(key, found.addresses);
    return found.addresses;
  }

  /** A connection to `host`, an old one if it still stands. */
  *connect(
    host: string,
    port: number,
    proxy: boolean,
    key: string,
    began: number,
    limit: number,
  ): Run<Connection> {
    const old = this.idle;
    this.idle = null;
    if (old && old.key === key && old.sock.state === "ESTABLISHED" && !old.sock.isReadable) {
      const name = old.host;
      yield* this.say(`* Re-using existing connection #${old.number} with host ${name}\n`);
      return old;
    }
    if (old) {
      if (old.key === key)
        yield* this.say(
          `* Connection ${old.number} seems to be dead\n* Closing connection ${old.number}\n`,
        );
      old.sock.close();
    }
    const addresses = yield* this.addresses(host, port, proxy);
    const number = this.next++;
    const { p } = this;
    const patience = this.options.seconds("connect-timeout") ?? 300e9;
    const until = Math.min(p.sim.now + patience + MSEC, limit);
    let timedOut = false;
    for (const address of addresses) {
      const text = formatIpv4(address);
      yield* this.say(`*   Trying ${text}:${port}...\n`);
      const sock = new TcpSock(p.netns, ownerOf(p));
      sock.setNoDelay(true);
      try {
        yield* this.bindSource(sock, number);
        const failed = yield* connectTcp(p, sock, address, port, until);
        if (failed === null) {
          yield* this.say(`* Connected to ${host} (${text}) port ${port} (#${number})\n`);
          sock.setKeepAlive(true, 60, 60);
          return { sock, number, key, host, address };
        }
        sock.close();
        if (failed === "timeout") {
          if (p.sim.now >= limit) {
            const late = `Connection timed out after ${passedMs(p, began)} milliseconds`;
            yield* this.say(`* ${late}\n* Closing connection ${number}\n`);
            throw new CurlError(28, late);
          }
          timedOut = true;
          yield* this.say(
            `* ipv4 connect timeout after ${Math.floor(patience / MSEC)}ms, move on!\n`,
          );
        } else if (failed === "ENETUNREACH" && sock.segsOut === 0)
          yield* this.say(`* Immediate connect fail for ${text}: ${strerror(failed)}\n`);
        else yield* this.say(`* connect to ${text} port ${port} failed: ${strerror(failed)}\n`);
      } catch (error) {
        sock.close();
        throw error;
      }
    }
    const why = timedOut ? "Timeout was reached" : "Couldn't connect to server";
    const text = `Failed to connect to ${host} port ${port} after ${passedMs(p, began)} ms: ${why}`;
    yield* this.say(`* ${text}\n* Closing connection ${number}\n`);
    throw new CurlError(timedOut ? 28 : 7, text);
  }

  /** --interface and --local-port (lib/connect.c, bindlocal). */
  *bindSource(sock: TcpSock, number: number): Run<void> {
    const from = this.options.get("interface");
    const ports = /^(\d+)(?:-(\d+))?$/.exec(this.options.get("local-port") ?? "");
    if (from === null && !ports) return;
    const fail = (text: string): CurlError => new CurlError(45, text);
    let address = 0;
    if (from !== null) {
      const dev = this.p.netns.byName.get(from.replace(/^if!/, ""));
      const literal = parseIpv4(from.replace(/^host!/, ""));
      if (dev) {
        sock.boundDevice = dev;
        address = dev.addresses[0]?.local ?? 0;
      } else if (literal !== null) address = literal;
      else {
        yield* this.say(`* Couldn't bind to '${from}'\n* Closing connection ${number}\n`);
        throw fail(`Couldn't bind to '${from}'`);
      }
    }
    const first = Number(ports?.[1] ?? 0);
    const last = Number(ports?.[2] ?? first);
    for (let port = first; ; port++) {
      try {
        sock.bind(address, port);
        return;
      } catch (error) {
        if (!(error instanceof SysError)) throw error;
        if (error.code === "EADDRINUSE" && port < last) continue;
        const number = error.code === "EADDRNOTAVAIL" ? 99 : error.code === "EADDRINUSE" ? 98 : 13;
        throw fail(`bind failed with errno ${number}: ${error.message}`);
      }
    }
  }

  close(): void {
    this.idle?.sock.close();
    this.idle = null;
  }
}
