import { describe, expect, it } from "vitest";
import { SysError } from "../base/errno.ts";
import { fromUtf8 } from "../base/text.ts";
import { Ids, Kernel } from "../net/kernel.ts";
import { Sim } from "../sim/sim.ts";
import { Machine } from "./machine.ts";
import { makePipe } from "./pipe.ts";
import { Tty } from "./tty.ts";

function machine(): Machine {
  const kernel = new Kernel(new Sim(1, 16), new Ids(), "box");
  return new Machine("box", kernel, kernel.init);
}

function code(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof SysError) return error.code;
    throw error;
  }
  return "ok";
}

describe("the file system", () => {
  it("resolves links, dots and what is missing as Linux does", () => {
    const { fs } = machine();
    fs.mkdirp("/a/b");
    fs.writeFile("/a/b/f", "text");
    fs.symlink("../a/b", "/a/l");
    fs.symlink("loop", "/loop");
    expect(fs.realpath("/a/l/../b/./f")).toBe("/a/b/f");
    expect(fromUtf8(fs.readFile("/a/l/f"))).toBe("text");
    expect(code(() => fs.readFile("/a/nope/f"))).toBe("ENOENT");
    expect(code(() => fs.readFile("/a/b/f/g"))).toBe("ENOTDIR");
    expect(code(() => fs.readFile("/loop"))).toBe("ELOOP");
    expect(code(() => fs.readFile("/a"))).toBe("EISDIR");
    expect(code(() => fs.rmdir("/a"))).toBe("ENOTEMPTY");
    expect(code(() => fs.rename("/a", "/a/b/c"))).toBe("EINVAL");
    expect(fs.realpath("/var/run/netns")).toBe("/run/netns");
  });

  it("keeps an open file that has lost its name", () => {
    const { fs } = machine();
    fs.writeFile("/f", "kept");
    const file = fs.open("/f", { read: true });
    fs.unlink("/f");
    expect(fs.exists("/f")).toBe(false);
    expect(fromUtf8(file.read(10) as Uint8Array)).toBe("kept");
    expect(file.read(10)).toBe("EOF");
  });

  it("shows processes and switches under /proc", () => {
    const { fs } = machine();
    expect(fromUtf8(fs.readFile("/proc/sys/kernel/hostname"))).toBe("box\n");
    expect(fs.readdir("/proc/sys")).toContain("net");
    expect(code(() => fs.writeFile("/proc/version", "x"))).toBe("EACCES");
    expect(code(() => fs.mkdir("/proc/x"))).toBe("EROFS");
  });
});

describe("a pipe", () => {
  it("takes 64 KiB, then waits; breaks without a reader; ends without a writer", () => {
    const { read, write } = makePipe(new Sim(1, 16));
    expect(read.read(1)).toBe("EAGAIN");
    expect(write.write(new Uint8Array(100_000))).toBe(65536);
    expect(write.write(new Uint8Array(1))).toBe(0);
    expect((read.read(10) as Uint8Array).length).toBe(10);
    expect(write.write(new Uint8Array(100))).toBe(10);
    read.release();
    expect(write.write(new Uint8Array(1))).toBe("EPIPE");
    const other = makePipe(new Sim(1, 16));
    other.write.release();
    expect(other.read.read(1)).toBe("EOF");
  });
});

describe("a terminal", () => {
  const line = (tty: Tty) => {
    const data = tty.read(100);
    return typeof data === "string" ? data : fromUtf8(data);
  };

  it("gives a line when it is complete, after erasing, and echoes it", () => {
    const tty = new Tty(machine());
    tty.type("one two\x17xü\x7f\x7f!");
    expect(line(tty)).toBe("EAGAIN");
    tty.type("\r");
    expect(line(tty)).toBe("one !\n");
    expect(fromUtf8(tty.drain()).endsWith("!\r\n")).toBe(true);
    tty.type("\x15part\x04\x04");
    expect(line(tty)).toBe("part");
    expect(line(tty)).toBe("EOF");
  });

  it("turns newlines into CR LF on output and holds back a flood", () => {
    const tty = new Tty(machine());
    tty.write(new TextEncoder().encode("a\n"));
    expect(fromUtf8(tty.drain())).toBe("a\r\n");
    let wrote = 0;
    for (let n = 1; n > 0; ) {
      n = tty.write(new Uint8Array(8192)) as number;
      wrote += n;
    }
    expect(wrote).toBeLessThan(70_000);
    tty.sim.runUntil(1_000_000_000);
    expect(tty.write(new Uint8Array(8192))).toBe(8192);
  });

  it("makes an unfinished line readable when canonical mode ends", () => {
    const tty = new Tty(machine());
    tty.type("ahead");
    tty.setMode(false, false, false);
    expect(line(tty)).toBe("ahead");
  });
});
