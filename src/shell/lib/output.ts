import { type Process, type Run, STEP_COST } from "../../host/process.ts";

const BLOCK = 4096;

/** stdio: whole blocks into a pipe or a file, lines to a terminal (C 7.21.3). */
export class Output {
  p: Process;
  fd: number;
  buffer = "";
  lineBuffered: boolean;

  constructor(p: Process, fd = 1, lineBuffered = false) {
    this.p = p;
    this.fd = fd;
    this.lineBuffered = lineBuffered || p.isTty(fd);
  }

  *write(text: string): Run<void> {
    this.buffer += text;
    if (this.buffer.length >= BLOCK) {
      yield* this.flush();
      yield { on: [], until: this.p.sim.now + STEP_COST };
    } else if (this.lineBuffered && text.endsWith("\n")) yield* this.flush();
  }

  *flush(): Run<void> {
    if (this.buffer === "") return;
    const text = this.buffer;
    this.buffer = "";
    yield* this.p.write(this.fd, text);
  }
}
