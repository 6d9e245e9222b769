import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { JourneyReader } from "../journey/reader.ts";
import type { PacketStory } from "../journey/story.ts";
import { storyOf } from "../journey/tell.ts";
import type { Check, JourneyWant, StepSpec } from "../lesson/spec.ts";
import { Typist } from "../lesson/typist.ts";
import {
  along,
  centre,
  type Layout,
  type Point,
  pathOf,
  type Rect,
  wayBetween,
} from "../ui/map/geometry.ts";
import { layoutOf } from "../ui/map/layout.ts";
import { topologyOf } from "../worker/topology.ts";
import { installAll } from "../world/install.ts";
import type { WorldSpec } from "../world/spec.ts";
import { World } from "../world/world.ts";
import { compileWorld } from "./compile/world.ts";
import { loadLesson } from "./lessons.ts";

/** What is wrong with what somebody asked a poster of. */
export class PosterError extends Error {}

/** Both themes, as the page has them: a picture follows whoever looks at it. */
const STYLE = `
text{font:12.5px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:#1b2028}
.mono,.port text{font-family:ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:10.5px}
.head{font-size:19px;font-weight:600}.title{font-weight:600}.mono,.said{fill:#4f5967}.said{font-size:15px}
.back{fill:#f1f3f6}.node{fill:#fff;stroke:#dfe3e9}.box rect{fill:#f6f7f9;stroke:#b9c1cd}.box.lit>rect{stroke:#0a69a8;stroke-width:2}
.port rect{fill:#fff;stroke:#b9c1cd}.port.lit rect{fill:#dceefa;stroke:#0a69a8}
.link{fill:none;stroke:#b9c1cd;stroke-width:1.4}.tunnel{stroke:#6b3fc9;stroke-dasharray:4 4}
.way{fill:none;stroke:#0a69a8;stroke-width:3.5;stroke-linecap:round;stroke-linejoin:round}.tip{fill:#0a69a8}.drop{fill:none;stroke:#c02a22;stroke-width:3.5;stroke-linecap:round}
@media (prefers-color-scheme:dark){text{fill:#e3e7ed}.mono,.said{fill:#a0a9b8}.back{fill:#0c0e12}.node{fill:#111419;stroke:#242a34}.box rect{fill:#181c23;stroke:#384150}.box.lit>rect{stroke:#4cb8f5}
.port rect{fill:#111419;stroke:#384150}.port.lit rect{fill:#15303f;stroke:#4cb8f5}.link{stroke:#384150}.tunnel{stroke:#b69cff}.way{stroke:#4cb8f5}.tip{fill:#4cb8f5}.drop{stroke:#ff7b72}}
`.replaceAll("\n", "");

const MARGIN = 18;
const TOP = 52;
const BOTTOM = 44;

function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

function wants(check: Check): JourneyWant[] {
  if (check.kind === "journey") return [check.want];
  return check.kind === "all" || check.kind === "any" ? check.of.flatMap(wants) : [];
}

function fits({ head, what, end }: PacketStory, want: JourneyWant): boolean {
  return (
    (want.protocol === null || want.protocol === head.protocol) &&
    (want.src === null || want.src === head.src) &&
    (want.dst === null || want.dst === head.dst) &&
    (want.port === null || want.port === head.dstPort) &&
    (want.what === null || want.what === what) &&
    (want.end === null || want.end === end)
  );
}

function hopsOf(story: PacketStory): { ns: number; device: string }[] {
  return story.legs.flatMap(({ ns, steps }) =>
    steps
      .filter(({ kind }) => kind === "in" || kind === "out")
      .map(({ facts }) => ({ ns, device: String(facts.device) })),
  );
}

/**
 * The packet that says most of a step: of those that its tasks ask for, else of all, the one that crosses
 * most devices; of equals the first. Null: the step sends none.
 */
function telling(stories: PacketStory[], step: StepSpec): PacketStory | null {
  const asked = step.tasks.flatMap(({ check }) => (check ? wants(check) : []));
  const wanted = stories.filter((story) => asked.some((want) => fits(story, want)));
  let best: PacketStory | null = null;
  for (const story of wanted.length ? wanted : stories)
    if (!best || hopsOf(story).length > hopsOf(best).length) best = story;
  return best;
}

/** The world after the step's solution, and the packet. */
function perform(spec: WorldSpec, steps: StepSpec[]): { world: World; story: PacketStory | null } {
  const world = new World(spec);
  const typist = new Typist(world);
  const last = steps.at(-1);
  for (const { solution } of steps.slice(0, -1)) for (const one of solution) typist.type(one);
  const reader = new JourneyReader(world.sim.trace, world.sim.trace.next);
  for (const one of last?.solution ?? []) typist.type(one);
  reader.read();
  const stories = [...reader.stories.keys()]
    .map((skb) => storyOf(reader, skb))
    .filter((story) => story !== null)
    .filter(({ head }) => head.protocol !== "ARP" && head.protocol !== "");
  return { world, story: last ? telling(stories, last) : null };
}

function rectOf({ x, y, w, h }: Rect, rx: number, name = ""): string {
  return `<rect${name && ` class="${name}"`} x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${w.toFixed(1)}" height="${h.toFixed(1)}" rx="${rx}"/>`;
}

function textOf({ x, y }: Point, text: string, name: string, anchor = "start"): string {
  return `<text class="${name}" x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" dominant-baseline="middle">${escapeXml(text)}</text>`;
}

/** Which way a line is gone, in its middle; short ones say it by their neighbours. */
function tipOf(points: Point[]): string {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last || Math.hypot(last.x - first.x, last.y - first.y) < 40) return "";
  const { x, y } = along(points, 0.5);
  const next = along(points, 0.55);
  const turn = (Math.atan2(next.y - y, next.x - x) * 180) / Math.PI;
  return `<path class="tip" d="M8 0L-6 -7L-6 7z" transform="translate(${x.toFixed(1)} ${y.toFixed(1)}) rotate(${turn.toFixed(1)})"/>`;
}

/** The way over the map: a line from device to device, and a mark at its end. */
function wayOf(
  layout: Layout,
  story: PacketStory | null,
): { ways: string; lit: Set<string>; spaces: Set<number> } {
  const ports = (story ? hopsOf(story) : []).flatMap(
    ({ ns, device }) =>
      layout.boxes.find((box) => box.ns.id === ns)?.ports.find((p) => p.device.name === device) ??
      [],
  );
  const lit = new Set(ports.map((port) => `${port.ns}/${port.device.ifindex}`));
  const spaces = new Set(ports.map((port) => port.ns));
  const ends = ports.map((port) => ({ ns: port.ns, ifindex: port.device.ifindex }));
  const lines = ends.slice(1).flatMap((end, i) => {
    const way = wayBetween(layout, ends[i] as (typeof ends)[number], end);
    return way && (end.ns !== ends[i]?.ns || end.ifindex !== ends[i]?.ifindex) ? [way] : [];
  });
  let ways = lines.map((points) => `<path class="way" d="${pathOf(points)}"/>`).join("");
  ways += lines.map(tipOf).join("");
  const last = ports.at(-1);
  if (last && story?.end === "dropped") {
    const { x, y } = centre(last);
    ways += `<path class="drop" d="M${(x - 7).toFixed(1)} ${(y + 8).toFixed(1)}l14 14m0 -14l-14 14"/>`;
  }
  return { ways, lit, spaces };
}

function captionOf(story: PacketStory): string {
  const { protocol, src, dst, srcPort, dstPort } = story.head;
  const port = (n: number): string => (n && protocol !== "ICMP" ? `:${n}` : "");
  const end =
    story.end === "dropped" ? ` · dropped: ${story.reason}` : story.end && ` · ${story.end}`;
  return `${protocol} ${story.what}  ${src}${port(srcPort)} → ${dst}${port(dstPort)}${end}`;
}

/** The map as a picture that needs nothing else: no script, no font, no other file. */
function draw(world: World, story: PacketStory | null, title: string): string {
  const layout = layoutOf(topologyOf(world), false);
  const { ways, lit, spaces } = wayOf(layout, story);
  const caption = story ? captionOf(story) : world.spec.title;
  // A small map must leave room for its words.
  const w = Math.max(layout.w, title.length * 11.5, caption.length * 8) + 2 * MARGIN;
  const h = layout.h + TOP + BOTTOM;
  const boxes = layout.boxes.map((box) => {
    const ip = box.ns.ip ? textOf({ x: box.label.x, y: box.label.y + 15 }, box.ns.ip, "mono") : "";
    return `<g class="box${spaces.has(box.ns.id) ? " lit" : ""}">${rectOf(box, 7)}${textOf(box.label, box.title, "title")}${ip}</g>`;
  });
  const ports = layout.boxes.flatMap((box) =>
    box.ports.map((port) => {
      const on = lit.has(`${port.ns}/${port.device.ifindex}`) ? " lit" : "";
      return `<g class="port${on}">${rectOf(port, 4)}${textOf(centre(port), port.device.name, "name", "middle")}</g>`;
    }),
  );
  const links = layout.links.map(
    ({ kind, points }) => `<path class="link ${kind}" d="${pathOf(points)}"/>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${w.toFixed(0)} ${h.toFixed(0)}" width="${w.toFixed(0)}" height="${h.toFixed(0)}" role="img"><title>${escapeXml(title)}</title><desc>${escapeXml(caption)}</desc><style>${STYLE}</style><rect class="back" width="100%" height="100%" rx="8"/>${textOf({ x: MARGIN, y: TOP / 2 }, title, "head")}<g transform="translate(${((w - layout.w) / 2).toFixed(1)} ${TOP})">
${layout.nodes.map((node) => rectOf(node, 10, "node")).join("")}
${links.join("")}
${boxes.join("\n")}
${ways}
${ports.join("")}
</g>${textOf({ x: MARGIN, y: h - BOTTOM / 2 }, caption, "said")}</svg>
`;
}

/**
 * The poster of `LESSON#STEP` (steps count from 1; without one: the first), from the lessons in `dir`: the map
 * of its world and, on it, what becomes of the packet that the step is about. Throws PosterError.
 */
export function posterOf(dir: string, what: string): string {
  const [slug = "", number = "1"] = what.split("#");
  if (!/^[\w-]+$/.test(slug)) throw new PosterError(`a poster is of LESSON#STEP, not of "${what}"`);
  let spec: ReturnType<typeof loadLesson>;
  try {
    spec = loadLesson(dir, slug);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new PosterError(`no lesson "${slug}"`);
  }
  const steps = spec.steps.slice(0, Number(number));
  const step = steps.at(-1);
  if (!/^\d+$/.test(number) || !step || steps.length !== Number(number))
    throw new PosterError(`${slug} has the steps 1 to ${spec.steps.length}, not ${number}`);
  const file = join(dir, "worlds", `${spec.world}.yaml`);
  const world = compileWorld(
    `lessons/worlds/${basename(file)}`,
    spec.world,
    readFileSync(file, "utf8"),
  );
  const { world: after, story } = perform(world, steps);
  return draw(after, story, `${spec.title}: ${step.title}`);
}

/** Several at once, for who has not started the engine: the build of the gallery. */
export function postersOf(dir: string, whats: readonly string[]): string[] {
  installAll();
  return whats.map((what) => posterOf(dir, what));
}
