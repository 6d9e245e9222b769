import { SysError } from "../../../base/errno.ts";
import { makePipe } from "../../../host/pipe.ts";
import type { Process, Run } from "../../../host/process.ts";
import { Lines } from "../../lib/input.ts";
import { Output } from "../../lib/output.ts";
import { spawn, waitFor } from "../../spawn.ts";
import { AwkError } from "./lexer.ts";

interface Sink {
  output: Output;
  fd: number;
  child: Process | null;
}

interface Source {
  lines: Lines;
  fd: number;
  child: Process | null;
}

/** Files and commands that an awk program reads and writes, by the name it gives them. */
export class Streams {
  p: Process;
  stdout: Output;
  sinks = new Map<string, Sink>();
  sources = new Map<string, Source>();

  constructor(p: Process) {
    this.p = p;
    this.stdout = new Output(p);
  }

  *sink(redirect: string, name: string): Run<Output> {
    const known = this.sinks.get(name);
    if (known) return known.output;
    const { p } = this;
    let fd: number;
    let child: Process | null = null;
    if (redirect === "|") {
      yield* this.flush();
      const pipe = makePipe(p.sim);
      child = spawn(p, ["sh", "-c", name], { stdin: pipe.read });
      fd = p.install(pipe.write);
    } else if (name === "/dev/stdout" || name === "-") return this.stdout;
    else if (name === "/dev/stderr") fd = 2;
    else
      try {
        const append = redirect === ">>";
        fd = p.open(name, { write: true, create: true, append, truncate: !append });
      } catch (error) {
        if (!(error instanceof SysError)) throw error;
        throw new AwkError(`cannot open "${name}" for output`);
      }
    const output = new Output(p, fd, fd === 2);
    this.sinks.set(name, { output, fd, child });
    return output;
  }

  /** Null when the file cannot be opened: getline answers -1. */
  *source(kind: "file" | "pipe", name: string): Run<Lines | null> {
    const known = this.sources.get(name);
    if (known) return known.lines;
    const { p } = this;
    let fd: number;
    let child: Process | null = null;
    if (kind === "pipe") {
      yield* this.flush();
      const pipe = makePipe(p.sim);
      child = spawn(p, ["sh", "-c", name], { stdout: pipe.write });
      fd = p.install(pipe.read);
    } else if (name === "-" || name === "/dev/stdin") fd = 0;
    else
      try {
        fd = p.open(name);
      } catch (error) {
        if (error instanceof SysError) return null;
        throw error;
      }
    const lines = new Lines(p, fd);
    this.sources.set(name, { lines, fd, child });
    return lines;
  }

  *system(command: string): Run {
    yield* this.flush();
    const child = spawn(this.p, ["sh", "-c", command]);
    return child ? yield* waitFor(child) : 127;
  }

  *flush(): Run<void> {
    yield* this.stdout.flush();
    for (const { output } of this.sinks.values()) yield* output.flush();
  }

  *close(name: string): Run {
    let status = -1;
    const sink = this.sinks.get(name);
    if (sink) {
      this.sinks.delete(name);
      yield* sink.output.flush();
      if (sink.fd > 2) this.p.close(sink.fd);
      status = sink.child ? yield* waitFor(sink.child) : 0;
    }
    const source = this.sources.get(name);
    if (source) {
      this.sources.delete(name);
      if (source.fd > 2) this.p.close(source.fd);
      status = source.child ? yield* waitFor(source.child) : 0;
    }
    return status;
  }

  *end(): Run<void> {
    yield* this.stdout.flush();
    for (const name of [...this.sinks.keys(), ...this.sources.keys()]) yield* this.close(name);
  }
}
