import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

/**
 * Rooms of src/, lowest first. A room imports itself and the rooms listed for it, nothing else.
 * This table is the documentation of the architecture; README explains each room in a sentence.
 */
const rooms: Record<string, string[]> = {
  base: [],
  wire: ["base"],
  sim: ["base"],
  net: ["base", "wire", "sim"],
  host: ["base", "wire", "sim", "net"],
  tls: ["base", "wire"],
  http2: ["base", "wire"],
  http1: ["base"],
  dissect: ["base", "wire", "tls", "http2"],
  grpc: ["base", "wire", "http2"],
  kube: ["base", "wire", "sim", "net", "host"],
  mesh: ["base", "wire", "sim", "net", "host", "tls", "http1", "http2", "grpc", "kube"],
  shell: ["base", "wire", "sim", "net", "host", "tls", "http1", "kube"],
  world: ["base", "wire", "sim", "net", "host", "http1", "kube", "mesh", "shell"],
  journey: ["base", "wire", "sim", "net"],
  lesson: ["base", "wire", "sim", "net", "host", "kube", "shell", "world", "journey"],
  worker: [
    "base",
    "wire",
    "sim",
    "net",
    "host",
    "dissect",
    "kube",
    "shell",
    "world",
    "journey",
    "lesson",
  ],
  embed: [],
  ui: ["base", "journey", "lesson", "worker", "embed"],
  lab: [
    "base",
    "wire",
    "sim",
    "net",
    "host",
    "tls",
    "kube",
    "mesh",
    "shell",
    "world",
    "journey",
    "lesson",
    "worker",
    "ui",
  ],
};
/** The engine: synchronous, deterministic, knows neither browser nor Node. */
const engine = Object.keys(rooms).slice(0, Object.keys(rooms).indexOf("worker"));

const src = resolve(import.meta.dirname, "../src");

function files(dir: string): string[] {
  return readdirSync(dir).flatMap((name) => {
    const path = join(dir, name);
    return statSync(path).isDirectory() ? files(path) : /\.(ts|svelte)$/.test(name) ? [path] : [];
  });
}

/** Source without comments and string contents: what is left is code. */
function code(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/(^|[^:"'`\\])\/\/.*$/gm, "$1")
    .replace(/"(?:[^"\\\n]|\\.)*"/g, '""')
    .replace(/'(?:[^'\\\n]|\\.)*'/g, "''");
}

const all = files(src).map((path) => {
  const text = readFileSync(path, "utf8");
  return { path, name: relative(src, path), room: relative(src, path).split("/")[0] ?? "", text };
});

describe("architecture", () => {
  it("every folder of src/ is a room of the table", () => {
    const folders = readdirSync(src).filter((name) => statSync(join(src, name)).isDirectory());
    expect(folders.filter((folder) => !(folder in rooms))).toEqual([]);
  });

  it("a room imports only the rooms that it may", () => {
    const breaches: string[] = [];
    for (const file of all) {
      const allowed = rooms[file.room];
      if (!allowed) continue;
      for (const [, spec] of file.text.matchAll(/(?:from|import)\s*\(?\s*["'](\.[^"']+)["']/g)) {
        const target = relative(src, resolve(dirname(file.path), spec ?? "")).split("/")[0] ?? "";
        if (target === file.room || allowed.includes(target) || target === "..") continue;
        breaches.push(`${file.name} imports ${spec}`);
      }
    }
    expect(breaches).toEqual([]);
  });

  it("the page imports of the worker only its protocol, of journeys and lessons only types", () => {
    const breaches = all
      .filter((file) => file.room === "ui")
      .flatMap((file) =>
        [...file.text.matchAll(/import (type )?[^"';]*from ["'](\.[^"']+)["']/g)]
          .map(([, type, spec]) => ({ type, spec: spec ?? "" }))
          .filter(({ type, spec }) => {
            // Where the worker's script is says nothing of what is in it.
            if (/\/worker\//.test(spec))
              return !/\/worker\/(protocol\.ts|main\.ts\?worker&url)$/.test(spec);
            return (
              /\/(journey|lesson)\/\w+\.ts$/.test(spec) &&
              !/^\.\.?\/(journey|lesson)\//.test(spec) &&
              !type
            );
          })
          .map(({ spec }) => `${file.name} imports ${spec}`),
      );
    expect(breaches).toEqual([]);
  });

  it("the lab imports of the page only where things are on the map, and its words", () => {
    const breaches = all
      .filter((file) => file.room === "lab")
      .flatMap((file) =>
        [...file.text.matchAll(/from ["'](\.[^"']*\/(?:ui|worker)\/[^"']+)["']/g)]
          .map(([, spec]) => spec ?? "")
          .filter(
            (spec) =>
              !/\/(ui\/map\/(layout|geometry)|ui\/text\/english\/\w+|worker\/(topology|protocol|english))\.ts$/.test(
                spec,
              ),
          )
          .map((spec) => `${file.name} imports ${spec}`),
      );
    expect(breaches).toEqual([]);
  });

  it("the engine has no clock, chance, timer, promise, DOM or Node of its own", () => {
    const banned =
      /\b(Date\.now|new Date\(\)|Math\.random|performance\.|setTimeout|setInterval|setImmediate|queueMicrotask|requestAnimationFrame|crypto\.|Promise\b|async\b|await\b|(?<!\.)process\.(env|argv|exit\b|stdout|stdin)|window\.|document\.|localStorage|Buffer\.|require\()/;
    const breaches = all
      .filter((file) => engine.includes(file.room) && !file.name.endsWith(".test.ts"))
      .flatMap((file) =>
        code(file.text)
          .split("\n")
          .map((line, index) => ({ line, index }))
          .filter(({ line }) => banned.test(line))
          .map(({ line, index }) => `${file.name}:${index + 1} ${line.trim()}`),
      );
    expect(breaches).toEqual([]);
  });

  it("the engine keeps no module-level mutable state and no #private fields", () => {
    const breaches = all
      .filter((file) => engine.includes(file.room) && !file.name.endsWith(".test.ts"))
      .flatMap((file) =>
        code(file.text)
          .split("\n")
          .map((line, index) => ({ line, index }))
          .filter(
            ({ line }) =>
              /^(export )?(let|var) /.test(line) || /(\bthis\.|^\s+)#[a-z]\w*\b/.test(line),
          )
          .map(({ line, index }) => `${file.name}:${index + 1} ${line.trim()}`),
      );
    expect(breaches).toEqual([]);
  });

  it("the engine imports nothing from Node and no package but those named", () => {
    const packages = new Set(["unbash", "yaml", "@bufbuild/protobuf", "@bufbuild/protobuf/wkt"]);
    const breaches = all
      .filter((file) => engine.includes(file.room) && !file.name.endsWith(".test.ts"))
      .flatMap((file) =>
        [...file.text.matchAll(/from\s+["']([^."'][^"']*)["']/g)]
          .map(([, spec]) => spec ?? "")
          .filter((spec) => !packages.has(spec) && !/^(virtual:|@noble\/)/.test(spec))
          .map((spec) => `${file.name} imports ${spec}`),
      );
    expect(breaches).toEqual([]);
  });
});
