import fc from "fast-check";
import { installAll } from "../src/world/install.ts";

// Tests run with every program; the page loads most of them after its first prompt.
installAll();

// A change is judged by what it does, not by a new draw: `SEED=random npm test` looks further.
const { SEED = "1" } = process.env;
if (SEED !== "random") fc.configureGlobal({ seed: Number(SEED) });
