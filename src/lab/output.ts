import { writeSync } from "node:fs";
import { Held } from "../host/open.ts";

/** The script's standard output or error, passed on to this program's own in larger pieces. */
export class Output extends Held {
  fd: number;
  parts: Uint8Array[] = [];
  size = 0;

  constructor(fd: number) {
    super();
    this.fd = fd;
  }

  override read(): "EOF" {
    return "EOF";
  }

  override write(data: Uint8Array): number {
    this.parts.push(data.slice());
    this.size += data.length;
    // Errors at once, output by the buffer: the two must not change places.
    if (this.fd === 2 || this.size > 16384) this.flush();
    return data.length;
  }

  flush(): void {
    for (const part of this.parts) {
      let at = 0;
      while (at < part.length) {
        try {
          at += writeSync(this.fd, part, at);
        } catch (error) {
          const code = (error as NodeJS.ErrnoException).code;
          if (code === "EAGAIN") continue;
          if (code === "EPIPE") process.exit(141);
          throw error;
        }
      }
    }
    this.parts = [];
    this.size = 0;
  }
}
