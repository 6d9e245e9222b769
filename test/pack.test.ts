import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "..");
const place = mkdtempSync(join(tmpdir(), "hopscope-pack-"));

function run(command: string, args: string[], cwd: string): { status: number | null; out: string } {
  const env = { ...process.env, NODE_ENV: "production", VITEST: "" };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8", env });
  return { status, out: stdout + stderr };
}

beforeAll(() => {
  const packed = run("npm", ["pack", "--pack-destination", place, "--silent"], root);
  if (packed.status !== 0) throw new Error(packed.out);
  const name = readdirSync(place).find((one) => one.endsWith(".tgz")) ?? "";
  writeFileSync(join(place, "package.json"), "{}");
  // Without a network: nothing else may be needed.
  const options = ["install", "--offline", "--no-audit", "--no-fund", `./${name}`];
  const installed = run("npm", options, place);
  if (installed.status !== 0) throw new Error(installed.out);
}, 180_000);
afterAll(() => rmSync(place, { recursive: true, force: true }));

const hopscope = (...args: string[]): { status: number | null; out: string } =>
  run(process.execPath, [join(place, "node_modules/hopscope/src/lab/start.mjs"), ...args], place);

it("proves an author's lessons where nothing but the package is installed", () => {
  expect(readdirSync(join(place, "node_modules")).filter((one) => !one.startsWith("."))).toEqual([
    "hopscope",
  ]);
  expect(hopscope("lesson", "new", "mine").out).toContain("lessons/mine/lesson.md");
  // A world of one's own, beside the lessons, which extends one of ours.
  const world = "extends: router\ntitle: Mine\nsummary: Mine.\n";
  mkdirSync(join(place, "lessons/worlds"));
  writeFileSync(join(place, "lessons/worlds/mine.yaml"), world);
  const file = join(place, "lessons/mine/lesson.md");
  const text = readFileSync(file, "utf8").replace("world: router", "world: mine");
  writeFileSync(file, text);
  const proof = hopscope("lessons", "lessons");
  expect(proof.out).toMatch(/^mine: holds \(2 steps/);
  expect(proof.status).toBe(0);

  writeFileSync(file, text.replace("answer: FORWARD", "anwser: FORWARD"));
  const broken = hopscope("lessons", "lessons");
  expect(broken.out).toMatch(/lessons\/mine\/lesson\.md:\d+: tasks\.1\.anwser: unknown field/);
  expect(broken.status).toBe(1);
  expect(hopscope("lessons", "nowhere").out).toContain('no lesson "nowhere", nor a folder');
}, 60_000);
