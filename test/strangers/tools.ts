import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const asked = new Map<string, boolean>();

/** Whether a program is installed; says once on stderr that what needs it is left out. */
export function has(tool: string): boolean {
  const known = asked.get(tool);
  if (known !== undefined) return known;
  const found = spawnSync("sh", ["-c", `command -v ${tool}`], { stdio: "ignore" }).status === 0;
  if (!found) console.error(`There is no ${tool} here: what it would prove is left out.`);
  asked.set(tool, found);
  return found;
}

/** A folder of files, and their paths. */
export function folder(files: Record<string, string>): Record<string, string> {
  const dir = mkdtempSync(join(tmpdir(), "hopscope-"));
  const paths: Record<string, string> = { dir };
  for (const [name, text] of Object.entries(files)) {
    const path = join(dir, name);
    writeFileSync(path, text);
    paths[name] = path;
  }
  return paths;
}

/** A program in the background, what it has printed so far, and a way to wait for a line of it. */
export class Running {
  child: ChildProcess;
  text = "";
  status: number | null = null;
  #waiting: (() => void)[] = [];

  constructor(command: string, args: string[]) {
    this.child = spawn(command, args, { stdio: "pipe" });
    const add = (chunk: Buffer): void => {
      this.text += chunk.toString("utf8");
      for (const wake of this.#waiting.splice(0)) wake();
    };
    this.child.stdout?.on("data", add);
    this.child.stderr?.on("data", add);
    this.child.on("close", (status) => {
      this.status = status ?? 1;
      for (const wake of this.#waiting.splice(0)) wake();
    });
  }

  /** Until the text matches; what matched. Throws with the text when the program ends before. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    await this.untilText((text) => pattern.test(text));
    return pattern.exec(this.text)!;
  }

  async untilText(test: (text: string) => boolean): Promise<void> {
    while (!test(this.text)) {
      if (this.status !== null) throw new Error(`ended (${this.status}) too early:\n${this.text}`);
      await new Promise<void>((wake) => this.#waiting.push(wake));
    }
  }

  /** Until somebody accepts at a port of the loopback; throws when the program ends before. */
  async listening(port: number): Promise<void> {
    for (;;) {
      if (this.status !== null) throw new Error(`ended (${this.status}) too early:\n${this.text}`);
      const accepted = await new Promise<boolean>((resolve) => {
        const socket = connect(port, "127.0.0.1");
        socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
        socket.on("connect", () => socket.destroy());
      });
      if (accepted) return;
      await new Promise((wake) => setTimeout(wake, 20));
    }
  }

  end(): void {
    this.child.stdin?.end();
    this.child.kill();
  }
}
