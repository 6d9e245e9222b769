import { type Errno, SysError } from "../../base/errno.ts";
import { concatBytes } from "../../base/text.ts";
import type { Machine } from "../../host/machine.ts";
import type { Process } from "../../host/process.ts";
import type { HttpRequest, HttpResponse } from "../../http1/message.ts";
import { HttpParser } from "../../http1/parse.ts";
import { writeRequestHead, writeResponse, writeResponseHead } from "../../http1/write.ts";
import type { ContainerStatus } from "../../kube/objects.ts";
import { originalDst } from "../../net/nat/original-dst.ts";
import { ownerOf } from "../../net/socket/owner.ts";
import { TcpSock } from "../../net/tcp/sock.ts";
import type { Wakeable } from "../../sim/sim.ts";
import { formatIpv4, parseIpv4 } from "../../wire/address.ts";
import { Relay } from "../relay.ts";
import { decideOutbound, INBOUND_PORT, OUTBOUND_PORT, PLAINTEXT_PORT } from "./decide.ts";
import type { Directory } from "./directory.ts";

/** SO_MARK of listeners: replies to who was captured go back through the tunnel that they came by. */
const MARK_OUTBOUND = 0x401;
const MARK_INBOUND = 0x402;
/** SO_MARK of connections with a spoofed source (Envoy's original_src filter). */
const MARK_ORIGINAL_SRC = 0x4d2;
/** What a tunnel that stands is answered with (RFC 9110 §9.3.6: no body, no length). */
const CONNECTED = writeResponseHead({
  version: "1.1",
  status: 200,
  reason: "OK",
  fields: [["server", "envoy"]],
});

type Role = "outbound" | "inbound" | "plaintext";

/** A listener: transparent, so it accepts what TPROXY gives it. */
class Listener implements Wakeable {
  proxy: Ztunnel;
  role: Role;
  sock: TcpSock;

  constructor(proxy: Ztunnel, role: Role, port: number, mark: number) {
    this.proxy = proxy;
    this.role = role;
    const sock = new TcpSock(proxy.machine.netns, ownerOf(proxy.process));
    sock.reuseAddr = true;
    sock.transparent = true;
    sock.mark = mark;
    sock.bind(0, port);
    sock.listen(4096);
    this.sock = sock;
    sock.readable.add(this);
  }

  wake(): void {
    // Closing it wakes who waits for it.
    if (this.sock.closed) return;
    for (let sock = this.sock.accept(); sock; sock = this.sock.accept())
      this.proxy.sessions.add(new Session(this.proxy, this.role, sock));
    this.sock.readable.add(this);
  }
}

/** One captured connection, from accept to its log line. */
class Session implements Wakeable {
  proxy: Ztunnel;
  role: Role;
  downstream: TcpSock;
  upstream: TcpSock | null = null;
  relay: Relay | null = null;
  /** "head": waiting for CONNECT; "connect": for the upstream; "answer": for its 200; "relay". */
  state: "head" | "connect" | "answer" | "relay" | "done" = "connect";
  parser = new HttpParser("request");
  /** Bytes read before it was known where they go. */
  early: Uint8Array = new Uint8Array(0);
  authority = "";
  cluster = "";
  tunnel = false;
  flags = "-";
  started: number;
  original: { address: number; port: number };

  constructor(proxy: Ztunnel, role: Role, downstream: TcpSock) {
    this.proxy = proxy;
    this.role = role;
    this.downstream = downstream;
    this.started = proxy.machine.sim.now;
    this.original = originalDst(downstream.ns, downstream) ?? {
      address: downstream.src,
      port: downstream.srcPort,
    };
    if (role === "outbound") this.outbound();
    else if (role === "plaintext") {
      this.cluster = "virtual_inbound";
      this.dial(downstream.src, downstream.srcPort, downstream.dst, MARK_ORIGINAL_SRC);
    } else {
      this.state = "head";
      proxy.machine.sim.after(0, this, "ready");
    }
  }

  outbound(): void {
    const { src, srcPort, dst } = this.downstream;
    const choice = decideOutbound(this.proxy.directory, dst, src, srcPort, this.proxy.node);
    this.cluster = choice.cluster;
    if (choice.kind === "refuse") {
      this.flags = choice.cluster === "BlackHoleCluster" ? "NR" : "UH";
      return this.end();
    }
    if (choice.kind === "tunnel") {
      this.tunnel = true;
      this.authority = choice.authority;
      return this.dial(choice.address, choice.port, 0, 0);
    }
    this.dial(choice.address, choice.port, dst, MARK_ORIGINAL_SRC);
  }

  /** Open the upstream; `from` is the address to wear, 0 for our own. */
  dial(address: number, port: number, from: number, mark: number): void {
    const sock = new TcpSock(this.proxy.machine.netns, ownerOf(this.proxy.process));
    this.upstream = sock;
    this.state = "connect";
    sock.mark = mark;
    sock.setNoDelay(true);
    try {
      if (from) {
        sock.transparent = true;
        sock.bind(from, 0);
      }
      sock.connect(address, port);
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      return this.fail(error.code);
    }
    sock.writable.add(this);
    sock.readable.add(this);
  }

  wake(reason: string): void {
    if (reason === "relay ended") return this.end();
    try {
      this.step();
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      this.fail(error.code);
    }
  }

  step(): void {
    switch (this.state) {
      case "head":
        return this.readConnect();
      case "connect":
        return this.connected();
      case "answer":
        return this.readAnswer();
      default:
    }
  }

  /** The tunnel's request: "CONNECT 10.4.3.20:9080 HTTP/1.1" (RFC 9110 §9.3.6). */
  readConnect(): void {
    let request: HttpRequest | null;
    try {
      request = this.readHead(this.downstream, this.parser) as HttpRequest | null;
    } catch (error) {
      if (!(error instanceof SysError) || error.code !== "EPROTO") throw error;
      return this.refuse();
    }
    if (request === null) return;
    const match = /^(\d+\.\d+\.\d+\.\d+):(\d+)$/.exec(request.target);
    const address = match ? parseIpv4(match[1] ?? "") : null;
    if (request.method !== "CONNECT" || !match || address === null) return this.refuse();
    this.authority = request.target;
    this.cluster = "virtual_inbound";
    this.dial(address, Number(match[2]), this.downstream.dst, MARK_ORIGINAL_SRC);
  }

  /** Nobody talks to the tunnel's port but another tunnel. */
  refuse(): void {
    this.trySend(writeResponse(400, [["connection", "close"]]));
    this.flags = "DPE";
    this.end();
  }

  connected(): void {
    const sock = this.upstream as TcpSock;
    const error: Errno | null = sock.takeError();
    if (error) return this.fail(error);
    if (!sock.isConnected) {
      sock.writable.add(this);
      sock.readable.add(this);
      return;
    }
    if (this.tunnel) {
      this.parser = new HttpParser("response");
      this.parser.expect("CONNECT");
      sock.send(
        writeRequestHead({
          method: "CONNECT",
          target: this.authority,
          version: "1.1",
          fields: [
            ["host", this.authority],
            ["x-envoy-original-dst-host", this.authority],
          ],
        }),
      );
      this.state = "answer";
      sock.readable.add(this);
      return;
    }
    if (this.role === "inbound") this.downstream.send(CONNECTED);
    this.startRelay();
    const relay = this.relay as Relay;
    relay.up.offer(this.early);
    relay.wake();
  }

  readAnswer(): void {
    const answer = this.readHead(this.upstream as TcpSock, this.parser) as HttpResponse | null;
    if (answer === null) return;
    if (answer.status !== 200) {
      this.flags = "UF";
      return this.end();
    }
    this.startRelay();
    const relay = this.relay as Relay;
    relay.down.offer(this.early);
    relay.wake();
  }

  startRelay(): void {
    this.state = "relay";
    this.relay = new Relay(this.downstream, this.upstream as TcpSock, this);
  }

  /** The head of the tunnel's request or answer; null: it is not complete yet. What follows it is `early`. */
  readHead(sock: TcpSock, parser: HttpParser): HttpRequest | HttpResponse | null {
    for (;;) {
      const data = sock.recv(65536);
      if (data === "EAGAIN") {
        sock.readable.add(this);
        return null;
      }
      if (data === "EOF") throw new SysError("ECONNRESET");
      for (const event of parser.push(data)) {
        if (event.kind === "error") throw new SysError("EPROTO");
        if (event.kind === "data") this.early = concatBytes([this.early, event.data]);
        if (event.kind !== "request" && event.kind !== "response") continue;
        this.early = parser.takeRest();
        return event.kind === "request" ? event.request : event.response;
      }
    }
  }

  /** Envoy's response flags: UF upstream connection failure, DC downstream closed. */
  fail(_code: Errno): void {
    this.flags = this.state === "head" ? "DC" : "UF";
    if (this.role === "inbound" && this.state === "connect")
      this.trySend(writeResponse(503, [["server", "envoy"]]));
    this.end();
  }

  trySend(data: Uint8Array): void {
    try {
      this.downstream.send(data);
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
    }
  }

  end(): void {
    if (this.state === "done") return;
    this.state = "done";
    // What broke upstream is passed on as a reset, as Envoy does; what ended well as an end.
    if (this.relay?.broken && !this.downstream.closed) this.downstream.abort();
    this.downstream.close();
    this.upstream?.close();
    this.proxy.sessions.delete(this);
    this.proxy.access(this);
  }
}

/** The ztunnel of the 2022 preview: an Envoy with three listeners, one pod a node. */
export class Ztunnel {
  machine: Machine;
  process: Process;
  node: string;
  directory: Directory;
  status: ContainerStatus;
  listeners: Listener[] = [];
  sessions = new Set<Session>();

  constructor(
    machine: Machine,
    process: Process,
    node: string,
    directory: Directory,
    status: ContainerStatus,
  ) {
    this.machine = machine;
    this.process = process;
    this.node = node;
    this.directory = directory;
    this.status = status;
    this.listeners = [
      new Listener(this, "outbound", OUTBOUND_PORT, MARK_OUTBOUND),
      new Listener(this, "inbound", INBOUND_PORT, MARK_INBOUND),
      new Listener(this, "plaintext", PLAINTEXT_PORT, MARK_INBOUND),
    ];
  }

  /** The pod is going: everything is closed. */
  stop(): void {
    for (const listener of this.listeners) listener.sock.close();
    for (const session of [...this.sessions]) session.end();
  }

  /** Envoy's access log line, as the preview formatted it. */
  access(session: Session): void {
    const { sim } = this.machine;
    const d = session.downstream;
    const u = session.upstream;
    const address = (ip: number, port: number): string => `${formatIpv4(ip)}:${port}`;
    const what = session.role === "inbound" ? '"CONNECT - HTTP/1.1" 200' : '"- - -" 0';
    const time = new Date(sim.epoch + session.started / 1e6).toISOString();
    // The address that the client meant, also where REDIRECT brought it here (SO_ORIGINAL_DST).
    const local = session.original;
    const up = session.relay?.up.bytes ?? 0;
    const down = session.relay?.down.bytes ?? 0;
    const took = Math.round((sim.now - session.started) / 1e6);
    const label =
      session.role === "outbound"
        ? session.tunnel
          ? "outbound tunnel"
          : "passthrough"
        : session.role === "inbound"
          ? "inbound hcm"
          : "inbound plaintext";
    this.status.log.push({
      at: sim.now,
      text: `[${time}] ${what} ${session.flags} - - "-" ${up} ${down} ${took} - "-" "-" "-" "${session.authority || "-"}" "${u ? address(u.dst, u.dstPort) : "-"}" ${session.cluster} ${u ? address(u.src, u.srcPort) : "-"} ${address(local.address, local.port)} ${address(d.dst, d.dstPort)} - - ${label}`,
    });
  }
}
