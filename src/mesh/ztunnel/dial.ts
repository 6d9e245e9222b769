import { SysError } from "../../base/errno.ts";
import type { NetNs } from "../../net/netns.ts";
import type { SockOwner } from "../../net/socket/sock.ts";
import { TcpSock } from "../../net/tcp/sock.ts";
import { SEC, type Timer, type Wakeable } from "../../sim/sim.ts";
import { DEADLINE, osError } from "./error.ts";

const CONNECT_TIMEOUT = 10 * SEC;
/** SO_MARK of everything that ztunnel sends (PACKET_MARK): the pod's rules leave it alone. */
export const PACKET_MARK = 1337;
/** SO_KEEPALIVE (ztunnel: src/config.rs, SocketConfig), seconds. */
const KEEPALIVE = [180, 180, 9] as const;

export interface DialOwner {
  connected(sock: TcpSock): void;
  /** `timedOut`: nobody answered. */
  dialFailed(error: string, timedOut: boolean): void;
}

/**
 * A connection on its way (ztunnel: src/proxy.rs, freebind_connect): from `source`, whoever has that
 * address, when it is given; given up after ten seconds.
 */
export class Dial implements Wakeable {
  owner: DialOwner;
  sock: TcpSock;
  timer: Timer | null = null;
  done = false;

  constructor(
    ns: NetNs,
    process: SockOwner,
    source: number | null,
    to: { address: number; port: number },
    owner: DialOwner,
  ) {
    this.owner = owner;
    const sock = new TcpSock(ns, process);
    this.sock = sock;
    sock.mark = PACKET_MARK;
    sock.setNoDelay(true);
    sock.setKeepAlive(true, ...KEEPALIVE);
    try {
      // A pod that calls itself gets an answer only when it is not called by its own address.
      if (source !== null && source !== to.address) {
        sock.freebind = true;
        sock.transparent = true;
        sock.bind(source, 0);
      }
      sock.connect(to.address, to.port);
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      ns.sim.after(0, this, "refused", osError(error.code));
      return;
    }
    this.timer = ns.sim.after(CONNECT_TIMEOUT, this, "deadline");
    sock.writable.add(this);
    sock.readable.add(this);
  }

  wake(reason: string, arg: unknown): void {
    if (this.done) return;
    if (reason === "refused") return this.fail(arg as string, false);
    if (reason === "deadline") return this.fail(DEADLINE, true);
    const error = this.sock.takeError();
    if (error) return this.fail(osError(error), false);
    if (!this.sock.isConnected) {
      this.sock.writable.add(this);
      this.sock.readable.add(this);
      return;
    }
    this.finish();
    this.owner.connected(this.sock);
  }

  fail(error: string, timedOut: boolean): void {
    this.finish();
    this.sock.close();
    this.owner.dialFailed(error, timedOut);
  }

  finish(): void {
    this.done = true;
    this.timer?.cancel();
  }

  /** Nobody wants it any more. */
  cancel(): void {
    if (this.done) return;
    this.finish();
    this.sock.close();
  }
}
