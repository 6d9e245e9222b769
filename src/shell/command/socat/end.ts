import type { OpenFile } from "../../../host/file.ts";
import type { Process } from "../../../host/process.ts";
import type { TcpSock } from "../../../net/tcp/sock.ts";
import type { WaitQueue } from "../../../sim/wait.ts";

const CHUNK = 8192;

/** One side of the transfer, open: bytes go in and come out. */
export interface End {
  /** Null: it cannot be read, or not written. */
  readable: WaitQueue | null;
  writable: WaitQueue | null;
  read(): Uint8Array | "EAGAIN" | "EOF";
  write(data: Uint8Array): number | "EPIPE";
  /** No more will be written (shutdown(2), or close(2) where there is no such thing). */
  finish(): void;
  close(): void;
}

/** Files: standard input and output, or the pipes to a program. */
export class FileEnd implements End {
  input: OpenFile | null;
  output: OpenFile | null;
  /** They are ours to close. */
  owned: boolean;
  child: Process | null;

  constructor(
    input: OpenFile | null,
    output: OpenFile | null,
    owned = false,
    child: Process | null = null,
  ) {
    this.input = input;
    this.output = output;
    this.owned = owned;
    this.child = child;
  }

  get readable(): WaitQueue | null {
    return this.input?.readable ?? null;
  }

  get writable(): WaitQueue | null {
    return this.output?.writable ?? null;
  }

  read(): Uint8Array | "EAGAIN" | "EOF" {
    return this.input?.read(CHUNK) ?? "EOF";
  }

  write(data: Uint8Array): number | "EPIPE" {
    return this.output?.write(data) ?? "EPIPE";
  }

  finish(): void {
    if (this.owned) this.output?.release();
    if (this.owned) this.output = null;
  }

  close(): void {
    this.finish();
    if (this.owned) this.input?.release();
    this.input = null;
    if (this.child?.status === null) this.child.kill("SIGTERM");
  }
}

export class SockEnd implements End {
  sock: TcpSock;

  constructor(sock: TcpSock) {
    this.sock = sock;
  }

  get readable(): WaitQueue {
    return this.sock.readable;
  }

  get writable(): WaitQueue {
    return this.sock.writable;
  }

  read(): Uint8Array | "EAGAIN" | "EOF" {
    return this.sock.recv(CHUNK);
  }

  write(data: Uint8Array): number {
    return this.sock.send(data);
  }

  finish(): void {
    if (this.sock.isConnected) this.sock.shutdown("write");
  }

  close(): void {
    this.sock.close();
  }
}
