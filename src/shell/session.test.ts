import { describe, expect, it } from "vitest";
import { fromUtf8 } from "../base/text.ts";
import { remember } from "../sim/memento.ts";
import { SEC } from "../sim/sim.ts";
import { openSession, type Session } from "./session.ts";
import { testMachine } from "./testkit.ts";

const PROMPT = "root@box:~# ";

/** What the terminal shows after `input`, without the modes that no eye sees. */
function type(session: Session, input: string, seconds = 0.2): string {
  session.terminal.type(input);
  session.sim.runUntil(session.sim.now + seconds * SEC);
  return shown(session);
}

/** Bracketed paste on: a line begins to be edited. */
const BEGUN = "\x1b[?2004h";

function shown(session: Session): string {
  return fromUtf8(session.terminal.drain())
    .replace(/\x1b\[\?2004l/g, "")
    .replace(/\r\n/g, "\n");
}

function open(): Session {
  const session = openSession(testMachine());
  session.sim.runUntil(SEC);
  expect(shown(session)).toBe(`${BEGUN}${PROMPT}`);
  return session;
}

/** What the line that is edited looks like since it was last begun or drawn anew. */
const last = (text: string) => text.split(/\x1b\[(?:J|\?2004h)/).at(-1) as string;

describe("an interactive shell", () => {
  it("echoes what is typed, runs it and prompts again", () => {
    const out = type(open(), "echo hello\r");
    expect(out).toContain("\nhello\n");
    expect(last(out)).toBe(PROMPT);
  });

  it("runs what was typed ahead, while a command runs and in the same paste", () => {
    const session = open();
    type(session, "sleep 1; echo one\r", 0.5);
    type(session, "echo t''wo\r", 0.1);
    expect(type(session, "", 1)).toMatch(/one\n[\s\S]*two\n/);
    const out = type(session, "cat <<E\nthree\nE\nsleep 1\necho f''our\r", 2);
    expect(out).toMatch(/three\n[\s\S]*four\n/);
    expect(session.atRest).toBe(true);
  });

  it("leaves what ended without a newline where it is, as readline does", () => {
    expect(type(open(), "printf hi\r")).toContain(`\nhi${BEGUN}${PROMPT}`);
  });

  it("gives the prompt back on Ctrl-C from an endless loop, with status 130", () => {
    const session = open();
    expect(type(session, "while true; do :; done\r", 2)).not.toContain(`\n${BEGUN}${PROMPT}`);
    expect(session.prompting).toBe(false);
    expect(last(type(session, "\x03"))).toBe(PROMPT);
    expect(type(session, "echo $?\r")).toContain("\n130\n");
  });

  it("gives ^C and a fresh prompt on Ctrl-C at the prompt", () => {
    const session = open();
    const out = type(session, "half a li\x03");
    expect(out).toContain("^C\n");
    expect(last(out)).toBe(PROMPT);
    expect(session.shell.status).toBe(130);
  });

  it("passes Ctrl-C to the program in the foreground only", () => {
    const session = open();
    type(session, "sleep 1000 &\r");
    type(session, "sleep 1000\r");
    expect(session.prompting).toBe(false);
    expect(last(type(session, "\x03"))).toBe(PROMPT);
    expect(session.shell.jobs.map((job) => job.state)).toEqual(["Running"]);
  });

  it("stops a job with Ctrl-Z, goes on with it in the background and the foreground", () => {
    const session = open();
    type(session, "sleep 30\r");
    expect(type(session, "\x1a")).toContain("[1]+  Stopped                 sleep 30\n");
    expect(type(session, "jobs\r")).toContain("[1]+  Stopped                 sleep 30\n");
    expect(type(session, "bg\r")).toContain("[1]+ sleep 30 &\n");
    expect(type(session, "fg\r")).toContain("\nsleep 30\n");
    expect(session.prompting).toBe(false);
    expect(last(type(session, "", 40))).toBe(PROMPT);
  });

  it("tells of a background job that has ended before the next prompt", () => {
    const session = open();
    expect(type(session, "sleep 1 &\r", 5)).toMatch(/\[1\] \d+\n/);
    expect(type(session, "\r")).toContain("[1]+  Done                    sleep 1\n");
  });

  it("asks for the rest of what is not complete", () => {
    const session = open();
    expect(last(type(session, "for i in 1 2\r"))).toBe("> ");
    type(session, "do echo n$i\r");
    expect(type(session, "done\r")).toContain("\nn1\nn2\n");
  });

  it("edits the line: cursor, kill, yank, history, search", () => {
    const session = open();
    expect(type(session, "ech one\x01\x1b[C\x1b[C\x1b[Co\r")).toContain("\none\n");
    expect(type(session, "\x1b[A\x17two\r")).toContain("\ntwo\n");
    expect(type(session, "xx echo three\x01\x1bd\x1b[3~\r")).toContain("\nthree\n");
    expect(type(session, "\x12one\r")).toContain("\none\n");
    expect(type(session, "echo a b c\x1bb\x1bb\x0b\x15\x19\r")).toContain("\na\n");
  });

  it("completes commands and files", () => {
    const session = open();
    expect(type(session, "ech\t/etc/hostn\t\r")).toContain("\n/etc/hostname\n");
  });

  it("logs out with Ctrl-D, saying so", () => {
    const session = open();
    expect(type(session, "\x04")).toContain("exit\n");
    expect(session.status).toBe(0);
  });

  it("survives being remembered and put back at its prompt", () => {
    const session = open();
    type(session, "x=before; f() { echo in f $x; }; cd /tmp\r");
    const memento = remember(session);
    const run = () => type(session, "f; x=after; pwd; echo $RANDOM $$\r");
    const first = run();
    expect(first).toContain("in f before\n/tmp\n");
    memento.restore();
    expect(run()).toBe(first);
  });

  it("says command not found in an interactive shell's words", () => {
    expect(type(open(), "nope\r")).toContain("\nbash: nope: command not found\n");
  });

  it("waits in `edit` until the page answers, and says so where there is no page", () => {
    const session = open();
    expect(type(session, "edit /tmp/x\r")).toContain("no page to edit");
    session.machine.page = true;
    type(session, "nano +3 /tmp/x\r");
    expect(session.prompting).toBe(false);
    const [request] = session.machine.requests.splice(0);
    expect(request).toMatchObject({ kind: "edit", path: "/tmp/x", line: 3, answer: "open" });
    session.machine.fs.writeFile("/tmp/x", "saved\n");
    request?.close(session.sim, "saved");
    expect(last(type(session, ""))).toBe(PROMPT);
    expect(type(session, "cat /tmp/x\r")).toContain("\nsaved\n");
  });

  it("redraws `watch` until Ctrl-C", () => {
    const session = open();
    const out = type(session, "watch -n 1 date +%S\r", 3.5);
    expect(out.match(/Every 1.0s: date \+%S/g)?.length).toBe(4);
    expect(last(type(session, "\x03"))).toBe(PROMPT);
  });

  it("lets a program read lines from the terminal, edited and ended as the tty does", () => {
    const session = open();
    type(session, "cat\r");
    expect(type(session, "ab\x7fc\r")).toContain("\nac\n");
    expect(last(type(session, "\x04"))).toBe(PROMPT);
  });

  it("knows bang history, aliases and bracketed paste", () => {
    const session = open();
    type(session, "echo first\r");
    expect(type(session, "!!\r")).toContain("echo first\nfirst\n");
    type(session, "alias hi='echo hey'\r");
    expect(type(session, "hi you\r")).toContain("\nhey you\n");
    const out = type(session, "\x1b[200~echo p1\necho p2\x1b[201~\r");
    expect(out).toContain("\np1\np2\n");
  });

  it("runs a shell in a shell, with its own prompt, jobs and namespace", () => {
    const session = open();
    type(session, "x=outer; export y=passed; sleep 1000 &\r");
    expect(last(type(session, "bash\r"))).toBe(PROMPT);
    expect(type(session, "echo [$x] $y $SHLVL $0; jobs\r")).toContain("\n[] passed 2 bash\n");
    type(session, "sleep 1000\r");
    expect(last(type(session, "\x03"))).toBe(PROMPT);
    type(session, "sleep 1000\r");
    expect(type(session, "\x1a")).toContain("[1]+  Stopped                 sleep 1000\n");
    expect(type(session, "exit 3\r")).toContain("exit\n");
    expect(type(session, "echo $? $x; jobs\r")).toContain("\n3 outer\n[1]+  Running  ");
    type(session, "ip netns add far; ip netns exec far bash\r");
    expect(type(session, "ip -br link; nope\r")).toMatch(/\nlo +DOWN .*\nbash: nope: command not/s);
    expect(last(type(session, "half a\x03"))).toBe(PROMPT);
    expect(type(session, "\x04")).toContain("exit\n");
    expect(type(session, "echo $? $x $SHLVL\r")).toContain("\n130 outer 1\n");
  });

  it("ends the shells within when the terminal hangs up", () => {
    const session = open();
    type(session, "bash\r");
    type(session, "bash\r");
    session.terminal.hangUp();
    type(session, "");
    expect(session.status).not.toBeNull();
    expect([...session.machine.processes.values()].map((p) => p.argv)).toEqual([]);
  });
});
