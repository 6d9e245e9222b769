import { type Errno, SysError } from "../../base/errno.ts";
import type { Field } from "../../http2/hpack.ts";
import { originalDst } from "../../net/nat/original-dst.ts";
import { ownerOf } from "../../net/socket/owner.ts";
import { TcpSock } from "../../net/tcp/sock.ts";
import type { Wakeable } from "../../sim/sim.ts";
import { parseIpv4 } from "../../wire/address.ts";
import type { Duplex } from "../duplex.ts";
import { HboneStream } from "../hbone/stream.ts";
import { join, Relay } from "../relay.ts";
import { accessLines } from "./access-log.ts";
import { decideOutbound } from "./decide.ts";
import type { StreamWaiter } from "./pool.ts";
import type { Ztunnel } from "./ztunnel.ts";

/** SO_MARK of connections with a spoofed source (Envoy's original_src filter). */
const MARK_ORIGINAL_SRC = 0x4d2;

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
  cluster = "";
  /** Whose certificate the tunnel was asked for in; "" where there is no tunnel. */
  identity = "";
  /** Envoy's response flags. */
  flags = "-";
  started: number;
  original: { address: number; port: number };

  constructor(proxy: Ztunnel, role: Role, accepted: TcpSock, downstream: Duplex, authority = "") {
    this.proxy = proxy;
    this.role = role;
    this.accepted = accepted;
    this.downstream = downstream;
    this.authority = authority;
    this.started = proxy.machine.sim.now;
    this.original = originalDst(accepted.ns, accepted) ?? {
      address: accepted.src,
      port: accepted.srcPort,
    };
  }

  start(): void {
    if (this.role === "outbound") return this.outbound();
    this.cluster = "virtual_inbound";
    const { src, srcPort, dst } = this.accepted;
    if (this.role === "plaintext") return this.dial(src, srcPort, dst);
    const [, host = "", port = ""] = /^(\d+\.\d+\.\d+\.\d+):(\d+)$/.exec(this.authority) ?? [];
    const address = parseIpv4(host);
    if (address === null) return this.refuse("503", "NR");
    this.dial(address, Number(port), dst);
  }

  outbound(): void {
    const { src, srcPort, dst } = this.accepted;
    const choice = decideOutbound(this.proxy.directory, dst, src, srcPort, this.proxy.node);
    this.cluster = choice.cluster;
    if (choice.kind === "refuse") {
      this.flags = choice.cluster === "BlackHoleCluster" ? "NR" : "UH";
      return this.end();
    }
    if (choice.kind === "passthrough") return this.dial(choice.address, choice.port, dst);
    this.authority = choice.authority;
    this.identity = choice.identity;
    const fields: Field[] = [
      [":method", "CONNECT"],
      [":authority", choice.authority],
      ["x-envoy-original-dst-host", choice.authority],
    ];
    const { pool } = this.proxy;
    this.carrier = pool.request(choice.identity, choice.address, choice.port, fields, this);
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
