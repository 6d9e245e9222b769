import type { AddressInfo } from "node:net";
import { createServer, connect as dial, type Server, type Socket } from "node:net";
import type { TlsConnection } from "../../src/tls/connection.ts";

/** One of our connections on a real socket of the loopback. */
export class Driven<T extends TlsConnection> {
  tls: T;
  socket: Socket;
  received: Uint8Array[] = [];
  over = false;
  #waiting: (() => void)[] = [];

  constructor(tls: T, socket: Socket) {
    this.tls = tls;
    this.socket = socket;
    socket.on("data", (bytes) => {
      tls.receive(bytes);
      this.flush();
    });
    const end = (): void => {
      tls.receiveEnd();
      this.over = true;
      this.flush();
    };
    socket.on("end", end);
    socket.on("close", end);
    socket.on("error", end);
    this.flush();
  }

  /** What our side has to say goes out; who waits looks again. */
  flush(): void {
    const bytes = this.tls.takeOutput();
    if (bytes.length && !this.socket.destroyed) this.socket.write(bytes);
    const data = this.tls.takeReceived();
    if (data.length) this.received.push(data);
    if (this.tls.state === "failed" || this.tls.state === "closed") this.socket.end();
    for (const wake of this.#waiting.splice(0)) wake();
  }

  get bytes(): Buffer {
    return Buffer.concat(this.received);
  }

  send(data: string | Uint8Array): void {
    this.tls.send(typeof data === "string" ? Buffer.from(data) : data);
    this.flush();
  }

  close(): void {
    this.tls.close();
    this.flush();
    this.socket.end();
  }

  /** Until it is so; throws when the connection is over and it is not. */
  async until(test: () => boolean): Promise<void> {
    while (!test()) {
      if (this.over)
        throw new Error(
          `over: ${this.tls.state} ${this.tls.failure} ${this.tls.alertReceived ?? ""}`,
        );
      await new Promise<void>((wake) => this.#waiting.push(wake));
    }
  }
}

export async function dialTo<T extends TlsConnection>(port: number, tls: T): Promise<Driven<T>> {
  const socket = dial(port, "127.0.0.1");
  socket.setNoDelay(true);
  await new Promise<void>((done, failed) => {
    socket.once("connect", done);
    socket.once("error", failed);
  });
  return new Driven(tls, socket);
}

/** Our server on a free port: one connection for each that comes. */
export class Listening<T extends TlsConnection> {
  server: Server;
  accepted: Driven<T>[] = [];
  #waiting: (() => void)[] = [];

  constructor(make: () => T) {
    this.server = createServer((socket) => {
      this.accepted.push(new Driven(make(), socket));
      for (const wake of this.#waiting.splice(0)) wake();
    });
  }

  async listen(): Promise<number> {
    await new Promise<void>((done) => this.server.listen(0, "127.0.0.1", done));
    return (this.server.address() as AddressInfo).port;
  }

  /** The first that came, or the next. */
  async connection(): Promise<Driven<T>> {
    while (this.accepted.length === 0) await new Promise<void>((wake) => this.#waiting.push(wake));
    return this.accepted.shift() as Driven<T>;
  }

  close(): void {
    for (const { socket } of this.accepted) socket.destroy();
    this.server.close();
  }
}
