import { SysError } from "../base/errno.ts";
import { HttpParser } from "../http1/parse.ts";
import { writeRequestHead } from "../http1/write.ts";
import { ownerOf } from "../net/socket/owner.ts";
import { TcpSock } from "../net/tcp/sock.ts";
import { SEC, type Timer, type Wakeable } from "../sim/sim.ts";
import { parseIpv4 } from "../wire/address.ts";
import type { ContainerWorker } from "./container.ts";

/** A probe as a manifest has it (k8s.io/api/core/v1, Probe). */
export interface ProbeSpec {
  exec?: { command?: string[] };
  httpGet?: { path?: string; port: number | string; host?: string };
  tcpSocket?: { port: number | string; host?: string };
  initialDelaySeconds?: number;
  periodSeconds?: number;
  timeoutSeconds?: number;
  successThreshold?: number;
  failureThreshold?: number;
}

export type ProbeKind = "Readiness" | "Liveness" | "Startup";

const WORDS: Record<string, string> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset by peer",
  EHOSTUNREACH: "no route to host",
  ENETUNREACH: "network is unreachable",
};

/** One try: a connection from the node to the pod, for HTTP with a request. */
class Attempt implements Wakeable {
  probe: Probe;
  sock: TcpSock;
  target: string;
  path: string | null;
  timer: Timer;
  parser = new HttpParser("response");
  sent = false;

  constructor(probe: Probe, address: string, port: number, path: string | null) {
    const { worker } = probe.container;
    const node = worker.nodes.machine(worker.pod.spec.nodeName ?? "");
    this.probe = probe;
    this.target = `${address}:${port}`;
    this.path = path;
    this.sock = new TcpSock(node.netns, ownerOf(worker.nodes.kubeletOf(node)));
    const timeout = (probe.spec.timeoutSeconds ?? 1) * SEC;
    this.timer = worker.nodes.world.sim.after(timeout, this, "timeout");
    try {
      this.sock.connect(parseIpv4(address) ?? 0, port);
      this.sock.writable.add(this);
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      this.end(this.dialError(error.code));
    }
  }

  dialError(code: string): string {
    const text = `dial tcp ${this.target}: connect: ${WORDS[code] ?? code}`;
    return this.path === null ? text : `Get "http://${this.target}${this.path}": ${text}`;
  }

  wake(reason: string): void {
    if (reason === "timeout") {
      if (this.path === null) return this.end(`dial tcp ${this.target}: i/o timeout`);
      return this.end(
        `Get "http://${this.target}${this.path}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
      );
    }
    try {
      this.step();
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      this.end(this.dialError(error.code));
    }
  }

  step(): void {
    if (!this.sent) {
      const failed = this.sock.takeError();
      if (failed) return this.end(this.dialError(failed));
      if (this.path === null) return this.end(null);
      this.sent = true;
      this.sock.send(
        writeRequestHead({
          method: "GET",
          target: this.path,
          version: "1.1",
          fields: [
            ["host", this.target],
            ["user-agent", "kube-probe/1.24"],
            ["accept", "*/*"],
            ["connection", "close"],
          ],
        }),
      );
    }
    for (;;) {
      const data = this.sock.recv(65536);
      if (data === "EAGAIN") {
        this.sock.readable.add(this);
        return;
      }
      if (data === "EOF") return this.end(`Get "http://${this.target}${this.path}": EOF`);
      for (const event of this.parser.push(data)) {
        if (event.kind !== "response") continue;
        const { status } = event.response;
        const fine = status >= 200 && status < 400;
        return this.end(fine ? null : `HTTP probe failed with statuscode: ${status}`);
      }
    }
  }

  /** `why`: null when it went well. */
  end(why: string | null): void {
    this.timer.cancel();
    this.sock.close();
    this.probe.ended(this, why);
  }
}

/** Asks a container again and again how it is (kubernetes: pkg/kubelet/prober, worker). */
export class Probe implements Wakeable {
  container: ContainerWorker;
  kind: ProbeKind;
  spec: ProbeSpec;
  passed: boolean;
  /** Results of one kind in a row. */
  row = 0;
  last: boolean | null = null;
  attempt: Attempt | null = null;
  timer: Timer | null = null;
  stopped = false;

  constructor(container: ContainerWorker, kind: ProbeKind, spec: ProbeSpec) {
    this.container = container;
    this.kind = kind;
    this.spec = spec;
    this.passed = kind === "Liveness";
    this.after((spec.initialDelaySeconds ?? 0) * SEC);
  }

  after(delay: number): void {
    this.timer = this.container.worker.nodes.world.sim.after(delay, this, "probe");
  }

  wake(reason: string, arg: unknown): void {
    if (this.stopped) return;
    if (reason === "executed") {
      const { status, stdout, stderr } = arg as { status: number; stdout: string; stderr: string };
      return this.result(status === 0 ? null : `${stdout}${stderr}`.trim());
    }
    this.after((this.spec.periodSeconds ?? 10) * SEC);
    // The others wait until it has started.
    if (this.kind !== "Startup" && !this.container.started) return;
    if (this.attempt === null) this.begin();
  }

  begin(): void {
    const { worker, spec } = this.container;
    const { exec, httpGet, tcpSocket } = this.spec;
    if (exec) {
      const words = (exec.command ?? []).map((word) => `'${word.replace(/'/g, "'\\''")}'`);
      worker.nodes.cluster.exec.start(worker.machine, words.join(" "), this, "executed");
      return;
    }
    const target = httpGet ?? tcpSocket;
    if (!target) return this.result(null);
    const port =
      typeof target.port === "number"
        ? target.port
        : (spec.ports?.find((p) => p.name === target.port)?.containerPort ?? 0);
    const address = target.host ?? worker.pod.status.podIP ?? "";
    const path = httpGet ? (httpGet.path ?? "/") : null;
    this.attempt = new Attempt(this, address, port, path);
  }

  ended(attempt: Attempt, why: string | null): void {
    // One that fails at once ends before it is known here.
    if (this.attempt === attempt || this.attempt === null) this.attempt = null;
    if (!this.stopped) this.result(why);
  }

  result(why: string | null): void {
    const good = why === null;
    this.row = this.last === good ? this.row + 1 : 1;
    this.last = good;
    if (!good) this.container.report("Unhealthy", `${this.kind} probe failed: ${why}`, "Warning");
    const { successThreshold = 1, failureThreshold = 3 } = this.spec;
    if (this.row < (good ? successThreshold : failureThreshold)) return;
    if (this.passed === good && (good || this.kind === "Readiness")) return;
    this.passed = good;
    this.container.probed(this);
  }

  stop(): void {
    this.stopped = true;
    this.timer?.cancel();
    this.attempt?.timer.cancel();
    this.attempt?.sock.close();
    this.attempt = null;
  }
}
