import { installAll } from "../src/world/install.ts";

// Tests run with every program; the page loads most of them after its first prompt.
installAll();
