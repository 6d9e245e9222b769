import { type Errno, SysError } from "../../base/errno.ts";
import type { Field } from "../../http2/hpack.ts";
import { originalDst } from "../../net/nat/original-dst.ts";
import { ownerOf } from "../../net/socket/owner.ts";
import { TcpSock } from "../../net/tcp/sock.ts";
import type { Wakeable } from "../../sim/sim.ts";
import type { Duplex } from "../duplex.ts";
import { HboneStream } from "../hbone/stream.ts";
import { MARK_ORIGINAL_SRC } from "../istiod/ambientgen/names.ts";
import { join, Relay } from "../relay.ts";
import { accessLines } from "./access-log.ts";
import type { Decision } from "./decide.ts";
import type { StreamWaiter } from "./pool.ts";
import type { Ztunnel } from "./ztunnel.ts";

/** Waits for the first byte of a connection that may not go on (envoy: ONE_TIME_ON_FIRST_BYTE). */
class FirstByte implements Wakeable {
  session: Session;

  constructor(session: Session) {
    this.session = session;
    // It may be there already.
    session.proxy.machine.sim.after(0, this, "ready");
  }

  wake(): void {
    const { session } = this;
    if (session.state === "done") return;
    try {
      if (session.downstream.recv(65536) === "EAGAIN") session.downstream.readable.add(this);
      else session.end();
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      session.end();
    }
  }
}

export type Role = "outbound" | "inbound" | "plaintext";

/** One connection of an application through the ztunnel, from its beginning to its log line. */
export class Session implements Wakeable, StreamWaiter {
  proxy: Ztunnel;
  role: Role;
  /** The connection that was accepted: the application's, or the tunnel's that carries it. */
  accepted: TcpSock;
  downstream: Duplex;
  /** The connection that was opened for it: to the application, or the tunnel's. */
  carrier: TcpSock | null = null;
  upstream: Duplex | null = null;
  relay: Relay | null = null;
  /** "connect": waiting for the upstream; "answer": for the 200 to our CONNECT. */
  state: "connect" | "answer" | "relay" | "done" = "connect";
  authority: string;
  decision: Decision;
  /** Envoy's response flags. */
  flags = "-";
  started: number;
  original: { address: number; port: number };

  constructor(
    proxy: Ztunnel,
    role: Role,
    accepted: TcpSock,
    downstream: Duplex,
    decision: Decision,
    authority = "",
  ) {
    this.proxy = proxy;
    this.role = role;
    this.accepted = accepted;
    this.downstream = downstream;
    this.decision = decision;
    this.authority = authority;
    this.started = proxy.machine.sim.now;
    this.original = originalOf(accepted);
  }

  start(): void {
    const { action, denied } = this.decision;
    if (denied) new FirstByte(this);
    if (action.kind === "refuse") return this.refuse("503", action.flags);
    if (action.kind === "connect") return this.dial(action.address, action.port, this.accepted.dst);
    this.authority = action.authority;
    const fields: Field[] = [
      [":method", "CONNECT"],
      [":authority", action.authority],
      ["x-envoy-original-dst-host", action.authority],
    ];
    this.proxy.pool.request(action, fields, this);
  }

  dialing(carrier: TcpSock): void {
    this.carrier = carrier;
  }

  /** Open the upstream in the client's name, as its address. */
  dial(address: number, port: number, from: number): void {
    const sock = new TcpSock(this.proxy.machine.netns, ownerOf(this.proxy.process));
    this.carrier = sock;
    this.upstream = sock;
    sock.mark = MARK_ORIGINAL_SRC;
    sock.setNoDelay(true);
    try {
      sock.transparent = true;
      sock.bind(from, 0);
      sock.connect(address, port);
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      return this.fail();
    }
    sock.writable.add(this);
    sock.readable.add(this);
  }

  /** Our CONNECT is on its way. */
  opened(stream: HboneStream): void {
    if (this.state === "done") return stream.close();
    this.carrier = stream.tunnel.sock;
    this.upstream = stream;
    this.state = "answer";
    join(this.accepted, stream.tunnel.sock, stream.id);
    stream.readable.add(this);
  }

  failed(_why: string): void {
    this.fail();
  }

  wake(reason: string): void {
    if (reason === "relay ended") return this.end();
    if (this.state === "connect") this.connected();
    else if (this.state === "answer") this.answered();
  }

  connected(): void {
    const sock = this.carrier as TcpSock;
    const error: Errno | null = sock.takeError();
    if (error) return this.fail();
    if (!sock.isConnected) {
      sock.writable.add(this);
      sock.readable.add(this);
      return;
    }
    const { downstream } = this;
    join(this.accepted, sock, downstream instanceof HboneStream ? downstream.id : 0);
    if (downstream instanceof HboneStream)
      downstream.respond([[":status", "200"], ...this.proxy.responseFields()], false);
    this.relayTo(sock);
  }

  answered(): void {
    const stream = this.upstream as HboneStream;
    if (stream.answer === null) {
      if (stream.isBroken) return this.fail();
      stream.readable.add(this);
      return;
    }
    const status = stream.answer.find(([name]) => name === ":status")?.[1];
    if (status !== "200") return this.fail();
    this.relayTo(stream);
  }

  relayTo(upstream: Duplex): void {
    this.state = "relay";
    // Nothing passes before the first byte, and that ends it.
    if (this.decision.denied) return;
    this.relay = new Relay(this.proxy.machine.sim, this.downstream, upstream, this);
    this.relay.wake();
  }

  /** Nobody is connected: what the client of the tunnel is told. */
  refuse(status: string, flags: string): void {
    if (this.downstream instanceof HboneStream)
      this.downstream.respond([[":status", status], ...this.proxy.responseFields()], true);
    this.flags = flags;
    this.end();
  }

  /** The upstream could not be had (Envoy's UF). */
  fail(): void {
    this.refuse("503", "UF");
  }

  end(): void {
    if (this.state === "done") return;
    this.state = "done";
    this.downstream.close();
    this.upstream?.close();
    this.proxy.sessions.delete(this);
    for (const line of accessLines(this)) this.proxy.log(line);
  }
}

/** Whom the connection was meant for, before anything redirected it. */
export function originalOf(sock: TcpSock): { address: number; port: number } {
  return originalDst(sock.ns, sock) ?? { address: sock.src, port: sock.srcPort };
}
