import "./theme.css";
import "./base.css";
import { DEFAULT_WORLD, Engine } from "./state/engine.ts";

/*
 * What the page loads first. The worker makes its world while the page's own code is still on its
 * way: the two meet at the first prompt.
 */
const query = new URLSearchParams(location.search);
const link = new URLSearchParams(location.hash.slice(1)).get("s");
const world = query.get("world") || DEFAULT_WORLD;
const engine = new Engine(link === null ? { world } : { world, link });
const opening = engine.first();
// Whoever awaits it says what went wrong; until then it is nobody's.
opening.catch(() => {});
void import("./main.ts").then(({ start }) => start(engine, opening, query));
