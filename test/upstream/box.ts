import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileWorld } from "../../src/lab/compile/world.ts";
import { runToCompletion } from "../../src/shell/script.ts";
import { World } from "../../src/world/world.ts";
import { inRoom } from "../conformance/live.ts";

/** Where a script can run with files beside it; answers what it printed on both outputs. */
export type Box = (script: string, files?: ReadonlyMap<string, string>) => string;

const worldFile = join(import.meta.dirname, "../../lessons/worlds/linux.yaml");

/** A fresh emulated machine. */
export const emulated: Box = (script, files = new Map()) => {
  const world = new World(compileWorld("linux.yaml", "linux", readFileSync(worldFile, "utf8")));
  const { fs } = world.first;
  fs.mkdirp("/tmp/case");
  for (const [name, text] of files) {
    fs.writeFile(`/tmp/case/${name}`, text);
    fs.chmod(`/tmp/case/${name}`, 0o755);
  }
  const done = runToCompletion(world.first, `exec 2>&1\n${script}`, { cwd: "/tmp/case" });
  return done.stdout + done.stderr;
};

/** Fresh namespaces on this machine's kernel. */
export const real: Box = (script, files = new Map()) => {
  const folder = mkdtempSync(join(tmpdir(), "upstream-"));
  for (const [name, text] of files) writeFileSync(join(folder, name), text, { mode: 0o755 });
  writeFileSync(join(folder, "upstream.sh"), `exec 2>&1\n${script}`);
  return inRoom(["sh", "-c", 'cd "$1" && exec bash upstream.sh </dev/null', "sh", folder], {}, 600)
    .stdout;
};
