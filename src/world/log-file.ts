import { fromUtf8 } from "../base/text.ts";
import { Held } from "../host/open.ts";
import type { ContainerLog } from "../kube/log.ts";

/** Standard output of a container: every whole line goes to its log. */
export class LogFile extends Held {
  log: ContainerLog;
  rest = "";

  constructor(log: ContainerLog) {
    super();
    this.log = log;
  }

  override read(): "EOF" {
    return "EOF";
  }

  override write(data: Uint8Array): number {
    const lines = (this.rest + fromUtf8(data)).split("\n");
    this.rest = lines.pop() ?? "";
    for (const line of lines) this.log.write(line);
    return data.length;
  }

  override close(): void {
    if (this.rest) this.log.write(this.rest);
    this.rest = "";
  }
}
