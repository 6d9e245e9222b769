import "../theme.css";
import "../base.css";
import "./embed.css";
import { DEFAULT_WORLD, Engine } from "../state/engine.ts";
import { askedOf } from "./asked.ts";
import { Host } from "./host.ts";

/*
 * What a frame loads first: as on the page, the worker makes its world while the rest is on its way.
 */
const asked = askedOf(new URLSearchParams(location.search), location.hash);
const host = new Host(asked.host);
host.begin();

async function begin(): Promise<void> {
  if (self.origin === "null") Engine.spawn = (await import("./opaque.ts")).spawnOpaque;
  const { lesson, state, seed } = asked;
  const engine = new Engine({
    world: lesson ? "" : (asked.world ?? DEFAULT_WORLD),
    ...(lesson ? { lesson } : {}),
    ...(state ? { link: state } : {}),
    ...(seed === null ? {} : { seed }),
  });
  const opening = engine.first();
  // Whoever awaits it says what went wrong; until then it is nobody's.
  opening.catch(() => {});
  const { start } = await import("./main.ts");
  start(asked, host, engine, opening);
}

void begin();
