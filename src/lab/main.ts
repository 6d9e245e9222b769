import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { Machine } from "../host/machine.ts";
import { captures } from "../journey/capture.ts";
import { JourneyReader } from "../journey/reader.ts";
import { storyOf, storyText } from "../journey/tell.ts";
import { runScript } from "../shell/script.ts";
import { installAll } from "../world/install.ts";
import type { WorldSpec } from "../world/spec.ts";
import { World } from "../world/world.ts";
import { bench } from "./bench.ts";
import { CompileError, NoWorld, problemText } from "./compile/problem.ts";
import { compileWorld } from "./compile/world.ts";
import { newLesson } from "./lesson-new.ts";
import { lessonSlugs, loadLesson, proveLesson } from "./lessons.ts";
import { Output } from "./output.ts";
import { PosterError, posterOf } from "./poster.ts";
import { scormPackage } from "./scorm.ts";
import { interactive } from "./terminal.ts";
import { coverageText, lessonTranslation, pageTranslation } from "./translate.ts";

const USAGE = `usage: hopscope [options] SCRIPT|-     run a shell script on an emulated machine
       hopscope shell [options]        an interactive terminal
       hopscope lessons [NAME|DIR...]  prove lessons: the ones here, or those of a folder
       hopscope lesson new NAME        begin a lesson: a skeleton that holds
       hopscope translate LANG [LESSON]  a file for a translation, or what is new into it
       hopscope export --scorm LESSON  write LESSON-scorm.zip for a learning management system
       hopscope worlds                 list the worlds
       hopscope poster LESSON#STEP     a picture of what the step is about, SVG, to stdout
options:
  --world NAME|FILE   default linux
  --at HOST           where the shell runs: a node, a pod, an app (default: the world's first)
  --seed N            another seed than the world's
  --trace FILE        write every event, JSON Lines
  --journeys          print each packet's journey
  --pcap DIR          a pcapng per namespace
`;

interface Options {
  world: string;
  at: string;
  seed: number | null;
  trace: string;
  journeys: boolean;
  pcap: string;
  rest: string[];
}

/** A mistake of whoever called: its words go to stderr, status 2. */
class Usage extends Error {}

function parse(args: string[]): Options {
  const options: Options = {
    world: "linux",
    at: "",
    seed: null,
    trace: "",
    journeys: false,
    pcap: "",
    rest: [],
  };
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    const value = (): string => {
      const next = args[++i];
      if (next === undefined) throw new Usage(`hopscope: ${arg} needs a value`);
      return next;
    };
    if (arg === "--world") options.world = value();
    else if (arg === "--at") options.at = value();
    else if (arg === "--seed") {
      const text = value();
      if (!/^\d+$/.test(text)) throw new Usage(`hopscope: --seed: not a number: ${text}`);
      options.seed = Number(text);
    } else if (arg === "--trace") options.trace = value();
    else if (arg === "--journeys") options.journeys = true;
    else if (arg === "--pcap") options.pcap = value();
    else if (arg === "--help" || arg === "-h") throw new Usage(USAGE);
    else if (arg.startsWith("--")) throw new Usage(`hopscope: unknown option ${arg}\n${USAGE}`);
    else options.rest.push(arg);
  }
  return options;
}

/** How a lesson is begun. */
const LESSON_USAGE = `usage: npm run lesson -- new NAME     begin lessons/NAME/lesson.md: a skeleton that holds, to be changed
       NAME is made of small letters, digits and hyphens: who-answers-arp
`;

/** The world files of the repository or package, by name; and those beside an author's own lessons. */
function worldFiles(root: string, beside?: string): string[] {
  const dirs = [join(root, "lessons"), ...(beside === undefined ? [] : [beside])]
    .map((dir) => join(dir, "worlds"))
    .filter((dir) => existsSync(dir));
  const names = dirs.flatMap((dir) => readdirSync(dir));
  return [...new Set(names)]
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => basename(name, ".yaml"))
    .sort();
}

function loadWorld(root: string, name: string, beside?: string): WorldSpec {
  const own = join(root, "lessons/worlds", `${name}.yaml`);
  const file = existsSync(own) ? own : name;
  if (!existsSync(file)) throw new NoWorld(name, worldFiles(root, beside));
  const shown = file === own ? `lessons/worlds/${name}.yaml` : name;
  return compileWorld(shown, basename(file, ".yaml"), readFileSync(file, "utf8"));
}

function build(root: string, options: Options, trace?: number): World {
  const spec = loadWorld(root, options.world);
  return new World(spec, {
    ...(options.seed === null ? {} : { seed: options.seed }),
    ...(trace ? { trace } : {}),
  });
}

/** The machine of `--at`, or the world's own choice. */
function machineOf(world: World, options: Options): Machine {
  const machine = options.at ? world.machine(options.at) : world.first;
  if (machine) return machine;
  const names = [...world.machines.keys()].join(", ");
  throw new Usage(`hopscope: no machine "${options.at}"; there are: ${names}`);
}

function runFile(root: string, options: Options): number {
  const name = options.rest[0];
  if (name === undefined) throw new Usage(USAGE);
  if (options.rest.length > 1 && name === "-") throw new Usage(USAGE);
  if (name !== "-" && !existsSync(name))
    throw new Usage(`hopscope: ${name}: No such file or directory`);
  const text = readFileSync(name === "-" ? 0 : name, "utf8");
  const recording = options.trace !== "" || options.pcap !== "" || options.journeys;
  const world = build(root, options, recording ? 4_000_000 : undefined);
  const machine = machineOf(world, options);
  const begin = world.sim.trace.next;
  const stdout = new Output(1);
  const process = runScript(machine, text, {
    args: options.rest.slice(1),
    stdout,
    stderr: new Output(2),
  });
  while (process.status === null && world.sim.step());
  stdout.flush();
  record(world, options, begin);
  return process.status ?? 1;
}

/** What was asked for besides the script's output: events, journeys, captures. */
function record(world: World, options: Options, begin: number): void {
  const { trace } = world.sim;
  if (options.trace) {
    const lines: string[] = [];
    for (let n = Math.max(begin, trace.first); n < trace.next; n++) {
      const e = trace.event(n);
      if (!e) continue;
      const { hasBytes, ...event } = e;
      const bytes = hasBytes ? trace.bytesOf(n) : null;
      lines.push(
        JSON.stringify(bytes ? { ...event, bytes: Buffer.from(bytes).toString("hex") } : event),
      );
    }
    writeFileSync(options.trace, `${lines.join("\n")}\n`);
  }
  if (!options.journeys && !options.pcap) return;
  const reader = new JourneyReader(trace, begin);
  reader.read();
  if (options.journeys)
    for (const skb of reader.stories.keys()) {
      const story = storyOf(reader, skb);
      if (story) process.stdout.write(storyText(story));
    }
  if (!options.pcap) return;
  mkdirSync(options.pcap, { recursive: true });
  for (const file of captures(trace, reader, begin))
    writeFileSync(join(options.pcap, `${file.name}.pcapng`), file.data);
  writeFileSync(join(options.pcap, "keys.log"), world.keyLog.map((line) => `${line}\n`).join(""));
}

/** What is meant by a name: lessons of ours, or every lesson of a folder (or the folder of one). */
function lessonsNamed(dir: string, name: string): { dir: string; slug: string }[] {
  if (lessonSlugs(dir).includes(name)) return [{ dir, slug: name }];
  if (existsSync(join(name, "lesson.md")))
    return [{ dir: dirname(resolve(name)), slug: basename(resolve(name)) }];
  const slugs = existsSync(name) && statSync(name).isDirectory() ? lessonSlugs(name) : [];
  if (slugs.length) return slugs.map((slug) => ({ dir: name, slug }));
  throw new Usage(
    `hopscope: no lesson "${name}", nor a folder of lessons; there are: ${lessonSlugs(dir).join(", ")}`,
  );
}

/** A world by its name: one that stands beside the lessons, else one of ours. */
function worldBeside(root: string, dir: string, name: string): WorldSpec {
  const file = join(dir, "worlds", `${name}.yaml`);
  return loadWorld(root, existsSync(file) ? file : name, dir);
}

/** Prove the lessons named, or all; status 1 when one does not hold. */
function lessons(root: string, names: string[]): number {
  const own = join(root, "lessons");
  const all = names.length
    ? names.flatMap((name) => lessonsNamed(own, name))
    : lessonSlugs(own).map((slug) => ({ dir: own, slug }));
  let failed = 0;
  for (const { dir, slug } of all) {
    const proof = proveLesson(dir, slug, (name) => worldBeside(root, dir, name));
    if (proof.problems.length) failed++;
    const verdict = proof.problems.length ? "fails" : "holds";
    console.log(`${slug}: ${verdict} (${proof.steps} steps, ${proof.ms} ms)`);
    for (const problem of proof.problems) console.log(`  ${problem}`);
    for (const one of proof.coverage) console.log(`  ${coverageText(one)}`);
  }
  return failed ? 1 : 0;
}

/** Make the file of a translation, or bring it up to what there is to translate now. */
function translate(root: string, language: string, slug: string | undefined): void {
  try {
    const translation =
      slug === undefined
        ? pageTranslation(
            root,
            worldFiles(root).map((name) => loadWorld(root, name)),
            language,
          )
        : lessonTranslation(process.cwd(), slug, language);
    console.log(`${translation.file}: ${coverageText(translation.coverage)}`);
    const problems = translation.problems();
    for (const problem of problems) console.log(`  ${problemText(problem)}`);
    process.exitCode = problems.length ? 1 : 0;
  } catch (error) {
    if (error instanceof CompileError) throw error;
    throw new Usage(`hopscope: ${(error as Error).message}`);
  }
}

function exportScorm(root: string, slug: string): void {
  const dir = join(root, "lessons");
  const known = lessonSlugs(dir);
  if (!known.includes(slug))
    throw new Usage(`hopscope: no lesson "${slug}"; there are: ${known.join(", ")}`);
  const name = `${slug}-scorm.zip`;
  try {
    writeFileSync(name, scormPackage(loadLesson(dir, slug), join(root, "dist/site")));
  } catch (error) {
    throw new Usage(`hopscope: ${(error as Error).message}`);
  }
  console.log(name);
}

/** What to do with a lesson that has just been made. */
function begun(slug: string): string {
  try {
    return `${newLesson(process.cwd(), slug)}\nprove it: npm run -s lab -- lessons ${slug}\nsee it: npm start, then ?lesson=${slug}; saving it shows it at once`;
  } catch (error) {
    throw new Usage(`hopscope: ${(error as Error).message}`);
  }
}

export async function main(args: string[], root: string): Promise<void> {
  installAll();
  try {
    const [verb] = args;
    if (verb === "worlds") {
      for (const name of worldFiles(root))
        console.log(`${name.padEnd(18)} ${loadWorld(root, name).title}`);
      return;
    }
    if (verb === "shell") {
      const options = parse(args.slice(1));
      process.exitCode = await interactive(machineOf(build(root, options), options));
      return;
    }
    if (verb === "lessons") {
      process.exitCode = lessons(root, args.slice(1));
      return;
    }
    if (verb === "lesson") {
      const [, what, slug, ...more] = args;
      if (args.some((arg) => arg === "--help" || arg === "-h")) {
        process.stdout.write(LESSON_USAGE);
        return;
      }
      if (what !== "new" || slug === undefined || more.length) throw new Usage(LESSON_USAGE);
      console.log(begun(slug));
      return;
    }
    if (verb === "translate") {
      const [, language, slug, ...more] = args;
      if (language === undefined || more.length) throw new Usage(USAGE);
      translate(root, language, slug);
      return;
    }
    if (verb === "export") {
      const [, what, slug, ...more] = args;
      if (what !== "--scorm" || slug === undefined || more.length) throw new Usage(USAGE);
      exportScorm(root, slug);
      return;
    }
    if (verb === "poster") {
      if (args[1] === undefined) throw new Usage(USAGE);
      process.stdout.write(posterOf(join(root, "lessons"), args[1]));
      return;
    }
    if (verb === "bench") {
      bench((name) => loadWorld(root, name));
      return;
    }
    process.exitCode = runFile(root, parse(args));
  } catch (error) {
    if (error instanceof Usage) {
      process.stderr.write(`${error.message.replace(/\n$/, "")}\n`);
      process.exitCode = 2;
    } else if (error instanceof PosterError || error instanceof NoWorld) {
      process.stderr.write(`hopscope: ${error.message}\n`);
      process.exitCode = 2;
    } else if (error instanceof CompileError) {
      process.stderr.write(`${error.message}\n`);
      process.exitCode = 1;
    } else throw error;
  }
}
